//! Masks against known answers. The keyed ones were computed with Python's `hmac`, `hashlib` and `base64`:
//!
//! ```text
//! hash     hmac.new(key, text, sha256).hexdigest()
//! token    "tok_" + b32encode(hmac.new(sha256(b"runi/mask/tokenise/v1\0" + key).digest(), text, sha256).digest()).lower()[:26]
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int8Array,
    Int32Array, Int64Array, RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int8Type, Int32Type};
use arrow::util::display::array_value_to_string;
use proptest::prelude::*;
use runi_engine::error::EngineError;
use runi_engine::mask::{MaskKey, MaskPlan};
use runi_lang::ir::SinkColumn;
use runi_lang::model::Mask;
use runi_lang::types::{DataType, TimeUnit};
use std::sync::Arc;

const KEY: &[u8] = b"runi test mask key, 32 bytes lg!";

const KNOWN: &[(&str, &str, &str)] = &[
    ("a@b.co", "19394b1da18f364c0de9ac163dafcb82461928837c3a8065169f1b6a76e77050", "tok_ltpsg5tcoaqknfyk7ep4nwh3y3"),
    ("", "42ede19c0d7511e0c40dafd2a92f11a42b41345e103aa25ea5a0fe73a29e67fe", "tok_rg4ypbqrjtw6p5kppn2ogk2qu6"),
    ("é☃", "195095cc8e3148e27931fff5bb6995142b78417d93298ed44bfff824423bec17", "tok_g5b4bqzj7x5skwitl2vnnupix5"),
    (
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "5e297d18ecb130d5550f081ae9a7d2102bf0a93f5ce54bef74eebb76c916d490",
        "tok_7ddjk6z6rkxoum5xlenlfrziv2",
    ),
    ("42", "ed5313417eb3474f134c4ce1861d1d04831e22397496cf0282c134fad24193a0", "tok_wnhn3sgmfh7iamdx5smkshvnre"),
    ("1.5", "ab8d69818eda003b513a24097fbfc604b69024a3b5e1ec19bf5da684784d959b", "tok_fpfukflh3pg37iv67nr5aixrji"),
    ("true", "d46d760249033603259a213fd7a22c4f6e05b26b73c7ea21dd0b531774f798b1", "tok_hi3sur2q42kih34ndugyxva7r7"),
    ("2024-02-29", "80bd903abc51ff309cdf268451fba5a6545d85a0a5bcb52726a3580bc178fc67", "tok_jylri5n3jldl735zlnk7bqdqla"),
    ("2024-02-29T12:00:00.25Z", "a27c9c822e7c0f6f483311a4261e945801ef1041c90400b8cd6955302e6cd3b0", "tok_esk3dyb4tuiwicjl5fi22xa526"),
];

fn column(mask: Mask, ty: DataType) -> SinkColumn {
    SinkColumn { name: "c".into(), ty, nullable: true, mask: Some(mask) }
}

fn masked(array: ArrayRef, mask: Mask, ty: DataType) -> Result<ArrayRef, EngineError> {
    let batch = RecordBatch::try_from_iter_with_nullable([("c", array, true)]).unwrap();
    let plan = MaskPlan::compile(&[column(mask, ty)], &batch.schema(), Some(&MaskKey::new(KEY)))?;
    let out = plan.apply(&batch)?;
    assert_eq!(out.schema(), plan.schema());
    Ok(Arc::clone(out.column(0)))
}

fn texts(array: &ArrayRef) -> Vec<Option<String>> {
    (0..array.len()).map(|row| array.is_valid(row).then(|| array_value_to_string(array, row).unwrap())).collect()
}

fn micros(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
}

fn days(text: &str) -> i32 {
    (text.parse::<chrono::NaiveDate>().unwrap() - chrono::NaiveDate::default()).num_days() as i32
}

#[test]
fn keyed_masks_match_python() {
    let values: StringViewArray = KNOWN.iter().map(|(text, _, _)| Some(*text)).chain([None]).collect();
    let hashes = masked(Arc::new(values.clone()), Mask::Hash, DataType::String).unwrap();
    let tokens = masked(Arc::new(values), Mask::Tokenise, DataType::String).unwrap();
    for (row, (text, hash, token)) in KNOWN.iter().enumerate() {
        assert_eq!(hashes.as_string_view().value(row), *hash, "{text}");
        assert_eq!(tokens.as_string_view().value(row), *token, "{text}");
    }
    assert!(hashes.is_null(KNOWN.len()) && tokens.is_null(KNOWN.len()));
}

