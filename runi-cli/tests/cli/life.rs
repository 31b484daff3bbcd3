//! The life of a contract: its history, going back, versions, the changelog.

use crate::support::{ROW, Space, git};
use serde_json::Value;
use std::fs;

/// Four commits: 1.0.0, a column more, moved to another file, a column less.
fn lived() -> Space {
    let space = Space::rows("id,name\n1,a\n").committed();
    git(space.root(), &["tag", "v1.0.0"]);
    let wide = ROW.replace("1.0.0", "1.1.0").replace("  name  string\n", "  name  string\n  more  int32\n");
    space.write("contracts/row.contract", &wide);
    space.commit("more");
    fs::remove_file(space.path("contracts/row.contract")).unwrap();
    space.write("contracts/deep/rows.contract", &wide);
    space.commit("move");
    space.write("contracts/deep/rows.contract", wide.replace("1.1.0", "2.0.0").replace("  name  string\n", ""));
    space.commit("less");
    space
}

fn history(space: &Space) -> Vec<Value> {
    space.runi(&["contract", "history", "Row", "--format", "json"]).exits(0).array()
}

#[test]
fn every_version_is_found_through_moves() {
    let space = lived();
    let versions = history(&space);
    let told: Vec<(&str, &str, &str)> =
        versions.iter().map(|v| (v["version"].as_str().unwrap(), v["status"].as_str().unwrap(), v["bump"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [("2.0.0", "changed", "major"), ("1.1.0", "moved", "none"), ("1.1.0", "changed", "minor"), ("1.0.0", "added", "none")]
    );
    assert_eq!(versions[0]["path"], "contracts/deep/rows.contract");
    assert_eq!(versions[3]["path"], "contracts/row.contract");
    assert_eq!(versions[0]["changes"].as_array().unwrap().iter().filter(|change| change["rule"] == "F003").count(), 1);
    assert_eq!(versions[0]["date"], "2026-01-02");
    space.runi(&["contract", "history", "Row"]).exits(0).shows(&["2.0.0", "A. Tester", "major", "F003 name", "moved"]);
    space.runi(&["contract", "history", "Nobody"]).exits(2).says(&["no contract `Nobody`"]);
}

#[test]
fn a_number_that_rises_in_a_commit_of_its_own_is_a_version() {
    let space = lived();
    space.replace("contracts/deep/rows.contract", "2.0.0", "2.1.0");
    space.commit("release");
    space.write("contracts/deep/rows.contract", format!("# What a row is.\n{}", space.text("contracts/deep/rows.contract")));
    space.commit("a comment");
    let found = history(&space);
    let newest: Vec<&Value> = ["version", "bump", "summary"].map(|key| &found[0][key]).into();
    assert_eq!(newest, ["2.1.0", "none", "release"]);
    assert_eq!(found.len(), 5);
    space.runi(&["contract", "rollback", "Row", "2.1.0"]).exits(0);
}

#[test]
fn what_git_log_knows_is_known() {
    let space = lived();
    let commits: Vec<String> = history(&space).iter().map(|version| version["commit"].as_str().unwrap().to_owned()).collect();
    let log = git(space.root(), &["log", "--format=%H", "--", "contracts"]);
    assert_eq!(commits, log.lines().collect::<Vec<_>>());
}

#[test]
fn going_back_is_a_new_change_with_a_version_of_its_own() {
    let space = lived();
    let head = git(space.root(), &["rev-parse", "HEAD"]);
    space.runi(&["contract", "rollback", "Row", "1.0.0", "--dry-run"]).exits(3).shows(&["+  name  string", "-  @version(2.0.0)"]);
    assert!(space.text("contracts/deep/rows.contract").contains("2.0.0"));
    space.runi(&["contract", "rollback", "Row", "1.0.0"]).exits(0).says(&["Wrote", "major change"]);
    assert_eq!(space.text("contracts/deep/rows.contract"), ROW.replace("1.0.0", "3.0.0"));
    assert!(!space.exists("contracts/row.contract"));
    assert_eq!(git(space.root(), &["rev-parse", "HEAD"]), head, "no history is written");
    space.runi(&["check"]).exits(0);
    space.runi(&["contract", "rollback", "Row", "9.9.9"]).exits(2).says(&["2.0.0, 1.1.0, 1.0.0"]);
}

#[test]
fn versions_rise_as_the_changes_demand() {
    let space = Space::rows("id,name\n1,a\n").committed();
    space.write("contracts/row.contract", ROW.replace("  name  string\n", "  name  string\n  more  string   # new\n"));
    space.runi(&["diff"]).exits(3).shows(&["X006"]);
    space.runi(&["contract", "bump", "--dry-run"]).exits(3).shows(&["+  @version(1.1.0)"]);
    space.runi(&["contract", "bump"]).exits(0).says(&["Row 1.0.0 → 1.1.0 (minor)"]);
    assert!(space.text("contracts/row.contract").contains("@version(1.1.0)"));
    assert!(space.text("contracts/row.contract").contains("# new"));
    space.runi(&["contract", "bump"]).exits(0).says(&["every version is high enough"]);
    space.write("contracts/row.contract", ROW.replace("int64", "string"));
    space.runi(&["contract", "bump", "Row"]).exits(0);
    assert!(space.text("contracts/row.contract").contains("@version(2.0.0)"));
}

#[test]
fn the_workspace_rises_with_its_contracts() {
    let space = Space::rows("id,name\n1,a\n");
    let manifest = "# ours\n[workspace]\nname    = \"rows\"\nversion = \"1.4.2\"  # published\n";
    space.write("Runi.toml", manifest);
    let space = space.committed();
    space.runi(&["contract", "bump"]).exits(0);
    assert_eq!(space.text("Runi.toml"), manifest);
    space.write("contracts/row.contract", ROW.replace("int64", "string"));
    space.runi(&["contract", "bump"]).exits(0).says(&["the workspace 1.4.2 → 2.0.0"]);
    assert_eq!(space.text("Runi.toml"), manifest.replace("1.4.2", "2.0.0"));
    space.write("Runi.toml", manifest.replace("1.4.2", "one"));
    space.runi(&["check"]).exits(1).says(&["a version is three numbers"]);
}

#[test]
fn the_changelog_is_made_of_meanings() {
    let space = lived();
    let done = space.runi(&["changelog", "v1.0.0..HEAD", "--release", "2.0.0"]).exits(0);
    let today = done.stdout.lines().next().unwrap().to_owned();
    assert!(today.starts_with("## [2.0.0] - 20"), "{today}");
    done.shows(&["### Added", "`Row.more`", "### Removed", "**Breaking:** `Row.name`"]);
    space.write("CHANGELOG.md", "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- first\n");
    space.runi(&["changelog", "--write"]).exits(0);
    space.runi(&["changelog", "--write"]).exits(0);
    let text = space.text("CHANGELOG.md");
    assert_eq!(text.matches("## [Unreleased]").count(), 1, "{text}");
    assert!(text.find("Unreleased") < text.find("## [1.0.0]"), "{text}");
    Space::rows("id\n1\n").committed().runi(&["changelog"]).exits(2).says(&["no tag names a version"]);
}

#[test]
fn the_catalog_can_be_browsed() {
    let space = Space::fixture("trades");
    let page = space.runi(&["contract", "catalog", "--format", "html"]).exits(0);
    page.shows(&["<!doctype html>", "id=\"TradeRaw\"", "Read by", "Written by", "pii: email"]);
    let space = Space::rows("id\n1\n");
    space.write("contracts/row.contract", ROW.replace("One row.", "<script>alert(1)</script> & more"));
    let page = space.runi(&["contract", "catalog", "--format", "html"]).exits(0);
    page.shows(&["&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"]);
}

fn two(a: &str, b: &str) -> String {
    let body = |name: &str, more: &str| format!("Contract: {name}\n  @version(1.0.0)\n  @owner(x)\n\n  id  int64  @required\n{more}");
    format!("{}\n{}", body("A", a), body("B", b))
}

fn told(space: &Space, name: &str) -> Vec<(String, String)> {
    let versions = space.runi(&["contract", "history", name, "--format", "json"]).exits(0).array();
    let text = |version: &Value, key: &str| version[key].as_str().unwrap().to_owned();
    versions.iter().map(|version| (text(version, "summary"), text(version, "status"))).collect()
}

fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|(summary, status)| ((*summary).to_owned(), (*status).to_owned())).collect()
}

