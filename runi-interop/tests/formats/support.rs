//! Contracts of every kind, and what two of them differ in.

use proptest::prelude::*;
use runi_interop::Loss;
use runi_interop::export::{self, Exported};
use runi_interop::import::{self, Input};
use runi_interop::{ImportError, Imported};
use runi_lang::lower;
use runi_lang::model::{
    Compatibility, Contract, Duplicates, Field, FieldRules, History, Key, Mask, OnFail, Owner, Range, Reference, Renamed, Rule, Sensitivity,
};
use runi_lang::syntax::{FileKind, parse};
use runi_lang::types::{DataType, TimeUnit};
use serde_json::Value;

/// The engine that knows what conditions mean.
pub(crate) fn engine() -> std::sync::Arc<dyn runi_lang::sql::SqlEngine> {
    std::sync::Arc::new(runi_engine::sql::DataFusionEngine::new())
}

/// The contracts of a text in the language.
pub(crate) fn contracts(text: &str) -> Vec<Contract> {
    let (file, problems) = lower::contracts("test.contract", &parse(text, FileKind::Contract));
    assert!(problems.is_empty(), "{problems:?}");
    file.contracts
}

/// The contracts as text in the language.
pub(crate) fn text(contracts: &[Contract]) -> String {
    runi_lang::syntax::write::file(contracts).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn read(format: import::Format, bytes: &[u8]) -> Result<Imported, ImportError> {
    read_with(format, bytes, &import::Options::default())
}

pub(crate) fn read_with(format: import::Format, bytes: &[u8], options: &import::Options) -> Result<Imported, ImportError> {
    import::import(format, &Input { name: "test", bytes, path: None, options })
}

pub(crate) fn write(format: export::Format, contracts: &[Contract]) -> Exported {
    export::export(format, contracts, &export::Options::default()).unwrap()
}

/// The one file of an export.
pub(crate) fn one(exported: &Exported) -> &str {
    assert_eq!(exported.files.len(), 1);
    std::str::from_utf8(&exported.files[0].bytes).unwrap()
}

/// Losses, one a line.
pub(crate) fn shown(losses: &[Loss]) -> String {
    losses.iter().map(|loss| format!("{}: {}\n", loss.at, loss.message)).collect()
}

fn flat(value: &Value, at: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| flat(value, &format!("{at}/{key}"), out)),
        other => out.push((at.to_owned(), other.to_string())),
    }
}

/// The places where two contracts differ: `Contract` for what the contract says, `Contract.field` for what a field says.
/// Written apart from the code under test, and over other paths of the model.
pub(crate) fn differences(said: &Contract, back: &Contract) -> Vec<String> {
    let head = |contract: &Contract| {
        let mut out = Vec::new();
        flat(&serde_json::to_value(Contract { fields: Vec::new(), ..contract.clone() }).unwrap(), "", &mut out);
        out
    };
    let mut places = Vec::new();
    if head(said) != head(back) {
        places.push(said.name.clone());
    }
    for (at, field) in said.fields.iter().enumerate() {
        if back.fields.get(at) != Some(field) {
            places.push(format!("{}.{}", said.name, field.name));
        }
    }
    places
}

/// Every difference has a loss at its place.
pub(crate) fn assert_named(said: &Contract, back: &Contract, losses: &[Loss]) {
    for place in differences(said, back) {
        assert!(
            losses.iter().any(|loss| loss.at == place),
            "{place} differs, and no loss says so\n{said:#?}\n{back:#?}\n{}",
            shown(losses)
        );
    }
}

pub(crate) fn any_type() -> impl Strategy<Value = DataType> {
    let leaf = leaf_type();
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|item| DataType::List(Box::new(item))),
            inner.clone().prop_map(|value| DataType::Map(Box::new(DataType::String), Box::new(value))),
            prop::collection::btree_map("[a-z]{1,6}", inner, 1..4).prop_map(|parts| DataType::Struct(parts.into_iter().collect())),
        ]
    })
}

pub(crate) fn leaf_type() -> impl Strategy<Value = DataType> {
    let unit = prop_oneof![Just(TimeUnit::Second), Just(TimeUnit::Millisecond), Just(TimeUnit::Microsecond), Just(TimeUnit::Nanosecond)];
    let zone = prop_oneof![Just(None), Just(Some("UTC".to_owned())), Just(Some("Europe/Paris".to_owned()))];
    prop_oneof![
        Just(DataType::Boolean),
        Just(DataType::Int8),
        Just(DataType::Int16),
        Just(DataType::Int32),
        Just(DataType::Int64),
        Just(DataType::UInt8),
        Just(DataType::UInt16),
        Just(DataType::UInt32),
        Just(DataType::UInt64),
        Just(DataType::Float32),
        Just(DataType::Float64),
        (1_u8..=38)
            .prop_flat_map(|precision| (Just(precision), 0..=precision.min(12)))
            .prop_map(|(precision, scale)| DataType::Decimal { precision, scale: i8::try_from(scale).unwrap() }),
        Just(DataType::String),
        Just(DataType::Binary),
        Just(DataType::Date),
        Just(DataType::Time),
        (unit, zone).prop_map(|(unit, zone)| DataType::Timestamp { unit, zone }),
        prop::collection::btree_set("[a-z][a-z '-]{0,6}[a-z]", 1..4).prop_map(|values| DataType::Enum(values.into_iter().collect())),
    ]
}