#[test]
fn values_of_every_type_are_hashed_by_their_canonical_text() {
    let known = |text: &str| KNOWN.iter().find(|(known, _, _)| *known == text).unwrap().1;
    let zoned = TimestampMicrosecondArray::from(vec![micros("2024-02-29T13:00:00.25+01:00")]).with_timezone("Europe/Paris");
    let cases: Vec<(ArrayRef, &str)> = vec![
        (Arc::new(Int64Array::from(vec![42])), "42"),
        (Arc::new(Int8Array::from(vec![42])), "42"),
        (Arc::new(Decimal128Array::from(vec![4200]).with_precision_and_scale(10, 2).unwrap()), "42"),
        (Arc::new(Decimal128Array::from(vec![1500]).with_precision_and_scale(10, 3).unwrap()), "1.5"),
        (Arc::new(Float64Array::from(vec![1.5])), "1.5"),
        (Arc::new(BooleanArray::from(vec![true])), "true"),
        (Arc::new(Date32Array::from(vec![days("2024-02-29")])), "2024-02-29"),
        (Arc::new(zoned), "2024-02-29T12:00:00.25Z"),
        (Arc::new(StringArray::from(vec!["a@b.co"])), "a@b.co"),
        (Arc::new(BinaryViewArray::from_iter_values([b"a@b.co"])), "a@b.co"),
        (Arc::new(DictionaryArray::<Int32Type>::from_iter(["a@b.co"])), "a@b.co"),
    ];
    for (array, text) in cases {
        let hash = masked(array, Mask::Hash, DataType::String).unwrap();
        assert_eq!(hash.as_string_view().value(0), known(text), "{text}");
    }
}

#[test]
fn minus_zero_is_zero() {
    let hashes = masked(Arc::new(Float64Array::from(vec![0.0, -0.0])), Mask::Hash, DataType::String).unwrap();
    assert_eq!(hashes.as_string_view().value(0), hashes.as_string_view().value(1));
}

#[test]
fn keyed_masks_need_a_key_that_cannot_be_guessed() {
    let batch = RecordBatch::try_from_iter([("c", Arc::new(StringArray::from(vec!["x"])) as ArrayRef)]).unwrap();
    for mask in [Mask::Hash, Mask::Tokenise] {
        let columns = [column(mask, DataType::String)];
        for key in [None, Some(MaskKey::new(b"short"))] {
            let error = MaskPlan::compile(&columns, &batch.schema(), key.as_ref()).err().unwrap();
            assert!(matches!(error, EngineError::Secret { .. }), "{error}");
        }
    }
    for mask in [Mask::Null, Mask::Redact, Mask::Partial { keep: 1 }] {
        assert!(MaskPlan::compile(&[column(mask, DataType::String)], &batch.schema(), None).is_ok());
    }
}

#[test]
fn partial_keeps_the_end() {
    let values = StringViewArray::from(vec![Some("4111111111111111"), Some("abcd"), Some("é☃x"), Some("éééé☃☃☃☃☃"), Some(""), None]);
    let out = masked(Arc::new(values), Mask::Partial { keep: 4 }, DataType::String).unwrap();
    let expected = [Some("************1111"), Some("****"), Some("***"), Some("*****☃☃☃☃"), Some(""), None];
    assert_eq!(out.as_string_view().iter().collect::<Vec<_>>(), expected);
}

