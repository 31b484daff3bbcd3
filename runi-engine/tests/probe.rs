//! What data says of a changed contract: counts are right, footers are used where they prove it, nothing sensitive shows.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use arrow::array::{Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use runi_engine::probe::{Answer, Probe, ask, live};
use runi_lang::db::{Items, read_model};
use runi_lang::diff::{Method, Question, RuleName};
use runi_lang::ir::{Compression, Connector};
use runi_lang::model::Contract;
use runi_lang::syntax::FileKind;
use std::path::Path;
use std::sync::Arc;

fn contract(fields: &str) -> Contract {
    let text = format!("Contract: T\n{fields}\n");
    let model = read_model("t.contract", FileKind::Contract, &text);
    assert_eq!(model.diagnostics, [], "{text}");
    let Items::Contracts(file) = model.items else { panic!("not a contract") };
    file.contracts.into_iter().next().unwrap()
}

/// 1,000 rows in four row groups: `id` is 1…1000, `amount` too with every tenth null, `email` has a value in each.
fn parquet(dir: &Path, big: bool) -> Connector {
    let ids: Vec<i64> = (1..=1_000).collect();
    let amounts: Vec<Option<i64>> = ids.iter().map(|id| (id % 10 != 0).then_some(*id)).collect();
    let mut sizes = ids.clone();
    if big {
        sizes[499] = 1 << 40;
    }
    let emails: Vec<String> = ids.iter().map(|id| format!("user{id}@example.com")).collect();
    let schema = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("amount", DataType::Int64, true),
        Field::new("size", DataType::Int64, true),
        Field::new("email", DataType::Utf8, true),
    ]));
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(Int64Array::from(ids)),
            Arc::new(Int64Array::from(amounts)),
            Arc::new(Int64Array::from(sizes)),
            Arc::new(StringArray::from(emails)),
        ],
    )
    .unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(250)).build();
    let file = std::fs::File::create(dir.join("t.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    Connector::Parquet { path: "t.parquet".to_owned() }
}

fn csv(dir: &Path, text: &str) -> Connector {
    std::fs::write(dir.join("t.csv"), text).unwrap();
    let nulls = vec![String::new()];
    Connector::Csv { path: "t.csv".to_owned(), delimiter: b',', header: true, quote: b'"', nulls, compression: Compression::Auto }
}

fn one(dir: &Path, connector: &Connector, contract: &Contract, question: Question) -> Answer {
    let sensitive = ["email".to_owned()];
    let probe = Probe { name: "t", connector, contract, sensitive: &sensitive, root: dir };
    ask(&probe, &[question]).unwrap().pop().flatten().expect("an answer")
}

fn range(field: &str) -> Question {
    Question::Broken { rules: vec![RuleName { field: field.to_owned(), rule: "range".to_owned() }] }
}

#[test]
fn footers_count_nulls_without_reading_a_row() {
    let dir = tempfile::tempdir().unwrap();
    let connector = parquet(dir.path(), false);
    let required = contract("  id int64\n  amount int64 @required\n  gone string @required");
    let nulls = |column: &str| one(dir.path(), &connector, &required, Question::Nulls { column: column.to_owned() });
    let answer = nulls("amount");
    assert_eq!((answer.rows, answer.violating, answer.method), (1_000, 100, Method::Statistics));
    let missing = nulls("gone");
    assert_eq!((missing.rows, missing.violating, missing.method), (1_000, 1_000, Method::Statistics));
}

#[test]
fn footers_prove_that_values_fit_and_rows_say_which_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let narrow = contract("  id int64\n  size int16");
    let question = || Question::Unfit { column: "size".to_owned(), ty: runi_lang::types::DataType::Int16 };
    let connector = parquet(dir.path(), false);
    let answer = one(dir.path(), &connector, &narrow, question());
    assert_eq!((answer.violating, answer.method), (0, Method::Statistics));

    let connector = parquet(dir.path(), true);
    let answer = one(dir.path(), &connector, &narrow, question());
    assert_eq!((answer.rows, answer.violating, answer.method), (1_000, 1, Method::Scan));
    assert_eq!(answer.samples[0].position, "t.parquet:500");
}

