//! The dialects of SQL whose tables can be read and written.

use sqlparser::ast::Expr;
use sqlparser::dialect::{
    BigQueryDialect, Dialect as Grammar, DuckDbDialect, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
    SparkSqlDialect,
};
use sqlparser::parser::{Parser, ParserError};
use std::any::TypeId;

/// Spark's grammar, with the backslashes that its strings have unless somebody turned them off
/// (<https://spark.apache.org/docs/latest/sql-ref-literals.html#string-literal>). Everything else is `sqlparser`'s own.
#[derive(Debug)]
struct Spark;

/// Asks `sqlparser`'s grammar.
macro_rules! as_spark {
    ($($name:ident),*) => {
        $(fn $name(&self) -> bool {
            SparkSqlDialect.$name()
        })*
    };
}

impl Grammar for Spark {
    fn dialect(&self) -> TypeId {
        TypeId::of::<SparkSqlDialect>()
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        true
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        SparkSqlDialect.is_delimited_identifier_start(ch)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        SparkSqlDialect.is_identifier_start(ch)
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        SparkSqlDialect.is_identifier_part(ch)
    }

    as_spark!(
        supports_filter_during_aggregation,
        supports_group_by_expr,
        supports_group_by_with_modifier,
        supports_lambda_functions,
        supports_select_wildcard_except,
        supports_struct_literal,
        supports_nested_comments,
        supports_create_table_using,
        supports_long_type_as_bigint,
        supports_values_as_table_factor,
        require_interval_qualifier,
        supports_bang_not_operator,
        supports_select_item_multi_column_alias,
        supports_cte_without_as,
        supports_map_literal_with_angle_brackets
    );

    fn parse_infix(&self, parser: &mut Parser<'_>, expr: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        SparkSqlDialect.parse_infix(parser, expr, precedence)
    }
}

/// A dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Close to the standard; reads most of the others.
    #[default]
    Generic,
    /// PostgreSQL and what follows it.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
    /// Snowflake.
    Snowflake,
    /// BigQuery.
    BigQuery,
    /// DuckDB.
    DuckDb,
    /// Spark SQL and Databricks.
    Spark,
}

impl Dialect {
    /// Every dialect, by the word that `--dialect` takes.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("generic", Self::Generic),
        ("postgres", Self::Postgres),
        ("mysql", Self::MySql),
        ("sqlite", Self::Sqlite),
        ("snowflake", Self::Snowflake),
        ("bigquery", Self::BigQuery),
        ("duckdb", Self::DuckDb),
        ("spark", Self::Spark),
    ];

    /// The dialect of this name; a few other names are understood.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let name = match name.to_ascii_lowercase().as_str() {
            "ansi" | "sql" => "generic".to_owned(),
            "postgresql" | "pg" | "redshift" => "postgres".to_owned(),
            "mariadb" => "mysql".to_owned(),
            "databricks" | "sparksql" => "spark".to_owned(),
            other => other.to_owned(),
        };
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, dialect)| *dialect)
    }

    /// The dialect of this name.
    ///
    /// # Errors
    /// What dialects there are.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::of(name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            let near = runi_lang::diagnostics::nearest(name, known.iter().copied());
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            format!("there is no dialect `{name}`: {near}dialects are {}", known.join(", "))
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, dialect)| *dialect == self).map_or("generic", |(name, _)| name)
    }

    pub(crate) fn grammar(self) -> &'static dyn Grammar {
        match self {
            Self::Generic => &GenericDialect {},
            Self::Postgres => &PostgreSqlDialect {},
            Self::MySql => &MySqlDialect {},
            Self::Sqlite => &SQLiteDialect {},
            Self::Snowflake => &SnowflakeDialect,
            Self::BigQuery => &BigQueryDialect,
            Self::DuckDb => &DuckDbDialect {},
            Self::Spark => &Spark,
        }
    }

    /// What stands around a quoted name.
    pub(crate) fn quote(self) -> char {
        if matches!(self, Self::MySql | Self::BigQuery | Self::Spark) { '`' } else { '"' }
    }

    /// Whether it checks rows by `check (…)`.
    pub(crate) fn has_checks(self) -> bool {
        !matches!(self, Self::Snowflake | Self::BigQuery | Self::Spark)
    }
}