#[test]
fn redact_and_null_leave_nothing() {
    let text = masked(Arc::new(StringArray::from(vec![Some("x"), None])), Mask::Redact, DataType::String).unwrap();
    assert_eq!(texts(&text), [Some("***".into()), None]);
    let number = masked(Arc::new(Int64Array::from(vec![Some(7), None])), Mask::Redact, DataType::Int64).unwrap();
    assert_eq!(texts(&number), [Some("0".into()), None]);
    let decimal = Decimal128Array::from(vec![Some(7), None]).with_precision_and_scale(9, 2).unwrap();
    let decimal = masked(Arc::new(decimal), Mask::Redact, DataType::Decimal { precision: 9, scale: 2 }).unwrap();
    assert_eq!(texts(&decimal), [Some("0.00".into()), None]);
    let day = masked(Arc::new(Date32Array::from(vec![Some(9), None])), Mask::Redact, DataType::Date).unwrap();
    assert_eq!(texts(&day), [Some("1970-01-01".into()), None]);
    let bytes = masked(Arc::new(BinaryViewArray::from_iter([Some(b"secret"), None])), Mask::Redact, DataType::Binary).unwrap();
    assert_eq!(texts(&bytes), [Some(String::new()), None]);
    let flag = masked(Arc::new(BooleanArray::from(vec![Some(true), None])), Mask::Redact, DataType::Boolean).unwrap();
    assert_eq!(texts(&flag), [Some("false".into()), None]);
    let gone = masked(Arc::new(Int64Array::from(vec![7, 8])), Mask::Null, DataType::Int64).unwrap();
    assert_eq!(gone.null_count(), 2);
}

#[test]
fn generalised_days_and_times() {
    let grid = |to: &str| Mask::Generalise { to: to.into() };
    let day = || Arc::new(Date32Array::from(vec![Some(days("2024-02-29")), Some(days("1969-12-31")), None])) as ArrayRef;
    let check = |to: &str, expected: [&str; 2]| {
        let out = masked(day(), grid(to), DataType::Date).unwrap();
        assert_eq!(texts(&out), [Some(expected[0].to_owned()), Some(expected[1].to_owned()), None]);
    };
    check("year", ["2024-01-01", "1969-01-01"]);
    check("month", ["2024-02-01", "1969-12-01"]);
    check("day", ["2024-02-29", "1969-12-31"]);

    let at = TimestampMicrosecondArray::from(vec![micros("2024-06-30T22:45:10Z")]);
    let ty = |zone: Option<&str>| DataType::Timestamp { unit: TimeUnit::Microsecond, zone: zone.map(str::to_owned) };
    let floor = |zone: Option<&str>, to: &str| {
        let array = match zone {
            Some(zone) => at.clone().with_timezone(zone),
            None => at.clone(),
        };
        masked(Arc::new(array), grid(to), ty(zone)).unwrap().as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(0)
    };
    assert_eq!(floor(None, "hour"), micros("2024-06-30T22:00:00Z"));
    assert_eq!(floor(Some("UTC"), "month"), micros("2024-06-01T00:00:00Z"));
    // In Paris it is already July.
    assert_eq!(floor(Some("Europe/Paris"), "month"), micros("2024-07-01T00:00:00+02:00"));
    assert_eq!(floor(Some("Europe/Paris"), "year"), micros("2024-01-01T00:00:00+01:00"));
    assert!(masked(day(), grid("hour"), DataType::Date).is_err());
}

proptest! {
    #[test]
    fn generalised_numbers_lie_on_the_grid_below(values in prop::collection::vec(prop::option::of(-1000_i64..1000), 1..50), to in 1_i64..60) {
        let mask = Mask::Generalise { to: to.to_string() };
        let whole = masked(Arc::new(Int64Array::from(values.clone())), mask.clone(), DataType::Int64).unwrap();
        let small: Int8Array = values.iter().map(|v| v.map(|v| (v % 128) as i8)).collect();
        let small_out = masked(Arc::new(small.clone()), mask.clone(), DataType::Int8).unwrap();
        let decimals = Decimal128Array::from_iter(values.iter().map(|v| v.map(i128::from))).with_precision_and_scale(9, 2).unwrap();
        let decimals = masked(Arc::new(decimals), mask.clone(), DataType::Decimal { precision: 9, scale: 2 }).unwrap();
        let floats = masked(Arc::new(values.iter().map(|v| v.map(|v| v as f64)).collect::<Float64Array>()), mask, DataType::Float64).unwrap();
        for (row, value) in values.iter().enumerate() {
            let Some(value) = value else {
                prop_assert!([&whole, &small_out, &decimals, &floats].iter().all(|array| array.is_null(row)));
                continue;
            };
            // The largest multiple that is not above the value.
            let floor = (-2000..=2000).map(|n| n * to).filter(|multiple| multiple <= value).max().unwrap();
            prop_assert_eq!(whole.as_primitive::<arrow::datatypes::Int64Type>().value(row), floor);
            prop_assert_eq!(floats.as_primitive::<arrow::datatypes::Float64Type>().value(row), floor as f64);
            let cents = (-2000..=2000).map(|n| n * to * 100).filter(|multiple| multiple <= value).max().unwrap();
            prop_assert_eq!(decimals.as_primitive::<arrow::datatypes::Decimal128Type>().value(row), i128::from(cents));
            let narrow = i64::from(small.value(row));
            let expected = (-2000..=2000).map(|n| n * to).filter(|multiple| *multiple <= narrow).max().unwrap().max(-128);
            prop_assert_eq!(i64::from(small_out.as_primitive::<Int8Type>().value(row)), expected);
        }
    }
}

