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
    let probe = Probe { name: "t", connector, contract, before: None, sensitive: &sensitive, root: dir };
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
    let probe = Probe { name: "t", connector: &connector, contract: &loose, before: None, sensitive: &[], root: dir.path() };
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

#[test]
fn a_key_counts_rows_that_lack_a_part_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let connector = csv(dir.path(), "id,qty,note\n1,1,a\n2,,b\n3,3,c\n3,3,d\n,4,e\n");
    let key = |extra: &str| contract(&format!("  id int32\n  qty int32\n  note string\n\n  @key(id, qty{extra})"));
    let question = || Question::Key { columns: vec!["id".to_owned(), "qty".to_owned()] };
    let all = one(dir.path(), &connector, &key(""), question());
    assert_eq!((all.violating, all.stopping), (4, 0));
    assert_eq!(one(dir.path(), &connector, &key(", duplicates=keep_first"), question()).violating, 3);
    // What the policy makes of it: every such row fails the run.
    let failing = one(dir.path(), &connector, &key(", on_fail=fail"), question());
    assert_eq!((failing.violating, failing.stopping), (4, 4));
    // What the old contract refused fails the run all the same.
    let (old, new) = (
        contract("  id int32 @range(max=1)\n  qty int32\n  note string"),
        contract("  id int32 @range(max=1, on_fail=fail)\n  qty int32\n  note string"),
    );
    let probe = Probe { name: "t", connector: &connector, contract: &new, before: Some(&old), sensitive: &[], root: dir.path() };
    let answer = ask(&probe, &[range("id")]).unwrap().pop().flatten().unwrap();
    assert_eq!((answer.violating, answer.already, answer.stopping), (0, 3, 3));
    // Footers know it, too.
    let dir = tempfile::tempdir().unwrap();
    let connector = parquet(dir.path(), false);
    let question = Question::Nulls { column: "amount".to_owned() };
    let answer = one(dir.path(), &connector, &contract("  amount int64 @required(on_fail=fail)"), question);
    assert_eq!((answer.violating, answer.stopping, answer.method), (100, 100, Method::Statistics));
}

/// Asks with the old contract at hand: newly broken, refused already, how.
fn news(dir: &Path, connector: &Connector, [before, after]: [&str; 2], question: Question) -> (u64, u64, Method) {
    let (before, after) = (contract(before), contract(after));
    let probe = Probe { name: "t", connector, contract: &after, before: Some(&before), sensitive: &[], root: dir };
    let answer = ask(&probe, &[question]).unwrap().pop().flatten().expect("an answer");
    assert!(answer.samples.len() as u64 <= answer.violating);
    (answer.violating, answer.already, answer.method)
}

/// The table of [`parquet`] as a Delta table.
fn delta(dir: &Path) -> Connector {
    std::fs::create_dir_all(dir.join("table/_delta_log")).unwrap();
    parquet(dir, true);
    std::fs::rename(dir.join("t.parquet"), dir.join("table/part-0.parquet")).unwrap();
    let size = std::fs::metadata(dir.join("table/part-0.parquet")).unwrap().len();
    let field = |name: &str, ty: &str| serde_json::json!({"name": name, "type": ty, "nullable": true, "metadata": {}});
    let fields = [field("id", "long"), field("amount", "long"), field("size", "long"), field("email", "string")];
    let schema = serde_json::json!({"type": "struct", "fields": fields}).to_string();
    let actions = [
        serde_json::json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}),
        serde_json::json!({"metaData": {"id": "t", "format": {"provider": "parquet", "options": {}}, "schemaString": schema,
            "partitionColumns": [], "configuration": {}, "createdTime": 0}}),
        serde_json::json!({"add": {"path": "part-0.parquet", "partitionValues": {}, "size": size, "modificationTime": 0, "dataChange": true}}),
    ];
    let log: String = actions.iter().map(|action| format!("{action}\n")).collect();
    std::fs::write(dir.join("table/_delta_log/00000000000000000000.json"), log).unwrap();
    Connector::Delta { path: "table".to_owned() }
}

