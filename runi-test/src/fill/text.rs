//! Candidates of text fields.

use super::{Candidates, pattern};
use runi_engine::rules::Bounds;
use runi_lang::model::{Field, Range};
use runi_lang::types::DataType;

/// Bytes of the longest text that is made for a length.
const LONGEST: usize = 1 << 16;
/// Texts of one form that are made beyond those that are wanted, before the next form is tried.
const SPARE: usize = 100;
/// The same for numbers that stand there with every check digit.
const SPARE_CHECKED: usize = 20;

/// Texts that may keep the field's rules, the simplest first: of its format, of its pattern, else plain words.
pub(super) fn candidates(field: &Field, wanted: usize) -> Candidates {
    let least = field.rules.length.as_ref().map_or(0, least);
    let mut all: Candidates = Box::new(std::iter::empty());
    if let Some((name, _)) = &field.rules.format {
        all = Box::new(all.chain(format(name, least.min(512), wanted)));
    }
    if let Some((source, _)) = &field.rules.matches {
        all = Box::new(all.chain(pattern::candidates(source)));
    }
    if field.rules.format.is_none() && field.rules.matches.is_none() {
        let each = wanted.saturating_add(SPARE);
        all = Box::new((0..each).map(move |step| padded(word(step), least)).chain((0..each).map(move |step| short(step, least.max(1)))));
        all = Box::new(all.chain([String::new()]));
    }
    all
}

/// The fewest characters that a text may have.
fn least(range: &Range) -> usize {
    match Bounds::parse(range, &runi_engine::sql::types::to_arrow(&DataType::Int64)) {
        Ok(Bounds::Whole { lo, .. }) => usize::try_from(lo).unwrap_or(0).min(LONGEST),
        _ => 0,
    }
}

fn word(step: usize) -> String {
    if step == 0 { "a".to_owned() } else { format!("a{step}") }
}

fn padded(mut text: String, least: usize) -> String {
    let missing = least.saturating_sub(text.chars().count());
    text.extend(std::iter::repeat_n('a', missing));
    text
}

/// The number in letters and digits, of at least so many characters: for texts that may not be long.
fn short(mut step: usize, least: usize) -> String {
    const DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::new();
    while step > 0 || text.len() < least {
        text.insert(0, char::from(DIGITS.get(step % DIGITS.len()).copied().unwrap_or(b'a')));
        step /= DIGITS.len();
    }
    text
}

/// Texts of a format. Check digits are not computed here: all of them are candidates, and one passes.
fn format(name: &str, least: usize, wanted: usize) -> Candidates {
    let (each, numbers) = (wanted.saturating_add(SPARE), wanted.saturating_add(SPARE_CHECKED));
    let numbered = |make: fn(usize) -> String| -> Candidates { Box::new((0..each).map(make)) };
    let first = |text: &str, rest: Candidates| -> Candidates { Box::new(std::iter::once(text.to_owned()).chain(rest)) };
    let longer = |make: fn(usize) -> String, missing: fn(String, usize) -> String| -> Candidates {
        Box::new((0..each).map(move |step| missing(make(step), least)))
    };
    match name {
        "email" => {
            let long = longer(
                |step| format!("a{step}"),
                |local, least| {
                    // The part before the sign has room for 64 characters, the labels behind it for 63 each.
                    let local = padded(local, least.saturating_sub(12).min(64));
                    let mut domain = "example.com".to_owned();
                    while local.len() + 1 + domain.len() < least {
                        let missing = least - local.len() - 2 - domain.len();
                        domain = format!("{}.{domain}", "a".repeat(missing.clamp(1, 63)));
                    }
                    format!("{local}@{domain}")
                },
            );
            Box::new(long.chain(numbered(|step| format!("{}@a.ca", short(step, 1)))))
        }
        "uuid" => numbered(|step| format!("00000000-0000-4000-8000-{step:012x}")),
        "uri" => {
            let long = longer(
                |step| format!("https://example.com/{step}"),
                |uri, least| if uri.len() < least { padded(uri + "/", least) } else { uri },
            );
            Box::new(long.chain(numbered(|step| format!("a:{}", short(step, 1)))))
        }
        "ipv4" => Box::new(
            numbered(|step| format!("192.0.2.{}", step % 256))
                .take(256)
                .chain(numbered(|step| format!("10.{}.{}.{}", step / 65_536 % 256, step / 256 % 256, step % 256))),
        ),
        "ipv6" => numbered(|step| format!("2001:db8::{step:x}")),
        "hostname" => {
            let long = longer(
                |step| format!("h{step}.example.com"),
                |host, least| {
                    let mut host = host;
                    while host.len() < least {
                        host = format!("{}.{host}", "a".repeat((least - host.len()).saturating_sub(1).clamp(1, 63)));
                    }
                    host
                },
            );
            Box::new(long.chain(numbered(|step| short(step, 1))))
        }
        "date" => {
            let days = super::ordered::candidates(&Field::new("day", DataType::Date), each).unwrap_or_default();
            Box::new(days.into_iter())
        }
        "iso4217" => Box::new(["USD", "EUR"].into_iter().map(str::to_owned).chain(letters(3))),
        "iso3166" => first("US", letters(2)),
        "isin" => first("US0378331005", checked(numbers, |number, check| format!("US{number:09}{check}"), 0..10)),
        "lei" => first("5493001KJTIIGC8Y1R12", checked(numbers, |number, check| format!("5493{number:014}{check:02}"), 2..99)),
        "iban" => {
            let british = checked(numbers, |number, check| format!("GB{check:02}WEST{number:014}"), 2..99);
            // Any country's length: the fewest digits that are wanted.
            let digits = least.clamp(15, 34) - 4;
            let other = (0..numbers).flat_map(move |number| (2..99).map(move |check| format!("DE{check:02}{number:0digits$}")));
            first("GB82WEST12345698765432", Box::new(british.chain(other)))
        }
        "bic" => Box::new(
            std::iter::once("DEUTDEFF".to_owned())
                .chain((0..1000).map(|branch| format!("DEUTDEFF{branch:03}")))
                .chain(letters(4).map(|bank| format!("{bank}DEFF"))),
        ),
        "luhn" => {
            let digits = least.saturating_sub(1).clamp(1, 30);
            let short = (0..numbers).flat_map(move |number| (0..10).map(move |check| format!("{number:0digits$}{check}")));
            first("4111111111111111", Box::new(checked(numbers, |number, check| format!("4{number:014}{check}"), 0..10).chain(short)))
        }
        "sin" => first("046454286", checked(numbers, |number, check| format!("1{number:07}{check}"), 0..10)),
        "json" => {
            let long = longer(|step| step.to_string(), |text, least| format!("{{\"a\": \"{}\"}}", padded(text, least.saturating_sub(9))));
            first("{}", Box::new(long.chain(numbered(|step| step.to_string()))))
        }
        "semver" => longer(|step| format!("1.0.{step}"), |text, least| if text.len() < least { padded(text + "-a", least) } else { text }),
        _ => numbered(word),
    }
}

/// Every text of so many capital letters.
fn letters(count: u32) -> Candidates {
    let letter = |number: usize| char::from(b'A' + (number % 26) as u8);
    Box::new((0..26_usize.pow(count)).map(move |number| (0..count).rev().map(|at| letter(number / 26_usize.pow(at))).collect()))
}

/// Numbers, each with every check digit.
fn checked(numbers: usize, make: fn(usize, usize) -> String, checks: std::ops::Range<usize>) -> Candidates {
    Box::new((0..numbers).flat_map(move |number| checks.clone().map(move |check| make(number, check))))
}
