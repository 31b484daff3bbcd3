//! Types of SQL.

use super::maps::PARTS;
use crate::build;
use crate::dialect::Dialect;
use runi_lang::types::{DataType, TimeUnit};
use sqlparser::ast::{
    ArrayElemTypeDef, BinaryLength, CharacterLength, DataType as Sql, EnumMember, ExactNumberInfo, ObjectName, StructField, TimezoneInfo,
};
use std::collections::HashMap;

/// A column's type, what else it says, and what is lost.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) ty: Option<DataType>,
    /// The longest text.
    pub(super) length: Option<u64>,
    pub(super) format: Option<&'static str>,
    pub(super) required: bool,
    pub(super) losses: Vec<String>,
}

impl Shape {
    fn of(ty: DataType) -> Self {
        Self { ty: Some(ty), ..Self::default() }
    }

    fn lossy(ty: DataType, message: impl Into<String>) -> Self {
        Self { losses: vec![message.into()], ..Self::of(ty) }
    }
}

/// What types mean depends on the dialect, and on the types that the text defines.
pub(super) struct Types {
    pub(super) dialect: Dialect,
    /// `create type … as enum`, by lower-case name.
    pub(super) enums: HashMap<String, Vec<String>>,
}

impl Types {
    pub(super) fn read(&self, sql: &Sql) -> Shape {
        self.nested(sql, 0)
    }

