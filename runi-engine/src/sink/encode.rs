//! What every format does with columns, and how it fails.

use crate::error::EngineError;
use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use std::error::Error;
use std::io;
use std::path::Path;

/// Turns columns into the bytes of one file.
pub(super) trait Encoder: Send {
    /// Whether text and bytes may come as views where the file has plain ones.
    fn takes_views(&self) -> bool {
        false
    }

    /// Encodes `rows` rows. The columns have the fields' types.
    fn write(&mut self, columns: Vec<ArrayRef>, rows: usize) -> Result<(), Fault>;

    /// Ends the file and makes it durable.
    fn finish(self: Box<Self>) -> Result<Encoded, Fault>;
}

/// A finished file.
pub(super) struct Encoded {
    /// Its length.
    pub(super) bytes: u64,
    /// `blake3:…` of its content.
    pub(super) digest: String,
}

/// Why encoding failed; the sink's name and path are added by [`Fault::at`].
#[derive(Debug)]
pub(super) enum Fault {
    /// The system refused.
    Io(io::Error),
    /// The rows do not fit the format.
    Encoding(String),
}

impl Fault {
    pub(super) fn at(self, sink: &str, path: &Path) -> EngineError {
        match self {
            Self::Io(source) => EngineError::Io { action: "write", path: path.to_owned(), source },
            Self::Encoding(message) => EngineError::Engine { context: format!("sink `{sink}`"), message },
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ArrowError> for Fault {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, source) => Self::Io(source),
            ArrowError::ExternalError(source) => Self::from_source(source),
            other => Self::Encoding(other.to_string()),
        }
    }
}

impl From<ParquetError> for Fault {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(source) => Self::from_source(source),
            other => Self::Encoding(other.to_string()),
        }
    }
}

impl Fault {
    /// Libraries box the system's errors; a full disk must still be told as one.
    fn from_source(source: Box<dyn Error + Send + Sync>) -> Self {
        match source.downcast::<io::Error>() {
            Ok(error) => Self::Io(*error),
            Err(other) => Self::Encoding(other.to_string()),
        }
    }
}
