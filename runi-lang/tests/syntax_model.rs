//! The examples of the language lower to what they say.
#![allow(missing_docs)]

use runi_lang::lower;
use runi_lang::syntax::{FileKind, parse};

const CONTRACT: &str = include_str!("syntax_data/trade.contract");
const FEATURE: &str = include_str!("syntax_data/trades.dsl");

#[test]
fn the_contract_of_the_language_lowers() {
    let parsed = parse(CONTRACT, FileKind::Contract);
    let (file, diagnostics) = lower::contracts("contracts/trade.contract", &parsed);
    assert_eq!(diagnostics, []);
    insta::assert_debug_snapshot!(file);
}

#[test]
fn the_feature_of_the_language_lowers() {
    let parsed = parse(FEATURE, FileKind::Feature);
    let (file, diagnostics) = lower::feature("features/trades.dsl", &parsed);
    assert_eq!(diagnostics, []);
    insta::assert_debug_snapshot!(file);
}
