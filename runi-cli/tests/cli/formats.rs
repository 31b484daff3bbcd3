//! What commands print: data on stdout in stable formats, talk on stderr.

use crate::support::{COPY, Done, Space, stable};
use serde_json::Value;

/// One error of the language, one of a name with a fix, one warning.
fn broken() -> Space {
    let space = Space::rows_with("id,name\n1,a\n", &[("contract=Row", "contract=Rwo")]);
    space.write(
        "features/other.dsl",
        COPY.replace("Copies", "Others")
            .replace("Copy rows", "Other")
            .replace("out/", "out/other-")
            .replace("  Then all", "  @step(name=Upper)\n    @do   name = uper(name), size = nmae\n\n  Then all"),
    );
    space.write("contracts/old.contract", "Contract: Old\n  @version(1.0.0)\n  @owner(tests)\n  @classification(public)\n\n  id  int63\n");
    space
}

fn check(format: &str) -> Done {
    broken().runi(&["check", "--format", format]).exits(1)
}

#[test]
fn problems_for_people() {
    let done = check("human");
    assert_eq!(done.stdout, "", "what people read is talk");
    insta::assert_snapshot!(stable(&done.stderr));
}

#[test]
fn problems_one_a_line() {
    let done = check("concise");
    assert_eq!(done.stderr, "");
    insta::assert_snapshot!(done.stdout);
}

#[test]
fn problems_as_json() {
    let done = check("json");
    assert_eq!(done.stderr, "");
    insta::assert_snapshot!(done.stdout);
    let problems = done.array();
    for problem in &problems {
        for key in ["code", "severity", "message", "path"] {
            assert!(problem.get(key).is_some() || problem["place"].get(key).is_some(), "{key}: {problem}");
        }
    }
}

#[test]
fn problems_as_sarif_have_the_required_structure() {
    let log = check("sarif").json();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().contains("sarif"));
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(driver["name"], "runi");
    let rules: Vec<&str> = driver["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let results = runs[0]["results"].as_array().unwrap();
    assert!(results.len() >= 3);
    for result in results {
        let rule = result["ruleId"].as_str().unwrap();
        assert!(rules.contains(&rule), "{rule} is not described");
        if let Some(at) = result["ruleIndex"].as_u64() {
            assert_eq!(rules[at as usize], rule);
        }
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(!place["artifactLocation"]["uri"].as_str().unwrap().starts_with('/'));
        let region = &place["region"];
        let number = |key: &str| region[key].as_u64().unwrap();
        assert!(number("startLine") >= 1 && number("startColumn") >= 1);
        assert!((number("endLine"), number("endColumn")) >= (number("startLine"), number("startColumn")));
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(results).unwrap());
}

#[test]
fn problems_as_annotations() {
    insta::assert_snapshot!(check("github").stdout);
}

