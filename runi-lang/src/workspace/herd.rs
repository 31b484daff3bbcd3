//! `*.herd`: who shares the cluster and under which limits. TOML, one herd a file.

use super::manifest::is_secret_reference;
use super::tables::{Reader, span_of};
use crate::diagnostic::{Diagnostic, Place, TextRange};
use crate::diagnostics::workspace as problems;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// The masks that a policy may name; the words of [`crate::model::Mask`].
const MASKS: &[&str] = &["null", "redact", "hash", "tokenise", "partial", "generalise"];
/// What a role may be allowed to do.
const ROLE_KEYS: &[&str] = &["members", "can"];

/// One herd.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Herd {
    /// Unique in the workspace.
    pub name: String,
    /// What it is for.
    pub doc: String,
    /// Its limits.
    pub quotas: Quotas,
    /// Who may do what, by role.
    pub roles: BTreeMap<String, Role>,
    /// How its slices are kept apart.
    pub isolation: Isolation,
    /// The secrets that its pipelines may use.
    pub secrets: Vec<String>,
    /// How sensitive values are masked.
    pub masking: Masking,
    /// What it is allowed beyond the default.
    pub permissions: Permissions,
}

/// Upper bounds; `None` means the cluster's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Quotas {
    /// Thousandths of a core.
    pub cpu_milli: Option<u64>,
    /// Bytes.
    pub memory_bytes: Option<u64>,
    /// Bytes.
    pub disk_bytes: Option<u64>,
    /// Slices at one time.
    pub slices: Option<u64>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Role {
    /// People and groups.
    pub members: Vec<String>,
    /// What they may do, such as `run`, `read`, `approve`.
    pub can: Vec<String>,
}

/// How slices are kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Isolation {
    /// Whether slices reach the network.
    pub network: bool,
    /// Labels that a node must have.
    pub nodes: BTreeMap<String, String>,
}

/// How sensitive values are masked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Masking {
    /// The secret that keys `hash` and `tokenise`; `None` means the environment's.
    pub key: Option<String>,
    /// The mask that each category of personal data must have at a sink.
    pub policy: BTreeMap<String, String>,
}

/// What a herd is allowed beyond the default.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Permissions {
    /// Whether the quarantine may hold rows as they were read.
    pub raw_quarantine: bool,
}

/// What reading a herd gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The herd; `None` when it has no name.
    pub herd: Option<Herd>,
    /// Where its name stands.
    pub name_range: Option<TextRange>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the text of a `*.herd` file; `path` is for messages.
#[must_use]
pub fn read(path: &str, text: &str) -> Reading {
    let mut reader = Reader::new(path);
    let root = reader.parse(text);
    reader.only(&root, "a herd", &["name", "doc", "quotas", "roles", "isolation", "secrets", "masking", "permissions"]);
    let name = reader.string(&root, "name");
    if name.is_none() && !root.contains_key("name") && reader.problems.is_empty() {
        reader.problems.push(problems::missing_key(Place::file(path), "name", "a herd"));
    }
    let mut herd = Herd { doc: reader.string(&root, "doc").map(toml::Spanned::into_inner).unwrap_or_default(), ..Herd::default() };
    read_quotas(&mut reader, &root, &mut herd.quotas);
    read_roles(&mut reader, &root, &mut herd.roles);
    if let Some(table) = reader.table(&root, "isolation") {
        reader.only(table, "`[isolation]`", &["network", "nodes"]);
        herd.isolation.network = reader.boolean(table, "network").unwrap_or_default();
        if let Some(nodes) = reader.table(table, "nodes") {
            herd.isolation.nodes = reader.scalars(nodes);
        }
    }
    for secret in reader.strings(&root, "secrets").unwrap_or_default() {
        if is_secret_reference(secret.get_ref()) {
            herd.secrets.push(secret.into_inner());
        } else {
            let place = reader.place(&secret);
            reader.problems.push(problems::literal_secret(place, "secrets"));
        }
    }
    read_masking(&mut reader, &root, &mut herd.masking);
    if let Some(table) = reader.table(&root, "permissions") {
        reader.only(table, "`[permissions]`", &["raw_quarantine"]);
        herd.permissions.raw_quarantine = reader.boolean(table, "raw_quarantine").unwrap_or_default();
    }
    let name_range = name.as_ref().map(span_of);
    let herd = name.map(|name| Herd { name: name.into_inner(), ..herd });
    Reading { herd, name_range, diagnostics: reader.finish() }
}