    fn nested(&self, sql: &Sql, depth: usize) -> Shape {
        if depth > build::MAX_DEPTH {
            return Shape::lossy(DataType::String, "a type nested this deep is read as `string`");
        }
        let timestamp = |unit, zone: Option<&str>| Shape::of(DataType::Timestamp { unit, zone: zone.map(str::to_owned) });
        match sql {
            Sql::Character(length) | Sql::Char(length) => text(*length, Some(1)),
            Sql::CharacterVarying(length) | Sql::CharVarying(length) | Sql::Varchar(length) | Sql::Nvarchar(length) => text(*length, None),
            Sql::String(length) | Sql::Clob(length) | Sql::CharacterLargeObject(length) | Sql::CharLargeObject(length) => {
                Shape { length: *length, ..Shape::of(DataType::String) }
            }
            Sql::FixedString(length) => Shape { length: Some(*length), ..Shape::of(DataType::String) },
            Sql::Text | Sql::TinyText | Sql::MediumText | Sql::LongText => Shape::of(DataType::String),
            Sql::Uuid => Shape { format: Some("uuid"), ..Shape::of(DataType::String) },
            Sql::JSON | Sql::JSONB => Shape { format: Some("json"), ..Shape::of(DataType::String) },
            Sql::Varbinary(Some(BinaryLength::IntegerLength { length })) => sized(Some(*length)),
            Sql::Varbinary(_) | Sql::TinyBlob | Sql::MediumBlob | Sql::LongBlob | Sql::Bytea => Shape::of(DataType::Binary),
            Sql::Binary(length) | Sql::Blob(length) | Sql::Bytes(length) => sized(*length),
            Sql::Numeric(info) | Sql::Decimal(info) | Sql::Dec(info) => self.decimal(info),
            Sql::DecimalUnsigned(info) | Sql::DecUnsigned(info) => unsigned(self.decimal(info)),
            Sql::BigNumeric(info) | Sql::BigDecimal(info) => match info {
                ExactNumberInfo::None => {
                    Shape::lossy(DataType::Decimal { precision: 38, scale: 18 }, "a number of up to 76 digits is read as `decimal(38, 18)`")
                }
                info => self.decimal(info),
            },
            Sql::TinyInt(_) => Shape::of(DataType::Int8),
            Sql::TinyIntUnsigned(_) | Sql::UTinyInt | Sql::UInt8 => Shape::of(DataType::UInt8),
            Sql::SmallInt(_) | Sql::Int2(_) | Sql::Int16 => Shape::of(DataType::Int16),
            Sql::SmallIntUnsigned(_) | Sql::USmallInt | Sql::Int2Unsigned(_) | Sql::UInt16 => Shape::of(DataType::UInt16),
            Sql::Int(_) | Sql::Integer(_) | Sql::Int4(_) | Sql::Int32 | Sql::MediumInt(_) => match self.dialect {
                // An integer of SQLite has 64 bits, whatever it is called.
                Dialect::Sqlite if matches!(sql, Sql::Integer(_)) => Shape::of(DataType::Int64),
                Dialect::BigQuery => Shape::of(DataType::Int64),
                _ => Shape::of(DataType::Int32),
            },
            Sql::IntUnsigned(_) | Sql::IntegerUnsigned(_) | Sql::Int4Unsigned(_) | Sql::UInt32 | Sql::MediumIntUnsigned(_) => {
                Shape::of(DataType::UInt32)
            }
            Sql::BigInt(_) | Sql::Int8(_) | Sql::Int64 | Sql::Signed | Sql::SignedInteger => Shape::of(DataType::Int64),
            Sql::BigIntUnsigned(_) | Sql::UBigInt | Sql::Int8Unsigned(_) | Sql::UInt64 | Sql::Unsigned | Sql::UnsignedInteger => {
                Shape::of(DataType::UInt64)
            }
            Sql::HugeInt | Sql::UHugeInt | Sql::Int128 | Sql::UInt128 | Sql::Int256 | Sql::UInt256 => {
                Shape::lossy(DataType::Decimal { precision: 38, scale: 0 }, format!("`{sql}` is read as `decimal(38, 0)`"))
            }
            Sql::Float(info) => match (info, self.dialect) {
                (ExactNumberInfo::Precision(25..), _) => Shape::of(DataType::Float64),
                (ExactNumberInfo::Precision(_), _) | (_, Dialect::MySql | Dialect::Spark | Dialect::DuckDb) => Shape::of(DataType::Float32),
                _ => Shape::of(DataType::Float64),
            },
            Sql::Real if self.dialect == Dialect::Sqlite => Shape::of(DataType::Float64),
            Sql::Real | Sql::Float4 | Sql::Float32 => Shape::of(DataType::Float32),
            Sql::Double(_) | Sql::DoublePrecision | Sql::Float8 | Sql::Float64 => Shape::of(DataType::Float64),
            Sql::FloatUnsigned(_) | Sql::RealUnsigned => unsigned(Shape::of(DataType::Float32)),
            Sql::DoubleUnsigned(_) | Sql::DoublePrecisionUnsigned => unsigned(Shape::of(DataType::Float64)),
            Sql::Bool | Sql::Boolean => Shape::of(DataType::Boolean),
            Sql::Bit(None | Some(1)) => Shape::of(DataType::Boolean),
            Sql::Date | Sql::Date32 => Shape::of(DataType::Date),
            Sql::Time(_, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => {
                Shape::lossy(DataType::Time, "a time with an offset is read as one without")
            }
            Sql::Time(..) => Shape::of(DataType::Time),
            Sql::Datetime(precision) | Sql::TimestampNtz(precision) => timestamp(unit(*precision), None),
            Sql::Datetime64(precision, zone) => timestamp(unit(Some(*precision)), zone.as_deref()),
            Sql::Timestamp(precision, zone) => {
                let instant = match zone {
                    TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => true,
                    TimezoneInfo::WithoutTimeZone => false,
                    TimezoneInfo::None => matches!(self.dialect, Dialect::BigQuery | Dialect::Spark | Dialect::MySql),
                };
                timestamp(unit(*precision), instant.then_some("UTC"))
            }
            Sql::Enum(members, _) => {
                let values = members.iter().map(|member| match member {
                    EnumMember::Name(name) | EnumMember::NamedValue(name, _) => name.clone(),
                });
                Shape::of(DataType::Enum(values.collect()))
            }
            Sql::Nullable(inner) | Sql::LowCardinality(inner) => self.nested(inner, depth + 1),
            Sql::Array(
                ArrayElemTypeDef::AngleBracket(item) | ArrayElemTypeDef::SquareBracket(item, _) | ArrayElemTypeDef::Parenthesis(item),
            ) => self.wrap([item.as_ref()], depth, |mut types| DataType::List(Box::new(types.remove(0)))),
            Sql::Map(key, value) => self.wrap([key.as_ref(), value.as_ref()], depth, |mut types| {
                let value = types.remove(1);
                DataType::Map(Box::new(types.remove(0)), Box::new(value))
            }),
            Sql::Struct(fields, _) if is_map(fields) => self.wrap(fields.iter().map(|field| &field.field_type), depth, |mut types| {
                let value = types.remove(1);
                DataType::Map(Box::new(types.remove(0)), Box::new(value))
            }),
            Sql::Struct(fields, _) | Sql::Tuple(fields) if !fields.is_empty() => {
                let mut names = build::Names::default();
                let named = fields.iter().enumerate().map(|(i, field)| {
                    names.unique(field.field_name.as_ref().map_or_else(|| format!("f{}", i + 1), |name| name.value.clone()))
                });
                let named: Vec<String> = named.collect();
                self.wrap(fields.iter().map(|field| &field.field_type), depth, |types| {
                    DataType::Struct(named.into_iter().zip(types).collect())
                })
            }
            Sql::Custom(name, args) => self.custom(name, args),
            other => Shape::lossy(DataType::String, format!("the type `{other}` is read as `string`")),
        }
    }

    /// A type made of others. What those say beside their types is lost.
    fn wrap<'t>(&self, parts: impl IntoIterator<Item = &'t Sql>, depth: usize, make: impl FnOnce(Vec<DataType>) -> DataType) -> Shape {
        let (mut types, mut losses) = (Vec::new(), Vec::new());
        for part in parts {
            let shape = self.nested(part, depth + 1);
            losses.extend(shape.losses);
            if let Some(length) = shape.length {
                losses.push(format!("the length {length} of a part is not kept"));
            }
            if let Some(format) = shape.format {
                losses.push(format!("the format `{format}` of a part is not kept"));
            }
            types.push(shape.ty.unwrap_or(DataType::String));
        }
        Shape { losses, ..Shape::of(make(types)) }
    }