#[test]
fn machine_formats_of_a_sound_workspace_are_empty_and_valid() {
    let space = Space::rows("id,name\n1,a\n");
    let shown = |format: &str| space.runi(&["check", "--format", format]).exits(0);
    assert_eq!(shown("json").json(), serde_json::json!([]));
    assert_eq!(shown("sarif").json()["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(shown("concise").stdout, "");
    assert_eq!(shown("github").stdout, "");
    shown("human").says(&["Checked 2 files", "0 errors, 0 warnings"]);
}

#[test]
fn colour_is_asked_for_and_never_in_the_way() {
    let space = broken();
    let coloured = |done: &Done| done.stderr.contains('\u{1b}') || done.stdout.contains('\u{1b}');
    assert!(!coloured(&space.runi(&["check"])), "a pipe is no terminal");
    assert!(coloured(&space.runi(&["check", "--color", "always"])));
    assert!(!coloured(&space.runi(&["check", "--color", "never"])));
    let with = |args: &[&str]| Done::of(space.command(args).env("NO_COLOR", "1").output().unwrap(), args);
    assert!(!coloured(&with(&["check"])));
    assert!(coloured(&with(&["check", "--color", "always"])), "the command line is nearer than the environment");
    let orders = Space::orders();
    let run = orders.runi(&["run", "--color", "always"]).exits(0);
    assert!(run.stdout.contains('\u{1b}'));
    assert!(!orders.runi(&["run"]).exits(0).stdout.contains('\u{1b}'));
    // Machine formats are never coloured.
    assert!(!orders.runi(&["runs", "--format", "json", "--color", "always"]).exits(0).stdout.contains('\u{1b}'));
}

#[test]
fn quiet_says_nothing_but_data_and_errors() {
    let space = Space::orders();
    for args in [&["check", "-q"][..], &["test", "-q", "--format", "json"], &["run", "-q"], &["fmt", "-q"], &["fix", "-q"], &["runs", "-q"]]
    {
        assert_eq!(space.runi(args).exits(0).stderr, "", "{args:?}");
    }
    space.runi(&["run", "-q", "nothing"]).exits(2).says(&["no scenario matches `nothing`"]);
}

#[test]
fn a_run_for_people() {
    let space = Space::orders();
    let done = space.runi(&["run"]).exits(0);
    assert_eq!(done.stderr, "");
    insta::assert_snapshot!(stable(&done.stdout));
}

#[test]
fn tests_for_people_and_for_machines() {
    let space = Space::orders();
    let done = space.runi(&["test"]).exits(0);
    insta::assert_snapshot!(stable(&format!("{}---\n{}", done.stdout, done.stderr)));
    let results = space.runi(&["test", "--format", "json"]).exits(0).array();
    assert_eq!(results.len(), 2);
    space.replace("features/orders.dsl", "| 1        | small |", "| 1        | huge  |");
    let failed = space.runi(&["test"]).exits(1);
    insta::assert_snapshot!("a_failed_example", stable(&failed.stdout));
}

#[test]
fn runs_are_listed_newest_first_and_a_changed_log_shows() {
    let space = Space::orders();
    space.runi(&["runs"]).exits(0).says(&["no run is in the log"]);
    assert_eq!(space.runi(&["runs", "--format", "json"]).exits(0).array().len(), 0);
    for _ in 0..3 {
        space.runi(&["run"]).exits(0);
    }
    let ids = |args: &[&str]| -> Vec<String> {
        space.runi(args).exits(0).array().iter().map(|run| run["run_id"].as_str().unwrap().to_owned()).collect()
    };
    let all = ids(&["runs", "--format", "json"]);
    assert_eq!(all.len(), 3);
    assert!(all.is_sorted_by(|a, b| a > b), "{all:?}");
    assert_eq!(ids(&["runs", "--last", "1", "--format", "json"]), all[..1]);
    assert_eq!(ids(&["runs", "clean-orders", "--format", "json"]), all);
    assert_eq!(ids(&["runs", &all[1], "--format", "json"]), all[1..2]);
    assert_eq!(ids(&["runs", "another", "--format", "json"]).len(), 0);
    let listed = space.runi(&["runs"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 4);
    assert!(listed.lines().nth(1).unwrap().starts_with(&all[0]));

    space.runi(&["runs", "--verify"]).exits(0).says(&["the run log's hash chain holds"]);
    let log = space.text(".runi/runs/log.jsonl");
    space.write(".runi/runs/log.jsonl", log.replacen("\"quarantined\":1", "\"quarantined\":0", 1));
    space.runi(&["runs", "--verify"]).exits(3).shows(&["log.jsonl:1: was changed after it was written"]);
    let without: Vec<&str> = log.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| line).collect();
    space.write(".runi/runs/log.jsonl", without.join("\n") + "\n");
    space.runi(&["runs", "--verify"]).exits(3).shows(&["log.jsonl:2: does not follow the line before it"]);
    space.write(".runi/runs/log.jsonl", log);
    space.runi(&["runs", "--verify"]).exits(0);
}

#[test]
fn lineage_in_every_format() {
    let space = Space::orders();
    let show = |format: &str| space.runi(&["lineage", "--format", format]).exits(0).stdout;
    insta::assert_snapshot!("lineage_human", show("human"));
    insta::assert_snapshot!("lineage_dot", show("dot"));
    insta::assert_snapshot!("lineage_mermaid", show("mermaid"));
    let value: Value = serde_json::from_str(&show("json")).unwrap();
    assert_eq!(value[0]["scenario"], "clean-orders");
    let one = space.runi(&["lineage", "--column", "email", "--format", "json"]).exits(0).json();
    for sink in one[0]["sinks"].as_array().unwrap() {
        assert!(sink["columns"].as_array().unwrap().iter().all(|column| column["column"] == "email"));
    }
    insta::assert_snapshot!("lineage_of_a_column", space.runi(&["lineage", "clean-orders", "--column", "email"]).exits(0).stdout);
}

#[test]
fn pipelines_in_every_format() {
    let space = Space::orders();
    let show = |emit: &str| space.runi(&["compile", "--emit", emit]).exits(0).stdout;
    insta::assert_snapshot!("plan", show("plan").lines().map(|line| line.split(" blake3:").next().unwrap()).collect::<Vec<_>>().join("\n"));
    insta::assert_snapshot!("dot", show("dot"));
    insta::assert_snapshot!("mermaid", show("mermaid"));
    let value: Value = serde_json::from_str(&show("json")).unwrap();
    assert_eq!(value[0]["slug"], "clean-orders");
    assert!(!space.exists("out"), "compiling runs nothing");
}

#[test]
fn what_is_known_from_the_cache_is_what_was_found_without_it() {
    for space in [Space::orders(), Space::fixture("flights"), Space::fixture("trades")] {
        let cold = space.runi(&["compile", "--emit", "json"]).exits(0).stdout;
        assert!(space.exists(".runi/cache"));
        assert_eq!(space.runi(&["compile", "--emit", "json"]).exits(0).stdout, cold);
        space.write(".runi/cache/check-v1.bin", "no cache at all");
        assert_eq!(space.runi(&["compile", "--emit", "json"]).exits(0).stdout, cold);
    }
}

#[test]
fn contracts_are_hashed_by_what_they_promise() {
    let space = Space::rows("id,name\n1,a\n");
    let hash = || space.runi(&["contract", "hash", "Row", "--format", "json"]).exits(0).json()["Row"].as_str().unwrap().to_owned();
    let before = hash();
    assert!(before.starts_with("blake3:") && before.len() == 71);
    assert_eq!(space.runi(&["contract", "hash"]).exits(0).stdout, format!("{before}  Row\n"));
    space.replace("contracts/row.contract", "  id    int64   @required", "# a remark\n  id    int64       @required");
    assert_eq!(hash(), before, "layout and remarks promise nothing");
    space.replace("contracts/row.contract", "name  string", "name  string @required");
    assert_ne!(hash(), before);
}

#[test]
fn the_catalog_for_people_and_for_machines() {
    let space = Space::orders();
    insta::assert_snapshot!("catalog", space.runi(&["contract", "catalog"]).exits(0).stdout);
    let entries = space.runi(&["contract", "catalog", "--format", "json"]).exits(0).array();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        assert_eq!(entry["path"], "contracts/orders.contract");
        assert_eq!(entry["used_by"], serde_json::json!(["clean-orders"]));
    }
}

#[test]
fn completions_name_the_binary_and_its_commands() {
    let space = Space::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = space.runi(&["completions", shell]).exits(0).shows(&["runi", "lineage", "contract"]);
        let parser = match shell {
            "bash" | "zsh" | "fish" => shell,
            _ => continue,
        };
        // Where the shell is there, it can read the script.
        space.write("script", &done.stdout);
        if let Ok(parsed) = std::process::Command::new(parser).arg("-n").arg(space.path("script")).output() {
            assert!(parsed.status.success(), "{shell}: {}", String::from_utf8_lossy(&parsed.stderr));
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    use std::process::Stdio;
    let space = Space::fixture("flights");
    let mut child = space.command(&["compile", "--emit", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    Done::of(child.wait_with_output().unwrap(), &["compile"]).exits(0);
}

#[test]
fn the_readme_shows_what_really_comes_out() {
    let readme = include_str!("../../../README.md");
    let space = Space::orders();
    let run = space.runi(&["run"]).exits(0).stdout;
    let contracts = space.text("contracts/orders.contract");
    let (raw, order) = contracts.split_once("Contract: Order\n").unwrap();
    space.write("contracts/orders.contract", format!("{raw}Contract: Order\n{}", order.replacen("@pii(email) @mask(hash)", "", 1)));
    let leak = space.runi(&["check"]).exits(1).stderr;
    let shown = |text: &str| text.lines().map(str::trim_end).map(str::to_owned).collect::<Vec<_>>();
    let real: Vec<String> = [shown(&stable(&run)), shown(&leak)].concat();
    let mut compared = 0;
    for block in readme.split("```\n").filter(|block| block.starts_with("Clean orders") || block.starts_with("E0501")) {
        for line in shown(&stable(block)).iter().filter(|line| !line.trim().is_empty() && line.trim() != "…") {
            assert!(real.contains(line), "README.md shows {line:?}, which is not in\n{}", real.join("\n"));
            compared += 1;
        }
    }
    assert!(compared > 15, "{compared} lines");
    for line in readme.lines().filter(|line| line.trim_start().starts_with('@') && !line.contains('…')) {
        let sources = [space.text("features/orders.dsl"), raw.to_owned()].concat();
        assert!(sources.contains(line.trim()), "README.md shows {line:?}, which the template does not have");
    }
}

#[test]
fn machines_get_one_document_whatever_happens() {
    let space = Space::rows_with("id,name\n1,a\n", &[("contract=Row", "contract=Rwo")]);
    for args in
        [&["run", "--format", "json"][..], &["test", "--format", "json"], &["lineage", "--format", "json"], &["compile", "--emit", "json"]]
    {
        let found = space.runi(args).exits(1).json();
        assert_eq!(found["diagnostics"][0]["code"], "E0101", "{args:?}: {found}");
    }
    let whole = ["contract", "validate", "Row", "--data", "data/rows.csv", "--format", "json"];
    let found = space.runi(&whole).exits(0).json();
    assert_eq!((&found["diagnostics"], &found["run"]["status"]), (&serde_json::json!([]), &"succeeded".into()), "{found}");
    space.write("data/rows.csv", "id,name\nx,a\n");
    let found = space.runi(&whole).exits(1).json();
    assert_eq!(found["run"]["stages"][0]["quarantined"], 1, "{found}");
    space.replace("contracts/row.contract", "int64", "int63");
    let found = space.runi(&whole).exits(1).json();
    assert_eq!((&found["diagnostics"][0]["code"], &found["run"]), (&"E0019".into(), &Value::Null), "{found}");
}

#[test]
fn ci_formats_count_paths_from_the_repository() {
    let space = Space::empty();
    space.write("deep/Runi.toml", "[workspace]\nname = \"deep\"\n");
    space.write("deep/contracts/row.contract", crate::support::ROW.replace("int64", "int63"));
    let space = space.committed();
    let github = space.runi(&["-C", "deep", "check", "--format", "github"]).exits(1);
    assert!(github.stdout.contains("file=deep/contracts/row.contract"), "{}", github.stdout);
    let sarif = space.runi(&["-C", "deep", "check", "--format", "sarif"]).exits(1);
    assert!(sarif.stdout.contains("\"deep/contracts/row.contract\""), "{}", sarif.stdout);
}

#[test]
fn tests_are_selected_as_scenarios_are() {
    let space = Space::orders();
    let count = |args: &[&str]| space.runi(args).exits(0).array().len();
    let all = count(&["test", "--format", "json", "clean-orders"]);
    assert!(all > 0);
    for selector in ["clean-*", "layer:silver", "+clean-orders", "domain:shop"] {
        assert_eq!(count(&["test", "--format", "json", selector]), all, "{selector}");
    }
    space.runi(&["test", "layer:gold"]).exits(2);
}
