//! Formats with values that are known to be good or bad: published examples and small mistakes in them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rules_support;

use arrow::array::{RecordBatch, StringViewArray};
use rules_support::{contract, field, no_predicates};
use runi_engine::rules::{ContractRules, FORMATS};
use runi_lang::types::DataType;
use std::sync::Arc;

fn accepted(format: &str, values: &[&str]) -> Vec<bool> {
    let array = StringViewArray::from_iter_values(values);
    let batch = RecordBatch::try_from_iter([("v", Arc::new(array) as _)]).unwrap();
    let mut tested = field("v", DataType::String);
    tested.rules.format = Some((format.into(), None));
    let rules = ContractRules::compile(&contract(vec![tested]), &batch.schema(), &mut no_predicates).unwrap();
    let verdicts = rules.evaluate(&batch, &[]).unwrap();
    (0..values.len()).map(|row| verdicts.broken(row).next().is_none()).collect()
}

const KNOWN: &[(&str, &[&str], &[&str])] = &[
    (
        "email",
        &["a@b.co", "first.last+tag@sub.example.org", "o'hara@example.com"],
        &["a@b", "@b.co", "a@", "a b@c.de", "a..b@c.de", ".a@c.de", "a@c..de", "a@-c.de", "a@b@c", ""],
    ),
    (
        "uuid",
        &["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"],
        &["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g", ""],
    ),
    (
        "uri",
        &["https://example.com/a?b=c#d", "mailto:a@b.co", "urn:isbn:0451450523", "x:%20"],
        &["example.com", "1http://x", "http:", "http://a b", "x:%2", "http://é"],
    ),
    ("ipv4", &["0.0.0.0", "192.168.1.255"], &["256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", " 1.2.3.4"]),
    ("ipv6", &["::1", "2001:db8::8a2e:370:7334", "::ffff:1.2.3.4"], &["1.2.3.4", ":::", "2001:db8::1::2", "g::1"]),
    ("hostname", &["localhost", "a.example.com", "1-2.x"], &["-a", "a-", "a..b", "a_b", "", "a b"]),
    ("date", &["2024-02-29", "1999-12-31"], &["2023-02-29", "2024-13-01", "24-01-01", "2024-1-1", "2024-01-01T00:00"]),
    ("iso4217", &["USD", "EUR", "JPY", "XAU"], &["usd", "US", "DEM", "ZZZ"]),
    ("iso3166", &["CA", "GB", "ZW"], &["UK", "ca", "CAN", "XX"]),
    // Apple, Treasury Corporation of Victoria, BAE Systems.
    (
        "isin",
        &["US0378331005", "AU0000XVGZA3", "GB0002634946"],
        &["US0378331004", "US0373831005", "us0378331005", "US037833100", "AU0000XVGZA2"],
    ),
    // Apple Inc., Deutsche Bank AG.
    ("lei", &["HWUPKR0MPOU8FGXBT394", "7LTWFZYICNSX8D621K86"], &["HWUPKR0MPOU8FGXBT395", "HWUPKR0MPOU8FGXBT39", "7LTWFZYICNSX8D621K8A"]),
    ("bic", &["DEUTDEFF", "DEUTDEFF500", "NEDSZAJJXXX"], &["DEUTDEF", "DEUTXXFF", "deutdeff", "DEUTDEFF50"]),
    (
        "iban",
        &["GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606"],
        &["GB82WEST12345698765433", "GB82 WEST 1234 5698 7654 32", "DE88370400440532013000", "XX82WEST12345698765432"],
    ),
    ("luhn", &["79927398713", "4111111111111111", "00"], &["79927398710", "4111111111111112", "7992739871x", "0"]),
    ("json", &["{}", "[1, null]", "\"x\"", " 1 "], &["", "{", "{a:1}", "1 2", "nul"]),
    ("semver", &["1.2.3", "0.0.0-alpha.1+build.7", "1.0.0--a", "1.0.0+001"], &["1.2", "01.2.3", "1.2.3-01", "1.2.3-", "v1.2.3", "1.2.3+"]),
    ("sin", &["046454286", "046 454 286", "046-454-286"], &["046454287", "000000000", "046 454-286", "04645428", "0464542866"]),
];

#[test]
fn known_values() {
    for (format, good, bad) in KNOWN {
        for (value, accepted) in good.iter().zip(accepted(format, good)) {
            assert!(accepted, "{format} takes {value:?}");
        }
        for (value, accepted) in bad.iter().zip(accepted(format, bad)) {
            assert!(!accepted, "{format} refuses {value:?}");
        }
    }
}

#[test]
fn every_format_is_tested_here() {
    let tested: Vec<&str> = KNOWN.iter().map(|(name, _, _)| *name).collect();
    let known: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
    assert_eq!(tested, known);
}
