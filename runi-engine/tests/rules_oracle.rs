//! Every rule against a row-by-row oracle that shares no code with it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rules_support;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray, RecordBatch,
    StringArray, StringViewArray, TimestampMicrosecondArray, UInt8Array,
};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{Int32Type, Schema};
use proptest::prelude::*;
use rules_support::{contract, field, no_predicates};
use runi_engine::error::EngineError;
use runi_engine::rows::CellFailures;
use runi_engine::rules::{ContractRules, RowPredicate, Verdicts};
use runi_lang::model::{Contract, Field, OnFail, Range, Rule};
use runi_lang::types::{DataType, TimeUnit};
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn compile(contract: &Contract, batch: &RecordBatch) -> ContractRules {
    ContractRules::compile(contract, &batch.schema(), &mut no_predicates).unwrap()
}

fn rows_of(rules: &ContractRules, verdicts: &Verdicts, name: &str) -> Vec<bool> {
    let bit = rules.rules().iter().find(|rule| rule.name() == name).unwrap_or_else(|| panic!("no rule {name}")).bit;
    (0..verdicts.rows()).map(|row| verdicts.is_set(row, bit)).collect()
}

fn range(min: Option<String>, max: Option<String>, exclusive: bool) -> Range {
    Range { min, max, exclusive, on_fail: None }
}

/// Ten-thousandths, as a literal.
fn literal(value: i64) -> String {
    format!("{}{}.{:04}", if value < 0 { "-" } else { "" }, value.abs() / 10_000, value.abs() % 10_000)
}

fn broken(value: Option<i64>, min: Option<i64>, max: Option<i64>, exclusive: bool) -> bool {
    let Some(value) = value else { return false };
    let below = min.is_some_and(|min| value < min || exclusive && value == min);
    let above = max.is_some_and(|max| value > max || exclusive && value == max);
    below || above
}

/// Mostly whole numbers, so that values meet their bounds.
fn bound() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![Just(None), (-40_i64..40).prop_map(|n| Some(n * 10_000)), (-400_000_i64..400_000).prop_map(Some)]
}

fn ranged(name: &str, ty: DataType, limits: Range) -> Field {
    let mut field = field(name, ty);
    field.rules.range = Some(limits);
    field
}

