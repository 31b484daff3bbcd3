//! From a contract to the list of its checks.

use super::bounds::Bounds;
use super::format::{Format, format};
use super::pattern::Pattern;
use super::text::is_text;
use super::{PredicateCompiler, RowPredicate, RuleInfo, RuleMask};
use crate::error::EngineError;
use arrow::datatypes::{DataType, SchemaRef};
use runi_lang::model::{Contract, Field, Key, OnFail, Range, Reference};
use runi_lang::types::DataType as LangType;
use rustc_hash::FxHashSet;

/// How one bit is computed.
pub(super) enum Check {
    /// From the cells that the source could not read.
    Type { column: usize },
    /// Null breaks it, unless the cell broke `type`.
    Required { column: usize },
    /// Outside of it breaks it.
    Range { column: usize, bounds: Bounds },
    /// Fewer or more characters break it.
    Length { column: usize, min: usize, max: usize },
    /// Anything but a whole match breaks it.
    Matches { column: usize, pattern: Pattern },
    /// Text that is not of the format breaks it.
    Format { column: usize, format: Format },
    /// Text outside the set breaks it.
    Enum { column: usize, values: FxHashSet<String> },
    /// False breaks it.
    Predicate(Box<dyn RowPredicate>),
    /// Set by `keys` or `references`, never from one row.
    Set,
}

/// The rules of one contract over batches of one schema.
pub struct ContractRules {
    pub(super) rules: Vec<RuleInfo>,
    pub(super) checks: Vec<Check>,
    keys: Vec<(usize, Key)>,
    references: Vec<(usize, Reference)>,
}

impl ContractRules {
    /// Compiles every rule of a contract. `predicates` makes the condition of a `@rule` from its SQL.
    ///
    /// The rules of one field stand together, in the order `type, required, enum, range, length, matches,
    /// format, unique`; after the fields come keys, references and `@rule`s, each in the contract's order.
    /// `@key` makes each of its columns required.
    ///
    /// # Errors
    /// A field that the schema lacks, a bound that its type cannot hold, a pattern or format that is unknown,
    /// or what `predicates` says.
    pub fn compile(contract: &Contract, schema: &SchemaRef, predicates: &mut PredicateCompiler<'_>) -> Result<Self, EngineError> {
        let mut out = Self { rules: Vec::new(), checks: Vec::new(), keys: Vec::new(), references: Vec::new() };
        for field in &contract.fields {
            out.field(contract, field, schema)?;
        }
        for key in &contract.keys {
            out.key(key, key.on_fail.unwrap_or(contract.on_fail));
        }
        for reference in &contract.references {
            out.references.push((out.rules.len(), reference.clone()));
            let title = format!("{} is a known {}.{}", reference.column, reference.contract, reference.target);
            out.push("references", title, vec![reference.column.clone()], reference.on_fail.unwrap_or(contract.on_fail), Check::Set);
        }
        for rule in &contract.rules {
            let predicate = predicates(&rule.sql)?;
            out.push("rule", rule.title.clone(), Vec::new(), rule.on_fail.unwrap_or(contract.on_fail), Check::Predicate(predicate));
        }
        Ok(out)
    }

    /// Every rule, by bit.
    #[must_use]
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// The rules whose policy is one of `policies`.
    #[must_use]
    pub fn with_policy(&self, policies: &[OnFail]) -> RuleMask {
        let mut mask = RuleMask::none(self.rules.len());
        for rule in self.rules.iter().filter(|rule| policies.contains(&rule.on_fail)) {
            mask.insert(rule.bit);
        }
        mask
    }

    /// Every `@key` and `@unique`, those of fields included, with its bit.
    pub fn keys(&self) -> impl Iterator<Item = (usize, &Key)> {
        self.keys.iter().map(|(bit, key)| (*bit, key))
    }

    /// Every `@references`, with its bit.
    pub fn references(&self) -> impl Iterator<Item = (usize, &Reference)> {
        self.references.iter().map(|(bit, reference)| (*bit, reference))
    }

