//! Typing of scalar expressions.

use super::context::Context;
use super::diagnose::{type_help, type_message};
use super::errors::{Known, clean, convert, unknown_column};
use super::facts::Facts;
use super::functions::{Functions, UNNEST};
use super::literals::{fold_literals, impossible, impossible_interval, never_held};
use super::nulls::{Scope, Set, tells_values};
use super::numbers::prefer_floats;
use super::text::{SqlText, not_allowed};
use super::types::from_arrow;
use arrow::datatypes::DataType as ArrowType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, Result, plan_err};
use datafusion::logical_expr::{Expr, ExprSchemable, Operator};
use datafusion::optimizer::analyzer::type_coercion::TypeCoercionRewriter;
use datafusion::sql::planner::PlannerContext;
use datafusion::sql::sqlparser::ast::{self, Spanned, Visit, Visitor};
use runi_lang::sql::{Influence, SqlError, SqlErrorKind, TypedExpr};
use runi_lang::types::DataType;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// The input of row expressions, prepared once per schema.
#[derive(Debug)]
pub(crate) struct RowInput {
    pub(crate) schema: DFSchema,
    pub(crate) nullable: Vec<bool>,
    pub(crate) names: Vec<String>,
    /// Columns whose type an earlier error hides.
    pub(crate) hidden: BTreeSet<String>,
}

/// Types an expression.
pub(crate) fn type_expr(
    text: &SqlText<'_>,
    input: &RowInput,
    functions: &Functions,
    options: &ConfigOptions,
) -> Result<TypedExpr, Vec<SqlError>> {
    let ast = text.parse_expr()?;
    check_row_ast(&ast, text, functions)?;
    let hides = input.hidden.iter().any(|name| text.find_word(name).is_some());
    match plan_expr(ast.clone(), &input.schema, functions, options).and_then(|expr| Ok((expr.get_type(&input.schema)?, expr))) {
        Ok((ty, expr)) => describe(&expr, &ty, input, hides, text),
        Err(error) => {
            let errors = diagnose(&ast, &error, text, input, functions, options);
            let only_types = errors.iter().all(|error| error.kind == SqlErrorKind::Type);
            if only_types && hides { Ok(hidden()) } else { Err(errors) }
        }
    }
}

/// Plans an expression over a row and settles its types.
pub(crate) fn plan_expr(ast: ast::Expr, schema: &DFSchema, functions: &Functions, options: &ConfigOptions) -> Result<Expr> {
    let context = Context::new(functions, options, &[]);
    let expr = context.planner().sql_to_expr(ast, schema, &mut PlannerContext::new())?;
    refuse_mixed_text(&expr, schema)?;
    let expr = prefer_floats(expr, schema)?.data;
    Ok(fold_literals(expr.rewrite(&mut TypeCoercionRewriter::new(schema))?.data)?.data)
}

fn hidden() -> TypedExpr {
    TypedExpr {
        ty: DataType::Unknown,
        nullable: true,
        reads: Vec::new(),
        proves_not_null: Vec::new(),
        rejects_null: Vec::new(),
        fallible: None,
        volatile: false,
        reads_clock: false,
        functions: Vec::new(),
        never_held: Vec::new(),
    }
}

