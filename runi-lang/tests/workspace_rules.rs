//! What holds of a workspace as a whole: unique names, things that must exist, order between scenarios.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use runi_lang::diagnostic::render::concise;
use runi_lang::workspace::{OpenError, Report, Workspace};
use std::path::Path;
use support::{codes, contract, copy, engine, workspace};

fn check(files: &[(&str, &str)]) -> Report {
    workspace(files).1.check(engine).unwrap()
}

fn shown(report: &Report) -> String {
    concise(&report.diagnostics, &report.sources)
}

#[test]
fn names_are_unique_across_files() {
    let trade = contract("Trade", "id");
    let step = "Feature: F\n\n@module(domain=common)\nStep: Trim(column: column<string>)\n  @do $column = trim($column)\n";
    let elsewhere = step.replace("domain=common", "domain=finance");
    let report = check(&[
        ("contracts/a.contract", &trade),
        ("contracts/b.contract", &format!("\n{trade}")),
        ("features/a.dsl", step),
        ("features/b.dsl", step),
        ("features/c.dsl", &elsewhere),
        ("features/d.dsl", &copy("Copy It", "Trade", "data/a.csv", "out/a.csv")),
        ("features/e.dsl", &copy("copy it", "Trade", "data/a.csv", "out/b.csv")),
        ("data/a.csv", ""),
    ]);
    let text = shown(&report);
    assert!(text.contains("contracts/b.contract:2:11: error[E0605] the contract `Trade` is declared twice"), "{text}");
    assert!(text.contains("features/b.dsl:4:7: error[E0607] the step `Trim` is declared twice in its domain"), "{text}");
    assert!(text.contains("features/e.dsl:3:11: error[E0606]"), "{text}");
    assert_eq!(report.diagnostics.iter().filter(|d| d.code.starts_with("E06")).count(), 3, "{text}");
    let first = &report.diagnostics.iter().find(|d| d.code == "E0605").unwrap().labels[0];
    assert_eq!(first.place.path, "contracts/a.contract");
    assert!(first.place.text_range().is_some());
}

#[test]
fn a_missing_source_is_reported_with_the_nearest_file() {
    let feature = copy("Copy", "Trade", "data/trdaes.csv", "out/a.csv");
    let report = check(&[("contracts/t.contract", &contract("Trade", "id")), ("features/a.dsl", &feature), ("data/trades.csv", "")]);
    assert_eq!(codes(&report), ["features/a.dsl:E0608"]);
    assert_eq!(report.diagnostics[0].help.as_deref(), Some("write `data/trades.csv`"));
}

#[test]
fn what_a_sink_writes_need_not_exist() {
    let report = check(&[
        ("contracts/t.contract", &contract("Trade", "id")),
        ("features/a.dsl", &copy("First", "Trade", "data/a.csv", "out/a.csv")),
        ("features/b.dsl", &copy("Second", "Trade", "out/*.csv", "gold/b.csv")),
        ("features/c.dsl", &copy("Third", "Trade", "gold/b.csv", "gold/c.csv")),
        ("data/a.csv", ""),
    ]);
    assert_eq!(codes(&report), Vec::<String>::new());
}

