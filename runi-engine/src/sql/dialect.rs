//! The SQL dialect: DataFusion's generic one with Postgres's rules for words, and types spelt as contracts spell them.

use arrow::datatypes::{DataType as ArrowType, Field, FieldRef, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{ArrayElemTypeDef, DataType as SqlType, TimezoneInfo};
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect};
use std::any::TypeId;
use std::sync::Arc;

/// The generic dialect, except that `@` and `#` are never part of a word (`a@>b` is an operator), that backticks do
/// not quote, and that `$name` is always a parameter.
#[derive(Debug)]
pub(crate) struct RuniDialect;

impl Dialect for RuniDialect {
    // The parser asks "is this the generic dialect?" in many places.
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    fn supports_dollar_placeholder(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_select_wildcard_except(&self) -> bool {
        true
    }

    fn supports_select_wildcard_exclude(&self) -> bool {
        true
    }

    fn supports_select_wildcard_replace(&self) -> bool {
        true
    }

    fn allow_extract_custom(&self) -> bool {
        true
    }

    fn allow_extract_single_quotes(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_within_after_array_aggregation(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    fn supports_values_as_table_factor(&self) -> bool {
        true
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    fn supports_nested_comments(&self) -> bool {
        true
    }

    fn supports_string_escape_constant(&self) -> bool {
        true
    }

    fn supports_array_typedef_with_brackets(&self) -> bool {
        true
    }
}

/// Gives the names of types their meaning in contracts: `timestamp` counts microseconds, `int8` has 8 bits.
#[derive(Debug)]
pub(crate) struct ContractTypes;

impl TypePlanner for ContractTypes {
    fn plan_type_field(&self, ty: &SqlType) -> Result<Option<FieldRef>> {
        Ok(arrow_type(ty).map(|ty| Arc::new(Field::new("", ty, true))))
    }
}

fn arrow_type(ty: &SqlType) -> Option<ArrowType> {
    Some(match ty {
        SqlType::Int8(None) => ArrowType::Int8,
        SqlType::Int16 => ArrowType::Int16,
        SqlType::Int32 => ArrowType::Int32,
        SqlType::Int64 => ArrowType::Int64,
        SqlType::UInt8 => ArrowType::UInt8,
        SqlType::UInt16 => ArrowType::UInt16,
        SqlType::UInt32 => ArrowType::UInt32,
        SqlType::UInt64 => ArrowType::UInt64,
        SqlType::Float32 => ArrowType::Float32,
        SqlType::Float64 => ArrowType::Float64,
        SqlType::Binary(_) | SqlType::Varbinary(_) | SqlType::Bytea | SqlType::Blob(_) => ArrowType::BinaryView,
        SqlType::Time(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => ArrowType::Time64(TimeUnit::Microsecond),
        SqlType::Timestamp(precision, zone) => {
            let unit = match precision {
                None | Some(6) => TimeUnit::Microsecond,
                Some(0) => TimeUnit::Second,
                Some(3) => TimeUnit::Millisecond,
                Some(9) => TimeUnit::Nanosecond,
                Some(_) => return None,
            };
            let zone = matches!(zone, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone).then(|| Arc::from("UTC"));
            ArrowType::Timestamp(unit, zone)
        }
        SqlType::Array(ArrayElemTypeDef::AngleBracket(item) | ArrayElemTypeDef::SquareBracket(item, None)) => {
            ArrowType::List(Arc::new(Field::new_list_field(arrow_type(item)?, true)))
        }
        _ => return None,
    })
}
