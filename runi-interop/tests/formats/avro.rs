//! Avro, with the library `apache-avro` as the judge of what is written.

use crate::support::{any_contract, assert_named, contracts, differences, engine, one, read, shown, text, write};
use apache_avro::Schema;
use proptest::prelude::*;
use runi_interop::export;
use runi_interop::import::{self, Format};

const TRADE: &str = r#"
Contract: Trade
  """Trades, as the venue sends them."""
  @version(1.2.0)
  @owner(markets, contact="markets@example.com")

  id         string         @required @format(uuid) "The venue's identifier"
  price      decimal(18, 6) @required @range(min=0, exclusive=true) @unit(USD)
  quantity   uint64         @default(1)
  side       enum(buy, sell) @required @default("buy")
  mood       enum("so so", good)
  traded_at  timestamp(UTC) @required
  settled    timestamp(Europe/Paris, s)
  email      string         @pii(email) @mask(hash) @access(support)
  legs       list<struct<id: string, notional: decimal(18, 2)>>
  rates      map<date, float64>

  @key(id)
  @renamed_from(trade_time, to=traded_at, until=2027-03-31)
  @reserved(legacy_id)
"#;

#[test]
fn a_contract_becomes_a_schema_that_readers_of_avro_understand() {
    let exported = write(export::Format::Avro, &contracts(TRADE));
    insta::assert_snapshot!("avro_schema", one(&exported));
    // An unsigned 64-bit integer is a decimal in bytes, whose default JSON cannot say well.
    assert_eq!(shown(&exported.losses), "Trade.quantity: the default `1` stands in `runi:default`, where readers of Avro do not look\n");
    assert_eq!(exported.files[0].name, "trade.avsc");
    let Schema::Record(record) = Schema::parse_str(one(&exported)).unwrap() else { panic!("a record") };
    assert!(matches!(record.fields[1].schema, Schema::Decimal(_)));
}

#[test]
fn foreign_schemas_say_what_is_lost() {
    let schema = r#"{
      "type": "record", "name": "Payment", "namespace": "com.bank", "doc": "A payment.", "aliases": ["Pay"], "connect.name": "x",
      "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "order": "ascending"},
        {"name": "amount", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}], "default": null, "aliases": ["sum"]},
        {"name": "big", "type": {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 2}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["CARD", "CASH"], "default": "CARD"}, "default": "CASH"},
        {"name": "other", "type": ["null", "Kind", "string"]},
        {"name": "again", "type": ["null", "com.bank.Kind"], "default": null},
        {"name": "hash", "type": {"type": "fixed", "name": "Md5", "size": 16}},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "attrs", "type": {"type": "map", "values": ["null", "long"]}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-micros"}, "doc": "Wall\n  clock"},
        {"name": "clock", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "odd", "type": {"type": "string", "logicalType": "iso8601"}},
        {"name": "next", "type": ["null", "Payment"], "default": null},
        {"name": "who", "type": {"type": "record", "name": "Person", "fields": [
           {"name": "name", "type": "string", "doc": "Full"}, {"name": "age", "type": ["null", "int"], "default": null}]}}
      ]}"#;
    let imported = read(Format::Avro, schema.as_bytes()).unwrap();
    insta::assert_snapshot!("avro_import", format!("{}\n{}", text(&imported.contracts), shown(&imported.losses)));
}

