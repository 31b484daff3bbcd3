//! What a field has beside its type: bounds, lengths, patterns, formats, a default, prose.

use super::PREFIX;
use super::files::At;
use super::shape::{Shape, join};
use super::types::Import;
use crate::document::{Kind, Node, Reader};
use crate::{parts, pattern, text};
use runi_lang::check::FORMATS;
use runi_lang::model::{Contract, Date, Field, Range, Rule};
use runi_lang::types::DataType;
use serde_json::{Map, Value};

/// Examples of a field that its description names.
const MAX_EXAMPLES: usize = 3;

/// A field in the making, with the rules that only a contract can hold.
pub(super) struct Draft {
    pub(super) field: Field,
    pub(super) rules: Vec<Rule>,
}

impl Draft {
    pub(super) fn new(name: &str) -> Self {
        Self { field: Field::new(name, DataType::String), rules: Vec::new() }
    }

    fn rule(&mut self, title: String, condition: &str) {
        let column = format!("\"{}\"", self.field.name.replace('"', "\"\""));
        self.rules.push(Rule { title, sql: condition.replace("{}", &column), on_fail: None });
    }
}

impl<'f> Import<'_, 'f> {
    /// Reads what a shape says beside the type, and names what no field can hold.
    pub(super) fn rules(&mut self, shape: &mut Shape<'f>, draft: &mut Draft, path: &str) {
        let ty = draft.field.ty.clone();
        if ty.is_textual() {
            self.texts(shape, draft, path);
        }
        if ty.is_numeric() {
            self.numbers(shape, draft, path);
        }
        if matches!(ty, DataType::List(_)) {
            self.items(shape, draft, path);
        }
        if let Some(values) = shape.one_of.take() {
            let list = values.join(", ");
            let name = draft.field.name.clone();
            match values.as_slice() {
                [only] => draft.rule(format!("{name} is {only}"), &format!("{{}} = {only}")),
                _ => draft.rule(format!("{name} is one of {list}"), &format!("{{}} in ({list})")),
            }
        }
        self.prose(shape, draft, path);
        if let Some(at) = shape.first("default").filter(|at| !at.node.is_null()) {
            match default(at.node, &ty) {
                Some(sql) => draft.field.default = Some(sql),
                // Our own keyword says it as it was written.
                None if shape.has(&format!("{PREFIX}default")) => {}
                None => self.lose(at, path, format!("the default is no value of `{ty}`, and is left out")),
            }
        }
        if shape.first("deprecated").is_some_and(|at| at.node.kind == Kind::Bool(true)) {
            draft.field.deprecated = Some(None);
        }
        // `required: true` of a property is draft 3's.
        if shape.peek("required").is_some_and(|at| at.node.kind == Kind::Bool(true)) {
            shape.first("required");
            draft.field.rules.required = Some(None);
        }
        for (key, at) in shape.rest() {
            self.lose(at, path, format!("`{key}` has no place in a contract, and is not checked"));
        }
    }

    fn texts(&mut self, shape: &mut Shape<'f>, draft: &mut Draft, path: &str) {
        let min = self.count(shape, "minLength", path);
        let max = self.count(shape, "maxLength", path);
        if min.is_some() || max.is_some() {
            if min.zip(max).is_some_and(|(min, max)| min > max) {
                let at = shape.at(self.files.root());
                self.lose(at, path, "no text is long enough and short enough; the lengths are not checked");
            } else {
                draft.field.rules.length =
                    Some(Range { min: min.map(|n| n.to_string()), max: max.map(|n| n.to_string()), ..Range::default() });
            }
        }
        for (i, at) in shape.all("pattern").into_iter().enumerate() {
            let Some(written) = at.node.text() else {
                self.reader.wrong(&join(path, "pattern"), at.node, "a text");
                continue;
            };
            match pattern::from_ecma(written) {
                Some(ours) if i == 0 => draft.field.rules.matches = Some((ours, None)),
                Some(_) => self.lose(at, path, format!("a field has one pattern; `{written}` is not checked")),
                None => self.lose(at, path, format!("the pattern `{written}` uses what our regular expressions lack, and is not checked")),
            }
        }
        if let Some(at) = shape.first("format") {
            match at.node.text() {
                Some(format) if FORMATS.contains(&format) => draft.field.rules.format = Some((format.to_owned(), None)),
                Some(format) => self.lose(at, path, format!("the format `{format}` is not checked by a contract")),
                None => self.reader.wrong(&join(path, "format"), at.node, "a text"),
            }
        }
    }

    fn count(&mut self, shape: &mut Shape<'f>, key: &str, path: &str) -> Option<u64> {
        let at = shape.first(key)?;
        let count = match &at.node.kind {
            Kind::Number(text) => text.strip_suffix(".0").unwrap_or(text).parse().ok(),
            _ => None,
        };
        if count.is_none() {
            self.reader.wrong(&join(path, key), at.node, "a whole number that is not negative");
        }
        count
    }

    fn numbers(&mut self, shape: &mut Shape<'f>, draft: &mut Draft, path: &str) {
        let ty = draft.field.ty.clone();
        let taken = |shape: &mut Shape<'f>, key: &str| shape.is_open(key).then(|| shape.first(key)).flatten();
        let (min, max) = (taken(shape, "minimum"), taken(shape, "maximum"));
        let (above, below) = (taken(shape, "exclusiveMinimum"), taken(shape, "exclusiveMaximum"));
        // In draft 4 the exclusive keywords are flags of the others.
        let flag = |at: Option<At<'f>>| at.is_some_and(|at| at.node.kind == Kind::Bool(true));
        let numeric = |at: Option<At<'f>>| at.filter(|at| !matches!(at.node.kind, Kind::Bool(_)));
        let (min, above) = if flag(above) { (None, min) } else { (min, numeric(above)) };
        let (max, below) = if flag(below) { (None, max) } else { (max, numeric(below)) };
        let mut read = |at: Option<At<'f>>, low: bool, open: bool| {
            let at = at?;
            match &at.node.kind {
                Kind::Number(text) => bound(text, &ty, low, open),
                _ => {
                    self.reader.wrong(path, at.node, "a number");
                    None
                }
            }
        };
        let (mut min, mut max) = (read(min, true, false), read(max, false, false));
        let (mut above, mut below) = (read(above, true, true), read(below, false, true));
        let closed = min.is_some() || max.is_some();
        if closed {
            // One tag says of both bounds whether they are taken. Whole numbers have a next one; of others, a rule takes out the bound itself.
            for (bound, open, step) in [(&mut min, &mut above, 1), (&mut max, &mut below, -1)] {
                if bound.is_none() {
                    let next = open.as_ref().filter(|_| ty.integer_bounds().is_some()).and_then(|open| open.parse::<i128>().ok());
                    *bound = next.and_then(|whole| whole.checked_add(step)).map(|whole| whole.to_string()).or_else(|| open.clone());
                    open.take_if(|_| next.is_some());
                }
            }
        }
        let range = if closed {
            Range { min, max, ..Range::default() }
        } else {
            Range { min: above.clone(), max: below.clone(), exclusive: true, on_fail: None }
        };
        if closed {
            for (sign, bound) in [(">", above), ("<", below)] {
                if let Some(bound) = bound {
                    let name = draft.field.name.clone();
                    draft.rule(format!("{name} {sign} {bound}"), &format!("{{}} {sign} {bound}"));
                }
            }
        }
        if range.min.is_some() || range.max.is_some() {
            if empty(&range) {
                // Our own keyword says them as they were written.
                if !shape.has(&format!("{PREFIX}range")) {
                    let at = shape.at(self.files.root());
                    self.lose(at, path, "no number lies between the bounds; they are not checked");
                }
            } else {
                draft.field.rules.range = Some(range);
            }
        }
        if shape.is_open("multipleOf")
            && let Some(at) = shape.first("multipleOf")
        {
            match &at.node.kind {
                Kind::Number(step) => {
                    let name = draft.field.name.clone();
                    draft.rule(format!("{name} is a multiple of {step}"), &format!("{{}} % {step} = 0"));
                }
                _ => self.reader.wrong(&join(path, "multipleOf"), at.node, "a number"),
            }
        }
    }

    fn items(&mut self, shape: &mut Shape<'f>, draft: &mut Draft, path: &str) {
        let name = draft.field.name.clone();
        if let Some(least) = self.count(shape, "minItems", path).filter(|least| *least > 0) {
            draft.rule(format!("{name} has at least {least} items"), &format!("cardinality({{}}) >= {least}"));
        }
        if let Some(most) = self.count(shape, "maxItems", path) {
            draft.rule(format!("{name} has at most {most} items"), &format!("cardinality({{}}) <= {most}"));
        }
        if shape.peek("uniqueItems").is_some_and(|at| at.node.kind == Kind::Bool(false)) {
            shape.first("uniqueItems");
        }
    }

    /// Title, description and examples, on one line.
    fn prose(&mut self, shape: &mut Shape<'f>, draft: &mut Draft, path: &str) {
        let title = shape.text(self.reader, "title", path).map(text::one_line).unwrap_or_default();
        let description = shape.text(self.reader, "description", path).map(text::one_line).unwrap_or_default();
        let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let says_more = !title.is_empty() && plain(&title) != plain(&draft.field.name) && !description.starts_with(&title);
        let mut prose = match (says_more, description.is_empty()) {
            (true, true) => title,
            (true, false) => format!("{title}: {description}"),
            (false, _) => description,
        };
        let examples: Vec<&Node> = shape.first("examples").and_then(|at| at.node.list()).unwrap_or_default().iter().collect();
        let shown: Vec<String> =
            examples.iter().filter_map(|node| node.scalar()).map(|text| text::one_line(&text)).take(MAX_EXAMPLES).collect();
        if !shown.is_empty() {
            let end = if prose.is_empty() || prose.ends_with(['.', '!', '?']) { "" } else { "." };
            prose = format!("{prose}{end} For example: {}.", shown.join(", ")).trim_start().to_owned();
        }
        if shown.len() < examples.len()
            && let Some(at) = shape.first("examples")
        {
            self.lose(at, path, format!("{} of {} examples are not kept", examples.len() - shown.len(), examples.len()));
        }
        draft.field.description = prose;
    }
}

