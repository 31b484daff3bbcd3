//! Connector arguments: what a tag or the environment says, as an [`ir::Connector`].

use super::ctx::Ctx;
use crate::diagnostic::{Place, TextRange};
use crate::diagnostics::names::suggest::nearest;
use crate::diagnostics::names::{connector_argument, connector_not_available, unknown_connector, unknown_variable};
use crate::diagnostics::workspace::{path_outside, path_reserved};
use crate::ir::{Compression, Connector};
use crate::model::{Arg, Args};
use crate::workspace::manifest::leaves_the_tree;
use crate::workspace::{Environment, Rebind};
use std::collections::BTreeMap;

/// Connectors that run.
const AVAILABLE: &[&str] = &["csv", "json", "parquet", "arrow", "delta"];
/// Connectors that the language knows and this build cannot reach.
const RECOGNISED: &[&str] = &[
    "kafka",
    "pulsar",
    "kinesis",
    "postgres",
    "mysql",
    "sqlite",
    "snowflake",
    "bigquery",
    "redshift",
    "iceberg",
    "s3",
    "http",
    "avro",
    "mongodb",
];
/// Those whose data never ends.
const UNBOUNDED: &[&str] = &["kafka", "pulsar", "kinesis"];

/// Which side of a pipeline a connector is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// `@source`.
    Source,
    /// `@sink`.
    Sink,
}

impl Side {
    fn table(self) -> &'static str {
        match self {
            Self::Source => "sources",
            Self::Sink => "sinks",
        }
    }
}

/// Whether an argument is `wanted`, written slightly wrong.
pub(crate) fn is_misnamed(arg: &Arg, wanted: &str) -> bool {
    arg.name.as_ref().is_some_and(|name| name.value != wanted && nearest(&name.value, &[wanted.to_owned()]).is_some())
}

/// One argument, wherever it was written.
#[derive(Debug, Clone)]
struct Value {
    text: String,
    place: Place,
    /// Whether the environment chose it, by a rebinding or a variable that it begins with.
    bound: bool,
}

/// How to reach the data of one source or sink in the chosen environment.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// The connector; `None` after an error.
    pub(crate) connector: Option<Connector>,
    /// The table or path as a reader knows it, such as `silver.trades`.
    pub(crate) target: String,
    /// `mode=append`.
    pub(crate) append: bool,
    /// Whether the tag itself names an endless source, rebound or not.
    pub(crate) unbounded: bool,
    /// The `table=` argument.
    pub(crate) table: Option<String>,
    /// Where the path is written, for requirements.
    pub(crate) place: Place,
}

/// The environment's new arguments for `name`; those for one scenario win.
pub(super) fn rebinding<'e>(environment: &'e Environment, side: Side, slug: &str, name: &str) -> Option<&'e Rebind> {
    let table = match side {
        Side::Source => &environment.sources,
        Side::Sink => &environment.sinks,
    };
    table.get(&format!("{slug}.{name}")).or_else(|| table.get(name))
}

/// Arguments that are not the connector's own.
pub(super) fn is_general(side: Side, name: &str) -> bool {
    match side {
        Side::Source => matches!(name, "type" | "contract"),
        Side::Sink => matches!(name, "type" | "contract" | "on" | "name"),
    }
}

