//! What is made up for columns that an example leaves out.

#![allow(clippy::unwrap_used)]
use super::*;
use runi_engine::rules::FORMATS;
use runi_lang::model::{Key, Range, Reference};
use runi_lang::types::TimeUnit;

fn field(name: &str, ty: DataType) -> Field {
    let mut field = Field::new(name, ty);
    field.rules.required = Some(None);
    field
}

fn key(columns: &[&str]) -> Key {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    Key { columns, primary: true, duplicates: runi_lang::model::Duplicates::RejectAll, on_fail: None }
}

fn range(min: Option<&str>, max: Option<&str>, exclusive: bool) -> Option<Range> {
    Some(Range { min: min.map(str::to_owned), max: max.map(str::to_owned), exclusive, on_fail: None })
}

/// `values` looks at the rules with the engine; these look at them again, and count.
#[track_caller]
fn gives(field: &Field, expected: &[&str]) {
    let found = values(field, expected.len()).unwrap();
    assert_eq!(found, expected, "{} {:?}", field.ty, field.rules);
}

#[test]
fn ordered_values_stay_in_their_range() {
    let utc = DataType::Timestamp { unit: TimeUnit::Second, zone: Some("UTC".to_owned()) };
    let paris = DataType::Timestamp { unit: TimeUnit::Millisecond, zone: Some("Europe/Paris".to_owned()) };
    let decimal = |precision, scale| DataType::Decimal { precision, scale };
    let cases: Vec<(DataType, Option<Range>, &[&str])> = vec![
        (DataType::Int64, None, &["1", "2", "3"]),
        (DataType::Int64, range(Some("10"), None, true), &["11", "12"]),
        (DataType::Int64, range(None, Some("-5"), false), &["-6", "-5"]),
        (DataType::Int8, range(Some("126"), None, false), &["126", "127"]),
        (DataType::UInt8, range(None, Some("0"), false), &["0"]),
        (decimal(10, 2), None, &["1.00", "2.00"]),
        (decimal(10, 2), range(Some("0"), None, true), &["1.00", "2.00"]),
        (decimal(10, 2), range(Some("0"), Some("1"), true), &["0.98", "0.99"]),
        (decimal(2, 2), None, &["0.98", "0.99"]),
        (
            decimal(38, 0),
            range(Some("99999999999999999999999999999999999998"), None, false),
            &["99999999999999999999999999999999999998", "99999999999999999999999999999999999999"],
        ),
        (DataType::Float64, range(Some("0"), Some("1"), true), &["0.25", "0.5", "0.75"]),
        (DataType::Float32, range(Some("3"), None, false), &["3", "4"]),
        (DataType::Date, None, &["2020-01-01", "2020-01-02"]),
        (DataType::Date, range(Some("2024-02-28"), None, true), &["2024-02-29", "2024-03-01"]),
        (DataType::Date, range(None, Some("1999-12-31"), false), &["1999-12-30", "1999-12-31"]),
        (DataType::Time, range(None, Some("09:00:00"), false), &["08:59:59.999999", "09:00:00"]),
        (utc.clone(), None, &["2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z"]),
        (utc, range(Some("2026-03-01"), None, false), &["2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z"]),
        (paris, range(Some("2026-07-01T12:00:00"), None, false), &["2026-07-01T10:00:00Z", "2026-07-01T10:00:01Z"]),
    ];
    for (ty, range, expected) in cases {
        let mut field = field("x", ty);
        field.rules.range = range;
        gives(&field, expected);
    }
}

#[test]
fn as_many_as_the_type_has_and_no_more() {
    let mut narrow = field("x", DataType::Int32);
    narrow.rules.range = range(Some("1"), Some("3"), false);
    assert_eq!(values(&narrow, 9).unwrap(), ["1", "2", "3"]);
    assert_eq!(values(&field("x", DataType::Boolean), 9).unwrap(), ["true", "false"]);
    assert_eq!(values(&field("x", DataType::Int8), 300).unwrap().len(), 256);
}

