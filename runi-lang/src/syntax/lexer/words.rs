//! How lines begin: keywords, tags, narration words; and the small shapes inside prose and tables.

use crate::syntax::FileKind;
use crate::syntax::kind::SyntaxKind;
use crate::types::NAMES;

const KEYWORDS: [(&str, SyntaxKind); 5] = [
    ("Contract", SyntaxKind::ContractKw),
    ("Feature", SyntaxKind::FeatureKw),
    ("Scenario", SyntaxKind::ScenarioKw),
    ("Step", SyntaxKind::StepKw),
    ("Examples", SyntaxKind::ExamplesKw),
];

const NARRATION: [&str; 5] = ["Given", "When", "Then", "And", "But"];

/// A keyword with its colon.
pub(super) fn keyword(rest: &str) -> Option<(SyntaxKind, usize)> {
    KEYWORDS.iter().find_map(|(word, kind)| {
        let after = rest.strip_prefix(word)?.strip_prefix(':')?;
        (!after.starts_with(':')).then_some((*kind, word.len() + 1))
    })
}

/// A word and a colon that can only be meant as a keyword: another case, one slip of the pen, a blank before the colon.
pub(super) fn misspelled_keyword(rest: &str, file: FileKind) -> Option<(SyntaxKind, usize, &'static str)> {
    if file == FileKind::Feature {
        // What Gherkin says for a scenario with examples.
        let outline = ["Scenario Outline:", "Scenario Template:"].into_iter().find(|outline| rest.starts_with(outline));
        if let Some(outline) = outline {
            return Some((SyntaxKind::ScenarioKw, outline.len(), "Scenario"));
        }
    }
    let len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    // No keyword is longer: this keeps the comparison off long words.
    if !(3..=12).contains(&len) {
        return None;
    }
    let word = rest.get(..len)?;
    let after = rest.get(len..)?;
    let blanks = after.bytes().take_while(|b| *b == b' ').count().min(3);
    let tail = after.get(blanks..)?.strip_prefix(':')?;
    if tail.starts_with(':') {
        return None;
    }
    let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
    KEYWORDS.iter().find_map(|(keyword, kind)| {
        let wanted = match file {
            FileKind::Contract => *kind == SyntaxKind::ContractKw,
            FileKind::Feature => true,
        };
        let near = word.eq_ignore_ascii_case(keyword) || capital && strsim::damerau_levenshtein(word, keyword) == 1;
        (wanted && near).then_some((*kind, len + blanks + 1, *keyword))
    })
}

/// What follows a column of the same name in SQL that begins a line: then the word is no keyword.
const AFTER_COLUMN: [&str; 16] =
    ["as", "is", "and", "or", "in", "like", "ilike", "between", "not", "then", "else", "end", "asc", "desc", "from", "where"];

/// A keyword and a name, with no colon between them: its kind, the word's length, the word.
pub(super) fn keyword_without_colon(rest: &str, file: FileKind) -> Option<(SyntaxKind, usize, &'static str)> {
    KEYWORDS.iter().find_map(|(word, kind)| {
        let after = rest.strip_prefix(word)?;
        let name = after.trim_start_matches([' ', '\t']);
        let next: String = name.chars().take_while(|c| is_word(*c)).collect();
        let named = name.len() < after.len() && next.starts_with(char::is_alphabetic) && !AFTER_COLUMN.contains(&next.as_str());
        // A field may be called `Contract`; its type is in lower case.
        let wanted = match file {
            FileKind::Contract => *kind == SyntaxKind::ContractKw && next.starts_with(char::is_uppercase),
            FileKind::Feature => *kind != SyntaxKind::ContractKw,
        };
        (named && wanted).then_some((*kind, word.len(), *word))
    })
}

/// Whether a line of an `Examples:` block is `become`, written slightly wrong.
pub(super) fn misspelled_become(line: &str) -> bool {
    let word = line.trim().trim_end_matches(':').to_lowercase();
    word.len() <= 8 && strsim::damerau_levenshtein(&word, "become") <= 1
}

