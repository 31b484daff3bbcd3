//! Whom a change reaches, in the fixtures' own workspaces: exactly these, at these lines.

use super::support::{engine, repository, workspace};
use runi_lang::diff::Hit;
use runi_lang::diff::impact::{Package, Reach};
use runi_lang::ir::{NodeKind, Pipeline};
use runi_lang::sql::Influence;
use runi_lang::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The files of a fixture by path; data is there and empty.
fn files(name: &str) -> BTreeMap<String, String> {
    let root = repository("fixtures").join(name);
    let mut files = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let relative = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                if !relative.starts_with("out") && !relative.starts_with('.') {
                    open.push(path);
                }
                continue;
            }
            let is_text = Path::new(&relative).extension().is_some_and(|ext| ["dsl", "contract", "herd", "toml"].iter().any(|e| ext == *e));
            files.insert(relative, if is_text { std::fs::read_to_string(path).unwrap() } else { String::new() });
        }
    }
    files
}

fn opened(files: &BTreeMap<String, String>) -> (Workspace, Vec<String>) {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    workspace(&files)
}

fn planned(files: &BTreeMap<String, String>) -> Vec<Pipeline> {
    let (workspace, errors) = opened(files);
    assert_eq!(errors, Vec::<String>::new());
    workspace.pipelines(engine().as_ref(), &[]).unwrap()
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Hits for people.
fn told(hits: &[Hit]) -> Vec<String> {
    let line = |hit: &Hit| {
        let output = match (&hit.output, &hit.contract) {
            (Some(output), Some(contract)) => format!(" -> {contract}.{output}"),
            (Some(output), None) => format!(" -> {output}"),
            (None, _) => String::new(),
        };
        let how = hit.influence.map_or_else(|| "rows".to_owned(), |influence| format!("{influence:?}").to_lowercase());
        format!("{} {}:{} [{}] {}{output} ({how})", hit.distance, hit.path, hit.line, hit.stage, hit.column)
    };
    hits.iter().map(line).collect()
}

#[test]
fn a_column_is_followed_to_everything_that_is_made_of_it() {
    let mut files = files("flights");
    let pipelines = planned(&files);
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    let hits = reach.hits("Flight", &columns(&["dep_delay"]));
    insta::assert_snapshot!("flight_dep_delay", told(&hits).join("\n"));

    // Each line is that of the step, the sink or the check.
    for hit in &hits {
        let text = files[&hit.path].lines().nth(hit.line as usize - 1).unwrap().trim();
        let wanted = match hit.stage.as_str() {
            "then" => "And it says how late it left",
            "DelayAgrees" | "DelayClass" | "ByCarrierAndDay" | "ByBand" => "@step(name=",
            _ => "@sink(",
        };
        assert!(text.starts_with(wanted), "{hit:?} at `{text}`");
        let named = hit.contract.as_ref().is_none_or(|contract| text.contains(contract));
        let called = wanted != "@step(name=" || text.contains(&hit.stage);
        assert!(named && called, "{hit:?} at `{text}`");
    }

    // The compiler agrees: without the column, the first reader does not compile, and only files that were hit have errors.
    let contract = files.get_mut("contracts/flight.contract").unwrap();
    *contract = contract.replace("  dep_delay       int64           @unit(min)\n", "");
    let (workspace, errors) = opened(&files);
    assert!(!errors.is_empty());
    let broken: Vec<&str> = workspace.scenarios().filter(|(_, facts)| !facts.sound).map(|(_, facts)| facts.name.as_str()).collect();
    assert_eq!(broken, ["Clean departures"]);
    assert!(hits.iter().any(|hit| hit.scenario == "Clean departures" && hit.distance == 0));
}

/// The lineage that the compiler proves leaks with is another walk over the same scenarios.
#[test]
fn values_go_where_the_lineage_of_sinks_says() {
    let engine = engine();
    for name in ["flights", "trades"] {
        let pipelines = planned(&files(name));
        let reach = Reach::new(&pipelines, engine.as_ref());
        let mut compared = 0;
        for pipeline in &pipelines {
            let contract_of = |view: &str| {
                pipeline.nodes.iter().find(|node| node.name == view).and_then(|node| match &node.kind {
                    NodeKind::Source(source) => source.contract.as_ref().map(|binding| binding.contract.name.clone()),
                    _ => None,
                })
            };
            let mut expected: BTreeSet<(String, String, String, String, Influence)> = BTreeSet::new();
            for sink in &pipeline.lineage {
                for column in &sink.columns {
                    for (from, influence) in &column.from {
                        let contract = contract_of(&from.view).unwrap();
                        expected.insert((contract, from.column.clone(), sink.sink.clone(), column.column.clone(), *influence));
                    }
                }
            }
            let mut found = BTreeSet::new();
            for node in pipeline.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Source(_))) {
                let contract = contract_of(&node.name).unwrap();
                for column in node.schema.names() {
                    for hit in reach.hits(&contract, &columns(&[column])) {
                        if let (0, true, Some(sink), Some(output), Some(influence)) =
                            (hit.distance, hit.scenario == pipeline.scenario, hit.sink, hit.output, hit.influence)
                        {
                            found.insert((contract.clone(), column.to_owned(), sink, output, influence));
                        }
                    }
                }
            }
            assert_eq!(found, expected, "{}", pipeline.scenario);
            compared += found.len();
        }
        assert!(compared > 20, "{name}: {compared}");
    }
}

