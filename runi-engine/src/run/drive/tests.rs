//! A panic inside of a tree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::run::layout::{Layout, TreeLayout};
use crate::sql::{RunClock, SessionOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use runi_lang::ir::Origin;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A view whose reading is a defect.
#[derive(Debug)]
struct Defect(SchemaRef);

#[async_trait::async_trait]
impl TableProvider for Defect {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _: &dyn Session,
        _: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> datafusion::common::Result<Arc<dyn ExecutionPlan>> {
        panic!("a defect of the engine");
    }
}

/// One tree that panics, and one that waits for it.
fn drive() -> (Drive, Vec<Work>) {
    let session = QuerySession::new(RunClock::now(), &SessionOptions::default()).unwrap();
    let table: Arc<dyn TableProvider> = Arc::new(Defect(Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]))));
    let plan = QueryPlan::new(&session, "select id from t", &Vec::new(), &[("t".to_owned(), table)]).unwrap();
    let tree = |root, waits_for| TreeLayout { root: NodeId(root), nodes: Vec::new(), waits_for };
    let built = Built {
        layout: Layout { trees: vec![tree(0, Vec::new()), tree(1, vec![0])], tree_of: vec![0, 1] },
        trees: (0..2).map(|root| Tree { root: NodeId(root), stages: BTreeMap::new() }).collect(),
        sources: BTreeMap::new(),
        plans: [(NodeId(0), plan)].into(),
        query_meters: BTreeMap::new(),
        hubs: BTreeMap::new(),
        sets: BTreeMap::new(),
        slots: Vec::new(),
    };
    let context = RunContext {
        run_id: String::new(),
        scenario: String::new(),
        root: std::path::PathBuf::new(),
        spool_dir: std::env::temp_dir(),
        evaluation: RunClock::now().into(),
        mask_key: None,
        raw_quarantine: false,
        recorded: false,
        privacy: Arc::default(),
        interrupt: Arc::new(AtomicBool::new(false)),
        failed: AtomicBool::new(false),
    };
    let settings = Settings {
        pipeline: Arc::new(Pipeline::new("", Origin { line: 1, ..Origin::default() }, "dev")),
        context: Arc::new(context),
        read: ReadOptions::default(),
        workers: 1,
        held_bytes: 0,
        progress: Arc::default(),
    };
    Drive::new(built, Ways { sinks: Vec::new(), quarantine: mpsc::channel(1).0 }, settings)
}

#[test]
fn a_panic_ends_a_run_with_an_error() {
    let (told, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (drive, works) = drive();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let _ = told.send(runtime.block_on(Arc::new(drive).run(works)));
    });
    let result = ended.recv_timeout(Duration::from_secs(60)).expect("the run hangs");
    assert!(matches!(result, Err(EngineError::Engine { .. })), "{result:?}");
}
