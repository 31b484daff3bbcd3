//! The tests that users write: golden files and `Examples:` tables.
//!
//! A test is an ordinary run of an ordinary pipeline: its sources read what the test gives, its sinks
//! are captured, nothing is logged, no alert is sent ([`capture`]). What came out is compared with
//! what was expected ([`diff`]): shown columns only, order does not matter.

pub mod capture;
pub mod diff;
pub mod example;
pub mod fill;
pub mod golden;
pub mod report;
pub mod suite;
pub mod table;
