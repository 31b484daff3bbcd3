//! `validate:"required,gt=0"`, as `go-playground/validator` (and `binding`, as Gin) understands it.

use crate::import::code::{self, Bound, Member, Said, Say, Shape};
use runi_lang::diagnostic::{Diagnostic, Place, TextRange};
use runi_lang::diagnostics::interop::foreign_value;
use runi_lang::diagnostics::nearest;
use runi_lang::syntax::write;

/// Validators that are a format of ours.
const FORMATS: &[(&str, &str)] = &[
    ("email", "email"),
    ("uuid", "uuid"),
    ("uuid3", "uuid"),
    ("uuid4", "uuid"),
    ("uuid5", "uuid"),
    ("uuid_rfc4122", "uuid"),
    ("uuid4_rfc4122", "uuid"),
    ("url", "uri"),
    ("uri", "uri"),
    ("http_url", "uri"),
    ("ipv4", "ipv4"),
    ("ip4_addr", "ipv4"),
    ("ipv6", "ipv6"),
    ("ip6_addr", "ipv6"),
    ("hostname", "hostname"),
    ("hostname_rfc1123", "hostname"),
    ("fqdn", "hostname"),
    ("iso4217", "iso4217"),
    ("iso3166_1_alpha2", "iso3166"),
    ("bic", "bic"),
    ("bic_iso_9362_2014", "bic"),
    ("json", "json"),
    ("semver", "semver"),
    ("luhn_checksum", "luhn"),
    ("credit_card", "luhn"),
];

/// Validators that are a pattern.
const PATTERNS: &[(&str, &str)] = &[
    ("alpha", "[A-Za-z]+"),
    ("alphanum", "[A-Za-z0-9]+"),
    ("alphaunicode", "\\p{L}+"),
    ("alphanumunicode", "[\\p{L}\\p{N}]+"),
    ("numeric", "[-+]?[0-9]+(?:\\.[0-9]+)?"),
    ("number", "[0-9]+"),
    ("hexadecimal", "(?:0[xX])?[0-9a-fA-F]+"),
    ("lowercase", "[^\\p{Lu}]+"),
    ("uppercase", "[^\\p{Ll}]+"),
    ("ascii", "[\\x00-\\x7F]*"),
    ("e164", "\\+[1-9]?[0-9]{7,14}"),
    ("mongodb", "[a-f0-9]{24}"),
    ("md5", "[0-9a-f]{32}"),
    ("sha256", "[0-9a-f]{64}"),
];

/// Validators that are something else here, or have to be named as lost.
const OTHERS: &[&str] = &[
    "required",
    "omitempty",
    "omitzero",
    "omitnil",
    "gt",
    "gte",
    "lt",
    "lte",
    "min",
    "max",
    "len",
    "eq",
    "ne",
    "oneof",
    "datetime",
    "dive",
    "keys",
    "endkeys",
    "unique",
    "startswith",
    "endswith",
    "contains",
    "isdefault",
    "structonly",
    "nostructlevel",
    "required_if",
    "required_unless",
    "required_with",
    "required_without",
    "excluded_if",
    "excluded_with",
    "eqfield",
    "nefield",
    "gtfield",
    "gtefield",
    "ltfield",
    "ltefield",
    "ip",
    "cidr",
    "mac",
    "isbn",
    "boolean",
    "base64",
    "latitude",
    "longitude",
    "timezone",
    "iso3166_1_alpha3",
    "printascii",
    "file",
];

/// Reads the validators of a field.
pub(super) fn read(path: &str, text: &str, whole: TextRange, start: Option<usize>, member: &mut Member, problems: &mut Vec<Diagnostic>) {
    let mut at = 0;
    for item in text.split(',') {
        let range = start.map_or(whole, |start| code::range(start + at, start + at + item.len()));
        at += item.len() + 1;
        let (word, value) = item.split_once('=').unwrap_or((item, ""));
        if matches!(word, "dive" | "keys") {
            member
                .said
                .push(Said { say: Say::Lost("what holds for its items is lost: a contract knows their type only".to_owned()), range });
            return;
        }
        for say in says(path, item, word, value, range, member, problems) {
            member.said.push(Said { say, range });
        }
    }
}

