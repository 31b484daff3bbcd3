//! DataFusion behind the compiler's `SqlEngine`: types, lineage, and expressions to evaluate.
//!
//! ```text
//! text, dialect   tokens with places;  binding: parameters as tokens
//! context         what the planner may look at: functions and views, no catalogs
//! expr, query     typing;  nulls, facts, lineage: what is known beyond types
//! misuse          calls in the wrong clause;  diagnose: the smallest part of a `select` that does not type
//! canonical       normal forms, by which two texts are told to mean the same
//! checked         arithmetic that fails instead of wrapping around;  bounded: functions that could take all memory
//! guarded         parts that can fail are evaluated only where the parts before them let them
//! evaluate        row expressions on batches;  session: `select`s as data frames
//! ```

pub mod types;

mod assertion;
mod binding;
mod bounded;
mod bounds;
mod canonical;
mod checked;
mod context;
mod diagnose;
mod dialect;
mod engine;
mod errors;
mod evaluate;
mod expr;
mod facts;
mod functions;
mod guarded;
mod levels;
mod lineage;
mod literals;
mod meaning;
mod misuse;
mod nulls;
mod numbers;
mod optimizing;
mod query;
mod session;
mod stack;
mod text;

pub use assertion::eval_assertion;
pub(crate) use bounded::{TooLarge, bytes};
pub use engine::DataFusionEngine;
pub use evaluate::{CompiledExpr, Evaluation, RunClock};
pub use session::{QuerySession, SessionOptions};
