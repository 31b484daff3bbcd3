//! Named types to contracts, each checked by the compiler and its problems put where the source says them.

use super::columns::Column;
use super::said::{self, Said, Say, tag_name};
use super::{Decl, Kind, Lines, MAX_DEPTH, Member, Source};
use crate::check;
use crate::import::{Input, MAX_PARTS};
use crate::{ImportError, Imported, Loss};
use runi_lang::diagnostic::{At, Diagnostic, Place, TextRange};
use runi_lang::diagnostics::interop::{foreign_tag, unwritable};
use runi_lang::model::{Contract, Key};
use runi_lang::syntax::write;
use runi_lang::types::DataType;
use std::collections::BTreeMap;

/// The contracts of a source.
pub(in crate::import) fn resolve(source: Source, format: &'static str, input: &Input<'_>, lines: &Lines) -> Result<Imported, ImportError> {
    let Source { decls, inline, losses, problems } = source;
    let mut names: BTreeMap<&str, &Decl> = BTreeMap::new();
    for decl in &decls {
        names.entry(&decl.name).or_insert(decl);
    }
    let mut resolver = Resolver { names, inline: &inline, path: input.name, lines, losses, problems, parts: 0, too_large: false };
    let chosen = resolver.chosen(&decls, input.options);
    if chosen.is_empty() && resolver.problems.is_empty() {
        return Err(ImportError::nothing(format, "it declares no struct that could be a contract"));
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

pub(super) struct Resolver<'a> {
    pub(super) names: BTreeMap<&'a str, &'a Decl>,
    pub(super) inline: &'a [Vec<Member>],
    pub(super) path: &'a str,
    pub(super) lines: &'a Lines,
    pub(super) losses: Vec<Loss>,
    pub(super) problems: Vec<Diagnostic>,
    /// Members that were looked at.
    pub(super) parts: usize,
    pub(super) too_large: bool,
}

/// Where each column is declared, and where each of its tags stands.
type Origins = BTreeMap<String, (TextRange, Vec<(String, TextRange)>)>;

impl<'a> Resolver<'a> {
    pub(super) fn lose(&mut self, at: &str, range: TextRange, message: impl Into<String>) {
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
