//! `runi diff` in a repository of several workspaces: whom a change reaches beyond its own.

use crate::support::{COPY, ROW, Space, git};
use serde_json::Value;
use std::fs;

/// A workspace in a directory: one contract, one scenario that copies a file.
fn workspace(space: &Space, directory: &str, scenario: &str, from: &str, to: &str) {
    let at = |path: &str| if directory.is_empty() { path.to_owned() } else { format!("{directory}/{path}") };
    let name = directory.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("platform");
    space.write(&at("Runi.toml"), format!("[workspace]\nname = \"{name}\"\n"));
    space.write(&at("contracts/row.contract"), ROW);
    space.write(&at("features/copy.dsl"), copies(scenario, from, to));
}

/// A feature that copies a file.
fn copies(scenario: &str, from: &str, to: &str) -> String {
    let feature = COPY.replace("Copy rows", scenario).replace("out/bad", "OUT.bad").replace("out/rows.csv", "OUT");
    feature.replace("data/rows.csv", from).replace("OUT", to)
}

/// Takes the column `name` out of a workspace's contract.
fn drop_name(space: &Space, directory: &str) {
    let path = format!("{directory}contracts/row.contract");
    space.replace(&path, "  name  string\n", "");
}

/// Package, scenario, path and distance of everything that a column reaches.
fn reached(diff: &Value) -> Vec<String> {
    let findings = diff["items"].as_array().unwrap().iter().flat_map(|item| item["findings"].as_array().unwrap());
    let mut lines: Vec<String> = findings
        .flat_map(|finding| finding["impact"].as_array().unwrap())
        .map(|hit| {
            let package = hit["package"].as_str().map_or(String::new(), |package| format!("{package}: "));
            format!("{} {package}{} ({})", hit["distance"], hit["scenario"].as_str().unwrap(), hit["path"].as_str().unwrap())
        })
        .collect();
    lines.dedup();
    lines
}

/// Code and path of every problem.
fn problems(diff: &Value) -> Vec<String> {
    let of = |problem: &Value| format!("{} {}", problem["code"].as_str().unwrap(), problem["place"]["path"].as_str().unwrap());
    diff["problems"].as_array().unwrap().iter().map(of).collect()
}

fn diff(space: &Space, directory: &str, more: &[&str]) -> Value {
    let directory = if directory.is_empty() { "." } else { directory };
    let mut args = vec!["-C", directory, "diff", "--format", "json"];
    args.extend(more);
    let done = space.runi(&args);
    assert!(matches!(done.code, Some(1 | 3)), "{}{}", done.stdout, done.stderr);
    done.json()
}

const OWN: &str = "0 Copy rows (features/copy.dsl)";