fn any_policy() -> impl Strategy<Value = Option<OnFail>> {
    prop_oneof![3 => Just(None), 1 => Just(Some(OnFail::Warn)), 1 => Just(Some(OnFail::Fail))]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[A-Za-z][A-Za-z0-9 .,;:'%é€-]{0,30}[a-z]"]
}

fn any_field(name: String) -> impl Strategy<Value = Field> {
    let range = (any::<bool>(), any_policy(), 0_u8..3).prop_map(|(exclusive, on_fail, sides)| Range {
        min: (sides != 1).then(|| "1".to_owned()),
        max: (sides != 0).then(|| "100".to_owned()),
        exclusive,
        on_fail,
    });
    let rules = (
        prop::option::of(any_policy()),
        any::<bool>(),
        prop::option::weighted(0.3, range),
        prop::option::weighted(0.2, (Just("[a-z]{1,8}".to_owned()), any_policy())),
        prop::option::weighted(
            0.2,
            (prop_oneof![Just("uuid".to_owned()), Just("email".to_owned()), Just("json".to_owned())], any_policy()),
        ),
    );
    let meaning = (
        prop::option::weighted(0.2, "[a-z]{3,8}"),
        prop::collection::vec("[a-z]{3,8}", 0..2),
        prop::option::weighted(0.2, prop_oneof![Just(Mask::Hash), Just(Mask::Partial { keep: 4 }), Just(Mask::Null)]),
        prop::option::weighted(0.2, "[a-zA-Z]{2,5}"),
        prop::option::weighted(0.2, prop::option::of(Just("2027-03-31".parse().unwrap()))),
        any_text(),
        any::<bool>(),
    );
    (any_type(), rules, meaning).prop_map(
        move |(ty, (required, unique, range, matches, format), (pii, access, mask, unit, deprecated, description, default))| {
            let text = ty == DataType::String;
            let default = match &ty {
                _ if !default => None,
                DataType::Boolean => Some("true".to_owned()),
                ty if ty.is_integer() => Some("7".to_owned()),
                DataType::String => Some("'it''s'".to_owned()),
                DataType::Enum(values) => Some(format!("'{}'", values[0].replace('\'', "''"))),
                DataType::Date => Some("'2020-01-01'".to_owned()),
                DataType::Binary => Some("'00ff'".to_owned()),
                DataType::List(_) => Some("'[]'".to_owned()),
                DataType::Map(..) | DataType::Struct(_) => Some("'{}'".to_owned()),
                _ => None,
            };
            Field {
                name: name.clone(),
                rules: FieldRules {
                    required,
                    unique: (unique && !matches!(ty, DataType::List(_) | DataType::Struct(_) | DataType::Map(..))).then(|| Key {
                        columns: vec![name.clone()],
                        primary: false,
                        duplicates: Duplicates::default(),
                        on_fail: None,
                    }),
                    length: range.clone().filter(|_| text),
                    range: range.filter(|_| ty.is_numeric()),
                    matches: matches.filter(|_| text),
                    format: format.filter(|_| text),
                    enumeration: None,
                    conversion: None,
                },
                ty,
                sensitivity: Sensitivity { pii, access, classification: None, mask: mask.filter(|mask| text || *mask == Mask::Null) },
                unit,
                default,
                deprecated,
                description,
            }
        },
    )
}

/// Any contract that the language can say, and some that only a check would refuse.
pub(crate) fn any_contract() -> impl Strategy<Value = Contract> {
    let names =
        prop::collection::btree_set(prop_oneof![8 => "[a-z][a-z0-9_]{0,8}", 1 => "[A-Z][a-zA-Z]{1,6}", 1 => "[a-z]{1,4} [a-z]{1,4}"], 1..6);
    let fields = names.prop_flat_map(|names| names.into_iter().map(|name| any_field(name).boxed()).collect::<Vec<_>>());
    let head = (
        "[A-Z][a-z]{1,8}([A-Z][a-z]{1,4})?",
        any_text(),
        prop::option::of((0_u32..9, 0_u32..9).prop_map(|(major, minor)| runi_lang::model::Version { major, minor, patch: 0 })),
        prop::option::of(("[a-z-]{3,8}", prop::option::of("[a-z]{2,5}@example[.]com")).prop_map(|(name, contact)| Owner { name, contact })),
        prop::option::of(Just("restricted".to_owned())),
        prop::collection::vec("[A-Z]{3,5}", 0..2),
    );
    let extra = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), prop::collection::vec("old_[a-z]{2,5}", 0..2));
    (head, fields, extra).prop_map(
        |((name, doc, version, owner, classification, compliance), fields, (key, rule, reference, renamed, reserved))| {
            let first = fields[0].name.clone();
            let last = fields[fields.len() - 1].name.clone();
            Contract {
                doc,
                version,
                owner,
                classification,
                compliance,
                compatibility: Compatibility { mode: "consumer".to_owned(), history: History::Transitive },
                keys: if key {
                    vec![Key { columns: vec![first.clone()], primary: true, duplicates: Duplicates::default(), on_fail: None }]
                } else {
                    vec![]
                },
                rules: if rule {
                    vec![Rule { title: "it is there".to_owned(), sql: format!("\"{last}\" is not null"), on_fail: None }]
                } else {
                    vec![]
                },
                references: if reference {
                    vec![Reference { column: first.clone(), contract: "Other".to_owned(), target: "id".to_owned(), on_fail: None }]
                } else {
                    vec![]
                },
                freshness: None,
                on_fail: OnFail::default(),
                drift: Default::default(),
                renamed: if renamed { vec![Renamed { from: "was_called".to_owned(), to: last, until: None }] } else { vec![] },
                reserved,
                accepted: Vec::new(),
                deprecated: None,
                retention: None,
                name,
                fields,
            }
        },
    )
}
