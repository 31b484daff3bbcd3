//! A schema of an object becomes a contract: its columns, which of them are required, and what stands beside them.

use super::files::{At, Files};
use super::forms::Forms;
use super::rules::Draft;
use super::shape::Shape;
use super::types::{Around, Import, Spot, kinds};
use super::{MAX_DEPTH, MAX_PARTS, rules};
use crate::document::{Kind, Node, Reader};
use crate::text;
use runi_lang::model::{Contract, Field, OnFail};
use runi_lang::types::DataType;
use std::collections::BTreeSet;

/// Properties that a loss names before it says how many more there are.
const LISTED: usize = 8;

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

impl<'f> Import<'_, 'f> {
    fn contract(&mut self, at: At<'f>, name: &str) -> Option<Contract> {
        let mut contract = Contract::new(text::contract_name(name, false));
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
        let mut never_null: Vec<String> = Vec::new();
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
            if !own && !nullable && !draft.field.is_required() {
                never_null.push(format!("`{field_name}`"));
            }
            contract.fields.push(draft.field);
            contract.rules.extend(draft.rules);
        }
        for (name, ty) in ty.unwrap_or_default() {
            if contract.field(&name).is_none() {
                contract.fields.push(Field::new(&name, ty));
            }
        }
        for name in required.iter().filter(|name| contract.field(&text::field_name(name)).is_none()).cloned().collect::<BTreeSet<_>>() {
            self.lose(at, &name, "the property must be there, but nothing says of which type; it is read as `string`");
            let mut field = Field::new(text::field_name(&name), DataType::String);
            field.rules.required = Some(None);
            contract.fields.push(field);
        }
        if !never_null.is_empty() {
            let more = never_null.len().saturating_sub(LISTED);
            never_null.truncate(LISTED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.lose(at, "", format!("what may be left out and may not be null may be either here: {}{more}", never_null.join(", ")));
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
}
