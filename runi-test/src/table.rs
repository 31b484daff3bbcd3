//! Tables of text: what examples and goldens hold.

use arrow::array::{Array, RecordBatch};
use serde_json::Value;
use std::path::Path;

/// A table; `None` is null.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<Option<String>>>,
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
        let text = std::fs::read_to_string(path).map_err(|source| TableError::Io { action: "read", path: shown.clone(), source })?;
        let content = |message: String| TableError::Content { path: shown.clone(), message };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Self::from_csv(&text).map_err(content),
            Some("json" | "jsonl" | "ndjson") => Self::from_json(&text).map_err(content),
            _ => Err(content("a golden is a .csv, .json or .jsonl file".to_owned())),
        }
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
            Some("jsonl" | "ndjson") => self.json_lines("").join("\n") + "\n",
            _ => return Err(TableError::Content { path: shown, message: "a golden is a .csv, .json or .jsonl file".to_owned() }),
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
        let mut rows = Vec::new();
        for (number, record) in records.enumerate() {
            if record.len() != columns.len() {
                return Err(format!("row {} has {} cells where the header has {}", number + 1, record.len(), columns.len()));
            }
            rows.push(record.into_iter().map(|(cell, quoted)| if cell.is_empty() && !quoted { None } else { Some(cell) }).collect());
        }
        Ok(Self { columns, rows })
    }

    fn from_json(text: &str) -> Result<Self, String> {
        let values: Vec<Value> = match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(values)) => values,
            _ => {
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                lines.map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect::<Result<_, _>>()?
            }
        };
        let mut table = Self::default();
        let mut objects = Vec::new();
        for value in values {
            let Value::Object(object) = value else { return Err("holds something that is not an object".to_owned()) };
            for key in object.keys() {
                if !table.columns.contains(key) {
                    table.columns.push(key.clone());
                }
            }
            objects.push(object);
        }
        for object in objects {
            table.rows.push(table.columns.iter().map(|column| object.get(column).and_then(cell)).collect());
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
        let line = |row: &Vec<Option<String>>| {
            let pairs: Vec<String> = self
                .columns
                .iter()
                .zip(row)
                .map(|(column, cell)| format!("{}: {}", Value::String(column.clone()), cell.clone().map_or(Value::Null, Value::String)))
                .collect();
            format!("{indent}{{{}}}", pairs.join(", "))
        };
        self.rows.iter().map(line).collect()
    }

    /// What came out of a run, as text.
    ///
    /// # Errors
    /// A value cannot be shown.
    pub fn from_batches(columns: &[String], batches: &[RecordBatch]) -> Result<Self, String> {
        let mut table = Self { columns: columns.to_vec(), rows: Vec::new() };
        for batch in batches {
            let shown: Vec<Vec<Option<String>>> = batch.columns().iter().map(|column| texts(column)).collect::<Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                table.rows.push(shown.iter().map(|column| column.get(row).cloned().flatten()).collect());
            }
        }
        Ok(table)
    }
}

fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Every value of a column as text; nested values as JSON.
pub(crate) fn texts(column: &dyn Array) -> Result<Vec<Option<String>>, String> {
    use arrow::datatypes::DataType;
    if matches!(column.data_type(), DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) | DataType::Map(_, _)) {
        let field = arrow::datatypes::Field::new("v", column.data_type().clone(), true);
        let schema = std::sync::Arc::new(arrow::datatypes::Schema::new(vec![field]));
        let batch = RecordBatch::try_new(schema, vec![arrow::array::make_array(column.to_data())]).map_err(|error| error.to_string())?;
        let mut writer = arrow::json::LineDelimitedWriter::new(Vec::new());
        writer.write(&batch).and_then(|()| writer.finish()).map_err(|error| error.to_string())?;
        let text = String::from_utf8(writer.into_inner()).map_err(|error| error.to_string())?;
        let value = |line: &str| serde_json::from_str::<Value>(line).ok().and_then(|value| value.get("v").and_then(cell));
        return Ok(text.lines().map(value).collect());
    }
    let options = arrow::util::display::FormatOptions::default()
        .with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"))
        .with_timestamp_format(Some("%Y-%m-%dT%H:%M:%S%.f"));
    let formatter = arrow::util::display::ArrayFormatter::try_new(column, &options).map_err(|error| error.to_string())?;
    Ok((0..column.len()).map(|row| (!column.is_null(row)).then(|| formatter.value(row).to_string())).collect())
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
                if record.is_empty() && cell.is_empty() && !quoted {
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
        let table = Table {
            columns: vec!["a".to_owned(), "b,c".to_owned()],
            rows: vec![vec![Some("x\"y".to_owned()), None], vec![Some(String::new()), Some("1\n2".to_owned())]],
        };
        let dir = tempfile::tempdir().unwrap();
        for name in ["t.csv", "t.json", "t.jsonl"] {
            let path = dir.path().join(name);
            table.write(&path).unwrap();
            assert_eq!(Table::read(&path).unwrap(), table, "{name}");
        }
    }
}
