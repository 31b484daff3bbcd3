//! The few files of a side that must be compiled to tell whom a change reaches.
//!
//! A workspace may have ten thousand files of which a change touches one. Every feature is looked through for the names that
//! changed, without being parsed; only those that name one are read, then those that read what these write, and so on. What is
//! compiled in the end is closed: it has every contract and step that its features name. Too many files may be taken, never too few.

use super::side::Side;
use crate::db::{Items, read_model};
use crate::git::GitError;
use crate::model::{Args, FeatureFile, ParamType};
use crate::syntax::{FileKind, decode};
use crate::workspace::files::{Entry, FileTree, Role, Scope, Stat};
use crate::workspace::manifest;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

/// A file's path and its text.
pub(super) type Text = (Arc<str>, Arc<str>);

/// A tree that lists only some of its files.
#[derive(Debug)]
pub(super) struct FocusedTree {
    inner: Arc<dyn FileTree>,
    paths: BTreeSet<Arc<str>>,
}

impl FocusedTree {
    /// Whether there is any feature to compile.
    pub(super) fn has_features(&self) -> bool {
        self.paths.iter().any(|path| path.ends_with(".dsl"))
    }
}

impl FileTree for FocusedTree {
    fn list(&self, scope: &Scope) -> io::Result<Vec<Entry>> {
        let mut entries = self.inner.list(scope)?;
        entries.retain(|entry| self.paths.contains(&entry.path));
        Ok(entries)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        // Plans are made of these files alone; nothing else is opened.
        if path != manifest::FILE && !self.paths.contains(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.inner.read(path)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        self.inner.stat(path)
    }

    fn names(&self, dir: &str) -> Vec<String> {
        self.inner.names(dir)
    }

    fn is_partial(&self) -> bool {
        self.inner.is_partial()
    }
}

/// What a comparison starts from.
#[derive(Debug, Clone, Default)]
pub(super) struct Seeds {
    /// Contracts and reusable steps that changed, by name.
    pub(super) names: BTreeSet<String>,
    /// Features that changed.
    pub(super) paths: BTreeSet<String>,
    /// Features that are compiled and not followed to those who read what they write.
    pub(super) ends: BTreeSet<String>,
}

impl Seeds {
    /// Whether a feature is compiled only to be named itself.
    pub(super) fn is_end(&self, path: &str) -> bool {
        self.ends.contains(path) && !self.paths.contains(path)
    }
}

/// What one feature says to others.
#[derive(Debug, Default)]
struct Ties {
    /// Contracts that it names.
    contracts: BTreeSet<String>,
    /// Steps that it uses.
    uses: BTreeSet<String>,
    /// What readers of its outputs would name: contracts, paths and tables of its sinks, and steps that it defines.
    gives: BTreeSet<String>,
}

/// The part of a side that the seeds reach; files of more than `limit` bytes are left out.
///
/// # Errors
/// When the side's files cannot be listed.
pub(super) fn focus(side: &Side, seeds: &Seeds, limit: usize) -> io::Result<FocusedTree> {
    let entries = side.tree.list(&Scope::of(&side.manifest))?;
    let of = |role: Role| entries.iter().filter(move |entry| entry.role == role).map(|entry| Arc::clone(&entry.path));
    let features: Vec<Text> = read(side, of(Role::Feature).collect(), limit)?;

    let mut chosen: BTreeMap<Arc<str>, Ties> = BTreeMap::new();
    let mut names = seeds.names.clone();
    loop {
        let open: Vec<&Text> = features.iter().filter(|(path, _)| !chosen.contains_key(path)).collect();
        let found: Vec<(Arc<str>, Ties)> = open
            .into_par_iter()
            .filter(|(path, text)| {
                seeds.paths.contains(path.as_ref()) || names.iter().any(|name| mentions(text, name) || globs_over(text, name))
            })
            .map(|(path, text)| (Arc::clone(path), ties(path, text)))
            .collect();
        if found.is_empty() {
            break;
        }
        // From the second round on only what was just found can lead further.
        names = found.iter().flat_map(|(_, ties)| ties.gives.iter().cloned()).collect();
        chosen.extend(found);
    }
    let ends: Vec<&Text> = features.iter().filter(|(path, _)| seeds.ends.contains(path.as_ref()) && !chosen.contains_key(path)).collect();
    chosen.extend(ends.into_iter().map(|(path, text)| (Arc::clone(path), ties(path, text))));
    let mut paths: BTreeSet<Arc<str>> = of(Role::Herd).collect();
    let mut contracts: BTreeSet<String> = chosen.values().flat_map(|ties| ties.contracts.iter().cloned()).collect();
    paths.extend(chosen.keys().cloned());
    define_steps(&features, &chosen, &mut paths, &mut contracts);
    if !contracts.is_empty() {
        paths.extend(contract_files(side, of(Role::Contract).collect(), contracts, limit)?);
    }
    Ok(FocusedTree { inner: Arc::clone(&side.tree), paths })
}

/// Adds the files that define the steps which the chosen ones use, and the steps that those use in turn.
fn define_steps(features: &[Text], chosen: &BTreeMap<Arc<str>, Ties>, paths: &mut BTreeSet<Arc<str>>, contracts: &mut BTreeSet<String>) {
    let mut wanted: BTreeSet<String> = chosen.values().flat_map(|ties| ties.uses.iter().cloned()).collect();
    while !wanted.is_empty() {
        let found: Vec<(Arc<str>, Ties)> = features
            .par_iter()
            .filter(|(path, text)| !paths.contains(path) && text.contains("Step:") && wanted.iter().any(|name| mentions(text, name)))
            .map(|(path, text)| (Arc::clone(path), ties(path, text)))
            .filter(|(_, ties)| ties.gives.iter().any(|name| wanted.contains(name)))
            .collect();
        wanted = found.iter().flat_map(|(_, ties)| ties.uses.iter().cloned()).collect();
        if found.is_empty() {
            break;
        }
        contracts.extend(found.iter().flat_map(|(_, ties)| ties.contracts.iter().cloned()));
        paths.extend(found.into_iter().map(|(path, _)| path));
    }
}

/// The files of these contracts and of those that they refer to.
fn contract_files(side: &Side, files: Vec<Arc<str>>, mut wanted: BTreeSet<String>, limit: usize) -> io::Result<BTreeSet<Arc<str>>> {
    let mut found = BTreeSet::new();
    let mut known = BTreeSet::new();
    // Most are where their name says; the others are looked for in every file, once.
    let by_stem: BTreeMap<String, Arc<str>> = files.iter().map(|path| (stem(path), Arc::clone(path))).collect();
    let mut all: Option<BTreeMap<String, Vec<Text>>> = None;
    while let Some(name) = wanted.pop_first() {
        if !known.insert(name.clone()) {
            continue;
        }
        let usual = by_stem.get(&squeezed(&name)).map(|path| read(side, vec![Arc::clone(path)], limit)).transpose()?;
        let here = usual.filter(|files| files.iter().any(|(_, text)| declares(text, &name)));
        let files = match here {
            Some(files) => files,
            None => {
                if all.is_none() {
                    all = Some(declared(read(side, files.clone(), limit)?));
                }
                all.as_ref().and_then(|all| all.get(&name)).cloned().unwrap_or_default()
            }
        };
        for (path, text) in files {
            let Items::Contracts(contracts) = read_model(&path, FileKind::Contract, &text).items else { continue };
            let references = contracts.contracts.iter().flat_map(|contract| &contract.references);
            wanted.extend(references.map(|reference| reference.contract.clone()));
            found.insert(path);
        }
    }
    Ok(found)
}

/// Texts by the contracts that they declare.
fn declared(files: Vec<Text>) -> BTreeMap<String, Vec<Text>> {
    let mut out: BTreeMap<String, Vec<Text>> = BTreeMap::new();
    for (path, text) in files {
        for line in text.lines() {
            if let Some(name) = line.trim_start().strip_prefix("Contract:") {
                let name = name.trim().trim_matches('"').to_owned();
                out.entry(name).or_default().push((Arc::clone(&path), Arc::clone(&text)));
            }
        }
    }
    out
}

/// Whether a text declares a contract of this name.
pub(super) fn declares(text: &str, name: &str) -> bool {
    text.lines().any(|line| line.trim_start().strip_prefix("Contract:").is_some_and(|rest| rest.trim().trim_matches('"') == name))
}

/// The file's name without folders and extension, in one case and without separators: `trade_raw` and `TradeRaw` are the same.
fn stem(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    squeezed(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The texts of these files; what cannot be read, or has more than `limit` bytes, is left out: the comparison has said so.
///
/// # Errors
/// When git has not got a file.
pub(super) fn read(side: &Side, paths: Vec<Arc<str>>, limit: usize) -> io::Result<Vec<Text>> {
    let text = |path: Arc<str>| -> Option<io::Result<Text>> {
        let stat = side.tree.stat(&path)?;
        if usize::try_from(stat.size).is_ok_and(|size| size > limit) {
            return None;
        }
        let bytes = match side.tree.read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return GitError::of_io(&error).is_some().then_some(Err(error)),
        };
        match decode(&bytes) {
            (text, None) => Some(Ok((path, text.into()))),
            (_, Some(_)) => None,
        }
    };
    paths.into_par_iter().filter_map(text).collect()
}

/// Whether a text holds a name as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, found)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Whether a quoted glob in the text may match a path.
fn globs_over(text: &str, path: &str) -> bool {
    if !path.contains('/') {
        return false;
    }
    let mut quoted = text.split('"').skip(1).step_by(2);
    quoted.any(|glob| glob.find(['*', '?', '[', '{']).and_then(|end| glob.get(..end)).is_some_and(|fixed| path.starts_with(fixed)))
}

fn ties(path: &str, text: &str) -> Ties {
    let mut ties = Ties::default();
    if let Items::Feature(feature) = read_model(path, FileKind::Feature, text).items {
        ties.feature(&feature);
    }
    ties
}

impl Ties {
    fn feature(&mut self, feature: &FeatureFile) {
        for scenario in &feature.scenarios {
            for source in &scenario.sources {
                self.contracts.extend(texts(&source.args, &["contract"]));
            }
            for step in &scenario.steps {
                self.uses.insert(step.name.value.clone());
                self.contracts.extend(step.contract.iter().map(|name| name.value.clone()));
            }
            for sink in &scenario.sinks {
                self.contracts.extend(texts(&sink.args, &["contract"]));
                self.gives.extend(texts(&sink.args, &["contract", "path", "table"]));
                // The older spelling `@sink("json://path")`.
                self.gives
                    .extend(sink.args.positional().map(|value| value.value.as_str().rsplit("://").next().unwrap_or_default().to_owned()));
            }
        }
        for step in &feature.steps {
            self.gives.insert(step.name.value.clone());
            self.contracts.extend(step.params.iter().filter_map(|param| match &param.ty.value {
                ParamType::Table(contract) => Some(contract.clone()),
                ParamType::Value(_) | ParamType::Column(_) => None,
            }));
        }
    }
}

/// The values of these arguments.
fn texts<'a>(args: &'a Args, names: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    names.iter().filter_map(|name| args.named(name)).map(|value| value.value.as_str().to_owned())
}