    fn decimal(&self, info: &ExactNumberInfo) -> Shape {
        let (precision, scale) = match info {
            ExactNumberInfo::Precision(precision) => (*precision, 0),
            ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
            ExactNumberInfo::None => {
                return match self.dialect {
                    Dialect::MySql | Dialect::Spark => Shape::of(DataType::Decimal { precision: 10, scale: 0 }),
                    Dialect::DuckDb => Shape::of(DataType::Decimal { precision: 18, scale: 3 }),
                    Dialect::Snowflake => Shape::of(DataType::Decimal { precision: 38, scale: 0 }),
                    Dialect::BigQuery => Shape::of(DataType::Decimal { precision: 38, scale: 9 }),
                    _ => Shape::lossy(
                        DataType::Decimal { precision: 38, scale: 9 },
                        "a number without precision is read as `decimal(38, 9)`",
                    ),
                };
            }
        };
        match (u8::try_from(precision), i8::try_from(scale)) {
            (Ok(precision @ 1..=38), Ok(scale @ 0..)) if scale.unsigned_abs() <= precision => {
                Shape::of(DataType::Decimal { precision, scale })
            }
            _ => Shape::lossy(
                DataType::String,
                format!("`decimal({precision}, {scale})` has more digits than a contract can say: read as `string`"),
            ),
        }
    }

    fn custom(&self, name: &ObjectName, args: &[String]) -> Shape {
        let last = super::last(name);
        let lower = last.to_lowercase();
        if let Some(values) = self.enums.get(&lower) {
            return Shape::of(DataType::Enum(values.clone()));
        }
        let number = |at: usize| args.get(at).and_then(|arg| arg.trim().parse::<u64>().ok());
        let stamp = |unit, zone: Option<&str>| Shape::of(DataType::Timestamp { unit, zone: zone.map(str::to_owned) });
        let serial = |ty| Shape { required: true, ..Shape::lossy(ty, format!("`{last}` numbers its rows itself: that is not kept")) };
        match lower.as_str() {
            "number" | "numeric" | "decimal" => match (number(0), number(1)) {
                (Some(precision), scale) => {
                    self.decimal(&ExactNumberInfo::PrecisionAndScale(precision, i64::try_from(scale.unwrap_or(0)).unwrap_or(i64::MAX)))
                }
                (None, _) => Shape::of(DataType::Decimal { precision: 38, scale: 0 }),
            },
            "serial" | "serial4" => serial(DataType::Int32),
            "bigserial" | "serial8" => serial(DataType::Int64),
            "smallserial" | "serial2" => serial(DataType::Int16),
            "byteint" | "tinyint" | "byte" => Shape::of(DataType::Int8),
            "short" => Shape::of(DataType::Int16),
            "long" => Shape::of(DataType::Int64),
            "utinyint" => Shape::of(DataType::UInt8),
            "usmallint" => Shape::of(DataType::UInt16),
            "uinteger" => Shape::of(DataType::UInt32),
            "ubigint" => Shape::of(DataType::UInt64),
            "string" | "citext" | "name" => Shape { length: number(0), ..Shape::of(DataType::String) },
            "timestamp_s" => stamp(TimeUnit::Second, None),
            "timestamp_ms" => stamp(TimeUnit::Millisecond, None),
            "timestamp_us" | "timestamp_ntz" => stamp(unit(number(0)), None),
            "timestamp_ns" => stamp(TimeUnit::Nanosecond, None),
            "timestamp_tz" | "timestamp_ltz" | "timestamptz" => stamp(unit(number(0)), Some("UTC")),
            "datetime" | "datetime2" => stamp(unit(number(0)), None),
            "json" | "jsonb" | "variant" => Shape { format: Some("json"), ..Shape::of(DataType::String) },
            "year" => Shape::of(DataType::Int16),
            _ => Shape::lossy(DataType::String, format!("the type `{last}` is read as `string`")),
        }
    }
}

fn text(length: Option<CharacterLength>, missing: Option<u64>) -> Shape {
    let length = match length {
        Some(CharacterLength::IntegerLength { length, .. }) => Some(length),
        Some(CharacterLength::Max) => None,
        None => missing,
    };
    Shape { length, ..Shape::of(DataType::String) }
}

fn sized(length: Option<u64>) -> Shape {
    match length {
        Some(length) => Shape::lossy(DataType::Binary, format!("the length {length} of bytes is not kept")),
        None => Shape::of(DataType::Binary),
    }
}

fn unsigned(shape: Shape) -> Shape {
    let mut shape = shape;
    shape.losses.push("`unsigned` of a number that is not whole is not kept".to_owned());
    shape
}

/// The resolution of so many digits after the second.
fn unit(precision: Option<u64>) -> TimeUnit {
    match precision {
        Some(0) => TimeUnit::Second,
        Some(1..=3) => TimeUnit::Millisecond,
        Some(7..) => TimeUnit::Nanosecond,
        _ => TimeUnit::Microsecond,
    }
}

fn is_map(fields: &[StructField]) -> bool {
    let named = |at: usize, name: &str| fields.get(at).is_some_and(|f| f.field_name.as_ref().is_some_and(|ident| ident.value == name));
    fields.len() == 2 && named(0, PARTS[0]) && named(1, PARTS[1])
}