#[test]
fn columns_are_selected_ordered_and_cast() {
    let batch = RecordBatch::try_from_iter([
        ("a", Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef),
        ("b", Arc::new(StringArray::from(vec!["x", "y"])) as ArrayRef),
        ("left out", Arc::new(Int32Array::from(vec![3, 4])) as ArrayRef),
    ])
    .unwrap();
    let columns = [
        SinkColumn { name: "b".into(), ty: DataType::String, nullable: false, mask: None },
        SinkColumn { name: "a".into(), ty: DataType::Int64, nullable: false, mask: None },
    ];
    let out = MaskPlan::compile(&columns, &batch.schema(), None).unwrap().apply(&batch).unwrap();
    assert_eq!(out.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(out.column(1).as_primitive::<arrow::datatypes::Int64Type>().values(), &[1, 2]);
    let narrow = [SinkColumn { name: "a".into(), ty: DataType::Boolean, nullable: false, mask: Some(Mask::Hash) }];
    assert!(MaskPlan::compile(&narrow, &batch.schema(), Some(&MaskKey::new(KEY))).is_err());
    let missing = [SinkColumn { name: "z".into(), ty: DataType::Int64, nullable: true, mask: None }];
    assert!(MaskPlan::compile(&missing, &batch.schema(), None).is_err());
}

#[test]
fn a_multiple_stays_where_it_is_and_prints_as_it_is_written() {
    let generalise = |to: &str| Mask::Generalise { to: to.to_owned() };
    let floats = |to: &str, values: &[f64]| {
        let column = Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
        masked(column, generalise(to), DataType::Float64).unwrap().as_primitive::<arrow::datatypes::Float64Type>().values().to_vec()
    };
    assert_eq!(floats("0.1", &[0.3, 0.7, 0.57, 0.29, -0.3, -0.31, 1e300, 1.5e308]), [0.3, 0.7, 0.5, 0.2, -0.3, -0.4, 1e300, 1.5e308]);
    assert_eq!(floats("0.01", &[0.57, 0.29, 1.15, 4.35]), [0.57, 0.29, 1.15, 4.35]);
    assert_eq!(floats("1.1", &[3.3, 3.2, 2.2]), [3.3, 2.2, 2.2]);
    assert_eq!(floats("2.5", &[7.4, 7.5, -0.1]), [5.0, 7.5, -2.5]);
    assert_eq!(floats("1e3", &[52_017.0, 999.9]), [52_000.0, 0.0]);
    assert!(floats("10", &[f64::NAN])[0].is_nan());
    let small = Arc::new(arrow::array::Float32Array::from(vec![0.7_f32, 0.3, 0.75])) as ArrayRef;
    let small = masked(small, generalise("0.1"), DataType::Float32).unwrap();
    assert_eq!(small.as_primitive::<arrow::datatypes::Float32Type>().values(), &[0.7_f32, 0.3, 0.7]);
    for cents in 0..=10_000_i32 {
        let value = f64::from(cents) / 100.0;
        assert_eq!(floats("0.01", &[value]), [value], "{value}");
        assert_eq!(floats("0.1", &[value]), [f64::from(cents / 10) / 10.0], "{value}");
    }
}

#[test]
fn a_decimal_has_no_multiple_below_its_last_digit() {
    let ty = DataType::Decimal { precision: 10, scale: 2 };
    let values = Decimal128Array::from(vec![-9_999_999_999, -9_999_998_999, -1, 9_999_999_999]).with_precision_and_scale(10, 2).unwrap();
    let out = masked(Arc::new(values), Mask::Generalise { to: "10".to_owned() }, ty).unwrap();
    assert_eq!(texts(&out), ["-99999999.99", "-99999990.00", "-10.00", "99999990.00"].map(|text| Some(text.to_owned())));
}
