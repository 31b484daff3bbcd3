//! Selectors: scenarios by name, tag and graph; and the order in which scenarios run.
//!
//! ```text
//! trades            the scenario with this slug or exact name; globs such as `trades-*` work
//! tag:nightly       every scenario with the tag `@nightly` (also written `@nightly`)
//! layer:silver      every scenario of the layer
//! domain:finance    every scenario of the domain
//! +trades           the scenario and everything that it reads from, however far
//! trades+           the scenario and everything that reads from it
//! +trades+          both
//! ```

mod graph;

pub use graph::Graph;

use crate::check::ScenarioFacts;
use crate::diagnostics::nearest;
use globset::GlobBuilder;
use std::collections::BTreeSet;

/// One selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// What it matches.
    pub target: Target,
    /// Whether it takes what the matches read from.
    pub upstream: bool,
    /// Whether it takes what reads from the matches.
    pub downstream: bool,
}

/// What a selector matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A slug, an exact name, or a glob over slugs.
    Name(String),
    /// A tag.
    Tag(String),
    /// A layer.
    Layer(String),
    /// A domain.
    Domain(String),
}

/// Why nothing was selected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The selector has no name in it.
    #[error("the selector `{0}` is empty")]
    Empty(String),
    /// Nothing matches.
    #[error("no scenario matches `{selector}`")]
    NoMatch {
        /// As written.
        selector: String,
        /// The scenario that was probably meant.
        near: Option<String>,
    },
    /// The selected scenarios read each other's output in a circle.
    #[error("the scenarios {} read each other's output in a circle", .0.join(", "))]
    Cycle(Vec<String>),
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// [`SelectError::Empty`] when nothing is named.
    pub fn parse(text: &str) -> Result<Self, SelectError> {
        let trimmed = text.trim();
        let (upstream, rest) = trimmed.strip_prefix('+').map_or((false, trimmed), |rest| (true, rest));
        let (downstream, rest) = rest.strip_suffix('+').map_or((false, rest), |rest| (true, rest));
        let target = match rest.split_once(':') {
            Some(("tag", tag)) => Target::Tag(tag.trim_start_matches('@').to_owned()),
            Some(("layer", layer)) => Target::Layer(layer.to_owned()),
            Some(("domain", domain)) => Target::Domain(domain.to_owned()),
            _ => match rest.strip_prefix('@') {
                Some(tag) => Target::Tag(tag.to_owned()),
                None => Target::Name(rest.to_owned()),
            },
        };
        let (Target::Name(word) | Target::Tag(word) | Target::Layer(word) | Target::Domain(word)) = &target;
        if word.is_empty() { Err(SelectError::Empty(text.to_owned())) } else { Ok(Self { target, upstream, downstream }) }
    }

    fn matches(&self, scenario: &ScenarioFacts) -> bool {
        match &self.target {
            Target::Name(name) => {
                let glob = || GlobBuilder::new(name).build().is_ok_and(|glob| glob.compile_matcher().is_match(&scenario.slug));
                scenario.slug == *name || scenario.name == *name || (is_glob(name) && glob())
            }
            Target::Tag(tag) => scenario.labels.iter().any(|label| label.trim_start_matches('@') == tag),
            Target::Layer(layer) => scenario.layer.as_ref() == Some(layer),
            Target::Domain(domain) => scenario.domain.as_ref() == Some(domain),
        }
    }
}

