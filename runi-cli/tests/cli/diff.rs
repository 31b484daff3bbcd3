//! `runi diff`: what a change means, told from git alone.

use crate::support::{COPY, ROW, Space, git};
use serde_json::Value;
use std::fs;

/// A workspace with one contract, one scenario and a commit.
fn space() -> Space {
    Space::rows("id,name\n1,a\n2,\n").committed()
}

/// Ids and the shapes of commit ids differ from machine to machine only by what a test commits; hashes are cut out.
fn stable(text: &str) -> String {
    let text = regex::Regex::new("[0-9a-f]{40}").unwrap().replace_all(text, "[COMMIT]").into_owned();
    regex::Regex::new(r"\b[0-9a-f]{12}\b").unwrap().replace_all(&text, "[SHORT]").into_owned()
}

fn findings(diff: &Value) -> Vec<(String, String, String)> {
    let items = diff["items"].as_array().unwrap();
    let of = |item: &Value| {
        let name = item["name"].as_str().unwrap().to_owned();
        let found = item["findings"].as_array().unwrap().clone();
        found.into_iter().map(move |finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            (format!("{name}.{}", text("part")), text("rule"), text("decision"))
        })
    };
    items.iter().flat_map(of).collect()
}

#[test]
fn nothing_changed() {
    space().runi(&["diff"]).exits(0).says(&["no contract or feature changes its meaning", "merge-base with main", "working copy"]);
}

#[test]
fn layout_comments_line_ends_and_moves_change_nothing() {
    let space = space();
    space.write(
        "contracts/row.contract",
        ROW.replace("  id    int64   @required", "  # the key\n  id int64   @required").replace('\n', "\r\n"),
    );
    space.write("features/copy.dsl", COPY.replace("  @source", "      @source"));
    space.runi(&["diff"]).exits(0);
    let text = space.text("contracts/row.contract");
    fs::remove_file(space.path("contracts/row.contract")).unwrap();
    space.write("contracts/deep/er/Row.contract", text);
    space.runi(&["diff"]).exits(0).shows(&["moved from contracts/row.contract"]);
}

#[test]
fn a_column_that_goes_names_whom_it_breaks() {
    let space = space();
    space.write("contracts/row.contract", ROW.replace("  name  string\n", ""));
    let done = space.runi(&["diff"]).exits(1);
    insta::assert_snapshot!(stable(&done.stdout));
    let diff = space.runi(&["diff", "--format", "json"]).exits(1).json();
    let finding = &diff["items"][0]["findings"][0];
    assert_eq!((finding["rule"].as_str(), finding["consumer"].as_str()), (Some("F003"), Some("breaking")));
    let hit = &finding["impact"][0];
    assert_eq!(
        (hit["scenario"].as_str(), hit["path"].as_str(), hit["output"].as_str()),
        (Some("Copy rows"), Some("features/copy.dsl"), Some("name"))
    );
}

#[test]
fn a_compatible_change_is_a_difference() {
    let space = space();
    space.write("contracts/row.contract", ROW.replace("1.0.0", "1.1.0").replace("  name  string\n", "  name  string\n  more  string\n"));
    let diff = space.runi(&["diff", "--format", "json"]).exits(3).json();
    assert_eq!(findings(&diff), [("Row.more".to_owned(), "F001".to_owned(), "allowed".to_owned())]);
    space.runi(&["diff", "--exit-on", "denied"]).exits(0);
}

#[test]
fn the_json_is_valid_against_its_published_schema() {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schemas/diff-v1.json")).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let space = space();
    space.write("contracts/row.contract", ROW.replace("  name  string\n", "  more  int32 @required\n").replace("int64", "int32"));
    space.write("features/copy.dsl", COPY.replace("out/rows.csv", "out/other.csv"));
    space.write("features/bad.dsl", "Scenario\n");
    for args in [&["diff", "--format", "json"][..], &["diff", "--format", "json", "--with-data", "--live"]] {
        let diff = space.runi(args).exits(1).json();
        let problems: Vec<String> = validator.iter_errors(&diff).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(problems.is_empty(), "{problems:#?}\n{diff:#}");
        assert!(findings(&diff).len() > 3, "{diff:#}");
    }
}