#[test]
fn what_broke_the_old_promise_is_no_news() {
    // Of 1…1000 without every tenth, 90 are above 900 and 45 above 950.
    let ranges = ["  amount int64 @range(min=1, max=950)", "  amount int64 @range(min=1, max=900)"];
    let dir = tempfile::tempdir().unwrap();
    let on_parquet = parquet(dir.path(), true);
    assert_eq!(news(dir.path(), &on_parquet, ranges, range("amount")), (45, 45, Method::Scan));
    let dir = tempfile::tempdir().unwrap();
    let on_delta = delta(dir.path());
    assert_eq!(news(dir.path(), &on_delta, ranges, range("amount")), (45, 45, Method::Scan));
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (1..=1_000).map(|n| if n % 10 == 0 { "x,\n".to_owned() } else { format!("x,{n}\n") }).collect();
    let on_csv = csv(dir.path(), &format!("id,amount\n{rows}"));
    let ranges = ranges.map(|amount| format!("  id string\n{amount}"));
    assert_eq!(news(dir.path(), &on_csv, [&ranges[0], &ranges[1]], range("amount")), (45, 45, Method::Scan));
}

#[test]
fn what_another_rule_refuses_already_is_no_news_either() {
    let dir = tempfile::tempdir().unwrap();
    // `bb` breaks the old pattern; the second row breaks nothing yet; the last one cannot be read under any contract.
    let connector = csv(dir.path(), "id,code,size\n1,A,5\n2,B,500\n3,bb,500\nragged\n");
    let fields = |range: &str| format!("  id int32\n  code string @matches(\"[A-Z]\")\n  size int32{range}");
    let (old, new) = (fields(""), fields(" @range(max=100)"));
    assert_eq!(news(dir.path(), &connector, [&old, &new], range("size")), (1, 2, Method::Scan));
    // A rule that only warned refused nothing.
    let warned = old.replace("[A-Z]\"", "[A-Z]\", on_fail=warn");
    assert_eq!(news(dir.path(), &connector, [&warned, &new], range("size")), (2, 1, Method::Scan));
    // From a warning to the quarantine everything is news; from a warning to a warning only what it did not warn of.
    let (soft, hard) = (fields(" @range(max=100, on_fail=warn)"), fields(" @range(max=100)"));
    assert_eq!(news(dir.path(), &connector, [&soft, &hard], range("size")), (1, 2, Method::Scan));
    let softer = fields(" @range(max=1, on_fail=warn)");
    assert_eq!(news(dir.path(), &connector, [&soft, &softer], range("size")), (1, 3, Method::Scan));
    // Rows that share a key are refused today.
    let keyed = csv(dir.path(), "id,code,size\n1,A,500\n1,B,500\n2,C,500\n");
    let (old, new) = (format!("{old}\n  @key(id)"), format!("{new}\n  @key(id)"));
    assert_eq!(news(dir.path(), &keyed, [&old, &new], range("size")), (1, 2, Method::Scan));
}

#[test]
fn footers_still_answer_where_they_prove_what_is_news() {
    let dir = tempfile::tempdir().unwrap();
    let connector = parquet(dir.path(), false);
    let nulls = || Question::Nulls { column: "amount".to_owned() };
    // Nothing is refused today, and the footers say so: a range that holds, types that are the file's.
    let plain = ["  id int64 @required @range(min=1)\n  amount int64", "  id int64 @required @range(min=1)\n  amount int64 @required"];
    assert_eq!(news(dir.path(), &connector, plain, nulls()), (100, 0, Method::Statistics));
    // A range that does not hold refuses rows, and only the rows say which: ids 1 to 100 have ten of the nulls.
    let ranged = plain.map(|fields| fields.replace("min=1", "min=101"));
    assert_eq!(news(dir.path(), &connector, [&ranged[0], &ranged[1]], nulls()), (90, 10, Method::Scan));
    // Patterns are in no footer.
    let text = plain.map(|fields| format!("{fields}\n  email string @matches(\"user[1-4].*\")"));
    let (violating, already, method) = news(dir.path(), &connector, [&text[0], &text[1]], nulls());
    assert_eq!((violating + already, method), (100, Method::Scan));
    assert!(already > 0 && violating > 0);
    // Nothing breaks it: footers are enough, whatever else is refused.
    let bounded = text[1].replace("@required @range(min=1)", "@required @range(min=1, max=1000)");
    assert_eq!(news(dir.path(), &connector, [&text[1], &bounded], range("id")), (0, 0, Method::Statistics));
    let table = delta(dir.path());
    assert_eq!(news(dir.path(), &table, plain, nulls()), (100, 0, Method::Statistics));
}