#[test]
fn paths_stay_inside_unless_an_environment_says_otherwise() {
    let files = [
        ("contracts/t.contract", contract("Trade", "id")),
        ("features/a.dsl", copy("Copy", "Trade", "../other/a.csv", "out/a.csv")),
        ("features/b.dsl", copy("Bound", "Trade", "/etc/a.csv", "out/b.csv")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(codes(&check(&files)), ["features/a.dsl:E0615", "features/b.dsl:E0615"]);
}

#[test]
fn sinks_and_alerts_write_only_data_and_only_inside() {
    for path in [
        "../w.csv",
        "/tmp/w.csv",
        "features/a.dsl",
        "Runi.toml",
        "contracts/new.contract",
        ".git/config",
        ".runi/runs/log.jsonl",
        "./features",
    ] {
        let sink = copy("Copy", "Trade", "data/a.csv", path);
        let alert = format!("{}\n  @alert(on=any, to=\"{path}\")\n", copy("Copy", "Trade", "data/a.csv", "out/a.csv").trim_end());
        for text in [sink, alert] {
            let report = check(&[("contracts/t.contract", &contract("Trade", "id")), ("features/f.dsl", &text), ("data/a.csv", "")]);
            assert_eq!(
                codes(&report),
                if text.contains("alert") && !path.contains(['/', '.']) { vec![] } else { vec!["features/f.dsl:E0615"] },
                "{path}"
            );
        }
    }
}

#[test]
fn two_spellings_of_a_path_are_one_file() {
    let text = copy("Copy", "Trade", "data/a.csv", "data//./a.csv");
    let report = check(&[("contracts/t.contract", &contract("Trade", "id")), ("features/f.dsl", &text), ("data/a.csv", "")]);
    assert!(report.diagnostics.iter().any(|d| d.message.contains("data/a.csv")), "{}", shown(&report));
}

#[test]
fn a_golden_that_was_never_written_is_no_error() {
    let text = format!(
        "{}\n  @golden(input=\"data/a.csv\", output=\"golden/new.jsonl\")\n",
        copy("Copy", "Trade", "data/a.csv", "out/a.csv").trim_end()
    );
    let report = check(&[("contracts/t.contract", &contract("Trade", "id")), ("features/f.dsl", &text), ("data/a.csv", "")]);
    assert_eq!(codes(&report), Vec::<String>::new());
}

#[test]
fn scenarios_in_a_circle_are_named() {
    let report = check(&[
        ("contracts/t.contract", &contract("Trade", "id")),
        ("features/a.dsl", &copy("A", "Trade", "y.csv", "x.csv")),
        ("features/b.dsl", &copy("B", "Trade", "x.csv", "y.csv")),
    ]);
    assert_eq!(codes(&report), ["features/a.dsl:E0613"]);
    assert_eq!(report.diagnostics[0].label, "`a` → `b` → `a`");
}

#[test]
fn a_rebinding_that_meets_nothing_is_a_warning_that_can_be_denied() {
    let manifest = "[env.dev.sources.rowz]\npath = \"data/a.csv\"\n";
    let feature = copy("Copy", "Trade", "data/a.csv", "out/a.csv");
    let trade = contract("Trade", "id");
    let check = |manifest: &str| {
        check(&[("Runi.toml", manifest), ("contracts/t.contract", &trade), ("features/a.dsl", &feature), ("data/a.csv", "")])
    };
    let report = check(manifest);
    assert_eq!(shown(&report), "Runi.toml:1:18: warning[W0612] no source is called `rowz`\n");
    assert!(!report.has_errors());
    assert!(check(&format!("{manifest}[lints]\nunused-rebind = \"deny\"\n")).has_errors());
    assert_eq!(codes(&check(&format!("{manifest}[lints]\nW0612 = \"allow\"\n"))), Vec::<String>::new());
}

#[test]
fn herds_are_read_and_must_be_unique() {
    let report =
        check(&[("herds/a.herd", "name = \"finance\"\n"), ("herds/b.herd", "name = \"finance\"\n"), ("herds/c.herd", "naem = \"x\"\n")]);
    assert_eq!(codes(&report), ["herds/b.herd:E0614", "herds/c.herd:E0602"]);
}

#[test]
fn many_problems_of_one_file_are_counted_not_all_shown() {
    let keys: String = (0..70).map(|i| format!("unknown_{i} = 1\n")).collect();
    let report = check(&[("Runi.toml", &keys)]);
    assert_eq!((report.diagnostics.len(), report.hidden["Runi.toml"]), (50, 20));
}

#[test]
fn opening_says_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Workspace::open(dir.path(), None), Err(OpenError::NotAWorkspace(_))));
    std::fs::write(dir.path().join("Runi.toml"), "[env.prod]\n").unwrap();
    let deep = dir.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    assert_eq!(Workspace::open(&deep, None).unwrap().root(), Some(dir.path()));
    let error = Workspace::open(Path::new(&deep), Some("prdo")).unwrap_err();
    assert_eq!(error.to_string(), "`Runi.toml` has no environment `prdo`; it has `dev`, `prod`");
}

#[test]
fn a_fix_is_taken_only_when_it_breaks_nothing() {
    let (_, mut workspace) = workspace(&[("Runi.toml", "[workspace]\nnmae = \"shop\"\n")]);
    let report = workspace.check(engine).unwrap();
    let changes = workspace.fix(&report, true, engine).unwrap();
    assert_eq!(changes.files["Runi.toml"], "[workspace]\nname = \"shop\"\n");
    assert_eq!(changes.applied, ["write `name`"]);

    let (_, mut workspace) = support::workspace(&[("Runi.toml", "[workspace]\nnmae = 3\n[paths]\nfeaturse = [\"features\"]\n")]);
    let report = workspace.check(engine).unwrap();
    let changes = workspace.fix(&report, true, engine).unwrap();
    assert_eq!(changes.refused, ["write `name`"], "the renamed key would have the wrong type");
    assert_eq!(changes.applied, ["write `features`"]);
    assert_eq!(changes.files["Runi.toml"], "[workspace]\nnmae = 3\n[paths]\nfeatures = [\"features\"]\n");
}

#[test]
fn a_file_of_ours_outside_of_its_folder_is_told_of() {
    let report = check(&[
        ("Runi.toml", "[paths]\nexclude = [\"drafts/**\"]\n"),
        ("orders.dsl", ""),
        ("contracts/a.dsl", ""),
        ("features/a.contract", ""),
        ("features/a.feature", ""),
        ("drafts/b.dsl", ""),
        ("features/notes.md", ""),
    ]);
    let found: Vec<String> = codes(&report);
    assert_eq!(found, ["contracts/a.dsl:W0618", "features/a.contract:W0618", "features/a.feature:W0618", "orders.dsl:W0618"]);
    let help = |path: &str| report.diagnostics.iter().find(|d| d.place.path == path).and_then(|d| d.help.clone()).unwrap();
    assert!(help("features/a.contract").starts_with("put it below `contracts/`"), "{}", help("features/a.contract"));
    assert_eq!(help("features/a.feature"), "call it `*.dsl` and put it below `features/`");
}