/// Two branches that changed two contracts of one file, merged.
#[test]
fn a_version_is_what_a_commit_did_and_not_its_neighbours() {
    let space = Space::empty();
    space.write("Runi.toml", "[workspace]\nname = \"w\"\n");
    space.write("contracts/ab.contract", two("", ""));
    let space = space.committed();
    git(space.root(), &["checkout", "-q", "-b", "work"]);
    space.write("contracts/ab.contract", two("  extra  string\n", ""));
    space.commit("extra of A");
    git(space.root(), &["checkout", "-q", "main"]);
    space.write("contracts/ab.contract", two("", "  more  string\n"));
    space.commit("more of B");
    git(space.root(), &["merge", "-q", "work", "-m", "merge"]);
    assert_eq!(space.text("contracts/ab.contract"), two("  extra  string\n", "  more  string\n"));
    assert_eq!(told(&space, "A"), pairs(&[("extra of A", "changed"), ("first", "added")]));
    assert_eq!(told(&space, "B"), pairs(&[("more of B", "changed"), ("first", "added")]));
}

#[test]
fn a_contract_that_went_away_can_be_brought_back() {
    let space = Space::empty();
    space.write("Runi.toml", "[workspace]\nname = \"w\"\n");
    space.write("contracts/ab.contract", two("  extra  string\n", ""));
    let space = space.committed();
    let all = two("", "");
    let only_b = &all[all.find("Contract: B").unwrap()..];
    space.write("contracts/ab.contract", only_b);
    space.commit("A goes");
    assert_eq!(told(&space, "A"), pairs(&[("A goes", "removed"), ("first", "added")]));
    // What else is in the file stays.
    space.runi(&["contract", "rollback", "A", "1.0.0"]).exits(0);
    let text = space.text("contracts/ab.contract");
    assert!(text.starts_with(only_b.trim_end()) && text.contains("Contract: A\n") && text.contains("extra"), "{text}");
    space.runi(&["check"]).exits(0);
    fs::remove_file(space.path("contracts/ab.contract")).unwrap();
    space.write("contracts/a.contract", &all[..all.find("Contract: B").unwrap()]);
    space.commit("A is back elsewhere");
    assert_eq!(told(&space, "A"), pairs(&[("A is back elsewhere", "added"), ("A goes", "removed"), ("first", "added")]));
    space.runi(&["contract", "history", "Never"]).exits(2).says(&["no contract `Never`"]);
}

