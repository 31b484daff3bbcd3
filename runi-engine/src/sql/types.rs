//! The one mapping between the language's types and Arrow's.
//!
//! Every batch of the engine is laid out as [`to_arrow`] says. Text is `Utf8View`: filters and joins
//! copy 16-byte views instead of bytes, DataFusion's planner prefers it, and its Parquet reader
//! yields it. Readers of files accept every layout that [`from_arrow`] knows and cast once.

use arrow::datatypes::{DataType as ArrowType, Field, IntervalUnit, Schema as ArrowSchema, SchemaRef, TimeUnit as ArrowUnit};
use runi_lang::schema::{Column, Schema};
use runi_lang::types::{DataType, TimeUnit};
use std::sync::Arc;

/// The key under which a column that is typed, not read, carries the values of its enum, one a line.
pub(crate) const ENUM_VALUES: &str = "runi.enum";

/// The canonical Arrow layout of a type. An enum is laid out as text; `null` and unknown types as Arrow's null.
#[must_use]
pub fn to_arrow(ty: &DataType) -> ArrowType {
    match ty {
        DataType::Boolean => ArrowType::Boolean,
        DataType::Int8 => ArrowType::Int8,
        DataType::Int16 => ArrowType::Int16,
        DataType::Int32 => ArrowType::Int32,
        DataType::Int64 => ArrowType::Int64,
        DataType::UInt8 => ArrowType::UInt8,
        DataType::UInt16 => ArrowType::UInt16,
        DataType::UInt32 => ArrowType::UInt32,
        DataType::UInt64 => ArrowType::UInt64,
        DataType::Float32 => ArrowType::Float32,
        DataType::Float64 => ArrowType::Float64,
        DataType::Decimal { precision, scale } => ArrowType::Decimal128(*precision, *scale),
        DataType::String | DataType::Enum(_) => ArrowType::Utf8View,
        DataType::Binary => ArrowType::BinaryView,
        DataType::Date => ArrowType::Date32,
        DataType::Time => ArrowType::Time64(ArrowUnit::Microsecond),
        DataType::Timestamp { unit, zone } => ArrowType::Timestamp(to_arrow_unit(*unit), zone.as_deref().map(Arc::from)),
        DataType::Interval => ArrowType::Interval(IntervalUnit::MonthDayNano),
        DataType::List(item) => ArrowType::List(Arc::new(Field::new_list_field(to_arrow(item), true))),
        DataType::Struct(fields) => ArrowType::Struct(fields.iter().map(|(name, ty)| Field::new(name, to_arrow(ty), true)).collect()),
        DataType::Map(key, value) => {
            let entries = vec![Field::new("key", to_arrow(key), false), Field::new("value", to_arrow(value), true)];
            ArrowType::Map(Arc::new(Field::new("entries", ArrowType::Struct(entries.into()), false)), false)
        }
        DataType::Null | DataType::Unknown => ArrowType::Null,
    }
}

/// The canonical Arrow field of a column.
#[must_use]
pub fn to_arrow_field(column: &Column) -> Field {
    // A column of nulls is nullable whatever it says.
    let ty = to_arrow(&column.ty);
    let nullable = column.nullable || ty == ArrowType::Null;
    Field::new(&column.name, ty, nullable)
}

/// [`to_arrow_schema`] for typing alone: enum columns know their values, which their layout does not say.
#[must_use]
pub(crate) fn to_typed_schema(schema: &Schema) -> SchemaRef {
    let fields = schema.columns.iter().map(|column| {
        let field = to_arrow_field(column);
        match &column.ty {
            DataType::Enum(values) => field.with_metadata([(ENUM_VALUES.to_owned(), values.join("\n"))].into()),
            _ => field,
        }
    });
    Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()))
}

/// The canonical Arrow schema of rows.
#[must_use]
pub fn to_arrow_schema(schema: &Schema) -> SchemaRef {
    Arc::new(ArrowSchema::new(schema.columns.iter().map(to_arrow_field).collect::<Vec<_>>()))
}

