//! Help: every text, and every example in it, run as it stands.

use crate::support::{Space, git};
use std::path::Path;
use std::process::{Command, Stdio};

/// The words behind `runi` and the help of each command, in the order of the help.
fn helps() -> Vec<(Vec<String>, String)> {
    let space = Space::empty();
    let mut found = Vec::new();
    let mut names: Vec<Vec<String>> = vec![vec![]];
    while let Some(name) = names.pop() {
        let mut args: Vec<&str> = name.iter().map(String::as_str).collect();
        args.push("-h");
        let help = space.runi(&args).exits(0).stdout;
        let commands = help.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
        let below = commands.lines().filter_map(|line| line.split_whitespace().next());
        let below: Vec<Vec<String>> = below.map(|command| name.iter().cloned().chain([command.to_owned()]).collect()).collect();
        names.extend(below.into_iter().rev());
        found.push((name, help));
    }
    found
}

#[test]
fn every_help_text() {
    let mut text = String::new();
    for (name, help) in helps() {
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        let command = ["runi"].into_iter().chain(name.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        text.push_str(&format!("$ {command} -h\n\n{}\n\n", help.join("\n").trim_end()));
    }
    insta::assert_snapshot!(text);
}

/// The examples of a help text.
fn examples(help: &str) -> Vec<&str> {
    let listed = help.split("\nExamples:\n").nth(1).unwrap_or_default().lines().take_while(|line| line.starts_with("  "));
    listed.map(str::trim).chain(help.lines().filter_map(|line| line.strip_prefix("Start with: "))).collect()
}

#[test]
fn every_command_has_an_example() {
    for (name, help) in helps() {
        let groups = help.contains("\nCommands:\n");
        let about_it = |example: &&str| example.starts_with(&format!("runi {}", name.join(" ")));
        assert!(groups || examples(&help).iter().any(about_it), "runi {}", name.join(" "));
    }
}

/// The workspace of `runi init` after a while: versions in git, another branch, an environment, sources of contracts, a run.
fn lived_in() -> Space {
    let space = Space::orders();
    let contracts = space.text("contracts/orders.contract");
    let manifest = space.text("Runi.toml");
    space.write("Runi.toml", manifest + "\n[env.prod.sources.orders]\npath = \"data/*.csv\"\n");
    for (of, name) in [("go", "models/order.go"), ("rs", "src/models.rs")] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runi-interop/tests/sources/models").with_extension(of);
        space.write(name, std::fs::read(source).unwrap());
    }
    for folder in ["old", "new"] {
        space.write(&format!("{folder}/orders.contract"), contracts.replace("@unit(EUR)", &format!("@unit({folder})")));
    }
    space.runi(&["run"]).exits(0);
    let space = space.committed();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        space.write("contracts/orders.contract", contracts.replace("@version(1.0.0)", &format!("@version({version})")));
        space.commit(version);
        git(space.root(), &["tag", &format!("v{version}")]);
    }
    git(space.root(), &["update-ref", "refs/remotes/origin/main", "main"]);
    space.replace("contracts/orders.contract", "@range(min=0)", "@range(min=0, max=100)");
    space
}

/// Examples are for a shell, with redirections and all; this one knows `runi`.
#[cfg(unix)]
#[test]
fn every_example_does_something_sensible() {
    let made = lived_in();
    let commit = git(made.root(), &["rev-parse", "--short=7", "HEAD~1"]);
    let binary = Path::new(env!("CARGO_BIN_EXE_runi")).parent().unwrap().to_owned();
    let paths = std::env::join_paths([binary].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap();
    let helps = helps();
    let all: Vec<&str> = helps.iter().flat_map(|(_, help)| examples(help)).collect();
    assert!(all.len() > 40, "{all:?}");
    for example in all {
        // A new workspace needs a place without one.
        let space = if example.starts_with("runi init") { Space::empty() } else { made.copied() };
        std::fs::create_dir_all(space.path("home/.local/share/bash-completion/completions")).unwrap();
        // The commit of the example is no one's; Graphviz need not be there.
        let line = example.replace("3f2a91c", &commit).replace("| dot -Tsvg >", ">");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).current_dir(space.root()).env("PATH", &paths).env("HOME", space.path("home")).stdin(Stdio::null());
        for name in ["RUNI_ENV", "NO_COLOR", "GITHUB_ACTIONS", "GIT_DIR", "GIT_INDEX_FILE"] {
            shell.env_remove(name);
        }
        let done = shell.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        // It may find something; it must not be a wrong use, nor miss anything.
        assert!(matches!(done.status.code(), Some(0 | 1 | 3)) && !said.contains("panicked"), "{example}\n{said}");
    }
}
