//! Every command that README.md and docs/review.md show is run, and what they print is what comes out.

use crate::support::{Done, Space, git};
use std::fs;
use std::path::Path;

fn document(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The fences of a kind, each with its lines.
fn fences<'t>(text: &'t str, kind: &str) -> Vec<Vec<&'t str>> {
    let mut lines = text.lines();
    let mut out = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if info == kind {
                out.push(body);
            }
        }
    }
    out
}

/// The workspace of `runi init` after a while: an earlier version of a contract, a tag, a branch, and a change that nobody has committed.
fn reviewed() -> Space {
    let space = Space::orders();
    let contracts = space.text("contracts/orders.contract");
    space
        .write("contracts/orders.contract", contracts.replacen("@version(1.0.0)", "@version(0.9.0)", 1).replacen(" @format(email)", "", 1));
    let space = space.committed();
    space.write("contracts/orders.contract", &contracts);
    space.write("old/orders.contract", contracts.replacen("@unit(EUR)", "", 1));
    space.commit("addresses have a format");
    git(space.root(), &["tag", "v1.0.0"]);
    git(space.root(), &["checkout", "-q", "-b", "feature"]);
    let wide =
        contracts.replacen("@version(1.0.0)", "@version(1.1.0)", 1).replacen("  ordered_on  date", "  note  string\n  ordered_on  date", 1);
    space.write("contracts/orders.contract", wide);
    space.commit("a note");
    git(space.root(), &["checkout", "-q", "main"]);
    git(space.root(), &["checkout", "-q", "-b", "work"]);
    space.replace("contracts/orders.contract", "@range(min=0)", "@range(min=0, max=100)");
    space
}

fn run(space: &Space, command: &str) -> Done {
    let command = command.split(" #").next().unwrap_or(command);
    let args: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(args[0], "runi", "{command}");
    space.runi(&args[1..])
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let guide = document("docs/review.md");
    let commands: Vec<&str> = fences(&guide, "sh").into_iter().flatten().collect();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands {
        let space = reviewed();
        if command.contains("--staged") {
            git(space.root(), &["add", "-A"]);
        }
        let done = run(&space, command);
        assert!(matches!(done.code, Some(0 | 1 | 3)), "{command}\n{}{}", done.stdout, done.stderr);
        // The sample's change is found by whatever compares with what was before it.
        if command.starts_with("runi diff ") && !command.contains("..") && !command.contains("old/") {
            assert_eq!(done.code, Some(1), "{command}");
            done.shows(&["C001"]);
        }
    }
}

/// Commit ids and durations differ from run to run.
fn stable(text: &str) -> Vec<String> {
    let text = regex::Regex::new(r"\b[0-9a-f]{12}\b").unwrap().replace_all(text, "[SHORT]").into_owned();
    crate::support::stable(&text).lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn the_readme_shows_the_review_that_comes_out() {
    let readme = document("README.md");
    let sessions = fences(&readme, "console");
    assert!(!sessions.is_empty());
    for session in sessions {
        let (command, shown) = session.split_first().unwrap();
        let done = run(&reviewed(), command.strip_prefix("$ ").unwrap());
        let real = stable(&format!("{}{}", done.stdout, done.stderr));
        let mut rest = real.iter();
        for line in stable(&shown.join("\n")).iter().filter(|line| line.trim() != "…") {
            assert!(rest.any(|real| real == line), "README.md shows {line:?}, which does not come there in\n{}", real.join("\n"));
        }
    }
}

/// Blocks without a kind are for a shell, or show what comes out.
#[cfg(unix)]
#[test]
fn every_command_of_the_readme_works_as_it_stands() {
    let readme = document("README.md");
    let ci = document(".ci/run").replace(" --locked", "");
    let binary = Path::new(env!("CARGO_BIN_EXE_runi")).parent().unwrap().to_owned();
    let paths = std::env::join_paths([binary].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap();
    let (mut built, mut ran) = (0, 0);
    for command in fences(&readme, "").into_iter().flatten().filter(|line| line.starts_with("cargo ") || line.starts_with("runi ")) {
        if command.starts_with("cargo install ") {
            let path = command.rsplit(' ').next().unwrap();
            assert!(document(&format!("{path}/Cargo.toml")).contains("name = \"runi\""), "{command}: there is no such binary");
        } else if command.starts_with("cargo ") {
            assert!(ci.lines().any(|line| line == command), "{command}: CI does not run it");
            built += 1;
        } else {
            let space = Space::empty();
            let done =
                std::process::Command::new("sh").args(["-c", command]).current_dir(space.root()).env("PATH", &paths).output().unwrap();
            assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
            ran += 1;
        }
    }
    assert!(built >= 2 && ran >= 1, "{built} {ran}");
}

#[test]
fn a_break_that_is_accepted_as_the_guide_shows_is_no_break() {
    let guide = document("docs/review.md");
    let accept = guide.lines().find(|line| line.starts_with("@accept(")).unwrap();
    let space = reviewed();
    space.runi(&["diff"]).exits(1);
    space.replace(
        "contracts/orders.contract",
        "  @owner(shop, contact=\"shop@example.com\")\n\n  order_id    int64           @required\n  customer",
        &format!("  @owner(shop, contact=\"shop@example.com\")\n  {accept}\n\n  order_id    int64           @required\n  customer"),
    );
    space.runi(&["diff", "--exit-on", "denied"]).exits(0);
}

#[test]
fn the_workflow_of_the_guide_is_the_one_that_is_laid_down() {
    let guide = document("docs/review.md");
    let laid = document("templates/default/.github/workflows/runi.yml");
    let laid: Vec<&str> = laid.lines().collect();
    for line in fences(&guide, "yaml").into_iter().flatten() {
        assert!(laid.contains(&line), "{line}");
    }
}