#[test]
fn an_outer_workspace_reads_what_an_inner_one_writes() {
    let space = Space::empty();
    workspace(&space, "teams/markets", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Report", "teams/markets/out/rows.csv", "report/rows.csv");
    let space = space.committed();
    drop_name(&space, "teams/markets/");
    let found = diff(&space, "teams/markets", &[]);
    assert_eq!(reached(&found), [OWN, "1 platform: Report (../../features/copy.dsl)"]);
    assert_eq!(problems(&found), Vec::<String>::new());
    let hits = found["items"][0]["findings"][0]["impact"].as_array().unwrap();
    let last = hits.last().unwrap();
    assert_eq!((last["column"].as_str(), last["output"].as_str(), last["line"].as_u64()), (Some("name"), Some("name"), Some(8)));

    // Whoever writes it does not mind what its readers want to know.
    git(space.root(), &["checkout", "-q", "."]);
    drop_name(&space, "");
    assert_eq!(reached(&diff(&space, "", &[])), ["0 Report (features/copy.dsl)"]);
}

#[test]
fn an_inner_workspace_reads_what_an_outer_one_writes() {
    let space = Space::empty();
    workspace(&space, "", "Copy rows", "data/rows.csv", "teams/markets/in/rows.csv");
    workspace(&space, "teams/markets", "Enrich", "in/*.csv", "out/rows.csv");
    workspace(&space, "teams/risk", "Assess", "in/rows.csv", "out/rows.csv");
    let space = space.committed();
    drop_name(&space, "");
    for args in [&[][..], &["--against", "HEAD"]] {
        assert_eq!(reached(&diff(&space, "", args)), [OWN, "1 markets: Enrich (teams/markets/features/copy.dsl)"]);
    }
}

#[test]
fn only_a_reader_of_the_column_is_reached() {
    let space = Space::empty();
    workspace(&space, "", "Copy rows", "data/rows.csv", "teams/markets/in/rows.csv");
    workspace(&space, "teams/markets", "Enrich", "in/rows.csv", "out/rows.csv");
    drop_name(&space, "teams/markets/");
    let space = space.committed();
    drop_name(&space, "");
    assert_eq!(reached(&diff(&space, "", &[])), [OWN]);
}

#[test]
fn workspaces_beside_each_other_meet_at_absolute_paths() {
    let space = Space::empty();
    workspace(&space, "trades", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "reports", "Report", "in/rows.csv", "out/rows.csv");
    workspace(&space, "other", "Other", "in/rows.csv", "out/rows.csv");
    let shared = "path = \"/srv/runi-shared/rows.csv\"\n";
    space.write("trades/Runi.toml", format!("[workspace]\nname = \"trades\"\n[env.dev.sinks.rows]\n{shared}"));
    space.write("reports/Runi.toml", format!("[env.dev.sources.\"report.rows\"]\n{shared}"));
    let space = space.committed();
    drop_name(&space, "trades/");
    let found = diff(&space, "trades", &[]);
    assert_eq!(
        reached(&found),
        [OWN, "1 reports: Report (../reports/features/copy.dsl)"],
        "a workspace without a name goes by its directory"
    );

    // What leaves a workspace by `..` is refused by it, so nothing is reached that way.
    space.write("reports/Runi.toml", "");
    space.write("reports/features/copy.dsl", copies("Report", "../trades/out/rows.csv", "out/rows.csv"));
    space.write("trades/Runi.toml", "[workspace]\nname = \"trades\"\n");
    space.commit("relative");
    assert_eq!(reached(&diff(&space, "trades", &["HEAD~1..HEAD"]).clone()).len(), 2, "the old plans count");
}

#[test]
fn a_chain_goes_through_workspaces_and_back() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "b", "Refine", "in/rows.csv", "out/rows.csv");
    workspace(&space, "", "Hand over", "a/out/rows.csv", "b/in/rows.csv");
    space.write(
        "features/return.dsl",
        copies("Hand back", "b/out/rows.csv", "a/back/rows.csv").replace("Feature: Copies", "Feature: Return"),
    );
    space
        .write("a/features/back.dsl", copies("Take back", "${back}/rows.csv", "out/again.csv").replace("Feature: Copies", "Feature: Back"));
    space.write("a/Runi.toml", "[workspace]\nname = \"a\"\n[env.dev.vars]\nback = \"back\"\n");
    let space = space.committed();
    drop_name(&space, "a/");
    let found = diff(&space, "a", &[]);
    let scenarios = reached(&found);
    // The contract is that of `Take back`, too, so it is reached directly as well as by the chain.
    assert_eq!(
        scenarios,
        [
            "0 Take back (features/back.dsl)",
            OWN,
            "1 platform: Hand over (../features/copy.dsl)",
            "2 b: Refine (../b/features/copy.dsl)",
            "3 platform: Hand back (../features/return.dsl)",
        ]
    );
    git(space.root(), &["checkout", "-q", "."]);
    // A scenario that reads the way back under another contract is found by the chain alone.
    space.write("a/contracts/back.contract", ROW.replace("Contract: Row", "Contract: Back"));
    space.replace("a/features/back.dsl", "contract=Row", "contract=Back");
    space.commit("another contract");
    drop_name(&space, "a/");
    let last = reached(&diff(&space, "a", &[])).pop();
    assert_eq!(last.as_deref(), Some("4 Take back (features/back.dsl)"));
}

