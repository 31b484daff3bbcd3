//! Shapes as types: which of the ways to read it a shape takes.

use super::files::{At, Files};
use super::forms::Forms;
use super::nested::shape_lacks;
use super::scalars::{integer, number};
use super::shape::{Shape, join, lose};
use super::{MAX_AROUND, PREFIX};
use crate::document::{Kind, Node, Reader};
use crate::text;
use runi_lang::types::DataType;

/// One contract in the making.
pub(super) struct Import<'r, 'f> {
    pub(super) reader: &'r mut Reader,
    pub(super) files: &'f Files,
    /// Types that were read.
    pub(super) parts: usize,
    /// How deep types may nest.
    pub(super) depth: usize,
    /// Types after which reading is given up.
    pub(super) most: usize,
    /// Whether something lay deeper.
    pub(super) cut: bool,
}

/// Where a type stands: its path, how deep, and the schemas around it.
#[derive(Clone, Copy)]
pub(super) struct Spot<'s, 'f> {
    pub(super) path: &'s str,
    pub(super) depth: usize,
    pub(super) around: Option<&'s Around<'s, 'f>>,
}

/// The schemas around a type, the innermost first.
pub(super) struct Around<'s, 'f> {
    pub(super) layers: &'s [At<'f>],
    pub(super) outer: Option<&'s Around<'s, 'f>>,
}

impl<'f> Import<'_, 'f> {
    pub(super) fn lose(&mut self, at: At<'_>, path: &str, message: impl Into<String>) {
        lose(self.reader, self.files, at, path, message);
    }

    /// The type of a shape, and whether null is a value of it. Asks for every keyword that the type says.
    pub(super) fn typed(&mut self, shape: &mut Shape<'f>, at: At<'f>, spot: Spot<'_, 'f>) -> (DataType, bool) {
        self.parts += 1;
        if self.parts > self.most {
            return (DataType::String, true);
        }
        let own = shape.first(&format!("{PREFIX}type")).and_then(|at| at.node.text()).and_then(text::parse_type);
        if let Some(own) = own {
            let nullable = shape.all("type").iter().all(|at| kinds(at.node).contains(&"null"));
            shape.whole();
            return (own, nullable);
        }
        let mut around = spot.around;
        let mut nested = 0;
        while let Some(outer) = around {
            nested += 1;
            if outer.layers == shape.layers.as_slice() && !shape.layers.is_empty() {
                self.lose(at, spot.path, "the schema holds itself, and types end: read as `string`, which can hold it as JSON");
                shape.whole();
                return (DataType::String, true);
            }
            around = outer.outer;
        }
        // Forms and items can hold each other in new ways for long, without any of them being what is around it.
        if nested >= MAX_AROUND {
            self.lose(at, spot.path, "forms and items nest too deep: read as `string`, which can hold them as JSON");
            shape.whole();
            return (DataType::String, true);
        }
        // A form or a part that is the schema itself is known by what was written, before forms are merged into it.
        let layers = shape.layers.clone();
        let inside = Around { layers: &layers, outer: spot.around };
        let spot = Spot { around: Some(&inside), ..spot };
        let (form, mut nullable) = match self.forms(shape, spot) {
            Forms::Type(ty) => (Some(ty), true),
            Forms::None { nullable } => (None, nullable),
        };
        let kinds = self.kinds(shape, spot.path);
        nullable = match &kinds {
            Some(kinds) => nullable && form.is_some() || kinds.contains(&"null") || nullable && kinds.is_empty(),
            None => nullable,
        };
        if let Some(values) = self.values(shape, spot.path) {
            let null = values.iter().any(|node| node.is_null());
            return (self.enumeration(shape, &values, at, spot), null && kinds.is_none_or(|kinds| kinds.contains(&"null")));
        }
        let kinds: Vec<&str> = kinds.unwrap_or_else(|| inferred(shape)).into_iter().filter(|kind| *kind != "null").collect();
        let ty = match (kinds.as_slice(), form) {
            // What all forms have in common is part of each.
            (_, Some(DataType::Struct(parts))) if shape.has("properties") => match self.object(shape, at, spot) {
                DataType::Struct(mut base) => {
                    base.extend(parts.into_iter().filter(|(name, _)| shape_lacks(shape, name)));
                    DataType::Struct(base)
                }
                other => other,
            },
            (_, Some(ty)) => ty,
            ([], None) => {
                let what = if nullable && !shape.has("type") { "nothing but null is said to be allowed" } else { "anything is allowed" };
                let what = if shape.has("type") { "only null is allowed" } else { what };
                self.lose(at, spot.path, format!("{what}; read as `string`, which can hold it as JSON"));
                DataType::String
            }
            (["string"], None) => self.string(shape),
            (["boolean"], None) => DataType::Boolean,
            (["integer"], None) => integer(shape),
            (["number"] | ["integer", "number"] | ["number", "integer"], None) => number(shape),
            (["object"], None) => self.object(shape, at, spot),
            (["array"], None) => self.array(shape, at, spot),
            (several, None) => {
                self.lose(at, spot.path, format!("one of {} types ({}) is read as `string`", several.len(), several.join(", ")));
                DataType::String
            }
        };
        (ty, nullable)
    }

    /// The names of types that all `type` keywords allow; `None` when nothing says.
    fn kinds(&mut self, shape: &mut Shape<'f>, path: &str) -> Option<Vec<&'f str>> {
        let mut allowed: Option<Vec<&str>> = None;
        for at in shape.all("type") {
            let here = kinds(at.node);
            if here.is_empty() || here.iter().any(|kind| !KINDS.contains(kind)) {
                self.reader.refuse(
                    &join(path, "type"),
                    at.node,
                    "a type is one of string, number, integer, boolean, object, array and null",
                );
            }
            allowed = Some(match allowed {
                None => here,
                // An integer is a number.
                Some(known) => here
                    .iter()
                    .copied()
                    .filter(|kind| known.contains(kind) || *kind == "integer" && known.contains(&"number"))
                    .chain(known.iter().copied().filter(|kind| *kind == "integer" && here.contains(&"number") && !here.contains(kind)))
                    .collect(),
            });
        }
        allowed
    }
}

impl<'s, 'f> Spot<'s, 'f> {
    /// The same place, for one of the forms that it may have.
    pub(super) fn form(self) -> Self {
        Spot { depth: self.depth.max(1), ..self }
    }
}

const KINDS: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/// The types that a `type` keyword names.
pub(super) fn kinds(node: &Node) -> Vec<&str> {
    match &node.kind {
        Kind::Text(kind) => vec![kind],
        Kind::List(items) => items.iter().filter_map(Node::text).collect(),
        _ => Vec::new(),
    }
}

/// What a schema without `type` is about, by the keywords that it has.
fn inferred(shape: &Shape<'_>) -> Vec<&'static str> {
    const SIGNS: [(&str, &[&str]); 4] = [
        (
            "object",
            &["properties", "additionalProperties", "patternProperties", "required", "minProperties", "maxProperties", "propertyNames"],
        ),
        ("array", &["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"]),
        ("string", &["minLength", "maxLength", "pattern", "format", "contentEncoding"]),
        ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];
    SIGNS.into_iter().filter(|(_, signs)| signs.iter().any(|sign| shape.has(sign))).map(|(kind, _)| kind).take(1).collect()
}
