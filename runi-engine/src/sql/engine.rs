//! The compiler's `SqlEngine` on DataFusion.
//!
//! Nothing is registered and no catalog exists: a planning sees the functions, and the schemas that
//! it is handed. Answers are kept, since a check asks the same question for every use of a
//! reusable step.

use super::assertion::type_assertion;
use super::canonical::{canonical_expr, canonical_query};
use super::evaluate::{self, CompiledExpr, Evaluation, RunClock};
use super::expr::{RowInput, plan_expr, type_expr};
use super::functions::Functions;
use super::query::{Views, type_query};
use super::stack::with_room;
use super::text::SqlText;
use super::types::{self, from_arrow, to_typed_schema};
use crate::error::EngineError;
use arrow::datatypes::{DataType as ArrowType, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::logical_plan::builder::LogicalTableSource;
use datafusion::logical_expr::{ExprSchemable, TableSource};
use datafusion::sql::sqlparser::ast;
use runi_lang::schema::{Column, Schema};
use runi_lang::sql::{Bindings, Canonical, SqlEngine, SqlError, SqlErrorKind, TypedExpr, TypedQuery, open_column};
use runi_lang::types::DataType;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// Kept answers and schemas of each kind, before all are dropped.
const KEPT_MAX: usize = 65_536;

/// The id of the input's schema, the SQL, its parameters.
type ExprKey = (u64, String, Bindings);

/// The views by name and id of their schema, the SQL, its parameters.
type QueryKey = (Vec<(String, u64)>, String, Bindings);

/// DataFusion, as the compiler and the runner see it.
#[derive(Debug)]
pub struct DataFusionEngine {
    pub(crate) functions: Functions,
    pub(crate) options: Arc<ConfigOptions>,
    inputs: Kept<Schema, Arc<Input>>,
    exprs: Kept<ExprKey, Result<TypedExpr, Vec<SqlError>>>,
    queries: Kept<QueryKey, Result<TypedQuery, Vec<SqlError>>>,
}

impl Default for DataFusionEngine {
    fn default() -> Self {
        Self {
            functions: Functions::new(),
            options: Arc::new(ConfigOptions::default()),
            inputs: Kept::default(),
            exprs: Kept::default(),
            queries: Kept::default(),
        }
    }
}

impl DataFusionEngine {
    /// An engine with nothing kept yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The engine of this process.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<DataFusionEngine> = LazyLock::new(DataFusionEngine::new);
        &SHARED
    }

    /// Prepares an expression over batches of `schema`, for one run.
    ///
    /// # Errors
    /// What the compiler would have said of it.
    pub fn compile(
        &self,
        sql: &str,
        schema: &SchemaRef,
        bindings: &Bindings,
        evaluation: impl Into<Evaluation>,
    ) -> Result<CompiledExpr, EngineError> {
        self.compile_as(sql, schema, bindings, &evaluation.into(), None)
    }

    /// As [`DataFusionEngine::compile`], with values cast to `wanted`.
    pub(crate) fn compile_as(
        &self,
        sql: &str,
        schema: &SchemaRef,
        bindings: &Bindings,
        evaluation: &Evaluation,
        wanted: Option<&ArrowType>,
    ) -> Result<CompiledExpr, EngineError> {
        let failed = |errors: Vec<SqlError>| engine_error(sql, &errors);
        with_room(|| {
            let text = SqlText::new(sql, bindings).map_err(failed)?;
            let ast = text.parse_expr().map_err(failed)?;
            evaluate::compile(self, sql, ast, schema, evaluation, wanted)
        })
    }

    /// The value of an expression that reads no column.
    pub(crate) fn evaluate_constant(&self, ast: ast::Expr) -> Result<ScalarValue, EngineError> {
        let sql = ast.to_string();
        let schema = Arc::new(arrow::datatypes::Schema::empty());
        evaluate::compile(self, &sql, ast, &schema, &RunClock::now().into(), None)?.evaluate_once()
    }

    /// The type of an expression that reads no column.
    pub(crate) fn type_ast(&self, ast: &ast::Expr, text: &SqlText<'_>) -> Result<DataType, Vec<SqlError>> {
        let schema = DFSchema::empty();
        let known = super::errors::Known { columns: &[], views: &[] };
        let ty: Result<ArrowType, _> =
            plan_expr(ast.clone(), &schema, &self.functions, &self.options).and_then(|expr| expr.get_type(&schema));
        let ty = ty.map_err(|error| super::errors::convert(&error, text, known))?;
        Ok(from_arrow(&ty).unwrap_or(DataType::Unknown))
    }

    /// A schema as normal forms see it: any column may be null.
    fn nullable_input(&self, schema: &Schema) -> Option<Arc<Input>> {
        let columns = schema.columns.iter().map(|column| Column { nullable: true, ..column.clone() });
        self.input(&Schema { columns: columns.collect() }).ok()
    }

    fn input(&self, schema: &Schema) -> Result<Arc<Input>, Vec<SqlError>> {
        self.inputs
            .get_or(schema, || Input::new(schema, self.inputs.next_id()))
            .map_err(|message| vec![SqlError { kind: SqlErrorKind::Other, message, range: None, help: None }])
    }
}

