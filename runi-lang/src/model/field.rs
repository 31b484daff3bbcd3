//! A field of a contract: its type, what must hold for its values, and what makes them sensitive.

use super::contract::present;
use super::{Date, Key, OnFail};
use crate::types::DataType;
use serde::{Deserialize, Serialize};

/// One column's promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The column's name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: DataType,
    /// What must hold for each value.
    pub rules: FieldRules,
    /// `@pii`, `@access`, `@mask`, `@classification`.
    pub sensitivity: Sensitivity,
    /// `@unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// `@default`, as SQL text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// `@deprecated(until=…)`.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub deprecated: Option<Option<Date>>,
    /// The quoted description that ends the line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// The checks of one field. Each may carry its own `on_fail=`; `None` means the contract's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FieldRules {
    /// `@required`.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub required: Option<Option<OnFail>>,
    /// `@unique`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique: Option<Key>,
    /// `@range(min=, max=, exclusive=)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// `@length(min=, max=)`, in characters: bounds as for `range`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<Range>,
    /// `@matches("regex")`: the whole value must match (Rust `regex` syntax).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<(String, Option<OnFail>)>,
    /// `@format(email|uuid|uri|ipv4|ipv6|date|hostname|iso4217|isin|lei…)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<(String, Option<OnFail>)>,
    /// `@enum_policy(on_fail=…)` for an `enum(…)` type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enumeration: Option<OnFail>,
    /// `@type(on_fail=…)`: what happens when a value cannot be read as the field's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion: Option<OnFail>,
}

/// Bounds as SQL literal text (`0`, `1.5`, `2020-01-01`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Range {
    /// Lowest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Highest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Whether both bounds themselves are outside.
    #[serde(default)]
    pub exclusive: bool,
    /// The rule's own policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_fail: Option<OnFail>,
}

/// What makes a column sensitive, and how it may leave.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sensitivity {
    /// `@pii(category)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pii: Option<String>,
    /// `@access(role, …)`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub access: Vec<String>,
    /// `@classification(level)` of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// `@mask(kind, …)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
}

/// How a sensitive value is made safe. Applied at sinks, by the sink contract's field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mask {
    /// The value goes away. Clears the label.
    Null,
    /// A constant (`***` for text, the type's zero otherwise). Clears the label.
    Redact,
    /// Keyed HMAC-SHA-256 as 64 hex digits: the same input gives the same output under one key.
    Hash,
    /// Keyed, deterministic, shaped like an identifier (`tok_` and 26 characters).
    Tokenise,
    /// All but the last `keep` characters become `*` (`@mask(partial, keep=4)`).
    Partial {
        /// Characters that stay.
        keep: u32,
    },
    /// Coarser: numbers to a multiple of `to`, dates and timestamps to `year`, `month` or `day` (`@mask(generalise, to=10)`).
    Generalise {
        /// The grid.
        to: String,
    },
}

impl Mask {
    /// The word that a contract writes.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Redact => "redact",
            Self::Hash => "hash",
            Self::Tokenise => "tokenise",
            Self::Partial { .. } => "partial",
            Self::Generalise { .. } => "generalise",
        }
    }

    /// Whether the result says nothing about the value any more.
    #[must_use]
    pub fn clears(&self) -> bool {
        matches!(self, Self::Null | Self::Redact)
    }

    /// Whether it needs the herd's key.
    #[must_use]
    pub fn is_keyed(&self) -> bool {
        matches!(self, Self::Hash | Self::Tokenise)
    }
}

impl Field {
    /// A field that says nothing but its name and its type.
    #[must_use]
    pub fn new(name: impl Into<String>, ty: DataType) -> Self {
        Self {
            name: name.into(),
            ty,
            rules: FieldRules::default(),
            sensitivity: Sensitivity::default(),
            unit: None,
            default: None,
            deprecated: None,
            description: String::new(),
        }
    }

    /// Whether a valid row always has a value here.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.rules.required.is_some()
    }
}
