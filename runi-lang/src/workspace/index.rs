//! Who exports which name. Built from exports alone, so that a summary is only read when somebody asks for it.

use super::summary::Summary;
use crate::check::{ContractEntry, StepEntry};
use crate::db::Dependency;
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What kind of thing a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// A contract, by name.
    Contract,
    /// A reusable step, by name.
    Step,
    /// A scenario, by slug.
    Scenario,
}

/// 128 bits of a digest: enough to tell versions of one item apart.
pub type Digest = [u8; 16];

/// One exported item of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// What it is.
    pub space: Space,
    /// Its name, or slug.
    pub name: Arc<str>,
    /// What may tell two of one name apart: a step's domain and version. Two items with equal qualifiers clash.
    pub qualifier: String,
    /// The key of its range in the file's [`crate::model::Spans`].
    pub item: String,
    /// Changes when anything changes that others can see.
    pub digest: Digest,
}

/// The exports of a summary, in its order.
#[must_use]
pub fn exports(summary: &Summary) -> Vec<Export> {
    let contracts = summary.contracts.iter().map(|binding| Export {
        space: Space::Contract,
        name: binding.contract.name.as_str().into(),
        qualifier: String::new(),
        item: binding.contract.name.clone(),
        digest: short(binding.hash.as_bytes()),
    });
    let steps = summary.steps.iter().map(|step| Export {
        space: Space::Step,
        name: step.key.name.as_str().into(),
        qualifier: format!("{}@{}", step.key.domain.as_deref().unwrap_or_default(), step.key.version.unwrap_or_default()),
        item: format!("Step/{}", step.key.display()),
        digest: short(&serde_json::to_vec(step).unwrap_or_default()),
    });
    let scenarios = summary.scenarios.iter().map(|scenario| Export {
        space: Space::Scenario,
        name: scenario.slug.as_str().into(),
        qualifier: String::new(),
        item: format!("Scenario/{}", scenario.name),
        digest: short(scenario.name.as_bytes()),
    });
    contracts.chain(steps).chain(scenarios).collect()
}

fn short(bytes: &[u8]) -> Digest {
    let mut digest = Digest::default();
    for (to, from) in digest.iter_mut().zip(blake3::hash(bytes).as_bytes()) {
        *to = *from;
    }
    digest
}

/// A summary in memory, or one in the check cache that is decoded when it is first asked for.
#[derive(Clone)]
pub enum LazySummary {
    /// Here.
    Ready(Arc<Summary>),
    /// In the cache.
    Stored(Arc<Stored>),
}

/// A summary's bytes inside the cache.
pub struct Stored {
    /// The whole cache.
    pub(super) bytes: Arc<[u8]>,
    /// Where the summary is.
    pub(super) range: std::ops::Range<usize>,
    /// Once it was decoded.
    pub(super) decoded: OnceLock<Arc<Summary>>,
}

impl LazySummary {
    /// The summary.
    #[must_use]
    pub fn get(&self) -> Arc<Summary> {
        match self {
            Self::Ready(summary) => Arc::clone(summary),
            Self::Stored(stored) => Arc::clone(stored.decoded.get_or_init(|| {
                // The cache as a whole was compared with its checksum, so this decodes what was encoded.
                let bytes = stored.bytes.get(stored.range.clone()).unwrap_or_default();
                Arc::new(serde_json::from_slice(bytes).unwrap_or_default())
            })),
        }
    }
}

impl fmt::Debug for LazySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready(_) => "Ready(…)",
            Self::Stored(_) => "Stored(…)",
        })
    }
}

/// One item of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemRef {
    /// Index into [`Index::files`].
    file: u32,
    /// Index into the file's exports.
    export: u32,
    /// Index among the file's exports of the same space: the index in its summary's list.
    at: u32,
}

/// What the index knows of a file.
#[derive(Debug, Clone)]
pub struct IndexedFile {
    /// Relative to the root.
    pub path: Arc<str>,
    /// Its exports.
    pub exports: Arc<[Export]>,
    /// Its summary.
    pub summary: LazySummary,
}

/// Every exported name of a workspace.
#[derive(Debug, Default)]
pub struct Index {
    files: Vec<IndexedFile>,
    by_name: FxHashMap<(Space, Arc<str>), Vec<ItemRef>>,
}

/// Two items that must not share their name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash<'i> {
    /// What they are.
    pub space: Space,
    /// The later one: path and export.
    pub later: (&'i str, &'i Export),
    /// The first one: path and export.
    pub first: (&'i str, &'i Export),
}

