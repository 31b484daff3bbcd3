//! What a scenario reads and writes, told from its tags alone: enough to choose what is worth a check.

use super::connector::{Side, interpolate, is_general, rebinding, table_path, tidy};
use super::sinks::base_name;
use super::slug;
use crate::model::{Args, Scenario};
use crate::workspace::Environment;
use crate::workspace::summary::snake_case;
use std::collections::BTreeMap;

/// The paths that a scenario names in one environment, as its plan would have them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Paths {
    /// Of its sources; some are patterns.
    pub(crate) read: Vec<String>,
    /// Of its sinks.
    pub(crate) written: Vec<String>,
}

/// The paths of a scenario. What a tag leaves open, such as a variable that there is not, is left out.
pub(crate) fn paths(scenario: &Scenario, environment: &Environment) -> Paths {
    let slug = slug(&scenario.name.value);
    let mut paths = Paths::default();
    for source in &scenario.sources {
        let named = source.name.as_ref().map(|name| name.value.clone());
        let name = named.or_else(|| source.args.named("contract").map(|contract| snake_case(contract.value.as_str())));
        paths.read.extend(path(environment, Side::Source, &slug, name.as_deref().unwrap_or("source"), &source.args));
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for sink in &scenario.sinks {
        let base = base_name(sink);
        let count = taken.entry(base.clone()).and_modify(|count| *count += 1).or_insert(1);
        let name = if *count == 1 { base } else { format!("{base}#{count}") };
        paths.written.extend(path(environment, Side::Sink, &slug, &name, &sink.args));
    }
    paths
}

/// The path of one tag.
fn path(environment: &Environment, side: Side, slug: &str, name: &str, args: &Args) -> Option<String> {
    let mut values: BTreeMap<&str, &str> = BTreeMap::new();
    for (key, arg) in args.items.iter().filter_map(|arg| Some((arg.name.as_ref()?, arg))) {
        values.entry(key.value.as_str()).or_insert(arg.value.value.as_str());
    }
    if let Some(rebind) = rebinding(environment, side, slug, name) {
        if rebind.args.contains_key("type") {
            values.retain(|key, _| is_general(side, key) && *key != "type");
        }
        values.extend(rebind.args.iter().map(|(key, text)| (key.as_str(), text.as_str())));
    }
    let value = |key: &str| values.get(key).and_then(|text| interpolate(text, environment).ok());
    match (value("path"), value("table")) {
        (Some(path), None) => Some(tidy(&path)),
        (None, Some(table)) => Some(table_path(environment, &table)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::db::{Items, read_model};
    use crate::syntax::FileKind;
    use crate::workspace::manifest;

    #[test]
    fn variables_rebindings_and_tables_are_what_the_plan_would_have() {
        let text = "Feature: F\n\nScenario: Clean it\n  Given rows\n  @source(type=csv, path=\"${in}/./a.csv\", contract=Row) as a\n  @source(type=csv, path=\"data/b.csv\", contract=Row)\n  @source(type=csv, path=\"${nope}/c.csv\", contract=Row) as c\n\n  Then they are kept\n  @sink(type=delta, table=\"silver.rows\", contract=Row)\n  @sink(type=csv, path=\"out/b.csv\", contract=Row)\n";
        let manifest = "[env.dev.vars]\nin = \"data\"\nwarehouse = \"lake\"\n[env.dev.sources.\"clean-it.row\"]\npath = \"/srv/b.csv\"\n[env.dev.sinks.\"row#2\"]\ntype = \"parquet\"\npath = \"out/b.parquet\"\n";
        let Items::Feature(feature) = read_model("features/f.dsl", FileKind::Feature, text).items else { panic!("a feature") };
        let manifest = manifest::read(manifest::FILE, manifest).manifest;
        let found = paths(&feature.scenarios[0], &manifest.environments["dev"]);
        assert_eq!(found.read, ["data/a.csv", "/srv/b.csv"]);
        assert_eq!(found.written, ["lake/silver/rows", "out/b.parquet"]);
    }
}