/// A bound as the type can compare it. Whole numbers have no fractions: the bound goes to the next one inside.
fn bound(text: &str, ty: &DataType, low: bool, open: bool) -> Option<String> {
    let value: f64 = text.parse().ok()?;
    if let Some((least, greatest)) = ty.integer_bounds() {
        let whole = match text.parse::<i128>() {
            Ok(whole) => whole,
            // An open bound that is no whole number excludes nothing more than the next one outside does.
            Err(_) => (if low != open { value.ceil() } else { value.floor() }) as i128,
        };
        let beyond = if low { whole < least } else { whole > greatest };
        return (!beyond).then(|| whole.clamp(least, greatest).to_string());
    }
    if matches!(ty, DataType::Decimal { .. }) {
        // Digits, no exponent.
        let digits = if text.contains(['e', 'E']) { format!("{value}") } else { text.to_owned() };
        let (whole, rest) = digits.trim_start_matches('-').split_once('.').unwrap_or((digits.trim_start_matches('-'), ""));
        return (whole.len() <= 20 && rest.len() <= 18).then_some(digits);
    }
    Some(text.to_owned())
}

fn empty(range: &Range) -> bool {
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    number(&range.min).zip(number(&range.max)).is_some_and(|(min, max)| min > max || min == max && range.exclusive)
}