#[test]
fn a_version_that_cannot_be_read_is_none() {
    let space = Space::rows("id,name\n1,a\n").committed();
    space.write("contracts/row.contract", ROW.replace("1.0.0", "1.1.0").replace("  name  string", "  name  strng<"));
    space.commit("a mistake");
    space.write("contracts/row.contract", ROW.replace("1.0.0", "1.2.0").replace("  name  string\n", "  name  string\n  more  string\n"));
    space.commit("mended");
    let versions = history(&space);
    assert_eq!((&versions[0]["version"], &versions[0]["bump"]), (&"1.2.0".into(), &"minor".into()), "compared with what was sound");
    assert!(versions[1]["version"].is_null() && versions[1]["problem"].is_string(), "{:#}", versions[1]);
    space.runi(&["contract", "history", "Row"]).exits(0).shows(&["unreadable"]);
    space.runi(&["contract", "rollback", "Row", "1.1.0"]).exits(2).says(&["never had the version 1.1.0"]);
}

#[test]
fn only_versions_that_the_base_comes_after_are_history() {
    let space = Space::rows("id,name\n1,a\n");
    space.replace("contracts/row.contract", "  @owner", "  @compatibility(full, history=transitive)\n  @owner");
    let row = space.text("contracts/row.contract");
    let space = space.committed();
    git(space.root(), &["tag", "v1.0.0"]);
    space.write("contracts/row.contract", row.replace("1.0.0", "2.0.0").replace("  name  string\n", "  name  string\n  z  string\n"));
    space.commit("two");
    git(space.root(), &["tag", "v2.0.0"]);
    // A branch for the old version: what 2.0.0 promised is none of its business.
    git(space.root(), &["checkout", "-q", "-b", "old", "v1.0.0"]);
    space.write("contracts/row.contract", row.replace("1.0.0", "1.1.0").replace("  name  string\n", "  name  string\n  a  string\n"));
    space.runi(&["diff", "--against", "HEAD"]).exits(3);
    // With an own earlier version that is broken it is denied, but not in the changelog of what came after.
    space.commit("one point one");
    git(space.root(), &["tag", "v1.1.0"]);
    space.write("contracts/row.contract", row.replace("1.0.0", "2.0.0"));
    space.commit("less again");
    space.write("contracts/row.contract", row.replace("1.0.0", "2.1.0").replace("  name  string\n", "  name  string\n  b  string\n"));
    space.commit("b");
    space.runi(&["diff", "HEAD~1..HEAD"]).exits(1).shows(&["v1.1.0", "`a` is gone"]);
    let log = space.runi(&["changelog", "HEAD~1..HEAD"]).exits(0);
    assert!(log.stdout.contains("`Row.b`") && !log.stdout.contains("Row.a`"), "{}", log.stdout);
    // A tag that names no version is a place in history like any other.
    git(space.root(), &["tag", "start", "v1.0.0"]);
    git(space.root(), &["tag", "later", "HEAD~1"]);
    space.runi(&["diff", "HEAD~1..HEAD", "--history", "since:start"]).exits(1).shows(&["v1.1.0"]);
    space.runi(&["diff", "HEAD~1..HEAD", "--history", "since:later"]).exits(3);
    // An old version with errors is not compared, and that is said.
    git(space.root(), &["checkout", "-q", "-b", "bad", "v1.0.0"]);
    space.write(
        "contracts/row.contract",
        row.replace("1.0.0", "1.0.1").replace("  name  string\n", "  name  string\n  gone  string\n  x  strng<\n"),
    );
    space.commit("bad");
    git(space.root(), &["tag", "v1.0.1"]);
    space.write("contracts/row.contract", row.replace("1.0.0", "1.0.2"));
    space.commit("good");
    space.write("contracts/row.contract", row.replace("1.0.0", "1.1.0").replace("  name  string\n", "  name  string\n  c  string\n"));
    space.runi(&["diff", "--against", "HEAD"]).exits(3).shows(&["v1.0.1"]);
}

#[test]
fn a_section_tells_what_one_version_changed() {
    let transitive = ROW.replace("@version(1.0.0)", "@version(1.0.0)\n  @compatibility(full, history=transitive)");
    let space = Space::rows("id,name\n1,a\n");
    space.write("contracts/row.contract", &transitive);
    let space = space.committed();
    git(space.root(), &["tag", "v1.0.0"]);
    let less = transitive.replace("1.0.0", "2.0.0").replace("  name  string\n", "");
    space.write("contracts/row.contract", &less);
    space.commit("less");
    git(space.root(), &["tag", "v2.0.0"]);
    space.write("contracts/row.contract", less.replace("2.0.0", "2.1.0").replace("  id ", "  more  int32\n  id "));
    space.commit("more");
    let section = space.runi(&["changelog", "v2.0.0..HEAD", "--release", "2.1.0"]).exits(0).stdout;
    assert!(section.contains("`more` is new") && !section.contains("is gone"), "{section}");
}
