//! `Runi.toml` as text becomes a [`Manifest`].
//!
//! Reading never fails: what is wrong becomes a diagnostic with its exact place, and the rest
//! keeps its meaning, so that a typo in `[env.prod]` does not hide the problems of a feature.

use super::{EDITIONS, Environment, LintLevel, Manifest, PackageSource, Rebind, SecretSource};
use crate::diagnostic::{Diagnostic, Severity, TextRange};
use crate::diagnostics::workspace as problems;
use crate::diagnostics::{all, find};
use crate::workspace::compatibility;
use crate::workspace::tables::{Reader, Value, span_of};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// What reading `Runi.toml` gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// What it says, as far as it could be read.
    pub manifest: Manifest,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// Where each rebinding's key stands: `(environment, key)`.
    pub rebinds: BTreeMap<(String, String), TextRange>,
}

/// Reads the text of `Runi.toml`; `path` is for messages.
#[must_use]
pub fn read(path: &str, text: &str) -> Reading {
    let mut reader = Reader::new(path);
    let mut manifest = Manifest::default();
    let mut rebinds = BTreeMap::new();
    let root = reader.parse(text);
    reader.only(&root, "the manifest", &["workspace", "paths", "env", "lints", "packages", "compatibility"]);
    read_workspace(&mut reader, &root, &mut manifest);
    read_paths(&mut reader, &root, &mut manifest);
    if let Some(environments) = reader.table(&root, "env") {
        for (name, value) in environments.iter() {
            let Some(table) = reader.as_table(value, name.get_ref()) else { continue };
            let environment = read_environment(&mut reader, name.get_ref(), table, &mut rebinds);
            manifest.environments.insert(name.get_ref().to_string(), environment);
        }
    }
    read_lints(&mut reader, &root, &mut manifest);
    read_packages(&mut reader, &root, &mut manifest);
    manifest.compatibility = compatibility::read(&mut reader, &root);
    Reading { manifest, diagnostics: reader.finish(), rebinds }
}

fn read_workspace(reader: &mut Reader<'_>, root: &DeTable<'_>, manifest: &mut Manifest) {
    let Some(table) = reader.table(root, "workspace") else { return };
    reader.only(table, "`[workspace]`", &["name", "edition", "version"]);
    if let Some(name) = reader.string(table, "name") {
        manifest.name = name.into_inner();
    }
    if let Some(edition) = reader.string(table, "edition") {
        if EDITIONS.contains(&edition.get_ref().as_str()) {
            manifest.edition = edition.into_inner();
        } else {
            reader.wrong(&edition, "edition", &format!("one of {}", quoted(EDITIONS)));
        }
    }
    if let Some(version) = reader.string(table, "version") {
        match version.get_ref().parse() {
            Ok(version) => manifest.version = Some(version),
            Err(why) => reader.wrong(&version, "version", why),
        }
    }
}

fn read_paths(reader: &mut Reader<'_>, root: &DeTable<'_>, manifest: &mut Manifest) {
    let Some(table) = reader.table(root, "paths") else { return };
    reader.only(table, "`[paths]`", &["contracts", "features", "herds", "exclude"]);
    for (key, target) in [
        ("contracts", &mut manifest.contracts),
        ("features", &mut manifest.features),
        ("herds", &mut manifest.herds),
        ("exclude", &mut manifest.exclude),
    ] {
        let Some(values) = reader.strings(table, key) else { continue };
        target.clear();
        for value in values {
            if key != "exclude" && leaves_the_tree(value.get_ref()) {
                reader.wrong(&value, key, "a path inside the workspace");
            } else if key == "exclude" && globset::Glob::new(value.get_ref()).is_err() {
                reader.wrong(&value, key, "a glob, such as `drafts/**`");
            } else {
                target.push(value.into_inner().trim_end_matches('/').to_owned());
            }
        }
    }
}

/// Whether a path written with `/` would name something outside the workspace.
#[must_use]
pub fn leaves_the_tree(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    drive || path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|part| part == "..")
}