#[test]
fn every_format_has_many_values() {
    for (name, _) in FORMATS {
        let mut field = field("x", DataType::String);
        field.rules.format = Some(((*name).to_owned(), None));
        let found = values(&field, 50).unwrap();
        assert_eq!(found.iter().collect::<HashSet<_>>().len(), 50, "{name}: {found:?}");
    }
}

#[test]
fn formats_patterns_and_lengths_hold_together() {
    let text = |format: Option<&str>, pattern: Option<&str>, length: Option<Range>| {
        let mut field = field("x", DataType::String);
        field.rules.format = format.map(|name| (name.to_owned(), None));
        field.rules.matches = pattern.map(|pattern| (pattern.to_owned(), None));
        field.rules.length = length;
        field
    };
    let cases = [
        text(Some("iban"), Some("DE[0-9]{20}"), None),
        text(Some("iban"), Some("[A-Z]{2}[0-9A-Z]+"), range(Some("20"), Some("34"), false)),
        text(Some("email"), None, range(Some("100"), Some("254"), false)),
        text(Some("email"), None, range(None, Some("8"), false)),
        text(Some("hostname"), None, range(Some("80"), None, false)),
        text(Some("uri"), None, range(Some("64"), Some("64"), false)),
        text(Some("luhn"), None, range(Some("11"), Some("11"), false)),
        text(None, Some("[A-Z]{3}-\\d+"), range(Some("12"), None, false)),
        text(None, None, range(Some("3"), Some("3"), false)),
        text(None, None, range(None, Some("1"), false)),
    ];
    for field in cases {
        let found = values(&field, 12).unwrap();
        assert_eq!(found.len(), 12, "{:?}: {found:?}", field.rules);
    }
}

fn given<'a>(contract: &'a Contract, columns: &[&str], rows: &[&[&str]]) -> Given<'a> {
    let rows = rows.iter().map(|row| row.iter().map(|cell| Some((*cell).to_owned())).collect()).collect();
    let table = Table { columns: columns.iter().map(|column| (*column).to_owned()).collect(), rows, ..Table::default() };
    Given { contract: Some(contract), table }
}

#[test]
fn the_columns_of_a_key_differ_together() {
    let side = DataType::Enum(vec!["buy".to_owned(), "sell".to_owned()]);
    let contract = Contract {
        fields: vec![field("n", DataType::Int64), Field::new("side", side), Field::new("open", DataType::Boolean)],
        keys: vec![key(&["side", "open"])],
        ..Contract::new("C")
    };
    let mut sources = [given(&contract, &["n"], &[&["1"], &["2"], &["3"], &["4"]])];
    fill(&mut sources).unwrap();
    let pairs: HashSet<_> = sources[0].table.rows.iter().map(|row| (row[1].clone(), row[2].clone())).collect();
    assert_eq!(pairs.len(), 4);
}

#[test]
fn a_reference_takes_a_value_that_is_there() {
    let instrument = Contract { fields: vec![field("symbol", DataType::String)], keys: vec![key(&["symbol"])], ..Contract::new("I") };
    let trade = Contract {
        fields: vec![field("id", DataType::Int64), field("symbol", DataType::String)],
        references: vec![Reference { column: "symbol".into(), contract: "I".into(), target: "symbol".into(), on_fail: None }],
        ..Contract::new("T")
    };
    let mut sources = [given(&trade, &["id"], &[&["1"], &["2"]]), given(&instrument, &["symbol"], &[&["SAP"]])];
    fill(&mut sources).unwrap();
    assert!(sources[0].table.rows.iter().all(|row| row[1].as_deref() == Some("SAP")));
}

#[test]
fn what_cannot_be_made_up_is_asked_for() {
    let mut code = field("code", DataType::String);
    code.rules.matches = Some(("[ab]".to_owned(), None));
    code.rules.unique = Some(key(&["code"]));
    let contract = Contract { fields: vec![field("n", DataType::Int64), code], ..Contract::new("C") };
    let mut sources = [given(&contract, &["n"], &[&["1"], &["2"], &["3"]])];
    let error = fill(&mut sources).unwrap_err();
    assert!(error.contains("`code` of `C`") && error.contains("only 2 different valid values"), "{error}");
}
