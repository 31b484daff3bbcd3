//! House rules that no lint knows: sizes, headers, crate arrows, leftovers, and paths that the documentation names.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use globset::Glob;
use std::fs;
use std::path::{Path, PathBuf};

/// No source file is longer.
const LINES_MAX: usize = 700;

/// Where builds and runs leave things that are not ours.
const GENERATED: &[&str] = &["target", ".git", ".runi", "out", "dlq", "warehouse", "work", "node_modules", "__pycache__"];

/// What each crate must not use: arrows between crates never point up, and DataFusion lives in the engine.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "runi-lang",
        &[
            "runi-interop",
            "runi-engine",
            "runi-test",
            "runi-cli",
            "datafusion",
            "arrow",
            "parquet",
            "deltalake-core",
            "clap",
            "miette",
            "tokio",
        ],
    ),
    ("runi-engine", &["runi-interop", "gix", "runi-test", "runi-cli", "clap", "miette", "salsa", "rowan"]),
    ("runi-interop", &["runi-test", "runi-cli", "datafusion", "deltalake-core", "clap", "miette", "salsa", "rowan"]),
    ("runi-test", &["runi-cli", "runi-interop", "datafusion", "deltalake-core", "clap", "miette", "salsa", "rowan"]),
    ("runi-cli", &["datafusion", "arrow", "parquet", "deltalake-core", "salsa", "rowan"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the repository with its path from the root, sorted.
fn files() -> Vec<(String, PathBuf)> {
    let root = root();
    let mut out = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                if !GENERATED.contains(&name.as_str()) {
                    open.push(path);
                }
            } else {
                out.push((path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"), path));
            }
        }
    }
    out.sort();
    out
}

/// The texts of all files with one of these extensions.
fn texts(extensions: &[&str]) -> Vec<(String, String)> {
    let wanted = |name: &str| name.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension));
    files().into_iter().filter(|(name, _)| wanted(name)).map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect()
}

fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn source_files_are_short_and_say_what_they_are_for() {
    let mut problems = Vec::new();
    for (name, text) in texts(&["rs", "py", "sh"]) {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            problems.push(format!("{name}: {lines} lines; split it by meaning"));
        }
        if name.ends_with(".rs") && !text.starts_with("//! ") {
            problems.push(format!("{name}: does not begin with `//!` and what it is for"));
        }
    }
    assert_none(&problems);
}

