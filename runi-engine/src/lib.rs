//! The engine of Runi: types SQL, reads sources, checks rows, writes sinks, on Apache DataFusion.
//!
//! DataFusion lives here and only here. The road of a row:
//!
//! ```text
//! source    framed, decoded, typed; malformed records set aside      (`source`)
//! rules     every rule of the contract as one bit per row            (`rules`)
//! steps     guarded row-level steps; `select`s run on DataFusion     (`steps`, `run`)
//! doors     passed | quarantined | filtered | consumed, each counted (`run`)
//! sinks     masked, encoded, published atomically                    (`mask`, `sink`)
//! probe     what a changed contract would do to data that is there   (`probe`)
//! record    what happened, hash-chained under `.runi/`               (`record`)
//! ```

pub mod error;
pub mod mask;
pub mod probe;
pub mod quarantine;
pub mod record;
pub mod rows;
pub mod rules;
pub mod run;
pub mod sink;
pub mod source;
pub mod sql;
pub mod steps;
