//! The gate of a pull request: what is not compared is never said to be the same, and nobody switches the rules off in the change that breaks them.

use crate::support::{COPY, ROW, Space, git};
use serde_json::Value;
use std::fs;

const LABELLED: &str = r#"Contract: Row
  """One row."""
  @version(1.0.0)
  @owner(tests, contact="tests@example.com")

  id    int64   @required
  name  string  @pii(name)  @mask(redact)
"#;

fn rules(diff: &Value) -> Vec<String> {
    let items = diff["items"].as_array().unwrap();
    let findings = items.iter().flat_map(|item| item["findings"].as_array().unwrap());
    findings.map(|finding| format!("{} {}", finding["rule"].as_str().unwrap(), finding["decision"].as_str().unwrap())).collect()
}

fn manifest(table: &str) -> String {
    format!("[workspace]\nname = \"rows\"\n\n{table}")
}

fn labelled() -> Space {
    let space = Space::rows("id,name\n1,a\n");
    space.write("contracts/row.contract", LABELLED);
    space.write("features/copy.dsl", COPY.replace("out/rows.csv\"", "out/rows.csv\", contract=Row"));
    space.committed()
}

#[test]
fn a_change_is_judged_by_the_old_manifest() {
    let space = labelled();
    space.write("contracts/row.contract", LABELLED.replace("  @pii(name)  @mask(redact)", ""));
    space.write(
        "Runi.toml",
        manifest("[compatibility]\ndefault = \"none\"\nrules = { G002 = \"allow\", G007 = \"allow\", X006 = \"allow\" }\n"),
    );
    let diff = space.runi(&["diff", "--format", "json"]).exits(1).json();
    let found = rules(&diff);
    for rule in ["G002 denied", "G007 denied"] {
        assert!(found.iter().any(|finding| finding == rule), "{rule}: {found:?}");
    }
    // What the manifest makes looser is a finding of its own: the default, and two levels from `deny` and one from `warn`.
    assert_eq!(found.iter().filter(|finding| *finding == "X002 denied").count(), 3, "{found:?}");
    assert_eq!(found.iter().filter(|finding| *finding == "X002 warned").count(), 1, "{found:?}");
    assert_eq!((diff["items"][0]["kind"].as_str(), diff["items"][0]["path"].as_str()), (Some("workspace"), Some("Runi.toml")));
    assert_eq!(diff["items"][0]["findings"][0]["line"], 4);
    space.runi(&["diff"]).exits(1).shows(&["Workspace rows (Runi.toml)", "the level of `G002` is now `allow`, was `deny`"]);
    space.runi(&["ci"]).exits(1);
}

#[test]
fn stricter_rules_hold_from_the_next_change_on() {
    let space = labelled();
    space.write("Runi.toml", manifest("[compatibility]\nhistory = \"transitive\"\nrules = { F001 = \"deny\" }\n"));
    space.write("contracts/row.contract", LABELLED.replace("1.0.0", "1.1.0").replace("  id  ", "  more  string\n  id  "));
    let found = rules(&space.runi(&["diff", "--format", "json"]).exits(3).json());
    assert_eq!(found.iter().filter(|finding| *finding == "X003 allowed").count(), 2, "{found:?}");
    assert!(found.contains(&"F001 allowed".to_owned()), "{found:?}");
    space.commit("stricter");
    space.write(
        "contracts/row.contract",
        space.text("contracts/row.contract").replace("1.1.0", "1.2.0").replace("  id  ", "  yet  string\n  id  "),
    );
    space.runi(&["diff"]).exits(1).shows(&["F001"]);
}

#[test]
fn without_an_old_manifest_the_new_one_judges() {
    let space = Space::rows("id,name\n1,a\n");
    space.write("Runi.toml", manifest("[compatibility.rules]\nX004 = \"deny\"\n"));
    let toml = space.text("Runi.toml");
    fs::remove_file(space.path("Runi.toml")).unwrap();
    let space = space.committed();
    space.write("Runi.toml", toml);
    space.write("contracts/more.contract", ROW.replace("Row", "More"));
    let found = rules(&space.runi(&["diff", "--format", "json"]).exits(1).json());
    assert!(found.contains(&"X004 denied".to_owned()), "{found:?}");
}