#[test]
fn whoever_shares_an_input_is_reached_and_whoever_fills_it() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Share", "a/data/rows.csv", "report/rows.csv");
    space.write("features/fill.dsl", copies("Fill", "raw/rows.csv", "a/data/rows.csv").replace("Feature: Copies", "Feature: Fill"));
    let space = space.committed();
    drop_name(&space, "a/");
    assert_eq!(reached(&diff(&space, "a", &[])), [OWN, "0 platform: Share (../features/copy.dsl)"]);
    git(space.root(), &["checkout", "-q", "."]);
    // Readers do not mind; who fills the file has to.
    space.replace("a/contracts/row.contract", "  name  string\n", "  name  string @required\n");
    let found = reached(&diff(&space, "a", &[]));
    assert!(found.contains(&"0 platform: Fill (../features/fill.dsl)".to_owned()), "{found:?}");
}

#[test]
fn a_neighbour_that_does_not_compile_is_named_and_the_rest_compared() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Report", "a/out/rows.csv", "report/rows.csv");
    space.write("features/broken.dsl", copies("Broken", "a/out/rows.csv", "report/broken.csv").replace("contract=Row", "contract=Rou"));
    let space = space.committed();
    drop_name(&space, "a/");
    let found = diff(&space, "a", &[]);
    assert_eq!(reached(&found), [OWN, "1 platform: Report (../features/copy.dsl)"]);
    assert_eq!(problems(&found), ["W0925 ../features/broken.dsl"]);
    space.runi(&["-C", "a", "diff", "--format", "github"]).exits(1).shows(&["::warning file=features/broken.dsl,title=W0925"]);

    // Without a manifest nobody knows where its features are.
    space.write("Runi.toml", "[workspace\n");
    space.commit("a broken manifest");
    space.replace("a/contracts/row.contract", "int64", "string");
    let found = diff(&space, "a", &["--against", "HEAD"]);
    assert_eq!((reached(&found), problems(&found)), (vec![OWN.to_owned()], vec!["W0927 ../Runi.toml".to_owned()]));
}

#[test]
fn a_neighbour_of_the_old_version_counts_and_one_of_the_new_version_only_for_what_is_new() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Report", "a/out/rows.csv", "report/rows.csv");
    let space = space.committed();
    for path in ["Runi.toml", "features/copy.dsl", "contracts/row.contract"] {
        fs::remove_file(space.path(path)).unwrap();
    }
    workspace(&space, "a/out", "New", "rows.csv", "new/rows.csv");
    drop_name(&space, "a/");
    space.commit("moved away");
    for args in [&["HEAD~1"][..], &["HEAD~1..HEAD"]] {
        assert_eq!(reached(&diff(&space, "a", args)), [OWN, "1 platform: Report (../features/copy.dsl)"], "{args:?}");
    }

    // A new promise about rows that are there: the new plans are asked, of the working copy, the index or the commit.
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    let space = space.committed();
    workspace(&space, "", "Fill", "raw/rows.csv", "a/data/rows.csv");
    space.replace("a/contracts/row.contract", "  name  string\n", "  name  string\n  more  string @required\n");
    space.replace("contracts/row.contract", "  name  string\n", "  name  string\n  more  string\n");
    let fill = "0 platform: Fill (../features/copy.dsl)".to_owned();
    assert!(reached(&diff(&space, "a", &[])).contains(&fill));
    git(space.root(), &["add", "a"]);
    assert!(!reached(&diff(&space, "a", &["--staged"])).contains(&fill), "it is not staged");
    git(space.root(), &["add", "-A"]);
    assert!(reached(&diff(&space, "a", &["--staged"])).contains(&fill));
    space.commit("all");
    assert!(reached(&diff(&space, "a", &["HEAD~1..HEAD"])).contains(&fill));
}

