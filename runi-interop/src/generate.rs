//! Contracts that were imported, and the files that are there already.
//!
//! A source knows columns, types and what its tags say. Who owns the data, what it is for and how long it is kept, people wrote into the
//! contract: that stays when the contract is generated again. Where both speak, the source wins.

use crate::{Imported, Loss};
use runi_lang::diagnostics::interop::UNWRITABLE;
use runi_lang::lower;
use runi_lang::model::{Contract, Field, Key, Reference};
use runi_lang::syntax::write::{self, Unwritable};
use runi_lang::syntax::{FileKind, SyntaxKind, SyntaxNode, fmt, parse};

/// What becomes of one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The contract, as the file will say it.
    pub contract: Contract,
    /// The file's whole text, canonical.
    pub text: String,
    /// What the file said and the source does not, so that it was kept: `@owner`, `price: @unit`.
    pub kept: Vec<String>,
    /// Fields of the file that the source does not have any more.
    pub removed: Vec<String>,
    /// Whether comments of the file had to be dropped.
    pub comments_lost: bool,
}

/// Why a file cannot be generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// Something that a contract file cannot say.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// The file that is there cannot be read as a whole, so what people wrote into it cannot be kept.
    #[error("the file that is there has errors: {0}")]
    Broken(String),
}

impl GenerateError {
    /// The stable code, where there is one.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        matches!(self, Self::Unwritable(_)).then_some(UNWRITABLE.id)
    }
}

/// The file of a contract after an import. `old` is its text now, if it is there.
///
/// A file that says the same is given back byte for byte; of another one, only the lines change that have to.
///
/// # Errors
/// Something that a contract file cannot say; a file with errors.
pub fn generate(new: &Contract, old: Option<&str>) -> Result<Generated, GenerateError> {
    let Some(old) = old else {
        let text = write::contract(new)?;
        return Ok(Generated { contract: new.clone(), text, kept: Vec::new(), removed: Vec::new(), comments_lost: false });
    };
    let parsed = parse(old, FileKind::Contract);
    let (file, problems) = lower::contracts("", &parsed);
    if let Some(problem) = problems.iter().find(|problem| problem.is_error()) {
        return Err(GenerateError::Broken(problem.message.clone()));
    }
    let mut all = file.contracts;
    let Some(place) = all.iter().position(|contract| contract.name == new.name) else {
        // The file has other contracts only: this one comes after them.
        all.push(new.clone());
        let mut text = fmt::format(old, FileKind::Contract);
        text.push('\n');
        text.push_str(&write::contract(new)?);
        return Ok(Generated { contract: new.clone(), text, kept: Vec::new(), removed: Vec::new(), comments_lost: false });
    };
    let before = all.get(place).cloned().unwrap_or_else(|| new.clone());
    let (contract, kept) = merge(new, &before);
    let removed = before.fields.iter().filter(|field| contract.field(&field.name).is_none()).map(|field| field.name.clone()).collect();
    if contract == before {
        return Ok(Generated { contract, text: old.to_owned(), kept, removed, comments_lost: false });
    }
    let item = parsed.syntax().children().filter(|item| item.kind() == SyntaxKind::Contract).nth(place);
    let patched = item.and_then(|item| patch(old, &item, &before, &contract));
    if let Some(slot) = all.get_mut(place) {
        slot.clone_from(&contract);
    }
    let (text, comments_lost) = match patched.filter(|text| says(text, &all)) {
        Some(text) => (text, false),
        None => (write::file(&all)?, comments(&parsed.syntax())),
    };
    Ok(Generated { contract, text, kept, removed, comments_lost })
}

/// Takes references to contracts out that are neither made now nor among the `known` ones, and names them: the compiler would refuse them.
pub fn refer_within(sources: &mut [(String, Imported)], known: &[String]) {
    let made: Vec<String> = sources.iter().flat_map(|(_, imported)| &imported.contracts).map(|contract| contract.name.clone()).collect();
    for (_, imported) in sources {
        for contract in &mut imported.contracts {
            let (kept, gone): (Vec<Reference>, Vec<Reference>) = std::mem::take(&mut contract.references)
                .into_iter()
                .partition(|reference| made.contains(&reference.contract) || known.contains(&reference.contract));
            contract.references = kept;
            for Reference { column, contract: to, target, .. } in gone {
                let message = format!("`@references({column}, {to}.{target})` is lost: there is no contract `{to}` here");
                imported.losses.push(Loss { at: contract.name.clone(), message, line: None });
            }
        }
    }
}

