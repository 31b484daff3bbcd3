//! Contracts as text: what is written is read back as the same value, or is not written at all.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use runi_lang::lower;
use runi_lang::model::{
    Accept, Compatibility, Contract, Date, DriftPolicy, Duplicates, Duration, Field, FieldRules, Freshness, History, Key, Mask, OnFail,
    Owner, Range, Reference, Renamed, Rule, Sensitivity, Version,
};
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

fn contract() -> impl Strategy<Value = Contract> {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

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
