//! `@accept` above scenarios and reusable steps.

use super::support::{CONTRACTS, diff};
use runi_lang::diff::{Decision, Diff};

const BEFORE: &str = r#"Feature: Trades

@module(domain=finance)
Scenario: Move trades
  @source(type=csv, path="data/trades.csv", contract=Trade) as trades
  @sink(type=csv, path="out/a.csv", contract=TradeBrief, name=moved)
  @sink(type=csv, path="out/b.csv", contract=TradeBrief, name=other)

Step: Trim(column: column<string>)
  @do $column = trim($column)
"#;

/// The change that is accepted: both sinks write elsewhere, and the step does something else.
fn after(scenario: &str, step: &str) -> String {
    let moved = BEFORE.replace("out/a.csv", "out/c.csv").replace("out/b.csv", "out/d.csv").replace("trim($column)", "lower($column)");
    let moved = moved.replace("@module", &format!("{scenario}@module"));
    moved.replace("Step: Trim", &format!("{step}Step: Trim"))
}

fn compared(after: &str) -> Diff {
    let contracts = ("contracts/all.contract", CONTRACTS);
    diff(&[contracts, ("features/trades.dsl", BEFORE)], &[contracts, ("features/trades.dsl", after)])
}

/// Rule, part, decision of everything that is not simply allowed, and of acceptances.
fn told(diff: &Diff) -> Vec<String> {
    let finding = |finding: &runi_lang::diff::Finding| {
        let decision = match &finding.decision {
            Decision::Accepted { by, .. } => format!("accepted by {by}"),
            other => format!("{other:?}").to_lowercase(),
        };
        format!("{} {} [{}] {decision}", finding.change.rule.id, finding.change.item.name, finding.change.part)
    };
    let mut told: Vec<String> = diff.findings().map(finding).collect();
    told.sort();
    told
}

#[test]
fn nothing_is_accepted_that_nobody_answers_for() {
    let told = told(&compared(&after("", "")));
    assert_eq!(told, ["R003 Move trades [moved] warned", "R003 Move trades [other] warned", "W006 Trim [] warned"]);
}

#[test]
fn a_scenario_accepts_for_one_sink_or_for_all() {
    let one = "@accept(R003, on=moved, until=2026-11-22, because=\"moved\", by=\"@desk\")\n";
    let diff = compared(&after(one, ""));
    let found = told(&diff);
    assert!(found.contains(&"R003 Move trades [moved] accepted by @desk".to_owned()), "{found:?}");
    assert!(found.contains(&"R003 Move trades [other] warned".to_owned()), "{found:?}");
    // The acceptance itself is a change that reviewers see, where it stands.
    let own = diff.findings().find(|finding| finding.change.rule.id == "X007").unwrap();
    assert_eq!(own.change.message, "accepts `R003` on `moved` until 2026-11-22, by @desk (\"moved\")");
    let spot = own.change.after.as_ref().unwrap();
    assert_eq!((spot.path.as_str(), own.change.item.name.as_str()), ("features/trades.dsl", "Move trades"));
    assert!(diff.sources_after["features/trades.dsl"][usize::from(spot.range.start())..].starts_with("@accept(R003"));

    let both = "@accept(sink-moved, until=2027-01-01, because=\"moved\", by=\"@desk\")\n";
    let found = told(&compared(&after(both, "")));
    assert_eq!(found.iter().filter(|line| line.starts_with("R003") && line.ends_with("accepted by @desk")).count(), 2, "{found:?}");
}

#[test]
fn a_step_accepts_for_itself_alone() {
    let accept = "@accept(W006, until=2027-01-01, because=\"as agreed\", by=\"@desk\")\n@accept(R003, until=2027-01-01, because=\"no\", by=\"@desk\")\n";
    let found = told(&compared(&after("", accept)));
    assert!(found.contains(&"W006 Trim [] accepted by @desk".to_owned()), "{found:?}");
    assert!(found.contains(&"R003 Move trades [moved] warned".to_owned()), "{found:?}");
    assert_eq!(found.iter().filter(|line| line.starts_with("X007 Trim")).count(), 2, "{found:?}");
}

#[test]
fn an_acceptance_that_is_over_or_names_nothing_accepts_nothing_and_says_so() {
    for (accept, code) in [
        ("@accept(R003, until=2026-11-21, because=\"moved\", by=\"@desk\")\n", "W0922"),
        ("@accept(R999, until=2027-01-01, because=\"moved\", by=\"@desk\")\n", "W0921"),
    ] {
        let diff = compared(&after(accept, ""));
        assert!(told(&diff).contains(&"R003 Move trades [moved] warned".to_owned()), "{:?}", told(&diff));
        let problem = diff.problems.iter().find(|problem| problem.code == code).unwrap();
        assert!(problem.message.contains("`Move trades`"), "{}", problem.message);
        assert!(
            problem
                .place
                .text_range()
                .is_some_and(|range| diff.sources_after["features/trades.dsl"][usize::from(range.start())..].starts_with("@accept("))
        );
    }
}

#[test]
fn drift_and_removals_can_be_accepted_too() {
    let drift = BEFORE.replace("  @sink(type=csv, path=\"out/a", "  @step(name=Short)\n    @do drop id\n\n  @sink(type=csv, path=\"out/a");
    let accept = "@accept(P001, on=moved, until=2027-01-01, because=\"for a week\", by=\"@desk\")\n@module";
    let diff = compared(&drift.replacen("@module", accept, 1));
    let found = told(&diff);
    assert!(found.contains(&"P001 Move trades [moved] accepted by @desk".to_owned()), "{found:?}");
    assert!(found.contains(&"P001 Move trades [other] denied".to_owned()), "{found:?}");
    // What is gone can only have been accepted by what was there; a new acceptance above nothing has no place.
    let gone = BEFORE.split("Step:").next().unwrap();
    let removed = told(&compared(gone));
    assert!(removed.iter().any(|line| line.starts_with("I") && line.contains("Trim")), "{removed:?}");
}
