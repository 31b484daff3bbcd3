//! `oneOf` and `anyOf`: one form that may be null, or several that are read as what they have in common.

use super::files::At;
use super::shape::{Shape, join};
use super::types::{Import, Spot};
use crate::document::{Kind, Node};
use runi_lang::types::DataType;

/// What the forms of a schema come to.
pub(super) enum Forms {
    /// There are none, or only one, which is part of the shape now.
    None {
        /// Whether null is one of them.
        nullable: bool,
    },
    /// They are read as this type.
    Type(DataType),
}

/// Keywords that tell nothing of a type.
const UNTYPED: &[&str] =
    &["required", "not", "title", "description", "$comment", "examples", "dependentRequired", "if", "then", "else", "deprecated"];

impl<'f> Import<'_, 'f> {
    /// Resolves the forms of a shape.
    pub(super) fn forms(&mut self, shape: &mut Shape<'f>, spot: Spot<'_, 'f>) -> Forms {
        let mut nullable = false;
        let mut found: Option<DataType> = None;
        // A form that is merged may bring forms of its own; each list is read once.
        let mut read: Vec<At<'f>> = Vec::new();
        loop {
            let lists: Vec<At<'f>> = shape.all("oneOf").into_iter().chain(shape.all("anyOf")).filter(|list| !read.contains(list)).collect();
            let Some(list) = lists.first().copied() else { break };
            read.push(list);
            let Some(items) = list.node.list() else {
                self.reader.wrong(&join(spot.path, "oneOf"), list.node, "a list of schemas");
                continue;
            };
            let forms: Vec<At<'f>> = items.iter().map(|node| At { file: list.file, node }).collect();
            let (nulls, others): (Vec<At<'f>>, Vec<At<'f>>) = forms.into_iter().partition(|form| is_null(form.node));
            nullable |= !nulls.is_empty();
            match others.as_slice() {
                [] => {}
                [only] => shape.add(self.reader, self.files, *only, spot.path),
                several if several.iter().all(|form| says_no_type(form.node)) => {
                    self.lose(list, spot.path, format!("that one of {} conditions holds is not checked", several.len()));
                }
                several => found = Some(self.common(several, list, spot)),
            }
        }
        match found {
            Some(ty) => Forms::Type(ty),
            None => Forms::None { nullable },
        }
    }

    /// What several forms have in common.
    fn common(&mut self, forms: &[At<'f>], list: At<'f>, spot: Spot<'_, 'f>) -> DataType {
        if let Some(ty) = decimal(forms) {
            self.lose(list, spot.path, "a number or its digits as text is read as `decimal(38, 10)`");
            return ty;
        }
        let mut types: Vec<DataType> = Vec::new();
        for form in forms {
            let (ty, _) = self.part(&[*form], spot.form());
            if !types.contains(&ty) {
                types.push(ty);
            }
        }
        let count = forms.len();
        let names: Vec<String> = types.iter().map(short).collect();
        let structs = types.len() > 1 && types.iter().all(|ty| matches!(ty, DataType::Struct(_)));
        let values = types.iter().all(|ty| matches!(ty, DataType::Enum(_)));
        let common = types.into_iter().try_fold(None, |known, next| match known {
            None => Some(Some(next)),
            Some(known) => unify(known, next).map(Some),
        });
        match common.flatten() {
            Some(ty) => {
                if structs {
                    self.lose(
                        list,
                        spot.path,
                        format!("one of {count} forms is read as one struct with the parts of all; that it is one of them is not checked"),
                    );
                } else if names.len() > 1 && !values {
                    self.lose(list, spot.path, format!("one of {count} forms ({}) is read as `{}`", names.join(", "), short(&ty)));
                }
                ty
            }
            None => {
                self.lose(
                    list,
                    spot.path,
                    format!("one of {count} forms ({}) is read as `string`, which can hold it as JSON", names.join(", ")),
                );
                DataType::String
            }
        }
    }
}

/// A type in a word, for messages.
fn short(ty: &DataType) -> String {
    match ty {
        DataType::Struct(_) => "struct".to_owned(),
        DataType::Enum(_) => "enum".to_owned(),
        DataType::List(item) => format!("list<{}>", short(item)),
        DataType::Map(key, value) => format!("map<{}, {}>", short(key), short(value)),
        other => other.to_string(),
    }
}

fn is_null(node: &Node) -> bool {
    node.get("type").and_then(Node::text) == Some("null") || node.get("const").is_some_and(Node::is_null)
}

/// Whether a form is a condition on what is said elsewhere, such as `required`.
fn says_no_type(node: &Node) -> bool {
    match &node.kind {
        Kind::Map(entries) => entries.iter().all(|(key, _)| UNTYPED.contains(&key)),
        _ => true,
    }
}

/// A number, or a text whose pattern allows nothing but digits: how exact numbers are written by some.
fn decimal(forms: &[At<'_>]) -> Option<DataType> {
    let [a, b] = forms else { return None };
    let kind = |at: &At<'_>| at.node.get("type").and_then(Node::text).map(str::to_owned);
    let (number, text) = match (kind(a)?.as_str(), kind(b)?.as_str()) {
        ("number" | "integer", "string") => (a, b),
        ("string", "number" | "integer") => (b, a),
        _ => return None,
    };
    let pattern = text.node.get("pattern").and_then(Node::text)?;
    let digits = pattern.contains(r"\d") && !pattern.chars().any(|c| c.is_ascii_alphabetic() && c != 'd');
    (digits && number.node.get("format").is_none()).then_some(DataType::Decimal { precision: 38, scale: 10 })
}

/// The type that holds the values of both.
pub(super) fn unify(a: DataType, b: DataType) -> Option<DataType> {
    Some(match (a, b) {
        (a, b) if a == b => a,
        (DataType::Enum(mut a), DataType::Enum(b)) => {
            a.extend(b.into_iter().filter(|value| !a.contains(value)).collect::<Vec<_>>());
            DataType::Enum(a)
        }
        (DataType::Enum(_), DataType::String) | (DataType::String, DataType::Enum(_)) => DataType::String,
        (a, b) if a.is_integer() && b.is_integer() => DataType::Int64,
        (a, b) if a.is_numeric() && b.is_numeric() => DataType::Float64,
        (DataType::List(a), DataType::List(b)) => DataType::List(Box::new(unify(*a, *b)?)),
        (DataType::Map(k, a), DataType::Map(l, b)) => DataType::Map(Box::new(unify(*k, *l)?), Box::new(unify(*a, *b)?)),
        (DataType::Struct(mut a), DataType::Struct(b)) => {
            for (name, ty) in b {
                match a.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => *known = unify(known.clone(), ty).unwrap_or(DataType::String),
                    None => a.push((name, ty)),
                }
            }
            DataType::Struct(a)
        }
        _ => return None,
    })
}
