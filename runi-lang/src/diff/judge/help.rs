//! The next step for each rule that can stop somebody.

use crate::diff::change::{Change, ItemKind};
use crate::model::{Contract, Field, OnFail};

/// What a new field means for sources, where the contract refuses rows without it.
pub(super) fn drift(change: &Change, after: Option<&Contract>) -> String {
    let nested = change.part.contains('.');
    match after {
        Some(contract) if !nested && contract.field(&change.part).is_some_and(Field::is_required) => {
            format!("sources have to send `{}`: a default is for readers, and a source that lacks a required field is drift", change.part)
        }
        Some(contract) if !nested && contract.drift.missing == OnFail::Fail => {
            format!("sources that lack `{}` stop the run unless the contract says `@drift(missing=warn)`", change.part)
        }
        _ => String::new(),
    }
}

/// One sentence.
pub(super) fn help(change: &Change) -> String {
    let part = &change.part;
    let own = match change.rule.id {
        "F002" => format!("make `{part}` optional until every writer sends it, and let sources lack it: `@drift(missing=warn)`"),
        "F003" | "F004" => {
            format!("keep `{part}` and mark it `@deprecated(until=…)`; if it has another name now, say `@renamed_from({part}, to=…)`")
        }
        "F005" => format!("choose a name that never meant something else than `{part}` does now"),
        "F006" => format!("say `@renamed_from({part}, to=…, until=…)` if this is the same field under another name; else keep `{part}`"),
        "F007" | "F009" => "keep the earlier name until its readers have moved".to_owned(),
        "F008" => "put new fields at the end, or make sure that every reader goes by name".to_owned(),
        "T001" | "T002" | "T003" => format!("add a field of the new type beside `{part}`, and deprecate the old one"),
        "T004" => format!("keep the wider type of `{part}`, or look with `--with-data` whether every value fits"),
        "T005" | "T006" | "T007" | "T008" | "T009" => format!("add a field of the new type beside `{part}`, and deprecate the old one"),
        "N001" => format!("fill `{part}` in every row first; `--with-data` counts the rows that lack it"),
        "N002" => format!("give readers a `@default` for `{part}`, or tell them that it may be missing"),
        "E001" => "tell readers of the new value first; an enum whose `@enum_policy` is `warn` may grow".to_owned(),
        "E003" | "E004" => "keep the old value until no row has it".to_owned(),
        "C001" | "Q001" | "Q003" => {
            "start with `on_fail=warn` and look at the counts, or ask `--with-data` how many rows break it".to_owned()
        }
        "C002" | "Q002" | "Q004" => "ask the readers that are named whether they rely on it".to_owned(),
        "K001" => "publish rows of another grain under another contract".to_owned(),
        "G001" => format!("say what protects `{part}`: `@mask(…)` or `@access(…)`"),
        "G002" | "G004" | "G005" | "G007" => {
            format!("have it approved by an owner: `@accept({}, on={part}, until=…, because=\"…\", by=\"@…\")`", change.rule.id)
        }
        "S001" | "S002" => {
            format!("add a field with the new meaning beside `{part}`: a value that changes its meaning under one name is found by nobody")
        }
        "L001" | "L002" => "agree on it with the readers that are named".to_owned(),
        "P001" => {
            let column = change.columns.first().map_or("the column", String::as_str);
            format!("repair `{column}` in a step above, or change the contract, so that its readers are told")
        }
        "P002" | "P003" => {
            let column = change.columns.first().map_or("the column", String::as_str);
            format!("write `{column}` as before, or change the contract of the reader that is named, so that it does not ask for it")
        }
        "X001" => "mark the contract `@deprecated(until=…)` and remove it when that day has passed".to_owned(),
        "X005" | "X006" => format!("run `runi contract bump {}`", change.item.name),
        _ => String::new(),
    };
    match (own.is_empty(), change.item.kind) {
        (false, _) => own,
        (true, ItemKind::Workspace) => format!(
            "undo it, or have it approved in `Runi.toml`: `[[compatibility.accept]]` with `rule = \"{}\"`, `on = \"{part}\"`, `until`, `because` and `by`",
            change.rule.id
        ),
        (true, ItemKind::Contract) => {
            let on = if part.is_empty() { String::new() } else { format!(", on={part}") };
            format!("undo it, or have it approved: `@accept({}{on}, until=…, because=\"…\", by=\"@…\")`", change.rule.id)
        }
        (true, ItemKind::Scenario | ItemKind::Step) => {
            let word = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
            let on = match part.as_str() {
                "" => String::new(),
                part if word(part) => format!(", on={part}"),
                part => format!(", on=\"{part}\""),
            };
            let keyword = if change.item.kind == ItemKind::Step { "Step:" } else { "Scenario:" };
            let rule = change.rule.id;
            format!(
                "ask the readers that are named, and have it approved above the `{keyword}`: `@accept({rule}{on}, until=…, because=\"…\", by=\"@…\")`"
            )
        }
    }
}