/// The length of a narration word.
pub(super) fn narration(rest: &str) -> Option<usize> {
    NARRATION.iter().find_map(|word| {
        let after = rest.strip_prefix(word)?;
        (after.is_empty() || after.starts_with(char::is_whitespace)).then_some(word.len())
    })
}

/// Words of SQL that a type's name can follow.
const BEFORE_TYPE: [&str; 13] = ["as", "and", "or", "not", "in", "is", "like", "between", "when", "then", "else", "case", "end"];

/// Whether a line of a contract can only be a field: a name, a type, and nothing or what follows a type.
pub(in crate::syntax) fn field(rest: &str) -> bool {
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let name = line.find(|c: char| !is_word(c)).unwrap_or(line.len());
    let (name, after) = line.split_at(name);
    let ty = after.trim_start_matches([' ', '\t']);
    let end = ty.find(|c: char| !is_word(c)).unwrap_or(ty.len());
    let (ty, tail) = ty.split_at(end);
    let named = name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !BEFORE_TYPE.contains(&name.to_lowercase().as_str());
    if !named || !after.starts_with([' ', '\t']) || !NAMES.contains(&ty) {
        return false;
    }
    match tail.trim_start_matches([' ', '\t']).chars().next() {
        None | Some('@' | '"' | '#') => true,
        Some('(') => matches!(ty, "decimal" | "timestamp" | "enum"),
        Some('<') => matches!(ty, "list" | "struct" | "map") && tail.starts_with('<'),
        _ => false,
    }
}

/// The length of `@name`.
pub(super) fn tag(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix('@')?;
    if !name.starts_with(char::is_alphabetic) {
        return None;
    }
    Some(1 + name.find(|c: char| !is_word(c)).unwrap_or(name.len()))
}

/// Whether a character continues a name.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The first `` `code span` `` of a line: where it is and how long.
pub(super) fn code_span(line: &str) -> Option<(usize, usize)> {
    let start = line.find('`')?;
    let close = line.get(start + 1..)?.find('`')?;
    Some((start, close + 2))
}

/// Where `with name=value` begins in the line of an `Examples:` block.
pub(super) fn arguments_of_examples(line: &str) -> Option<usize> {
    let is_argument = |after: &str| {
        let after = after.trim_start();
        let name = after.find(|c: char| !is_word(c)).unwrap_or(after.len());
        name > 0 && after.get(name..).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    if line.strip_prefix("with ").is_some_and(is_argument) {
        return Some(0);
    }
    // Only the last `with` can hold arguments, which keeps this linear.
    let at = line.rfind(" with ")?;
    line.get(at + 6..).is_some_and(is_argument).then_some(at + 1)
}

/// The length of the table cell that begins here, blanks after it left out. Never zero for a line that is not empty.
pub(super) fn cell(line: &str) -> usize {
    let quoted = line.strip_prefix('"').and_then(|inner| quote_end(inner, b'"')).map_or(0, |end| end + 2);
    let rest = line.get(quoted..).unwrap_or_default();
    let end = quoted + rest.find('|').unwrap_or(rest.len());
    let len = line.get(..end).unwrap_or_default().trim_end_matches(super::is_blank).len();
    if len == 0 { line.chars().next().map_or(0, char::len_utf8) } else { len }
}

/// The offset of the quote that closes, on this line; `\"` and `\\` do not close.
pub(super) fn quote_end(inner: &str, quote: u8) -> Option<usize> {
    let mut bytes = inner.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\n' | b'\r' => return None,
            // A backslash never hides a line end: the quote ends with its line.
            b'\\' if quote == b'"' && inner.as_bytes().get(at + 1).is_some_and(|next| matches!(next, b'"' | b'\\')) => {
                bytes.next();
            }
            _ if byte == quote => return Some(at),
            _ => {}
        }
    }
    None
}
