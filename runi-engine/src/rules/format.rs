//! `@format`: well-known shapes of text, with their checksums where they have one.

use super::registers::{COUNTRIES, CURRENCIES};
use runi_lang::model::Date;
use serde::de::IgnoredAny;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A test of a format.
pub(crate) type Format = fn(&str) -> bool;

/// Every format: its name, and a phrase that ends the sentence "the value is …".
pub const FORMATS: &[(&str, &str)] = &[
    ("email", "an e-mail address"),
    ("uuid", "a UUID"),
    ("uri", "an absolute URI"),
    ("ipv4", "an IPv4 address"),
    ("ipv6", "an IPv6 address"),
    ("hostname", "a host name"),
    ("date", "a date, as `2027-03-31`"),
    ("iso4217", "an ISO 4217 currency code"),
    ("iso3166", "an ISO 3166 two-letter country code"),
    ("isin", "an ISIN with a right check digit"),
    ("lei", "an LEI with right check digits"),
    ("bic", "a BIC"),
    ("iban", "an IBAN with right check digits"),
    ("luhn", "a number with a right Luhn check digit"),
    ("json", "JSON"),
    ("semver", "a semantic version"),
    ("sin", "a Canadian social insurance number"),
];

/// The test of a format, and its phrase.
pub(crate) fn format(name: &str) -> Option<(Format, &'static str)> {
    let test: Format = match name {
        "email" => email,
        "uuid" => uuid,
        "uri" => uri,
        "ipv4" => |text| text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => |text| text.parse::<Ipv6Addr>().is_ok(),
        "hostname" => hostname,
        "date" => |text| text.parse::<Date>().is_ok(),
        "iso4217" => |text| CURRENCIES.binary_search(&text).is_ok(),
        "iso3166" => country,
        "isin" => isin,
        "lei" => lei,
        "bic" => bic,
        "iban" => iban,
        "luhn" => |text| text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_digit()) && luhn(text.bytes().map(|byte| byte - b'0')),
        "json" => |text| serde_json::from_str::<IgnoredAny>(text).is_ok(),
        "semver" => semver,
        "sin" => sin,
        _ => return None,
    };
    FORMATS.iter().find(|(known, _)| *known == name).map(|(_, doc)| (test, *doc))
}

fn country(text: &str) -> bool {
    COUNTRIES.binary_search(&text).is_ok()
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase()
}

fn code(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// Every address that mail servers take without quoting, with a domain of two labels or more; at most 254 bytes.
fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte));
    text.len() <= 254 && local.len() <= 64 && local.split('.').all(atom) && domain.contains('.') && hostname(domain)
}

/// RFC 1123: labels of letters, digits and inner hyphens, at most 63 bytes each and 253 in all.
fn hostname(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn uuid(text: &str) -> bool {
    let Ok(bytes) = <&[u8; 36]>::try_from(text.as_bytes()) else { return false };
    let dashes = [8, 13, 18, 23].iter().all(|at| bytes[*at] == b'-');
    // Counted without a branch per byte: this runs once per row.
    let digits = bytes.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    dashes && digits == 32
}

/// RFC 3986: a scheme, and after it only characters that a URI may hold, percent signs before two hex digits.
fn uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let mut bytes = rest.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => bytes.next().is_some_and(|b| b.is_ascii_hexdigit()) && bytes.next().is_some_and(|b| b.is_ascii_hexdigit()),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    scheme_fits && !rest.is_empty()
}

/// Luhn's sum over digits, the last of them the check digit.
fn luhn(digits: impl DoubleEndedIterator<Item = u8>) -> bool {
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The value of a letter or digit in ISO 7064 and in ISINs: digits are themselves, `A` is 10.
fn value(byte: u8) -> u8 {
    if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 }
}

/// ISO 7064 mod 97-10 over letters and digits.
fn mod97(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0, |rest, byte| {
        let value = u32::from(value(byte));
        (rest * if value < 10 { 10 } else { 100 } + value) % 97
    })
}

fn isin(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 12
        && bytes.iter().take(2).copied().all(upper)
        && bytes.iter().copied().all(code)
        && bytes.last().is_some_and(u8::is_ascii_digit);
    let digits = || bytes.iter().flat_map(|byte| [value(*byte) / 10, value(*byte) % 10].into_iter().skip(usize::from(value(*byte) < 10)));
    shape && luhn(digits().collect::<Vec<_>>().into_iter())
}

fn lei(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 20
        && bytes.iter().copied().all(code)
        && bytes.iter().skip(18).all(u8::is_ascii_digit)
        && mod97(bytes.iter().copied()) == 1
}

/// ISO 9362: four characters of the institution, a country, a place, and perhaps a branch.
fn bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11) && text.bytes().all(code) && text.get(4..6).is_some_and(|at| country(at) || at == "XK")
}

/// ISO 13616 in its electronic form, without blanks. Lengths of single countries are not checked, the check digits are.
fn iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    (15..=34).contains(&bytes.len())
        && bytes.iter().copied().all(code)
        && text.get(..2).is_some_and(|at| country(at) || at == "XK")
        && bytes.iter().skip(2).take(2).all(u8::is_ascii_digit)
        && mod97(bytes.iter().skip(4).chain(bytes.iter().take(4)).copied()) == 1
}

/// Nine digits, bare or in threes, with Luhn's check digit.
fn sin(text: &str) -> bool {
    let grouped = text.len() == 11 && matches!(text.as_bytes(), [_, _, _, a @ (b' ' | b'-'), _, _, _, b, ..] if a == b);
    if text.len() != 9 && !grouped {
        return false;
    }
    let digits = || text.bytes().enumerate().filter(|(at, _)| !grouped || !matches!(at, 3 | 7)).map(|(_, byte)| byte);
    digits().all(|byte| byte.is_ascii_digit())
        && digits().any(|byte| byte != b'0')
        && luhn(digits().map(|byte| byte - b'0').collect::<Vec<_>>().into_iter())
}

/// Semantic Versioning 2.0.0.
fn semver(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && (part.len() == 1 || !part.starts_with('0'));
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let label = |part: &str| word(part) && (!part.bytes().all(|b| b.is_ascii_digit()) || number(part));
    core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(|pre| pre.split('.').all(label))
        && build.is_none_or(|build| build.split('.').all(word))
}
