//! What makes a column sensitive, and the way that a label took.

use crate::diagnostic::Place;
use crate::model::{Contract, Field};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// How secret a classification is; `public` and `internal` are not secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// `confidential`.
    Confidential,
    /// `restricted`, and any word that is not known: a typing error must not open a dataset.
    Restricted,
}

impl Level {
    /// The level of a word; `None` for what may be seen.
    fn of(word: &str) -> Option<Self> {
        match word {
            "public" | "internal" => None,
            "confidential" => Some(Self::Confidential),
            _ => Some(Self::Restricted),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Restricted => "restricted",
        }
    }
}

/// The level of a field: its own, or else its contract's. The flag says whether it is its own.
pub(crate) fn level(contract: &Contract, field: &Field) -> Option<(Level, bool)> {
    match (&field.sensitivity.classification, &contract.classification) {
        (Some(own), _) => Level::of(own).map(|level| (level, true)),
        (None, Some(word)) => Level::of(word).map(|level| (level, false)),
        (None, None) => None,
    }
}

/// One reason why a value must not leave as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// `@pii(category)`.
    Pii(String),
    /// `@access(role, …)`, sorted.
    Access(Vec<String>),
    /// A classification; `own` when the field says it, not the whole contract.
    Classified { level: Level, own: bool },
}

impl Label {
    /// Whether it belongs to one field; a classification of the whole contract does not.
    pub(crate) fn is_own(&self) -> bool {
        !matches!(self, Self::Classified { own: false, .. })
    }

    /// Whether it is said of each value: it belongs to one field, or to a dataset that is restricted as a whole.
    pub(crate) fn is_pointed(&self) -> bool {
        self.is_own() || matches!(self, Self::Classified { level: Level::Restricted, .. })
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pii(category) => write!(f, "@pii({category})"),
            Self::Access(roles) => write!(f, "@access({})", roles.join(", ")),
            Self::Classified { level, .. } => write!(f, "@classification({})", level.word()),
        }
    }
}

/// A station of a value on its way, linked to the one before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trail {
    before: Option<Arc<Trail>>,
    place: Place,
    what: String,
    word: String,
}

impl Trail {
    /// The first station: the contract's field.
    pub(crate) fn start(place: Place, what: String, word: String) -> Arc<Self> {
        Arc::new(Self { before: None, place, what, word })
    }

    /// One station further.
    pub(crate) fn then(self: &Arc<Self>, place: Place, what: String, word: String) -> Arc<Self> {
        Arc::new(Self { before: Some(Arc::clone(self)), place, what, word })
    }

    /// All stations, the field first: place, sentence, word.
    pub(crate) fn stations(&self) -> Vec<(Place, String, String)> {
        let mut out = vec![(self.place.clone(), self.what.clone(), self.word.clone())];
        let mut at = self.before.as_deref();
        while let Some(trail) = at {
            out.push((trail.place.clone(), trail.what.clone(), trail.word.clone()));
            at = trail.before.as_deref();
        }
        out.reverse();
        out
    }
}

/// The labels of a column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LabelSet {
    /// Each with the way that it came first.
    labels: BTreeMap<Label, Arc<Trail>>,
    /// The sources that any of them came from, by value or by a guard.
    sources: BTreeSet<String>,
}

