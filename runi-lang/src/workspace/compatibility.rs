//! `[compatibility]` of `Runi.toml`: what contracts promise that do not say, and the levels of the rules.

use super::tables::Reader;
use crate::diagnostics::workspace as problems;
use crate::diff::{Level, Settings, rules};
use crate::model::History;
use toml::de::DeTable;

/// The sides that a contract may protect.
const MODES: &[&str] = &["consumer", "producer", "full", "none"];

/// Reads the table, when there is one.
pub(super) fn read(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Settings {
    let mut settings = Settings::default();
    let Some(table) = reader.table(root, "compatibility") else { return settings };
    reader.only(table, "`[compatibility]`", &["default", "history", "rules"]);
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
    settings
}
