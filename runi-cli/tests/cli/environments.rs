//! What `Runi.toml` and herds change although no feature does.

use crate::support::Space;
use serde_json::Value;

const MANIFEST: &str = r#"[workspace]
name = "w"

[env.dev.vars]
outdir = "out"

[env.prod]
mask_key = "secret://h/k1"

[env.prod.vars]
outdir = "out"

[env.prod.sources.c]
path = "in/*.csv"

[env.prod.sinks.x]
path = "published/x.csv"

[env.prod.secrets]
"secret://h/k1" = { env = "K1" }
"secret://h/k2" = { env = "K2" }
"#;

const HERD: &str = r#"name = "h"
secrets = ["secret://h/k1", "secret://h/k2"]

[masking]
key = "secret://h/k1"
policy = { email = "hash" }

[permissions]
raw_quarantine = false
"#;

fn space() -> Space {
    let space = Space::empty();
    space.write("Runi.toml", MANIFEST);
    space.write("herds/h.herd", HERD);
    space.write("data/c.csv", "id,email\n1,a@example.com\n");
    space.write(
        "contracts/c.contract",
        "Contract: C\n  @version(1.0.0)\n  @owner(x)\n\n  id     int64   @required\n  email  string  @pii(email)\n\nContract: O\n  @version(1.0.0)\n  @owner(x)\n\n  id     int64   @required\n  email  string  @pii(email) @mask(hash)\n",
    );
    space.write(
        "features/f.dsl",
        "Feature: F\n\n@herd(h)\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @sink(type=csv, path=\"${outdir}/x.csv\", contract=O, name=x)\n  @sink(type=json, path=\"${outdir}/q.jsonl\", on=invalid)\n\nScenario: Reader\n  @source(type=csv, path=\"out/x.csv\", contract=C) as x\n  @sink(type=csv, path=\"out/reader.csv\", contract=O)\n",
    );
    space.committed()
}

/// Rule, part and message of each finding.
fn findings(diff: &Value) -> Vec<(String, String, String)> {
    let items = diff["items"].as_array().unwrap().iter();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let of = |finding: &Value| (text(finding, "rule"), text(finding, "part"), text(finding, "message"));
    items.flat_map(|item| item["findings"].as_array().unwrap()).map(of).collect()
}

/// What one replacement in a file gives.
fn after(path: &str, from: &str, to: &str) -> Vec<(String, String, String)> {
    let space = space();
    space.replace(path, from, to);
    let done = space.runi(&["diff", "--format", "json"]);
    assert_ne!(done.code, Some(0), "{from} → {to}: {}", done.stdout);
    let diff = done.json();
    for finding in diff["items"].as_array().unwrap().iter().flat_map(|item| item["findings"].as_array().unwrap()) {
        assert_eq!(finding["file"], "features/f.dsl", "{finding:#}");
    }
    findings(&diff)
}

fn told(rule: &str, part: &str, message: &str) -> (String, String, String) {
    (rule.to_owned(), part.to_owned(), message.to_owned())
}

#[test]
fn a_variable_that_moves_a_sink_is_a_sink_that_moved() {
    let found = after("Runi.toml", "outdir = \"out\"\n\n[env.prod]", "outdir = \"elsewhere\"\n\n[env.prod]");
    assert!(
        found.contains(&told("R003", "x", "the sink `x` now writes `elsewhere/x.csv`, wrote `out/x.csv`, in the environment `dev`")),
        "{found:?}"
    );
    assert!(found.iter().any(|(rule, _, message)| rule == "R003" && message.contains("elsewhere/q.jsonl")), "{found:?}");
    let found = after("Runi.toml", "published/x.csv", "published/y.csv");
    assert_eq!(found, [told("R003", "x", "the sink `x` now writes `published/y.csv`, wrote `published/x.csv`, in the environment `prod`")]);
    let found = after("Runi.toml", "in/*.csv", "other/*.csv");
    assert_eq!(found, [told("W010", "c", "the source `c` is now read from `other/*.csv`, was from `in/*.csv`, in the environment `prod`")]);
}

#[test]
fn readers_of_a_sink_that_a_variable_moves_are_reached() {
    let space = space();
    space.replace("Runi.toml", "outdir = \"out\"\n\n[env.prod]", "outdir = \"elsewhere\"\n\n[env.prod]");
    let diff = space.runi(&["diff", "--format", "json"]).json();
    let findings = diff["items"][0]["findings"].as_array().unwrap();
    let moved = findings.iter().find(|finding| finding["rule"] == "R003" && finding["part"] == "x").unwrap();
    assert!(moved["impact"].as_array().unwrap().iter().any(|hit| hit["scenario"] == "Reader"), "{moved:#}");
}

#[test]
fn another_key_of_masks_is_told_however_it_comes() {
    for (path, from, to) in [
        ("herds/h.herd", "key = \"secret://h/k1\"", "key = \"secret://h/k2\""),
        ("Runi.toml", "\"secret://h/k1\" = { env = \"K1\" }", "\"secret://h/k1\" = { env = \"K9\" }"),
    ] {
        let found = after(path, from, to);
        let keys: Vec<_> = found.iter().filter(|(rule, ..)| rule == "M006").collect();
        assert!(!keys.is_empty() && keys.iter().all(|(.., message)| message.contains("`prod`")), "{from}: {found:?}");
    }
}

#[test]
fn a_quarantine_that_newly_holds_raw_rows_is_told() {
    let space = space();
    space.replace("herds/h.herd", "raw_quarantine = false", "raw_quarantine = true");
    let diff = space.runi(&["diff", "--format", "json"]).exits(3).json();
    let found = findings(&diff);
    assert_eq!(
        found,
        [told("M005", "invalid", "the quarantine now holds raw rows with sensitive columns, in the environments `dev` and `prod`")]
    );
}

#[test]
fn what_means_the_same_is_no_change() {
    let space = space();
    space.write("Runi.toml", format!("# Ours.\n{MANIFEST}\n[env.test]\n"));
    space.write("herds/h.herd", format!("# The desk.\n{HERD}"));
    space.runi(&["diff"]).exits(0);
}

#[test]
fn what_was_no_workspace_has_no_environments() {
    let space = space();
    let (manifest, herd) = (space.text("Runi.toml"), space.text("herds/h.herd"));
    std::fs::remove_file(space.path("Runi.toml")).unwrap();
    space.commit("no workspace");
    space.write("Runi.toml", manifest.replace("published/x.csv", "published/y.csv"));
    space.write("herds/h.herd", herd.replace("= false", "= true"));
    space.runi(&["diff", "--against", "HEAD"]).exits(0);
    std::fs::remove_dir_all(space.path(".git")).unwrap();
    crate::support::git(space.root(), &["init", "-q"]);
    space.runi(&["diff"]).exits(3);
}
