//! What sinks write with a label, and which sources read it: under whatever path, and in whatever form.
//!
//! A place has many names: a glob, a directory, a file of a Delta table, a link, other letters on a system that
//! does not tell them apart. All of them are the same rows, and so the same labels.

use super::api::{ContractEntry, Port, ScenarioFacts};
use super::labels::{Label, of_field};
use super::overlap::Reach;
use crate::ir::Form;
use crate::select::is_glob;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::{BTreeMap, BTreeSet};

/// The column of a quarantine that holds the row as it was read.
pub(crate) const RAW_RECORD: &str = "record";

/// Patterns with more alternatives than this are not taken apart any further.
const MOST_ALTERNATIVES: usize = 64;

/// Where links lead.
pub trait Links {
    /// The path without links, relative to the workspace if it lies in it. What does not exist is taken as it is written.
    fn real(&self, path: &str) -> String;
    /// The linked files below a directory, each with the path it has there and the one it leads to. Linked directories are not entered,
    /// as no source does.
    fn below(&self, dir: &str) -> Vec<(String, String)>;
}

/// A column that is written as it is, with labels.
pub(super) struct Value {
    /// Its name where it is written.
    pub(super) column: String,
    /// Its place among the columns that are written, if that is known.
    pub(super) position: Option<usize>,
    /// The contract's field that says the labels.
    pub(super) field: String,
    /// The labels.
    pub(super) labels: Vec<Label>,
}

/// A sink that writes labelled values as they are, or a source that reads labelled ones.
pub(super) struct Kept<'f> {
    /// Its place among all of them.
    id: usize,
    /// The scenario, by its position.
    pub(super) writer: usize,
    /// The sink or the source.
    pub(super) port: &'f Port,
    /// The values.
    pub(super) values: Vec<Value>,
}

/// How the columns of a source are told from those that a sink wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// Both sides name them.
    Name,
    /// Neither side names them, and both cut the cells alike.
    Position,
    /// Not at all: each column that is read may hold any value.
    Any,
}

impl Match {
    /// Of rows written in one form and read in another.
    pub(super) fn of(written: Form, read: Form) -> Self {
        match (written, read) {
            (Form::Csv { header, .. }, _) if written == read => {
                if header {
                    Self::Name
                } else {
                    Self::Position
                }
            }
            // The files of a table have the table's columns.
            (Form::Delta, Form::Parquet) | (Form::Parquet, Form::Delta) => Self::Name,
            _ if written == read => Self::Name,
            _ => Self::Any,
        }
    }
}

/// The sinks that write labelled values, by place.
pub(super) struct Places<'f> {
    links: &'f dyn Links,
    by_path: BTreeMap<String, Vec<Kept<'f>>>,
}

impl<'f> Places<'f> {
    /// Of all scenarios.
    pub(super) fn new(scenarios: &[&'f ScenarioFacts], contract: &dyn Fn(&str) -> Option<ContractEntry>, links: &'f dyn Links) -> Self {
        let mut by_path: BTreeMap<String, Vec<Kept<'f>>> = BTreeMap::new();
        let mut id = 0;
        for (writer, facts) in scenarios.iter().enumerate() {
            for port in facts.ports.iter().filter(|port| port.writes) {
                let values = values(port, contract);
                if !values.is_empty() {
                    by_path.entry(folded(&links.real(&port.path))).or_default().push(Kept { id, writer, port, values });
                    id += 1;
                }
            }
        }
        Self { links, by_path }
    }

    /// What a source may read of them.
    pub(super) fn read(&self, read: &Port) -> Vec<&Kept<'f>> {
        if self.by_path.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        self.at(&self.links.real(&read.path), read.form, &mut found);
        if is_glob(&read.path) {
            self.matching(&read.path, read.form, &mut found);
        }
        found.sort_by_key(|kept| kept.id);
        found.dedup_by_key(|kept| kept.id);
        found
    }