/// The language's type of values in an Arrow layout; all text, binary, list and dictionary layouts are accepted.
/// `None` means that the language has no such type (unions, 256-bit decimals …).
#[must_use]
pub fn from_arrow(ty: &ArrowType) -> Option<DataType> {
    Some(match ty {
        ArrowType::Null => DataType::Null,
        ArrowType::Boolean => DataType::Boolean,
        ArrowType::Int8 => DataType::Int8,
        ArrowType::Int16 => DataType::Int16,
        ArrowType::Int32 => DataType::Int32,
        ArrowType::Int64 => DataType::Int64,
        ArrowType::UInt8 => DataType::UInt8,
        ArrowType::UInt16 => DataType::UInt16,
        ArrowType::UInt32 => DataType::UInt32,
        ArrowType::UInt64 => DataType::UInt64,
        ArrowType::Float16 | ArrowType::Float32 => DataType::Float32,
        ArrowType::Float64 => DataType::Float64,
        ArrowType::Decimal32(precision, scale) | ArrowType::Decimal64(precision, scale) | ArrowType::Decimal128(precision, scale) => {
            DataType::Decimal { precision: *precision, scale: *scale }
        }
        ArrowType::Decimal256(precision, scale) if *precision <= 38 => DataType::Decimal { precision: *precision, scale: *scale },
        ArrowType::Utf8 | ArrowType::LargeUtf8 | ArrowType::Utf8View => DataType::String,
        ArrowType::Binary | ArrowType::LargeBinary | ArrowType::BinaryView | ArrowType::FixedSizeBinary(_) => DataType::Binary,
        ArrowType::Date32 | ArrowType::Date64 => DataType::Date,
        ArrowType::Time32(_) | ArrowType::Time64(_) => DataType::Time,
        ArrowType::Timestamp(unit, zone) => {
            DataType::Timestamp { unit: from_arrow_unit(*unit), zone: zone.as_deref().map(|zone| canonical_zone(zone).to_owned()) }
        }
        ArrowType::Interval(_) | ArrowType::Duration(_) => DataType::Interval,
        ArrowType::List(item) | ArrowType::LargeList(item) | ArrowType::ListView(item) | ArrowType::LargeListView(item) => {
            DataType::List(Box::new(from_arrow(item.data_type())?))
        }
        ArrowType::FixedSizeList(item, _) => DataType::List(Box::new(from_arrow(item.data_type())?)),
        ArrowType::Struct(fields) => DataType::Struct(
            fields.iter().map(|field| Some((field.name().clone(), from_arrow(field.data_type())?))).collect::<Option<_>>()?,
        ),
        ArrowType::Map(entries, _) => match entries.data_type() {
            ArrowType::Struct(fields) => match fields.as_ref() {
                [key, value] => DataType::Map(Box::new(from_arrow(key.data_type())?), Box::new(from_arrow(value.data_type())?)),
                _ => return None,
            },
            _ => return None,
        },
        ArrowType::Dictionary(_, value) => from_arrow(value)?,
        ArrowType::RunEndEncoded(_, value) => from_arrow(value.data_type())?,
        ArrowType::Decimal256(..) | ArrowType::Union(..) => return None,
    })
}

/// The language's schema of an Arrow schema.
///
/// # Errors
/// The name of the first column whose type the language does not have.
pub fn from_arrow_schema(schema: &ArrowSchema) -> Result<Schema, String> {
    let columns = schema.fields().iter().map(|field| {
        let ty = from_arrow(field.data_type()).ok_or_else(|| field.name().clone())?;
        Ok(Column { name: field.name().clone(), ty, nullable: field.is_nullable() })
    });
    Ok(Schema { columns: columns.collect::<Result<_, String>>()? })
}

/// Arrow's name for a resolution.
#[must_use]
pub fn to_arrow_unit(unit: TimeUnit) -> ArrowUnit {
    match unit {
        TimeUnit::Second => ArrowUnit::Second,
        TimeUnit::Millisecond => ArrowUnit::Millisecond,
        TimeUnit::Microsecond => ArrowUnit::Microsecond,
        TimeUnit::Nanosecond => ArrowUnit::Nanosecond,
    }
}

/// The language's name for a resolution.
#[must_use]
pub fn from_arrow_unit(unit: ArrowUnit) -> TimeUnit {
    match unit {
        ArrowUnit::Second => TimeUnit::Second,
        ArrowUnit::Millisecond => TimeUnit::Millisecond,
        ArrowUnit::Microsecond => TimeUnit::Microsecond,
        ArrowUnit::Nanosecond => TimeUnit::Nanosecond,
    }
}

/// Files and DataFusion spell UTC in several ways; the language has one.
fn canonical_zone(zone: &str) -> &str {
    match zone {
        "+00:00" | "-00:00" | "Z" | "Etc/UTC" | "utc" => "UTC",
        other => other,
    }
}

/// Whether a value of `from` is stored into a column of `to` without loss and without a cast that can fail.
#[must_use]
pub fn widens(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Binary, Boolean, Date, Decimal, Enum, Float32, Float64, Interval, List, Map, Null, String, Struct, Time, Timestamp, Unknown,
    };
    match (from, to) {
        (Unknown | Null, _) | (_, Unknown) => true,
        (Boolean, Boolean) | (Binary, Binary) | (Date, Date) | (Time, Time) | (Interval, Interval) | (String | Enum(_), String) => true,
        (Enum(from), Enum(to)) => from.iter().all(|value| to.contains(value)),
        (Float32, Float32 | Float64) | (Float64, Float64) => true,
        (from, to) if from.is_integer() && to.is_integer() => {
            let ((from_signed, from_bits), (to_signed, to_bits)) = (integer(from), integer(to));
            if from_signed == to_signed { from_bits <= to_bits } else { to_signed && from_bits < to_bits }
        }
        (from, Float32) if from.is_integer() => integer(from).1 <= 16,
        (from, Float64) if from.is_integer() => integer(from).1 <= 32,
        (from, Decimal { precision, scale }) if from.is_integer() => {
            i16::from(*precision) - i16::from(*scale) >= digits(from) && *scale >= 0
        }
        (Decimal { precision: p1, scale: s1 }, Decimal { precision: p2, scale: s2 }) => {
            s1 <= s2 && i16::from(*p1) - i16::from(*s1) <= i16::from(*p2) - i16::from(*s2)
        }
        // 15 digits survive a double, 6 a float: the decimal is the shortest text of what is stored.
        (Decimal { precision, .. }, Float64) => *precision <= 15,
        (Decimal { precision, .. }, Float32) => *precision <= 6,
        (Timestamp { unit: u1, zone: z1 }, Timestamp { unit: u2, zone: z2 }) => u1 <= u2 && z1 == z2,
        (List(from), List(to)) => widens(from, to),
        (Struct(from), Struct(to)) => from.len() == to.len() && from.iter().zip(to).all(|((n1, t1), (n2, t2))| n1 == n2 && widens(t1, t2)),
        (Map(k1, v1), Map(k2, v2)) => widens(k1, k2) && widens(v1, v2),
        _ => false,
    }
}

