//! Members as columns: their types, types that hold types among them, and what tags say besides.

use super::members::Candidate;
use super::resolve::Resolver;
use super::said::{self, Said, Say, tag_name};
use super::{Kind, MAX_DEPTH, Member, Shape, bounds, nested};
use runi_lang::model::{Field, Sensitivity};
use runi_lang::syntax::write;
use runi_lang::types::DataType;

/// A column, and what was said of it.
pub(super) struct Column {
    pub(super) field: Field,
    pub(super) said: Vec<Said>,
    /// As in [`Typed`].
    pub(super) promises: bool,
}

/// A type, and what it says besides.
struct Typed {
    ty: DataType,
    optional: bool,
    said: Vec<Say>,
    /// What is sensitive inside it.
    lifted: Sensitivity,
    /// Whether something inside is always there, which parts cannot say.
    promises: bool,
}

impl Typed {
    fn of(ty: DataType) -> Self {
        Self { ty, optional: false, said: Vec::new(), lifted: Sensitivity::default(), promises: false }
    }
}

impl<'a> Resolver<'a> {
    /// A candidate as a column, and what was said of it.
    pub(super) fn column(&mut self, candidate: &Candidate<'a>, stack: &mut Vec<&'a str>) -> Option<Column> {
        let Candidate { member, at, optional, depth } = candidate;
        let mut said = member.said.clone();
        let words = said.iter().find_map(|said| if let Say::Type(words) = &said.say { Some((words.clone(), said.range)) } else { None });
        let mut typed = match words {
            Some((words, range)) => Typed::of(said::data_type(self.path, &words, range, &mut self.problems)),
            None => self.typed(at, member, &member.shape, stack, *depth)?,
        };
        said.extend(typed.said.drain(..).map(|say| Said { say, range: member.range }));
        bounds::settle(self.path, &member.column, &mut typed.ty, &mut said, &mut self.problems);
        let mut field = said::field(self.path, &member.column, typed.ty, &said, &mut self.problems);
        let mut required = !(*optional || typed.optional);
        field.description = write::words(&member.doc);
        for Said { say, range } in &said {
            match say {
                Say::Description(text) => field.description = write::words(text),
                Say::Required(says) => required = *says,
                Say::Lost(why) => self.lose(at, *range, why.clone()),
                _ => {}
            }
        }
        if required && field.rules.required.is_none() {
            field.rules.required = Some(None);
        }
        nested::lift(&mut field.sensitivity, &typed.lifted);
        Some(Column { field, said, promises: typed.promises })
    }

    fn typed(&mut self, at: &str, member: &Member, shape: &'a Shape, stack: &mut Vec<&'a str>, depth: usize) -> Option<Typed> {
        if depth > MAX_DEPTH {
            self.too_large = true;
            return None;
        }
        let mut inner = |this: &mut Self, shape: &'a Shape| this.typed(at, member, shape, stack, depth + 1);
        Some(match shape {
            Shape::Known(ty) => Typed::of(ty.clone()),
            Shape::Formatted(format) => Typed { said: vec![Say::Implied(format!("@format({format})"))], ..Typed::of(DataType::String) },
            Shape::Counted(unit) => Typed { said: vec![Say::Implied(format!("@unit({unit})"))], ..Typed::of(DataType::Int64) },
            Shape::Optional(shape) => Typed { optional: true, ..inner(self, shape)? },
            Shape::List(shape) => {
                let item = inner(self, shape)?;
                self.unsaid(at, member, &item.said, "an item");
                Typed { ty: DataType::List(Box::new(item.ty)), optional: false, said: Vec::new(), ..item }
            }
            Shape::Map(key, value) => {
                let (key, value) = (inner(self, key)?, inner(self, value)?);
                self.unsaid(at, member, &key.said, "a key");
                self.unsaid(at, member, &value.said, "a value");
                Typed { ty: DataType::Map(Box::new(key.ty), Box::new(value.ty)), optional: false, said: Vec::new(), ..value }
            }
            Shape::Less(shape, why) => {
                let typed = inner(self, shape)?;
                self.lose(at, member.range, why.clone());
                typed
            }
            Shape::None(why) => {
                self.lose(at, member.range, format!("left out: {why}"));
                return None;
            }
            Shape::Inline(n) => {
                let members = self.inline.get(*n).map_or(&[][..], Vec::as_slice);
                self.structure(at, member, members, stack, depth)?
            }
            Shape::Named(name) => {
                let Some(decl) = self.names.get(name.as_str()).copied() else {
                    self.lose(at, member.range, format!("`{name}` is not in this file: its values are read as text"));
                    return Some(Typed::of(DataType::String));
                };
                match &decl.kind {
                    Kind::Enum(values) => Typed::of(DataType::Enum(values.clone())),
                    Kind::Other(what) => {
                        self.lose(at, member.range, format!("left out: `{name}` is {what}"));
                        return None;
                    }
                    Kind::Alias(shape) => {
                        if !self.enter(&decl.name, member, stack) {
                            return Some(Typed::of(DataType::Unknown));
                        }
                        let typed = self.typed(at, member, shape, stack, depth + 1);
                        stack.pop();
                        typed?
                    }
                    Kind::Struct(members) => {
                        if !self.enter(&decl.name, member, stack) {
                            return Some(Typed::of(DataType::Unknown));
                        }
                        let typed = self.structure(at, member, members, stack, depth);
                        stack.pop();
                        typed?
                    }
                }
            }
        })
    }

    /// What is said of items, which have a type only.
    fn unsaid(&mut self, at: &str, member: &Member, said: &[Say], what: &str) {
        for say in said {
            if let Say::Implied(tag) | Say::Tag(tag) = say {
                self.lose(at, member.range, format!("`{tag}` is lost: {what} has a type only"));
            }
        }
    }

    fn structure(&mut self, at: &str, member: &Member, members: &'a [Member], stack: &mut Vec<&'a str>, depth: usize) -> Option<Typed> {
        let mut found = Vec::new();
        self.gather(at, members, false, depth + 1, stack, &mut found);
        let mut typed = Typed::of(DataType::Unknown);
        let mut parts = Vec::new();
        for mut candidate in self.visible(found) {
            candidate.depth = depth + 1;
            let Some(Column { field, said, promises }) = self.column(&candidate, stack) else { continue };
            nested::lift(&mut typed.lifted, &field.sensitivity);
            typed.promises |= promises || field.is_required();
            let mut lost: Vec<String> =
                nested::lost(&field).into_iter().map(|word| format!("`{word}`").replace("`its description`", "its description")).collect();
            lost.extend(said.iter().filter_map(|said| match &said.say {
                Say::Contract(tag) => Some(format!("`@{}`", tag_name(tag))),
                Say::Key => Some("that it is a key".to_owned()),
                _ => None,
            }));
            if !lost.is_empty() {
                let message = format!("lost: {}; a part of a struct has a name and a type only", lost.join(", "));
                self.lose(&candidate.at, candidate.member.range, message);
            }
            parts.push((field.name, field.ty));
        }
        if parts.is_empty() {
            self.lose(at, member.range, "left out: a struct without fields");
            return None;
        }
        typed.ty = DataType::Struct(parts);
        Some(typed)
    }
}