fn says(text: &str, contracts: &[Contract]) -> bool {
    let (file, problems) = lower::contracts("", &parse(text, FileKind::Contract));
    problems.is_empty() && file.contracts == contracts
}

fn comments(tree: &SyntaxNode) -> bool {
    tree.descendants_with_tokens().any(|element| element.kind() == SyntaxKind::Comment)
}

/// The old text with other lines of fields; `None` when more than fields differ.
fn patch(old: &str, item: &SyntaxNode, before: &Contract, after: &Contract) -> Option<String> {
    if (Contract { fields: before.fields.clone(), ..after.clone() }) != *before {
        return None;
    }
    let lines: Vec<SyntaxNode> = item.children().filter(|child| child.kind() == SyntaxKind::Field).collect();
    if lines.len() != before.fields.len() || lines.is_empty() {
        return None;
    }
    // The order has to be the old one, with fields left out and fields put in between.
    let stay: Vec<&str> = before.fields.iter().map(|field| field.name.as_str()).filter(|name| after.field(name).is_some()).collect();
    let order: Vec<&str> = after.fields.iter().map(|field| field.name.as_str()).filter(|name| before.field(name).is_some()).collect();
    if stay != order {
        return None;
    }
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for (field, line) in before.fields.iter().zip(&lines) {
        let range = usize::from(line.text_range().start())..usize::from(line.text_range().end());
        match after.field(&field.name) {
            Some(now) if now == field => {}
            Some(now) => edits.push((range, write::field(now).ok()?)),
            None => {
                // The line goes away, with the comment behind it.
                let end = old.get(range.end..)?.find('\n').map_or(old.len(), |at| range.end + at + 1);
                let start = old.get(..range.start)?.rfind('\n').map_or(0, |at| at + 1);
                edits.push((start..end, String::new()));
            }
        }
    }
    let mut previous: Option<&str> = None;
    for field in &after.fields {
        if before.field(&field.name).is_none() {
            let text = write::field(field).ok()?;
            let at = previous.and_then(|name| before.fields.iter().position(|field| field.name == name)).and_then(|n| lines.get(n));
            match at {
                Some(line) => {
                    let end = usize::from(line.text_range().end());
                    let end = old.get(end..)?.find('\n').map_or(old.len(), |at| end + at);
                    edits.push((end..end, format!("\n  {text}")));
                }
                None => {
                    let start = usize::from(lines.first()?.text_range().start());
                    edits.push((start..start, format!("{text}\n  ")));
                }
            }
        } else {
            previous = Some(&field.name);
        }
    }
    // Where two edits meet, the first is done first: fields that are put in keep their order.
    let mut text = String::with_capacity(old.len());
    let mut at = 0;
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    for (range, with) in edits {
        text.push_str(old.get(at..range.start)?);
        text.push_str(&with);
        at = range.end;
    }
    text.push_str(old.get(at..)?);
    Some(fmt::format(&text, FileKind::Contract))
}

