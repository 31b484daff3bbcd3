//! Arbitrary contracts: every part of the model, with names and texts of every kind.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use runi_lang::model::{
    Accept, Compatibility, Contract, Date, DriftPolicy, Duplicates, Duration, Field, FieldRules, Freshness, History, Key, Mask, OnFail,
    Owner, Range, Reference, Renamed, Rule, Sensitivity, Version,
};
use runi_lang::syntax::write;
use runi_lang::types::{DataType, TimeUnit};

fn policy() -> impl Strategy<Value = OnFail> {
    prop_oneof![Just(OnFail::Warn), Just(OnFail::Quarantine), Just(OnFail::Fail)]
}

fn maybe<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    proptest::option::weighted(0.3, strategy)
}

/// Any text that fits on a line: quotes, brackets, backslashes, words of the language, other alphabets.
fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z][a-z0-9_]{0,8}",
        2 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
        1 => prop::sample::select(&["Given", "When", "Contract:", "a: b", "\"", "\\", "\\\"", "#", " # c", "--", "/*", "@key", "become", "as x",
            "a\tb", "null", "name=x", "é", "日本", "'", "", " ", "x ", "| a |", "a,b", "(", ")", "<", "`", "\u{2028}", "\u{feff}"]).prop_map(str::to_owned),
    ]
}

fn level() -> impl Strategy<Value = String> {
    prop::sample::select(&["public", "internal", "confidential", "restricted"]).prop_map(str::to_owned)
}

fn date() -> impl Strategy<Value = Date> {
    (1_u16..=9999, 1_u8..=12, 1_u8..=28).prop_map(|(year, month, day)| Date { year, month, day })
}

fn distinct(max: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(odd(), 0..=max).prop_map(|set| set.into_iter().collect::<Vec<_>>()).prop_shuffle()
}

fn leaf() -> impl Strategy<Value = DataType> {
    let unit = prop::sample::select(&[TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond]);
    let zone = prop::sample::select(&["UTC", "Europe/Paris", "+02:00", "-11:30", "Etc/GMT+5", "America/Argentina/Buenos_Aires"]);
    prop_oneof![
        prop::sample::select(&[
            DataType::Boolean,
            DataType::Int8,
            DataType::Int64,
            DataType::UInt8,
            DataType::UInt16,
            DataType::UInt32,
            DataType::UInt64,
            DataType::Float32,
            DataType::Float64,
            DataType::String,
            DataType::Binary,
            DataType::Date,
            DataType::Time,
        ]),
        (1_u8..=38).prop_flat_map(
            |precision| (0..=precision).prop_map(move |scale| DataType::Decimal { precision, scale: i8::try_from(scale).unwrap() })
        ),
        (unit, proptest::option::of(zone)).prop_map(|(unit, zone)| DataType::Timestamp { unit, zone: zone.map(str::to_owned) }),
        proptest::collection::btree_set(odd(), 1..5).prop_map(|values| DataType::Enum(values.into_iter().collect())),
    ]
}

fn data_type() -> impl Strategy<Value = DataType> {
    leaf().prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|item| DataType::List(Box::new(item))),
            (inner.clone(), inner.clone()).prop_map(|(key, value)| DataType::Map(Box::new(key), Box::new(value))),
            proptest::collection::btree_map(odd(), inner, 1..4).prop_map(|parts| DataType::Struct(parts.into_iter().collect())),
        ]
    })
}

fn bounds(value: &'static str) -> impl Strategy<Value = Range> {
    (proptest::option::of(value), value, any::<bool>(), maybe(policy())).prop_map(|(min, max, exclusive, on_fail)| match min {
        Some(min) => Range { min: Some(min), max: None, exclusive, on_fail },
        None => Range { min: None, max: Some(max), exclusive, on_fail },
    })
}

fn key() -> impl Strategy<Value = (Duplicates, Option<OnFail>)> {
    (prop_oneof![Just(Duplicates::RejectAll), Just(Duplicates::KeepFirst)], maybe(policy()))
}

fn rules() -> impl Strategy<Value = FieldRules> {
    let first =
        (maybe(maybe(policy())), maybe(key()), maybe(bounds("-?[0-9]{1,4}(\\.[0-9]{1,3})?|2020-01-0[1-9]")), maybe(bounds("[0-9]{1,4}")));
    let second = (maybe((odd(), maybe(policy()))), maybe((odd(), maybe(policy()))), maybe(policy()), maybe(policy()));
    (first, second).prop_map(|((required, unique, range, length), (matches, format, enumeration, conversion))| {
        let unique = unique.map(|(duplicates, on_fail)| Key { columns: Vec::new(), primary: false, duplicates, on_fail });
        FieldRules { required, unique, range, length, matches, format, enumeration, conversion }
    })
}