/// Whether an integer type is signed, and its bits.
fn integer(ty: &DataType) -> (bool, u8) {
    match ty {
        DataType::Int8 => (true, 8),
        DataType::Int16 => (true, 16),
        DataType::Int32 => (true, 32),
        DataType::UInt8 => (false, 8),
        DataType::UInt16 => (false, 16),
        DataType::UInt32 => (false, 32),
        DataType::UInt64 => (false, 64),
        _ => (true, 64),
    }
}

/// The most digits that a value of an integer type can have.
fn digits(ty: &DataType) -> i16 {
    match integer(ty) {
        (_, 8) => 3,
        (_, 16) => 5,
        (_, 32) => 10,
        (true, _) => 19,
        (false, _) => 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_type() -> Vec<DataType> {
        let timestamp = |unit, zone: Option<&str>| DataType::Timestamp { unit, zone: zone.map(str::to_owned) };
        vec![
            DataType::Boolean,
            DataType::Int8,
            DataType::UInt64,
            DataType::Float32,
            DataType::Decimal { precision: 18, scale: 6 },
            DataType::String,
            DataType::Binary,
            DataType::Date,
            DataType::Time,
            timestamp(TimeUnit::Microsecond, Some("UTC")),
            timestamp(TimeUnit::Second, None),
            timestamp(TimeUnit::Nanosecond, Some("Europe/Paris")),
            DataType::Interval,
            DataType::List(Box::new(DataType::Struct(vec![("id".into(), DataType::String), ("n".into(), DataType::Int64)]))),
            DataType::Map(Box::new(DataType::String), Box::new(DataType::Int32)),
            DataType::Null,
        ]
    }

    #[test]
    fn types_survive_the_way_to_arrow_and_back() {
        for ty in every_type() {
            assert_eq!(from_arrow(&to_arrow(&ty)), Some(ty));
        }
    }

    #[test]
    fn foreign_layouts_are_understood() {
        let dictionary = ArrowType::Dictionary(Box::new(ArrowType::Int32), Box::new(ArrowType::Utf8));
        for ty in [ArrowType::Utf8, ArrowType::LargeUtf8, ArrowType::Utf8View, dictionary] {
            assert_eq!(from_arrow(&ty), Some(DataType::String));
        }
        let utc = from_arrow(&ArrowType::Timestamp(ArrowUnit::Microsecond, Some("+00:00".into())));
        assert_eq!(utc, Some(DataType::Timestamp { unit: TimeUnit::Microsecond, zone: Some("UTC".into()) }));
        assert_eq!(from_arrow(&ArrowType::Decimal256(60, 2)), None);
    }

    #[test]
    fn widening_loses_nothing() {
        let decimal = |precision, scale| DataType::Decimal { precision, scale };
        let enumeration = |values: &[&str]| DataType::Enum(values.iter().map(|value| (*value).to_owned()).collect());
        let yes = [
            (DataType::Int32, DataType::Int64),
            (DataType::UInt32, DataType::Int64),
            (DataType::Int32, DataType::Float64),
            (DataType::Int64, decimal(19, 0)),
            (DataType::Int64, decimal(38, 6)),
            (decimal(10, 2), decimal(12, 4)),
            (decimal(2, 1), DataType::Float64),
            (enumeration(&["a"]), DataType::String),
            (enumeration(&["a"]), enumeration(&["a", "b"])),
            (DataType::Null, DataType::Date),
        ];
        for (from, to) in yes {
            assert!(widens(&from, &to), "{from} fits {to}");
        }
        let no = [
            (DataType::Int64, DataType::Int32),
            (DataType::Int64, DataType::UInt64),
            (DataType::UInt64, DataType::Int64),
            (DataType::Int64, DataType::Float64),
            (DataType::Int64, decimal(18, 0)),
            (decimal(12, 4), decimal(12, 2)),
            (DataType::Float64, decimal(38, 10)),
            (DataType::String, enumeration(&["a"])),
            (enumeration(&["a", "b"]), enumeration(&["a"])),
            (DataType::Date, DataType::Timestamp { unit: TimeUnit::Microsecond, zone: None }),
        ];
        for (from, to) in no {
            assert!(!widens(&from, &to), "{from} does not fit {to}");
        }
    }
}