#[test]
fn a_range_is_proven_by_extremes_or_counted_by_rows() {
    let dir = tempfile::tempdir().unwrap();
    let connector = parquet(dir.path(), false);
    let wide = contract("  amount int64 @range(min=1, max=1000)");
    let tight = contract("  amount int64 @range(min=1, max=900)");
    let exclusive = contract("  amount int64 @range(min=1, exclusive=true)");
    let wide = one(dir.path(), &connector, &wide, range("amount"));
    assert_eq!((wide.violating, wide.method), (0, Method::Statistics));
    let tight = one(dir.path(), &connector, &tight, range("amount"));
    assert_eq!((tight.violating, tight.method), (90, Method::Scan));
    assert_eq!(tight.samples.len(), 3);
    assert_eq!(tight.samples[0].value, "`amount` is `901`");
    assert_eq!(one(dir.path(), &connector, &exclusive, range("amount")).violating, 1);
}

#[test]
fn text_is_scanned_and_rows_that_cannot_be_read_count() {
    let dir = tempfile::tempdir().unwrap();
    let connector = csv(dir.path(), "id,code\n1,A\n2,\n3,bb\nragged\n");
    let strict = contract("  id int32 @required\n  code string @required @matches(\"[A-Z]\")");
    let nulls = one(dir.path(), &connector, &strict, Question::Nulls { column: "code".to_owned() });
    assert_eq!((nulls.rows, nulls.violating, nulls.method), (4, 2, Method::Scan));
    assert_eq!(nulls.samples[0].position, "t.csv:2");
    let matches = Question::Broken { rules: vec![RuleName { field: "code".to_owned(), rule: "matches".to_owned() }] };
    assert_eq!(one(dir.path(), &connector, &strict, matches).violating, 2);
}

#[test]
fn duplicates_and_titled_rules_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let connector = csv(dir.path(), "id,a,b\n1,1,2\n1,5,2\n2,1,3\n");
    let keyed = contract("  id int32\n  a int32\n  b int32\n  @key(id)\n  @rule \"a below b\": a < b");
    let answer = one(dir.path(), &connector, &keyed, Question::Duplicates { columns: vec!["id".to_owned()] });
    assert_eq!((answer.rows, answer.violating), (3, 2));
    let rule = Question::Broken { rules: vec![RuleName { field: String::new(), rule: "a below b".to_owned() }] };
    assert_eq!(one(dir.path(), &connector, &keyed, rule).violating, 1);
}

#[test]
fn a_sensitive_value_is_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let connector = parquet(dir.path(), false);
    let strict = contract("  email string @pii(email) @length(max=5)");
    let length = Question::Broken { rules: vec![RuleName { field: "email".to_owned(), rule: "length".to_owned() }] };
    let answer = one(dir.path(), &connector, &strict, length);
    assert_eq!(answer.violating, 1_000);
    assert!(answer.samples.iter().all(|sample| !sample.value.contains("example.com")), "{:?}", answer.samples);
}

#[test]
fn a_rule_that_the_contract_lacks_has_no_answer() {
    let dir = tempfile::tempdir().unwrap();
    let connector = csv(dir.path(), "id\n1\n");
    let loose = contract("  id int32");
    let probe = Probe { name: "t", connector: &connector, contract: &loose, sensitive: &[], root: dir.path() };
    assert_eq!(ask(&probe, &[range("id")]).unwrap(), [None]);
}

#[test]
fn the_live_schema_is_compared_without_failing() {
    let dir = tempfile::tempdir().unwrap();
    let connector = parquet(dir.path(), false);
    let other = contract("  id int32\n  gone string @required\n  email string\n  size int64");
    let found = live("t", &connector, &other, dir.path()).unwrap();
    let said: Vec<(String, bool)> = found.differences.iter().map(|(drift, allowed)| (drift.to_string(), *allowed)).collect();
    assert!(said.contains(&("required field `gone` is missing".to_owned(), false)), "{said:?}");
    assert!(said.contains(&("column `amount` is not in the contract".to_owned(), true)), "{said:?}");
    assert!(said.iter().any(|(text, allowed)| text.starts_with("field `id` is int64") && !allowed), "{said:?}");
    assert!(live("t", &Connector::Parquet { path: "none.parquet".to_owned() }, &other, dir.path()).is_err());
}
