//! What is left of a member that becomes a part of a struct: its name and its type. Its sensitivity goes up to the column.

use runi_lang::model::{Field, FieldRules, Sensitivity};

/// What a part's field says that a part cannot, by name; `required` is told once for the whole column.
pub(super) fn lost(field: &Field) -> Vec<&'static str> {
    let Field { rules, sensitivity, unit, default, deprecated, description, name: _, ty: _ } = field;
    let FieldRules { required: _, unique, range, length, matches, format, enumeration, conversion } = rules;
    let said = [
        ("@unique", unique.is_some()),
        ("@range", range.is_some()),
        ("@length", length.is_some()),
        ("@matches", matches.is_some()),
        ("@format", format.is_some()),
        ("@enum_policy", enumeration.is_some()),
        ("@type", conversion.is_some()),
        ("@mask", sensitivity.mask.is_some()),
        ("@unit", unit.is_some()),
        ("@default", default.is_some()),
        ("@deprecated", deprecated.is_some()),
        ("its description", !description.is_empty()),
    ];
    said.into_iter().filter(|(_, said)| *said).map(|(word, _)| word).collect()
}

/// Adds what makes a part sensitive to what makes the column so. A mask cannot go up: it was made for the part.
pub(super) fn lift(up: &mut Sensitivity, part: &Sensitivity) {
    if up.pii.is_none() {
        up.pii.clone_from(&part.pii);
    }
    for role in &part.access {
        if !up.access.contains(role) {
            up.access.push(role.clone());
        }
    }
    up.classification = higher(up.classification.take(), part.classification.clone());
}

/// The stricter of two levels.
fn higher(a: Option<String>, b: Option<String>) -> Option<String> {
    const LEVELS: [&str; 4] = ["public", "internal", "confidential", "restricted"];
    let rank = |level: &Option<String>| level.as_ref().and_then(|level| LEVELS.iter().position(|known| known == level));
    if rank(&b) > rank(&a) { b } else { a }
}