fn read_environment(
    reader: &mut Reader<'_>,
    name: &str,
    table: &DeTable<'_>,
    rebinds: &mut BTreeMap<(String, String), TextRange>,
) -> Environment {
    let mut environment = Environment::new(name);
    reader.only(table, &format!("`[env.{name}]`"), &["vars", "sources", "sinks", "alerts", "secrets", "mask_key"]);
    if let Some(vars) = reader.table(table, "vars") {
        environment.vars = reader.scalars(vars);
    }
    for (section, target) in [("sources", &mut environment.sources), ("sinks", &mut environment.sinks)] {
        let Some(entries) = reader.table(table, section) else { continue };
        for (key, value) in entries.iter() {
            let Some(args) = reader.as_table(value, key.get_ref()) else { continue };
            let args = reader.scalars(args);
            rebinds.insert((name.to_owned(), format!("{section}/{}", key.get_ref())), span_of(key));
            target.insert(key.get_ref().to_string(), Rebind { args });
        }
    }
    if let Some(alerts) = reader.table(table, "alerts") {
        environment.alerts = reader.scalars(alerts);
    }
    if let Some(secrets) = reader.table(table, "secrets") {
        for (key, value) in secrets.iter() {
            if !is_secret_reference(key.get_ref()) {
                reader.wrong(key, key.get_ref(), "a reference such as `secret://finance/warehouse#password`");
                continue;
            }
            if let Some(source) = read_secret(reader, key.get_ref(), value) {
                environment.secrets.insert(key.get_ref().to_string(), source);
            }
        }
    }
    if let Some(key) = reader.string(table, "mask_key") {
        if is_secret_reference(key.get_ref()) {
            environment.mask_key = key.into_inner();
        } else {
            let place = reader.place(&key);
            reader.problems.push(problems::literal_secret(place, "mask_key"));
        }
    }
    environment
}

/// Whether a text has the form `secret://scope/name`, with or without `#part`.
#[must_use]
pub fn is_secret_reference(text: &str) -> bool {
    text.strip_prefix("secret://").is_some_and(|rest| {
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        let (name, part) = rest.split_once('#').map_or((rest, None), |(name, part)| (name, Some(part)));
        name.contains('/') && name.split('/').all(|p| plain(p) && p != "." && p != "..") && part.is_none_or(plain)
    })
}

fn read_secret(reader: &mut Reader<'_>, reference: &str, value: &Value<'_>) -> Option<SecretSource> {
    const WANTED: &str = "`{ env = \"VARIABLE\" }`, `{ file = \"path\" }` or `{ generate = true }`";
    let DeValue::Table(table) = value.get_ref() else {
        // A bare string here is nearly always the secret itself, and the file is in git.
        let place = reader.place(value);
        reader.problems.push(problems::literal_secret(place, reference));
        return None;
    };
    reader.only(table, "a secret", &["env", "file", "generate"]);
    let env = reader.string(table, "env").map(|v| SecretSource::Env(v.into_inner()));
    let file = reader.string(table, "file").map(|v| SecretSource::File(v.into_inner()));
    let generate = reader.boolean(table, "generate").filter(|on| *on).map(|_| SecretSource::Generate);
    let mut sources = [env, file, generate].into_iter().flatten();
    match (sources.next(), sources.next()) {
        (Some(source), None) => Some(source),
        _ => {
            reader.wrong(value, reference, WANTED);
            None
        }
    }
}

fn read_lints(reader: &mut Reader<'_>, root: &DeTable<'_>, manifest: &mut Manifest) {
    let Some(table) = reader.table(root, "lints") else { return };
    for (key, value) in table.iter() {
        let name = key.get_ref().as_ref();
        let Some(code) = find(name).or_else(|| all().find(|code| code.name == name)) else {
            let known: Vec<&str> = all().filter(|code| code.severity != Severity::Error).flat_map(|code| [code.id, code.name]).collect();
            let place = reader.place(key);
            reader.problems.push(problems::unknown_key(place, name, "`[lints]`", &known));
            continue;
        };
        let level = match value.get_ref().as_str() {
            Some("deny") => LintLevel::Deny,
            Some("warn") => LintLevel::Warn,
            Some("allow") => LintLevel::Allow,
            _ => {
                reader.wrong(value, name, "`\"deny\"`, `\"warn\"` or `\"allow\"`");
                continue;
            }
        };
        if code.severity == Severity::Error && level != LintLevel::Deny {
            reader.wrong(value, name, "`\"deny\"`: an error cannot be turned off");
            continue;
        }
        manifest.lints.insert(code.id.to_owned(), level);
    }
}

