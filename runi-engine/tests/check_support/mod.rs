//! Small workspaces in memory, checked with the real engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

use runi_engine::sql::DataFusionEngine;
use runi_lang::check::{Checked, ContractEntry, Lookup, StepEntry, StepKey, build_pipelines, check_contract, check_feature, step_entry};
use runi_lang::diagnostic::{At, Diagnostic};
use runi_lang::ir::{ContractBinding, Pipeline};
use runi_lang::lower;
use runi_lang::model::{ContractFile, FeatureFile, StepDef};
use runi_lang::syntax::{FileKind, parse};
use runi_lang::workspace::{Environment, Herd, herd, manifest};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A workspace of texts.
pub(crate) struct Workspace {
    pub(crate) texts: BTreeMap<String, String>,
    contracts: BTreeMap<String, ContractFile>,
    features: BTreeMap<String, FeatureFile>,
    lowered: Vec<Diagnostic>,
    environment: Environment,
    herds: BTreeMap<String, Arc<Herd>>,
}

impl Workspace {
    /// Files by path; `Runi.toml` and `*.herd` count too.
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut workspace = Self {
            texts: BTreeMap::new(),
            contracts: BTreeMap::new(),
            features: BTreeMap::new(),
            lowered: Vec::new(),
            environment: Environment::default(),
            herds: BTreeMap::new(),
        };
        for (path, text) in files {
            workspace.texts.insert(path.to_owned(), text.to_owned());
            if path == "Runi.toml" {
                let manifest = manifest::read(path, text).manifest;
                workspace.environment = manifest.environments.get("dev").cloned().unwrap_or_default();
            } else if path.ends_with(".herd") {
                if let Some(herd) = herd::read(path, text).herd {
                    workspace.herds.insert(herd.name.clone(), Arc::new(herd));
                }
            } else if let Some(kind) = FileKind::of(path) {
                let parse = parse(text, kind);
                match kind {
                    FileKind::Contract => {
                        let (file, problems) = lower::contracts(path, &parse);
                        workspace.contracts.insert(path.to_owned(), file);
                        workspace.lowered.extend(problems);
                    }
                    FileKind::Feature => {
                        let (file, problems) = lower::feature(path, &parse);
                        workspace.features.insert(path.to_owned(), file);
                        workspace.lowered.extend(problems);
                    }
                }
            }
        }
        workspace
    }

    /// Every problem of every file.
    pub(crate) fn check(&self) -> Vec<Diagnostic> {
        let engine = DataFusionEngine::shared();
        let mut out = self.lowered.clone();
        for (path, file) in &self.contracts {
            out.extend(check_contract(path, file, self, engine));
        }
        for path in self.features.keys() {
            out.extend(self.checked(path).diagnostics);
        }
        out
    }

    /// What one feature file gives.
    pub(crate) fn checked(&self, path: &str) -> Checked {
        check_feature(path, self.features.get(path).expect("a feature"), self, DataFusionEngine::shared())
    }

    /// The pipelines of one feature file.
    pub(crate) fn pipelines(&self, path: &str) -> Vec<Pipeline> {
        let text = &self.texts[path];
        let line_of = |offset: u32| 1 + u32::try_from(text[..offset as usize].matches('\n').count()).unwrap();
        build_pipelines(path, self.features.get(path).expect("a feature"), self, DataFusionEngine::shared(), &line_of)
    }

    /// The text under a diagnostic's primary place.
    pub(crate) fn span(&self, diagnostic: &Diagnostic) -> String {
        match &diagnostic.place.at {
            At::Range(range) => self.texts[&diagnostic.place.path][*range].to_owned(),
            At::Item(item) => item.0.clone(),
            At::File => String::new(),
        }
    }

    /// Codes, spans and messages, one a line, errors and warnings and notes.
    pub(crate) fn concise(&self) -> String {
        let line = |d: &Diagnostic| format!("{} `{}` {}", d.code, self.span(d).lines().next().unwrap_or_default(), d.message);
        self.check().iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Lookup for Workspace {
    fn contract(&self, name: &str) -> Option<ContractEntry> {
        self.contracts.iter().find_map(|(path, file)| {
            let contract = file.contracts.iter().find(|contract| contract.name == name)?.clone();
            let hash = contract.hash();
            Some(ContractEntry { binding: Arc::new(ContractBinding { contract, hash }), path: path.as_str().into() })
        })
    }

    fn contract_names(&self) -> Vec<String> {
        self.contracts.values().flat_map(|file| file.contracts.iter().map(|contract| contract.name.clone())).collect()
    }

    fn steps(&self, name: &str) -> Vec<Arc<StepEntry>> {
        let all = self.features.iter().flat_map(|(path, file)| file.steps.iter().map(move |def| Arc::new(step_entry(path, def))));
        all.filter(|entry| entry.key.name == name).collect()
    }

    fn step_names(&self) -> Vec<String> {
        self.features.values().flat_map(|file| file.steps.iter().map(|def| def.name.value.clone())).collect()
    }

    fn step_body(&self, key: &StepKey) -> Option<Arc<StepDef>> {
        let file = self.features.get(&*key.path)?;
        file.steps.iter().find(|def| step_entry(&key.path, def).key == *key).map(|def| Arc::new(def.clone()))
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn herd(&self, name: &str) -> Option<Arc<Herd>> {
        self.herds.get(name).cloned()
    }

    fn herd_names(&self) -> Vec<String> {
        self.herds.keys().cloned().collect()
    }
}
