//! Shapes as types, and objects as contracts.

use super::files::{At, Files};
use super::forms::{Forms, unify};
use super::rules::Draft;
use super::shape::{Shape, join, lose};
use super::{MAX_DEPTH, MAX_PARTS, PREFIX, rules};
use crate::document::{Kind, Node, Reader};
use crate::text;
use runi_lang::model::{Contract, OnFail};
use runi_lang::types::{DataType, TimeUnit};
use std::collections::{BTreeSet, HashMap};

/// The contract of a schema of an object; `None` when it is about something else.
pub(super) fn contract(reader: &mut Reader, files: &Files, at: At<'_>, name: &str) -> Option<Contract> {
    // As deep as the types fit: shallow parts are kept whole rather than one of them to its last leaf.
    let mut depth = 1;
    while depth < MAX_DEPTH {
        let mut trial = Reader::default();
        let mut import = Import { reader: &mut trial, files, parts: 0, depth: depth + 1, most: MAX_PARTS, cut: false };
        import.contract(at, name)?;
        if import.parts > MAX_PARTS {
            break;
        }
        depth += 1;
        if !import.cut {
            break;
        }
    }
    Import { reader, files, parts: 0, depth, most: usize::MAX, cut: false }.contract(at, name)
}

/// One contract in the making.
pub(super) struct Import<'r, 'f> {
    pub(super) reader: &'r mut Reader,
    pub(super) files: &'f Files,
    /// Types that were read.
    parts: usize,
    /// How deep types may nest.
    depth: usize,
    /// Types after which reading is given up.
    most: usize,
    /// Whether something lay deeper.
    cut: bool,
}

/// Where a type stands: its path, how deep, and the schemas around it.
#[derive(Clone, Copy)]
pub(super) struct Spot<'s, 'f> {
    pub(super) path: &'s str,
    depth: usize,
    around: Option<&'s Around<'s, 'f>>,
}

/// The schemas around a type, the innermost first.
struct Around<'s, 'f> {
    layers: &'s [At<'f>],
    outer: Option<&'s Around<'s, 'f>>,
}

