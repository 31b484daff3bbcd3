//! Arbitrary contracts, and the plumbing of imports and exports.

use proptest::prelude::*;
use runi_engine::sql::DataFusionEngine;
use runi_interop::export::{self, Exported};
use runi_interop::import::{self, Input};
use runi_interop::{ImportError, Imported};
use runi_lang::diagnostic::Severity;
use runi_lang::model::{
    Accept, Compatibility, Contract, Date, DriftPolicy, Duplicates, Duration, Field, FieldRules, Freshness, History, Key, Mask, OnFail,
    Owner, Range, Reference, Renamed, Rule, Sensitivity, Version,
};
use runi_lang::sql::SqlEngine;
use runi_lang::syntax::{FileKind, parse, write};
use runi_lang::types::{DataType, TimeUnit};
use runi_lang::workspace::{MemoryTree, Workspace};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

pub(crate) fn fixture(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/interop")).join(path)
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(fixture(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The snapshots called `FAMILY NAME` of a module are those of `names`: another one would be a leftover that nobody compares.
#[track_caller]
pub(crate) fn only_these<'n>(module: &str, family: &str, names: impl IntoIterator<Item = &'n str>) {
    let start = format!("{}__{family} ", module.replace("::", "__"));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/snapshots");
    let there = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = there.filter_map(|file| Some(file.strip_prefix(&start)?.strip_suffix(".snap")?.to_owned())).collect();
    assert_eq!(there, names.into_iter().map(str::to_owned).collect());
}

pub(crate) fn import(format: import::Format, name: &str, text: &str) -> Result<Imported, ImportError> {
    let options = import::Options::default();
    import::import(format, &Input { name, bytes: text.as_bytes(), path: None, options: &options })
}

/// What a document says, whether it makes sense or not.
pub(crate) fn as_said(format: import::Format, name: &str, text: &str) -> Result<Imported, ImportError> {
    let options = import::Options::default();
    let input = Input { name, bytes: text.as_bytes(), path: None, options: &options };
    if format == import::Format::Odcs { import::odcs::from(&input) } else { import::json_schema::from(&input) }
}

pub(crate) fn export(format: export::Format, contract: &Contract) -> (String, Exported) {
    let exported = export::export(format, std::slice::from_ref(contract), &export::Options::default()).unwrap();
    (String::from_utf8(exported.files[0].bytes.clone()).unwrap(), exported)
}

/// Everything that an import says beside its contracts, one line each.
pub(crate) fn losses(imported: &Imported) -> String {
    let line = |loss: &runi_interop::Loss| {
        format!("{}{}: {}", loss.line.map(|line| format!("{line} ")).unwrap_or_default(), loss.at, loss.message)
    };
    imported.losses.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The problems of an import that failed, with their lines.
pub(crate) fn problems(name: &str, text: &str, error: &ImportError) -> String {
    let ImportError::Source { diagnostics } = error else { return format!("{} {error}", error.code()) };
    let line = |diagnostic: &runi_lang::diagnostic::Diagnostic| {
        assert_eq!(diagnostic.place.path, name);
        let line = diagnostic.place.text_range().map_or(0, |range| text[..usize::from(range.start())].matches('\n').count() + 1);
        format!("{} line {line}: {}", diagnostic.code, diagnostic.message)
    };
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn policy() -> impl Strategy<Value = OnFail> {
    prop_oneof![Just(OnFail::Warn), Just(OnFail::Quarantine), Just(OnFail::Fail)]
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(of: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Option<T>> {
    prop_oneof![3 => Just(None), 1 => of.prop_map(Some)].boxed()
}

/// Text of one line, odd characters included.
fn line() -> BoxedStrategy<String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[ -~]{0,12}",
        "[a-zäöü€'\":#{}\\[\\]%@`|>&*!?-]{0,12}",
        Just("null".to_owned()),
        Just("0x1F".to_owned()),
        Just("1.10".to_owned()),
        Just("yes".to_owned()),
    ]
    .boxed()
}

fn prose() -> BoxedStrategy<String> {
    prop_oneof![Just(String::new()), line(), prop::collection::vec(line(), 0..4).prop_map(|lines| lines.join("\n"))].boxed()
}

fn name() -> BoxedStrategy<String> {
    prop_oneof![4 => "[a-z_][a-z0-9_]{0,6}", 1 => "[a-zA-Z ü.-]{1,6}".prop_map(|name| format!("x{name}"))].boxed()
}

fn data_type() -> BoxedStrategy<DataType> {
    let unit = prop_oneof![Just(TimeUnit::Second), Just(TimeUnit::Millisecond), Just(TimeUnit::Microsecond), Just(TimeUnit::Nanosecond)];
    let zone = maybe(prop_oneof![Just("UTC".to_owned()), Just("Europe/Paris".to_owned()), Just("+02:00".to_owned())]);
    let leaf = prop_oneof![
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
        (1..=38_u8)
            .prop_flat_map(|precision| (Just(precision), 0..=precision as i8))
            .prop_map(|(precision, scale)| DataType::Decimal { precision, scale }),
        Just(DataType::String),
        Just(DataType::Binary),
        Just(DataType::Date),
        Just(DataType::Time),
        (unit, zone).prop_map(|(unit, zone)| DataType::Timestamp { unit, zone }),
        prop::collection::btree_set("[a-zA-Z0-9 '\"\\\\.,ü-]{1,6}", 1..4).prop_map(|values| DataType::Enum(values.into_iter().collect())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|item| DataType::List(Box::new(item))),
            (inner.clone(), inner.clone()).prop_map(|(key, value)| DataType::Map(Box::new(key), Box::new(value))),
            prop::collection::btree_map(name(), inner, 1..4).prop_map(|parts| DataType::Struct(parts.into_iter().collect())),
        ]
    })
    .boxed()
}

fn range() -> impl Strategy<Value = Range> {
    let bound = maybe(prop_oneof!["-?[0-9]{1,3}", "[0-9]{1,2}\\.[0-9]{1,2}", Just("2024-01-31".to_owned()), Just("10:00:00".to_owned())]);
    (bound.clone(), bound, any::<bool>(), maybe(policy())).prop_map(|(min, max, exclusive, on_fail)| Range { min, max, exclusive, on_fail })
}

fn date() -> impl Strategy<Value = Date> {
    (2000..2100_u16, 1..=12_u8, 1..=28_u8).prop_map(|(year, month, day)| Date { year, month, day })
}

fn key(columns: BoxedStrategy<Vec<String>>) -> impl Strategy<Value = Key> {
    (columns, any::<bool>(), any::<bool>(), maybe(policy())).prop_map(|(columns, primary, first, on_fail)| Key {
        columns,
        primary,
        duplicates: if first { Duplicates::KeepFirst } else { Duplicates::RejectAll },
        on_fail,
    })
}

fn rules() -> impl Strategy<Value = FieldRules> {
    let pattern = prop_oneof![
        Just("[A-Z]{1,8}".to_owned()),
        Just("a|b".to_owned()),
        Just(r"\d+\.x".to_owned()),
        Just("(?i)ab".to_owned()),
        Just("é/\\/".to_owned())
    ];
    let format = prop_oneof![Just("email".to_owned()), Just("uuid".to_owned()), Just("isin".to_owned()), Just("date".to_owned())];
    (
        maybe(maybe(policy())),
        maybe(key(Just(vec![String::new()]).boxed())),
        maybe(range()),
        maybe(range()),
        maybe((pattern, maybe(policy()))),
        maybe((format, maybe(policy()))),
        maybe(policy()),
        maybe(policy()),
    )
        .prop_map(|(required, unique, range, length, matches, format, enumeration, conversion)| FieldRules {
            required,
            unique,
            range,
            length,
            matches,
            format,
            enumeration,
            conversion,
        })
}

fn sensitivity() -> impl Strategy<Value = Sensitivity> {
    let mask = prop_oneof![
        Just(Mask::Null),
        Just(Mask::Redact),
        Just(Mask::Hash),
        Just(Mask::Tokenise),
        any::<u32>().prop_map(|keep| Mask::Partial { keep }),
        line().prop_map(|to| Mask::Generalise { to }),
    ];
    let level = prop_oneof![Just("public".to_owned()), Just("restricted".to_owned())];
    (maybe(line()), prop::collection::vec(line(), 0..3), maybe(level), maybe(mask))
        .prop_map(|(pii, access, classification, mask)| Sensitivity { pii, access, classification, mask })
}

fn field() -> impl Strategy<Value = Field> {
    let default = prop_oneof![
        Just("0".to_owned()),
        Just("'a''b'".to_owned()),
        Just("null".to_owned()),
        Just("now()".to_owned()),
        Just("true".to_owned())
    ];
    (name(), data_type(), rules(), sensitivity(), maybe(line()), maybe(default), maybe(maybe(date())), prose()).prop_map(
        |(name, ty, mut rules, sensitivity, unit, default, deprecated, description)| {
            if let Some(unique) = &mut rules.unique {
                unique.columns = vec![name.clone()];
                unique.primary = false;
            }
            Field { name, ty, rules, sensitivity, unit, default, deprecated, description }
        },
    )
}

/// Contracts that say anything that the model can, sense or not.
pub(crate) fn contract() -> impl Strategy<Value = Contract> {
    prop::collection::vec(field(), 0..6).prop_flat_map(|mut fields| {
        let mut seen = std::collections::BTreeSet::new();
        fields.retain(|field| seen.insert(field.name.clone()));
        let names: Vec<String> = fields.iter().map(|field| field.name.clone()).chain(["other".to_owned()]).collect();
        let column = prop::sample::select(names);
        let columns = prop::collection::vec(column.clone(), 1..3).boxed();
        let version = (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(major, minor, patch)| Version { major, minor, patch });
        let owner = (line(), maybe(line())).prop_map(|(name, contact)| Owner { name, contact });
        let level = maybe(prop_oneof![Just("internal".to_owned()), Just("confidential".to_owned())]);
        let history = prop_oneof![Just(History::Last), Just(History::Transitive), line().prop_map(History::Since)];
        let compatibility = ("consumer|producer|full|none", history).prop_map(|(mode, history)| Compatibility { mode, history });
        let rule = (line(), line(), maybe(policy())).prop_map(|(title, sql, on_fail)| Rule { title, sql, on_fail });
        let reference = (column.clone(), "[A-Z][a-zé]{1,4}", name(), maybe(policy()))
            .prop_map(|(column, contract, target, on_fail)| Reference { column, contract, target, on_fail });
        let freshness =
            maybe((any::<u32>(), column.clone()).prop_map(|(ms, column)| Freshness { within: Duration { ms: u64::from(ms) }, column }));
        let drift = (policy(), policy(), policy(), policy()).prop_map(|(missing, extra, retyped, reordered)| DriftPolicy {
            missing,
            extra,
            retyped,
            reordered,
        });
        let renamed = (line(), column, maybe(date())).prop_map(|(from, to, until)| Renamed { from, to, until });
        let accept = (line(), maybe(line()), date(), line(), line()).prop_map(|(rule, on, until, because, by)| Accept {
            rule,
            on,
            until,
            because,
            by,
        });
        let list = |of: BoxedStrategy<String>| prop::collection::vec(of, 0..3);
        let head = ("[A-Z][A-Za-zäß0-9_]{0,8}", prose(), maybe(version), maybe(owner), level, list(line()), compatibility);
        let sets = (
            prop::collection::vec(key(columns), 0..3),
            prop::collection::vec(rule, 0..3),
            prop::collection::vec(reference, 0..3),
            freshness,
            policy(),
            drift,
        );
        let retention = maybe(any::<u32>().prop_map(|ms| Duration { ms: u64::from(ms) }));
        let history =
            (prop::collection::vec(renamed, 0..2), list(line()), prop::collection::vec(accept, 0..2), retention, maybe(maybe(date())));
        (head, sets, history).prop_map(move |(head, sets, history)| {
            let (name, doc, version, owner, classification, compliance, compatibility) = head;
            let (keys, rules, references, freshness, on_fail, drift) = sets;
            let (renamed, reserved, accepted, retention, deprecated) = history;
            Contract {
                name,
                doc,
                version,
                owner,
                classification,
                compliance,
                compatibility,
                fields: fields.clone(),
                keys,
                rules,
                references,
                freshness,
                on_fail,
                drift,
                renamed,
                reserved,
                accepted,
                retention,
                deprecated,
            }
        })
    })
}

pub(crate) fn engine() -> Arc<dyn SqlEngine> {
    static ENGINE: LazyLock<Arc<DataFusionEngine>> = LazyLock::new(|| Arc::new(DataFusionEngine::new()));
    ENGINE.clone()
}

/// What `runi check` says of these contracts in a fresh workspace; nothing, when all is well.
pub(crate) fn check(contracts: &[Contract]) -> Vec<String> {
    let tree = MemoryTree::new(contracts.iter().map(|contract| {
        let text = write::contract(contract).unwrap_or_else(|error| panic!("{error}"));
        (format!("contracts/{}.contract", contract.name), text)
    }));
    tree.write("Runi.toml", "");
    let mut workspace = Workspace::with_tree(Arc::new(tree), None).unwrap();
    let report = workspace.check(engine).unwrap();
    let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| format!("{} {}: {}", diagnostic.code, diagnostic.place.path, diagnostic.message)).collect()
}

/// The contracts of a text.
pub(crate) fn contracts(text: &str) -> Vec<Contract> {
    let (file, problems) = runi_lang::lower::contracts("a.contract", &parse(text, FileKind::Contract));
    assert!(problems.is_empty(), "{problems:?}");
    file.contracts
}
