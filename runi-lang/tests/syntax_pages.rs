//! The pages of the syntax codes: the wrong text gives exactly that code, the right one gives none.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_lang::diagnostics::syntax::ALL;
use runi_lang::lower;
use runi_lang::syntax::{FileKind, parse};

/// The fenced files of a part of a page: path and text.
fn files(part: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for fence in part.split("```").skip(1).step_by(2) {
        let (info, text) = fence.split_once('\n').unwrap();
        let (_, path) = info.split_once("file=").unwrap();
        files.push((path.to_owned(), text.to_owned()));
    }
    files
}

fn codes(part: &str) -> Vec<String> {
    let mut codes = Vec::new();
    for (path, text) in files(part) {
        let Some(kind) = FileKind::of(&path) else { continue };
        let parsed = parse(&text, kind);
        let diagnostics = match kind {
            FileKind::Contract => lower::contracts(&path, &parsed).1,
            FileKind::Feature => lower::feature(&path, &parsed).1,
        };
        codes.extend(diagnostics.into_iter().map(|diagnostic| diagnostic.code));
    }
    codes
}

#[test]
fn pages_show_what_they_say() {
    for code in ALL {
        assert!(code.page.starts_with(&format!("# {}: ", code.id)), "{}", code.id);
        let Some((_, rest)) = code.page.split_once("\n## Wrong\n") else { continue };
        let (wrong, right) = rest.split_once("\n## Right\n").unwrap();
        assert_eq!(codes(wrong), [code.id], "wrong, {}", code.id);
        assert_eq!(codes(right), [""; 0], "right, {}", code.id);
    }
}
