//! Pieces from which imports make contracts, and exports make names.

use crate::error::ImportError;
use crate::import::Options;
use crate::loss::{Imported, Loss};
use std::collections::BTreeSet;

/// The largest schema that an import reads, in bytes. Parsers need a hundred times as much memory.
pub(crate) const MAX_SCHEMA: usize = 16 << 20;
/// The deepest type that an import makes. The language's parser goes a little deeper.
pub(crate) const MAX_DEPTH: usize = 100;
/// A contract's name out of a foreign one: `order_items`, `com.shop.Order` and `order items` become `OrderItems`, `Order`, `OrderItems`.
pub(crate) fn contract_name(foreign: &str) -> String {
    let last = foreign.rsplit(['.', '/']).next().unwrap_or(foreign);
    let mut name = String::with_capacity(last.len());
    let mut upper = true;
    for c in last.chars() {
        match c {
            c if c.is_alphanumeric() && upper => {
                name.extend(c.to_uppercase());
                upper = false;
            }
            c if c.is_alphanumeric() => name.push(c),
            _ => upper = true,
        }
    }
    match name.chars().next() {
        Some(c) if c.is_alphabetic() => name,
        Some(_) => format!("T{name}"),
        None => "Contract".to_owned(),
    }
}

/// A name that other systems take: `[A-Za-z_][A-Za-z0-9_]*`.
pub(crate) fn ascii_name(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if !out.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        out.insert(0, '_');
    }
    out
}

/// Whether a name needs no change to be one that other systems take.
pub(crate) fn is_ascii_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Names of one scope, each used once.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// `wanted`, or `wanted_2`, `wanted_3` … when it is taken.
    pub(crate) fn unique(&mut self, wanted: String) -> String {
        let mut name = wanted.clone();
        let mut n = 2_u32;
        while !self.0.insert(name.clone()) {
            name = format!("{wanted}_{n}");
            n += 1;
        }
        name
    }
}

/// Appends what is lost.
pub(crate) fn lose(losses: &mut Vec<Loss>, at: impl Into<String>, message: impl Into<String>) {
    losses.push(Loss { at: at.into(), message: message.into(), line: None });
}

/// A text as an SQL literal.
pub(crate) fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The text of an SQL literal between single quotes.
pub(crate) fn sql_unquote(sql: &str) -> Option<String> {
    let inner = sql.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    let plain = inner.replace("''", "\u{0}");
    (!plain.contains('\'')).then(|| plain.replace('\u{0}', "'"))
}

/// A contract's name as files and tables are called: `OrderItem` is `order_item`.
pub(crate) fn file_name(contract: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in contract.chars() {
        if c.is_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_lowercase() || c.is_numeric();
        out.extend(c.to_lowercase());
    }
    out
}

/// Keeps the contracts that were asked for, under the name that was asked for.
pub(crate) fn choose(format: &'static str, mut imported: Imported, options: &Options) -> Result<Imported, ImportError> {
    let known: Vec<String> = imported.contracts.iter().map(|contract| contract.name.clone()).collect();
    let wanted: Vec<String> = options.types.iter().map(|name| contract_name(name)).collect();
    if let Some((asked, _)) = options.types.iter().zip(&wanted).find(|(_, name)| !known.contains(name)) {
        let near = runi_lang::diagnostics::nearest(asked, known.iter().map(String::as_str));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(ImportError::unreadable(format, format!("there is no `{asked}`{near}"), None));
    }
    if !wanted.is_empty() {
        imported.contracts.retain(|contract| wanted.contains(&contract.name));
    }
    if let (Some(name), [contract]) = (&options.name, imported.contracts.as_mut_slice()) {
        let old = std::mem::replace(&mut contract.name, name.clone());
        for reference in contract.references.iter_mut().filter(|reference| reference.contract == old) {
            reference.contract.clone_from(name);
        }
        for note in &mut imported.notes {
            if let Some(rest) = note.at.strip_prefix(&old).filter(|rest| rest.is_empty() || rest.starts_with('.')) {
                note.at = format!("{name}{rest}");
            }
        }
    }
    Ok(imported)
}

/// Refuses a schema that no one wrote.
pub(crate) fn within_limit(format: &'static str, bytes: usize) -> Result<(), ImportError> {
    if bytes > MAX_SCHEMA {
        let message = format!("it has {} MiB; a schema may have {}, and needs none of the rows", bytes >> 20, MAX_SCHEMA >> 20);
        return Err(ImportError::TooLarge { format, message });
    }
    Ok(())
}