fn sensitivity() -> impl Strategy<Value = Sensitivity> {
    let mask = prop_oneof![
        Just(Mask::Null),
        Just(Mask::Redact),
        Just(Mask::Hash),
        Just(Mask::Tokenise),
        any::<u32>().prop_map(|keep| Mask::Partial { keep }),
        odd().prop_map(|to| Mask::Generalise { to }),
    ];
    (maybe(odd()), distinct(2), maybe(level()), maybe(mask)).prop_map(|(pii, access, classification, mask)| Sensitivity {
        pii,
        access,
        classification,
        mask,
    })
}

fn default() -> impl Strategy<Value = String> {
    prop_oneof![
        odd().prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        prop::sample::select(&["0", "-1.5", "true", "now()", "cast('2020-01-01' as date)", "null", "interval '1 day'"])
            .prop_map(str::to_owned),
    ]
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let one = (data_type(), rules(), sensitivity(), maybe(odd()), maybe(default()), maybe(maybe(date())), odd());
    proptest::collection::btree_map(odd(), one, 0..5).prop_map(|fields| {
        let field = |(name, (ty, mut rules, sensitivity, unit, default, deprecated, description)): (String, _)| {
            let rules: &mut FieldRules = &mut rules;
            if let Some(unique) = &mut rules.unique {
                unique.columns = vec![name.clone()];
            }
            Field { name, ty, rules: rules.clone(), sensitivity, unit, default, deprecated, description }
        };
        fields.into_iter().map(field).collect()
    })
}

/// Every docstring that a reader gives: whatever was between the quotes, read once.
fn doc() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof!["[ -~]{0,20}", " {0,4}\\PC{0,8}", Just("ends with \"".to_owned())], 0..5)
        .prop_map(|lines| write::prose(&lines.join("\n")))
}

pub(crate) fn contract() -> impl Strategy<Value = Contract> {
    let version = (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(major, minor, patch)| Version { major, minor, patch });
    let history = prop_oneof![
        Just(History::Last),
        Just(History::Transitive),
        "[a-z/.0-9 \"-]{1,8}".prop_map(|tag| History::Since(tag.trim().to_owned()))
    ];
    let mode = prop::sample::select(&["consumer", "producer", "full", "none"]);
    let ends = prop_oneof![Just(OnFail::Warn), Just(OnFail::Fail)];
    let head = (
        "[A-Z][A-Za-z0-9_]{0,8}",
        doc(),
        maybe(version),
        maybe((odd(), maybe(odd()))),
        maybe(level()),
        distinct(2),
        (mode, history).prop_map(|(mode, history)| Compatibility { mode: mode.to_owned(), history }),
        policy(),
        (ends.clone(), ends.clone(), ends.clone(), ends),
    );
    let key = || (distinct(2), key());
    let tail = (
        fields(),
        maybe(key()),
        proptest::collection::vec(key(), 0..2),
        proptest::collection::btree_map(
            odd(),
            (prop::sample::select(&["a > 1", "(a or b)", "\"a b\" is null", "a = 'it''s'"]), maybe(policy())),
            0..3,
        ),
        proptest::collection::vec((odd(), "[A-Z][a-z]{0,5}", "[ -~]{1,6}", maybe(policy())), 0..2),
        maybe((any::<u32>(), odd())),
        (maybe(any::<u32>()), maybe(maybe(date()))),
        proptest::collection::vec((odd(), odd(), maybe(date())), 0..2),
        distinct(3),
        proptest::collection::vec((odd(), maybe(odd()), date(), odd(), odd()), 0..2),
    );
    (head, tail).prop_map(|(head, tail)| {
        let (name, doc, version, owner, classification, compliance, compatibility, on_fail, (missing, extra, retyped, reordered)) = head;
        let (fields, primary, uniques, rules, references, freshness, (retention, deprecated), renamed, reserved, accepted) = tail;
        let key = |primary: bool| move |(columns, (duplicates, on_fail)): (Vec<String>, _)| Key { columns, primary, duplicates, on_fail };
        let keys = primary.into_iter().map(key(true)).chain(uniques.into_iter().map(key(false)));
        Contract {
            name,
            doc,
            version,
            owner: owner.map(|(name, contact)| Owner { name, contact }),
            classification,
            compliance,
            compatibility,
            fields,
            keys: keys.filter(|key| !key.columns.is_empty()).collect(),
            rules: rules.into_iter().map(|(title, (sql, on_fail))| Rule { title, sql: sql.to_owned(), on_fail }).collect(),
            references: references
                .into_iter()
                .map(|(column, contract, target, on_fail)| Reference { column, contract, target, on_fail })
                .collect(),
            freshness: freshness.map(|(ms, column)| Freshness { within: Duration { ms: u64::from(ms) }, column }),
            retention: retention.map(|ms| Duration { ms: u64::from(ms) }),
            deprecated,
            on_fail,
            drift: DriftPolicy { missing, extra, retyped, reordered },
            renamed: renamed.into_iter().map(|(from, to, until)| Renamed { from, to, until }).collect(),
            reserved,
            accepted: accepted.into_iter().map(|(rule, on, until, because, by)| Accept { rule, on, until, because, by }).collect(),
        }
    })
}
