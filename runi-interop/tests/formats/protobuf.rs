//! Protobuf, with the compiler `protox` as the judge of what is written.

use crate::support::{any_contract, assert_named, contracts, engine, one, read, read_with, shown, text, write};
use proptest::prelude::*;
use runi_interop::export;
use runi_interop::import::{self, Format, Input, Options};

#[test]
fn a_contract_becomes_a_message() {
    let shop = contracts(
        r#"
Contract: Trade
  """Trades,
  line by line."""

  id        int64           @required "The venue's identifier"
  side      enum(buy, sell) @required
  price     decimal(18, 6)
  traded_at timestamp(UTC, ns)
  day       date
  legs      list<struct<id: string, parts: list<list<int32>>>>
  rates     map<string, float64>
  by_day    map<date, float64>
  old       string          @deprecated
  "odd name" uint8

  @key(id)
  @reserved(legacy_id)
"#,
    );
    let exported = write(export::Format::Protobuf, &shop);
    insta::assert_snapshot!("protobuf_text", format!("{}\n/* lost:\n{}*/\n", one(&exported), shown(&exported.losses)));
}

const ORDERS: &str = r#"
syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/duration.proto";

// An order.
//   Written once.
message Order {
  reserved 2, 15 to 20;
  reserved "old_total", "legacy";
  // The order's number
  int64 id = 1;
  optional string note = 3;
  Status status = 4;
  repeated Item items = 5;
  map<string, int32> counts = 6;
  google.protobuf.Timestamp placed = 7;
  google.protobuf.StringValue coupon = 8;
  google.protobuf.Struct extra = 9;
  google.protobuf.Duration took = 10;
  oneof payment {
    Card card = 11;
    string iban = 12 [deprecated = true];
  }
  Order parent = 13;
  bytes blob = 14 [json_name = "blobby"];
  enum Status { STATUS_UNSPECIFIED = 0; OPEN = 1; PAID = 2; }
  message Item { string sku = 1; uint32 quantity = 2; double weight = 3; }
}
message Card { string number = 1; }
service Orders { rpc Get(Card) returns (Order); }
"#;

#[test]
fn foreign_messages_say_what_is_lost() {
    let imported = read(Format::Protobuf, ORDERS.as_bytes()).unwrap();
    insta::assert_snapshot!("protobuf_import", format!("{}\n{}", text(&imported.contracts), shown(&imported.losses)));
    let card = Options { types: vec!["Card".to_owned()], ..Options::default() };
    assert_eq!(read_with(Format::Protobuf, ORDERS.as_bytes(), &card).unwrap().contracts[0].name, "Card");
    let error =
        read_with(Format::Protobuf, ORDERS.as_bytes(), &Options { types: vec!["Ordr".to_owned()], ..Options::default() }).unwrap_err();
    assert!(error.to_string().contains("did you mean `Order`?"), "{error}");
}

#[test]
fn a_plain_field_of_proto3_may_be_added_and_reads_as_zero() {
    let source = |more: &str| {
        format!(
            "syntax = \"proto3\"; message M {{ int64 id = 1; {more} }} enum Kind {{ FIRST = 0; SECOND = 1; }} enum Open {{ OPEN_UNSPECIFIED = 0; A = 1; }}"
        )
    };
    let more = "string s = 2; bytes b = 3; bool t = 4; double d = 5; Kind k = 6; Open o = 7; optional int32 i = 8; repeated int32 r = 9;";
    let (old, new) = (read(Format::Protobuf, source("").as_bytes()).unwrap(), read(Format::Protobuf, source(more).as_bytes()).unwrap());
    let said: Vec<(bool, Option<&str>)> =
        new.contracts[0].fields.iter().map(|field| (field.is_required(), field.default.as_deref())).collect();
    assert_eq!(
        said,
        [
            (true, Some("0")),
            (true, Some("''")),
            (true, Some("''")),
            (true, Some("false")),
            (true, Some("0")),
            (true, Some("'FIRST'")),
            (false, None),
            (false, None),
            (false, None)
        ]
    );
    // What the wire format and buf let pass is not what a required field without a default would be.
    let changes = runi_lang::diff::contract::compare(&old.contracts[0], &new.contracts[0], &engine);
    assert!(changes.len() == 8 && changes.iter().all(|change| change.rule.id == "F001" && !change.producer.breaks()), "{changes:?}");
    // There and back, a default of zero is no loss, and any other is.
    let exported = write(export::Format::Protobuf, &new.contracts[..1]);
    assert_eq!(read(Format::Protobuf, one(&exported).as_bytes()).unwrap().contracts[0].fields[0], new.contracts[0].fields[0]);
    let seven = contracts("Contract: M\n\n  a  int32  @required @default(7)\n  b  int32  @required\n");
    let exported = write(export::Format::Protobuf, &seven);
    assert_eq!(
        shown(&exported.losses),
        "M.b: Protobuf requires no value: one that was not sent is read as `0`\nM.a: Protobuf says `@default` otherwise: `\"0\"`, not `\"7\"`\n"
    );
}

