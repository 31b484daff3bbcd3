//! `@freshness`: the newest value of a column is at most so old when the run starts.

use crate::error::EngineError;
use arrow::array::types::TimestampMillisecondType;
use arrow::array::{AsArray, RecordBatch};
use arrow::compute::{cast, max};
use arrow::datatypes::{DataType, TimeUnit};
use chrono::{DateTime, Utc};
use runi_lang::model::Duration;

/// The newest value that was seen so far, to the millisecond. A timestamp without a zone is read as UTC, a date as its
/// midnight in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    column: String,
    at: Option<i64>,
}

/// How a source's age compares with what its contract allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// The newest value; `None` where there was none.
    pub newest: Option<DateTime<Utc>>,
    /// How old it was when the run started, in milliseconds; negative for values in the future.
    pub observed_ms: Option<i64>,
    /// What is allowed.
    pub allowed: Duration,
}

impl Age {
    /// Whether the source is fresh. Without any value it is not: nothing says so.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.observed_ms.is_some_and(|age| u64::try_from(age).map_or(true, |age| age <= self.allowed.ms))
    }
}

impl Newest {
    /// Nothing seen yet of `column`.
    #[must_use]
    pub fn new(column: &str) -> Self {
        Self { column: column.to_owned(), at: None }
    }

    /// Looks at a batch.
    ///
    /// # Errors
    /// No such column, or one that holds no points in time.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let wrong = |message: String| EngineError::Engine { context: "checking freshness".to_owned(), message };
        let column = batch.column_by_name(&self.column).ok_or_else(|| wrong(format!("the batch has no column `{}`", self.column)))?;
        if !matches!(column.data_type(), DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64) {
            return Err(wrong(format!("`{}` is no point in time", self.column)));
        }
        // With a zone or without one, the stored number counts from 1970 in UTC: only the unit differs.
        let zone = match column.data_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            _ => None,
        };
        let millis = cast(column, &DataType::Timestamp(TimeUnit::Millisecond, zone)).map_err(EngineError::engine("checking freshness"))?;
        self.at = self.at.max(max(millis.as_primitive::<TimestampMillisecondType>()));
        Ok(())
    }

    /// Takes over what another worker saw.
    pub fn merge(&mut self, other: &Self) {
        self.at = self.at.max(other.at);
    }

    /// Compares with what is allowed at `now`, the run's frozen clock.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>, allowed: Duration) -> Age {
        Age {
            newest: self.at.and_then(DateTime::from_timestamp_millis),
            observed_ms: self.at.map(|at| now.timestamp_millis().saturating_sub(at)),
            allowed,
        }
    }
}