#[test]
fn looser_rules_are_accepted_by_somebody_until_a_day() {
    let space = labelled();
    let table = |by: &str| {
        let accept =
            format!("rule = \"X002\"\non = \"F001\"\nuntil = \"2027-01-31\"\nbecause = \"new fields are welcome\"\nby = \"{by}\"\n");
        manifest(&format!("[[compatibility.accept]]\n{accept}"))
    };
    space.write("Runi.toml", manifest("[compatibility.rules]\nF001 = \"deny\"\n"));
    space.write("CODEOWNERS", "Runi.toml @lead\n");
    space.commit("strict");
    space.write("Runi.toml", manifest(""));
    space.runi(&["diff", "--today", "2026-12-01"]).exits(1).shows(&["[[compatibility.accept]]"]);
    space.write("Runi.toml", table("@lead"));
    space.runi(&["check"]).exits(0);
    let found = rules(&space.runi(&["diff", "--today", "2026-12-01", "--format", "json"]).exits(3).json());
    assert_eq!(found, ["X002 accepted"]);
    space.runi(&["diff", "--today", "2027-02-01"]).exits(1);
    space.write("Runi.toml", table("@anybody"));
    space.runi(&["diff", "--today", "2026-12-01"]).exits(1).shows(&["@anybody"]);
    space.write("Runi.toml", table("@lead").replace("2027-01-31", "soon"));
    space.runi(&["check"]).exits(1).says(&["until"]);
}

#[test]
fn a_tag_that_goes_is_judged_by_what_holds_without_it() {
    let space = Space::rows("id,name\n1,a\n");
    space.write("Runi.toml", manifest("[compatibility]\ndefault = \"none\"\n"));
    space.write("contracts/row.contract", ROW.replace("  @owner", "  @compatibility(full)\n  @owner"));
    let space = space.committed();
    space.write("contracts/row.contract", ROW);
    let found = rules(&space.runi(&["diff", "--format", "json"]).exits(1).json());
    assert!(found.contains(&"X002 denied".to_owned()), "{found:?}");
}

#[test]
fn a_file_that_moves_keeps_its_owners() {
    let space = labelled();
    space.write("CODEOWNERS", "contracts/row.contract @lead\n");
    space.commit("owners");
    let accepted = |by: &str| {
        let accept = |rule: &str| format!("  @accept({rule}, on=name, until=2099-01-31, because=\"so\", by=\"{by}\")\n");
        let text = LABELLED.replace("1.0.0", "2.0.0").replace("  @pii(name)  @mask(redact)", "");
        text.replace("\n  id", &format!("{}{}\n  id", accept("G002"), accept("G007")))
    };
    fs::remove_file(space.path("contracts/row.contract")).unwrap();
    space.write("contracts/away/row.contract", accepted("@anybody"));
    space.runi(&["diff"]).exits(1).shows(&["@anybody"]);
    space.write("contracts/away/row.contract", accepted("@lead"));
    space.runi(&["diff"]).exits(3);
}

/// A repository that clones are made of, with a change on `feat`.
fn served() -> (Space, String) {
    let space = labelled();
    git(space.root(), &["config", "uploadpack.allowFilter", "true"]);
    git(space.root(), &["tag", "v1.0.0"]);
    git(space.root(), &["checkout", "-q", "-b", "feat"]);
    space.write("contracts/row.contract", LABELLED.replace("  @pii(name)  @mask(redact)", ""));
    space.commit("unmask");
    git(space.root(), &["checkout", "-q", "main"]);
    let url = format!("file://{}", space.root().display());
    (space, url)
}

#[test]
fn what_a_partial_clone_lacks_is_an_error() {
    let (_space, url) = served();
    for filter in ["blob:none", "tree:0"] {
        let clones = Space::empty();
        git(clones.root(), &["clone", "-q", "--filter", filter, "--branch", "feat", &url, "clone"]);
        for args in [&["-C", "clone", "diff"][..], &["-C", "clone", "diff", "origin/main...HEAD"], &["-C", "clone", "ci"]] {
            clones.runi(args).exits(4).says(&["error[E0912]", "git fetch --refetch --no-filter"]);
        }
        git(&clones.path("clone"), &["fetch", "-q", "--refetch", "--no-filter"]);
        clones.runi(&["-C", "clone", "diff"]).exits(1).shows(&["G002"]);
    }
}

