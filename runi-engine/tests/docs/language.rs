//! Every example of the language's reference.

use crate::support::{Fence, Findings, Section, codes, engine, root, sections, shown, workspace};
use runi_engine::run::{RunOptions, SecretOrigin, run};
use runi_lang::diagnostic::Severity;
use runi_lang::diagnostics;
use runi_lang::syntax::{FileKind, fmt, parse};
use runi_lang::workspace::Workspace;
use std::collections::BTreeSet;
use std::fs;

fn reference() -> Vec<Section> {
    sections(&fs::read_to_string(root().join("docs/language.md")).unwrap())
}

/// The sections that are workspaces, each with the shared files that it does not bring itself.
fn examples() -> Vec<(Section, Vec<Fence>)> {
    let all = reference();
    let shared: Vec<Fence> = all
        .iter()
        .filter(|section| section.remarks.iter().any(|(key, _)| key == "shared"))
        .flat_map(|section| section.fences.clone())
        .collect();
    let with_shared = |section: Section| {
        let mut files = section.fences.clone();
        files.extend(shared.iter().filter(|file| !section.fences.iter().any(|own| own.path == file.path)).cloned());
        (section, files)
    };
    all.into_iter().filter(|section| !section.fences.is_empty()).map(with_shared).collect()
}

#[test]
fn every_example_compiles_or_fails_as_it_says() {
    let mut findings = Findings::default();
    for (section, files) in examples() {
        let (errors, warnings) = (section.remark("error"), section.remark("warning"));
        let (workspace, report) = workspace(&files);
        let expected: BTreeSet<String> = errors.union(&warnings).cloned().collect();
        if codes(&report, Severity::Warning) != expected {
            findings.add(format!("`{}` says {expected:?}:\n{}", section.title, shown(&report)));
        }
        if errors.is_empty() && !report.has_errors() {
            match workspace.pipelines(engine().as_ref(), &[]) {
                Ok(pipelines) if pipelines.len() == workspace.scenarios().count() => {}
                other => findings.add(format!("`{}` builds no pipelines: {other:?}", section.title)),
            }
        }
    }
    findings.settle();
}

#[test]
fn every_example_has_the_canonical_layout() {
    let mut findings = Findings::default();
    for (section, _) in examples() {
        for file in &section.fences {
            let Some(kind) = FileKind::of(&file.path) else { continue };
            let once = fmt::format(&file.text, kind);
            if fmt::format(&once, kind) != once {
                findings.add(format!("`{}`, {}: another layout the second time:\n{once}", section.title, file.path));
            }
            assert_eq!(parse(&file.text, kind).syntax().to_string(), file.text, "{}", file.path);
            if section.remark("error").is_empty() && section.remark("warning").is_empty() && once != file.text {
                findings.add(format!("`{}`, {} is laid out as:\n{once}", section.title, file.path));
            }
        }
    }
    findings.settle();
}

#[test]
fn the_codes_that_it_names_exist() {
    let text = fs::read_to_string(root().join("docs/language.md")).unwrap();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let digits = word.strip_prefix(['E', 'W']).filter(|rest| rest.len() == 4 && rest.bytes().all(|b| b.is_ascii_digit()));
        if digits.is_some() {
            assert!(diagnostics::find(word).is_some(), "`{word}` is no code");
        }
    }
}

#[test]
fn every_correct_example_runs() {
    let mut findings = Findings::default();
    for (section, files) in examples().into_iter().filter(|(section, _)| section.remark("error").is_empty()) {
        let dir = tempfile::tempdir().unwrap();
        for file in &files {
            let path = dir.path().join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file.text).unwrap();
        }
        if !files.iter().any(|file| file.path == "Runi.toml") {
            fs::write(dir.path().join("Runi.toml"), "").unwrap();
        }
        let mut workspace = Workspace::open(dir.path(), None).unwrap();
        workspace.check(engine).unwrap();
        for pipeline in workspace.pipelines(engine().as_ref(), &[]).unwrap() {
            let mut options = RunOptions::new(dir.path());
            options.workers = Some(1);
            options.secrets = pipeline.mask_key.iter().map(|key| (key.clone(), SecretOrigin::Test)).collect();
            if let Some(error) = run(&pipeline, &options).error {
                findings.add(format!("`{}`, {}: {}: {error}", section.title, pipeline.scenario, error.code()));
            }
        }
    }
    findings.settle();
}

#[test]
fn proofs_between_scenarios_hold_across_files() {
    let contracts = "Contract: Person
  id     int64   @required
  email  string  @pii(email) @access(support)

Contract: Plain
  id     int64   @required
  email  string
";
    let copy = |name: &str, layer: &str, from: &str, read: &str, to: &str, write: &str| {
        format!(
            "Feature: {name}\n\n@module(layer={layer})\nScenario: {name}\n  @source(type=csv, path=\"{from}\", contract={read}) as rows\n  @sink(type=csv, path=\"{to}\", contract={write})\n"
        )
    };
    let found = |second: String| {
        let file = |path: &str, text: String| Fence { path: path.to_owned(), text };
        let first = copy("One", "silver", "data/people.csv", "Person", "out/one.csv", "Person");
        let files = [
            file("contracts/people.contract", contracts.to_owned()),
            file("data/people.csv", "id,email\n".to_owned()),
            file("features/one.dsl", first),
            file("features/two.dsl", second),
        ];
        codes(&workspace(&files).1, Severity::Warning).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(found(copy("Two", "silver", "out/one.csv", "Person", "out/two.csv", "Person")), [""; 0]);
    assert_eq!(found(copy("Two", "silver", "out/one.csv", "Plain", "out/two.csv", "Plain")), ["E0504"]);
    assert_eq!(found(copy("Two", "silver", "out/*.csv", "Plain", "elsewhere/two.csv", "Plain")), ["E0504"]);
    assert_eq!(found(copy("Two", "bronze", "out/one.csv", "Person", "out/two.csv", "Person")), ["E0115"]);
    assert_eq!(found(copy("Two", "silver", "data/people.csv", "Person", "out/one.csv", "Person")), ["E0406"]);
}
