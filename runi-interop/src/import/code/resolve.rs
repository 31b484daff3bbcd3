//! Named types to contracts: which of them, their columns, and types that hold types.

use super::said::{self, Said, Say, tag_name};
use super::{Decl, Kind, Lines, MAX_DEPTH, Member, Shape, Source, bounds, nested};
use crate::check;
use crate::import::{Input, MAX_PARTS};
use crate::{ImportError, Imported, Loss};
use runi_lang::diagnostic::{At, Diagnostic, Place, TextRange};
use runi_lang::diagnostics::interop::{endless_type, foreign_tag, foreign_type, unwritable};
use runi_lang::model::{Contract, Field, Key, Sensitivity};
use runi_lang::syntax::write;
use runi_lang::types::DataType;
use std::collections::{BTreeMap, BTreeSet};

/// The contracts of a source.
pub(in crate::import) fn resolve(source: Source, format: &'static str, input: &Input<'_>, lines: &Lines) -> Result<Imported, ImportError> {
    let Source { decls, inline, losses, problems } = source;
    let mut names: BTreeMap<&str, &Decl> = BTreeMap::new();
    for decl in &decls {
        names.entry(&decl.name).or_insert(decl);
    }
    let mut resolver = Resolver { names, inline: &inline, path: input.name, lines, losses, problems, parts: 0, too_large: false };
    let chosen = resolver.chosen(&decls, &input.options.types);
    if chosen.is_empty() && resolver.problems.is_empty() {
        return Err(ImportError::unreadable(format, "it declares no struct that could be a contract", None));
    }
    let contracts: Vec<Contract> = chosen.into_iter().map(|decl| resolver.contract(decl)).collect();
    if resolver.too_large {
        let message = format!("its types hold more than {MAX_PARTS} fields, or nest more than {MAX_DEPTH} levels deep");
        return Err(ImportError::TooLarge { format, message });
    }
    let Resolver { mut losses, problems: mut diagnostics, .. } = resolver;
    if !diagnostics.is_empty() {
        diagnostics.sort_by_key(|problem| problem.place.text_range().map(TextRange::start));
        diagnostics.dedup();
        return Err(ImportError::Source { diagnostics });
    }
    losses.sort_by(|a, b| (a.line, a).cmp(&(b.line, b)));
    losses.dedup();
    Ok(Imported { contracts, losses, ..Imported::default() })
}

struct Resolver<'a> {
    names: BTreeMap<&'a str, &'a Decl>,
    inline: &'a [Vec<Member>],
    path: &'a str,
    lines: &'a Lines,
    losses: Vec<Loss>,
    problems: Vec<Diagnostic>,
    /// Members that were looked at.
    parts: usize,
    too_large: bool,
}

/// Where each column is declared, and where each of its tags stands.
type Origins = BTreeMap<String, (TextRange, Vec<(String, TextRange)>)>;

/// A member on its way to a column.
struct Candidate<'a> {
    member: &'a Member,
    /// `Struct.field`.
    at: String,
    optional: bool,
    /// Flattened so many times.
    depth: usize,
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

/// A column, and what was said of it.
struct Column {
    field: Field,
    said: Vec<Said>,
    /// As in [`Typed`].
    promises: bool,
}

impl Typed {
    fn of(ty: DataType) -> Self {
        Self { ty, optional: false, said: Vec::new(), lifted: Sensitivity::default(), promises: false }
    }
}

