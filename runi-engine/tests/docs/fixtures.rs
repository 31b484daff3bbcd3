//! The workspaces of the repository compile.

use crate::support::{Fence, Findings, codes, load, root, shown, workspace};
use runi_lang::diagnostic::Severity;
use std::fs;
use std::path::{Path, PathBuf};

fn below(dir: &str) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> =
        fs::read_dir(root().join(dir)).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    dirs.sort();
    assert!(!dirs.is_empty(), "nothing in `{dir}`");
    dirs
}

fn check(findings: &mut Findings, dir: &Path, files: &[Fence], from: Severity) {
    let (_, report) = workspace(files);
    if !codes(&report, from).is_empty() {
        findings.add(format!("{}:\n{}", dir.display(), shown(&report)));
    }
}

#[test]
fn the_large_fixtures_have_no_errors() {
    let mut findings = Findings::default();
    for dir in ["fixtures/flights", "fixtures/trades"].map(|dir| root().join(dir)) {
        check(&mut findings, &dir, &load(&dir), Severity::Error);
    }
    findings.settle();
}

#[test]
fn templates_have_not_even_warnings() {
    let mut findings = Findings::default();
    for dir in below("templates") {
        check(&mut findings, &dir, &load(&dir), Severity::Warning);
    }
    findings.settle();
}

#[test]
fn benchmarks_compile() {
    let mut findings = Findings::default();
    for dir in below("benches/workspaces") {
        let mut files = load(&dir);
        for file in &mut files {
            // The benchmark runs the workspace once for each format.
            file.text = file.text.replace("{format}", "parquet");
        }
        // What the generator writes before a benchmark.
        files.extend(generated(&files));
        check(&mut findings, &dir, &files, Severity::Error);
    }
    findings.settle();
}

/// Empty files for the paths of sources, which are made when the benchmarks run.
fn generated(files: &[Fence]) -> Vec<Fence> {
    let sources = files.iter().filter(|file| file.path.ends_with(".dsl")).flat_map(|file| file.text.lines());
    let paths = sources.filter_map(|line| line.trim().strip_prefix("@source(")?.split_once("path=\"")?.1.split_once('"'));
    paths.map(|(path, _)| Fence { path: path.to_owned(), text: String::new() }).collect()
}