#[test]
fn a_pull_request_gets_one_comment() {
    let space = space();
    space.write("contracts/row.contract", ROW.replace("  name  string\n", "  name  string @required\n  more  string\n"));
    let done = space.runi(&["diff", "--format", "markdown", "--with-data", "--blob-url", "https://example.com/blob/abc/"]).exits(1);
    assert!(done.stdout.starts_with("<!-- runi-diff: rows -->\n"), "{}", done.stdout);
    insta::assert_snapshot!(stable(&done.stdout));
}

#[test]
fn sarif_and_annotations_point_at_the_new_text() {
    let space = space();
    space.write("contracts/row.contract", ROW.replace("int64", "string"));
    let log = space.runi(&["diff", "--format", "sarif"]).exits(1).json();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "T008");
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "contracts/row.contract");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 7);
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][0]["id"], "T008");
    space.runi(&["diff", "--format", "github"]).exits(1).shows(&["::error file=contracts/row.contract,line=7,title=T008"]);
}

#[test]
fn sides_are_chosen_by_revision_range_index_and_path() {
    let space = space();
    git(space.root(), &["tag", "v1.0.0"]);
    let wide = ROW.replace("  name  string\n", "  name  string\n  more  string\n");
    space.write("contracts/row.contract", &wide);
    space.commit("add a column");
    space.runi(&["diff"]).exits(0);
    space.runi(&["diff", "v1.0.0"]).exits(3).shows(&["F001"]);
    space.runi(&["diff", "--against", "v1.0.0"]).exits(3);
    space.runi(&["diff", "v1.0.0..HEAD"]).exits(3);
    space.runi(&["diff", "HEAD..v1.0.0"]).exits(1);
    space.runi(&["diff", "--staged"]).exits(0);
    space.write("contracts/row.contract", ROW);
    space.runi(&["diff", "--staged"]).exits(0);
    git(space.root(), &["add", "-A"]);
    space.runi(&["diff", "--staged"]).exits(1);

    let other = Space::rows("id\n1\n");
    other.write("contracts/row.contract", &wide);
    let (here, there) = (space.root().to_str().unwrap(), other.root().to_str().unwrap());
    Space::empty().runi(&["diff", here, there]).exits(3).shows(&["F001"]);
    let (old, new) = (space.path("contracts/row.contract"), other.path("contracts/row.contract"));
    Space::empty().runi(&["diff", old.to_str().unwrap(), new.to_str().unwrap()]).exits(3).shows(&["F001"]);
}

#[test]
fn the_base_is_where_the_branch_left_the_default_branch() {
    let space = space();
    git(space.root(), &["checkout", "-q", "-b", "work"]);
    space.write("features/mine.dsl", COPY.replace("Copies", "Mine").replace("Copy rows", "Mine").replace("out/", "out/mine-"));
    space.commit("mine");
    git(space.root(), &["checkout", "-q", "main"]);
    space.write("contracts/row.contract", ROW.replace("  name  string\n", ""));
    space.commit("theirs");
    git(space.root(), &["checkout", "-q", "work"]);
    let diff = space.runi(&["diff", "--format", "json"]).exits(3).json();
    assert_eq!(diff["items"].as_array().unwrap().len(), 1, "what happened on main is not ours: {diff:#}");
}

#[test]
fn every_tagged_version_is_compared_when_history_is_transitive() {
    let space = space();
    git(space.root(), &["tag", "v1.0.0"]);
    space.write("contracts/row.contract", ROW.replace("  name  string\n", ""));
    space.commit("drop it");
    space.write("contracts/row.contract", ROW.replace("  name  string\n", "").replace("One row", "A row"));
    space.runi(&["diff", "--against", "HEAD"]).exits(3);
    let done = space.runi(&["diff", "--against", "HEAD", "--history", "transitive", "--format", "json"]).exits(1);
    let diff = done.json();
    let old = diff["items"][0]["findings"].as_array().unwrap().iter().find(|finding| finding["against"] == "v1.0.0").unwrap();
    assert_eq!(old["rule"], "F003");
    space.runi(&["diff", "--history", "since:none"]).exits(2);
    space.runi(&["diff", "--history", "ever"]).exits(2);
}

