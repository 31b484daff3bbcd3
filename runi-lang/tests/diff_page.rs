//! The reference page is what the registry, the pairs and the other tools say.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/page.rs"]
mod page;
mod support;

use runi_lang::diff::rules;

#[test]
fn the_reference_is_fresh() {
    let path = page::root().join("docs/compatibility.md");
    let wanted = page::page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert!(found == wanted, "docs/compatibility.md is stale; UPDATE=1 writes it anew");
}

#[test]
fn each_rule_can_be_explained() {
    for rule in rules::all() {
        let page = rules::page(rule);
        assert!(page.starts_with(&format!("### {} ", rule.id)) && page.contains(rule.explanation), "{}", rule.id);
        assert_eq!(page.matches("\n### ").count(), 0, "{}", rule.id);
    }
}