#[test]
fn history_that_a_partial_clone_lacks_is_an_error() {
    let (space, url) = served();
    // What the tag has is in no branch's newest version.
    space.write("contracts/row.contract", LABELLED.replace("One row", "A row"));
    space.write("Runi.toml", manifest("[compatibility]\nhistory = \"transitive\"\n"));
    space.commit("words");
    let clones = Space::empty();
    git(clones.root(), &["clone", "-q", "--filter", "blob:none", &url, "clone"]);
    clones.write("clone/contracts/row.contract", LABELLED.replace("One row", "The row"));
    clones.runi(&["-C", "clone", "diff"]).exits(4).says(&["error[E0912]"]);
}

#[test]
fn a_clone_of_one_branch_is_not_compared_with_itself() {
    let (_space, url) = served();
    for options in [&["--depth", "1"][..], &["--single-branch"]] {
        let clones = Space::empty();
        git(clones.root(), &[&["clone", "-q", "--branch", "feat"], options, &[url.as_str(), "clone"]].concat());
        clones.runi(&["-C", "clone", "diff"]).exits(4).says(&["error[E0910]", "git fetch origin main:refs/remotes/origin/main"]);
        git(&clones.path("clone"), &["fetch", "-q", "origin", "main:refs/remotes/origin/main"]);
        clones.runi(&["-C", "clone", "diff"]).exits(1).shows(&["G002"]);
    }
}

#[test]
fn what_is_not_compared_is_not_the_same() {
    let space = labelled();
    space.write("contracts/row.contract", LABELLED.replace("  id  ", "  stray<\n  id  "));
    let never = "changes its meaning";
    let done = space.runi(&["diff"]).exits(1).says(&["1 file could not be compared"]);
    assert!(!done.stderr.contains(never), "{}", done.stderr);
    let done = space
        .runi(&["diff", "--format", "markdown"])
        .exits(1)
        .shows(&["### Runi: ❌ 1 file could not be compared", "contracts/row.contract"]);
    assert!(!done.stdout.contains(never), "{}", done.stdout);
    let diff = space.runi(&["diff", "--format", "json"]).exits(1).json();
    assert_eq!(
        (diff["summary"]["uncompared"].as_u64(), diff["summary"]["headline"].as_str()),
        (Some(1), Some("1 file could not be compared"))
    );
    space.runi(&["ci"]).exits(1);
    let comment = space.text(".runi/ci/comment.md");
    assert!(
        comment.contains("### Runi: ❌ check failed: 1 error; 1 file could not be compared") && comment.contains("row.contract:6"),
        "{comment}"
    );

    // The other way round: what was broken is repaired, and nobody knows what it promised.
    space.commit("broken");
    space.write("contracts/row.contract", LABELLED);
    space.runi(&["diff"]).exits(3).says(&["1 file could not be compared"]);
    space.runi(&["diff", "--exit-on", "denied"]).exits(0);
    space.runi(&["diff", "--format", "markdown"]).shows(&["### Runi: ⚠️ 1 file could not be compared"]);
}

#[test]
fn the_contracts_beside_a_broken_one_are_compared() {
    let space = labelled();
    let broken = format!("{LABELLED}\nContract: Other\n  @version(1.0.0)\n  @owner(tests)\n\n  a  nonsense<\n");
    space.write("contracts/row.contract", &broken);
    space.commit("one of two is broken");
    space.write("contracts/row.contract", broken.replace("  @pii(name)  @mask(redact)", "").replace("nonsense<", "string"));
    let diff = space.runi(&["diff", "--format", "json"]).exits(1).json();
    assert!(rules(&diff).contains(&"G002 denied".to_owned()), "{diff:#}");
    assert!(diff["items"].as_array().unwrap().iter().all(|item| item["name"] != "Other"), "{diff:#}");
    space.runi(&["diff", "--format", "markdown"]).shows(&["changes break somebody, and 1 file could not be compared"]);
}

