//! How data is reached.

use serde::{Deserialize, Serialize};

/// How to reach data. Paths are relative to the workspace root and use `/`; sources may hold globs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Connector {
    /// Delimited text.
    Csv {
        /// File or glob.
        path: String,
        /// One byte; `,` unless said otherwise.
        delimiter: u8,
        /// Whether the first record names the columns.
        header: bool,
        /// The quote byte.
        quote: u8,
        /// Cells that mean null, unquoted; the empty cell unless said otherwise.
        nulls: Vec<String>,
        /// The compression.
        compression: Compression,
    },
    /// One JSON object a line.
    Json {
        /// File or glob.
        path: String,
        /// The compression.
        compression: Compression,
    },
    /// Parquet files.
    Parquet {
        /// File or glob.
        path: String,
    },
    /// Arrow IPC files.
    Arrow {
        /// File or glob.
        path: String,
    },
    /// A Delta table in a local directory.
    Delta {
        /// The table's directory.
        path: String,
    },
}

impl Connector {
    /// How a file is read that nothing is said of but its name, which may end in `.gz` or `.zst`; `None` when the name does not tell.
    /// Text with columns has a header, and an empty cell is null.
    #[must_use]
    pub fn of_path(path: impl Into<String>) -> Option<Self> {
        let path = path.into();
        let stem = path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(&path);
        let (_, extension) = stem.rsplit_once('.')?;
        let compression = Compression::Auto;
        let csv = |path, delimiter| Self::Csv { path, delimiter, header: true, quote: b'"', nulls: vec![String::new()], compression };
        Some(match extension {
            "csv" => csv(path, b','),
            "tsv" => csv(path, b'\t'),
            "json" | "jsonl" | "ndjson" => Self::Json { path, compression },
            "parquet" => Self::Parquet { path },
            "arrow" | "arrows" | "feather" | "ipc" => Self::Arrow { path },
            _ => return None,
        })
    }

    /// The word that a file writes.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::Json { .. } => "json",
            Self::Parquet { .. } => "parquet",
            Self::Arrow { .. } => "arrow",
            Self::Delta { .. } => "delta",
        }
    }

    /// How rows are laid down, without the place.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Csv { header, delimiter, quote, .. } => Form::Csv { header: *header, delimiter: *delimiter, quote: *quote },
            Self::Json { .. } => Form::Json,
            Self::Parquet { .. } => Form::Parquet,
            Self::Arrow { .. } => Form::Arrow,
            Self::Delta { .. } => Form::Delta,
        }
    }

    /// The path, relative to the workspace.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Csv { path, .. } | Self::Json { path, .. } | Self::Parquet { path } | Self::Arrow { path } | Self::Delta { path } => path,
        }
    }
}

/// How rows are laid down: what tells whether a reader finds the columns that a writer wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Form {
    /// Delimited text.
    Csv {
        /// Whether the first record names the columns.
        header: bool,
        /// Between cells.
        delimiter: u8,
        /// Around cells.
        quote: u8,
    },
    /// One JSON object a line.
    Json,
    /// Parquet files.
    Parquet,
    /// Arrow IPC files.
    Arrow,
    /// A Delta table: Parquet files and a log.
    Delta,
}

impl Form {
    /// The extensions, in lower case, of the files that are read where a source names a directory.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Csv { .. } => &["csv", "tsv", "psv", "txt"],
            Self::Json => &["json", "jsonl", "ndjson"],
            Self::Parquet | Self::Delta => &["parquet"],
            Self::Arrow => &["arrow", "arrows", "ipc", "feather"],
        }
    }
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Csv { header, delimiter, quote } => {
                write!(f, "CSV {} a header", if *header { "with" } else { "without" })?;
                if *delimiter != b',' {
                    write!(f, ", `{}` between cells", char::from(*delimiter).escape_debug())?;
                }
                if *quote != b'"' {
                    write!(f, ", `{}` around them", char::from(*quote).escape_debug())?;
                }
                Ok(())
            }
            Self::Json => f.write_str("JSON"),
            Self::Parquet => f.write_str("Parquet"),
            Self::Arrow => f.write_str("Arrow"),
            Self::Delta => f.write_str("a Delta table"),
        }
    }
}

/// How bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// By the file's extension.
    #[default]
    Auto,
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}