fn describe(expr: &Expr, ty: &ArrowType, input: &RowInput, hidden: bool, text: &SqlText<'_>) -> Result<TypedExpr, Vec<SqlError>> {
    let scope = Scope { schema: &input.schema, nullable: &input.nullable };
    let Some(mut ty) = from_arrow(ty) else {
        let message = format!("its type, {}, is none that a column can have", clean(&ty.to_string()));
        return Err(vec![SqlError { kind: SqlErrorKind::Type, message, range: Some(0..text.len()), help: None }]);
    };
    let mut wrong = Vec::new();
    impossible(expr, text, &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut held = Vec::new();
    never_held(expr, &input.schema, text, &mut held);
    if hidden && !matches!(ty, DataType::Boolean) {
        ty = DataType::Unknown;
    }
    let mut columns = BTreeMap::new();
    reads(expr, Influence::Identity, &mut columns);
    let mut facts = Facts::default();
    facts.add(expr, &input.schema);
    let names = |set: Set| {
        let mut names: Vec<String> = set.into_iter().filter_map(|index| input.names.get(index).cloned()).collect();
        names.sort_unstable();
        names
    };
    let boolean = ty == DataType::Boolean;
    Ok(TypedExpr {
        nullable: scope.nullable(expr, &Set::new()),
        proves_not_null: if boolean { names(scope.non_null_if(expr, true)) } else { Vec::new() },
        rejects_null: if boolean { names(scope.decided_by_null(expr, false)) } else { Vec::new() },
        reads: columns.into_iter().collect(),
        ty,
        fallible: facts.fallible,
        volatile: facts.volatile,
        reads_clock: facts.reads_clock,
        functions: facts.functions.into_iter().collect(),
        never_held: held,
    })
}

/// The columns that an expression reads.
fn reads(expr: &Expr, how: Influence, into: &mut BTreeMap<String, Influence>) {
    if let Expr::Column(column) = expr {
        into.entry(column.name.clone()).and_modify(|known| *known = known.or(how)).or_insert(how);
        return;
    }
    let how = if tells_values(expr) { Influence::Conditional } else { Influence::Transformation }.then(how);
    // The closure never fails, so neither does the walk.
    let _ = expr.apply_children(|child| {
        reads(child, how, into);
        Ok(TreeNodeRecursion::Continue)
    });
}

/// DataFusion compares and adds text and numbers by casting one side, which can fail or surprise; the language asks
/// for the cast to be written.
pub(crate) fn refuse_mixed_text(expr: &Expr, schema: &DFSchema) -> Result<()> {
    let mixed = |left: &Expr, right: &Expr| -> Result<Option<(ArrowType, ArrowType)>> {
        let (left, right) = (left.get_type(schema)?, right.get_type(schema)?);
        Ok(((left.is_string() && right.is_numeric()) || (left.is_numeric() && right.is_string())).then_some((left, right)))
    };
    expr.apply(|expr| {
        let found = match expr {
            Expr::BinaryExpr(binary) if !matches!(binary.op, Operator::And | Operator::Or | Operator::StringConcat) => {
                mixed(&binary.left, &binary.right)?.map(|types| (binary.op.to_string(), types))
            }
            Expr::Between(between) => match mixed(&between.expr, &between.low)? {
                None => mixed(&between.expr, &between.high)?,
                found => found,
            }
            .map(|types| ("between".to_owned(), types)),
            Expr::InList(list) => {
                let mut found = None;
                for item in &list.list {
                    found = found.or(mixed(&list.expr, item)?);
                }
                found.map(|types| ("in".to_owned(), types))
            }
            _ => None,
        };
        match found {
            Some((op, (left, right))) => plan_err!("`{op}` does not take {left} and {right}; add explicit type casts"),
            None => Ok(TreeNodeRecursion::Continue),
        }
    })
    .map(|_| ())
}

/// What a row expression may not hold, found before it is planned so that every place is known.
struct RowRules<'a> {
    text: &'a SqlText<'a>,
    functions: &'a Functions,
    errors: Vec<SqlError>,
}

fn check_row_ast(ast: &ast::Expr, text: &SqlText<'_>, functions: &Functions) -> Result<(), Vec<SqlError>> {
    let mut rules = RowRules { text, functions, errors: Vec::new() };
    let _ = ast.visit(&mut rules);
    if rules.errors.is_empty() { Ok(()) } else { Err(rules.errors) }
}