#[test]
fn a_column_that_only_decides_rows_is_hit_without_an_influence() {
    let pipelines = planned(&files("flights"));
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    // The key of a join, and a reference of another contract.
    let hits = reach.hits("Airport", &columns(&["faa"]));
    assert_eq!(told(&hits), ["0 features/bronze.dsl:7 [flights] faa (rows)", "0 features/silver.dsl:58 [Joined] faa (rows)"]);
    // A route.
    let hits = reach.hits("Flight", &columns(&["dep_time"]));
    let route = hits.iter().find(|hit| hit.stage == "cancelled_flight").unwrap();
    assert_eq!((route.sink.as_ref(), route.influence), (None, None));
}

#[test]
fn a_column_that_nobody_reads_hits_nobody() {
    let pipelines = planned(&files("flights"));
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    for (contract, column) in [("Plane", "engine"), ("Plane", "nope"), ("Airport", "dst"), ("Nope", "x"), ("CarrierDay", "late")] {
        assert_eq!(told(&reach.hits(contract, &columns(&[column]))), Vec::<String>::new(), "{contract}.{column}");
    }
}

#[test]
fn a_whole_contract_is_followed_by_scenario() {
    let pipelines = planned(&files("flights"));
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    let told: Vec<String> = reach.hits("FlightRaw", &[]).iter().map(|hit| format!("{} {}", hit.distance, hit.scenario)).collect();
    let wanted =
        ["0 Ingest flights", "1 Clean departures", "2 Join weather and planes", "3 Delay by carrier and day", "3 Weather and delay"];
    assert_eq!(told, wanted);
}

#[test]
fn sensitive_columns_go_on_under_other_names() {
    let pipelines = planned(&files("trades"));
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    insta::assert_snapshot!("trade_raw_instrument", told(&reach.hits("TradeRaw", &columns(&["instrument.isin", "price"]))).join("\n"));
}

#[test]
fn a_reusable_step_reaches_what_is_made_of_its_columns() {
    let pipelines = planned(&files("flights"));
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    let hits = told(&reach.step_hits("DelayClass", &[]));
    let wanted = [
        "0 features/silver.dsl:23 [DelayClass]  (rows)",
        "0 features/silver.dsl:28 [flown_flight] delay_class -> FlownFlight.delay_class (identity)",
        "1 features/silver.dsl:80 [departure] delay_class -> Departure.delay_class (identity)",
    ];
    assert_eq!(hits, wanted);
    assert_eq!(told(&reach.step_hits("DelayClass@2", &[])), Vec::<String>::new());
    assert_eq!(
        told(&reach.step_hits("ClockToMinutes", &columns(&["arr_time"]))).iter().filter(|hit| hit.contains("arr_minute")).count(),
        1
    );
}

#[test]
fn a_sink_and_a_step_have_readers() {
    let pipelines = planned(&files("flights"));
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    let scenarios = |hits: Vec<Hit>| -> Vec<String> { hits.iter().map(|hit| format!("{} {}", hit.distance, hit.scenario)).collect() };
    let flown = ["1 Join weather and planes", "2 Delay by carrier and day", "2 Weather and delay"];
    assert_eq!(scenarios(reach.sink_hits("Clean departures", "flown_flight")), flown);
    assert_eq!(scenarios(reach.sink_hits("Clean departures", "")), flown);
    assert_eq!(scenarios(reach.sink_hits("Clean departures", "cancelled_flight")), Vec::<String>::new());
    assert_eq!(
        told(&reach.stage_hits("Join weather and planes", "GroundSpeed")),
        [
            "0 features/silver.dsl:66 [GroundSpeed]  (rows)",
            "0 features/silver.dsl:80 [departure] ground_speed -> Departure.ground_speed (identity)",
        ]
    );
}

