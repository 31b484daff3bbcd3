//! What tags and attributes say, put into the words of a contract and read by the contracts' own reader.
//!
//! So every tag that a contract knows is known to a source too, with the same arguments and the same "did you mean".

use runi_lang::diagnostic::{Diagnostic, Place, TextRange, TextSize};
use runi_lang::diagnostics::interop::{FOREIGN_VALUE, foreign_tag};
use runi_lang::lower;
use runi_lang::model::{Contract, Field};
use runi_lang::syntax::{FileKind, parse, write};
use runi_lang::types::DataType;

/// One thing that a source says of a field or of a type.
#[derive(Debug, Clone)]
pub(in crate::import) struct Said {
    pub(in crate::import) say: Say,
    /// Where.
    pub(in crate::import) range: TextRange,
}

/// What it says.
#[derive(Debug, Clone)]
pub(in crate::import) enum Say {
    /// A field's tag, as a contract writes it: `@pii(email)`.
    Tag(String),
    /// The same, from something that says it by the way (a validator): an explicit one wins.
    Implied(String),
    /// A contract's tag: `@rule "positive": a > 0`.
    Contract(String),
    /// The contract's name.
    Name(String),
    /// A default as the source writes it.
    Default(String),
    /// The type, in the language's words.
    Type(String),
    /// The description.
    Description(String),
    /// Whether there is always a value.
    Required(bool),
    /// Part of the primary key.
    Key,
    /// The values that there are.
    Enum(Vec<String>),
    /// A value that there is not.
    Not(String),
    /// A bound of a number, or of the length of a text.
    Bound(Bound),
    /// Something that a contract cannot say.
    Lost(String),
}

/// A bound, before the field's type is known.
#[derive(Debug, Clone)]
pub(in crate::import) struct Bound {
    /// Whether it is the lower one.
    pub(in crate::import) lower: bool,
    /// Whether it is outside itself.
    pub(in crate::import) exclusive: bool,
    /// The number.
    pub(in crate::import) value: String,
    /// The tag that says it, for messages: `gte`.
    pub(in crate::import) word: String,
}

/// The word after `@`.
pub(super) fn tag_name(tag: &str) -> &str {
    let name = tag.trim_start().trim_start_matches('@');
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// A field of that type with its tags; names and places of columns are the caller's.
pub(super) fn field(path: &str, column: &str, ty: DataType, said: &[Said], problems: &mut Vec<Diagnostic>) -> Field {
    let mut text = String::from("Contract: C\n  f string");
    let explicit: Vec<&str> =
        said.iter().filter_map(|said| if let Say::Tag(tag) = &said.say { Some(tag_name(tag)) } else { None }).collect();
    let mut pieces = Vec::new();
    for Said { say, range } in said {
        let tag = match say {
            Say::Tag(tag) => Some(tag.clone()),
            Say::Implied(tag) => (!explicit.contains(&tag_name(tag))).then(|| tag.clone()),
            Say::Default(value) => default(&ty, value).map(|value| format!("@default({value})")),
            _ => None,
        };
        if let Some(tag) = tag {
            text.push(' ');
            let start = text.len();
            text.push_str(&tag);
            pieces.push((start, text.len(), *range));
        }
    }
    text.push('\n');
    let read = lowered(path, &text, &pieces, problems).and_then(|contract| contract.fields.into_iter().next());
    let mut field = read.unwrap_or_else(|| Field::new(column, DataType::String));
    column.clone_into(&mut field.name);
    if let Some(unique) = &mut field.rules.unique {
        unique.columns = vec![column.to_owned()];
    }
    field.ty = ty;
    field
}

/// A default as a contract's argument. Numbers and truth values are bare, calls too; everything else is text.
fn default(ty: &DataType, value: &str) -> Option<String> {
    let bare = ty.is_numeric() || matches!(ty, DataType::Boolean) || value.ends_with(')') || value.eq_ignore_ascii_case("null");
    if bare { Some(value.to_owned()) } else { write::text(value) }
}

/// The contract-level tags that were said, read into a contract without columns.
pub(super) fn contract(path: &str, name: &str, said: &[Said], problems: &mut Vec<Diagnostic>) -> Contract {
    let mut text = String::from("Contract: C\n");
    let mut pieces = Vec::new();
    for Said { say, range } in said {
        if let Say::Contract(tag) = say {
            text.push_str("  ");
            let start = text.len();
            text.push_str(tag);
            pieces.push((start, text.len(), *range));
            text.push('\n');
        }
    }
    let read = lowered(path, &text, &pieces, problems);
    let mut contract = read.unwrap_or_else(|| Contract::new(name));
    name.clone_into(&mut contract.name);
    contract
}

/// A type in the language's words.
pub(super) fn data_type(path: &str, words: &str, range: TextRange, problems: &mut Vec<Diagnostic>) -> DataType {
    let before = problems.len();
    let text = format!("Contract: C\n  f {words}\n");
    let field = lowered(path, &text, &[(0, text.len(), range)], problems).and_then(|contract| contract.fields.into_iter().next());
    match field {
        Some(field) if problems.len() == before && field == Field::new("f", field.ty.clone()) => field.ty,
        _ if problems.len() > before => DataType::Unknown,
        _ => {
            problems.push(Diagnostic::new(&FOREIGN_VALUE, Place::range(path, range), format!("`{words}` is no type")));
            DataType::Unknown
        }
    }
}

/// The one contract of a text; its problems are moved to where the source says it.
fn lowered(path: &str, text: &str, pieces: &[(usize, usize, TextRange)], problems: &mut Vec<Diagnostic>) -> Option<Contract> {
    let (file, found) = lower::contracts(path, &parse(text, FileKind::Contract));
    let place = |at: Option<TextRange>| {
        let at = at.map_or(0, |range| usize::from(range.start()));
        let piece = pieces.iter().rfind(|(start, ..)| *start <= at).or_else(|| pieces.first());
        piece.map_or(TextRange::empty(TextSize::new(0)), |(.., range)| *range)
    };
    problems.extend(found.iter().map(|problem| foreign_tag(Place::range(path, place(problem.place.text_range())), problem)));
    let mut contracts = file.contracts.into_iter();
    contracts.next()
}
