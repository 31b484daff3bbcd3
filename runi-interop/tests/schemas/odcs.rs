//! The Open Data Contract Standard: there and back, by its own schema, and from documents as people write them.

use crate::support::{as_said, contract, contracts, export, import, losses, only_these, problems, read};
use proptest::prelude::*;
use runi_interop::export::Format as To;
use runi_interop::import::Format as From;
use runi_lang::syntax::write;
use serde_json::Value;

fn validator(version: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&read(&format!("odcs/odcs-{version}.schema.json"))).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn yaml(text: &str) -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_contract_comes_back_as_it_was(contract in contract()) {
        let (text, exported) = export(To::Odcs, &contract);
        prop_assert!(exported.losses.is_empty());
        let imported = as_said(From::Odcs, "a.odcs.yaml", &text);
        let imported = imported.map_err(|error| TestCaseError::fail(format!("{}\n{text}", problems("a.odcs.yaml", &text, &error))))?;
        prop_assert_eq!(&imported.contracts, &vec![contract], "{}", text);
        prop_assert_eq!(losses(&imported), "", "{}", text);
    }

    #[test]
    fn what_is_written_is_valid_by_the_standard(contract in contract()) {
        let (text, _) = export(To::Odcs, &contract);
        let document = yaml(&text);
        let validator = validator("3.2.0");
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        prop_assert!(errors.is_empty(), "{errors:?}\n{text}");
    }
}

#[test]
fn a_contract_in_the_words_of_the_standard() {
    let text = "Contract: Trade\n  \"\"\"Trades,\n  as the venue sends them.\"\"\"\n  @version(1.2.0)\n  @owner(markets, contact=\"m@example.com\")\n  @classification(internal)\n  @drift(extra=fail)\n\n  id string @required \"The venue's number\"\n  symbol string @matches(\"[A-Z.]{1,8}\") @length(max=8)\n  price decimal(18, 6) @required @range(min=0, exclusive=true) @unit(USD)\n  side enum(buy, sell) @required(on_fail=fail)\n  at timestamp(UTC) @required\n  mail string @pii(email) @mask(hash) @access(support) @format(email)\n  legs list<struct<id: string, notional: decimal(18, 2)>>\n\n  @key(id)\n  @unique(symbol, at)\n  @rule \"sold dear\": price > 1 or side = 'buy'\n  @references(symbol, Instrument.symbol)\n  @freshness(15m, on=at)\n  @renamed_from(no, to=id, until=2027-03-31)\n";
    let contract = contracts(text).remove(0);
    let (exported, _) = export(To::Odcs, &contract);
    insta::assert_snapshot!(exported);
    assert_eq!(import(From::Odcs, "t.yaml", &exported).unwrap().contracts, [contract]);
}

#[test]
fn documents_as_people_write_them() {
    let documents = [("3.0.2", "orders-3.0.odcs.yaml"), ("3.1.0", "shipments-3.1.odcs.yaml"), ("3.2.0", "payments-3.2.odcs.yaml")];
    only_these(module_path!(), "odcs", documents.iter().map(|(_, name)| *name));
    for (version, name) in documents {
        let text = read(&format!("odcs/{name}"));
        let document = yaml(&text);
        let errors: Vec<String> =
            validator(version).iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let imported = import(From::Odcs, name, &text).unwrap_or_else(|error| panic!("{}", problems(name, &text, &error)));
        let written = write::file(&imported.contracts).unwrap();
        insta::assert_snapshot!(format!("odcs {name}"), format!("{written}\n--- not kept\n{}\n", losses(&imported)));
    }
}

#[test]
fn what_is_no_contract_of_the_standard_is_said_with_its_lines() {
    let cases = [
        ("not a mapping", "- a\n"),
        ("no version", "kind: DataContract\nschema: []\n"),
        ("version 2", "apiVersion: v2.2.2\nkind: DataContract\nschema: []\n"),
        ("another kind", "apiVersion: v3.0.2\nkind: Pod\n"),
        ("the predecessor", "dataContractSpecification: 1.1.0\nmodels: {}\n"),
        ("no schema", "apiVersion: v3.1.0\nkind: DataContract\n"),
        ("broken YAML", "apiVersion: v3.1.0\nschema: [\n  - a: [1\n"),
        (
            "wrong everywhere",
            "apiVersion: v3.1.0\nversion: [1]\nteam: 7\nsupport: {a: 1}\ndescription: text\nslaProperties: none\nschema:\n  - name: {a: b}\n  - 12\n  - name: T\n    description: [x]\n    properties:\n      - name: a\n        required: maybe\n        logicalType: strnig\n        primaryKey: 1\n      - logicalType: string\n      - name: b\n        logicalType: string\n        logicalTypeOptions: {minLength: -1, pattern: 5}\n      - name: b\n        logicalType: number\n        logicalTypeOptions: {minimum: low}\n      - name: c\n        logicalType: string\n        customProperties:\n          - {property: runi.range, value: 12}\n          - {value: 1}\n    quality: 5\n",
        ),
    ];
    let mut said = String::new();
    for (what, text) in cases {
        let error = import(From::Odcs, "a.yaml", text).unwrap_err();
        said += &format!("{what}\n{}\n\n", problems("a.yaml", text, &error));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn hostile_documents_end_in_an_error() {
    let head = "apiVersion: v3.1.0\nkind: DataContract\n";
    let bomb: String =
        (b'b'..=b'z').map(|c| format!("{0}: &{0} [{1}]\n", char::from(c), vec![format!("*{}", char::from(c - 1)); 9].join(", "))).collect();
    let deep: String = (0..3_000).map(|depth| format!("{}- \n", "  ".repeat(depth))).collect();
    let nested = format!("{head}schema: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let large = format!("{head}schema:\n{}", "  - name: x\n".repeat(5_000_000));
    for text in [format!("{head}a: &a [x]\n{bomb}"), format!("{head}schema:\n{deep}"), nested, large] {
        let error = import(From::Odcs, "a.yaml", &text).unwrap_err();
        assert!(matches!(error.code(), "E1001" | "E1002"), "{error}");
    }
}

#[test]
fn a_column_with_a_point_in_its_name_keeps_its_reference() {
    let contract = contracts("Contract: A\n  \"x .c\" string\n\n  @references(\"x .c\", B.id)\n").remove(0);
    let (exported, _) = export(To::Odcs, &contract);
    let back = as_said(From::Odcs, "a.yaml", &exported).unwrap();
    assert_eq!((losses(&back).as_str(), &back.contracts), ("", &vec![contract]));
}
