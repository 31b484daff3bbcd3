//! Types of SQL, by dialect.

use crate::build;
use crate::dialect::Dialect;
use runi_lang::types::{DataType, TimeUnit};

/// The type of a column. What a dialect cannot nest becomes its JSON, or text.
pub(super) fn of(ty: &DataType, dialect: Dialect) -> String {
    use Dialect::{BigQuery, DuckDb, Generic, MySql, Postgres, Snowflake, Spark, Sqlite};
    let word = |word: &str| word.to_owned();
    if dialect == BigQuery {
        return bigquery(ty);
    }
    match ty {
        DataType::Boolean => word("BOOLEAN"),
        DataType::Int8 => word(match dialect {
            Generic | Postgres => "SMALLINT",
            _ => "TINYINT",
        }),
        DataType::Int16 => word("SMALLINT"),
        DataType::Int32 => word(if matches!(dialect, Sqlite | Spark) { "INT" } else { "INTEGER" }),
        DataType::Int64 => word("BIGINT"),
        DataType::UInt8 => word(match dialect {
            MySql => "TINYINT UNSIGNED",
            DuckDb => "UTINYINT",
            _ => "SMALLINT",
        }),
        DataType::UInt16 => word(match dialect {
            MySql => "SMALLINT UNSIGNED",
            DuckDb => "USMALLINT",
            Sqlite | Spark => "INT",
            _ => "INTEGER",
        }),
        DataType::UInt32 => word(match dialect {
            MySql => "INT UNSIGNED",
            DuckDb => "UINTEGER",
            _ => "BIGINT",
        }),
        DataType::UInt64 => word(match dialect {
            MySql => "BIGINT UNSIGNED",
            DuckDb => "UBIGINT",
            Postgres => "NUMERIC(20, 0)",
            Snowflake => "NUMBER(20, 0)",
            _ => "DECIMAL(20, 0)",
        }),
        DataType::Float32 => word(if matches!(dialect, MySql | Spark | Snowflake) { "FLOAT" } else { "REAL" }),
        DataType::Float64 => word(if matches!(dialect, Generic | Postgres) { "DOUBLE PRECISION" } else { "DOUBLE" }),
        DataType::Decimal { precision, scale } => match dialect {
            Postgres => format!("NUMERIC({precision}, {scale})"),
            Snowflake => format!("NUMBER({precision}, {scale})"),
            _ => format!("DECIMAL({precision}, {scale})"),
        },
        DataType::Enum(values) if matches!(dialect, MySql | DuckDb) => {
            let values: Vec<String> = values.iter().map(|value| build::sql_text(value)).collect();
            format!("ENUM({})", values.join(", "))
        }
        DataType::String | DataType::Enum(_) | DataType::Interval | DataType::Null | DataType::Unknown => text(dialect),
        DataType::Binary => word(match dialect {
            Postgres => "BYTEA",
            MySql => "LONGBLOB",
            Snowflake | Spark => "BINARY",
            _ => "BLOB",
        }),
        DataType::Date => word("DATE"),
        DataType::Time => word(match dialect {
            Spark => "STRING",
            MySql => "TIME(6)",
            _ => "TIME",
        }),
        DataType::Timestamp { unit, zone } => timestamp(*unit, zone.is_some(), dialect),
        DataType::List(item) if matches!(dialect, Postgres | DuckDb) => format!("{}[]", of(item, dialect)),
        DataType::List(item) if dialect == Spark => format!("ARRAY<{}>", of(item, dialect)),
        DataType::Struct(parts) if dialect == DuckDb => {
            let parts: Vec<String> = parts.iter().map(|(name, ty)| format!("{} {}", super::name(name, dialect), of(ty, dialect))).collect();
            format!("STRUCT({})", parts.join(", "))
        }
        DataType::Struct(parts) if dialect == Spark => {
            let parts: Vec<String> =
                parts.iter().map(|(name, ty)| format!("{}: {}", super::name(name, dialect), of(ty, dialect))).collect();
            format!("STRUCT<{}>", parts.join(", "))
        }
        DataType::Map(key, value) if dialect == DuckDb => format!("MAP({}, {})", of(key, dialect), of(value, dialect)),
        DataType::Map(key, value) if dialect == Spark => format!("MAP<{}, {}>", of(key, dialect), of(value, dialect)),
        DataType::List(_) | DataType::Struct(_) | DataType::Map(..) => word(match dialect {
            Postgres => "JSONB",
            Snowflake => "VARIANT",
            Sqlite => "TEXT",
            _ => "JSON",
        }),
    }
}