#[test]
fn what_is_no_workspace_of_this_repository_is_not_opened() {
    let outside = Space::empty();
    let space = Space::empty();
    let shared = "path = \"/srv/runi-no/rows.csv\"\n";
    let reader = |space: &Space, directory: &str| {
        workspace(space, directory, "Never", "in/rows.csv", "out/rows.csv");
        let at = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        space.write(&format!("{at}Runi.toml"), format!("[env.dev.sources.rows]\n{shared}"));
    };
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    space.write("a/Runi.toml", format!("[workspace]\nname = \"a\"\n[env.dev.sinks.rows]\n{shared}"));
    space.write(".gitignore", ".runi/\nignored/\n");
    for directory in ["ignored", "b/.hidden", "clone"] {
        reader(&space, directory);
    }
    let clone = space.path("clone");
    git(&clone, &["init", "-q"]);
    git(&clone, &["add", "-A"]);
    git(&clone, &["commit", "-q", "-m", "another repository"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        reader(&outside, "");
        reader(&space, "linked");
        fs::rename(space.path("linked/Runi.toml"), space.path("linked.toml")).unwrap();
        symlink("../linked.toml", space.path("linked/Runi.toml")).unwrap();
        symlink(outside.root(), space.path("whole")).unwrap();
    }
    let space = space.committed();
    git(space.root(), &["add", "-f", "ignored"]);
    git(space.root(), &["commit", "-q", "-m", "even what is committed by force"]);
    drop_name(&space, "a/");
    let found = diff(&space, "a", &[]);
    assert_eq!((reached(&found), problems(&found)), (vec![OWN.to_owned()], vec![]), "{found:#}");

    git(space.root(), &["checkout", "-q", "."]);
    reader(&space, "seen");
    space.commit("one that is");
    drop_name(&space, "a/");
    assert_eq!(reached(&diff(&space, "a", &[])), [OWN, "1 seen: Never (../seen/features/copy.dsl)"]);
}

#[test]
fn a_hostile_neighbour_costs_nothing_and_breaks_nothing() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Report", "a/out/rows.csv", "report/rows.csv");
    let big = |path: &str| {
        fs::create_dir_all(space.path(path).parent().unwrap()).unwrap();
        fs::File::create(space.path(path)).unwrap().set_len(100 << 20).unwrap();
    };
    big("features/large.dsl");
    space.write("features/binary.dsl", b"Feature: \0 a/out/rows.csv");
    #[cfg(unix)]
    {
        space.write("od\nd/Runi.toml", "");
        std::os::unix::fs::symlink("/etc/passwd", space.path("Runi.lock")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", space.path("features/link.dsl")).unwrap();
    }
    space.write("Runi.toml", "[workspace]\nname = \"plat\\u001b[31mform | @all\"\n");
    let space = space.committed();
    drop_name(&space, "a/");
    let found = diff(&space, "a", &[]);
    assert_eq!(reached(&found), [OWN, "1 plat [31mform | @all: Report (../features/copy.dsl)"]);
    assert_eq!(problems(&found), ["W0927 ../features/binary.dsl"]);
    let done = space.runi(&["-C", "a", "diff"]).exits(1);
    assert!(!done.stdout.contains('\u{1b}'), "{}", done.stdout);
    let text = space.runi(&["-C", "a", "diff", "--format", "markdown"]).exits(1).stdout;
    assert!(text.contains("of `plat [31mform \\| @all`"), "{text}");

    // A manifest that nobody could mean.
    fs::File::create(space.path("Runi.toml")).unwrap().set_len(100 << 20).unwrap();
    space.commit("large");
    space.replace("a/contracts/row.contract", "int64", "string");
    let found = diff(&space, "a", &["--against", "HEAD"]);
    assert_eq!((reached(&found), problems(&found)), (vec![OWN.to_owned()], vec!["W0927 ../Runi.toml".to_owned()]));
}

#[test]
fn packages_are_workspaces_of_this_repository_or_named_as_missing() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Report", "a/out/rows.csv", "report/rows.csv");
    let manifest = |top: &str| {
        format!(
            "[workspace]\nname = \"a\"\n[packages]\ndesk = {{ git = \"{top}\", branch = \"main\" }}\nbase = {{ git = \"https://example.com/base.git\", tag = \"v1\" }}\n"
        )
    };
    space.write("a/Runi.toml", manifest(".."));
    let space = space.committed();
    drop_name(&space, "a/");
    let found = diff(&space, "a", &[]);
    assert_eq!(reached(&found), [OWN, "1 desk: Report (../features/copy.dsl)"]);
    assert_eq!(problems(&found), ["W0926 Runi.toml"]);
    assert!(found["problems"][0]["message"].as_str().unwrap().starts_with("the package `base` is not in this repository"));
    let address = format!("file://{}/.git", space.root().canonicalize().unwrap().display());
    space.write("a/Runi.toml", manifest(&address));
    space.commit("by address");
    space.replace("a/contracts/row.contract", "int64", "string");
    let found = diff(&space, "a", &["--against", "HEAD"]);
    assert_eq!(reached(&found)[1], "1 desk: Report (../features/copy.dsl)");

    // Nothing breaks anybody, so nobody could be missed.
    git(space.root(), &["checkout", "-q", "."]);
    space.replace("a/contracts/row.contract", "One row", "A row");
    assert_eq!(problems(&diff(&space, "a", &["--against", "HEAD"])), Vec::<String>::new());
}