/// Whether a path or name holds a glob's characters.
#[must_use]
pub fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// The selected scenarios, as indexes into `scenarios`, each after everything that it reads from.
///
/// No selector selects everything.
///
/// # Errors
/// When a selector is empty or matches nothing, or the selection has a circle.
pub fn select(scenarios: &[ScenarioFacts], selectors: &[String]) -> Result<Vec<usize>, SelectError> {
    let graph = Graph::new(scenarios);
    let mut chosen: BTreeSet<usize> = BTreeSet::new();
    if selectors.is_empty() {
        chosen.extend(0..scenarios.len());
    }
    for text in selectors {
        let selector = Selector::parse(text)?;
        let found: Vec<usize> = (0..scenarios.len()).filter(|i| scenarios.get(*i).is_some_and(|s| selector.matches(s))).collect();
        if found.is_empty() {
            let near = match &selector.target {
                Target::Name(name) => nearest(name, scenarios.iter().map(|s| s.slug.as_str())).map(str::to_owned),
                Target::Tag(_) | Target::Layer(_) | Target::Domain(_) => None,
            };
            return Err(SelectError::NoMatch { selector: text.clone(), near });
        }
        if selector.upstream {
            chosen.extend(graph.reachable(&found, true));
        }
        if selector.downstream {
            chosen.extend(graph.reachable(&found, false));
        }
        chosen.extend(found);
    }
    let order = graph.order(&chosen);
    let named = |cycle: &[usize]| cycle.iter().filter_map(|i| scenarios.get(*i)).map(|s| format!("`{}`", s.slug)).collect();
    order.map_err(|cycle| SelectError::Cycle(named(&cycle)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn scenario(slug: &str, inputs: &[&str], outputs: &[&str]) -> ScenarioFacts {
        let owned = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        ScenarioFacts {
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            inputs: owned(inputs),
            outputs: owned(outputs),
            ..ScenarioFacts::default()
        }
    }

    fn chain() -> Vec<ScenarioFacts> {
        let mut scenarios = vec![
            scenario("report", &["silver/*.parquet"], &["gold/report.csv"]),
            scenario("clean", &["bronze/trades.jsonl"], &["silver/trades.parquet"]),
            scenario("ingest", &["data/trades.csv"], &["bronze/trades.jsonl"]),
            scenario("other", &["data/other.csv"], &["out/other.csv"]),
        ];
        scenarios[3].labels = vec!["nightly".to_owned()];
        scenarios[1].layer = Some("silver".to_owned());
        scenarios
    }

    fn slugs(selectors: &[&str]) -> Vec<String> {
        let scenarios = chain();
        let selectors: Vec<String> = selectors.iter().map(|s| (*s).to_owned()).collect();
        select(&scenarios, &selectors).unwrap().into_iter().map(|i| scenarios[i].slug.clone()).collect()
    }

    #[test]
    fn everything_runs_after_what_it_reads() {
        assert_eq!(slugs(&[]), ["ingest", "clean", "report", "other"]);
    }

    #[test]
    fn selectors_follow_the_graph() {
        assert_eq!(slugs(&["clean"]), ["clean"]);
        assert_eq!(slugs(&["CLEAN"]), ["clean"]);
        assert_eq!(slugs(&["+clean"]), ["ingest", "clean"]);
        assert_eq!(slugs(&["clean+"]), ["clean", "report"]);
        assert_eq!(slugs(&["+clean+"]), ["ingest", "clean", "report"]);
        assert_eq!(slugs(&["@nightly", "layer:silver"]), ["clean", "other"]);
        assert_eq!(slugs(&["tag:nightly"]), ["other"]);
        assert_eq!(slugs(&["*e*"]), ["ingest", "clean", "report", "other"]);
    }

    #[test]
    fn what_matches_nothing_is_an_error_with_a_suggestion() {
        let error = select(&chain(), &["claen".to_owned()]).unwrap_err();
        assert_eq!(error, SelectError::NoMatch { selector: "claen".to_owned(), near: Some("clean".to_owned()) });
        assert_eq!(select(&chain(), &["++".to_owned()]).unwrap_err(), SelectError::Empty("++".to_owned()));
    }

    #[test]
    fn a_circle_has_no_order() {
        let scenarios = [scenario("a", &["y"], &["x"]), scenario("b", &["x"], &["y"]), scenario("c", &["x"], &[])];
        assert_eq!(Graph::new(&scenarios).cycles(), [vec![0, 1]]);
        let error = select(&scenarios, &[]).unwrap_err();
        assert_eq!(error, SelectError::Cycle(vec!["`a`".to_owned(), "`b`".to_owned()]));
    }

    #[test]
    fn a_scenario_that_reads_its_own_output_is_a_circle() {
        let scenarios = [scenario("a", &["out/*.csv"], &["out/a.csv"])];
        assert_eq!(Graph::new(&scenarios).cycles(), [vec![0]]);
    }
}