proptest! {
    #[test]
    fn numeric_ranges(
        values in prop::collection::vec(prop::option::of(-30_i64..30), 0..200),
        min in bound(), max in bound(), exclusive: bool,
    ) {
        let limits = range(min.map(literal), max.map(literal), exclusive);
        let decimals = Decimal128Array::from_iter(values.iter().map(|v| v.map(|v| i128::from(v) * 50))).with_precision_and_scale(12, 2).unwrap();
        let batch = batch(vec![
            ("i", Arc::new(Int64Array::from_iter(values.iter().copied()))),
            ("u", Arc::new(UInt8Array::from_iter(values.iter().map(|v| v.map(|v| v.unsigned_abs() as u8))))),
            ("f", Arc::new(Float64Array::from_iter(values.iter().map(|v| v.map(|v| v as f64 / 2.0))))),
            ("d", Arc::new(decimals)),
        ]);
        let contract = contract(vec![
            ranged("i", DataType::Int64, limits.clone()),
            ranged("u", DataType::UInt8, limits.clone()),
            ranged("f", DataType::Float64, limits.clone()),
            ranged("d", DataType::Decimal { precision: 12, scale: 2 }, limits),
        ]);
        let rules = compile(&contract, &batch);
        let verdicts = rules.evaluate(&batch, &[]).unwrap();
        let oracle = |scale: fn(i64) -> i64| values.iter().map(|v| broken(v.map(scale), min, max, exclusive)).collect::<Vec<_>>();
        prop_assert_eq!(rows_of(&rules, &verdicts, "range:i"), oracle(|v| v * 10_000));
        prop_assert_eq!(rows_of(&rules, &verdicts, "range:u"), oracle(|v| v.abs() * 10_000));
        prop_assert_eq!(rows_of(&rules, &verdicts, "range:f"), oracle(|v| v * 5_000));
        prop_assert_eq!(rows_of(&rules, &verdicts, "range:d"), oracle(|v| v * 5_000));
    }

    #[test]
    fn ranges_over_time(
        values in prop::collection::vec(prop::option::of(-20_i64..20), 0..100),
        min in prop::option::of(-15_i64..15), max in prop::option::of(-15_i64..15), exclusive: bool,
    ) {
        // Twelve hours each, so that every other value falls between two days.
        let day = |n: i64| chrono::DateTime::from_timestamp(n * 86_400, 0).unwrap().format("%Y-%m-%d").to_string();
        let limits = range(min.map(day), max.map(day), exclusive);
        let stamps = TimestampMicrosecondArray::from_iter(values.iter().map(|v| v.map(|v| v * 43_200_000_000)));
        let batch = batch(vec![
            ("day", Arc::new(Date32Array::from_iter(values.iter().map(|v| v.map(|v| v as i32))))),
            ("at", Arc::new(stamps.clone().with_timezone("UTC"))),
            ("wall", Arc::new(stamps)),
        ]);
        let contract = contract(vec![
            ranged("day", DataType::Date, limits.clone()),
            ranged("at", DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".into()) }, limits.clone()),
            ranged("wall", DataType::Timestamp { unit: TimeUnit::Microsecond, zone: None }, limits),
        ]);
        let rules = compile(&contract, &batch);
        let verdicts = rules.evaluate(&batch, &[]).unwrap();
        let halves = |v: Option<i64>| broken(v, min.map(|m| m * 2), max.map(|m| m * 2), exclusive);
        prop_assert_eq!(rows_of(&rules, &verdicts, "range:day"), values.iter().map(|v| broken(*v, min, max, exclusive)).collect::<Vec<_>>());
        prop_assert_eq!(rows_of(&rules, &verdicts, "range:at"), values.iter().map(|v| halves(*v)).collect::<Vec<_>>());
        prop_assert_eq!(rows_of(&rules, &verdicts, "range:wall"), values.iter().map(|v| halves(*v)).collect::<Vec<_>>());
    }

    #[test]
    fn text_rules_in_every_encoding(
        values in prop::collection::vec(prop::option::of("[A-Cé]{0,5}|[A-C]{13,15}|AB|buy|sell"), 0..120),
        min in 0_usize..4, more in 0_usize..4, encoding in 0..4,
    ) {
        let texts = values.iter().map(Option::as_deref);
        let array: ArrayRef = match encoding {
            0 => Arc::new(texts.collect::<StringViewArray>()),
            1 => Arc::new(texts.collect::<StringArray>()),
            2 => Arc::new(texts.collect::<LargeStringArray>()),
            _ => Arc::new(texts.collect::<DictionaryArray<Int32Type>>()),
        };
        let batch = batch(vec![("t", array)]);
        let mut tested = field("t", DataType::Enum(vec!["buy".into(), "AB".into()]));
        tested.rules.required = Some(None);
        tested.rules.length = Some(range(Some(min.to_string()), Some((min + more).to_string()), false));
        tested.rules.matches = Some(("[A-B]{1,3}|C+".into(), None));
        tested.rules.format = Some(("iso3166".into(), None));
        let rules = compile(&contract(vec![tested]), &batch);
        let verdicts = rules.evaluate(&batch, &[]).unwrap();
        let oracle = |bad: &dyn Fn(&str) -> bool| values.iter().map(|v| v.as_deref().is_some_and(bad)).collect::<Vec<_>>();
        prop_assert_eq!(rows_of(&rules, &verdicts, "required:t"), values.iter().map(Option::is_none).collect::<Vec<_>>());
        prop_assert_eq!(rows_of(&rules, &verdicts, "enum:t"), oracle(&|v| v != "buy" && v != "AB"));
        prop_assert_eq!(rows_of(&rules, &verdicts, "length:t"), oracle(&|v| !(min..=min + more).contains(&v.chars().count())));
        let only = |v: &str, set: &[char]| v.chars().all(|c| set.contains(&c));
        prop_assert_eq!(rows_of(&rules, &verdicts, "matches:t"), oracle(&|v| {
            !((1..=3).contains(&v.len()) && only(v, &['A', 'B']) || !v.is_empty() && only(v, &['C']))
        }));
        prop_assert_eq!(rows_of(&rules, &verdicts, "format:t"), oracle(&|v| !["BB", "BA", "CA", "CC"].contains(&v)));
    }

    #[test]
    fn more_rules_than_one_word(rows in 0_usize..40, fields in 60_usize..80, seed in prop::collection::vec(prop::bool::weighted(0.1), 3200)) {
        let null = |row: usize, column: usize| seed[(row * fields + column) % seed.len()];
        let names: Vec<String> = (0..fields).map(|n| format!("c{n}")).collect();
        let batch = batch(names.iter().enumerate().map(|(column, name)| {
            let array: Int64Array = (0..rows).map(|row| (!null(row, column)).then_some(1)).collect();
            (name.as_str(), Arc::new(array) as ArrayRef)
        }).collect());
        let contract = contract(names.iter().enumerate().map(|(n, name)| {
            let mut field = field(name, DataType::Int64);
            field.rules.required = Some((n % 2 == 0).then_some(OnFail::Warn));
            field
        }).collect());
        let rules = compile(&contract, &batch);
        let verdicts = rules.evaluate(&batch, &[]).unwrap();
        prop_assert!(verdicts.words() > 1);
        // Bits: `type`, `required` of each field in turn.
        let counts = verdicts.counts();
        for column in 0..fields {
            prop_assert_eq!(counts[column * 2 + 1], (0..rows).filter(|row| null(*row, column)).count() as u64);
            prop_assert_eq!(counts[column * 2], 0);
        }
        let quarantined = verdicts.rows_with(&rules.with_policy(&[OnFail::Quarantine]));
        for row in 0..rows {
            let expected: Vec<usize> = (0..fields).filter(|column| null(row, *column)).map(|column| column * 2 + 1).collect();
            prop_assert_eq!(verdicts.broken(row).collect::<Vec<_>>(), expected);
            prop_assert_eq!(quarantined.value(row), (0..fields).any(|column| column % 2 == 1 && null(row, column)));
        }
    }
}

/// True for rows whose `n` is positive, null for null; fails for 13 as a division would.
struct Positive;

impl RowPredicate for Positive {
    fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, EngineError> {
        let values = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
        match values.iter().flatten().any(|n| n == 13) {
            true => Err(EngineError::Engine { context: "evaluating".into(), message: "thirteen".into() }),
            false => Ok(values.iter().map(|n| n.map(|n| n > 0)).collect()),
        }
    }
}

proptest! {
    #[test]
    fn expressions_pass_nulls_and_break_where_they_cannot_be_computed(values in prop::collection::vec(prop::option::of(-3_i64..15), 0..80)) {
        let batch = batch(vec![("n", Arc::new(Int64Array::from(values.clone())))]);
        let mut contract = contract(vec![field("n", DataType::Int64)]);
        contract.rules.push(Rule { title: "positive".into(), sql: "n > 0".into(), on_fail: Some(OnFail::Fail) });
        let mut seen = Vec::new();
        let rules = ContractRules::compile(&contract, &batch.schema(), &mut |sql| {
            seen.push(sql.to_owned());
            Ok(Box::new(Positive))
        }).unwrap();
        prop_assert_eq!(seen, ["n > 0"]);
        prop_assert_eq!(rules.rules()[1].on_fail, OnFail::Fail);
        let verdicts = rules.evaluate(&batch, &[]).unwrap();
        let oracle: Vec<bool> = values.iter().map(|v| v.is_some_and(|v| v <= 0 || v == 13)).collect();
        prop_assert_eq!(rows_of(&rules, &verdicts, "rule:positive"), oracle);
    }
}

#[test]
fn an_unreadable_cell_breaks_type_and_not_required() {
    let batch = batch(vec![("n", Arc::new(Int64Array::from(vec![Some(1), None, None])))]);
    let mut required = field("n", DataType::Int64);
    required.rules.required = Some(None);
    required.rules.conversion = Some(OnFail::Warn);
    let rules = compile(&contract(vec![required]), &batch);
    let failures = [CellFailures { column: 0, rows: BooleanBuffer::from(vec![false, true, false]) }];
    let verdicts = rules.evaluate(&batch, &failures).unwrap();
    assert_eq!(rows_of(&rules, &verdicts, "type:n"), [false, true, false]);
    assert_eq!(rows_of(&rules, &verdicts, "required:n"), [false, false, true]);
    let bad = verdicts.rows_with(&rules.with_policy(&[OnFail::Quarantine, OnFail::Fail]));
    assert_eq!(bad.iter().collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn floats_that_are_not_numbers_lie_outside_every_range() {
    let values = [f64::NAN, f64::INFINITY, -0.0, 0.0];
    let batch = batch(vec![("f", Arc::new(Float64Array::from(values.to_vec())))]);
    let check = |limits| {
        let rules = compile(&contract(vec![ranged("f", DataType::Float64, limits)]), &batch);
        rows_of(&rules, &rules.evaluate(&batch, &[]).unwrap(), "range:f")
    };
    assert_eq!(check(range(Some("0".into()), None, false)), [true, false, false, false]);
    assert_eq!(check(range(Some("0".into()), None, true)), [true, false, true, true]);
}

#[test]
fn a_bound_beyond_the_type_shuts_out_all_or_nothing() {
    let batch = batch(vec![("u", Arc::new(UInt8Array::from(vec![0, 255])))]);
    let check = |min: &str, max: &str| {
        let rules = compile(&contract(vec![ranged("u", DataType::UInt8, range(Some(min.into()), Some(max.into()), false))]), &batch);
        rows_of(&rules, &rules.evaluate(&batch, &[]).unwrap(), "range:u")
    };
    assert_eq!(check("-1", "1e30"), [false, false]);
    assert_eq!(check("256", "1e3"), [true, true]);
    assert_eq!(check("-9", "-1"), [true, true]);
    assert_eq!(check("0.5", "254.5"), [true, true]);
}

#[test]
fn a_timestamp_bound_without_an_offset_is_read_in_the_columns_zone() {
    // 2024-07-01T00:00 in Paris is 22:00 the day before in UTC.
    let at = chrono::DateTime::parse_from_rfc3339("2024-06-30T22:00:00Z").unwrap().timestamp_micros();
    let array = TimestampMicrosecondArray::from(vec![at - 1, at]).with_timezone("Europe/Paris");
    let batch = batch(vec![("at", Arc::new(array))]);
    let ty = DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("Europe/Paris".into()) };
    for literal in ["2024-07-01", "2024-07-01 00:00:00", "2024-06-30T22:00:00Z"] {
        let rules = compile(&contract(vec![ranged("at", ty.clone(), range(Some(literal.into()), None, false))]), &batch);
        assert_eq!(rows_of(&rules, &rules.evaluate(&batch, &[]).unwrap(), "range:at"), [true, false], "{literal}");
    }
}

#[test]
fn what_cannot_be_checked_does_not_compile() {
    let schema = Arc::new(Schema::new(vec![arrow::datatypes::Field::new("n", arrow::datatypes::DataType::Int64, true)]));
    let mut patterned = field("n", DataType::Int64);
    patterned.rules.matches = Some(("x".into(), None));
    for bad in [field("m", DataType::Int64), ranged("n", DataType::Int64, range(Some("soon".into()), None, false)), patterned] {
        assert!(ContractRules::compile(&contract(vec![bad]), &schema, &mut no_predicates).is_err());
    }
}

#[test]
fn titles_are_sentences() {
    let batch = batch(vec![("price", Arc::new(Int64Array::from(vec![1])))]);
    let mut price = ranged("price", DataType::Int64, range(Some("0".into()), None, true));
    price.rules.required = Some(None);
    let rules = compile(&contract(vec![price]), &batch);
    let titles: Vec<&str> = rules.rules().iter().map(|rule| rule.title.as_str()).collect();
    assert_eq!(titles, ["price reads as int64", "price is present", "price is more than 0"]);
}
