//! What the quarantine keeps of a row, and what it never shows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rules_support;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray, UInt32Array};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::Int64Type;
use proptest::prelude::*;
use rules_support::{contract, field, no_predicates};
use runi_engine::quarantine::{COLUMNS, QuarantineBuilder, Reason, SourcePrivacy, flatten, schema};
use runi_engine::rows::{Chunk, Malformed, Origins, RawCell, RawRecords, Rows};
use runi_engine::rules::ContractRules;
use runi_lang::ir::ContractBinding;
use runi_lang::model::{Range, Renamed};
use runi_lang::types::DataType;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug)]
struct Records {
    cells: Vec<Vec<(&'static str, Option<String>)>>,
    names_are_data: bool,
}

impl RawRecords for Records {
    fn cells(&self, row: usize) -> Vec<RawCell> {
        self.cells[row].iter().map(|(column, text)| RawCell { column: (*column).to_owned(), text: text.clone(), json: false }).collect()
    }

    fn number(&self, row: usize) -> u64 {
        row as u64 + 101
    }

    fn line(&self, row: usize) -> Option<u64> {
        Some(row as u64 + 102)
    }

    fn names_are_data(&self) -> bool {
        self.names_are_data
    }
}

fn rows(batch: RecordBatch, records: Vec<Vec<(&'static str, Option<String>)>>, index: Option<Vec<u32>>) -> Rows {
    rows_of(batch, Records { cells: records, names_are_data: false }, index)
}

fn rows_of(batch: RecordBatch, records: Records, index: Option<Vec<u32>>) -> Rows {
    let chunk = Chunk { source: "trades".into(), file: "data/t.csv".into(), seq: 0, raw: Box::new(records) };
    Rows { batch, origin: Some(Origins { chunk: Arc::new(chunk), index: index.map(UInt32Array::from) }) }
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn binding(mut bound: runi_lang::model::Contract) -> ContractBinding {
    bound.name = "TradeRaw".into();
    let hash = bound.hash();
    ContractBinding { contract: bound, hash }
}

fn sources(bound: Option<&ContractBinding>, sensitive: &[&str]) -> Arc<SourcePrivacy> {
    let mut privacy = SourcePrivacy::default();
    privacy.add("trades", bound.map(|bound| &bound.contract), &sensitive.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    Arc::new(privacy)
}

fn reason(error: &str) -> Reason {
    Reason { rule: "rule:x".into(), title: "x".into(), error: error.into() }
}

fn record(batch: &RecordBatch, row: usize) -> Value {
    serde_json::from_str(batch.column_by_name("record").unwrap().as_string_view().value(row)).unwrap()
}

fn list(batch: &RecordBatch, column: &str, row: usize) -> Vec<String> {
    let items = batch.column_by_name(column).unwrap().as_list::<i32>().value(row);
    items.as_string_view().iter().map(|item| item.unwrap().to_owned()).collect()
}

#[test]
fn a_row_keeps_its_place_its_reasons_and_its_text() {
    let mut price = field("price", DataType::Int64);
    price.rules.range = Some(Range { min: text("0"), ..Range::default() });
    let bound = binding(contract(vec![price, field("note", DataType::String)]));
    let batch = batch(vec![
        ("price", Arc::new(Int64Array::from(vec![1, -5])) as ArrayRef),
        ("note", Arc::new(StringViewArray::from(vec![Some("a"), None])) as ArrayRef),
    ]);
    let rules = ContractRules::compile(&bound.contract, &batch.schema(), &mut no_predicates).unwrap();
    let verdicts = rules.evaluate(&batch, &[]).unwrap();
    let bad = BooleanBuffer::from(vec![false, true]);
    // Two records were filtered before: the batch's row 1 is record 3 of the chunk.
    let records = (0..4).map(|n| vec![("price", text(&format!(" {n} "))), ("note", None)]).collect();
    let rows = rows(batch, records, Some(vec![1, 3]));
    let mut builder = QuarantineBuilder::new("run-1", "Trades").with_sources(sources(Some(&bound), &[]));
    let mut reasons = |row: usize| {
        verdicts
            .broken(row)
            .map(|bit| Reason {
                rule: rules.rules()[bit].name(),
                title: rules.rules()[bit].title.clone(),
                error: rules.explain(bit, &rows.batch, row, &[]),
            })
            .collect()
    };
    builder.push_rows("trades", Some(&bound), &rows, &bad, &mut reasons, &[], false).unwrap();
    let out = builder.finish().unwrap();
    assert_eq!(out.schema(), schema());
    assert_eq!(out.num_rows(), 1);
    let shown = |column: &str| out.column_by_name(column).unwrap().as_string_view().value(0).to_owned();
    assert_eq!((shown("run_id"), shown("scenario"), shown("stage")), ("run-1".into(), "Trades".into(), "trades".into()));
    assert_eq!(shown("contract"), format!("TradeRaw@{}", bound.hash));
    assert!(shown("contract").starts_with("TradeRaw@blake3:"));
    assert_eq!((shown("source"), shown("file")), ("trades".into(), "data/t.csv".into()));
    assert_eq!(out.column_by_name("row").unwrap().as_primitive::<Int64Type>().value(0), 104);
    assert_eq!(out.column_by_name("line").unwrap().as_primitive::<Int64Type>().value(0), 105);
    assert_eq!(list(&out, "rules", 0), ["range:price"]);
    assert_eq!(list(&out, "titles", 0), ["price is at least 0"]);
    assert_eq!(list(&out, "errors", 0), ["`price` is `-5`"]);
    assert_eq!(record(&out, 0), json!({ "price": " 3 ", "note": null }));
    assert_eq!(builder.finish().unwrap().num_rows(), 0);
}

#[test]
fn after_a_set_level_step_the_row_is_kept_as_it_stood() {
    let batch = batch(vec![
        ("n", Arc::new(Int64Array::from(vec![Some(7), None])) as ArrayRef),
        ("email", Arc::new(StringViewArray::from(vec!["a@b.co", "c@d.ee"])) as ArrayRef),
    ]);
    let rows = Rows { batch, origin: None };
    let mut builder = QuarantineBuilder::new("r", "s");
    let every = BooleanBuffer::new_set(2);
    let sensitive = ["email".to_owned()];
    builder.push_rows("Join", None, &rows, &every, &mut |_| vec![reason("bad a@b.co")], &sensitive, false).unwrap();
    builder.push_rows("Join", None, &rows, &every, &mut |_| vec![reason("bad a@b.co")], &sensitive, true).unwrap();
    let out = builder.finish().unwrap();
    assert_eq!(record(&out, 0), json!({ "n": 7, "email": "***" }));
    assert_eq!(record(&out, 1), json!({ "n": null, "email": "***" }));
    assert_eq!(record(&out, 2), json!({ "n": 7, "email": "a@b.co" }));
    // Raw rows may be kept; errors still say nothing.
    assert_eq!(list(&out, "errors", 2), ["what was found is sensitive and not shown"]);
    for column in ["contract", "source", "file", "row", "line"] {
        assert_eq!(out.column_by_name(column).unwrap().null_count(), 4, "{column}");
    }
}

#[test]
fn a_later_stage_cannot_uncover_what_the_source_hides() {
    let mut bound = contract(vec![field("email", DataType::String), field("side", DataType::String)]);
    bound.renamed.push(Renamed { from: "mail".into(), to: "email".into(), until: None });
    let bound = binding(bound);
    let cells = vec![("email", text("a@b.co")), ("mail", text("old@b.co")), ("side", text("buy")), ("ssn", text("046454286"))];
    // The stage dropped the column, so it has nothing sensitive of its own.
    let stage = || batch(vec![("side", Arc::new(StringViewArray::from(vec!["buy"])) as ArrayRef)]);
    let push = |privacy: Option<Arc<SourcePrivacy>>, raw| {
        let mut builder = QuarantineBuilder::new("r", "s");
        if let Some(privacy) = privacy {
            builder = builder.with_sources(privacy);
        }
        let rows = rows(stage(), vec![cells.clone()], None);
        builder.push_rows("Drop", None, &rows, &BooleanBuffer::new_set(1), &mut |_| vec![reason("saw 046454286")], &[], raw).unwrap();
        builder.finish().unwrap()
    };
    let labelled = sources(Some(&bound), &["email"]);
    let out = push(Some(Arc::clone(&labelled)), false);
    assert_eq!(record(&out, 0), json!({ "email": "***", "mail": "***", "side": "buy", "ssn": "***" }));
    assert_eq!(list(&out, "errors", 0), ["what was found is sensitive and not shown"]);
    assert_eq!(record(&push(Some(labelled), true), 0), json!({ "email": "a@b.co", "mail": "old@b.co", "side": "buy", "ssn": "046454286" }));
    // Nobody said what the source holds: nothing is shown.
    assert_eq!(record(&push(None, false), 0), json!({ "email": "***", "mail": "***", "side": "***", "ssn": "***" }));
    // A contract without sensitive fields hides nothing, not even strangers.
    assert_eq!(record(&push(Some(sources(Some(&bound), &[])), false), 0)["ssn"], json!("046454286"));
}

#[test]
fn a_name_that_may_be_a_value_is_not_shown() {
    let bound = binding(contract(vec![field("email", DataType::String), field("side", DataType::String)]));
    let cells = vec![("email", text("a@b.co")), ("side", text("buy")), ("c@d.ee", text("1")), ("e@f.gg", None)];
    let push = |sensitive: &[&str], names_are_data, raw| {
        let stage = batch(vec![("side", Arc::new(StringViewArray::from(vec!["buy"])) as ArrayRef)]);
        let rows = rows_of(stage, Records { cells: vec![cells.clone()], names_are_data }, None);
        let mut builder = QuarantineBuilder::new("r", "s").with_sources(sources(Some(&bound), sensitive));
        builder.push_rows("s", None, &rows, &BooleanBuffer::new_set(1), &mut |_| vec![reason("x")], &[], raw).unwrap();
        record(&builder.finish().unwrap(), 0)
    };
    assert_eq!(push(&["email"], true, false), json!({ "email": "***", "side": "buy", "***": "***", "*** 2": null }));
    assert_eq!(push(&["email"], false, false), json!({ "email": "***", "side": "buy", "c@d.ee": "***", "e@f.gg": null }));
    let raw = json!({ "email": "a@b.co", "side": "buy", "c@d.ee": "1", "e@f.gg": null });
    assert_eq!(push(&["email"], true, true), raw);
    assert_eq!(push(&[], true, false), raw);
}

#[test]
fn a_malformed_record_is_kept_unless_it_may_be_sensitive() {
    let malformed =
        Malformed { file: "f".into(), number: 7, line: 9, raw: "a@b.co,\"x".into(), error: "has 2 cells where the header has 5".into() };
    let mut builder = QuarantineBuilder::new("r", "s").with_sources(sources(None, &[]));
    builder.push_malformed("trades", None, "trades", &malformed, false, false);
    builder.push_malformed("trades", None, "trades", &malformed, true, false);
    builder.push_malformed("trades", None, "trades", &malformed, true, true);
    builder.push_malformed("other", None, "other", &malformed, false, false);
    assert_eq!(builder.len(), 4);
    let out = builder.finish().unwrap();
    assert_eq!(record(&out, 0), json!({ "raw": "a@b.co,\"x" }));
    assert!(record(&out, 1).get("withheld").is_some());
    assert_eq!(record(&out, 2), json!({ "raw": "a@b.co,\"x" }));
    assert!(record(&out, 3).get("withheld").is_some());
    assert_eq!(list(&out, "rules", 0), ["malformed"]);
    assert_eq!(list(&out, "errors", 0), ["has 2 cells where the header has 5"]);
    assert_eq!(out.column_by_name("row").unwrap().as_primitive::<Int64Type>().values(), &[7, 7, 7, 7]);
    assert_eq!(out.column_by_name("line").unwrap().as_primitive::<Int64Type>().values(), &[9, 9, 9, 9]);
}

#[test]
fn flat_formats_get_lists_as_json() {
    let mut builder = QuarantineBuilder::new("r", "s");
    let rows = Rows { batch: batch(vec![("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]), origin: None };
    builder.push_rows("x", None, &rows, &BooleanBuffer::new_set(1), &mut |_| vec![reason("a"), reason("b")], &[], false).unwrap();
    let flat = flatten(&builder.finish().unwrap()).unwrap();
    assert_eq!(flat.column_by_name("errors").unwrap().as_string_view().value(0), r#"["a","b"]"#);
    assert_eq!(flat.num_columns(), COLUMNS.len());
    assert!(flat.schema().fields().iter().all(|field| !field.data_type().is_nested()));
}

#[test]
fn a_value_that_could_not_be_read_is_named_unless_it_is_sensitive() {
    let long = "x".repeat(100);
    let records = || vec![vec![("price", Some(long.clone())), ("email", text("a@b.co"))]];
    let batch = batch(vec![("price", Arc::new(Int64Array::from(vec![None])) as ArrayRef)]);
    let reasons = |rule: &str| vec![Reason { rule: rule.into(), title: "t".into(), error: "it cannot be read".into() }];
    let mut builder = QuarantineBuilder::new("r", "s").with_sources(sources(None, &["email"]));
    for rule in ["type:price", "type:email"] {
        let rows = rows(batch.clone(), records(), None);
        builder.push_rows("trades", None, &rows, &BooleanBuffer::new_set(1), &mut |_| reasons(rule), &[], true).unwrap();
    }
    let out = builder.finish().unwrap();
    assert_eq!(list(&out, "errors", 0), [format!("it cannot be read: `{}…`", "x".repeat(80))]);
    assert_eq!(list(&out, "errors", 1), ["it cannot be read"]);
}

proptest! {
    /// Whatever a rule says about sensitive columns, no byte of them comes out.
    #[test]
    fn sensitive_values_never_show(secret in "[a-z]{6,20}", other in "[0-9]{1,5}", number in any::<i64>(), earlier: bool) {
        let mut email = field("email", DataType::String);
        email.rules.required = Some(None);
        email.rules.matches = Some(("X".into(), None));
        email.rules.format = Some(("email".into(), None));
        email.rules.length = Some(Range { max: text("1"), ..Range::default() });
        let bound = binding(contract(vec![email, field("n", DataType::Int64)]));
        let batch = batch(vec![
            ("email", Arc::new(StringViewArray::from(vec![secret.as_str()])) as ArrayRef),
            ("n", Arc::new(Int64Array::from(vec![number])) as ArrayRef),
        ]);
        let rules = ContractRules::compile(&bound.contract, &batch.schema(), &mut no_predicates).unwrap();
        let verdicts = rules.evaluate(&batch, &[]).unwrap();
        let sensitive = ["email".to_owned()];
        let records = vec![vec![("email", Some(secret.clone())), ("n", Some(other))]];
        let rows = if earlier { rows(batch, records, None) } else { Rows { batch, origin: None } };
        let mut reasons: Vec<Reason> = verdicts.broken(0).map(|bit| Reason {
            rule: rules.rules()[bit].name(),
            title: rules.rules()[bit].title.clone(),
            error: rules.explain(bit, &rows.batch, 0, &sensitive),
        }).collect();
        prop_assert_eq!(reasons.len(), 3);
        prop_assert!(reasons.iter().all(|reason| !reason.error.contains(&secret)));
        // A stage that leaks: the quarantine does not.
        reasons.push(reason(&format!("cannot cast `{secret}`")));
        let mut builder = QuarantineBuilder::new("r", "s").with_sources(sources(Some(&bound), &["email"]));
        builder.push_rows("trades", Some(&bound), &rows, &BooleanBuffer::new_set(1), &mut |_| reasons.clone(), &sensitive, false).unwrap();
        let malformed = Malformed { file: "f".into(), number: 1, line: 1, raw: secret.clone(), error: "is not closed".into() };
        builder.push_malformed("trades", Some(&bound), "trades", &malformed, false, false);
        let out = builder.finish().unwrap();
        let everything = format!("{out:?}");
        prop_assert!(!everything.contains(&secret), "{}", everything);
    }
}