impl Visitor for RowRules<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        match expr {
            ast::Expr::Subquery(_) | ast::Expr::Exists { .. } | ast::Expr::InSubquery { .. } => {
                let error = not_allowed("a row expression cannot hold a sub-query".to_owned(), self.text.known_range(expr.span()));
                self.errors.push(SqlError { help: Some("use a `select` step".to_owned()), ..error });
                return ControlFlow::Break(());
            }
            ast::Expr::Interval(_) => self.errors.extend(impossible_interval(expr, self.text)),
            ast::Expr::Function(function) => {
                let name = function.name.to_string().to_lowercase();
                if name == UNNEST {
                    let message = "`unnest` makes several rows of one; a row expression sees one row".to_owned();
                    let error = not_allowed(message, self.text.known_range(expr.span()));
                    self.errors.push(SqlError { help: Some("use a `select` step".to_owned()), ..error });
                    return ControlFlow::Continue(());
                }
                let row = self.functions.scalar.contains_key(&name) || self.functions.higher_order.contains_key(&name);
                if !row && !self.functions.knows(&name) {
                    self.errors.push(unknown_function(function, self.text, self.functions, true));
                } else if !row || function.over.is_some() || function.filter.is_some() {
                    let kind = if function.over.is_some() { "a window function" } else { "an aggregate" };
                    let message = format!("`{name}` is {kind}; a row expression sees one row");
                    let error = not_allowed(message, self.text.known_range(expr.span()));
                    self.errors.push(SqlError { help: Some("use a `select` step".to_owned()), ..error });
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// A call of a function that does not exist.
pub(crate) fn unknown_function(function: &ast::Function, text: &SqlText<'_>, functions: &Functions, row: bool) -> SqlError {
    let name = function.name.to_string();
    SqlError {
        message: format!("no function `{name}`"),
        kind: SqlErrorKind::UnknownFunction { known: functions.near(&name.to_lowercase(), row), name },
        range: text.known_range(function.name.span()),
        help: None,
    }
}

/// Finds the smallest parts that do not plan, so that every mistake is told at its place.
fn diagnose(
    ast: &ast::Expr,
    error: &DataFusionError,
    text: &SqlText<'_>,
    input: &RowInput,
    functions: &Functions,
    options: &ConfigOptions,
) -> Vec<SqlError> {
    let mut doctor = Doctor { text, input, functions, options, starts: Vec::new(), errors: Vec::new() };
    let _ = ast.visit(&mut doctor);
    if doctor.errors.is_empty() {
        return convert(error, text, Known { columns: &input.names, views: &[] });
    }
    doctor.errors
}

struct Doctor<'a> {
    text: &'a SqlText<'a>,
    input: &'a RowInput,
    functions: &'a Functions,
    options: &'a ConfigOptions,
    /// How many errors there were when each enclosing expression was entered.
    starts: Vec<usize>,
    errors: Vec<SqlError>,
}

impl Doctor<'_> {
    fn plan(&self, ast: &ast::Expr) -> Result<ArrowType> {
        plan_expr(ast.clone(), &self.input.schema, self.functions, self.options)?.get_type(&self.input.schema)
    }

    fn type_name(&self, ast: &ast::Expr) -> Option<String> {
        let ty = self.plan(ast).ok()?;
        Some(from_arrow(&ty).map_or_else(|| ty.to_string(), |ty| ty.to_string()))
    }
}

impl Visitor for Doctor<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, _: &ast::Expr) -> ControlFlow<()> {
        self.starts.push(self.errors.len());
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &ast::Expr) -> ControlFlow<()> {
        let inner_is_wrong = self.starts.pop().is_some_and(|start| start < self.errors.len());
        if inner_is_wrong {
            return ControlFlow::Continue(());
        }
        let Err(error) = self.plan(expr) else { return ControlFlow::Continue(()) };
        let range = self.text.known_range(expr.span());
        for mut found in convert(&error, self.text, Known { columns: &self.input.names, views: &[] }) {
            if let ast::Expr::Identifier(ident) = expr {
                found = unknown_column(&ident.value, range.clone(), self.text, self.input.names.clone());
            } else {
                found.range = range.clone().or(found.range);
                if found.kind == SqlErrorKind::Type {
                    found.message = type_message(expr, &|part| self.type_name(part)).unwrap_or(found.message);
                    found.help = type_help(expr, self.functions).or(found.help);
                }
            }
            self.errors.push(found);
        }
        ControlFlow::Continue(())
    }
}
