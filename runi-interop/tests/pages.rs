//! Every example of `docs/interop.md`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_interop::export::{self, export};
use runi_interop::import::{Format, Input, Options, import};
use runi_lang::lower;
use runi_lang::model::Contract;
use runi_lang::syntax::{FileKind, parse, write};
use std::fs;
use std::path::Path;

/// A fenced text: its language, what else its first line says, and itself.
struct Fence {
    language: String,
    about: String,
    text: String,
}

fn fences(markdown: &str) -> Vec<Fence> {
    let mut out = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text: String = lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            let (language, about) = info.split_once(' ').unwrap_or((info, ""));
            out.push(Fence { language: language.to_owned(), about: about.to_owned(), text });
        }
    }
    out
}

/// A source becomes the contract below it and the losses below that; a contract becomes the exports below it.
#[test]
fn every_example_is_what_comes_out() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/interop.md")).unwrap();
    let mut made: Option<(Vec<Contract>, String)> = None;
    let mut contracts: Vec<Contract> = Vec::new();
    let mut lost = String::new();
    let mut shown = 0;
    for fence in fences(&page) {
        if let Some(name) = fence.about.strip_prefix("source=") {
            let format = Format::guess(name, fence.text.as_bytes()).unwrap_or_else(|| panic!("the name of {name} tells no format"));
            // Samples are read from the disk.
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            fs::write(&path, &fence.text).unwrap();
            let options = Options::default();
            let bytes = if format.is_sample() { "" } else { &fence.text };
            let imported = import(format, &Input { name, bytes: bytes.as_bytes(), path: Some(&path), options: &options })
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let line = |loss: &runi_interop::Loss| {
                let line = loss.line.map_or_else(String::new, |line| format!(":{line}"));
                format!("{name}{line}: {}: {}\n", loss.at, loss.message)
            };
            lost = imported.losses.iter().map(line).collect();
            made = Some((imported.contracts, name.to_owned()));
        } else if fence.language == "contract" {
            contracts = match made.take() {
                Some((made, name)) => {
                    assert_eq!(write::file(&made).unwrap(), fence.text, "{name}");
                    shown += 1;
                    made
                }
                None => {
                    let (file, problems) = lower::contracts("page", &parse(&fence.text, FileKind::Contract));
                    assert!(problems.is_empty(), "{problems:?}");
                    file.contracts
                }
            };
        } else if fence.language == "lost" {
            assert_eq!(std::mem::take(&mut lost), fence.text);
        } else if let Some(name) = fence.about.strip_prefix("export=") {
            let format = export::Format::ALL.iter().find(|format| format.name() == name).unwrap_or_else(|| panic!("no format {name}"));
            let exported = export(*format, &contracts, &export::Options::default()).unwrap();
            let text: String = exported.files.iter().map(|file| String::from_utf8(file.bytes.clone()).unwrap()).collect();
            assert_eq!(text, fence.text, "{name}");
            shown += 1;
        }
        let last = fence.language == "contract" || fence.language == "lost";
        assert!(made.is_none() || !last, "a source is followed by its contract");
    }
    assert!(made.is_none(), "a source is followed by its contract");
    assert!(shown >= 2);
}
