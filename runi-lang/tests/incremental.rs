//! An edit re-runs what it must, and nothing else. Counted, never timed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use runi_lang::workspace::{MemoryTree, Stats, Workspace};
use std::sync::Arc;
use support::{contract, copy, engine};

const CONTRACTS: usize = 100;
const FEATURES: usize = 9_899;

/// 10,000 files: 100 contracts, a library of steps, and features that use one contract each.
fn ten_thousand() -> (Arc<MemoryTree>, Workspace) {
    let mut files = vec![
        ("Runi.toml".to_owned(), String::new()),
        ("data/in.csv".to_owned(), "a\nx\n".to_owned()),
        ("features/steps.dsl".to_owned(), steps("lower($column)", "")),
    ];
    for i in 0..CONTRACTS {
        files.push((format!("contracts/c{i}.contract"), contract(&format!("C{i}"), "a")));
    }
    for i in 0..FEATURES {
        files.push((format!("features/f{i}.dsl"), feature(i, "out")));
    }
    let tree = Arc::new(MemoryTree::new(files));
    let workspace = Workspace::with_tree(tree.clone(), None).unwrap();
    (tree, workspace)
}

/// Feature `i` uses contract `i % 100`; every hundredth also uses the step `Fold`.
fn feature(i: usize, out: &str) -> String {
    let text = copy(&format!("Copy {i}"), &format!("C{}", i % CONTRACTS), "data/in.csv", &format!("{out}/{i}.csv"));
    if i.is_multiple_of(100) { text.replace("  Then", "  @step(name=Fold, column=a)\n\n  Then") } else { text }
}

fn steps(body: &str, more: &str) -> String {
    format!(
        "Feature: Steps\n\nStep: Fold(column: column<string>{more})\n  @do $column = {body}\n\nStep: Other(column: column<string>)\n  @do $column = trim($column)\n"
    )
}

fn ran(stats: Stats) -> (usize, usize, usize) {
    (stats.parsed, stats.summarised, stats.checked)
}

#[test]
fn an_edit_among_ten_thousand_files_re_runs_only_what_it_reaches() {
    let (tree, mut workspace) = ten_thousand();
    let cold = workspace.check(engine).unwrap();
    assert_eq!(ran(cold.stats), (10_000, 10_000, 10_000));

    let warm = workspace.check(engine).unwrap();
    assert_eq!((ran(warm.stats), warm.stats.cached), ((0, 0, 0), 10_000));
    assert_eq!(warm.diagnostics, cold.diagnostics);

    tree.write("features/f7.dsl", feature(7, "elsewhere"));
    assert_eq!(ran(workspace.check(engine).unwrap().stats), (1, 1, 1), "a body of a scenario");

    tree.write("features/steps.dsl", steps("upper($column)", ""));
    assert_eq!(ran(workspace.check(engine).unwrap().stats), (1, 1, 1), "a body of a step that 99 files use");

    tree.write("contracts/c3.contract", format!("\n\n# moved down\n{}", contract("C3", "a")));
    assert_eq!(ran(workspace.check(engine).unwrap().stats), (1, 1, 1), "the layout of a contract");

    tree.write("contracts/c3.contract", contract("C3", "b"));
    let users = (0..FEATURES).filter(|i| i % CONTRACTS == 3).count();
    assert_eq!(ran(workspace.check(engine).unwrap().stats), (1, 1, 1 + users), "a field of a contract");

    tree.write("features/steps.dsl", steps("upper($column)", ", n: int64 = 1"));
    let users = (0..FEATURES).filter(|i| i % 100 == 0).count();
    assert_eq!(ran(workspace.check(engine).unwrap().stats), (1, 1, 1 + users), "a signature of a step");

    tree.write("features/f7.dsl", feature(7, "elsewhere"));
    assert_eq!(ran(workspace.check(engine).unwrap().stats), (0, 0, 0), "the same bytes with a new time");

    tree.remove("features/f8.dsl");
    let removed = workspace.check(engine).unwrap().stats;
    assert_eq!((ran(removed), removed.files), ((0, 0, 0), 9_999), "a file goes that nobody looks at");
}
