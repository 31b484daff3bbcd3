//! Tag arguments, before anyone asks what they mean.

use super::Spanned;
use rowan::TextRange;

/// The arguments of one tag, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Args {
    /// Every argument.
    pub items: Vec<Arg>,
}

/// `value` or `name=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arg {
    /// The part before `=`.
    pub name: Option<Spanned<String>>,
    /// The part after it.
    pub value: Spanned<ArgValue>,
}

/// What stands for a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ArgValue {
    /// `"quoted"`, unescaped.
    Text(String),
    /// Anything bare: `csv`, `1%`, `15m`, `2027-03-31`, `markets-data`, `Instrument.symbol`, `true`, `-3.5`.
    Word(String),
}

impl ArgValue {
    /// The characters, quoted or not.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) | Self::Word(text) => text,
        }
    }
}

impl Args {
    /// The value of `name=`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Spanned<ArgValue>> {
        self.items.iter().find(|arg| arg.name.as_ref().is_some_and(|n| n.value == name)).map(|arg| &arg.value)
    }

    /// The arguments without a name, in order.
    pub fn positional(&self) -> impl Iterator<Item = &Spanned<ArgValue>> {
        self.items.iter().filter(|arg| arg.name.is_none()).map(|arg| &arg.value)
    }

    /// From the start of the first argument to the end of the last.
    #[must_use]
    pub fn range(&self) -> Option<TextRange> {
        let first = self.items.first()?;
        let last = self.items.last()?;
        let start = first.name.as_ref().map_or(first.value.range, |name| name.range);
        Some(start.cover(last.value.range))
    }
}
