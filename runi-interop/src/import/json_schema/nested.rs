//! Types that hold types: objects as structs or maps, arrays and tuples as lists.

use super::MAX_PARTS;
use super::files::At;
use super::forms::unify;
use super::shape::Shape;
use super::types::{Around, Import, Spot};
use crate::document::{Kind, Node};
use crate::text;
use runi_lang::types::DataType;
use std::collections::HashMap;

impl<'f> Import<'_, 'f> {
    /// A part's type. What else is said of it is lost.
    pub(super) fn part(&mut self, schemas: &[At<'f>], spot: Spot<'_, 'f>) -> (DataType, bool) {
        let mut shape = Shape::new(self.reader, self.files, schemas, spot.path);
        let at = schemas.first().copied().unwrap_or(self.files.root());
        let (ty, nullable) = self.typed(&mut shape, at, spot);
        let name = spot.path.rsplit('.').next().unwrap_or_default();
        let said: Vec<String> =
            shape.rest().into_iter().filter(|(key, at)| says_more(key, at.node, name)).map(|(key, _)| format!("`{key}`")).collect();
        if !said.is_empty() {
            let message = format!("a part of a nested type has a name and a type only; not kept: {}", said.join(", "));
            self.lose(at, spot.path, message);
        }
        (ty, nullable)
    }

    /// The properties of an object, with every schema that applies to each.
    pub(super) fn properties(&mut self, shape: &mut Shape<'f>) -> Vec<(&'f str, Vec<At<'f>>)> {
        let mut properties: Vec<(&'f str, Vec<At<'f>>)> = Vec::new();
        let mut index: HashMap<&'f str, usize> = HashMap::new();
        for at in shape.all("properties") {
            let Some(entries) = at.node.entries() else {
                self.reader.wrong("properties", at.node, "an object");
                continue;
            };
            for (name, node) in entries.iter() {
                let here = At { file: at.file, node };
                match index.get(name).and_then(|i| properties.get_mut(*i)) {
                    Some((_, schemas)) => schemas.push(here),
                    // `false` says that there is no such property.
                    None if node.kind == Kind::Bool(false) => {}
                    None => {
                        index.insert(name, properties.len());
                        properties.push((name, vec![here]));
                    }
                }
            }
        }
        properties
    }

    pub(super) fn object(&mut self, shape: &mut Shape<'f>, at: At<'f>, spot: Spot<'_, 'f>) -> DataType {
        let properties = self.properties(shape);
        let any = || DataType::Map(Box::new(DataType::String), Box::new(DataType::String));
        if spot.depth >= self.depth {
            self.cut = true;
            shape.whole();
            let message = format!(
                "the type nests more than {} deep or has more than {MAX_PARTS} parts: read as `string`, which can hold it as JSON",
                self.depth
            );
            self.lose(at, spot.path, message);
            return DataType::String;
        }
        let layers = shape.layers.clone();
        let around = Around { layers: &layers, outer: spot.around };
        let mut parts: Vec<(String, DataType)> = Vec::new();
        for (name, schemas) in properties {
            let path = format!("{}.{name}", spot.path);
            let part_name = text::field_name(name);
            if part_name.is_empty() || parts.iter().any(|(known, _)| *known == part_name) {
                self.lose(at, &path, "a part needs a name of its own; the property is left out");
                continue;
            }
            let (ty, _) = self.part(&schemas, Spot { path: &path, depth: spot.depth + 1, around: Some(&around) });
            parts.push((part_name, ty));
        }
        if !parts.is_empty() {
            for key in ["additionalProperties", "unevaluatedProperties"] {
                let open = |at: &At<'_>| at.node.kind == Kind::Bool(true) || at.node.entries().is_some_and(|entries| entries.is_empty());
                if shape.peek(key).is_some_and(|at| open(&at)) {
                    shape.first(key);
                }
            }
            return DataType::Struct(parts);
        }
        let spot = Spot { path: &format!("{}.*", spot.path), depth: spot.depth + 1, around: Some(&around) };
        let closed =
            shape.all("unevaluatedProperties").iter().chain(&shape.all("additionalProperties")).any(|at| at.node.kind == Kind::Bool(false));
        let others: Vec<At<'f>> =
            shape.all("additionalProperties").into_iter().filter(|at| at.node.entries().is_some_and(|e| !e.is_empty())).collect();
        if !others.is_empty() {
            let (value, _) = self.part(&others, spot);
            return DataType::Map(Box::new(DataType::String), Box::new(value));
        }
        if let Some(patterns) = shape.first("patternProperties").and_then(|at| Some((at, at.node.entries()?))) {
            let (here, entries) = patterns;
            let mut value: Option<DataType> = None;
            for (_, node) in entries.iter() {
                let (ty, _) = self.part(&[At { file: here.file, node }], spot);
                value = Some(match value {
                    None => ty,
                    Some(known) => unify(known, ty).unwrap_or(DataType::String),
                });
            }
            self.lose(here, spot.path, "the patterns of the keys are not checked");
            return value.map_or_else(any, |value| DataType::Map(Box::new(DataType::String), Box::new(value)));
        }
        let what = if closed { "the object has no parts at all" } else { "the object names no parts, and allows any" };
        self.lose(at, spot.path.trim_end_matches(".*"), format!("{what}; read as `map<string, string>`"));
        any()
    }

    pub(super) fn array(&mut self, shape: &mut Shape<'f>, at: At<'f>, spot: Spot<'_, 'f>) -> DataType {
        let layers = shape.layers.clone();
        let around = Around { layers: &layers, outer: spot.around };
        let path = format!("{}[]", spot.path);
        let spot = Spot { path: &path, depth: spot.depth, around: Some(&around) };
        let mut items: Vec<At<'f>> = Vec::new();
        let mut tuple: Vec<At<'f>> = Vec::new();
        for key in ["prefixItems", "items"] {
            for at in shape.all(key) {
                match at.node.list() {
                    Some(nodes) => tuple.extend(nodes.iter().map(|node| At { file: at.file, node })),
                    None if matches!(at.node.kind, Kind::Bool(_)) => {}
                    None => items.push(at),
                }
            }
        }
        if tuple.is_empty() {
            if items.is_empty() {
                self.lose(at, &path, "the array does not say of what; read as `list<string>`");
                return DataType::List(Box::new(DataType::String));
            }
            let (item, _) = self.part(&items, spot);
            return DataType::List(Box::new(item));
        }
        if let Some(at) = shape.first("additionalItems").filter(|at| at.node.entries().is_some()) {
            items.push(at);
        }
        let mut ty: Option<DataType> = None;
        for item in tuple.iter().chain(&items) {
            let (next, _) = self.part(&[*item], spot);
            ty = Some(match ty {
                None => next,
                Some(known) => unify(known, next).unwrap_or(DataType::String),
            });
        }
        let ty = ty.unwrap_or(DataType::String);
        self.lose(
            at,
            &path,
            format!("a tuple of {} items is read as `list<{}>`; which stands where is not checked", tuple.len(), text::data_type(&ty)),
        );
        DataType::List(Box::new(ty))
    }
}

/// Whether a keyword says more of a part than its name does, and more than that it may be left out.
fn says_more(key: &str, node: &Node, name: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    match (key, &node.kind) {
        ("default", Kind::Null) | ("deprecated" | "uniqueItems", Kind::Bool(false)) => false,
        ("title" | "description", Kind::Text(text)) => !text.is_empty() && plain(text) != plain(name),
        _ => true,
    }
}

pub(super) fn shape_lacks(shape: &Shape<'_>, name: &str) -> bool {
    !shape.layers.iter().any(|at| at.node.get("properties").is_some_and(|properties| properties.get(name).is_some()))
}
