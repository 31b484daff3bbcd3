//! `[compatibility]` of `Runi.toml`: what contracts promise that do not say, and the levels of the rules.

use super::tables::Reader;
use crate::diagnostics::workspace as problems;
use crate::diff::{Level, Settings, rules};
use crate::model::{Accept, History};
use toml::de::{DeTable, DeValue};

/// The sides that a contract may protect.
const MODES: &[&str] = &["consumer", "producer", "full", "none"];

/// Reads the table, when there is one.
pub(super) fn read(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Settings {
    let mut settings = Settings::default();
    let Some(table) = reader.table(root, "compatibility") else { return settings };
    reader.only(table, "`[compatibility]`", &["default", "history", "rules", "accept"]);
    if let Some(mode) = reader.string(table, "default") {
        if MODES.contains(&mode.get_ref().as_str()) {
            settings.mode = Some(mode.into_inner());
        } else {
            reader.wrong(&mode, "default", "`\"consumer\"`, `\"producer\"`, `\"full\"` or `\"none\"`");
        }
    }
    if let Some(history) = reader.string(table, "history") {
        settings.history = match history.get_ref().as_str() {
            "last" => Some(History::Last),
            "transitive" => Some(History::Transitive),
            text => match text.strip_prefix("since:").map(str::trim).filter(|tag| !tag.is_empty()) {
                Some(tag) => Some(History::Since(tag.to_owned())),
                None => {
                    reader.wrong(&history, "history", "`\"last\"`, `\"transitive\"` or `\"since:TAG\"`");
                    None
                }
            },
        };
    }
    if let Some(levels) = reader.table(table, "rules") {
        for (key, value) in levels.iter() {
            let name = key.get_ref().as_ref();
            let Some(rule) = rules::find(name) else {
                let known: Vec<&str> = rules::all().flat_map(|rule| [rule.id, rule.name]).collect();
                let place = reader.place(key);
                reader.problems.push(problems::unknown_key(place, name, "`[compatibility.rules]`", &known));
                continue;
            };
            let level = match value.get_ref().as_str() {
                Some("deny") => Level::Deny,
                Some("warn") => Level::Warn,
                Some("allow") => Level::Allow,
                _ => {
                    reader.wrong(value, name, "`\"deny\"`, `\"warn\"` or `\"allow\"`");
                    continue;
                }
            };
            settings.levels.insert(rule.id.to_owned(), level);
        }
    }
    settings.accepted = accepted(reader, table);
    settings
}

/// `[[compatibility.accept]]`: what is looser in this version, and who answers for it until when.
fn accepted(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Vec<Accept> {
    let Some(value) = table.get("accept") else { return Vec::new() };
    let DeValue::Array(entries) = value.get_ref() else {
        reader.wrong(value, "accept", "a list of tables, each `[[compatibility.accept]]`");
        return Vec::new();
    };
    let mut accepted = Vec::new();
    for entry in entries.iter() {
        let Some(table) = reader.as_table(entry, "accept") else { continue };
        reader.only(table, "`[[compatibility.accept]]`", &["rule", "on", "until", "because", "by"]);
        let on = reader.string(table, "on").map(toml::Spanned::into_inner);
        let texts = ["rule", "until", "because", "by"].map(|key| reader.string(table, key));
        let [Some(rule), Some(until), Some(because), Some(by)] = texts else {
            reader.wrong(entry, "accept", "a table with the texts `rule`, `until`, `because` and `by`");
            continue;
        };
        match until.get_ref().parse() {
            Ok(day) => {
                let (rule, because, by) = (rule.into_inner(), because.into_inner(), by.into_inner());
                accepted.push(Accept { rule, on, until: day, because, by });
            }
            Err(_) => reader.wrong(&until, "until", "a day, such as `\"2027-01-31\"`"),
        }
    }
    accepted
}
