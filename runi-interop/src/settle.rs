//! The last look at an import: what the compiler would refuse does not get into a contract, and is named as lost.
//!
//! Formats have rules that ours has not: patterns with look-around, defaults that their type does not take, bounds the wrong way round.
//! Their readers carry over what they know; this one asks the compiler about the rest, so that what is generated always checks.

use crate::import::Input;
use crate::{ImportError, Imported, Loss, check};
use runi_lang::diagnostic::{At, Diagnostic, Place};
use runi_lang::diagnostics::interop::unwritable;
use runi_lang::model::{Contract, Field, Spans};
use runi_lang::syntax::write;

/// Takes out of the contracts what the compiler refuses.
///
/// # Errors
/// Something that a contract file cannot say, or that cannot be taken out alone.
pub(crate) fn settle(mut imported: Imported, input: &Input<'_>) -> Result<Imported, ImportError> {
    let mut problems = Vec::new();
    for contract in &mut imported.contracts {
        // Each round takes out at least one part, or ends.
        loop {
            let text = match write::contract(contract) {
                Ok(text) => text,
                Err(error) => {
                    problems.push(unwritable(Place::file(input.name), &error.at, &error.why));
                    break;
                }
            };
            let (file, found) = check::alone(&text);
            let Some(problem) = found.first() else { break };
            let item = item(problem, &file.spans);
            let Some(what) = item.as_deref().and_then(|item| take_out(contract, item)) else {
                problems.push(unwritable(Place::file(input.name), item.as_deref().unwrap_or(&contract.name), &problem.message));
                break;
            };
            let message = format!("{what} is lost: {}", problem.message);
            imported.losses.push(Loss { at: at(&contract.name, item.as_deref().unwrap_or_default()), message, line: None });
        }
    }
    if problems.is_empty() { Ok(imported) } else { Err(ImportError::Source { diagnostics: problems }) }
}

/// The part of the contract that a problem speaks of, by the smallest item around it.
fn item(problem: &Diagnostic, spans: &Spans) -> Option<String> {
    match &problem.place.at {
        At::Item(item) => Some(item.0.clone()),
        At::Range(range) => {
            let around = spans.0.iter().filter(|(_, span)| span.contains_range(*range));
            around.min_by_key(|(_, span)| span.len()).map(|(key, _)| key.clone())
        }
        At::File => None,
    }
}

/// `Trade/field/price/@range` as `Trade.price`.
fn at(contract: &str, item: &str) -> String {
    let mut steps = item.split('/').skip(1);
    match (steps.next(), steps.next()) {
        (Some("field"), Some(field)) => format!("{contract}.{field}"),
        _ => contract.to_owned(),
    }
}

/// Takes the part away and says which.
fn take_out(contract: &mut Contract, item: &str) -> Option<String> {
    let mut steps = item.split('/').skip(1);
    match (steps.next()?, steps.next(), steps.next()) {
        ("field", Some(name), Some(tag)) => {
            let field = contract.fields.iter_mut().find(|field| field.name == name)?;
            let said = field_tag(field, tag.strip_prefix('@')?)?;
            Some(format!("`{said}`"))
        }
        ("rule", Some(n), _) => {
            let n: usize = n.parse().ok()?;
            (n < contract.rules.len()).then(|| format!("the rule \"{}\"", contract.rules.remove(n).title))
        }
        (tag, ..) => {
            let tag = tag.strip_prefix('@')?;
            let (word, number) = tag.split_once('#').unwrap_or((tag, "1"));
            let n = number.parse::<usize>().ok()?.checked_sub(1)?;
            let gone = match word {
                "key" | "unique" => {
                    let nth =
                        contract.keys.iter().enumerate().filter(|(_, key)| key.primary == (word == "key")).nth(n).map(|(at, _)| at)?;
                    let key = contract.keys.remove(nth);
                    format!("`@{word}({})`", key.columns.join(", "))
                }
                "references" if n < contract.references.len() => {
                    format!("`@references({})`", contract.references.remove(n).column)
                }
                "renamed_from" if n < contract.renamed.len() => format!("`@renamed_from({})`", contract.renamed.remove(n).from),
                "freshness" => contract.freshness.take().map(|_| "`@freshness`".to_owned())?,
                _ => return None,
            };
            Some(gone)
        }
    }
}

fn field_tag(field: &mut Field, tag: &str) -> Option<String> {
    let rules = &mut field.rules;
    let there = match tag {
        "range" => rules.range.take().is_some(),
        "length" => rules.length.take().is_some(),
        "matches" => return rules.matches.take().map(|(pattern, _)| format!("@matches({pattern})")),
        "format" => return rules.format.take().map(|(format, _)| format!("@format({format})")),
        "unique" => rules.unique.take().is_some(),
        "enum_policy" => rules.enumeration.take().is_some(),
        "type" => rules.conversion.take().is_some(),
        "default" => return field.default.take().map(|default| format!("@default({default})")),
        "mask" => return field.sensitivity.mask.take().map(|mask| format!("@mask({})", mask.name())),
        _ => false,
    };
    there.then(|| format!("@{tag}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::import::Options;
    use runi_lang::syntax::{FileKind, parse};

    fn settled(text: &str) -> Result<Imported, ImportError> {
        let (file, problems) = runi_lang::lower::contracts("c", &parse(text, FileKind::Contract));
        assert!(problems.is_empty(), "{problems:?}");
        let options = Options::default();
        let input = Input { name: "c", bytes: b"", path: None, options: &options };
        settle(Imported { contracts: file.contracts, ..Imported::default() }, &input)
    }

    #[test]
    fn what_the_compiler_refuses_is_taken_out_and_named() {
        let text = "Contract: T\n\n  a  string  @matches(\"(?!x).*\") @format(emial) @default(\"x\")  \"about a\"\n  b  int64  @range(min=9, max=1) @length(min=1) @mask(hash)\n  \
                    c  date  @default(\"soon\")\n\n  @key(z)\n  @unique(a)\n  @unique(a, y)\n  @rule \"odd\": nothing > 1\n  @rule \"even\": b > 1\n  @references(b, Other.b)\n  @freshness(1d, on=c)\n";
        let imported = settled(text).unwrap();
        let losses: Vec<String> = imported.losses.iter().map(|loss| format!("{}: {}", loss.at, loss.message)).collect();
        assert_eq!(
            write::file(&imported.contracts).unwrap(),
            "Contract: T\n\n  a  string  @default(\"x\")  \"about a\"\n  b  int64\n  c  date\n\n  @unique(a)\n  @rule \"even\": b > 1\n  @references(b, Other.b)\n"
        );
        assert_eq!(losses.len(), 10, "{losses:#?}");
        assert!(losses.iter().any(|loss| loss.starts_with("T.a: `@matches((?!x).*)` is lost: ")), "{losses:#?}");
        assert!(losses.iter().any(|loss| loss.starts_with("T: the rule \"odd\" is lost: unknown column `nothing`")), "{losses:#?}");
    }

    #[test]
    fn what_is_sound_stays_and_what_cannot_be_taken_out_is_an_error() {
        let text = "Contract: T\n\n  a  string  @required @pii(email)\n\n  @key(a)\n";
        assert_eq!(write::file(&settled(text).unwrap().contracts).unwrap(), text);
        let error = settled("Contract: T\n\n  a  string\n\n  @reserved(a)\n").unwrap_err();
        assert_eq!(error.code(), "E1006");
    }
}