#[test]
fn failed_tests_head_the_comment() {
    let space = labelled();
    let example = "\n  Examples: as they are\n    Given rows\n      | id | name |\n      | 1  | a    |\n    become\n    Then row\n      | id |\n      | 2  |\n";
    space.write("features/copy.dsl", format!("{}{example}", space.text("features/copy.dsl")));
    space.runi(&["ci"]).exits(1);
    let comment = space.text(".runi/ci/comment.md");
    assert!(comment.contains("### Runi: ❌ 1 test failed\n") && comment.contains("#### 1 test failed"), "{comment}");
    assert!(comment.contains("features/copy.dsl:11") && !comment.contains("✅"), "{comment}");
}

#[test]
fn a_misspelt_contract_is_mended_and_not_approved() {
    let sink = "  @sink(type=csv, path=\"out/rows.csv\")";
    let promised = COPY.replace(sink, "  @sink(type=csv, path=\"out/rows.csv\", contract=Row)");
    let space = Space::rows("id,name\n1,a\n");
    space.write("features/copy.dsl", &promised);
    let space = space.committed();
    space.write("features/copy.dsl", promised.replace("rows.csv\", contract=Row)\n  @sink", "rows.csv\", contract=Rwo)\n  @sink"));
    let done = space.runi(&["diff"]).exits(1).shows(&["E0101", "mend the file first"]);
    assert!(!done.stdout.contains("@accept(R006"), "{}", done.stdout);
}

#[test]
fn every_result_has_a_place() {
    let space = labelled();
    space.write("contracts/row.contract", LABELLED.replace("int64 ", "string"));
    let log = space.runi(&["diff", "--format", "sarif"]).exits(1).json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let version = results.iter().find(|result| result["ruleId"] == "X006").unwrap();
    assert_eq!(version["locations"][0]["physicalLocation"]["region"]["startLine"], 3, "{version:#}");
    assert!(results.iter().all(|result| !result["locations"].as_array().unwrap().is_empty()), "{results:#?}");
    space.runi(&["diff", "--format", "github"]).shows(&["file=contracts/row.contract,line=3,title=X006"]);
}

#[test]
fn a_contract_that_is_declared_twice_is_not_new() {
    let space = labelled();
    space.write("contracts/more.contract", LABELLED);
    let diff = space.runi(&["diff", "--format", "json"]).exits(1).json();
    assert!(diff["items"].as_array().unwrap().is_empty(), "{diff:#}");
    assert_eq!((diff["problems"][0]["severity"].as_str(), diff["summary"]["uncompared"].as_u64()), (Some("error"), Some(1)), "{diff:#}");
}

#[cfg(unix)]
#[test]
fn links_and_odd_names_are_named_by_check_and_diff() {
    use std::os::unix::ffi::OsStrExt as _;
    let space = labelled();
    let outside = Space::empty();
    outside.write("row.contract", LABELLED);
    fs::remove_file(space.path("contracts/row.contract")).unwrap();
    std::os::unix::fs::symlink(outside.path("row.contract"), space.path("contracts/row.contract")).unwrap();
    space.runi(&["check"]).exits(1).says(&["W0915"]);
    space.runi(&["diff"]).exits(1).shows(&["W0915", "X001"]);

    let space = labelled();
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff.contract");
    fs::write(space.path("contracts").join(odd), ROW.replace("Row", "Odd")).unwrap();
    space.write("contracts/bell\u{7}.contract", ROW.replace("Row", "Bell"));
    for command in ["check", "diff"] {
        let done = space.runi(&[command]).exits(0);
        let told = format!("{}{}", done.stdout, done.stderr);
        assert_eq!(told.matches("W0915").count(), 2, "{told}");
        assert!(told.contains("bell\\u{7}.contract") && !told.contains('\u{7}'), "{told}");
    }
}