    fn field(&mut self, contract: &Contract, field: &Field, schema: &SchemaRef) -> Result<(), EngineError> {
        let name = &field.name;
        let (column, arrow) = schema
            .column_with_name(name)
            .ok_or_else(|| wrong(contract, name, format!("the rows have no such column; they have {}", names(schema))))?;
        let ty = arrow.data_type();
        let policy = |own: Option<OnFail>| own.unwrap_or(contract.on_fail);
        let rules = &field.rules;
        self.on(name, "type", format!("{name} reads as {}", field.ty), policy(rules.conversion), Check::Type { column });

        let keyed = contract.keys.iter().find(|key| key.primary && key.columns.contains(name));
        if let Some(on_fail) = rules.required.or_else(|| keyed.map(|key| key.on_fail)) {
            self.on(name, "required", format!("{name} is present"), policy(on_fail), Check::Required { column });
        }
        if let LangType::Enum(values) = &field.ty {
            self.text_only(contract, name, "an enumeration", ty)?;
            let title = format!("{name} is one of {}", values.join(", "));
            let values = values.iter().cloned().collect();
            self.on(name, "enum", title, policy(rules.enumeration), Check::Enum { column, values });
        }
        if let Some(range) = &rules.range {
            let bounds = Bounds::parse(range, ty).map_err(|error| wrong(contract, name, error.to_string()))?;
            self.on(name, "range", range_title(name, range), policy(range.on_fail), Check::Range { column, bounds });
        }
        if let Some(range) = &rules.length {
            self.text_only(contract, name, "a length", ty)?;
            let (min, max) = length(range).map_err(|error| wrong(contract, name, error.to_string()))?;
            self.on(name, "length", length_title(name, range), policy(range.on_fail), Check::Length { column, min, max });
        }
        if let Some((source, on_fail)) = &rules.matches {
            self.text_only(contract, name, "a pattern", ty)?;
            let pattern = Pattern::compile(source).map_err(|error| wrong(contract, name, error.to_string()))?;
            self.on(name, "matches", format!("{name} matches `{source}`"), policy(*on_fail), Check::Matches { column, pattern });
        }
        if let Some((wanted, on_fail)) = &rules.format {
            self.text_only(contract, name, "a format", ty)?;
            let (format, doc) = format(wanted).ok_or_else(|| wrong(contract, name, format!("there is no format `{wanted}`")))?;
            self.on(name, "format", format!("{name} is {doc}"), policy(*on_fail), Check::Format { column, format });
        }
        if let Some(key) = &rules.unique {
            self.key(key, policy(key.on_fail));
        }
        Ok(())
    }

    fn key(&mut self, key: &Key, on_fail: OnFail) {
        let columns = key.columns.join(", ");
        let title = match (key.primary, key.columns.len()) {
            (true, _) => format!("{columns}: no two rows share this key"),
            (false, 1) => format!("{columns} is unique"),
            (false, _) => format!("{columns} are unique together"),
        };
        self.keys.push((self.rules.len(), key.clone()));
        self.push(if key.primary { "key" } else { "unique" }, title, key.columns.clone(), on_fail, Check::Set);
    }

    fn text_only(&self, contract: &Contract, field: &str, what: &str, ty: &DataType) -> Result<(), EngineError> {
        if is_text(ty) { Ok(()) } else { Err(wrong(contract, field, format!("{what} is about text, not about {ty}"))) }
    }

    fn on(&mut self, column: &str, id: &'static str, title: String, on_fail: OnFail, check: Check) {
        self.push(id, title, vec![column.to_owned()], on_fail, check);
    }

    fn push(&mut self, id: &'static str, title: String, columns: Vec<String>, on_fail: OnFail, check: Check) {
        let column = match columns.as_slice() {
            [column] => Some(column.clone()),
            _ => None,
        };
        self.rules.push(RuleInfo { id, title, column, columns, on_fail, bit: self.rules.len() });
        self.checks.push(check);
    }
}

fn wrong(contract: &Contract, field: &str, message: String) -> EngineError {
    EngineError::Engine { context: format!("compiling the rules of `{}.{field}`", contract.name), message }
}

fn names(schema: &SchemaRef) -> String {
    schema.fields().iter().map(|field| format!("`{}`", field.name())).collect::<Vec<_>>().join(", ")
}

fn range_title(name: &str, range: &Range) -> String {
    let (over, under) = if range.exclusive { ("more than", "less than") } else { ("at least", "at most") };
    match (&range.min, &range.max) {
        (Some(min), Some(max)) => format!("{name} is {over} {min} and {under} {max}"),
        (Some(min), None) => format!("{name} is {over} {min}"),
        (None, Some(max)) => format!("{name} is {under} {max}"),
        (None, None) => format!("{name} is a number"),
    }
}

fn length_title(name: &str, range: &Range) -> String {
    let (over, under) = if range.exclusive { ("more than", "less than") } else { ("at least", "at most") };
    match (&range.min, &range.max) {
        (Some(min), Some(max)) if min == max => format!("{name} has {min} characters"),
        (Some(min), Some(max)) => format!("{name} has {over} {min} and {under} {max} characters"),
        (Some(min), None) => format!("{name} has {over} {min} characters"),
        (None, Some(max)) => format!("{name} has {under} {max} characters"),
        (None, None) => format!("{name} has a length"),
    }
}

/// Lengths are whole numbers: the bounds of a range over them, cut to what a length can be.
fn length(range: &Range) -> Result<(usize, usize), EngineError> {
    let Bounds::Whole { lo, hi } = Bounds::parse(range, &DataType::Int64)? else { return Ok((0, usize::MAX)) };
    if hi < 0 {
        return Ok((1, 0));
    }
    Ok((usize::try_from(lo.max(0)).unwrap_or(usize::MAX), usize::try_from(hi).unwrap_or(usize::MAX)))
}