impl<'a> Resolver<'a> {
    /// The types that become contracts: those that were asked for, or those that no other holds.
    fn chosen(&mut self, decls: &'a [Decl], types: &[String]) -> Vec<&'a Decl> {
        let own: Vec<&Decl> = decls.iter().filter(|decl| !decl.foreign && matches!(decl.kind, Kind::Struct(_))).collect();
        if !types.is_empty() {
            let known: Vec<&str> = own.iter().map(|decl| decl.name.as_str()).collect();
            for name in types.iter().filter(|name| !known.contains(&name.as_str())) {
                self.problems.push(foreign_type(Place::file(self.path), name, &known));
            }
            return types.iter().filter_map(|name| own.iter().find(|decl| decl.name == *name).copied()).collect();
        }
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for decl in decls {
            used.extend(self.mentioned(decl).into_iter().filter(|name| *name != decl.name));
        }
        let mut chosen: Vec<&Decl> = own.iter().filter(|decl| !used.contains(decl.name.as_str())).copied().collect();
        // Types that only hold each other are reached from none of these: one of them stands for all.
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        chosen.iter().for_each(|decl| self.reach(&decl.name, &mut reached));
        for decl in own {
            if !reached.contains(decl.name.as_str()) {
                chosen.push(decl);
                self.reach(&decl.name, &mut reached);
            }
        }
        chosen
    }

    /// Notes every type that a type leads to.
    fn reach(&self, name: &'a str, reached: &mut BTreeSet<&'a str>) {
        let mut todo = vec![name];
        while let Some(name) = todo.pop() {
            if let Some(decl) = self.names.get(name).copied()
                && reached.insert(name)
            {
                todo.extend(self.mentioned(decl));
            }
        }
    }

    /// The named types in a declaration.
    fn mentioned(&self, decl: &'a Decl) -> Vec<&'a str> {
        let mut found = Vec::new();
        match &decl.kind {
            Kind::Struct(members) => members.iter().for_each(|member| self.mentioned_in(&member.shape, &mut found)),
            Kind::Alias(shape) => self.mentioned_in(shape, &mut found),
            Kind::Enum(_) | Kind::Other(_) => {}
        }
        found
    }

    fn mentioned_in(&self, shape: &'a Shape, found: &mut Vec<&'a str>) {
        match shape {
            Shape::Optional(inner) | Shape::List(inner) | Shape::Less(inner, _) => self.mentioned_in(inner, found),
            Shape::Map(key, value) => {
                self.mentioned_in(key, found);
                self.mentioned_in(value, found);
            }
            Shape::Inline(at) => {
                self.inline.get(*at).into_iter().flatten().for_each(|member| self.mentioned_in(&member.shape, found));
            }
            Shape::Named(name) => found.push(name),
            Shape::Known(_) | Shape::Formatted(_) | Shape::Counted(_) | Shape::None(_) => {}
        }
    }

    fn lose(&mut self, at: &str, range: TextRange, message: impl Into<String>) {
        // What stands in another file of the package has no line here.
        let line = (!range.is_empty()).then(|| self.lines.of(range.start()));
        self.losses.push(Loss { at: at.to_owned(), message: message.into(), line });
    }

    fn contract(&mut self, decl: &'a Decl) -> Contract {
        let Kind::Struct(members) = &decl.kind else { return Contract::new(&decl.name) };
        let mut stack = vec![decl.name.as_str()];
        let mut found = Vec::new();
        self.gather(&decl.name, members, false, 0, &mut stack, &mut found);
        let candidates = self.visible(found);
        let mut about: Vec<Said> = decl.said.clone();
        let mut fields = Vec::new();
        let mut keys = Vec::new();
        let mut origins = Origins::new();
        for candidate in &candidates {
            let Some(Column { field, said, promises }) = self.column(candidate, &mut stack) else { continue };
            if promises {
                self.lose(&candidate.at, candidate.member.range, "which of its parts are always there is not said: parts may be null");
            }
            let tags = said.iter().filter_map(|said| match &said.say {
                Say::Tag(tag) | Say::Implied(tag) => Some((tag_name(tag).to_owned(), said.range)),
                Say::Default(_) => Some(("default".to_owned(), said.range)),
                _ => None,
            });
            origins.insert(field.name.clone(), (candidate.member.range, tags.collect()));
            keys.extend(said.iter().any(|said| matches!(said.say, Say::Key)).then(|| field.name.clone()));
            about.extend(said.into_iter().filter(|said| matches!(said.say, Say::Contract(_))));
            fields.push(field);
        }
        let before = self.problems.len();
        let mut contract = said::contract(self.path, decl.contract.as_ref().unwrap_or(&decl.name), &about, &mut self.problems);
        contract.doc = if contract.doc.is_empty() { write::prose(&decl.doc) } else { contract.doc };
        contract.fields = fields;
        if !keys.is_empty() && !contract.keys.iter().any(|key| key.primary) {
            contract.keys.insert(0, Key { columns: keys, primary: true, duplicates: Default::default(), on_fail: None });
        }
        if self.problems.len() == before {
            self.check(decl, &contract, &about, &origins);
        }
        contract
    }

    /// What the compiler says of the contract, where the source says it.
    fn check(&mut self, decl: &Decl, contract: &Contract, about: &[Said], origins: &Origins) {
        // A type that could not be read was reported already.
        if contract.fields.iter().any(|field| contains_unknown(&field.ty)) {
            return;
        }
        let text = match write::contract(contract) {
            Ok(text) => text,
            Err(error) => {
                let column = error.at.split_once('.').and_then(|(_, column)| origins.get(column));
                let range = column.map_or(decl.range, |(range, _)| *range);
                self.problems.push(unwritable(Place::range(self.path, range), &error.at, &error.why));
                return;
            }
        };
        let (file, found) = check::alone(&text);
        for problem in &found {
            let key = match &problem.place.at {
                At::Item(item) => Some(item.0.clone()),
                At::Range(range) => {
                    let around = file.spans.0.iter().filter(|(_, span)| span.contains_range(*range));
                    around.min_by_key(|(_, span)| span.len()).map(|(key, _)| key.clone())
                }
                At::File => None,
            };
            let mut steps = key.as_deref().unwrap_or_default().split('/').skip(1);
            let range = match (steps.next(), steps.next(), steps.next()) {
                (Some("field"), Some(column), tag) => origins.get(column).map(|(range, tags)| {
                    let tag = tag.and_then(|tag| tags.iter().find(|(name, _)| tag.strip_prefix('@') == Some(name.as_str())));
                    tag.map_or(*range, |(_, range)| *range)
                }),
                (Some(item), ..) => {
                    let name = item.trim_start_matches('@').split('#').next().unwrap_or_default();
                    let same = |said: &&Said| matches!(&said.say, Say::Contract(tag) if tag_name(tag) == name);
                    about.iter().find(same).map(|said| said.range)
                }
                _ => None,
            };
            let place = Place::range(self.path, range.unwrap_or(decl.range));
            self.problems.push(foreign_tag(place, problem));
        }
    }

    /// The members of a struct, with those of flattened members in their place.
    fn gather(
        &mut self,
        at: &str,
        members: &'a [Member],
        optional: bool,
        depth: usize,
        stack: &mut Vec<&'a str>,
        out: &mut Vec<Candidate<'a>>,
    ) {
        for member in members {
            self.parts += 1;
            if self.parts > MAX_PARTS || depth > MAX_DEPTH {
                self.too_large = true;
                return;
            }
            let here = format!("{at}.{}", member.name);
            if !member.flatten {
                out.push(Candidate { member, at: here, optional: optional || member.optional, depth });
                continue;
            }
            let (shape, missing) = self.bare(&member.shape);
            let optional = optional || missing || member.optional;
            match shape {
                Shape::Named(name) => match self.names.get(name.as_str()).copied() {
                    Some(Decl { kind: Kind::Struct(inner), name, .. }) => {
                        if self.enter(name, member, stack) {
                            self.gather(&here, inner, optional, depth + 1, stack, out);
                            stack.pop();
                        }
                    }
                    Some(_) => out.push(Candidate { member, at: here, optional, depth }),
                    None => self.lose(&here, member.range, format!("the fields of `{name}`, which is not in this file, are left out")),
                },
                Shape::Inline(n) => {
                    let inner = self.inline.get(*n).map_or(&[][..], Vec::as_slice);
                    self.gather(&here, inner, optional, depth + 1, stack, out);
                }
                Shape::Map(..) => self.lose(&here, member.range, "columns whose names are not known beforehand are left out"),
                Shape::Less(..) => self.lose(&here, member.range, "the fields of a type of another package are left out"),
                Shape::None(why) => self.lose(&here, member.range, format!("left out: {why}")),
                _ => out.push(Candidate { member, at: here, optional, depth }),
            }
        }
    }

    /// A type without what makes it optional, and behind its other names.
    fn bare(&self, mut shape: &'a Shape) -> (&'a Shape, bool) {
        let mut optional = false;
        for _ in 0..MAX_DEPTH {
            match shape {
                Shape::Optional(inner) => {
                    optional = true;
                    shape = inner;
                }
                Shape::Named(name) => match self.names.get(name.as_str()).copied() {
                    Some(Decl { kind: Kind::Alias(inner), .. }) => shape = inner,
                    _ => break,
                },
                _ => break,
            }
        }
        (shape, optional)
    }

    /// Goes into a named type, unless it is open already.
    fn enter(&mut self, name: &'a str, member: &Member, stack: &mut Vec<&'a str>) -> bool {
        if stack.contains(&name) {
            let from = stack.iter().position(|open| *open == name).unwrap_or(0);
            let mut path: Vec<String> = stack.iter().skip(from).map(|name| (*name).to_owned()).collect();
            path.push(member.name.clone());
            self.problems.push(endless_type(Place::range(self.path, member.range), name, &path));
            return false;
        }
        if stack.len() > MAX_DEPTH {
            self.too_large = true;
            return false;
        }
        stack.push(name);
        true
    }

    /// Of members with one column name the outermost is meant; among equals the one that was named so; otherwise none.
    fn visible(&mut self, candidates: Vec<Candidate<'a>>) -> Vec<Candidate<'a>> {
        let mut best: BTreeMap<&str, (usize, bool, usize)> = BTreeMap::new();
        for candidate in &candidates {
            let rank = (candidate.depth, !candidate.member.renamed);
            let entry = best.entry(&candidate.member.column).or_insert((rank.0, rank.1, 0));
            if rank < (entry.0, entry.1) {
                *entry = (rank.0, rank.1, 0);
            }
            if rank == (entry.0, entry.1) {
                entry.2 += 1;
            }
        }
        let mut kept = Vec::new();
        for candidate in candidates {
            let Some((depth, named, count)) = best.get(candidate.member.column.as_str()).copied() else { continue };
            if (candidate.depth, !candidate.member.renamed) != (depth, named) {
                continue;
            }
            if count == 1 {
                kept.push(candidate);
            } else {
                let message = format!("left out: {count} fields are called `{}`", candidate.member.column);
                self.lose(&candidate.at, candidate.member.range, message);
            }
        }
        kept
    }

    /// A candidate as a column, and what was said of it.
    fn column(&mut self, candidate: &Candidate<'a>, stack: &mut Vec<&'a str>) -> Option<Column> {
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

fn contains_unknown(ty: &DataType) -> bool {
    match ty {
        DataType::Unknown => true,
        DataType::List(item) => contains_unknown(item),
        DataType::Map(key, value) => contains_unknown(key) || contains_unknown(value),
        DataType::Struct(parts) => parts.iter().any(|(_, ty)| contains_unknown(ty)),
        _ => false,
    }
}
