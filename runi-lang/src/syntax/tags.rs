//! The tags of the language: who may have them, and what follows them.

/// What may stand after a tag and its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nothing.
    Args,
    /// `"title": body`.
    Body,
    /// `as name`.
    Named,
    /// `when …` or `otherwise`.
    Routed,
}

/// Where a tag is at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// Above a scenario or a reusable step.
    Above,
    /// Under a scenario.
    Scenario,
    /// Under a step: an inline one, a use, a reusable one.
    Step,
    /// Under a contract, on a line of its own.
    Contract,
    /// On a field's line.
    Field,
}

/// Every tag with its homes and its shape.
pub(crate) const TAGS: &[(&str, &[Home], Shape)] = &[
    ("module", &[Home::Above], Shape::Args),
    ("herd", &[Home::Above], Shape::Args),
    ("source", &[Home::Scenario], Shape::Named),
    ("step", &[Home::Scenario], Shape::Named),
    ("sink", &[Home::Scenario], Shape::Routed),
    ("quality", &[Home::Scenario], Shape::Args),
    ("assert", &[Home::Scenario], Shape::Body),
    ("alert", &[Home::Scenario], Shape::Args),
    ("window", &[Home::Scenario], Shape::Args),
    ("golden", &[Home::Scenario], Shape::Args),
    ("when", &[Home::Step], Shape::Body),
    ("then", &[Home::Step], Shape::Body),
    ("do", &[Home::Step], Shape::Body),
    ("on_fail", &[Home::Step, Home::Contract], Shape::Args),
    ("contract", &[Home::Step], Shape::Args),
    ("version", &[Home::Contract], Shape::Args),
    ("owner", &[Home::Contract], Shape::Args),
    ("classification", &[Home::Contract, Home::Field], Shape::Args),
    ("compliance", &[Home::Contract], Shape::Args),
    ("compatibility", &[Home::Contract], Shape::Args),
    ("key", &[Home::Contract], Shape::Args),
    ("unique", &[Home::Contract, Home::Field], Shape::Args),
    ("rule", &[Home::Contract], Shape::Body),
    ("references", &[Home::Contract], Shape::Args),
    ("freshness", &[Home::Contract], Shape::Args),
    ("retention", &[Home::Contract], Shape::Args),
    ("renamed_from", &[Home::Contract], Shape::Args),
    ("reserved", &[Home::Contract], Shape::Args),
    ("accept", &[Home::Contract, Home::Above], Shape::Args),
    ("drift", &[Home::Contract], Shape::Args),
    ("required", &[Home::Field], Shape::Args),
    ("range", &[Home::Field], Shape::Args),
    ("length", &[Home::Field], Shape::Args),
    ("matches", &[Home::Field], Shape::Args),
    ("format", &[Home::Field], Shape::Args),
    ("pii", &[Home::Field], Shape::Args),
    ("mask", &[Home::Field], Shape::Args),
    ("access", &[Home::Field], Shape::Args),
    ("unit", &[Home::Field], Shape::Args),
    ("default", &[Home::Field], Shape::Args),
    ("deprecated", &[Home::Contract, Home::Field], Shape::Args),
    ("enum_policy", &[Home::Field], Shape::Args),
    ("type", &[Home::Field], Shape::Args),
];

/// The shape of a tag that the language knows; `name` without `@`.
pub(crate) fn shape(name: &str) -> Option<Shape> {
    TAGS.iter().find(|(tag, ..)| *tag == name).map(|(.., shape)| *shape)
}

/// The known tag that a misspelled one was probably meant to be, among those that `wanted` takes.
pub(crate) fn meant(name: &str, wanted: impl Fn(&[Home]) -> bool) -> Option<&'static str> {
    crate::diagnostics::nearest_word(name, TAGS.iter().filter(|(_, homes, _)| wanted(homes)).map(|(tag, ..)| *tag))
}

/// Where a tag that the language knows is at home.
pub(crate) fn homes(name: &str) -> Option<&'static [Home]> {
    TAGS.iter().find(|(tag, ..)| *tag == name).map(|(_, homes, _)| *homes)
}

/// The tags at home in one place.
pub(crate) fn of(home: Home) -> impl Iterator<Item = &'static str> {
    TAGS.iter().filter(move |(_, homes, _)| homes.contains(&home)).map(|(tag, ..)| *tag)
}