#[test]
fn a_message_that_is_a_contract_stays_one_when_another_holds_it() {
    let source =
        "syntax = \"proto3\"; message Text { string s = 1; } message Page { Text title = 1; message Inner { string s = 1; } Inner i = 2; }";
    let names = |known: &[&str]| {
        let known = known.iter().map(|name| (*name).to_owned()).collect();
        let imported = read_with(Format::Protobuf, source.as_bytes(), &Options { known, ..Options::default() }).unwrap();
        imported.contracts.into_iter().map(|contract| contract.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["Page"]);
    assert_eq!(names(&["Text", "Inner"]), ["Text", "Page"]);
}

#[test]
fn proto2_has_defaults_and_required_fields() {
    let source = r#"
syntax = "proto2";
message M {
  required int32 a = 1;
  optional string s = 2 [default = "it's"];
  optional bool b = 3 [default = true];
  optional Kind k = 4 [default = SECOND];
  optional double d = 5 [default = inf];
  enum Kind { FIRST = 0; SECOND = 1; }
  extensions 100 to 200;
}"#;
    let imported = read(Format::Protobuf, source.as_bytes()).unwrap();
    let fields = &imported.contracts[0].fields;
    assert!(fields[0].is_required() && !fields[1].is_required());
    let defaults: Vec<Option<&str>> = fields.iter().map(|field| field.default.as_deref()).collect();
    assert_eq!(defaults, [None, Some("'it''s'"), Some("true"), Some("'SECOND'"), None]);
    assert_eq!(shown(&imported.losses), "M: extensions are not kept\nM.d: the default `inf` is not kept\n");
}

#[test]
fn imports_are_found_beside_the_file_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("repo/a/b")).unwrap();
    std::fs::write(dir.path().join("outside.proto"), "syntax = \"proto3\"; message Secret { string s = 1; }").unwrap();
    std::fs::write(dir.path().join("repo/a/common.proto"), "syntax = \"proto3\"; message Money { int64 units = 1; }").unwrap();
    let source = |import: &str, ty: &str| format!("syntax = \"proto3\"; import \"{import}\"; message T {{ {ty} x = 1; }}");
    let path = dir.path().join("repo/a/b/t.proto");
    let options = Options::default();
    let read = |text: &str| {
        import::import(Format::Protobuf, &Input { name: "a/b/t.proto", bytes: text.as_bytes(), path: Some(&path), options: &options })
    };
    let imported = read(&source("common.proto", "Money")).unwrap();
    assert_eq!(imported.contracts[0].fields[0].ty.to_string(), "struct<units: int64>");
    for outside in ["outside.proto", "../../outside.proto", "/etc/passwd"] {
        let error = read(&source(outside, "Secret")).unwrap_err();
        assert_eq!(error.code(), "E1001", "{error}");
    }
}

#[test]
fn what_does_not_compile_is_an_error_with_a_code() {
    let deep = format!("syntax = \"proto3\";{}{}", "message A {".repeat(3000), "}".repeat(3000));
    let hidden = format!("syntax = \"proto3\";{}{}", "message A { /*}*/ ".repeat(3000), "}".repeat(3000));
    let mut bomb = "syntax = \"proto3\"; message M0 { int32 x = 1; }".to_owned();
    for n in 1..40 {
        bomb += &format!("message M{n} {{ M{0} a = 1; M{0} b = 2; }}", n - 1);
    }
    let cases: [(&[u8], &str); 8] = [
        (b"", "E1001"),
        (b"\xff\xfe", "E1001"),
        (b"syntax = \"proto3\"; message M {", "E1001"),
        (b"syntax = \"proto3\"; message M { Nowhere n = 1; }", "E1001"),
        (b"syntax = \"proto3\"; message M { int32 a = 1; int32 b = 1; }", "E1001"),
        (deep.as_bytes(), "E1002"),
        (hidden.as_bytes(), "E1002"),
        (bomb.as_bytes(), "E1002"),
    ];
    for (bytes, code) in cases {
        let error = read(Format::Protobuf, bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let error = read(Format::Protobuf, b"syntax = \"proto3\";\n\nmessage M {\n  Nowhere n = 1;\n}\n").unwrap_err();
    insta::assert_snapshot!("protobuf_error", error.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_difference_is_a_loss(contract in any_contract()) {
        let exported = write(export::Format::Protobuf, std::slice::from_ref(&contract));
        let back = read(Format::Protobuf, one(&exported).as_bytes()).unwrap_or_else(|error| panic!("{error}\n{}", one(&exported)));
        assert_named(&contract, &back.contracts[0], &exported.losses);
    }

    #[test]
    fn any_text_is_answered(text in "(syntax = \"proto3\"; message M \\{[a-z0-9 =;{}<>,]{0,60}\\}|.{0,80})") {
        let _ = read(Format::Protobuf, text.as_bytes());
    }
}
