//! What the tests of workspaces share: an engine that types nothing, and small workspaces in memory.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_lang::schema::Schema;
use runi_lang::sql::{Bindings, SqlEngine, SqlError, TypedExpr, TypedQuery};
use runi_lang::types::DataType;
use runi_lang::workspace::{MemoryTree, Report, Workspace};
use std::sync::Arc;

/// Calls every expression a boolean that is never null. Enough where SQL is not what is tested.
#[derive(Debug)]
pub(crate) struct NoSql;

impl SqlEngine for NoSql {
    fn version(&self) -> String {
        "none 1".to_owned()
    }

    fn expr(&self, _: &str, _: &Schema, _: &Bindings) -> Result<TypedExpr, Vec<SqlError>> {
        Ok(TypedExpr {
            ty: DataType::Boolean,
            nullable: false,
            reads: Vec::new(),
            proves_not_null: Vec::new(),
            rejects_null: Vec::new(),
            fallible: None,
            volatile: false,
            reads_clock: false,
            functions: Vec::new(),
            never_held: Vec::new(),
        })
    }

    fn query(&self, _: &str, _: &[(String, Schema)], _: &Bindings) -> Result<TypedQuery, Vec<SqlError>> {
        Ok(TypedQuery {
            columns: Vec::new(),
            row_influences: Vec::new(),
            views: Vec::new(),
            fallible: None,
            volatile: false,
            reads_clock: false,
            never_held: Vec::new(),
        })
    }

    fn assertion(&self, _: &str, _: &[String], _: &[String]) -> Result<(), Vec<SqlError>> {
        Ok(())
    }

    fn widens(&self, from: &DataType, to: &DataType) -> bool {
        from == to
    }
}

/// The engine as a workspace asks for it.
pub(crate) fn engine() -> Arc<dyn SqlEngine> {
    Arc::new(NoSql)
}

/// A workspace in memory; without a `Runi.toml` among the files it gets an empty one.
pub(crate) fn workspace(files: &[(&str, &str)]) -> (Arc<MemoryTree>, Workspace) {
    let tree = Arc::new(MemoryTree::new(files.iter().map(|(path, text)| ((*path).to_owned(), *text))));
    if !files.iter().any(|(path, _)| *path == "Runi.toml") {
        tree.write("Runi.toml", "");
    }
    let workspace = Workspace::with_tree(tree.clone(), None).unwrap();
    (tree, workspace)
}

/// Codes and places of a report: `path:code`.
pub(crate) fn codes(report: &Report) -> Vec<String> {
    report.diagnostics.iter().map(|d| format!("{}:{}", d.place.path, d.code)).collect()
}

/// A contract of one required column.
pub(crate) fn contract(name: &str, column: &str) -> String {
    format!("Contract: {name}\n\n  {column}  string  @required\n")
}

/// A feature with one scenario that copies a file.
pub(crate) fn copy(name: &str, contract: &str, from: &str, to: &str) -> String {
    format!(
        "Feature: {name}\n\nScenario: {name}\n  Given rows\n  @source(type=csv, path=\"{from}\", contract={contract}) as rows\n\n  Then they are kept\n  @sink(type=csv, path=\"{to}\", contract={contract})\n"
    )
}