#[test]
fn nothing_is_left_over() {
    let mut problems = Vec::new();
    let words = ["TODO", "FIXME", "todo!(", "unimplemented!(", "dbg!("];
    for (name, text) in texts(&["rs", "py", "sh", "md", "toml", "dsl", "contract", "herd", "yml", "yaml"]) {
        if name == "runi-engine/tests/tidy.rs" {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(*word)) {
                problems.push(format!("{name}:{}: {word}", at + 1));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn only_the_shell_prints() {
    let mut problems = Vec::new();
    for (name, text) in texts(&["rs"]) {
        let library = name.contains("/src/") && name != "runi-cli/src/shell.rs";
        for (at, line) in text.lines().enumerate().filter(|(_, line)| library && !line.trim_start().starts_with("//")) {
            if ["println!(", "print!("].iter().any(|print| line.contains(print)) {
                problems.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn no_code_is_exempt_from_the_compiler() {
    let mut problems = Vec::new();
    for (name, text) in texts(&["rs"]).into_iter().filter(|(name, _)| name != "runi-engine/tests/tidy.rs") {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "unsafe_code"].iter().any(|word| line.contains(word)) {
                problems.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    for (name, _) in ARROWS {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} does not take the workspace's lints");
    }
    assert_none(&problems);
}

#[test]
fn arrows_between_crates_point_down() {
    let mut problems = Vec::new();
    for (name, forbidden) in ARROWS {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        let (_, rest) = manifest.split_once("[dependencies]\n").unwrap();
        let own = rest.split("\n[").next().unwrap_or_default();
        for line in own.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if forbidden.contains(&dependency) {
                problems.push(format!("{name} uses {dependency}"));
            }
            if !line.contains("workspace = true") {
                problems.push(format!("{name}: the version of {dependency} belongs to the workspace's manifest"));
            }
        }
    }
    assert_none(&problems);
}

/// The `path=`, `input=` and `output=` of a workspace's features.
fn named_paths(features: &str) -> Vec<&str> {
    features.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_file_of_a_fixture_is_used() {
    let all = files();
    let tests: String = texts(&["rs", "py", "md", "sh"]).into_iter().map(|(_, text)| text).collect();
    let mut problems = Vec::new();
    for (manifest, path) in all.iter().filter(|(name, _)| name.ends_with("Runi.toml")) {
        let Some(dir) = manifest.strip_suffix("/Runi.toml") else { continue };
        let top: Vec<&str> = dir.split('/').take(2).collect();
        if !tests.contains(&top.join("/"))
            && !tests.contains(&format!("\"{}\"", top[0]))
            && !tests.contains(&format!("`{}`", top[top.len() - 1]))
        {
            problems.push(format!("{dir}: no test and no document speaks of it"));
        }
        let features: String = all
            .iter()
            .filter(|(name, _)| name.starts_with(&format!("{dir}/")) && name.ends_with(".dsl"))
            .map(|(_, path)| fs::read_to_string(path).unwrap())
            .chain([fs::read_to_string(path).unwrap()])
            .collect();
        let named = named_paths(&features);
        for (name, _) in &all {
            let Some(file) = name.strip_prefix(&format!("{dir}/")) else { continue };
            if !(file.starts_with("data/") || file.starts_with("golden/")) || file.ends_with("/NOTICE") {
                continue;
            }
            let used = named.iter().any(|named| Glob::new(named).is_ok_and(|glob| glob.compile_matcher().is_match(file)));
            if !used {
                problems.push(format!("{name}: no feature names it"));
            }
        }
    }
    for (name, _) in all.iter().filter(|(name, _)| name.contains("/tests/") && !name.ends_with(".rs")) {
        let file = name.rsplit('/').next().unwrap_or(name);
        // A snapshot is called by its test, or by the name that the test gives it. One of a family, whose names a test makes, is looked for
        // by that test: it compares the family's files with the names that it made.
        let used = match file.strip_suffix(".snap").and_then(|snapshot| snapshot.rsplit("__").next()) {
            Some(own) => {
                let test = own.trim_end_matches(|c: char| c == '-' || c.is_ascii_digit());
                let family = own.split_once(' ').map(|(family, _)| format!("only_these(module_path!(), \"{family}\","));
                family.is_some_and(|call| tests.contains(&call))
                    || tests.contains(&format!("fn {test}("))
                    || tests.contains(&format!("\"{own}\""))
            }
            None => tests.contains(file),
        };
        if !used {
            problems.push(format!("{name}: no test uses it"));
        }
    }
    assert_none(&problems);
}

/// `[text](target)` of a Markdown line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

#[test]
fn documents_name_only_what_is_in_the_repository() {
    let all = files();
    let tops: Vec<&str> =
        ["runi-lang/", "runi-engine/", "runi-interop/", "runi-test/", "runi-cli/", "docs/", "fixtures/", "templates/", "benches/"].into();
    let exists = |path: &str| {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        let glob = Glob::new(path).map(|glob| glob.compile_matcher());
        all.iter().any(|(name, _)| name == path || name.starts_with(&inside) || glob.as_ref().is_ok_and(|glob| glob.is_match(name)))
    };
    let mut problems = Vec::new();
    for (name, text) in texts(&["md"]) {
        let mut fenced = false;
        for (at, line) in text.lines().enumerate() {
            let mut problem = |what: &str| problems.push(format!("{name}:{}: {what}", at + 1));
            fenced ^= line.trim_start().starts_with("```");
            for outside in [" /home/", "`/home/", "/root/", "`/work/", "/tmp/", "../.."] {
                if line.contains(outside) {
                    problem(&format!("`{outside}` is outside"));
                }
            }
            if fenced {
                continue;
            }
            for link in links(line).filter(|link| !link.contains("://") && !link.starts_with(['#', 'm'])) {
                let target = link.split('#').next().unwrap_or(link);
                let beside = name.rsplit_once('/').map_or(target.to_owned(), |(dir, _)| format!("{dir}/{target}"));
                let beside = match beside.split_once("/../") {
                    Some((before, after)) => before.rsplit_once('/').map_or(after.to_owned(), |(up, _)| format!("{up}/{after}")),
                    None => beside,
                };
                if !exists(&beside) {
                    problem(&format!("the link `{link}` leads nowhere"));
                }
            }
            for span in line.split('`').skip(1).step_by(2) {
                if tops.iter().any(|top| span.starts_with(top))
                    && !span.contains([' ', '<', '{', '…'])
                    && !exists(span)
                    && !span.starts_with("benches/work")
                {
                    problem(&format!("there is no `{span}`"));
                }
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn comments_name_only_documents_that_are_there() {
    let all = files();
    let mut problems = Vec::new();
    for (name, text) in texts(&["rs"]) {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//")) {
            let spans = line.split('`').skip(1).step_by(2);
            for span in spans.filter(|span| span.starts_with("docs/") && span.contains('.') && !span.contains(['<', '{', '*'])) {
                if !all.iter().any(|(name, _)| name == span) {
                    problems.push(format!("{name}:{}: there is no `{span}`", at + 1));
                }
            }
        }
    }
    assert_none(&problems);
}