#[test]
fn a_long_type_is_shown_at_the_part_that_changed() {
    let space = space();
    let parts: Vec<String> = (0..60).map(|n| format!("part_number_{n}: string")).collect();
    let wide = |last: &str| ROW.replace("  name  string\n", &format!("  name  struct<{}, last_of_all: {last}>\n", parts.join(", ")));
    space.write("contracts/row.contract", wide("int64"));
    space.commit("wide");
    space.write("contracts/row.contract", wide("string"));
    let done = space.runi(&["diff", "--against", "HEAD"]).exits(1);
    assert!(done.stdout.contains("last_of_all: string>") && done.stdout.contains("last_of_all: int64>"), "{}", done.stdout);
    let diff = space.runi(&["diff", "--against", "HEAD", "--format", "sarif"]).exits(1).json();
    for result in diff["runs"][0]["results"].as_array().unwrap() {
        assert!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].is_string(), "code scanning refuses it: {result:#}");
    }
}

#[test]
fn a_deliberate_break_is_accepted_until_its_day() {
    let space = space();
    let accept = "\n  @accept(F003, on=name, until=2027-01-31, because=\"nobody reads it\", by=\"@data\")\n";
    space.write("contracts/row.contract", ROW.replace("1.0.0", "2.0.0").replace("  name  string\n", accept));
    let done = space.runi(&["diff", "--today", "2026-12-01", "--format", "json"]).exits(3);
    assert_eq!(findings(&done.json())[0].2, "accepted");
    space.runi(&["diff", "--today", "2027-02-01"]).exits(1);
}

#[test]
fn rules_have_levels_in_the_manifest() {
    let space = space();
    space.write("contracts/row.contract", ROW.replace("1.0.0", "2.0.0").replace("  name  string\n", ""));
    space.runi(&["diff"]).exits(1);
    // A change does not set the levels by which it is judged.
    space.write("Runi.toml", "[workspace]\nname = \"rows\"\n\n[compatibility.rules]\nF003 = \"allow\"\n");
    space.runi(&["diff"]).exits(1).shows(&["X002"]);
    git(space.root(), &["add", "Runi.toml"]);
    git(space.root(), &["commit", "-q", "-m", "levels"]);
    space.runi(&["diff"]).exits(3);
    space.write("Runi.toml", "[workspace]\nname = \"rows\"\n\n[compatibility.rules]\nF999 = \"allow\"\n");
    space.runi(&["check"]).exits(1).says(&["F999"]);
}

#[test]
fn data_that_is_there_says_how_many_rows_break() {
    let space = space();
    space.write("contracts/row.contract", ROW.replace("  name  string\n", "  name  string @required\n"));
    let diff = space.runi(&["diff", "--with-data", "--format", "json"]).exits(1).json();
    let evidence = &diff["items"][0]["findings"][0]["evidence"][0];
    assert_eq!((evidence["rows"].as_u64(), evidence["violating"].as_u64()), (Some(2), Some(1)));
    assert_eq!(evidence["samples"][0]["position"], "data/rows.csv:2");
    space.runi(&["diff", "--with-data", "none"]).exits(2);
}

#[test]
fn a_sample_shows_nothing_that_either_version_labels() {
    let labelled = ROW.replace("  name  string\n", "  name  string @pii(name)\n");
    let space = Space::rows("id,name\n1,Ada Lovelace\n2,Bob\n");
    space.write("contracts/row.contract", &labelled);
    space.write("features/copy.dsl", COPY.replace("\n\n  Then", "\n  @step(name=Ids)\n    @do keep id\n\n  Then"));
    let space = space.committed();
    // The rows are still there under the old name; the new version has another one and no label.
    let renamed = ROW.replace("  name  string\n", "  full  string @length(max=3)\n  @renamed_from(name, to=full)\n");
    let dropped = ROW.replace("  name  string\n", "  name  string @length(max=3)\n");
    let secret =
        dropped.replace("classification(public)", "classification(restricted)").replace("@required", "@required @classification(public)");
    for text in [renamed, dropped, secret] {
        space.write("contracts/row.contract", text);
        let diff = space.runi(&["diff", "--with-data", "--format", "json"]).json();
        let findings = diff["items"][0]["findings"].as_array().unwrap();
        let evidence = findings.iter().find_map(|finding| finding["evidence"].get(0)).unwrap();
        assert_eq!(evidence["violating"].as_u64(), Some(1), "{diff:#}");
        assert!(!diff.to_string().contains("Ada"), "{diff:#}");
    }
}