/// Reads the arguments of a tag under the chosen environment.
pub(crate) fn reach(ctx: &Ctx<'_>, side: Side, slug: &str, name: &str, args: &Args, tag: TextRange) -> Reach {
    let environment = ctx.lookup.environment();
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let mut unnamed = false;
    for arg in &args.items {
        // Reading the file reported arguments without a name, and names that are given twice.
        let Some(key) = &arg.name else {
            unnamed = true;
            continue;
        };
        let value = Value {
            text: arg.value.value.as_str().to_owned(),
            place: ctx.place(arg.value.range),
            bound: arg.value.value.as_str().starts_with("${"),
        };
        values.entry(key.value.clone()).or_insert(value);
    }
    let tag = ctx.place(tag);
    let unbounded = values.get("type").is_some_and(|ty| UNBOUNDED.contains(&ty.text.as_str()));
    if let Some(rebind) = rebinding(environment, side, slug, name) {
        if rebind.args.contains_key("type") {
            // Another connector: its arguments are its own.
            values.retain(|key, _| is_general(side, key) && key != "type");
        }
        for (key, text) in &rebind.args {
            values.insert(key.clone(), Value { text: text.clone(), place: tag.clone(), bound: true });
        }
    }
    let mut ok = true;
    for value in values.values_mut() {
        match interpolate(&value.text, environment) {
            Ok(text) => value.text = text,
            Err(unknown) => {
                let known: Vec<String> = environment.vars.keys().cloned().collect();
                ctx.emit(unknown_variable(value.place.clone(), &unknown, &environment.name, &known));
                ok = false;
            }
        }
    }
    let mut reader = Reader { ctx, side, name, tag: &tag, values, ok };
    let connector = if unnamed { None } else { reader.connector() };
    let table = reader.values.get("table").map(|value| value.text.clone());
    let append = reader.append(connector.as_ref());
    if connector.is_some() {
        reader.leftovers();
    }
    let place = reader.values.get("path").or_else(|| reader.values.get("table")).map_or(tag.clone(), |value| value.place.clone());
    let connector = connector.filter(|_| reader.ok);
    let target = table.clone().or_else(|| connector.as_ref().map(|connector| connector.path().to_owned())).unwrap_or_default();
    Reach { connector, target, append, unbounded, table, place }
}

/// The directory of the table `silver.trades`.
pub(super) fn table_path(environment: &Environment, table: &str) -> String {
    let root = environment.vars.get("warehouse").map_or("warehouse", String::as_str);
    tidy(&format!("{root}/{}", table.replace('.', "/")))
}

