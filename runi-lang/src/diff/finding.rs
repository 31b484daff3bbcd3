//! A change, judged: what it means for this workspace, for whom, and what data says.

use super::change::{Change, Item};
use super::rule::{Bump, Level};
use crate::model::Date;
use crate::sql::Influence;
use serde::Serialize;

/// How a change was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "outcome")]
pub enum Decision {
    /// The command fails.
    Denied,
    /// Somebody should look.
    Warned,
    /// Shown, and fine.
    Allowed,
    /// A break that somebody answers for, by an `@accept`.
    Accepted {
        /// Who.
        by: String,
        /// Why.
        because: String,
        /// Last day.
        until: Date,
    },
}

/// Somebody whom a change reaches, found in a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hit {
    /// The scenario that reads it.
    pub scenario: String,
    /// Its file, from the directory of the compared workspace: with `../` where `package` lies beside or above it.
    pub path: String,
    /// The line of the step, source or sink, from 1.
    pub line: u32,
    /// The step or sink that reads the column; empty for the source alone.
    pub stage: String,
    /// The column of the changed item that is read.
    pub column: String,
    /// The sink that its values reach, with the contract's name when it has one.
    pub sink: Option<String>,
    /// The contract of that sink.
    pub contract: Option<String>,
    /// The column of the sink.
    pub output: Option<String>,
    /// How the value gets there; `None` where it only decides which rows there are.
    pub influence: Option<Influence>,
    /// How many scenarios stand between: 0 reads the changed item itself.
    pub distance: u32,
    /// The package, when it is another workspace's.
    pub package: Option<String>,
}

/// What current data says of a change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// The environment whose data was asked.
    pub environment: String,
    /// Where the rows lie.
    pub location: String,
    /// How many rows there are.
    pub rows: u64,
    /// How many of them break the tightened promise and pass today: these would newly be refused.
    pub violating: u64,
    /// How many of them break it, too, but are refused already: they break a promise of the old contract.
    pub already: u64,
    /// Why a run that reads these rows stops, a phrase; `None` when it goes on.
    pub stops: Option<String>,
    /// `statistics` when footers alone could say, else `scan`.
    pub method: Method,
    /// A few of the offending values, masked where the contract says so.
    pub samples: Vec<Sample>,
}

/// How an answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// From Parquet or Delta statistics; no row was read.
    Statistics,
    /// Rows were read.
    Scan,
}

/// One offending row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// File and row, `trades.parquet:17`.
    pub position: String,
    /// The offending value, or its mask.
    pub value: String,
}

/// A judged change.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What differs.
    pub change: Change,
    /// How it was judged.
    pub decision: Decision,
    /// The level that applied.
    pub level: Level,
    /// The bump that it demands.
    pub bump: Bump,
    /// What to do, a sentence; empty when nothing is to be done.
    pub help: String,
    /// Who is reached.
    pub impact: Vec<Hit>,
    /// What data says, one entry for each place that was asked.
    pub evidence: Vec<Evidence>,
    /// The version against which it was found, when not the base: a tag, for transitive history.
    pub against: Option<String>,
}

impl Finding {
    /// The item that changed.
    #[must_use]
    pub fn item(&self) -> &Item {
        &self.change.item
    }
}
