//! Contracts as text: what is written is read back as the same value, or is not written at all.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/contracts.rs"]
mod contracts;

use contracts::contract;
use proptest::prelude::*;
use runi_lang::lower;
use runi_lang::model::{Contract, Field, Owner, Rule};
use runi_lang::syntax::{FileKind, fmt, parse, write};
use runi_lang::types::{DataType, TimeUnit};

fn read(text: &str) -> Vec<Contract> {
    let (file, diagnostics) = lower::contracts("c.contract", &parse(text, FileKind::Contract));
    assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
    file.contracts
}

/// Written, it says the same, in the canonical layout.
fn round_trips(contract: &Contract) -> Result<(), TestCaseError> {
    let text = write::contract(contract).map_err(|error| TestCaseError::fail(format!("{error}\n{contract:#?}")))?;
    prop_assert_eq!(&read(&text)[..], std::slice::from_ref(contract), "{}", text);
    prop_assert_eq!(fmt::format(&text, FileKind::Contract), text);
    Ok(())
}

fn plain(name: &str) -> Contract {
    read(&format!("Contract: {name}\n\n  id  int64\n")).remove(0)
}

fn field(name: &str, ty: DataType) -> Field {
    Field { name: name.to_owned(), ty, ..plain("C").fields.remove(0) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(contract in contract()) { round_trips(&contract)?; }

    /// Texts with line ends, zero bytes and quotes anywhere: the same value or an error, never another value.
    #[test]
    fn what_cannot_be_written_is_an_error(mut contract in contract(), texts in proptest::collection::vec(any::<String>(), 9)) {
        let [name, doc, owner, rule, title, reserved, column, unit, default] = &texts[..] else { unreachable!() };
        contract.doc.clone_from(doc);
        contract.owner = Some(Owner { name: owner.clone(), contact: None });
        contract.rules.push(Rule { title: title.clone(), sql: rule.clone(), on_fail: None });
        contract.reserved.push(reserved.clone());
        contract.fields.push(Field { unit: Some(unit.clone()), default: Some(default.clone()), ..field(column, DataType::String) });
        for name in [name.clone(), "C".to_owned()] {
            contract.name = name;
            if let Ok(text) = write::contract(&contract) {
                prop_assert_eq!(&read(&text)[..], std::slice::from_ref(&contract), "{}", text);
            }
        }
    }

    #[test]
    fn prose_and_words_can_always_be_said(text in any::<String>()) {
        let contract = Contract { doc: write::prose(&text), fields: vec![Field { description: write::words(&text), ..field("a", DataType::Date) }], ..plain("C") };
        round_trips(&contract)?;
    }
}

#[test]
fn what_cannot_be_said_names_its_place() {
    let with = |fields: Vec<Field>| Contract { fields, ..plain("Trade") };
    let says = |contract: &Contract| write::contract(contract).unwrap_err().to_string();
    insta::assert_snapshot!(
        [
            says(&Contract { name: "Two words".to_owned(), ..plain("C") }),
            says(&with(vec![field("a\nb", DataType::String)])),
            says(&with(vec![field("a", DataType::Interval)])),
            says(&with(vec![field("a", DataType::Enum(Vec::new()))])),
            says(&with(vec![field("a", DataType::Decimal { precision: 9, scale: 12 })])),
            says(&with(vec![field("a", DataType::Timestamp { unit: TimeUnit::Second, zone: Some("Mars".to_owned()) })])),
            says(&with(vec![field("a", DataType::Int8), field("a", DataType::Int8)])),
            says(&with(vec![Field { default: Some("1) @pii(x".to_owned()), ..field("a", DataType::Int8) }])),
            says(&Contract { doc: "a \"\"\" b".to_owned(), ..plain("Trade") }),
            says(&Contract {
                rules: vec![Rule { title: "t".to_owned(), sql: "a > 1 # not b".to_owned(), on_fail: None }],
                ..plain("Trade")
            }),
            says(&Contract { rules: vec![Rule { title: "t".to_owned(), sql: String::new(), on_fail: None }], ..plain("Trade") }),
            says(&Contract { classification: Some("secret".to_owned()), ..plain("Trade") }),
            write::file(&[plain("A"), plain("A")]).unwrap_err().to_string(),
        ]
        .join("\n")
    );
}

#[test]
fn types_as_deep_as_a_stack_are_refused() {
    let mut ty = DataType::String;
    for _ in 0..3_000 {
        ty = DataType::List(Box::new(ty));
    }
    let error = write::contract(&Contract { fields: vec![field("a", ty)], ..plain("C") }).unwrap_err();
    assert_eq!(error.why, "its type nests too deeply");
}

#[test]
fn the_examples_come_back_as_they_were() {
    let text = include_str!("syntax_data/trade.contract");
    let contracts = read(text);
    let written = write::file(&contracts).unwrap();
    assert_eq!(read(&written), contracts);
    insta::assert_snapshot!(written);
}
