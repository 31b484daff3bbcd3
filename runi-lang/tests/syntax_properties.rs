//! What holds for every text: lossless trees, stable formatting, no panics.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use runi_lang::syntax::{FileKind, decode, fmt, parse, properties};
use std::fmt::Write as _;

const CONTRACT: &str = include_str!("syntax_data/trade.contract");
const FEATURE: &str = include_str!("syntax_data/trades.dsl");

fn holds(text: &str) -> Result<(), TestCaseError> {
    properties::bytes(text.as_bytes()).map_err(TestCaseError::fail)
}

/// Pieces from which texts are built that look like the language.
const PIECES: &[&str] = &[
    "Contract: ",
    "Feature: ",
    "Scenario: ",
    "Step: ",
    "Examples: ",
    "Given ",
    "When ",
    "Then ",
    "And ",
    "\n",
    "\n",
    "\n  ",
    "\n\n",
    "\r\n",
    " ",
    "\t",
    "@when ",
    "@then ",
    "@do ",
    "@step",
    "@source",
    "@sink",
    "@module",
    "@herd(x)",
    "@rule ",
    "@key",
    "@nightly",
    "@required",
    "@unknown",
    "(",
    ")",
    "<",
    ">",
    "[",
    "]",
    ",",
    ":",
    "=",
    "\"t\": ",
    "\"open",
    "'s'",
    "'open",
    "\"\"\"",
    "\"\"\"doc\"\"\"",
    "# c",
    " # c",
    "-- c",
    "/* c",
    "*/",
    "a",
    "b1",
    "$p",
    "12",
    "1%",
    "as x",
    "when a",
    "otherwise",
    "name=",
    "type=csv",
    "string",
    "decimal(9, 2)",
    "list<string>",
    "struct<a: b",
    "needs a int64",
    "gives b date",
    "| a |",
    "| ",
    "|",
    "become",
    "with a=1",
    "`x`",
    ": `x > 1`",
    "select a\n    from b",
    "drop a",
    "rename a to b",
    "keep where x",
    "é",
    "\u{feff}",
    "\u{2028}",
    "\\",
    "{",
    "@2",
    "==",
    "--",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC*") { holds(&text)?; }

    #[test]
    fn any_lines(text in "[ -~\n\r\t#|@\"'`]*") { holds(&text)?; }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        properties::bytes(&bytes).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn anything_like_the_language(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        holds(&pieces.concat())?;
    }

    #[test]
    fn damaged_files(feature in any::<bool>(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, proptest::sample::select(PIECES)), 1..6)) {
        let mut text = if feature { FEATURE } else { CONTRACT }.to_owned();
        for (at, length, piece) in cuts {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            if text.is_char_boundary(start) && text.is_char_boundary(end) {
                text.replace_range(start..end, piece);
            }
        }
        holds(&text)?;
    }
}

#[test]
fn bytes_that_are_no_text_get_one_clear_problem() {
    let code = |bytes: &[u8]| decode(bytes).1.map(|problem| problem.code().to_owned());
    assert_eq!(code(b"Contract: A"), None);
    assert_eq!(code(b"\xef\xbb\xbfContract: A\n  a string\n"), None);
    assert_eq!(code(b"caf\xe9"), Some("E0001".to_owned()));
    assert_eq!(code(b"PK\x03\x04\x00\x00"), Some("E0002".to_owned()));
    assert_eq!(code(b"\xff\xfeC\x00"), Some("E0002".to_owned()));
    assert_eq!(decode(b"caf\xe9 au lait").0, "caf\u{fffd} au lait");
}

#[test]
fn deep_types_are_refused_and_not_descended() {
    let text = format!("Contract: A\n  a {}string{}\n  b string\n", "list<".repeat(100_000), ">".repeat(100_000));
    let parsed = parse(&text, FileKind::Contract);
    let codes: Vec<&str> = parsed.problems.iter().map(|problem| problem.code()).collect();
    assert_eq!(codes, ["E0010"]);
    let (file, _) = runi_lang::lower::contracts("a.contract", &parsed);
    assert_eq!(file.contracts[0].fields.len(), 2);
}

#[test]
fn problems_are_capped_and_counted() {
    let mut text = String::from("Feature: A\n\nScenario: B\n");
    for n in 0..1_000 {
        writeln!(text, "  ! {n}").unwrap();
    }
    let parsed = parse(&text, FileKind::Feature);
    assert_eq!(parsed.problems.len(), 51);
    assert_eq!(parsed.problems[50].message(), "950 more problems in this file");
    // Before the first item such lines are one problem: prose that should be a docstring.
    let prose = parse(&text.replace("\nScenario: B\n", ""), FileKind::Feature);
    assert_eq!(prose.problems.len(), 1);
}

#[test]
fn wrong_tags_are_capped_and_counted_too() {
    let text = format!("Contract: C\n{}", "  @nightly\n".repeat(1_000));
    let parsed = parse(&text, FileKind::Contract);
    let (_, diagnostics) = runi_lang::lower::contracts("a.contract", &parsed);
    assert_eq!(diagnostics.len(), 51);
    assert_eq!((diagnostics[50].code.as_str(), diagnostics[50].message.as_str()), ("E0004", "950 more problems in this file"));
}

#[test]
fn long_hostile_texts_are_read_in_one_pass() {
    for unit in [
        "(",
        "\"",
        "| ",
        "|\"",
        "`",
        "@x ",
        "@x\n",
        "\"\"\"",
        "/*",
        "((\n",
        "@nightly\n@module(a)\n",
        "a: b<",
        "Given x\n",
        "Examples: x\n|",
        "$",
        "\r",
        "@do (\n",
    ] {
        for kind in [FileKind::Contract, FileKind::Feature] {
            let text = unit.repeat(30_000 / unit.len());
            for text in [text.clone(), format!("Contract: A\n{text}"), format!("Scenario: A\nExamples: b\n{text}")] {
                properties::lossless(&text, kind).unwrap();
                properties::lowers(&text, kind).unwrap();
            }
        }
    }
}

#[test]
fn the_canonical_layout_of_the_examples() {
    insta::assert_snapshot!(fmt::format(CONTRACT, FileKind::Contract));
    insta::assert_snapshot!(fmt::format(FEATURE, FileKind::Feature));
}
