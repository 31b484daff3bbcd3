//! Arrow schemas become contracts: those of Arrow and Parquet files, with what metadata `runi:*` says beside them.

use crate::build::lose;
use crate::error::ImportError;
use crate::import::Format;
use crate::loss::Loss;
use crate::parts;
use crate::text;
use arrow::datatypes::{DataType as ArrowType, Field as ArrowField, Schema};
use arrow::ipc::reader::{FileReader, StreamReader};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use runi_engine::error::EngineError;
use runi_engine::sql::types::{from_arrow, to_arrow};
use runi_lang::model::{Contract, Field};
use runi_lang::types::DataType;
use serde_json::Value;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::Path;

/// Parts that are texts, and stand in metadata as they are; all others stand there as JSON.
pub(crate) const TEXTS: &[&str] =
    &["type", "pii", "classification", "unit", "default", "description", "doc", "version", "name", "retention"];

/// The contract that the schema of a file says; its name is empty when the schema does not say one.
pub(super) fn of_file(format: Format, path: &Path) -> Result<(Contract, Vec<Loss>), ImportError> {
    let mut file = File::open(path).map_err(EngineError::io("read", path))?;
    let schema = if format == Format::Parquet {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file);
        builder
            .map(|builder| builder.schema().as_ref().clone())
            .map_err(|error| ImportError::unreadable("parquet", error.to_string(), None))?
    } else {
        // A stream has no magic word at its start.
        let mut magic = [0_u8; 6];
        let whole = file.read_exact(&mut magic).is_ok() && &magic == b"ARROW1";
        if magic.starts_with(b"FEA1") {
            let message = "the first version of Feather is not read: write the file anew as version 2, which is Arrow IPC";
            return Err(ImportError::unreadable("arrow", message, None));
        }
        file.rewind().map_err(EngineError::io("read", path))?;
        let bad = |error: arrow::error::ArrowError| ImportError::unreadable("arrow", error.to_string(), None);
        let file = BufReader::new(file);
        if whole {
            FileReader::try_new(file, None).map(|reader| reader.schema().as_ref().clone()).map_err(bad)?
        } else {
            StreamReader::try_new(file, None).map(|reader| reader.schema().as_ref().clone()).map_err(bad)?
        }
    };
    Ok(from_schema(&schema))
}

/// The contract that a schema says, and what it cannot; its name is empty when the schema does not say one.
#[must_use]
pub fn from_schema(schema: &Schema) -> (Contract, Vec<Loss>) {
    let mut losses = Vec::new();
    let mut contract = Contract::new("");
    for field in schema.fields() {
        if settle(from_arrow(field.data_type())).is_some() {
            contract.fields.push(one(field, &mut losses));
        } else {
            // No field could read the column, and a source may have more columns than its contract.
            lose(&mut losses, field.name(), format!("the type `{}` has no counterpart: the field is left out", field.data_type()));
        }
    }
    let mut metadata: Vec<(&String, &String)> = schema.metadata().iter().collect();
    metadata.sort();
    for (key, text) in metadata {
        match key.strip_prefix("runi:") {
            Some("name") => contract.name.clone_from(text),
            Some(part) if value(part, text).is_some_and(|value| parts::set_contract(&mut contract, &parts::one(part, &value)).is_ok()) => {}
            _ => lose(&mut losses, "", format!("the metadata `{key}` is not kept")),
        }
    }
    (contract, losses)
}

fn value(key: &str, text: &str) -> Option<Value> {
    if TEXTS.contains(&key) { Some(Value::String(text.to_owned())) } else { serde_json::from_str(text).ok() }
}

fn one(field: &ArrowField, losses: &mut Vec<Loss>) -> Field {
    let mut out = plain(field, losses);
    let at = field.name();
    let mut metadata: Vec<(&String, &String)> = field.metadata().iter().collect();
    metadata.sort();
    for (key, text) in metadata {
        match key.strip_prefix("runi:") {
            Some("type") => match crate::text::parse_type(text).filter(|ty| settle(from_arrow(&to_arrow(ty))) == Some(out.ty.clone())) {
                Some(ty) => out.ty = ty,
                None => lose(losses, at, "`runi:type` is not what the schema says; the schema holds"),
            },
            Some(part) if value(part, text).is_some_and(|value| parts::set_field(&mut out, &parts::one(part, &value)).is_ok()) => {}
            None if matches!(key.as_str(), "description" | "comment") && out.description.is_empty() => {
                out.description = text::one_line(text)
            }
            _ => lose(losses, at, format!("the metadata `{key}` is not kept")),
        }
    }
    out
}

/// What a field says without its metadata.
pub(crate) fn plain(field: &ArrowField, losses: &mut Vec<Loss>) -> Field {
    let at = field.name();
    let ty = match settle(from_arrow(field.data_type())) {
        Some(ty) => ty,
        None => {
            lose(losses, at, format!("the type `{}` is read as `string`", field.data_type()));
            DataType::String
        }
    };
    match field.data_type() {
        ArrowType::FixedSizeBinary(size) => lose(losses, at, format!("{size} bytes are read as `binary` of any length")),
        ArrowType::FixedSizeList(_, size) => lose(losses, at, format!("a list of {size} is read as one of any length")),
        ArrowType::Float16 => lose(losses, at, "a number of 16 bits is read as `float32`"),
        ArrowType::Null => lose(losses, at, "the type `Null` is read as `string`"),
        ArrowType::Date64 => lose(losses, at, "a day in milliseconds is read as `date`"),
        ArrowType::Time32(_) | ArrowType::Time64(arrow::datatypes::TimeUnit::Nanosecond) => {
            lose(losses, at, "a time of day is read as one in microseconds");
        }
        _ => {}
    }
    let mut out = Field::new(field.name(), ty);
    if !field.is_nullable() {
        out.rules.required = Some(None);
    }
    out
}

/// A type that a contract can write.
fn settle(ty: Option<DataType>) -> Option<DataType> {
    Some(match ty? {
        // A column of nulls reads as any type.
        DataType::Null => DataType::String,
        DataType::Interval | DataType::Unknown => return None,
        DataType::Decimal { precision, scale } if scale < 0 || scale.unsigned_abs() > precision => return None,
        DataType::List(item) => DataType::List(Box::new(settle(Some(*item))?)),
        DataType::Map(key, value) => DataType::Map(Box::new(settle(Some(*key))?), Box::new(settle(Some(*value))?)),
        DataType::Struct(parts) if parts.is_empty() => return None,
        DataType::Struct(parts) => {
            DataType::Struct(parts.into_iter().map(|(name, ty)| Some((name, settle(Some(ty))?))).collect::<Option<_>>()?)
        }
        other => other,
    })
}