/// What a source says, with what only people knew; and the names of what was kept.
#[must_use]
pub fn merge(new: &Contract, old: &Contract) -> (Contract, Vec<String>) {
    let mut kept = Vec::new();
    let plain = Contract::new(&new.name);
    let mut out = new.clone();
    let mut keep = |word: &str, kept_it: bool| {
        if kept_it {
            kept.push(word.to_owned());
        }
    };
    /// Takes the old value where the new one says nothing.
    macro_rules! fill {
        ($($part:ident: $word:literal),* $(,)?) => {$(
            if out.$part == plain.$part && old.$part != plain.$part {
                out.$part.clone_from(&old.$part);
                keep($word, true);
            }
        )*};
    }
    fill!(
        doc: "its docstring", version: "@version", owner: "@owner", classification: "@classification", compliance: "@compliance",
        compatibility: "@compatibility", freshness: "@freshness", retention: "@retention", deprecated: "@deprecated", on_fail: "@on_fail",
        drift: "@drift",
    );
    let names: Vec<&str> = out.fields.iter().map(|field| field.name.as_str()).collect();
    let there = |key: &Key| key.columns.iter().all(|column| names.contains(&column.as_str()));
    let primary = out.keys.iter().any(|key| key.primary);
    for key in old.keys.iter().filter(|key| there(key) && !(primary && key.primary)) {
        if !out.keys.iter().any(|known| known.primary == key.primary && known.columns == key.columns) {
            out.keys.push(key.clone());
            keep(if key.primary { "@key" } else { "@unique" }, true);
        }
    }
    out.keys.sort_by_key(|key| !key.primary);
    for rule in old.rules.iter().filter(|rule| !new.rules.iter().any(|known| known.title == rule.title)) {
        out.rules.push(rule.clone());
        keep(&format!("@rule \"{}\"", rule.title), true);
    }
    for reference in old.references.iter().filter(|old| !new.references.iter().any(|known| known.column == old.column)) {
        out.references.push(reference.clone());
        keep(&format!("@references({})", reference.column), true);
    }
    for renamed in old.renamed.iter().filter(|old| !new.renamed.iter().any(|known| known.from == old.from)) {
        out.renamed.push(renamed.clone());
        keep(&format!("@renamed_from({})", renamed.from), true);
    }
    for name in old.reserved.iter().filter(|name| !new.reserved.contains(name)) {
        out.reserved.push(name.clone());
        keep(&format!("@reserved({name})"), true);
    }
    for accept in old.accepted.iter().filter(|accept| !new.accepted.contains(accept)) {
        out.accepted.push(accept.clone());
        keep(&format!("@accept({})", accept.rule), true);
    }
    for field in &mut out.fields {
        if let Some(before) = old.field(&field.name) {
            let words = merge_field(field, before);
            if !words.is_empty() {
                kept.push(format!("{}: {}", field.name, words.join(", ")));
            }
        }
    }
    // The same things in another order are the same contract.
    same_order(&mut out.keys, &old.keys);
    same_order(&mut out.rules, &old.rules);
    same_order(&mut out.references, &old.references);
    same_order(&mut out.renamed, &old.renamed);
    same_order(&mut out.reserved, &old.reserved);
    same_order(&mut out.accepted, &old.accepted);
    (out, kept)
}

/// Puts a list into the order that another one has; what that one does not know comes last.
fn same_order<T: PartialEq>(list: &mut [T], old: &[T]) {
    list.sort_by_key(|item| old.iter().position(|known| known == item).unwrap_or(usize::MAX));
}

/// Takes over what the new field does not say; gives back the words for it.
fn merge_field(field: &mut Field, old: &Field) -> Vec<&'static str> {
    let mut words = Vec::new();
    macro_rules! fill {
        ($($($part:ident).+: $word:literal),* $(,)?) => {$(
            if field.$($part).+.is_none() && old.$($part).+.is_some() {
                field.$($part).+.clone_from(&old.$($part).+);
                words.push($word);
            }
        )*};
    }
    // A rule of another type would not fit.
    if field.ty == old.ty {
        fill!(
            rules.range: "@range", rules.length: "@length", rules.matches: "@matches", rules.format: "@format",
            rules.enumeration: "@enum_policy", default: "@default", sensitivity.mask: "@mask",
        );
    }
    fill!(
        rules.unique: "@unique", rules.conversion: "@type", unit: "@unit", deprecated: "@deprecated", sensitivity.pii: "@pii",
        sensitivity.classification: "@classification",
    );
    if field.sensitivity.access.is_empty() && !old.sensitivity.access.is_empty() {
        field.sensitivity.access.clone_from(&old.sensitivity.access);
        words.push("@access");
    }
    if field.description.is_empty() && !old.description.is_empty() {
        field.description.clone_from(&old.description);
        words.push("its description");
    }
    // What is required is the source's to say, what then happens is not.
    if field.rules.required == Some(None) && matches!(old.rules.required, Some(Some(_))) {
        field.rules.required = old.rules.required;
        words.push("what happens to rows without it");
    }
    words
}

/// `TradeRaw` as a file's name: `trade_raw`.
#[must_use]
pub fn file_stem(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let word = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
            || before.is_some_and(|before| before.is_uppercase()) && after.is_some_and(|after| after.is_lowercase());
        if c.is_uppercase() && word && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::file_stem;

    #[test]
    fn names_of_files_are_in_snake_case() {
        for (name, stem) in
            [("TradeRaw", "trade_raw"), ("HTTPServer2Log", "http_server2_log"), ("order", "order"), ("A_B", "a_b"), ("ID", "id")]
        {
            assert_eq!(file_stem(name), stem, "{name}");
        }
    }
}