fn read_quotas(reader: &mut Reader<'_>, root: &DeTable<'_>, quotas: &mut Quotas) {
    let Some(table) = reader.table(root, "quotas") else { return };
    reader.only(table, "`[quotas]`", &["cpu", "memory", "disk", "slices"]);
    let mut amount = |key: &str, wanted: &str, parse: fn(&str) -> Option<u64>| {
        let value = table.get(key)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => String::new(),
        };
        let parsed = parse(&text);
        if parsed.is_none() {
            reader.wrong(value, key, wanted);
        }
        parsed
    };
    quotas.cpu_milli = amount("cpu", "cores, such as `2`, `0.5` or `\"500m\"`", parse_cpu);
    quotas.memory_bytes = amount("memory", "an amount of memory, such as `\"512MiB\"`", parse_bytes);
    quotas.disk_bytes = amount("disk", "an amount of space, such as `\"20GiB\"`", parse_bytes);
    quotas.slices = amount("slices", "a whole number", |text| text.parse().ok());
}

fn read_roles(reader: &mut Reader<'_>, root: &DeTable<'_>, roles: &mut BTreeMap<String, Role>) {
    let Some(table) = reader.table(root, "roles") else { return };
    for (name, value) in table.iter() {
        let strings =
            |values: Option<Vec<toml::Spanned<String>>>| values.unwrap_or_default().into_iter().map(toml::Spanned::into_inner).collect();
        let role = match value.get_ref() {
            DeValue::Array(_) | DeValue::String(_) => Role { members: strings(reader.strings(table, name.get_ref())), can: Vec::new() },
            _ => {
                let Some(role) = reader.as_table(value, name.get_ref()) else { continue };
                reader.only(role, "a role", ROLE_KEYS);
                Role { members: strings(reader.strings(role, "members")), can: strings(reader.strings(role, "can")) }
            }
        };
        roles.insert(name.get_ref().to_string(), role);
    }
}

fn read_masking(reader: &mut Reader<'_>, root: &DeTable<'_>, masking: &mut Masking) {
    let Some(table) = reader.table(root, "masking") else { return };
    reader.only(table, "`[masking]`", &["key", "policy"]);
    if let Some(key) = reader.string(table, "key") {
        if is_secret_reference(key.get_ref()) {
            masking.key = Some(key.into_inner());
        } else {
            let place = reader.place(&key);
            reader.problems.push(problems::literal_secret(place, "key"));
        }
    }
    let Some(policy) = reader.table(table, "policy") else { return };
    for (category, value) in policy.iter() {
        let Some(mask) = reader.as_string(value, category.get_ref()) else { continue };
        if MASKS.contains(&mask.as_str()) {
            masking.policy.insert(category.get_ref().to_string(), mask);
        } else {
            reader.wrong(value, category.get_ref(), "one of `null`, `redact`, `hash`, `tokenise`, `partial`, `generalise`");
        }
    }
}

/// `2`, `0.5` and `500m` as thousandths of a core.
fn parse_cpu(text: &str) -> Option<u64> {
    if let Some(milli) = text.strip_suffix('m') {
        return milli.parse().ok();
    }
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(rest) || rest.len() > 3 {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(format!("{rest:0<3}").parse().ok()?)
}

/// `1024`, `10MB`, `512MiB` as bytes.
fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn everything_a_herd_can_say_is_read() {
        let reading = read(
            "herds/finance.herd",
            r#"
name = "finance"
secrets = ["secret://finance/warehouse#password"]
[quotas]
cpu = 2.5
memory = "512MiB"
[roles]
support = ["@support"]
owner = { members = ["@ada"], can = ["run", "approve"] }
[isolation]
network = true
[masking]
key = "secret://finance/mask-key"
policy = { email = "hash" }
[permissions]
raw_quarantine = true
"#,
        );
        assert_eq!(reading.diagnostics, vec![]);
        let herd = reading.herd.unwrap();
        assert_eq!((herd.quotas.cpu_milli, herd.quotas.memory_bytes), (Some(2500), Some(512 << 20)));
        assert_eq!(herd.roles["owner"].can, ["run", "approve"]);
        assert_eq!(herd.roles["support"].members, ["@support"]);
        assert_eq!(herd.masking.policy["email"], "hash");
        assert!(herd.permissions.raw_quarantine);
    }

    #[test]
    fn a_herd_without_a_name_is_no_herd() {
        let reading = read("herds/x.herd", "[quotas]\ncpu = 1\n");
        assert_eq!(reading.herd, None);
        assert_eq!(reading.diagnostics[0].code, "E0604");
    }

    #[test]
    fn a_wrong_amount_is_pointed_at() {
        let text = "name = \"a\"\n[quotas]\nmemory = \"lots\"\n";
        let reading = read("herds/a.herd", text);
        let range = reading.diagnostics[0].place.text_range().unwrap();
        assert_eq!((reading.diagnostics[0].code.as_str(), &text[range]), ("E0603", "\"lots\""));
    }
}