fn says(path: &str, item: &str, word: &str, value: &str, range: TextRange, member: &Member, problems: &mut Vec<Diagnostic>) -> Vec<Say> {
    let lost = |why: &str| vec![Say::Lost(format!("`{item}` is lost: {why}"))];
    let pattern = |pattern: &str| write::text(pattern).map(|pattern| Say::Implied(format!("@matches({pattern})"))).into_iter().collect();
    let mut wants = |what: &str| {
        problems.push(foreign_value(Place::range(path, range), &format!("argument of `{word}`"), value, what, &[]));
        Vec::new()
    };
    if item.contains('|') {
        return lost("one of several is enough");
    }
    if let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == word) {
        return vec![Say::Implied(format!("@format({format})"))];
    }
    if let Some((_, known)) = PATTERNS.iter().find(|(known, _)| *known == word) {
        return pattern(known);
    }
    let time = matches!(bare(&member.shape), Shape::Known(runi_lang::types::DataType::Timestamp { .. }));
    match word {
        "" | "structonly" | "nostructlevel" | "omitnil" => Vec::new(),
        "required" => vec![Say::Required(true)],
        "omitempty" | "omitzero" if member.optional || matches!(member.shape, Shape::Optional(_)) => Vec::new(),
        "omitempty" | "omitzero" => lost("the empty value would be checked too"),
        "gt" | "gte" | "lt" | "lte" if value.is_empty() && time => lost("it compares with the moment of the check"),
        "gt" | "gte" | "lt" | "lte" | "min" | "max" | "len" if number(value).is_none() => wants("a number stands here"),
        "gt" | "gte" | "min" => vec![bound(true, word == "gt", value, word)],
        "lt" | "lte" | "max" => vec![bound(false, word == "lt", value, word)],
        "len" => vec![bound(true, false, value, word), bound(false, false, value, word)],
        "eq" | "ne" if value.is_empty() => wants("a value stands here"),
        "eq" => vec![Say::Enum(vec![value.to_owned()])],
        "ne" => vec![Say::Not(value.to_owned())],
        "oneof" => match values(value) {
            Some(values) => vec![Say::Enum(values)],
            None => wants("values stand here, parted by blanks; single quotes hold blanks together"),
        },
        "datetime" if value == "2006-01-02" => vec![Say::Implied("@format(date)".to_owned())],
        "startswith" if !value.is_empty() => pattern(&format!("(?s){}.*", escaped(value))),
        "endswith" if !value.is_empty() => pattern(&format!("(?s).*{}", escaped(value))),
        "contains" if !value.is_empty() => pattern(&format!("(?s).*{}.*", escaped(value))),
        "startswith" | "endswith" | "contains" => wants("a text stands here"),
        _ if OTHERS.contains(&word) => lost("a contract has no such rule"),
        _ => {
            let known: Vec<&str> = FORMATS.iter().chain(PATTERNS).map(|(known, _)| *known).chain(OTHERS.iter().copied()).collect();
            if nearest(word, known.iter().copied()).is_some() {
                problems.push(foreign_value(Place::range(path, range), "validator", word, "", &known));
                return Vec::new();
            }
            lost("it is a validator of your own")
        }
    }
}

fn bare(shape: &Shape) -> &Shape {
    match shape {
        Shape::Optional(inner) => inner,
        other => other,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite() && !text.starts_with('+'))
}

fn bound(lower: bool, exclusive: bool, value: &str, word: &str) -> Say {
    Say::Bound(Bound { lower, exclusive, value: value.to_owned(), word: word.to_owned() })
}

/// `a b 'c d'`.
fn values(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (value, after) = match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split_once('\'')?,
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        found.push(value.to_owned());
        rest = after.trim_start();
    }
    (!found.is_empty()).then_some(found)
}

/// A text as a pattern that matches it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '#' | '&' | '-' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
