//! Where a problem is: a range in a file, or an item by name that is located when it is shown.

use rowan::TextRange;
use serde::{Deserialize, Serialize};

/// A place in one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Workspace-relative path with `/`; empty when the problem belongs to no file.
    pub path: String,
    /// Where in it.
    pub at: At,
}

/// A position inside a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum At {
    /// Bytes of the file.
    Range(#[serde(with = "range")] TextRange),
    /// A named item; the range is found when the diagnostic is shown.
    Item(ItemPath),
    /// The file as a whole.
    File,
}

/// The name of an item inside a file, such as `TradeRaw/field/email`.
///
/// The same strings are the keys of [`crate::model::Spans`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemPath(pub String);

impl Place {
    /// A range of a file.
    #[must_use]
    pub fn range(path: impl Into<String>, range: TextRange) -> Self {
        Self { path: path.into(), at: At::Range(range) }
    }

    /// An item of a file.
    #[must_use]
    pub fn item(path: impl Into<String>, item: impl Into<String>) -> Self {
        Self { path: path.into(), at: At::Item(ItemPath(item.into())) }
    }

    /// A file as a whole.
    #[must_use]
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), at: At::File }
    }

    /// The range, when this place has one.
    #[must_use]
    pub fn text_range(&self) -> Option<TextRange> {
        match self.at {
            At::Range(range) => Some(range),
            At::Item(_) | At::File => None,
        }
    }
}

/// `TextRange` as `[start, end]`.
pub(crate) mod range {
    use rowan::{TextRange, TextSize};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(range: &TextRange, serializer: S) -> Result<S::Ok, S::Error> {
        [u32::from(range.start()), u32::from(range.end())].serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextRange, D::Error> {
        let [start, end] = <[u32; 2]>::deserialize(deserializer)?;
        if start > end {
            return Err(serde::de::Error::custom("a range ends before it starts"));
        }
        Ok(TextRange::new(TextSize::new(start), TextSize::new(end)))
    }
}