fn read_packages(reader: &mut Reader<'_>, root: &DeTable<'_>, manifest: &mut Manifest) {
    let Some(table) = reader.table(root, "packages") else { return };
    for (key, value) in table.iter() {
        let Some(package) = reader.as_table(value, key.get_ref()) else { continue };
        reader.only(package, "a package", &["git", "rev", "tag", "branch"]);
        let Some(git) = reader.string(package, "git") else {
            if !package.contains_key("git") {
                let place = reader.place(value);
                reader.problems.push(problems::missing_key(place, "git", "a package"));
            }
            continue;
        };
        let mut references = ["rev", "tag", "branch"].into_iter().filter_map(|k| reader.string(package, k)).map(toml::Spanned::into_inner);
        let (first, second) = (references.next(), references.next());
        drop(references);
        if second.is_some() {
            reader.wrong(value, key.get_ref(), "one of `rev`, `tag` and `branch`, not several");
        }
        let reference = first.unwrap_or_else(|| "HEAD".to_owned());
        manifest.packages.insert(key.get_ref().to_string(), PackageSource { git: git.into_inner(), reference });
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::workspace::manifest::FILE;

    #[test]
    fn everything_a_manifest_can_say_is_read() {
        let reading = read(
            FILE,
            r#"
[workspace]
name = "shop"
edition = "2026"
[paths]
features = ["pipelines/"]
exclude = ["drafts/**"]
[env.prod]
mask_key = "secret://shop/mask"
[env.prod.vars]
region = "eu"
limit = 10
[env.prod.sources.trades]
path = "s/*.csv"
header = false
[env.prod.secrets]
"secret://shop/mask" = { env = "MASK" }
[packages]
base = { git = "https://example.com/base.git", tag = "v1" }
"#,
        );
        assert_eq!(reading.diagnostics, vec![]);
        let manifest = reading.manifest;
        assert_eq!((manifest.name.as_str(), manifest.features.as_slice()), ("shop", &["pipelines".to_owned()][..]));
        let prod = &manifest.environments["prod"];
        assert_eq!(prod.vars["limit"], "10");
        assert_eq!(prod.source("any", "trades").unwrap().args["header"], "false");
        assert_eq!(prod.secret("secret://shop/mask"), Some(SecretSource::Env("MASK".to_owned())));
        assert_eq!(prod.secret("secret://shop/other"), None);
        assert_eq!(manifest.environments["dev"].secret("secret://shop/other"), Some(SecretSource::Generate));
        assert_eq!(manifest.packages["base"].reference, "v1");
    }

    #[test]
    fn a_wrong_key_has_its_exact_place_and_a_suggestion() {
        let text = "[workspace]\nnmae = \"x\"\n";
        let problems = read(FILE, text).diagnostics;
        let [problem] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!(problem.code, "E0602");
        let range = problem.place.text_range().unwrap();
        assert_eq!(&text[range], "nmae");
        assert_eq!(problem.fixes[0].edits[0].text, "name");
    }

    #[test]
    fn a_secret_written_down_is_refused() {
        let problems = read(FILE, "[env.prod.secrets]\n\"secret://a/b\" = \"hunter2\"\n").diagnostics;
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, "E0617");
        assert!(!format!("{problems:?}").contains("hunter2"));
    }

    #[test]
    fn broken_toml_gives_one_problem() {
        let problems = read(FILE, "[workspace\nname = = 3\n").diagnostics;
        assert_eq!(problems.iter().map(|p| p.code.as_str()).collect::<Vec<_>>(), ["E0601"]);
    }

    #[test]
    fn secret_references_have_one_form() {
        for good in ["secret://a/b", "secret://finance/warehouse#password"] {
            assert!(is_secret_reference(good), "{good}");
        }
        for bad in ["a/b", "secret://a", "secret://a/../b", "secret://a/b#", "secret:///b"] {
            assert!(!is_secret_reference(bad), "{bad}");
        }
    }
}