/// Replaces `${name}` by the environment's variables; the error is the first name that it lacks.
pub(crate) fn interpolate(text: &str, environment: &Environment) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${");
            out.push_str(after);
            return Ok(out);
        };
        match environment.vars.get(name.trim()) {
            Some(value) => out.push_str(value),
            None => return Err(name.trim().to_owned()),
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// One spelling for each path, so that two tags that mean one file are seen to do so.
pub(crate) fn tidy(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let root = if path.starts_with('/') { "/" } else { "" };
    if parts.is_empty() && root.is_empty() { ".".to_owned() } else { format!("{root}{}", parts.join("/")) }
}

/// The scheme of an address such as `s3://bucket/rows.parquet`.
pub(crate) fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.trim_start().split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

/// Whether data may be written to `path`: below the workspace, unless the environment bound an absolute path, and never
/// over the workspace's own text, its record of runs, or a hidden file such as `.git/config`.
pub(crate) fn may_write(ctx: &Ctx<'_>, place: &Place, path: &str, bound: bool) -> bool {
    let parent = path.split(['/', '\\']).any(|part| part == "..");
    if parent || (leaves_the_tree(path) && !bound) {
        ctx.emit(path_outside(place.clone(), path));
        return false;
    }
    let text = [".contract", ".dsl", ".herd"].iter().any(|extension| path.ends_with(extension));
    let own = matches!(path, "." | "Runi.toml" | "Runi.lock" | "contracts" | "features" | "herds") || text;
    if !leaves_the_tree(path) && (own || path.starts_with('.')) {
        ctx.emit(path_reserved(place.clone(), path));
        return false;
    }
    true
}

struct Reader<'r, 'a> {
    ctx: &'r Ctx<'a>,
    side: Side,
    name: &'r str,
    tag: &'r Place,
    values: BTreeMap<String, Value>,
    ok: bool,
}

impl Reader<'_, '_> {
    fn wrong(&mut self, place: Place, message: String, help: &str) {
        self.ctx.emit(connector_argument(place, message, help));
        self.ok = false;
    }

    /// Reports that `wanted` is missing: where it was probably meant, or for the whole tag.
    fn missing(&mut self, wanted: &str, help: &str) {
        let known = ["type", "path", "contract", "table", "name", "on", "delimiter", "quote", "header", "nulls", "compression", "mode"];
        let meant = self.values.iter().find(|(key, _)| !known.contains(&key.as_str()) && nearest(key, &[wanted.to_owned()]).is_some());
        match meant.map(|(key, value)| (key.clone(), value.place.clone())) {
            Some((key, place)) => {
                self.wrong(place, format!("there is no argument `{key}=`"), &format!("did you mean `{wanted}=`?"));
            }
            None => self.wrong(self.tag.clone(), format!("`{wanted}=` is missing"), help),
        }
    }

    fn connector(&mut self) -> Option<Connector> {
        let Some(ty) = self.values.get("type").cloned() else {
            self.missing("type", "the types are `csv`, `json`, `parquet`, `arrow` and `delta`");
            return None;
        };
        match ty.text.as_str() {
            "csv" => {
                let path = self.path()?;
                let delimiter = self.byte("delimiter", b',');
                let quote = self.byte("quote", b'"');
                let header = self.boolean("header", true);
                let nulls = self.values.get("nulls").map_or_else(|| vec![String::new()], |value| words(&value.text));
                Some(Connector::Csv { path, delimiter, header, quote, nulls, compression: self.compression() })
            }
            "json" => Some(Connector::Json { path: self.path()?, compression: self.compression() }),
            "parquet" => Some(Connector::Parquet { path: self.path()? }),
            "arrow" => Some(Connector::Arrow { path: self.path()? }),
            "delta" => Some(Connector::Delta { path: self.table_or_path()? }),
            other => {
                if RECOGNISED.contains(&other) {
                    let environment = &self.ctx.lookup.environment().name;
                    self.ctx.emit(connector_not_available(ty.place, other, self.side.table(), self.name, environment));
                } else {
                    let known: Vec<String> = AVAILABLE.iter().map(|name| (*name).to_owned()).collect();
                    self.ctx.emit(unknown_connector(ty.place, other, &known));
                }
                self.ok = false;
                None
            }
        }
    }

    fn path(&mut self) -> Option<String> {
        let Some(value) = self.values.get("path").cloned() else {
            self.missing("path", "say where the file is: `path=\"data/….csv\"`");
            return None;
        };
        self.clean(value)
    }

    fn clean(&mut self, value: Value) -> Option<String> {
        if value.text.trim().is_empty() || value.text.contains('\0') {
            self.wrong(value.place, "the path is empty".to_owned(), "say where the file is, from the workspace's root");
            return None;
        }
        if self.side == Side::Sink && value.text.contains(['*', '?']) {
            self.wrong(value.place, format!("a sink writes one place, `{}` is a pattern", value.text), "write a path without `*` and `?`");
            return None;
        }
        self.local(&value)?;
        let path = tidy(&value.text);
        if self.side == Side::Sink && !may_write(self.ctx, &value.place, &path, value.bound) {
            self.ok = false;
            return None;
        }
        Some(path)
    }

    /// Refuses an address: it would be read as a path below the workspace.
    fn local(&mut self, value: &Value) -> Option<()> {
        let Some(scheme) = scheme(&value.text) else { return Some(()) };
        if scheme == "file" {
            self.wrong(value.place.clone(), "a path has no `file://`".to_owned(), "write the path alone, from the workspace's root");
        } else {
            let environment = &self.ctx.lookup.environment().name;
            self.ctx.emit(connector_not_available(value.place.clone(), scheme, self.side.table(), self.name, environment));
            self.ok = false;
        }
        None
    }

    /// `table="silver.trades"` is the directory `silver/trades` under `${warehouse}`.
    fn table_or_path(&mut self) -> Option<String> {
        match (self.values.get("path").cloned(), self.values.get("table").cloned()) {
            (Some(path), None) => self.clean(path),
            (None, Some(table)) => {
                let fine =
                    table.text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-'));
                if !fine {
                    self.wrong(table.place, format!("`{}` is not the name of a table", table.text), "a table is `name` or `schema.name`");
                    return None;
                }
                let path = table_path(self.ctx.lookup.environment(), &table.text);
                self.local(&Value { text: path.clone(), ..table })?;
                Some(path)
            }
            (Some(_), Some(table)) => {
                self.wrong(table.place, "`path=` and `table=` exclude each other".to_owned(), "name the directory or the table");
                None
            }
            (None, None) => {
                self.wrong(
                    self.tag.clone(),
                    "`path=` or `table=` is missing".to_owned(),
                    "say where the table is: `table=\"silver.trades\"`",
                );
                None
            }
        }
    }

    fn byte(&mut self, key: &str, default: u8) -> u8 {
        let Some(value) = self.values.get(key).cloned() else { return default };
        match value.text.as_str() {
            "tab" | "\\t" => b'\t',
            text if text.len() == 1 && text.is_ascii() => text.as_bytes().first().copied().unwrap_or(default),
            text => {
                self.wrong(value.place, format!("`{key}` is one character, not `{text}`"), "write one ASCII character, or `tab`");
                default
            }
        }
    }

    fn boolean(&mut self, key: &str, default: bool) -> bool {
        let Some(value) = self.values.get(key).cloned() else { return default };
        match value.text.as_str() {
            "true" => true,
            "false" => false,
            text => {
                self.wrong(value.place, format!("`{key}` is `true` or `false`, not `{text}`"), "write `true` or `false`");
                default
            }
        }
    }

    fn compression(&mut self) -> Compression {
        let Some(value) = self.values.get("compression").cloned() else { return Compression::Auto };
        match value.text.as_str() {
            "auto" => Compression::Auto,
            "none" => Compression::None,
            "gzip" => Compression::Gzip,
            "zstd" => Compression::Zstd,
            text => {
                self.wrong(value.place, format!("unknown compression `{text}`"), "the compressions are `auto`, `none`, `gzip` and `zstd`");
                Compression::Auto
            }
        }
    }

    fn append(&mut self, connector: Option<&Connector>) -> bool {
        if self.side == Side::Source {
            return false;
        }
        let Some(value) = self.values.get("mode").cloned() else { return false };
        match (value.text.as_str(), connector) {
            ("overwrite", _) => false,
            ("append", None | Some(Connector::Delta { .. })) => true,
            ("append", Some(other)) => {
                let message = format!("a {} sink cannot append", other.type_name());
                self.wrong(value.place, message, "only `type=delta` appends; the others are replaced as a whole");
                false
            }
            (text, _) => {
                self.wrong(value.place, format!("unknown mode `{text}`"), "the modes are `overwrite` and `append`");
                false
            }
        }
    }

    /// Arguments that the connector does not take.
    fn leftovers(&mut self) {
        let ty = self.values.get("type").map(|value| value.text.clone()).unwrap_or_default();
        let mut known: Vec<&str> = match self.side {
            Side::Source => vec!["type", "contract"],
            Side::Sink => vec!["type", "contract", "on", "name", "mode"],
        };
        known.extend(match ty.as_str() {
            "csv" => ["path", "delimiter", "header", "quote", "nulls", "compression"].as_slice(),
            "json" => ["path", "compression"].as_slice(),
            "delta" => ["path", "table"].as_slice(),
            _ => ["path"].as_slice(),
        });
        let names: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        let strange: Vec<(String, Place)> = self
            .values
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.place.clone()))
            .collect();
        for (key, place) in strange {
            let help = match nearest(&key, &names) {
                Some(near) => format!("did you mean `{near}=`?"),
                None => format!("`{ty}` takes {}", names.join(", ")),
            };
            self.wrong(place, format!("`{ty}` does not take `{key}=`"), &help);
        }
    }
}

/// `NA` or `NA|null|-`: words that mean null, parted by `|`.
fn words(text: &str) -> Vec<String> {
    text.split('|').map(str::to_owned).collect()
}
