//! P001: a sink or step that does not fulfil an unchanged contract any more.

use super::support::{CONTRACTS, diff, repository};
use runi_lang::diff::{Decision, Diff, Finding};

fn drift(diff: &Diff) -> Vec<&Finding> {
    diff.findings().filter(|finding| finding.change.rule.id == "P001").collect()
}

const PATH: &str = "features/trades.dsl";

fn pair(name: &str) -> String {
    std::fs::read_to_string(repository(&format!("fixtures/rules/P001/{name}.dsl"))).unwrap()
}

#[test]
fn the_pair_shows_drift_at_the_sink() {
    let (before, after) = (pair("before"), pair("after"));
    let contracts = ("contracts/all.contract", CONTRACTS);
    let diff = diff(&[contracts, (PATH, before.as_str())], &[contracts, (PATH, after.as_str())]);
    let found = drift(&diff);
    assert_eq!(found.len(), 1, "{found:#?}");
    let (finding, change) = (found[0], &found[0].change);
    assert_eq!((change.item.name.as_str(), change.part.as_str()), ("Clean trades", "trade_out"));
    assert_eq!(
        change.message,
        "the sink `trade_out` does not fulfil its contract: `TradeOut` wants `worth`, and the rows that reach the sink lack it"
    );
    assert_eq!((change.consumer.word(), change.producer.word()), ("drift", "drift"));
    assert_eq!((&finding.decision, finding.bump), (&Decision::Denied, runi_lang::diff::Bump::None));
    assert!(finding.help.contains("`worth`"), "{}", finding.help);
    for (spot, text) in [(&change.before, &before), (&change.after, &after)] {
        let spot = spot.as_ref().unwrap();
        assert_eq!(spot.path, PATH);
        assert!(text[usize::from(spot.range.start())..].starts_with("@sink("));
    }
    assert!(diff.is_denied() && diff.problems.is_empty(), "{:#?}", diff.problems);
}

#[test]
fn who_reads_the_sink_is_reached() {
    let contracts = ("contracts/all.contract", CONTRACTS);
    let reader = "Feature: Reports\n\nScenario: Report\n  @source(type=parquet, path=\"out/trades.parquet\", contract=TradeOut) as trades\n  @sink(type=csv, path=\"out/report.csv\", contract=TradeBrief)\n";
    let (before, after) = (pair("before"), pair("after"));
    let reader = ("features/reports.dsl", reader);
    let diff = diff(&[contracts, reader, (PATH, before.as_str())], &[contracts, reader, (PATH, after.as_str())]);
    let found = drift(&diff);
    let reached: Vec<(&str, u32)> = found[0].impact.iter().map(|hit| (hit.scenario.as_str(), hit.distance)).collect();
    assert!(reached.contains(&("Report", 1)), "{reached:?}");
}

#[test]
fn what_was_refused_before_is_no_drift() {
    let contracts = ("contracts/all.contract", CONTRACTS);
    let before = pair("after");
    let after = before.replace("no debt", "never negative");
    let diff = diff(&[contracts, (PATH, before.as_str())], &[contracts, (PATH, after.as_str())]);
    assert!(drift(&diff).is_empty());
}

#[test]
fn a_contract_that_changed_answers_for_itself() {
    let feature = pair("before");
    let wider = CONTRACTS.replace("  worth  float64\n", "  worth  float64\n  fee    float64\n");
    let (old, new) = (("contracts/all.contract", CONTRACTS), ("contracts/all.contract", wider.as_str()));
    let diff1 = diff(&[old, (PATH, feature.as_str())], &[new, (PATH, feature.as_str())]);
    assert!(drift(&diff1).is_empty() && diff1.findings().any(|finding| finding.change.rule.id == "F001"));
    // Another field of the same contract is not excused by that.
    let after = pair("after");
    let both = diff(&[old, (PATH, feature.as_str())], &[new, (PATH, after.as_str())]);
    let columns: Vec<&[String]> = drift(&both).iter().map(|finding| finding.change.columns.as_slice()).collect();
    assert_eq!(columns, [["worth".to_owned()]]);
}

#[test]
fn drift_comes_from_elsewhere_too() {
    let feature = "Feature: Trades\n\nScenario: Copy\n  @source(type=csv, path=\"data/trades.csv\", contract=Trade) as trades\n  @step(name=Tax)\n  @contract(Taxed)\n  @sink(type=csv, path=\"out/trades.csv\", contract=TradeBrief)\n";
    let step = "Feature: Steps\n\nStep: Tax() needs price float64 gives tax float64\n  @do tax = price * 0.1\n";
    let contracts = ("contracts/all.contract", CONTRACTS);
    let before = [contracts, ("features/copy.dsl", feature), ("features/steps.dsl", step)];
    // A reusable step in another file.
    let other = step.replace("tax", "duty");
    let diff1 = diff(&before, &[contracts, ("features/copy.dsl", feature), ("features/steps.dsl", other.as_str())]);
    let found = drift(&diff1);
    assert_eq!(found.len(), 1, "{:#?}", diff1.findings().map(|finding| &finding.change.message).collect::<Vec<_>>());
    assert_eq!(found[0].change.part, "Tax");
    assert!(
        found[0].change.message.starts_with("the step `Tax` does not fulfil its contract: `Taxed` wants `tax`"),
        "{}",
        found[0].change.message
    );
    assert!(diff1.sources_after.contains_key("features/copy.dsl") && diff1.sources_before.contains_key("features/copy.dsl"));
    // The contract of the source: a value that was always there may be missing now.
    let optional = CONTRACTS.replacen("  id         string  @required", "  id         string", 1);
    let plain = "Feature: Plain\n\nScenario: Plain\n  @source(type=csv, path=\"data/trades.csv\", contract=Trade) as trades\n  @sink(type=csv, path=\"out/plain.csv\", contract=TradeBrief)\n";
    let plain = ("features/plain.dsl", plain);
    let diff2 = diff(&[contracts, plain], &[("contracts/all.contract", optional.as_str()), plain]);
    let parts: Vec<&str> = drift(&diff2).iter().map(|finding| finding.change.part.as_str()).collect();
    assert_eq!(parts, ["trade_brief"]);
    assert!(diff2.findings().any(|finding| finding.change.rule.id == "N002"));
}

#[test]
fn the_workspace_sets_the_level() {
    let (before, after) = (pair("before"), pair("after"));
    let contracts = ("contracts/all.contract", CONTRACTS);
    let manifest = ("Runi.toml", "[compatibility.rules]\nP001 = \"warn\"\n");
    let diff = diff(&[contracts, manifest, (PATH, before.as_str())], &[contracts, manifest, (PATH, after.as_str())]);
    assert_eq!(drift(&diff)[0].decision, Decision::Warned);
    assert!(!diff.is_denied());
}
