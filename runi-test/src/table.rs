//! Tables of text: what examples and goldens hold.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use runi_engine::source::plain;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// What a golden may be.
const FORMATS: &str = "a golden is a .csv, .json or .jsonl file";

/// The cells of a row; `None` is null.
pub type Row = Vec<Option<String>>;

/// A table of texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Row>,
    /// Columns whose values stand in JSON without quotes: booleans, numbers but decimals, lists, structs and maps.
    pub bare: BTreeSet<String>,
}

/// A golden that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its content.
    #[error("`{path}`: {message}")]
    Content {
        /// Which file.
        path: String,
        /// What is wrong.
        message: String,
    },
}

impl Table {
    /// Reads a golden: `.csv` (header, empty cells are null), `.jsonl`, or `.json` (an array of objects, or lines).
    ///
    /// # Errors
    /// The file cannot be read, or is not what its name says.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let shown = path.display().to_string();
        let content = |message: String| TableError::Content { path: shown.clone(), message };
        let read: fn(&str) -> Result<Self, String> = match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Self::from_csv,
            Some("json" | "jsonl" | "ndjson") => Self::from_json,
            _ => return Err(content(FORMATS.to_owned())),
        };
        let text = std::fs::read_to_string(path).map_err(|source| TableError::Io { action: "read", path: shown.clone(), source })?;
        read(&text).map_err(content)
    }

    /// Writes a golden in the format that its name says.
    ///
    /// # Errors
    /// The file cannot be written, or its name says no format.
    pub fn write(&self, path: &Path) -> Result<(), TableError> {
        let shown = path.display().to_string();
        let text = match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => self.to_csv(""),
            Some("json") => format!("[\n{}\n]\n", self.json_lines("  ").join(",\n")),
            Some("jsonl" | "ndjson") => self.json_lines("").into_iter().map(|line| line + "\n").collect(),
            _ => return Err(TableError::Content { path: shown, message: FORMATS.to_owned() }),
        };
        let io = |source| TableError::Io { action: "write", path: shown.clone(), source };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(io)?;
        let file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
        std::fs::write(file.path(), text).map_err(io)?;
        file.persist(path).map(drop).map_err(|error| io(error.error))
    }

    fn from_csv(text: &str) -> Result<Self, String> {
        let mut records = csv_records(text.strip_prefix('\u{feff}').unwrap_or(text))?.into_iter();
        let header = records.next().ok_or("is empty")?;
        let columns: Vec<String> = header.into_iter().map(|(cell, _)| cell).collect();
        if let Some((_, twice)) = columns.iter().enumerate().find(|(at, name)| columns.iter().take(*at).any(|before| before == *name)) {
            return Err(format!("has the column `{twice}` twice"));
        }
        let mut rows = Vec::new();
        for (number, record) in records.enumerate() {
            if record.len() != columns.len() {
                return Err(format!("row {} has {} cells where the header has {}", number + 1, record.len(), columns.len()));
            }
            rows.push(record.into_iter().map(|(cell, quoted)| if cell.is_empty() && !quoted { None } else { Some(cell) }).collect());
        }
        Ok(Self { columns, rows, bare: BTreeSet::new() })
    }

    fn from_json(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        let records = plain::json_records(text.strip_prefix('\u{feff}').unwrap_or(text))?;
        for (key, _) in records.iter().flatten() {
            if !table.columns.contains(key) {
                table.columns.push(key.clone());
            }
        }
        for mut record in records {
            let mut take = |column: &String| record.iter_mut().find(|(key, _)| key == column).and_then(|(_, cell)| cell.take());
            table.rows.push(table.columns.iter().map(&mut take).collect());
        }
        Ok(table)
    }

    /// CSV with `null` for null; a cell that reads the same is quoted.
    pub(crate) fn to_csv(&self, null: &str) -> String {
        let quote = |text: &str| {
            if text.is_empty() || text == null || text.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let mut lines = vec![self.columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(",")];
        lines.extend(
            self.rows
                .iter()
                .map(|row| row.iter().map(|cell| cell.as_deref().map_or_else(|| null.to_owned(), quote)).collect::<Vec<_>>().join(",")),
        );
        lines.join("\n") + "\n"
    }

    fn json_lines(&self, indent: &str) -> Vec<String> {
        let value = |column: &String, cell: &Option<String>| {
            let Some(text) = cell else { return Value::Null };
            let bare = self.bare.contains(column).then(|| serde_json::from_str::<Value>(text).ok()).flatten();
            bare.unwrap_or_else(|| Value::String(text.clone()))
        };
        let line = |row: &Row| {
            let cells = self.columns.iter().zip(row);
            let pairs = cells.map(|(column, cell)| format!("{}: {}", Value::String(column.clone()), value(column, cell)));
            format!("{indent}{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        };
        self.rows.iter().map(line).collect()
    }

    /// What came out of a run, as text.
    ///
    /// # Errors
    /// A value cannot be shown.
    pub fn from_batches(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Self, String> {
        let mut table = Self::default();
        for field in schema.fields() {
            table.columns.push(field.name().clone());
            let ty = field.data_type();
            if *ty == DataType::Boolean || ty.is_integer() || ty.is_floating() || ty.is_nested() {
                table.bare.insert(field.name().clone());
            }
        }
        for batch in batches {
            let shown: Vec<Row> = batch.columns().iter().map(texts).collect::<Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                table.rows.push(shown.iter().map(|column| column.get(row).cloned().flatten()).collect());
            }
        }
        Ok(table)
    }
}

/// Every value of a column as text; nested values as JSON.
pub(crate) fn texts(column: &ArrayRef) -> Result<Row, String> {
    plain::texts(column).or_else(|_| {
        // What the language has no values of, such as spans of time, is shown as Arrow shows it.
        let options = arrow::util::display::FormatOptions::default();
        let formatter = arrow::util::display::ArrayFormatter::try_new(column, &options).map_err(|error| error.to_string())?;
        Ok((0..column.len()).map(|row| (!column.is_null(row)).then(|| formatter.value(row).to_string())).collect())
    })
}

/// Records of cells and whether each was quoted.
fn csv_records(text: &str) -> Result<Vec<Vec<(String, bool)>>, String> {
    let mut records = Vec::new();
    let mut record: Vec<(String, bool)> = Vec::new();
    let (mut cell, mut quoted, mut inside) = (String::new(), false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if inside => inside = false,
            '"' if cell.is_empty() && !quoted => (quoted, inside) = (true, true),
            ',' if !inside => record.push((std::mem::take(&mut cell), std::mem::take(&mut quoted))),
            '\r' if !inside && chars.peek() == Some(&'\n') => {}
            '\n' if !inside => {
                // An empty line is nothing, unless there is one column: then it is a null.
                let one = records.first().is_some_and(|header: &Vec<(String, bool)>| header.len() == 1);
                if record.is_empty() && cell.is_empty() && !quoted && !one {
                    continue;
                }
                record.push((std::mem::take(&mut cell), std::mem::take(&mut quoted)));
                records.push(std::mem::take(&mut record));
            }
            other => cell.push(other),
        }
    }
    if inside {
        return Err("ends inside a quoted cell".to_owned());
    }
    if !record.is_empty() || !cell.is_empty() || quoted {
        record.push((cell, quoted));
        records.push(record);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn csv_and_json_come_back_as_they_were_written() {
        let some = |text: &str| Some(text.to_owned());
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let wide = Table {
            columns: columns(&["a", "b,c", "n"]),
            rows: vec![vec![some("x\"y"), None, some("18446744073709551615")], vec![some(""), some("1\n2"), some("NaN")]],
            bare: BTreeSet::from(["n".to_owned()]),
        };
        let narrow = Table { columns: columns(&["a"]), rows: vec![vec![None], vec![some("")], vec![some("null")]], bare: BTreeSet::new() };
        let dir = tempfile::tempdir().unwrap();
        for table in [wide, narrow] {
            for name in ["t.csv", "t.json", "t.jsonl"] {
                let path = dir.path().join(name);
                table.write(&path).unwrap();
                let read = Table::read(&path).unwrap();
                assert_eq!((read.columns, read.rows), (table.columns.clone(), table.rows.clone()), "{name}");
            }
        }
        let written = std::fs::read_to_string(dir.path().join("t.jsonl")).unwrap();
        assert_eq!(written, "{\"a\": null}\n{\"a\": \"\"}\n{\"a\": \"null\"}\n");
    }

    #[test]
    fn a_column_stands_once() {
        assert!(Table::from_csv("a,a\n1,2\n").is_err());
        assert!(Table::from_json("{\"a\": 1, \"a\": 2}\n").is_err());
    }
}