    /// What lies at a path, or below it if it is a directory.
    fn at<'s>(&'s self, path: &str, form: Form, found: &mut Vec<&'s Kept<'f>>) {
        self.exactly(&folded(path), found);
        if form == Form::Delta {
            return;
        }
        let prefix = if path == "." { String::new() } else { format!("{}/", folded(path).trim_end_matches('/')) };
        let below = self.by_path.range(prefix.clone()..).take_while(|(written, _)| written.starts_with(&prefix));
        found.extend(below.flat_map(|(written, kept)| kept.iter().map(move |kept| (written, kept))).filter_map(|(written, kept)| {
            let table = kept.port.form == Form::Delta && form == Form::Parquet;
            (table || has_extension(written, form)).then_some(kept)
        }));
        for (link, target) in self.links.below(path) {
            if has_extension(&folded(&link), form) {
                self.exactly(&folded(&target), found);
            }
        }
    }

    /// What is written to this very path, and the tables that it is a file of.
    fn exactly<'s>(&'s self, path: &str, found: &mut Vec<&'s Kept<'f>>) {
        found.extend(self.by_path.get(path).into_iter().flatten());
        for (end, _) in path.match_indices('/') {
            let above = path.get(..end).and_then(|above| self.by_path.get(above)).into_iter().flatten();
            found.extend(above.filter(|kept| kept.port.form == Form::Delta));
        }
    }

    /// What matches a glob.
    fn matching<'s>(&'s self, pattern: &str, form: Form, found: &mut Vec<&'s Kept<'f>>) {
        let (base, joined) = rooted(pattern, self.links);
        let pattern = folded(&joined);
        let Some(whole) = matcher(&pattern) else { return };
        let literal = pattern.find(['*', '?', '[', '{']).and_then(|end| pattern.get(..end)).unwrap_or_default();
        let beginnings = beginnings(&pattern);
        for (written, kept) in &self.by_path {
            let inside = literal.strip_prefix(written.as_str()).is_some_and(|rest| rest.starts_with('/'));
            if !inside && !written.starts_with(literal) {
                continue;
            }
            let is_file = whole.is_match(written);
            let holds = || inside || beginnings.iter().any(|glob| glob.is_match(written));
            found.extend(kept.iter().filter(|kept| is_file || (kept.port.form == Form::Delta && form != Form::Delta && holds())));
        }
        for (link, target) in self.links.below(&base) {
            if whole.is_match(folded(&link)) {
                self.exactly(&folded(&target), found);
            }
        }
    }
}

/// What contracts say of the rows that sources read: a place has the labels that any of them gives it.
pub(super) struct Claims<'f> {
    links: &'f dyn Links,
    sources: Vec<Kept<'f>>,
    /// Those that name one path, by that path.
    by_path: BTreeMap<String, Vec<usize>>,
    /// Those that look for files, by the directory in which they start.
    by_directory: BTreeMap<String, Vec<(usize, Reach)>>,
}

impl<'f> Claims<'f> {
    /// Of all scenarios.
    pub(super) fn new(scenarios: &[&'f ScenarioFacts], contract: &dyn Fn(&str) -> Option<ContractEntry>, links: &'f dyn Links) -> Self {
        let mut claims = Self { links, sources: Vec::new(), by_path: BTreeMap::new(), by_directory: BTreeMap::new() };
        for (writer, facts) in scenarios.iter().enumerate() {
            for port in facts.ports.iter().filter(|port| !port.writes) {
                let values = values(port, contract);
                if values.is_empty() {
                    continue;
                }
                let id = claims.sources.len();
                for (directory, reach) in spots(port, links) {
                    match reach.is_path() {
                        true => claims.by_path.entry(directory).or_default().push(id),
                        false => claims.by_directory.entry(directory).or_default().push((id, reach)),
                    }
                }
                claims.sources.push(Kept { id, writer, port, values });
            }
        }
        claims
    }

    /// Other sources that may read the same rows.
    pub(super) fn read(&self, read: &Port) -> Vec<&Kept<'f>> {
        if self.sources.is_empty() {
            return Vec::new();
        }
        let mut ids = Vec::new();
        for (start, reach) in spots(read, self.links) {
            let mut look = |claims: &[(usize, Reach)]| {
                ids.extend(claims.iter().filter(|(_, claim)| claim.meets(&reach)).map(|(id, _)| *id));
            };
            let above = start.match_indices('/').filter_map(|(end, _)| start.get(..end)).chain([".", "/", start.as_str()]);
            let above: BTreeSet<&str> = above.collect();
            above.iter().filter_map(|above| self.by_directory.get(*above)).for_each(|claims| look(claims));
            if reach.is_path() {
                ids.extend(self.by_path.get(&start).into_iter().flatten());
                continue;
            }
            let prefix = if start == "." { String::new() } else { format!("{}/", start.trim_end_matches('/')) };
            let below = self.by_directory.range(prefix.clone()..).take_while(|(other, _)| other.starts_with(&prefix));
            below.filter(|(other, _)| !above.contains(other.as_str())).for_each(|(_, claims)| look(claims));
            let files = self.by_path.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
            ids.extend(files.filter(|(path, _)| reach.meets(&Reach::path(path))).flat_map(|(_, ids)| ids));
        }
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.sources.get(id)).filter(|claim| !std::ptr::eq(claim.port, read)).collect()
    }
}

/// Where a source looks for its files: a path, or the directory in which it starts and what it takes there.
fn spots(port: &Port, links: &dyn Links) -> Vec<(String, Reach)> {
    let real = links.real(&port.path);
    let of_path = |path: &str| (folded(path), Reach::path(path));
    let mut spots = vec![of_path(&real), (folded(&real), Reach::directory(&real, port.form))];
    let linked = links.below(&real).into_iter().filter(|(link, _)| has_extension(&folded(link), port.form));
    spots.extend(linked.map(|(_, target)| of_path(&target)));
    if is_glob(&port.path) {
        let (base, pattern) = rooted(&port.path, links);
        let glob = Reach::glob(&pattern);
        let linked = links.below(&base).into_iter().filter(|(link, _)| glob.meets(&Reach::path(link)));
        spots.extend(linked.map(|(_, target)| of_path(&target)));
        spots.push((folded(&base), glob));
    }
    spots
}