#[test]
fn a_required_field_with_a_default_may_be_added() {
    let schema = |more: &str| format!(r#"{{"type": "record", "name": "T", "fields": [{{"name": "id", "type": "long"}}{more}]}}"#);
    let more = r#",
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "words", "type": {"type": "array", "items": "string"}, "default": ["it's", "b"]},
        {"name": "custom", "type": {"type": "map", "values": "int"}, "default": {}},
        {"name": "on", "type": {"type": "int", "logicalType": "date"}, "default": 19722},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": -1},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-micros"}, "default": 0},
        {"name": "raw", "type": "bytes", "default": "\u00ff\u0000"},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2}, "default": "\u00ff\u0085"},
        {"name": "who", "type": {"type": "record", "name": "Who", "fields": [{"name": "n", "type": "string"}, {"name": "d", "type": {"type": "int", "logicalType": "date"}}]},
         "default": {"n": "x", "d": 1}}"#;
    let (old, new) = (read(Format::Avro, schema("").as_bytes()).unwrap(), read(Format::Avro, schema(more).as_bytes()).unwrap());
    let defaults: Vec<&str> = new.contracts[0].fields[1..].iter().map(|field| field.default.as_deref().unwrap_or("-")).collect();
    assert_eq!(
        defaults,
        [
            "'[]'",
            r#"'["it''s","b"]'"#,
            "'{}'",
            "'2023-12-31'",
            "'1969-12-31T23:59:59.999Z'",
            "'1970-01-01T00:00:00'",
            "'ff00'",
            "-1.23",
            r#"'{"n":"x","d":"1970-01-02"}'"#
        ],
        "{}",
        shown(&new.losses)
    );
    assert!(new.losses.iter().all(|loss| !loss.message.contains("default")), "{}", shown(&new.losses));
    let changes = runi_lang::diff::contract::compare(&old.contracts[0], &new.contracts[0], &engine);
    assert!(changes.len() == 9 && changes.iter().all(|change| change.rule.id == "F001"), "{changes:?}");
    // An empty list or map is said in Avro's own words again, the others beside them.
    let exported = write(export::Format::Avro, &new.contracts);
    let back = read(Format::Avro, one(&exported).as_bytes()).unwrap();
    assert_eq!(differences(&new.contracts[0], &back.contracts[0]), Vec::<String>::new());
    let json: serde_json::Value = serde_json::from_str(one(&exported)).unwrap();
    let field = |name: &str| json["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone();
    assert_eq!((&field("tags")["default"], &field("custom")["default"]), (&serde_json::json!([]), &serde_json::json!({})));
    assert_eq!(field("words")["runi:default"], r#"'["it''s","b"]'"#);
    assert!(Schema::parse_str(one(&exported)).is_ok());
}

#[test]
fn attributes_that_contradict_the_schema_lose() {
    let schema = r#"{"type": "record", "name": "T", "fields": [{"name": "a", "type": "string", "runi:type": "int8", "runi:range": 7, "runi:pii": "email"}]}"#;
    let imported = read(Format::Avro, schema.as_bytes()).unwrap();
    let field = &imported.contracts[0].fields[0];
    assert_eq!((field.ty.to_string(), field.sensitivity.pii.as_deref()), ("string".to_owned(), Some("email")));
    assert_eq!(imported.losses.len(), 2, "{}", shown(&imported.losses));
}

#[test]
fn what_is_no_schema_is_an_error_with_a_code() {
    let deep = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(5000), "}".repeat(5000));
    // Each record holds the one before twice: a few lines that would grow to 2^40 parts.
    let mut fields = r#"{"name": "a", "type": {"type": "record", "name": "R0", "fields": [{"name": "x", "type": "int"}]}}"#.to_owned();
    for n in 1..40 {
        fields += &format!(
            r#", {{"name": "f{n}", "type": {{"type": "record", "name": "R{n}", "fields": [{{"name": "x", "type": "R{0}"}}, {{"name": "y", "type": "R{0}"}}]}}}}"#,
            n - 1
        );
    }
    let bomb = format!(r#"{{"type": "record", "name": "B", "fields": [{fields}]}}"#);
    let cases: [(&[u8], &str); 9] = [
        (b"", "E1001"),
        (b"\xff\xfe\x00", "E1001"),
        (b"{", "E1001"),
        (b"\"int\"", "E1001"),
        (br#"{"type": "record", "name": "A", "fields": [{"name": "x", "type": "Nowhere"}]}"#, "E1001"),
        (br#"{"type": "record", "name": "A"}"#, "E1001"),
        (br#"{"type": "record", "name": "A", "fields": [{"name": "x", "type": ["int", "int"]}]}"#, "E1001"),
        (deep.as_bytes(), "E1001"),
        (bomb.as_bytes(), "E1002"),
    ];
    for (bytes, code) in cases {
        let error = read(Format::Avro, bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_way_there_and_back_loses_nothing(contract in any_contract()) {
        let exported = write(export::Format::Avro, std::slice::from_ref(&contract));
        prop_assert!(Schema::parse_str(one(&exported)).is_ok(), "{}", one(&exported));
        let back = read(Format::Avro, one(&exported).as_bytes()).unwrap();
        prop_assert_eq!(differences(&contract, &back.contracts[0]), Vec::<String>::new(), "{}", one(&exported));
        assert_named(&contract, &back.contracts[0], &exported.losses);
    }

    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        let _ = read(Format::Avro, text.as_bytes());
    }
}

#[test]
fn the_types_of_a_protocol_are_read() {
    let protocol = r#"{"protocol": "Mail", "namespace": "org.example", "types": [
        {"type": "enum", "name": "Kind", "symbols": ["A", "B"]},
        {"type": "record", "name": "Message", "fields": [{"name": "to", "type": "string"}, {"name": "kind", "type": "Kind"}]},
        {"type": "error", "name": "Curse", "fields": [{"name": "about", "type": "org.example.Message"}]}],
        "messages": {"send": {"request": [{"name": "message", "type": "Message"}], "response": "string", "errors": ["Curse"]}}}"#;
    let read = import::avro::import(&[protocol]).unwrap();
    let made: Vec<(&str, usize)> = read.contracts.iter().map(|contract| (contract.name.as_str(), contract.fields.len())).collect();
    assert_eq!(made, [("Message", 2), ("Curse", 1)]);
}