#[test]
fn two_directories_have_no_neighbours() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Report", "a/out/rows.csv", "report/rows.csv");
    let space = space.committed();
    let other = Space::empty();
    workspace(&other, "", "Copy rows", "data/rows.csv", "out/rows.csv");
    drop_name(&other, "");
    let done = Space::empty().runi(&["diff", space.path("a").to_str().unwrap(), other.root().to_str().unwrap(), "--format", "json"]);
    assert_eq!(reached(&done.exits(1).json()), [OWN]);
}

#[test]
fn every_format_names_the_package() {
    let space = Space::empty();
    workspace(&space, "a", "Copy rows", "data/rows.csv", "out/rows.csv");
    workspace(&space, "", "Report", "a/out/rows.csv", "report/rows.csv");
    let space = space.committed();
    drop_name(&space, "a/");
    space.runi(&["-C", "a", "diff"]).exits(1).shows(&["platform: Report reads `name` at ../features/copy.dsl:8 → rows.name"]);
    let args = ["-C", "a", "diff", "--format", "markdown", "--blob-url", "https://example.com/blob/abc/"];
    space.runi(&args).exits(1).shows(&[
        "2 scenarios",
        "`Report` of `platform`",
        "[`../features/copy.dsl:8`](https://example.com/blob/abc/features/copy.dsl#L8)",
        "[`features/copy.dsl:8`](https://example.com/blob/abc/a/features/copy.dsl#L8)",
    ]);
    space.runi(&["-C", "a", "diff", "--format", "github"]).exits(1).shows(&["%0Areaches other workspaces: `Report` of `platform`"]);
    let log = space.runi(&["-C", "a", "diff", "--format", "sarif"]).exits(1).json();
    let result = &log["runs"][0]["results"][0];
    assert!(result["message"]["text"].as_str().unwrap().contains("reaches other workspaces: `Report` of `platform`"), "{result:#}");
    let related = result["relatedLocations"].as_array().unwrap();
    let places: Vec<(&str, &str)> = related
        .iter()
        .map(|location| {
            let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            (uri, location["message"]["text"].as_str().unwrap())
        })
        .collect();
    assert!(places.contains(&("a/features/copy.dsl", "`Copy rows` reads `name`")), "{places:?}");
    assert!(places.contains(&("features/copy.dsl", "`Report` of `platform` reads `name`")), "{places:?}");
}