impl LabelSet {
    /// Each label, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Label> {
        self.labels.keys()
    }

    /// The way that a label took.
    pub(crate) fn trail(&self, label: &Label) -> Option<&Arc<Trail>> {
        self.labels.get(label)
    }

    /// The sources that the labels came from.
    pub(crate) fn sources(&self) -> &BTreeSet<String> {
        &self.sources
    }

    /// Says which source the labelled column is read from.
    pub(crate) fn read_from(&mut self, source: &str) {
        if !self.is_empty() {
            self.sources.insert(source.to_owned());
        }
    }

    /// Whether the column may be seen by anyone.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Takes over labels that are new here.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (label, trail) in &other.labels {
            self.labels.entry(label.clone()).or_insert_with(|| Arc::clone(trail));
        }
        self.sources.extend(other.sources.iter().cloned());
    }

    /// The labels that each value has: those of the field itself, and `restricted` of a whole dataset. A dataset that is confidential as
    /// a whole says that of the set, not of each value in it.
    pub(crate) fn pointed(&self) -> Self {
        let pointed = self.labels.iter().filter(|(label, _)| label.is_pointed());
        let labels: BTreeMap<_, _> = pointed.map(|(label, trail)| (label.clone(), Arc::clone(trail))).collect();
        let sources = if labels.is_empty() { BTreeSet::new() } else { self.sources.clone() };
        Self { labels, sources }
    }

    /// Adds one station to the way of every label.
    pub(crate) fn pass(&mut self, place: &Place, what: &str, word: &str) {
        for trail in self.labels.values_mut() {
            *trail = trail.then(place.clone(), what.to_owned(), word.to_owned());
        }
    }

    /// Whether rows that are chosen by it are worth a word: each value of it has a label, or the dataset is restricted as a whole and
    /// some column of what comes out is not (`open`). Otherwise whatever comes out keeps the classification.
    pub(crate) fn chooses(&self, open: bool) -> bool {
        self.labels.keys().any(|label| label.is_own() || (open && label.is_pointed()))
    }
}

/// The labels that a contract's field puts on its column.
pub(crate) fn of_field(contract: &Contract, field: &Field, path: &str) -> LabelSet {
    let mut set = LabelSet::default();
    let classified = level(contract, field);
    // Most fields: nothing to write down.
    if field.sensitivity.pii.is_none() && field.sensitivity.access.is_empty() && classified.is_none() {
        return set;
    }
    let place = Place::item(path, format!("{}/field/{}", contract.name, field.name));
    let word = format!("{}.{}", contract.name, field.name);
    let mut add = |label: Label| {
        let what = format!("`{word}` is `{label}`");
        set.labels.insert(label, Trail::start(place.clone(), what, word.clone()));
    };
    if let Some(category) = &field.sensitivity.pii {
        add(Label::Pii(category.clone()));
    }
    if !field.sensitivity.access.is_empty() {
        let mut roles = field.sensitivity.access.clone();
        roles.sort();
        roles.dedup();
        add(Label::Access(roles));
    }
    if let Some((level, own)) = classified {
        add(Label::Classified { level, own });
    }
    set
}

/// Whether a sink contract's field takes care of a label, or what it lacks.
pub(crate) fn accepts(contract: &Contract, field: &Field, label: &Label) -> Result<(), String> {
    if field.sensitivity.mask.is_some() {
        return Ok(());
    }
    let access = &field.sensitivity.access;
    match label {
        Label::Pii(category) => {
            if field.sensitivity.pii.as_deref() != Some(category) {
                Err(format!("`{}` declares no mask and not the same `@pii({category})`", field.name))
            } else if access.is_empty() {
                Err(format!("`{}` keeps `@pii({category})` but declares no `@access(…)` and no mask", field.name))
            } else {
                Ok(())
            }
        }
        Label::Access(roles) => {
            if access.is_empty() {
                Err(format!("`{}` declares no mask and no `@access(…)`", field.name))
            } else if access.iter().all(|role| roles.contains(role)) {
                Ok(())
            } else {
                Err(format!("`{}` is open to more roles than `{label}`", field.name))
            }
        }
        Label::Classified { level: wanted, .. } => match level(contract, field) {
            Some((found, _)) if found >= *wanted => Ok(()),
            _ => Err(format!("`{}` is classified lower than {} and declares no mask", field.name, wanted.word())),
        },
    }
}

/// The fields of a contract whose values must not be shown: labelled, or masked where they leave.
#[must_use]
pub fn sensitive_fields(contract: &Contract) -> Vec<String> {
    let sensitive = |field: &&Field| field.sensitivity.mask.is_some() || !of_field(contract, field, "").is_empty();
    contract.fields.iter().filter(sensitive).map(|field| field.name.clone()).collect()
}

/// Whether a field has a label, or a stricter one.
pub(crate) fn carries(contract: &Contract, field: &Field, label: &Label) -> bool {
    let own = of_field(contract, field, "");
    own.iter().any(|own| match (own, label) {
        (Label::Pii(own), Label::Pii(other)) => own == other,
        (Label::Access(own), Label::Access(other)) => own.iter().all(|role| other.contains(role)),
        (Label::Classified { level: own, .. }, Label::Classified { level: other, .. }) => own >= other,
        _ => false,
    })
}