fn text(dialect: Dialect) -> String {
    match dialect {
        Dialect::MySql => "LONGTEXT",
        Dialect::Snowflake | Dialect::DuckDb => "VARCHAR",
        Dialect::Spark | Dialect::BigQuery => "STRING",
        _ => "TEXT",
    }
    .to_owned()
}

/// Text of a greatest length, where the dialect enforces it by the type.
pub(super) fn sized_text(length: u64, dialect: Dialect) -> Option<String> {
    match dialect {
        Dialect::Generic | Dialect::Postgres | Dialect::Snowflake => Some(format!("VARCHAR({length})")),
        Dialect::MySql if length <= 16_383 => Some(format!("VARCHAR({length})")),
        Dialect::BigQuery => Some(format!("STRING({length})")),
        _ => None,
    }
}

fn timestamp(unit: TimeUnit, zoned: bool, dialect: Dialect) -> String {
    let digits = match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    };
    match (dialect, zoned) {
        (Dialect::Postgres, false) if digits == 6 => "TIMESTAMP".to_owned(),
        (Dialect::Postgres, true) if digits == 6 => "TIMESTAMPTZ".to_owned(),
        // Microseconds are the finest that PostgreSQL and MySQL keep.
        (Dialect::Postgres, false) => format!("TIMESTAMP({})", digits.min(6)),
        (Dialect::Postgres, true) => format!("TIMESTAMPTZ({})", digits.min(6)),
        (Dialect::MySql, false) => format!("DATETIME({})", digits.min(6)),
        (Dialect::MySql, true) => format!("TIMESTAMP({})", digits.min(6)),
        (Dialect::Snowflake, false) => format!("TIMESTAMP_NTZ({digits})"),
        (Dialect::Snowflake, true) => format!("TIMESTAMP_TZ({digits})"),
        // SQLite reads a type as a row of words, and `with` is none that may stand there.
        (Dialect::Sqlite, true) if digits != 6 => format!("TIMESTAMPTZ({digits})"),
        (Dialect::DuckDb | Dialect::Sqlite, true) => "TIMESTAMPTZ".to_owned(),
        (Dialect::DuckDb, false) => match unit {
            TimeUnit::Second => "TIMESTAMP_S",
            TimeUnit::Millisecond => "TIMESTAMP_MS",
            TimeUnit::Microsecond => "TIMESTAMP",
            TimeUnit::Nanosecond => "TIMESTAMP_NS",
        }
        .to_owned(),
        (Dialect::Spark, false) => "TIMESTAMP_NTZ".to_owned(),
        (Dialect::Spark, true) => "TIMESTAMP".to_owned(),
        (_, false) if digits == 6 => "TIMESTAMP".to_owned(),
        (_, true) if digits == 6 => "TIMESTAMP WITH TIME ZONE".to_owned(),
        (_, false) => format!("TIMESTAMP({digits})"),
        (_, true) => format!("TIMESTAMP({digits}) WITH TIME ZONE"),
    }
}

fn bigquery(ty: &DataType) -> String {
    match ty {
        DataType::Boolean => "BOOL".to_owned(),
        DataType::UInt64 => "NUMERIC(20, 0)".to_owned(),
        ty if ty.is_integer() => "INT64".to_owned(),
        DataType::Float32 | DataType::Float64 => "FLOAT64".to_owned(),
        // A `NUMERIC` keeps 29 digits before the point and 9 behind it.
        DataType::Decimal { precision, scale } => {
            let fits = *scale <= 9 && i16::from(*precision) - i16::from(*scale) <= 29;
            format!("{}({precision}, {scale})", if fits { "NUMERIC" } else { "BIGNUMERIC" })
        }
        DataType::Binary => "BYTES".to_owned(),
        DataType::Date => "DATE".to_owned(),
        DataType::Time => "TIME".to_owned(),
        DataType::Timestamp { zone: Some(_), .. } => "TIMESTAMP".to_owned(),
        DataType::Timestamp { zone: None, .. } => "DATETIME".to_owned(),
        // An array of arrays is not allowed: the inner one stands in a struct.
        DataType::List(item) if matches!(**item, DataType::List(_) | DataType::Map(..)) => {
            format!("ARRAY<STRUCT<item {}>>", bigquery(item))
        }
        DataType::List(item) => format!("ARRAY<{}>", bigquery(item)),
        DataType::Struct(parts) => {
            let parts: Vec<String> =
                parts.iter().map(|(name, ty)| format!("{} {}", super::name(name, Dialect::BigQuery), bigquery(ty))).collect();
            format!("STRUCT<{}>", parts.join(", "))
        }
        DataType::Map(key, value) => format!("ARRAY<STRUCT<`key` {}, `value` {}>>", bigquery(key), bigquery(value)),
        _ => text(Dialect::BigQuery),
    }
}