#[test]
fn many_versions_do_not_fill_the_comment() {
    let space = Space::rows("id,name\n1,a\n");
    for n in 0..30 {
        space.write(&format!("contracts/c{n}.contract"), ROW.replace("Row", &format!("C{n}")));
    }
    let space = space.committed();
    for n in 0..30 {
        space.write(&format!("contracts/c{n}.contract"), ROW.replace("Row", &format!("C{n}")).replace("  name  string\n", ""));
    }
    let done = space.runi(&["diff", "--format", "markdown"]).exits(1).shows(&["and 22 more, below", "More versions (22)"]);
    let line = done.stdout.lines().find(|line| line.starts_with("Versions:")).unwrap().to_owned();
    assert_eq!(line.matches(" is due").count(), 8, "{line}");
}

#[test]
fn ci_compares_what_it_checks_with_and_without_a_base() {
    let space = labelled();
    git(space.root(), &["checkout", "-q", "-b", "work"]);
    space.write("contracts/row.contract", LABELLED.replace("  @pii(name)  @mask(redact)", ""));
    for args in [&["ci"][..], &["ci", "--base", "main"]] {
        space.runi(args).exits(1);
        let diff: Value = serde_json::from_str(&space.text(".runi/ci/diff.json")).unwrap();
        assert_eq!(diff["head"]["name"], "working copy");
        assert!(rules(&diff).contains(&"G002 denied".to_owned()), "{diff:#}");
    }
}

#[test]
fn a_sparse_index_takes_nothing_away() {
    let space = Space::rows("id,name\n1,a\n");
    for team in ["a", "b"] {
        space.write(&format!("contracts/{team}/{team}.contract"), ROW.replace("Row", &format!("Of{team}")));
    }
    let space = space.committed();
    git(space.root(), &["sparse-checkout", "init", "--cone", "--sparse-index"]);
    git(space.root(), &["sparse-checkout", "set", "contracts/a", "features", "data"]);
    assert!(!space.exists("contracts/b/b.contract"));
    space.runi(&["diff"]).exits(0).says(&["no contract or feature changes its meaning"]);
    space.write("contracts/a/a.contract", ROW.replace("Row", "Ofa").replace("  name  string\n", ""));
    let found = rules(&space.runi(&["diff", "--format", "json"]).exits(1).json());
    assert!(!found.iter().any(|finding| finding.starts_with("X001")), "{found:?}");
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_as_the_index_has_it() {
    let space = Space::rows("id,name\n1,a\n");
    let of = |name: &str| ROW.replace("Row", name);
    space.write("contracts/a/a.contract", of("Ofa"));
    space.write("contracts/b/b.contract", of("Ofb"));
    let space = space.committed();
    git(space.root(), &["checkout", "-q", "-b", "work"]);
    space.write("contracts/b/b.contract", of("Ofb").replace("  name  string\n", ""));
    space.commit("drop a column of b");
    git(space.root(), &["sparse-checkout", "init", "--cone", "--sparse-index"]);
    git(space.root(), &["sparse-checkout", "set", "contracts/a", "features", "data"]);
    assert!(!space.exists("contracts/b/b.contract"));
    let found = rules(&space.runi(&["diff", "--format", "json"]).exits(1).json());
    assert!(found.contains(&"F003 denied".to_owned()) && !found.iter().any(|finding| finding.starts_with("X001")), "{found:?}");
}

#[test]
fn a_workspace_that_moves_is_compared_with_where_it_was() {
    let space = labelled();
    space.write("README.md", "words\n");
    space.commit("words");
    for path in ["Runi.toml", "contracts", "features", "data"] {
        fs::create_dir_all(space.path("shop")).unwrap();
        git(space.root(), &["mv", path, &format!("shop/{path}")]);
    }
    space.runi(&["-C", "shop", "diff"]).exits(0).says(&["(in the top)"]);
    space.write("shop/contracts/row.contract", LABELLED.replace("  @pii(name)  @mask(redact)", ""));
    space.write("shop/Runi.toml", manifest("[compatibility.rules]\nG002 = \"allow\"\n"));
    let found = rules(&space.runi(&["-C", "shop", "diff", "--format", "json"]).exits(1).json());
    for rule in ["G002 denied", "G007 denied", "X002 denied"] {
        assert!(found.iter().any(|finding| finding == rule), "{rule}: {found:?}");
    }
}