#[test]
fn the_third_side_is_what_the_sources_are() {
    let space = space();
    space.runi(&["diff", "--live"]).exits(0);
    space.write("data/rows.csv", "id,other\n1,a\n");
    space.runi(&["diff", "--live"]).exits(1).shows(&["P001", "field `name` is missing", "column `other` is not in the contract"]);

    // Every format says it under the rule's id, with the place where the source is read.
    let diff = space.runi(&["diff", "--live", "--format", "json"]).exits(1).json();
    let drift = &diff["drift"][0];
    assert_eq!(
        (drift["rule"].as_str(), drift["decision"].as_str(), drift["consumer"].as_str()),
        (Some("P001"), Some("denied"), Some("drift"))
    );
    assert_eq!(diff["summary"]["denied"], 1);
    let log = space.runi(&["diff", "--live", "--format", "sarif"]).exits(1).json();
    let (result, driver) = (&log["runs"][0]["results"][0], &log["runs"][0]["tool"]["driver"]);
    assert_eq!((result["ruleId"].as_str(), driver["rules"][0]["id"].as_str()), (Some("P001"), Some("P001")));
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "features/copy.dsl");
    space.runi(&["diff", "--live", "--format", "github"]).exits(1).shows(&["::error file=features/copy.dsl,line=", "title=P001"]);
    space
        .runi(&["diff", "--live", "--format", "markdown"])
        .exits(1)
        .shows(&["❌ 1 change breaks somebody", "`P001` contract-not-fulfilled"]);

    let manifest = format!("{}\n[compatibility.rules]\nP001 = \"warn\"\n", space.text("Runi.toml"));
    space.write("Runi.toml", manifest);
    git(space.root(), &["add", "Runi.toml"]);
    git(space.root(), &["commit", "-q", "-m", "levels"]);
    space.runi(&["diff", "--live"]).exits(3).shows(&["P001"]);
}

#[test]
fn a_sink_that_drifts_from_its_contract_is_denied_in_every_format() {
    let sink = "  @sink(type=csv, path=\"out/rows.csv\")";
    let promised = COPY.replace(sink, "  @sink(type=csv, path=\"out/rows.csv\", contract=Row)");
    let space = Space::rows("id,name\n1,a\n");
    space.write("features/copy.dsl", &promised);
    let space = space.committed();
    space.write("features/copy.dsl", promised.replacen("  @sink", "  @step(name=Short)\n    @do keep id\n\n  @sink", 1));
    space.runi(&["diff"]).exits(1).shows(&["P001", "`Row` wants `name`"]);
    let diff = space.runi(&["diff", "--format", "json"]).exits(1).json();
    assert!(findings(&diff).contains(&("Copy rows.row".to_owned(), "P001".to_owned(), "denied".to_owned())), "{diff:#}");
    let log = space.runi(&["diff", "--format", "sarif"]).exits(1).json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "P001").unwrap();
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 11, "{result:#}");
    space.runi(&["diff", "--format", "github"]).exits(1).shows(&["title=P001"]);
    space.runi(&["diff", "--format", "markdown"]).exits(1).shows(&["`P001`", "drift"]);
    space.runi(&["explain", "P001"]).exits(0).shows(&["contract-not-fulfilled"]);
}

#[test]
fn what_does_not_compile_is_said_and_the_rest_compared() {
    let space = space();
    space.write("contracts/bad.contract", "Contract: Bad\n  id nonsense<\n");
    space.commit("a broken base");
    space.write("contracts/bad.contract", "Contract: Bad\n  @version(1.0.0)\n  @owner(x)\n\n  id  int64\n");
    space.write("contracts/row.contract", ROW.replace("  name  string\n", "  name  string\n  more  string\n"));
    let done = space.runi(&["diff", "--against", "HEAD", "--format", "json"]).exits(3);
    let diff = done.json();
    assert_eq!(findings(&diff).iter().map(|(_, rule, _)| rule.as_str()).filter(|rule| *rule == "F001").count(), 1, "{diff:#}");
    assert!(diff["problems"].as_array().unwrap().iter().any(|problem| problem["place"]["path"] == "contracts/bad.contract"), "{diff:#}");
    assert!(!findings(&diff).iter().any(|(part, ..)| part.starts_with("Bad")), "{diff:#}");

    space.write("contracts/row.contract", "Contract: Row\n  id nonsense<\n");
    space.runi(&["diff", "--against", "HEAD"]).exits(1).shows(&["contracts/row.contract"]);
}