impl SqlEngine for DataFusionEngine {
    fn version(&self) -> String {
        format!("datafusion {} runi {}", datafusion::DATAFUSION_VERSION, env!("CARGO_PKG_VERSION"))
    }

    fn expr(&self, sql: &str, input: &Schema, bindings: &Bindings) -> Result<TypedExpr, Vec<SqlError>> {
        let input = self.input(input)?;
        let key = (input.id, sql.to_owned(), bindings.clone());
        self.exprs.get_or_insert(key, || {
            let text = SqlText::new(sql, bindings)?;
            with_room(|| type_expr(&text, &input.row, &self.functions, &self.options))
        })
    }

    fn query(&self, sql: &str, views: &[(String, Schema)], bindings: &Bindings) -> Result<TypedQuery, Vec<SqlError>> {
        let mut ids = Vec::with_capacity(views.len());
        let mut sources: Views = Vec::with_capacity(views.len());
        for (name, schema) in views {
            let input = self.input(schema)?;
            ids.push((name.clone(), input.id));
            sources.push((name.clone(), Arc::clone(&input.source)));
        }
        self.queries.get_or_insert((ids, sql.to_owned(), bindings.clone()), || {
            let text = SqlText::new(sql, bindings)?;
            with_room(|| type_query(&text, &sources, &self.functions, &self.options))
        })
    }

    fn assertion(&self, sql: &str, sources: &[String], steps: &[String]) -> Result<(), Vec<SqlError>> {
        with_room(|| type_assertion(self, sql, sources, steps))
    }

    fn canonical_expr_as(&self, sql: &str, input: &Schema, called: &BTreeMap<String, String>, bindings: &Bindings) -> Option<Canonical> {
        let (text, input) = (SqlText::new(sql, bindings).ok()?, self.nullable_input(input)?);
        if input.row.hidden.iter().any(|name| text.find_word(name).is_some()) {
            return None;
        }
        with_room(|| canonical_expr(self, &text, &input.row.schema, called))
    }

    fn canonical_query(&self, sql: &str, views: &[(String, Schema)], bindings: &Bindings) -> Option<Canonical> {
        let text = SqlText::new(sql, bindings).ok()?;
        let mut sources: Views = Vec::with_capacity(views.len());
        for (name, schema) in views {
            // A column that nobody knows makes `*` differ from the list of today's columns.
            let mut open = schema.clone();
            open.columns.push(Column { name: open_column(name), ty: DataType::String, nullable: true });
            let input = self.nullable_input(&open)?;
            if !input.row.hidden.is_empty() {
                return None;
            }
            sources.push((name.clone(), Arc::clone(&input.source)));
        }
        with_room(|| canonical_query(self, &text, &sources))
    }

    fn widens(&self, from: &DataType, to: &DataType) -> bool {
        types::widens(from, to)
    }
}

/// The error of SQL that should have been refused by the compiler.
pub(crate) fn engine_error(sql: &str, errors: &[SqlError]) -> EngineError {
    let message = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ");
    EngineError::Engine { context: format!("cannot plan `{sql}`"), message }
}

/// A schema, prepared for planning.
struct Input {
    /// Unique among the schemas that are kept at one time.
    id: u64,
    row: RowInput,
    source: Arc<dyn TableSource>,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("id", &self.id).field("names", &self.row.names).finish_non_exhaustive()
    }
}

impl Input {
    fn new(schema: &Schema, id: u64) -> Result<Arc<Self>, String> {
        let arrow = to_typed_schema(schema);
        let df_schema = DFSchema::try_from(Arc::clone(&arrow)).map_err(|error| super::errors::clean(&error.to_string()))?;
        let hidden = schema.columns.iter().filter(|column| column.ty == DataType::Unknown).map(|column| column.name.clone());
        let row = RowInput {
            schema: df_schema,
            nullable: arrow.fields().iter().map(|field| field.is_nullable()).collect(),
            names: schema.names().map(str::to_owned).collect(),
            hidden: hidden.collect(),
        };
        Ok(Arc::new(Self { id, row, source: Arc::new(LogicalTableSource::new(arrow)) }))
    }
}

/// A bounded map that many threads read.
#[derive(Debug)]
struct Kept<K, V> {
    map: RwLock<FxHashMap<K, V>>,
    /// How many values were ever made; names them uniquely.
    made: std::sync::atomic::AtomicU64,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { map: RwLock::default(), made: std::sync::atomic::AtomicU64::new(0) }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Kept<K, V> {
    /// A number that no value made before had.
    fn next_id(&self) -> u64 {
        self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }

    fn get(&self, key: &K) -> Option<V> {
        self.map.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn insert(&self, key: K, value: V) -> V {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= KEPT_MAX {
            map.clear();
        }
        // Two threads may have made it at once; the first one's stays.
        map.entry(key).or_insert(value).clone()
    }

    fn get_or<E>(&self, key: &K, make: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        match self.get(key) {
            Some(value) => Ok(value),
            None => Ok(self.insert(key.clone(), make()?)),
        }
    }

    fn get_or_insert(&self, key: K, make: impl FnOnce() -> V) -> V {
        match self.get(&key) {
            Some(value) => value,
            None => self.insert(key, make()),
        }
    }
}