impl Index {
    /// An index of files in the order of their paths.
    #[must_use]
    pub fn new(files: Vec<IndexedFile>) -> Self {
        let mut by_name: FxHashMap<(Space, Arc<str>), Vec<ItemRef>> = FxHashMap::default();
        by_name.reserve(files.len());
        for (file, indexed) in files.iter().enumerate() {
            let mut counts = [0u32; 3];
            for (export, item) in indexed.exports.iter().enumerate() {
                let Some(count) = counts.get_mut(item.space as usize) else { continue };
                let item_ref = ItemRef { file: narrow(file), export: narrow(export), at: *count };
                *count += 1;
                by_name.entry((item.space, Arc::clone(&item.name))).or_default().push(item_ref);
            }
        }
        Self { files, by_name }
    }

    fn find(&self, space: Space, name: &str) -> &[ItemRef] {
        self.by_name.get(&(space, Arc::<str>::from(name))).map(Vec::as_slice).unwrap_or_default()
    }

    fn export(&self, item: ItemRef) -> Option<(&IndexedFile, &Export)> {
        let file = self.files.get(item.file as usize)?;
        Some((file, file.exports.get(item.export as usize)?))
    }

    /// The contract of this name.
    #[must_use]
    pub fn contract(&self, name: &str) -> Option<ContractEntry> {
        let item = *self.find(Space::Contract, name).first()?;
        let file = self.files.get(item.file as usize)?;
        let binding = file.summary.get().contracts.get(item.at as usize).cloned()?;
        Some(ContractEntry { binding, path: Arc::clone(&file.path) })
    }

    /// Every step of this name.
    #[must_use]
    pub fn steps(&self, name: &str) -> Vec<Arc<StepEntry>> {
        let step = |item: &ItemRef| self.files.get(item.file as usize)?.summary.get().steps.get(item.at as usize).cloned();
        self.find(Space::Step, name).iter().filter_map(step).collect()
    }

    /// Every name of a space, sorted.
    #[must_use]
    pub fn names(&self, space: Space) -> Vec<String> {
        let mut names: Vec<String> = self.by_name.keys().filter(|(of, _)| *of == space).map(|(_, name)| name.to_string()).collect();
        names.sort_unstable();
        names
    }

    /// Every file that exports this name.
    #[must_use]
    pub fn exporters(&self, space: Space, name: &str) -> Vec<String> {
        self.find(space, name).iter().filter_map(|item| self.export(*item)).map(|(file, _)| file.path.to_string()).collect()
    }

    /// The file that exports a scenario of this slug.
    #[must_use]
    pub fn scenario_path(&self, slug: &str) -> Option<&Arc<str>> {
        let item = self.find(Space::Scenario, slug).first()?;
        self.files.get(item.file as usize).map(|file| &file.path)
    }

    /// The files, by path.
    #[must_use]
    pub fn files(&self) -> &[IndexedFile] {
        &self.files
    }

    /// Every pair that shares what must be unique, by name and then path.
    #[must_use]
    pub fn clashes(&self) -> Vec<Clash<'_>> {
        let mut shared: Vec<_> = self.by_name.iter().filter(|(_, items)| items.len() > 1).collect();
        shared.sort_unstable_by(|a, b| a.0.cmp(b.0));
        let mut clashes = Vec::new();
        for ((space, _), items) in shared {
            let items: Vec<_> = items.iter().filter_map(|item| self.export(*item)).collect();
            for (i, (file, export)) in items.iter().enumerate() {
                let first = items.iter().take(i).find(|(_, other)| other.qualifier == export.qualifier);
                if let Some((first_file, first_export)) = first {
                    clashes.push(Clash { space: *space, later: (&file.path, export), first: (&first_file.path, first_export) });
                }
            }
        }
        clashes
    }

    /// A digest of the answer to a question: equal as long as the answer is.
    #[must_use]
    pub fn answer(&self, question: &Dependency) -> Digest {
        let mut hasher = blake3::Hasher::new();
        let (space, name) = match question {
            Dependency::Contract(name) => (Space::Contract, Some(name)),
            Dependency::Steps(name) => (Space::Step, Some(name)),
            Dependency::ContractNames => (Space::Contract, None),
            Dependency::StepNames => (Space::Step, None),
        };
        match name {
            Some(name) => {
                for (file, export) in self.find(space, name).iter().filter_map(|item| self.export(*item)) {
                    hasher.update(file.path.as_bytes()).update(&[0]).update(&export.digest);
                }
            }
            None => {
                for name in self.names(space) {
                    hasher.update(name.as_bytes()).update(&[0]);
                }
            }
        }
        let mut digest = Digest::default();
        hasher.finalize_xof().fill(&mut digest);
        digest
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