#[test]
fn writers_are_told_apart_from_readers() {
    let pipelines = planned(&files("flights"));
    let engine = engine();
    let reach = Reach::new(&pipelines, engine.as_ref());
    assert_eq!(
        told(&reach.writers("Departure", &columns(&["dep_delay"]))),
        ["0 features/silver.dsl:80 [departure] dep_delay -> Departure.dep_delay (identity)"]
    );
    assert_eq!(reach.writers("FlightRaw", &[]), Vec::<Hit>::new());
}

/// A workspace that copies one file to another.
fn copy(scenario: &str, from: &str, to: &str) -> Vec<Pipeline> {
    let feature = format!(
        "Feature: Copies\n\nScenario: {scenario}\n  Given rows\n  @source(type=csv, path=\"${{in}}\", contract=Row) as rows\n\n  Then they are kept\n  @sink(type=csv, path=\"${{out}}\", contract=Row)\n"
    );
    let manifest = format!("[env.dev.vars]\nin = \"{from}\"\nout = \"{to}\"\n");
    let contract = "Contract: Row\n\n  id  string  @required\n";
    let (workspace, _) = workspace(&[("Runi.toml", &manifest), ("contracts/row.contract", contract), ("features/copy.dsl", &feature)]);
    workspace.pipelines(engine().as_ref(), &[]).unwrap()
}

/// Another workspace of the repository.
fn package(name: &str, directory: &str, pipelines: Vec<Pipeline>) -> Package {
    Package { name: name.to_owned(), directory: directory.to_owned(), pipelines }
}

/// Scenario, path, distance and package of each hit.
fn whom(hits: &[Hit]) -> Vec<String> {
    let line = |hit: &Hit| {
        let package = hit.package.as_ref().map_or(String::new(), |package| format!(" of {package}"));
        format!("{} {}{package} at {}", hit.distance, hit.scenario, hit.path)
    };
    let mut lines: Vec<String> = hits.iter().map(line).collect();
    lines.dedup();
    lines
}

#[test]
fn another_workspace_is_reached_by_absolute_paths() {
    let engine = engine();
    let own = copy("First", "/srv/in.csv", "/srv/shared.csv");
    let other = package("reports", "teams/reports", copy("Second", "/srv/shared.csv", "/srv/out.csv"));
    assert_eq!((own.len(), other.pipelines.len()), (1, 1));
    let mut reach = Reach::within("teams/trades", &own, engine.as_ref());
    reach.add_package(&other);
    let hits = reach.hits("Row", &columns(&["id"]));
    assert_eq!(whom(&hits), ["0 First at features/copy.dsl", "0 Second of reports at ../reports/features/copy.dsl"]);
    assert!(hits.iter().all(|hit| hit.influence == Some(Influence::Identity)));
}

#[test]
fn relative_paths_are_those_of_each_workspace() {
    let engine = engine();
    let own = copy("First", "in.csv", "shared.csv");
    let reached = |directory: &str, from: &str| {
        let other = package("reports", directory, copy("Second", from, "out.csv"));
        let mut reach = Reach::within("teams/trades", &own, engine.as_ref());
        reach.add_package(&other);
        whom(&reach.sink_hits("First", ""))
    };
    assert_eq!(reached("teams/reports", "shared.csv"), Vec::<String>::new(), "the same relative path is another file there");
    assert_eq!(reached("", "teams/trades/shared.csv"), ["1 Second of reports at ../../features/copy.dsl"]);
    assert_eq!(reached("", "teams/*/shared.csv"), ["1 Second of reports at ../../features/copy.dsl"]);
    assert_eq!(reached("teams", "trades/shared.csv"), ["1 Second of reports at ../features/copy.dsl"]);
    assert_eq!(reached("teams/reports", "../trades/shared.csv"), Vec::<String>::new(), "`..` is refused by every workspace");
}

#[test]
fn whoever_shares_the_files_of_a_contract_is_reached() {
    let engine = engine();
    let own = copy("First", "data/in.csv", "out/first.csv");
    let reader = package("reports", "", copy("Second", "trades/data/in.csv", "second.csv"));
    let writer = package("feeds", "", copy("Third", "raw.csv", "trades/data/in.csv"));
    let mut reach = Reach::within("trades", &own, engine.as_ref());
    reach.add_package(&reader);
    reach.add_package(&writer);
    assert_eq!(whom(&reach.hits("Row", &[])), ["0 First at features/copy.dsl", "0 Second of reports at ../features/copy.dsl"]);
    let writers = reach.writers("Row", &columns(&["id"]));
    assert_eq!(whom(&writers), ["0 First at features/copy.dsl", "0 Third of feeds at ../features/copy.dsl"]);
    assert_eq!(writers[1].output.as_deref(), Some("id"));
}
