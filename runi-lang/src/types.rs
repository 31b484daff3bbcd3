//! The types of the language, as contracts write them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What the types are called, without their arguments.
pub(crate) const NAMES: &[&str] = &[
    "boolean",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "decimal",
    "string",
    "binary",
    "date",
    "time",
    "timestamp",
    "enum",
    "list",
    "struct",
    "map",
];

/// The resolution of a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds.
    #[serde(rename = "s")]
    Second,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Millisecond,
    /// Microseconds, the default.
    #[serde(rename = "us")]
    Microsecond,
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanosecond,
}

/// A type. Nullability is not part of it: fields and columns carry that.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataType {
    /// True or false.
    Boolean,
    /// Signed, 8 bits.
    Int8,
    /// Signed, 16 bits.
    Int16,
    /// Signed, 32 bits.
    Int32,
    /// Signed, 64 bits.
    Int64,
    /// Unsigned, 8 bits.
    UInt8,
    /// Unsigned, 16 bits.
    UInt16,
    /// Unsigned, 32 bits.
    UInt32,
    /// Unsigned, 64 bits.
    UInt64,
    /// IEEE 754, 32 bits.
    Float32,
    /// IEEE 754, 64 bits.
    Float64,
    /// Exact: `precision` digits (1 to 38), `scale` of them after the point.
    Decimal {
        /// All digits.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// UTF-8 text.
    String,
    /// Bytes.
    Binary,
    /// A calendar day.
    Date,
    /// A time of day, in microseconds.
    Time,
    /// A point in time; without a zone it is a wall clock's reading.
    Timestamp {
        /// Resolution.
        unit: TimeUnit,
        /// `UTC`, an offset or an IANA name.
        zone: Option<String>,
    },
    /// A span of time (SQL `interval`); only inside expressions.
    Interval,
    /// One of the listed strings.
    Enum(Vec<String>),
    /// Many of one type; elements may be null.
    List(Box<DataType>),
    /// Named parts; each may be null.
    Struct(Vec<(String, DataType)>),
    /// String-like keys to values.
    Map(Box<DataType>, Box<DataType>),
    /// The SQL type of a bare `null`.
    Null,
    /// A type that an earlier error hides. Fits everything, so that one mistake gives one diagnostic.
    Unknown,
}

impl DataType {
    /// Whether values of this type are numbers.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.is_integer() || matches!(self, Self::Float32 | Self::Float64 | Self::Decimal { .. })
    }

    /// Whether values of this type are whole numbers.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64 | Self::UInt8 | Self::UInt16 | Self::UInt32 | Self::UInt64)
    }

    /// The least and the greatest value, for types of whole numbers.
    #[must_use]
    pub fn integer_bounds(&self) -> Option<(i128, i128)> {
        Some(match self {
            Self::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Self::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Self::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Self::UInt8 => (0, u8::MAX.into()),
            Self::UInt16 => (0, u16::MAX.into()),
            Self::UInt32 => (0, u32::MAX.into()),
            Self::UInt64 => (0, u64::MAX.into()),
            _ => return None,
        })
    }

    /// Whether SQL sees this type as text.
    #[must_use]
    pub fn is_textual(&self) -> bool {
        matches!(self, Self::String | Self::Enum(_))
    }

    /// Whether values have an order that `@range` can use.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.is_numeric() || matches!(self, Self::Date | Self::Time | Self::Timestamp { .. } | Self::Unknown)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::Int8 => f.write_str("int8"),
            Self::Int16 => f.write_str("int16"),
            Self::Int32 => f.write_str("int32"),
            Self::Int64 => f.write_str("int64"),
            Self::UInt8 => f.write_str("uint8"),
            Self::UInt16 => f.write_str("uint16"),
            Self::UInt32 => f.write_str("uint32"),
            Self::UInt64 => f.write_str("uint64"),
            Self::Float32 => f.write_str("float32"),
            Self::Float64 => f.write_str("float64"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision}, {scale})"),
            Self::String => f.write_str("string"),
            Self::Binary => f.write_str("binary"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::Timestamp { unit, zone } => {
                let unit = match unit {
                    TimeUnit::Second => Some("s"),
                    TimeUnit::Millisecond => Some("ms"),
                    TimeUnit::Microsecond => None,
                    TimeUnit::Nanosecond => Some("ns"),
                };
                match (zone, unit) {
                    (None, None) => f.write_str("timestamp"),
                    (Some(zone), None) => write!(f, "timestamp({zone})"),
                    (None, Some(unit)) => write!(f, "timestamp({unit})"),
                    (Some(zone), Some(unit)) => write!(f, "timestamp({zone}, {unit})"),
                }
            }
            Self::Interval => f.write_str("interval"),
            Self::Enum(values) => write!(f, "enum({})", values.join(", ")),
            Self::List(item) => write!(f, "list<{item}>"),
            Self::Struct(fields) => {
                f.write_str("struct<")?;
                for (i, (name, ty)) in fields.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{name}: {ty}")?;
                }
                f.write_str(">")
            }
            Self::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Self::Null => f.write_str("null"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