/// A default in SQL, if it is a value of the type.
fn default(node: &Node, ty: &DataType) -> Option<String> {
    let quoted = |text: &str| (!text.contains(['\n', '\r', '\0'])).then(|| format!("'{}'", text.replace('\'', "''")));
    match (&node.kind, ty) {
        (Kind::Bool(value), DataType::Boolean) => Some(value.to_string()),
        (Kind::Number(text), ty) if ty.is_integer() => {
            let (least, greatest) = ty.integer_bounds()?;
            let whole = text.strip_suffix(".0").unwrap_or(text);
            whole.parse::<i128>().ok().filter(|value| (least..=greatest).contains(value)).map(|value| value.to_string())
        }
        (Kind::Number(text), DataType::Float32 | DataType::Float64) => Some(text.clone()),
        (Kind::Number(text), DataType::Decimal { scale, .. }) => {
            let digits = text.split_once('.').map_or(0, |(_, rest)| rest.len());
            (!text.contains(['e', 'E']) && i8::try_from(digits).is_ok_and(|digits| digits <= *scale)).then(|| text.clone())
        }
        (Kind::Text(text), DataType::String) => quoted(text),
        (Kind::Text(text), DataType::Enum(values)) => values.contains(text).then(|| quoted(text)).flatten(),
        (Kind::Text(text), DataType::Date) => text.parse::<Date>().ok().and_then(|_| quoted(text)),
        // Whether the parts are of their types, the compiler says.
        (Kind::List(_), DataType::List(_)) | (Kind::Map(_), DataType::Struct(_) | DataType::Map(..)) => {
            quoted(&node.to_value().to_string())
        }
        _ => None,
    }
}

/// Sets what `x-runi-…` keywords of a property say. Whether they say whether there must be a value.
pub(super) fn own_field(reader: &mut Reader, schemas: &[At<'_>], field: &mut Field, path: &str) -> bool {
    let mut own = own(schemas);
    own.shift_remove("type");
    if let Err((part, why)) = parts::set_field(field, &own)
        && let Some(at) = schemas.first()
    {
        reader.refuse(&format!("{path}.{PREFIX}{part}"), at.node, &why);
    }
    own.contains_key("required")
}

/// Sets what `x-runi-…` keywords of the schema say.
pub(super) fn own_contract(reader: &mut Reader, shape: &Shape<'_>, contract: &mut Contract) {
    let mut own = own(&shape.layers);
    own.shift_remove("name");
    if let Err((part, why)) = parts::set_contract(contract, &own)
        && let Some(at) = shape.layers.first()
    {
        reader.refuse(&format!("{PREFIX}{part}"), at.node, &why);
    }
}

fn own(schemas: &[At<'_>]) -> Map<String, Value> {
    let mut own = Map::new();
    for at in schemas {
        for (key, node) in at.node.entries().into_iter().flat_map(|entries| entries.iter()) {
            if let Some(part) = key.strip_prefix(PREFIX) {
                own.entry(part.replace('-', "_")).or_insert_with(|| node.to_value());
            }
        }
    }
    own
}
