//! `Runi.toml`: the workspace's name, where its files are, its environments, lint levels and packages.

mod read;

pub use read::{Reading, is_secret_reference, leaves_the_tree, read};

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::diff::Settings;
use crate::model::Version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file that makes a directory a workspace.
pub const FILE: &str = "Runi.toml";
/// The environment that needs nothing but the checkout.
pub const DEFAULT_ENVIRONMENT: &str = "dev";
/// The key of keyed masks, where nothing names another one.
pub const DEFAULT_MASK_KEY: &str = "secret://workspace/mask-key";
/// The editions that this compiler understands.
pub const EDITIONS: &[&str] = &["2026"];

/// Everything `Runi.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The workspace's name.
    pub name: String,
    /// Which rules of the language hold.
    pub edition: String,
    /// The version of everything that the workspace publishes together; `runi contract bump` raises it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Directories (or files) that hold contracts.
    pub contracts: Vec<String>,
    /// Directories (or files) that hold features.
    pub features: Vec<String>,
    /// Directories (or files) that hold herds.
    pub herds: Vec<String>,
    /// Globs of what is left out.
    pub exclude: Vec<String>,
    /// Environments by name; `dev` is always there.
    pub environments: BTreeMap<String, Environment>,
    /// Levels by code.
    pub lints: BTreeMap<String, LintLevel>,
    /// Packages from outside, by name.
    pub packages: BTreeMap<String, PackageSource>,
    /// How versions of contracts are compared.
    #[serde(default)]
    pub compatibility: Settings,
}

impl Default for Manifest {
    fn default() -> Self {
        let dev = Environment::new(DEFAULT_ENVIRONMENT);
        Self {
            name: "workspace".to_owned(),
            edition: EDITIONS.last().copied().unwrap_or_default().to_owned(),
            version: None,
            contracts: vec!["contracts".to_owned()],
            features: vec!["features".to_owned()],
            herds: vec!["herds".to_owned()],
            exclude: Vec::new(),
            environments: BTreeMap::from([(dev.name.clone(), dev)]),
            lints: BTreeMap::new(),
            packages: BTreeMap::new(),
            compatibility: Settings::default(),
        }
    }
}

impl Manifest {
    /// Applies the lint levels to one diagnostic: `None` when it is allowed.
    #[must_use]
    pub fn apply_lint(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        match self.lints.get(&diagnostic.code) {
            Some(LintLevel::Allow) if diagnostic.severity != Severity::Error => return None,
            Some(LintLevel::Deny) => diagnostic.severity = Severity::Error,
            Some(LintLevel::Warn) if diagnostic.severity == Severity::Note => diagnostic.severity = Severity::Warning,
            _ => {}
        }
        Some(diagnostic)
    }

    /// The place of the manifest as a whole.
    #[must_use]
    pub fn place() -> Place {
        Place::file(FILE)
    }
}

/// One environment: what is bound differently, and where secrets come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Values by name.
    pub vars: BTreeMap<String, String>,
    /// New arguments for sources, by view name or `<scenario-slug>.<view name>`.
    pub sources: BTreeMap<String, Rebind>,
    /// New arguments for sinks, by sink name or `<scenario-slug>.<sink name>`.
    pub sinks: BTreeMap<String, Rebind>,
    /// Targets of alerts (a path or an http(s) address), by name.
    pub alerts: BTreeMap<String, String>,
    /// Where secrets come from, by their `secret://` reference.
    pub secrets: BTreeMap<String, SecretSource>,
    /// The secret that keys masks.
    pub mask_key: String,
}

/// Arguments that replace, or add to, those of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Rebind {
    /// By name.
    pub args: BTreeMap<String, String>,
}

/// Where a secret comes from. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file, relative to the workspace unless absolute.
    File(String),
    /// A random key under `.runi/secrets/`, made when it is first needed.
    Generate,
}

/// What a warning counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LintLevel {
    /// An error.
    Deny,
    /// A warning.
    Warn,
    /// Nothing.
    Allow,
}

/// Where a package comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PackageSource {
    /// The git address.
    pub git: String,
    /// A tag, a branch or a revision; `HEAD` when nothing is said.
    pub reference: String,
}

impl Environment {
    /// An environment that rebinds nothing.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            vars: BTreeMap::new(),
            sources: BTreeMap::new(),
            sinks: BTreeMap::new(),
            alerts: BTreeMap::new(),
            secrets: BTreeMap::new(),
            mask_key: DEFAULT_MASK_KEY.to_owned(),
        }
    }

    /// Whether this is the environment that needs nothing but the checkout.
    #[must_use]
    pub fn is_dev(&self) -> bool {
        self.name == DEFAULT_ENVIRONMENT
    }

    /// Where a secret comes from; `None` when this environment does not say. In `dev` an unnamed one is generated.
    #[must_use]
    pub fn secret(&self, reference: &str) -> Option<SecretSource> {
        self.secrets.get(reference).cloned().or_else(|| self.is_dev().then_some(SecretSource::Generate))
    }

    /// The new arguments of a source: those for this scenario, else those for the name.
    #[must_use]
    pub fn source(&self, slug: &str, name: &str) -> Option<&Rebind> {
        self.sources.get(&format!("{slug}.{name}")).or_else(|| self.sources.get(name))
    }

    /// The new arguments of a sink: those for this scenario, else those for the name.
    #[must_use]
    pub fn sink(&self, slug: &str, name: &str) -> Option<&Rebind> {
        self.sinks.get(&format!("{slug}.{name}")).or_else(|| self.sinks.get(name))
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::new(DEFAULT_ENVIRONMENT)
    }
}