#[test]
fn a_contract_that_goes_while_it_is_used() {
    let space = space();
    fs::remove_file(space.path("contracts/row.contract")).unwrap();
    let diff = space.runi(&["diff", "--format", "json"]).exits(1).json();
    let finding = &diff["items"][0]["findings"][0];
    assert_eq!(finding["rule"], "X001");
    assert_eq!(finding["impact"][0]["scenario"], "Copy rows");
}

#[test]
fn repositories_of_every_state_get_an_answer_or_a_code() {
    // No repository.
    Space::rows("id\n1\n").runi(&["diff"]).exits(4).says(&["error[E09"]);
    // Unborn branch: everything is new.
    let unborn = Space::rows("id\n1\n");
    git(unborn.root(), &["init", "-q"]);
    unborn.runi(&["diff"]).exits(3).shows(&["Contract Row", "new"]);
    // Detached.
    let space = space();
    git(space.root(), &["checkout", "-q", "--detach"]);
    space.runi(&["diff"]).exits(0);
    space.runi(&["diff", "nowhere"]).exits(2).says(&["nowhere"]);
    // Bare.
    git(space.root(), &["checkout", "-q", "main"]);
    space.write("contracts/row.contract", ROW.replace("  name  string\n", ""));
    space.commit("drop");
    let bare = Space::empty();
    git(bare.root(), &["clone", "-q", "--bare", space.root().to_str().unwrap(), "bare.git"]);
    bare.runi(&["-C", "bare.git", "diff", "HEAD~1..HEAD"]).exits(1).shows(&["F003"]);
    // Shallow.
    let url = format!("file://{}", space.root().display());
    git(bare.root(), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    bare.runi(&["-C", "shallow", "diff", "HEAD~1"]).exits(4).says(&["error[E09", "fetch"]);
    // A merge in progress.
    git(space.root(), &["checkout", "-q", "-b", "other", "HEAD~1"]);
    space.write("contracts/row.contract", ROW.replace("  name  string\n", "  name  int64\n"));
    space.commit("other");
    let merge = std::process::Command::new("git").args(["merge", "-q", "main"]).current_dir(space.root()).output().unwrap();
    assert!(!merge.status.success());
    space.runi(&["diff", "--staged"]).exits(4).says(&["error[E09"]);
    space.runi(&["diff"]).exits(1);
}

#[test]
fn nothing_outside_the_workspace_is_read() {
    let outside = Space::empty();
    outside.write("secret.contract", "Contract: Secret\n  @version(1.0.0)\n  @owner(x)\n\n  id  int64\n");
    let space = space();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path("secret.contract"), space.path("contracts/secret.contract")).unwrap();
    let done = space.runi(&["diff"]);
    assert!(!done.stdout.contains("Secret") && !done.stderr.contains("Secret"), "{}{}", done.stdout, done.stderr);
    space.commit("a link");
    let done = space.runi(&["diff", "HEAD~1..HEAD"]);
    assert!(!done.stdout.contains("Secret"), "{}", done.stdout);
}

#[test]
fn ci_writes_a_report_and_speaks_github() {
    let space = space();
    git(space.root(), &["checkout", "-q", "-b", "work"]);
    space.write("contracts/row.contract", ROW.replace("  name  string\n", ""));
    space.commit("drop");
    let done = space.runi(&["ci"]).exits(1);
    done.says(&["Reviewed", "diff: 1 denied"]);
    for file in ["check.sarif", "diff.sarif", "diff.json", "tests.json", "comment.md"] {
        assert!(space.exists(&format!(".runi/ci/{file}")), "{file}");
    }
    assert!(space.text(".runi/ci/comment.md").starts_with("<!-- runi-diff: rows -->\n"));

    let summary = space.path("summary.md");
    let mut command = space.command(&["ci", "--base", "main", "--out", "report"]);
    let output = command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("::error file=contracts/row.contract"));
    assert!(fs::read_to_string(summary).unwrap().contains("F003"));
    assert!(space.exists("report/comment.md"));
}