impl<'f> Import<'_, 'f> {
    pub(super) fn lose(&mut self, at: At<'_>, path: &str, message: impl Into<String>) {
        lose(self.reader, self.files, at, path, message);
    }

    fn contract(&mut self, at: At<'f>, name: &str) -> Option<Contract> {
        let mut contract = text::contract(&text::contract_name(name, false));
        let spot = Spot { path: "", depth: 0, around: None };
        let mut shape = Shape::new(self.reader, self.files, &[at], "");
        let forms = self.forms(&mut shape, spot);
        let ty = match &forms {
            Forms::Type(DataType::Struct(parts)) => Some(parts.clone()),
            Forms::Type(_) => return None,
            Forms::None { .. } => None,
        };
        let written = shape.first("type").map(|at| at.node);
        let is_object = match written {
            Some(node) => kinds(node).contains(&"object"),
            None => ty.is_some() || shape.has("properties") || shape.has("required"),
        };
        if !is_object || name.is_empty() {
            return None;
        }
        if contract.name != name {
            self.lose(at, "", format!("`{name}` becomes `{}`: a contract's name is one word of letters, digits and `_`", contract.name));
        }
        contract.doc = text::prose(shape.text(self.reader, "description", "").unwrap_or_default());
        self.title(&mut shape, &mut contract, at);
        if shape.first("deprecated").is_some_and(|at| at.node.kind == Kind::Bool(true)) {
            contract.deprecated = Some(None);
        }
        let required = self.required(&mut shape);
        let around = Around { layers: &shape.layers.clone(), outer: None };
        for (name, schemas) in self.properties(&mut shape) {
            let field_name = text::field_name(name);
            if field_name.is_empty() || contract.field(&field_name).is_some() {
                self.lose(at, name, "a column needs a name of its own; the property is left out");
                continue;
            }
            let mut draft = Draft::new(&field_name);
            let spot = Spot { path: name, depth: 1, around: Some(&around) };
            let nullable = self.field(&schemas, &mut draft, spot);
            if required.contains(name) && !nullable {
                draft.field.rules.required = draft.field.rules.required.or(Some(None));
            }
            let own = rules::own_field(self.reader, &schemas, &mut draft.field, name);
            if !own && required.contains(name) && nullable {
                self.lose(at, name, "the property must be there and may be null; the field may be either");
            }
            contract.fields.push(draft.field);
            contract.rules.extend(draft.rules);
        }
        for (name, ty) in ty.unwrap_or_default() {
            if contract.field(&name).is_none() {
                contract.fields.push(text::field(&name, ty));
            }
        }
        for name in required.iter().filter(|name| contract.field(&text::field_name(name)).is_none()).cloned().collect::<BTreeSet<_>>() {
            self.lose(at, &name, "the property must be there, but nothing says of which type; it is read as `string`");
            let mut field = text::field(&text::field_name(&name), DataType::String);
            field.rules.required = Some(None);
            contract.fields.push(field);
        }
        self.openness(&mut shape, &mut contract);
        rules::own_contract(self.reader, &shape, &mut contract);
        for (key, at) in shape.rest() {
            let message = match key {
                "examples" | "example" => "`examples` are not kept: examples of rows stand in features".to_owned(),
                _ => format!("`{key}` has no place in a contract, and is not checked"),
            };
            self.lose(at, key, message);
        }
        Some(contract)
    }

    /// A title that the name does not say stands before the description.
    fn title(&mut self, shape: &mut Shape<'f>, contract: &mut Contract, at: At<'f>) {
        // Only the schema's own title is its name; those of what it is made of are theirs.
        shape.all("title");
        let title = at.node.get("title").and_then(Node::text).unwrap_or_default();
        let same = |a: &str, b: &str| text::contract_name(a, true).eq_ignore_ascii_case(&text::contract_name(b, true));
        if !title.is_empty() && !same(title, &contract.name) {
            contract.doc = text::prose(&format!("{title}\n\n{}", contract.doc));
        }
    }

    /// Names of properties that must be there.
    fn required(&mut self, shape: &mut Shape<'f>) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for at in shape.all("required") {
            match &at.node.kind {
                Kind::List(items) => names.extend(items.iter().filter_map(Node::text).map(str::to_owned)),
                // Draft 3 and OpenAPI say `required: true` of the property itself.
                Kind::Bool(_) => {}
                _ => self.reader.wrong("required", at.node, "a list of names"),
            }
        }
        names
    }

    /// The properties of an object, with every schema that applies to each.
    fn properties(&mut self, shape: &mut Shape<'f>) -> Vec<(&'f str, Vec<At<'f>>)> {
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

    /// What an object says of properties that it does not name.
    fn openness(&mut self, shape: &mut Shape<'f>, contract: &mut Contract) {
        for key in ["additionalProperties", "unevaluatedProperties"] {
            for at in shape.all(key) {
                match &at.node.kind {
                    Kind::Bool(true) => {}
                    Kind::Bool(false) => contract.drift.extra = OnFail::Fail,
                    _ if at.node.entries().is_some_and(|entries| entries.is_empty()) => {}
                    _ => self.lose(at, key, "columns that a contract does not name are left out, so that their type is not kept"),
                }
            }
        }
    }

    /// A field's type and rules; whether null is a value of it.
    fn field(&mut self, schemas: &[At<'f>], draft: &mut Draft, spot: Spot<'_, 'f>) -> bool {
        let mut shape = Shape::new(self.reader, self.files, schemas, spot.path);
        let at = schemas.first().copied().unwrap_or(self.files.root());
        let (ty, nullable) = self.typed(&mut shape, at, spot);
        draft.field.ty = ty;
        self.rules(&mut shape, draft, spot.path);
        nullable
    }

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

    /// The type of a shape, and whether null is a value of it. Asks for every keyword that the type says.
    fn typed(&mut self, shape: &mut Shape<'f>, at: At<'f>, spot: Spot<'_, 'f>) -> (DataType, bool) {
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
        while let Some(outer) = around {
            if outer.layers == shape.layers.as_slice() && !shape.layers.is_empty() {
                self.lose(at, spot.path, "the schema holds itself, and types end: read as `string`, which can hold it as JSON");
                shape.whole();
                return (DataType::String, true);
            }
            around = outer.outer;
        }
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

    /// The values that `enum` and `const` allow.
    fn values(&mut self, shape: &mut Shape<'f>, path: &str) -> Option<Vec<&'f Node>> {
        let mut allowed: Option<Vec<&Node>> = None;
        let mut narrow = |here: Vec<&'f Node>| {
            allowed = Some(match allowed.take() {
                None => here,
                Some(known) => known.into_iter().filter(|node| here.iter().any(|other| other.kind == node.kind)).collect(),
            });
        };
        for at in shape.all("const") {
            narrow(vec![at.node]);
        }
        for at in shape.all("enum") {
            match at.node.list() {
                Some(items) => narrow(items.iter().collect()),
                None => self.reader.wrong(&join(path, "enum"), at.node, "a list"),
            }
        }
        allowed
    }

    fn enumeration(&mut self, shape: &mut Shape<'f>, values: &[&'f Node], at: At<'f>, spot: Spot<'_, 'f>) -> DataType {
        let values: Vec<&Node> = values.iter().copied().filter(|node| !node.is_null()).collect();
        let texts: Vec<&str> = values.iter().filter_map(|node| node.text()).collect();
        if !texts.is_empty() && texts.len() == values.len() {
            if texts.iter().any(|text| text.contains(['\n', '\r', '\0'])) {
                self.lose(at, spot.path, "a value of the enumeration has a line end; read as `string`, without a check");
                return DataType::String;
            }
            let mut seen = BTreeSet::new();
            return DataType::Enum(texts.into_iter().filter(|text| seen.insert(*text)).map(str::to_owned).collect());
        }
        let numbers: Vec<String> =
            values.iter().filter_map(|node| if let Kind::Number(text) = &node.kind { Some(text.clone()) } else { None }).collect();
        if !numbers.is_empty() && numbers.len() == values.len() {
            shape.one_of = Some(numbers.clone());
            let whole = numbers.iter().all(|text| text.parse::<i64>().is_ok());
            return if whole { integer(shape) } else { number(shape) };
        }
        if !values.is_empty() && values.iter().all(|node| matches!(node.kind, Kind::Bool(_))) {
            shape.one_of = (values.len() == 1).then(|| values.iter().filter_map(|node| node.scalar()).collect());
            return DataType::Boolean;
        }
        self.lose(at, spot.path, "the values of the enumeration are of several kinds; read as `string`, without a check");
        DataType::String
    }

    fn string(&mut self, shape: &mut Shape<'f>) -> DataType {
        let encoding = shape.peek("contentEncoding").and_then(|at| at.node.text());
        if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
            shape.first("contentEncoding");
            return DataType::Binary;
        }
        let ty = match shape.peek("format").and_then(|at| at.node.text()) {
            Some("date") => DataType::Date,
            Some("date-time") => DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".to_owned()) },
            Some("time") => DataType::Time,
            Some("binary" | "byte") => DataType::Binary,
            _ => return DataType::String,
        };
        shape.first("format");
        ty
    }

    fn object(&mut self, shape: &mut Shape<'f>, at: At<'f>, spot: Spot<'_, 'f>) -> DataType {
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

    fn array(&mut self, shape: &mut Shape<'f>, at: At<'f>, spot: Spot<'_, 'f>) -> DataType {
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

impl<'s, 'f> Spot<'s, 'f> {
    /// The same place, for one of the forms that it may have.
    pub(super) fn form(self) -> Self {
        Spot { depth: self.depth.max(1), ..self }
    }
}

const KINDS: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/// Whether a keyword says more of a part than its name does, and more than that it may be left out.
fn says_more(key: &str, node: &Node, name: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    match (key, &node.kind) {
        ("default", Kind::Null) | ("deprecated" | "uniqueItems", Kind::Bool(false)) => false,
        ("title" | "description", Kind::Text(text)) => !text.is_empty() && plain(text) != plain(name),
        _ => true,
    }
}

/// The types that a `type` keyword names.
fn kinds(node: &Node) -> Vec<&str> {
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

fn shape_lacks(shape: &Shape<'_>, name: &str) -> bool {
    !shape.layers.iter().any(|at| at.node.get("properties").is_some_and(|properties| properties.get(name).is_some()))
}

/// A whole number by its `format`; bounds that say no more than the type are part of it.
fn integer(shape: &mut Shape<'_>) -> DataType {
    let bound = |shape: &Shape<'_>, key: &str| match shape.peek(key).map(|at| &at.node.kind) {
        Some(Kind::Number(text)) => text.parse::<i128>().ok(),
        _ => None,
    };
    let named = match shape.peek("format").and_then(|at| at.node.text()) {
        Some("int8") => Some(DataType::Int8),
        Some("int16") => Some(DataType::Int16),
        Some("int32") => Some(DataType::Int32),
        Some("int64") => Some(DataType::Int64),
        Some("uint8") => Some(DataType::UInt8),
        Some("uint16") => Some(DataType::UInt16),
        Some("uint32") => Some(DataType::UInt32),
        Some("uint64") => Some(DataType::UInt64),
        _ => None,
    };
    if named.is_some() {
        shape.first("format");
    }
    let wide = bound(shape, "maximum").is_some_and(|max| max > i128::from(i64::MAX)) && bound(shape, "minimum").is_some_and(|min| min >= 0);
    let ty = named.unwrap_or(if wide { DataType::UInt64 } else { DataType::Int64 });
    if let Some((min, max)) = width(&ty) {
        for (key, limit) in [("minimum", min), ("maximum", max)] {
            if bound(shape, key) == Some(limit) {
                shape.first(key);
            }
        }
    }
    ty
}

/// The least and the greatest value of a type of whole numbers.
pub(crate) fn width(ty: &DataType) -> Option<(i128, i128)> {
    Some(match ty {
        DataType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DataType::Int64 => (i64::MIN.into(), i64::MAX.into()),
        DataType::UInt8 => (0, u8::MAX.into()),
        DataType::UInt16 => (0, u16::MAX.into()),
        DataType::UInt32 => (0, u32::MAX.into()),
        DataType::UInt64 => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// A number by its `format`; a step of a tenth, a hundredth, … makes it exact.
fn number(shape: &mut Shape<'_>) -> DataType {
    let ty = match shape.peek("format").and_then(|at| at.node.text()) {
        Some("float") => Some(DataType::Float32),
        Some("double") => Some(DataType::Float64),
        Some("decimal") => Some(DataType::Decimal { precision: 38, scale: 10 }),
        _ => None,
    };
    if let Some(ty) = ty {
        shape.first("format");
        return ty;
    }
    let step = match shape.peek("multipleOf").map(|at| &at.node.kind) {
        Some(Kind::Number(text)) => text.clone(),
        _ => return DataType::Float64,
    };
    let digits = step.strip_prefix("0.").filter(|rest| rest.ends_with('1') && rest.trim_start_matches('0') == "1").map(str::len);
    match digits.and_then(|digits| i8::try_from(digits).ok()).filter(|digits| *digits <= 18) {
        Some(scale) => {
            shape.first("multipleOf");
            DataType::Decimal { precision: 38, scale }
        }
        None => DataType::Float64,
    }
}