/// The directory in which a glob starts, without links, and the glob from there.
fn rooted(pattern: &str, links: &dyn Links) -> (String, String) {
    let literal = pattern.find(['*', '?', '[', '{']).and_then(|end| pattern.get(..end)).unwrap_or(pattern);
    let (base, rest) = match literal.rfind('/').and_then(|end| Some((pattern.get(..end)?, pattern.get(end + 1..)?))) {
        Some(("", rest)) => ("/", rest),
        Some(parts) => parts,
        None => (".", pattern),
    };
    let base = links.real(base);
    let joined = if base == "." { rest.to_owned() } else { format!("{}/{rest}", base.trim_end_matches('/')) };
    (base, joined)
}

/// The labelled values that a sink writes as they are, or that a source reads.
fn values(port: &Port, contract: &dyn Fn(&str) -> Option<ContractEntry>) -> Vec<Value> {
    let mut values = Vec::new();
    let mut add = |entry: &ContractEntry, masks: bool, column: &dyn Fn(&str) -> (String, Option<usize>)| {
        let contract = &entry.binding.contract;
        for field in contract.fields.iter().filter(|field| !masks || field.sensitivity.mask.is_none()) {
            let labels: Vec<Label> = of_field(contract, field, &entry.path).iter().cloned().collect();
            if !labels.is_empty() {
                let (column, position) = column(&field.name);
                values.push(Value { column, position, field: format!("{}.{}", contract.name, field.name), labels });
            }
        }
    };
    // Records that are kept as they were read were never masked.
    for entry in port.keeps.iter().filter_map(|name| contract(name)) {
        add(&entry, false, &|_| (RAW_RECORD.to_owned(), None));
    }
    if let Some(entry) = port.contract.as_deref().and_then(contract) {
        // A mask says what a sink does: a source reads the value.
        let place = |name: &str| match port.writes {
            true => port.columns.iter().position(|column| column == name),
            false => entry.binding.contract.fields.iter().position(|field| field.name == name),
        };
        add(&entry, port.writes, &|name| (name.to_owned(), place(name)));
    }
    values
}

/// One spelling for names that some systems take for one.
pub(super) fn folded(path: &str) -> String {
    path.to_lowercase()
}

pub(super) fn has_extension(path: &str, form: Form) -> bool {
    let packed = [".gz", ".gzip", ".zst", ".zstd"];
    let inner = packed.iter().find_map(|packed| path.strip_suffix(packed)).unwrap_or(path);
    inner.rsplit_once('.').is_some_and(|(_, extension)| form.extensions().contains(&extension))
}

fn matcher(pattern: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(pattern).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
}

/// The globs of the directories in which a pattern looks for the files of a table. Hidden names, such as that of its log, are found only
/// where they are written out.
fn beginnings(pattern: &str) -> Vec<GlobMatcher> {
    let mut found = Vec::new();
    for pattern in alternatives(pattern) {
        let (_, name) = pattern.rsplit_once('/').unwrap_or_default();
        let extension = name.rsplit_once('.').map_or(name, |(_, extension)| extension);
        if extension.contains(['*', '?', '[', '{']) || Form::Delta.extensions().contains(&extension) {
            found.extend(pattern.match_indices('/').filter_map(|(end, _)| matcher(pattern.get(..end)?)));
        }
    }
    found
}

/// The patterns that `{a,b}` stands for.
pub(super) fn alternatives(pattern: &str) -> Vec<String> {
    let mut open = vec![pattern.to_owned()];
    let mut found = Vec::new();
    while let Some(pattern) = open.pop() {
        let parts = braces(&pattern);
        match parts {
            Some((before, choices, after)) if open.len() + found.len() < MOST_ALTERNATIVES => {
                open.extend(choices.iter().map(|choice| format!("{before}{choice}{after}")));
            }
            _ => found.push(pattern),
        }
    }
    found
}

/// What stands before the first pair of braces, in it, and after it.
fn braces(pattern: &str) -> Option<(&str, Vec<&str>, &str)> {
    let start = pattern.find('{')?;
    let (mut depth, mut from, mut choices) = (0, start + 1, Vec::new());
    for (at, c) in pattern.char_indices().skip_while(|(at, _)| *at < start) {
        match c {
            '{' => depth += 1,
            ',' if depth == 1 => {
                choices.push(pattern.get(from..at)?);
                from = at + 1;
            }
            '}' => {
                depth -= 1;
                if depth == 0 {
                    choices.push(pattern.get(from..at)?);
                    return Some((pattern.get(..start)?, choices, pattern.get(at + 1..)?));
                }
            }
            _ => {}
        }
    }
    None
}
