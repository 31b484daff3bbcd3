//! Generating again over what is there: nothing of the source is missed, nothing of people is lost.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use runi_interop::generate::{generate, merge};
use runi_interop::import::{Format, Input, Options, import};
use runi_lang::lower;
use runi_lang::model::Contract;
use runi_lang::syntax::{FileKind, fmt, parse, write};

fn read(text: &str) -> Vec<Contract> {
    let (file, problems) = lower::contracts("c", &parse(text, FileKind::Contract));
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    file.contracts
}

fn contract(fields: &[String], tags: &[&str]) -> Contract {
    let tags: String = tags.iter().map(|tag| format!("  {tag}\n")).collect();
    read(&format!("Contract: Order\n\n{}\n{tags}", fields.iter().map(|field| format!("  {field}\n")).collect::<String>())).remove(0)
}

/// Fields of some names, each with some type and tags; in the order of the names or in the other one.
fn fields() -> impl Strategy<Value = Vec<String>> {
    let ty = prop::sample::select(&["int64", "string", "decimal(9, 2)", "enum(a, b)", "list<string>"]);
    let tags = prop::sample::subsequence(&["@required", "@pii(email)", "@unit(EUR)", "@access(a, b)", "@deprecated", "\"about it\""], 0..4);
    let one = (ty, tags).prop_map(|(ty, tags)| format!("{ty} {}", tags.join(" ")));
    (proptest::collection::btree_map("[a-e]", one, 1..5), any::<bool>()).prop_map(|(fields, turned)| {
        let mut fields: Vec<String> = fields.into_iter().map(|(name, rest)| format!("{name} {rest}")).collect();
        if turned {
            fields.reverse();
        }
        fields
    })
}

fn tags() -> impl Strategy<Value = Vec<&'static str>> {
    let all = &[
        "@version(1.0.0)",
        "@owner(shop)",
        "@classification(internal)",
        "@compliance(GDPR)",
        "@compatibility(consumer)",
        "@on_fail(warn)",
        "@drift(extra=fail)",
        "@rule \"one\": 1 = 1",
        "@rule \"two\": 2 = 2",
        "@reserved(z)",
        "@renamed_from(y, to=a)",
        "@accept(F004, until=2027-01-31, because=\"b\", by=\"@c\")",
    ];
    prop::sample::subsequence(all, 0..all.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn generated_again_it_is_the_same(source in fields(), said in tags(), old in fields(), known in tags(), comment in any::<bool>()) {
        let (new, before) = (contract(&source, &said), contract(&old, &known));
        let mut text = write::contract(&before).unwrap();
        if comment {
            text = fmt::format(&text.replacen("\n\n", "\n\n  # by hand\n", 1), FileKind::Contract);
        }
        let first = generate(&new, Some(&text)).unwrap();
        prop_assert_eq!(&read(&first.text)[..], std::slice::from_ref(&first.contract), "{}", first.text);
        prop_assert_eq!(fmt::format(&first.text, FileKind::Contract), first.text.clone());

        // Once more changes nothing, not even a byte.
        let second = generate(&new, Some(&first.text)).unwrap();
        prop_assert_eq!(&second.text, &first.text);
        prop_assert_eq!(&second.contract, &first.contract);

        // Columns, their order, types and what is required are the source's.
        let shape = |contract: &Contract| -> Vec<(String, String, bool)> {
            contract.fields.iter().map(|field| (field.name.clone(), field.ty.to_string(), field.is_required())).collect()
        };
        prop_assert_eq!(shape(&first.contract), shape(&new));
        // Nothing that makes a column sensitive goes away while the column stays.
        for field in &before.fields {
            if let Some(now) = first.contract.field(&field.name) {
                prop_assert!(field.sensitivity.pii.is_none() || now.sensitivity.pii.is_some());
                prop_assert!(field.sensitivity.access.is_empty() || !now.sensitivity.access.is_empty());
            }
        }
        // Whatever one of the two says of the contract is said.
        for (old, now) in [(&before, &first.contract), (&new, &first.contract)] {
            prop_assert!(old.owner.is_none() || now.owner.is_some());
            prop_assert!(old.rules.iter().all(|rule| now.rules.contains(rule)));
            prop_assert!(old.accepted.iter().all(|accept| now.accepted.contains(accept)));
        }
        prop_assert!(!comment || first.comments_lost || first.text.contains("# by hand") || !first.removed.is_empty());
    }

    /// Alone, a contract is merged to itself.
    #[test]
    fn what_is_the_same_stays(source in fields(), said in tags()) {
        let contract = contract(&source, &said);
        let (merged, kept) = merge(&contract, &contract);
        prop_assert_eq!(&merged, &contract);
        prop_assert_eq!(kept, Vec::<String>::new());
        let odd = write::contract(&contract).unwrap().replace("  ", "    ");
        prop_assert_eq!(generate(&contract, Some(&odd)).unwrap().text, odd);
    }
}

/// A whole program's sources: generated, they are what their contracts say.
#[test]
fn sources_agree_with_what_was_made_of_them() {
    for (format, text) in [(Format::Go, include_str!("sources/models.go")), (Format::Rust, include_str!("sources/models.rs"))] {
        let options = Options::default();
        let imported = import(format, &Input { name: "s", bytes: text.as_bytes(), path: None, options: &options }).unwrap();
        for contract in &imported.contracts {
            let made = generate(contract, None).unwrap();
            let again = generate(contract, Some(&made.text)).unwrap();
            assert_eq!((&again.text, &again.kept), (&made.text, &Vec::new()));
        }
    }
}

#[test]
fn other_contracts_of_a_file_stay() {
    let file = "# all of them\n\nContract: A\n\n  x  int64  # kept\n\nContract: B\n\n  y  int64\n";
    let new = read("Contract: B\n\n  y  int64\n  z  date\n").remove(0);
    let made = generate(&new, Some(file)).unwrap();
    assert_eq!(made.text, "# all of them\n\nContract: A\n\n  x  int64  # kept\n\nContract: B\n\n  y  int64\n  z  date\n");
    let other = read("Contract: C\n\n  y  int64\n").remove(0);
    let made = generate(&other, Some(file)).unwrap();
    assert_eq!(made.text, format!("{file}\nContract: C\n\n  y  int64\n"));
}

#[test]
fn a_file_with_errors_is_left_alone() {
    let new = read("Contract: A\n\n  x  int64\n").remove(0);
    let error = generate(&new, Some("Contract: A\n  @owner(team\n\n  x  int64\n")).unwrap_err();
    assert!(error.to_string().starts_with("the file that is there has errors: "), "{error}");
    assert_eq!(error.code(), None);
    let odd = Contract { name: "two words".to_owned(), ..new };
    assert_eq!(generate(&odd, None).unwrap_err().code(), Some("E1006"));
}
