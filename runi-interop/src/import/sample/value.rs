//! What one text looks like.

use runi_lang::model::Date;

/// Words that many tools write where there is no value.
pub(super) const NULL_WORDS: &[&str] =
    &["NA", "N/A", "n/a", "NULL", "null", "Null", "None", "NaN", "nan", "\\N", "-", "--", "?", "#N/A", "(null)", "<NA>"];

/// A text, as what it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// A whole number without leading zeros, of 64 bits.
    Whole(i128),
    /// Digits that a number would lose: a leading zero, a plus sign, too many of them.
    Digits,
    /// A number with so many digits before and behind the point.
    Fraction(u8, u8),
    /// A number in scientific notation, or one with more digits than a decimal keeps.
    Float,
    /// `true` or `false`.
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM:SS`.
    Time,
    /// A day and a time, whether an offset follows, and how many digits the second has behind its point.
    Timestamp(bool, u8),
    /// Anything else.
    Text,
}

/// How a text looks. Whatever is said here, the engine reads as that type.
pub(super) fn look(text: &str) -> Looks {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => {}
        Some(b't' | b'f' | b'T' | b'F') if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
            return Looks::Boolean;
        }
        _ => return Looks::Text,
    }
    if bytes.get(4) == Some(&b'-') || bytes.get(2) == Some(&b':') {
        return moment(text);
    }
    number(text)
}

fn number(text: &str) -> Looks {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() {
        return Looks::Text;
    }
    if all(digits) {
        let leading = digits.len() > 1 && digits.starts_with('0');
        let value = if leading { None } else { text.parse::<i128>().ok() };
        let value = value.filter(|value| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(value));
        return value.map_or(Looks::Digits, Looks::Whole);
    }
    if let Some(rest) = text.strip_prefix('+') {
        return if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b' ' || b == b'-') {
            Looks::Digits
        } else {
            Looks::Text
        };
    }
    if let Some((whole, rest)) = digits.split_once('.')
        && !whole.is_empty()
        && !rest.is_empty()
        && all(whole)
        && all(rest)
    {
        if whole.len() > 1 && whole.starts_with('0') {
            return Looks::Digits;
        }
        return match (u8::try_from(whole.len()), u8::try_from(rest.len())) {
            (Ok(whole), Ok(rest)) if whole < 19 && rest < 19 => Looks::Fraction(whole, rest),
            _ => Looks::Float,
        };
    }
    let scientific = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    if scientific && digits.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok_and(f64::is_finite) {
        return Looks::Float;
    }
    Looks::Text
}

fn moment(text: &str) -> Looks {
    if let Some(digits) = clock(text) {
        return if digits <= 6 { Looks::Time } else { Looks::Text };
    }
    let Some(day) = text.get(..10) else { return Looks::Text };
    if day.parse::<Date>().is_err() || day.starts_with("0000") {
        return Looks::Text;
    }
    let Some(rest) = text.get(10..).filter(|rest| !rest.is_empty()) else { return Looks::Date };
    let Some(rest) = rest.strip_prefix(['T', ' ']) else { return Looks::Text };
    let (time, zoned) = if let Some(time) = rest.strip_suffix('Z') {
        (time, true)
    } else if let Some(at) = rest.rfind(['+', '-']) {
        let offset = rest.get(at + 1..).unwrap_or_default();
        let fits = match offset.as_bytes() {
            [a, b, b':', c, d] | [a, b, c, d] => {
                [a, b, c, d].iter().all(|b| b.is_ascii_digit()) && offset.get(..2).is_some_and(|h| h < "15")
            }
            _ => false,
        };
        if !fits {
            return Looks::Text;
        }
        (rest.get(..at).unwrap_or_default(), true)
    } else {
        (rest, false)
    };
    match clock(time) {
        Some(digits) if digits <= 9 => Looks::Timestamp(zoned, digits),
        _ => Looks::Text,
    }
}

/// The digits behind the point of `HH:MM:SS.fff`; `None` when it is no time.
fn clock(text: &str) -> Option<u8> {
    let (time, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = time.split(':');
    for limit in [24_u32, 60, 60] {
        let part = parts.next()?;
        let fits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok_and(|n| n < limit);
        if !fits {
            return None;
        }
    }
    let plain = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !plain {
        return None;
    }
    u8::try_from(if text.contains('.') { fraction.len() } else { 0 }).ok()
}

/// A format that a text has for sure: never more than the engine's own test lets pass.
pub(super) fn format(text: &str) -> Option<&'static str> {
    let uuid = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    if uuid {
        return Some("uuid");
    }
    if email(text) {
        return Some("email");
    }
    text.parse::<std::net::Ipv4Addr>().is_ok().then_some("ipv4")
}

fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'_' | b'-'));
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 254 && local.len() <= 64 && local.split('.').all(atom) && domain.contains('.') && domain.split('.').all(label)
}

/// Letters and digits replaced, so that a message shows how a value looks and not what it is.
pub(super) fn shape(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(24)
        .map(|c| match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    if text.chars().nth(24).is_some() {
        out.push('…');
    }
    out
}

/// Personal data, by a column's name or by how its values look.
pub(super) fn personal(name: &str, format: Option<&str>) -> Option<&'static str> {
    let words: Vec<String> = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str())) || wanted.contains(&words.concat().as_str());
    match () {
        () if format == Some("email") || has(&["email", "mail", "emailaddress"]) => Some("email"),
        () if has(&["phone", "telephone", "mobile", "fax", "msisdn", "phonenumber"]) => Some("phone"),
        () if has(&["iban"]) => Some("iban"),
        () if has(&["ssn", "sin", "nino", "passport", "taxid"]) => Some("national_id"),
        () if has(&["firstname", "lastname", "fullname", "surname", "givenname", "familyname"]) => Some("name"),
        () if has(&["dob", "birthdate", "birthday", "dateofbirth"]) => Some("birth_date"),
        () if has(&["card", "cardnumber", "pan", "creditcard"]) => Some("card_number"),
        () if has(&["ip", "ipaddress"]) && format == Some("ipv4") => Some("ip_address"),
        () => None,
    }
}
