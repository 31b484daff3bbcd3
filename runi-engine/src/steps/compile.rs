//! From the IR to a [`RowStep`]: every expression is compiled against the columns at its point.

use super::{Action, Promise, RowStep, Target};
use crate::error::EngineError;
use crate::sql::{CompiledExpr, DataFusionEngine, Evaluation};
use arrow::datatypes::{DataType as ArrowType, Field, Schema, SchemaRef};
use runi_lang::ir::{RowAction, RowsNode};
use runi_lang::sql::Bindings;
use std::sync::Arc;

impl RowStep {
    /// Compiles a step for batches of `input`, in one run.
    ///
    /// # Errors
    /// What the compiler of the language would have refused: an expression that does not type, a column that is not there.
    pub fn compile(node: &RowsNode, input: &SchemaRef, evaluation: impl Into<Evaluation>) -> Result<Self, EngineError> {
        let mut compiler = Compiler {
            bindings: &node.bindings,
            evaluation: evaluation.into(),
            schema: Arc::clone(input),
            guarded: !node.when.is_empty(),
            clauses: Vec::new(),
        };
        let when = node.when.iter().map(|condition| compiler.expr(&condition.sql, None)).collect::<Result<Vec<_>, _>>()?;
        let actions = node.actions.iter().map(|action| compiler.action(action)).collect::<Result<Vec<_>, _>>()?;
        let promises = node
            .then
            .iter()
            .map(|condition| Ok(Promise { title: condition.title.clone(), condition: compiler.expr(&condition.sql, None)? }));
        let promises = promises.collect::<Result<Vec<_>, EngineError>>()?;
        let fallible = when
            .iter()
            .chain(promises.iter().map(|promise| &promise.condition))
            .chain(actions.iter().flat_map(Action::exprs))
            .any(CompiledExpr::fallible);
        Ok(Self { output: compiler.schema, when, actions, promises, clauses: compiler.clauses, on_fail: node.on_fail, fallible })
    }
}

impl Action {
    fn exprs(&self) -> Box<dyn Iterator<Item = &CompiledExpr> + '_> {
        match self {
            Self::Assign { targets, .. } => Box::new(targets.iter().map(|(_, value)| value)),
            Self::Columns { .. } => Box::new(std::iter::empty()),
            Self::Where { condition, .. } => Box::new(std::iter::once(condition)),
        }
    }
}

struct Compiler<'a> {
    bindings: &'a Bindings,
    evaluation: Evaluation,
    /// The columns at this point.
    schema: SchemaRef,
    guarded: bool,
    clauses: Vec<String>,
}

impl Compiler<'_> {
    fn expr(&self, sql: &str, wanted: Option<&ArrowType>) -> Result<CompiledExpr, EngineError> {
        DataFusionEngine::shared().compile_as(sql, &self.schema, self.bindings, &self.evaluation, wanted)
    }

    fn action(&mut self, action: &RowAction) -> Result<Action, EngineError> {
        match action {
            RowAction::Assign(assignments) => self.assign(assignments),
            RowAction::Rename(names) => {
                let renamed = |name: &String| names.iter().find(|(old, _)| old == name).map_or(name, |(_, new)| new).clone();
                for (old, _) in names {
                    self.index(old)?;
                }
                let fields: Vec<Field> =
                    self.schema.fields().iter().map(|field| field.as_ref().clone().with_name(renamed(field.name()))).collect();
                let indices = (0..fields.len()).collect();
                Ok(self.columns(indices, fields))
            }
            RowAction::DropColumns(names) => {
                let dropped = names.iter().map(|name| self.index(name)).collect::<Result<Vec<_>, _>>()?;
                let indices = (0..self.schema.fields().len()).filter(|index| !dropped.contains(index)).collect();
                Ok(self.project(indices))
            }
            RowAction::KeepColumns(names) => {
                let indices = names.iter().map(|name| self.index(name)).collect::<Result<Vec<_>, _>>()?;
                Ok(self.project(indices))
            }
            RowAction::DropWhere(sql) => self.filter("drop", sql),
            RowAction::KeepWhere(sql) => self.filter("keep", sql),
        }
    }

    /// Computed columns are nullable here whatever is known of them: contracts are checked on values, not on this flag.
    fn assign(&mut self, assignments: &[(String, String)]) -> Result<Action, EngineError> {
        let mut fields: Vec<Field> = self.schema.fields().iter().map(|field| field.as_ref().clone()).collect();
        let mut targets = Vec::with_capacity(assignments.len());
        for (column, sql) in assignments {
            let existing = self.schema.index_of(column).ok();
            let mut value = self.expr(sql, None)?;
            if let Some(field) = existing.and_then(|index| fields.get_mut(index)) {
                // Rows that are not chosen keep their values, so the type stays; a bare `null` has no type of its own.
                let keeps_type = (self.guarded || value.data_type() == &ArrowType::Null) && field.data_type() != &ArrowType::Null;
                if keeps_type && value.data_type() != field.data_type() {
                    value = self.expr(sql, Some(field.data_type()))?;
                }
                *field = Field::new(column, value.data_type().clone(), true);
            } else {
                fields.push(Field::new(column, value.data_type().clone(), true));
            }
            targets.push((existing.map_or(Target::Append, Target::Replace), value));
        }
        self.schema = Arc::new(Schema::new(fields));
        Ok(Action::Assign { targets, after: Arc::clone(&self.schema) })
    }

    fn filter(&mut self, word: &str, sql: &str) -> Result<Action, EngineError> {
        let condition = self.expr(sql, None)?;
        self.clauses.push(format!("{word} where {sql}"));
        Ok(Action::Where { clause: self.clauses.len() - 1, keep: word == "keep", condition })
    }

    fn project(&mut self, indices: Vec<usize>) -> Action {
        let fields = indices.iter().filter_map(|index| self.schema.fields().get(*index)).map(|field| field.as_ref().clone()).collect();
        self.columns(indices, fields)
    }

    fn columns(&mut self, indices: Vec<usize>, fields: Vec<Field>) -> Action {
        self.schema = Arc::new(Schema::new(fields));
        Action::Columns { indices, after: Arc::clone(&self.schema) }
    }

    fn index(&self, name: &str) -> Result<usize, EngineError> {
        self.schema.index_of(name).map_err(|_| EngineError::Engine {
            context: "cannot prepare a step".to_owned(),
            message: format!("there is no column `{name}`"),
        })
    }
}
