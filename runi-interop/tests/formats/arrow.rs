//! Arrow and Parquet schemas, and the page for people.

use crate::support::{any_contract, contracts, differences, one, shown, write};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::reader::FileReader;
use proptest::prelude::*;
use runi_interop::import::{Format, Input, Options};
use runi_interop::{export, import};
use std::io::Cursor;
use std::sync::Arc;

const CUSTOMER: &str = r#"
Contract: Customer
  """Who buys."""
  @version(2.0.0)
  @owner(crm, contact="crm@example.com")
  @classification(confidential)

  id      int64           @required @range(min=1, on_fail=fail) "The *number* | of the customer"
  email   string          @pii(email) @mask(partial, keep=4) @access(support) @format(email)
  kind    enum(new, "very old") @default("new")
  born    date            @deprecated(until=2027-03-31)
  tags    list<string>
  spent   decimal(10, 2)  @unit(EUR)

  @key(id)
  @rule "born before now": born < now()
  @references(id, Account.customer, on_fail=warn)
  @renamed_from(mail, to=email, until=2027-01-31)
  @reserved(fax)
  @accept(F004, on=fax, until=2027-01-31, because="nobody has one", by="@crm")
"#;

#[test]
fn a_contract_becomes_a_schema() {
    let exported = write(export::Format::Arrow, &contracts(CUSTOMER));
    insta::assert_snapshot!("arrow_schema", one(&exported));
}

#[test]
fn a_contract_becomes_a_page() {
    let exported = write(export::Format::Markdown, &contracts(CUSTOMER));
    insta::assert_snapshot!("markdown_page", one(&exported));
}

#[test]
fn foreign_layouts_say_what_is_lost() {
    let schema = Schema::new(vec![
        Field::new("a", DataType::Utf8, false).with_metadata([("comment".to_owned(), "A  name".to_owned())].into()),
        Field::new("b", DataType::FixedSizeBinary(16), true),
        Field::new("c", DataType::Decimal256(60, 2), true),
        Field::new("d", DataType::Null, true),
        Field::new("e", DataType::Duration(arrow::datatypes::TimeUnit::Second), true),
        Field::new("f", DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8)), true),
        Field::new("g", DataType::Int32, true)
            .with_metadata([("runi:type".to_owned(), "int64".to_owned()), ("other".to_owned(), "x".to_owned())].into()),
    ])
    .with_metadata([("pandas".to_owned(), "{}".to_owned()), ("runi:on_fail".to_owned(), "7".to_owned())].into());
    let (contract, losses) = import::arrow::from_schema(&schema);
    let types: Vec<String> = contract.fields.iter().map(|field| field.ty.to_string()).collect();
    assert_eq!(types, ["string", "binary", "string", "string", "int32"]);
    assert_eq!(contract.fields[0].description, "A name");
    insta::assert_snapshot!("arrow_losses", shown(&losses));
}

#[test]
fn parquet_keeps_what_a_contract_says() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.parquet");
    let contract = contracts(CUSTOMER).remove(0);
    let schema = Arc::new(export::arrow::schema(&contract));
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, Arc::clone(&schema), None).unwrap();
    writer.write(&RecordBatch::new_empty(schema)).unwrap();
    writer.close().unwrap();
    let options = Options::default();
    let imported =
        import::import(Format::Parquet, &Input { name: "rows.parquet", bytes: b"", path: Some(&path), options: &options }).unwrap();
    assert_eq!(differences(&contract, &imported.contracts[0]), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_way_there_and_back_loses_nothing(contract in any_contract()) {
        let bytes = export::arrow::ipc(&contract).unwrap();
        let schema = FileReader::try_new(Cursor::new(bytes), None).unwrap().schema();
        let (back, losses) = import::arrow::from_schema(&schema);
        prop_assert_eq!(shown(&losses), "");
        prop_assert_eq!(differences(&contract, &back), Vec::<String>::new());
    }

    #[test]
    fn every_field_is_one_row_of_the_page(contract in any_contract()) {
        let exported = write(export::Format::Markdown, std::slice::from_ref(&contract));
        let rows = one(&exported).lines().filter(|line| line.starts_with("| `")).count();
        prop_assert_eq!(rows, contract.fields.len());
    }
}
