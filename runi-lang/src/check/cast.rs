//! SQL that gives its value a type: what a column keeps is written into the expression that computes it.

use crate::types::{DataType, TimeUnit};

/// An expression whose value has the type; for types that SQL cannot write, the expression itself.
pub(crate) fn cast_sql(sql: &str, ty: &DataType) -> String {
    match sql_type(ty) {
        // The line break keeps a comment at the end of the text from eating the rest.
        Some(name) => format!("arrow_cast(({sql}\n), '{name}')"),
        None => sql.to_owned(),
    }
}

/// The type as `arrow_cast` writes it.
fn sql_type(ty: &DataType) -> Option<String> {
    Some(match ty {
        DataType::Boolean => "Boolean".to_owned(),
        DataType::Int8 => "Int8".to_owned(),
        DataType::Int16 => "Int16".to_owned(),
        DataType::Int32 => "Int32".to_owned(),
        DataType::Int64 => "Int64".to_owned(),
        DataType::UInt8 => "UInt8".to_owned(),
        DataType::UInt16 => "UInt16".to_owned(),
        DataType::UInt32 => "UInt32".to_owned(),
        DataType::UInt64 => "UInt64".to_owned(),
        DataType::Float32 => "Float32".to_owned(),
        DataType::Float64 => "Float64".to_owned(),
        DataType::Decimal { precision, scale } => format!("Decimal128({precision}, {scale})"),
        DataType::String | DataType::Enum(_) => "Utf8".to_owned(),
        DataType::Binary => "Binary".to_owned(),
        DataType::Date => "Date32".to_owned(),
        DataType::Time => "Time64(Microsecond)".to_owned(),
        DataType::Timestamp { unit, zone } => {
            let unit = match unit {
                TimeUnit::Second => "Second",
                TimeUnit::Millisecond => "Millisecond",
                TimeUnit::Microsecond => "Microsecond",
                TimeUnit::Nanosecond => "Nanosecond",
            };
            match zone {
                Some(zone) => format!("Timestamp({unit}, Some(\"{zone}\"))"),
                None => format!("Timestamp({unit}, None)"),
            }
        }
        _ => return None,
    })
}
