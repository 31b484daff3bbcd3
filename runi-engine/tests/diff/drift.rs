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

/// The pair of a rule about outputs, with something else in the new version or in the contracts.
fn outputs(rule: &str, contracts: &str) -> Diff {
    let read = |side: &str| std::fs::read_to_string(repository(&format!("fixtures/rules/{rule}/{side}.dsl"))).unwrap();
    let contracts = ("contracts/all.contract", contracts);
    diff(&[contracts, (PATH, &read("before"))], &[contracts, (PATH, &read("after"))])
}

fn of<'d>(diff: &'d Diff, rule: &str) -> Vec<&'d Finding> {
    diff.findings().filter(|finding| finding.change.rule.id == rule).collect()
}

#[test]
fn a_column_that_a_reader_asks_for_is_denied_by_name() {
    let lost = outputs("P002", CONTRACTS);
    let found = of(&lost, "P002");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].change.item.name.as_str(), found[0].change.part.as_str()), ("Clean trades", "trades.quantity"));
    assert_eq!(
        found[0].change.message,
        "the sink `trades` no longer writes `quantity`, which the source `trades` of \"Brief\" (BySymbol) reads"
    );
    assert_eq!(found[0].decision, Decision::Denied);
    assert!(found[0].impact.iter().any(|hit| hit.scenario == "Brief" && hit.distance == 1), "{:?}", found[0].impact);
    assert!(found[0].change.before.is_some() && found[0].change.after.is_some());
    assert!(lost.problems.is_empty(), "{:#?}", lost.problems);

    let retyped = outputs("P003", CONTRACTS);
    let found = of(&retyped, "P003");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        found[0].change.message,
        "the sink `trades` now writes `quantity` as `float64`, was `int64`, and the source `trades` of \"Brief\" (BySymbol) takes `int64`"
    );
    assert_eq!(found[0].decision, Decision::Denied);
}

#[test]
fn what_a_reader_lets_pass_is_left_to_review() {
    let lax = CONTRACTS.replace("Contract: BySymbol\n", "Contract: BySymbol\n  @drift(missing=warn, retyped=warn)\n");
    for rule in ["P002", "P003"] {
        let diff = outputs(rule, &lax);
        assert_eq!(of(&diff, rule).iter().map(|finding| &finding.decision).collect::<Vec<_>>(), [&Decision::Warned], "{rule}");
        assert!(!diff.is_denied());
    }
    // A required field is never lacked, whatever the policy.
    let strict = lax.replace("  symbol    string\n  quantity  int64\n", "  symbol    string\n  quantity  int64  @required\n");
    let diff = outputs("P002", &strict);
    assert_eq!(of(&diff, "P002")[0].decision, Decision::Denied);
    assert!(of(&diff, "P002")[0].change.message.ends_with("requires"), "{}", of(&diff, "P002")[0].change.message);
}

#[test]
fn a_column_that_nobody_asks_for_may_go() {
    let other =
        CONTRACTS.replace("Contract: BySymbol\n\n  symbol    string\n  quantity  int64\n", "Contract: BySymbol\n\n  symbol    string\n");
    for rule in ["P002", "P003"] {
        assert!(of(&outputs(rule, &other), rule).is_empty(), "{rule}");
    }
    let wider = CONTRACTS.replace("  quantity  int64\n\nContract: Taxed", "  quantity  float64\n\nContract: Taxed");
    assert!(of(&outputs("P003", &wider), "P003").is_empty());
}
