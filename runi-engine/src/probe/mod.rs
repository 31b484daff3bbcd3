//! Asking data that is there what a changed contract would do to it.
//!
//! A probe reads one source under the *new* contract and counts which of its rules the rows break: nothing is written, no
//! policy fails, no row is set aside. With the *old* contract it says which of them are news: a row that the old one sends to
//! the quarantine already, by the same rule or by another one, is counted apart. What Parquet and Delta footers can prove is answered from them ([`Method::Statistics`]);
//! the rest is scanned once, whatever is asked.

mod evidence;
mod live;
mod relaxed;
mod scan;
mod statistics;

pub use evidence::{drift, evidence};
pub use live::{LiveSchema, live};

use crate::error::EngineError;
use runi_lang::diff::{Method, Question, Sample};
use runi_lang::ir::Connector;
use runi_lang::model::Contract;
use std::path::Path;

/// What to ask, and where.
#[derive(Debug, Clone, Copy)]
pub struct Probe<'a> {
    /// The source's or sink's name, for messages.
    pub name: &'a str,
    /// Where the rows lie.
    pub connector: &'a Connector,
    /// The new contract.
    pub contract: &'a Contract,
    /// The old contract; without it nothing counts as refused already.
    pub before: Option<&'a Contract>,
    /// Columns whose values are not shown, by their new names.
    pub sensitive: &'a [String],
    /// The workspace.
    pub root: &'a Path,
}

/// What data says to one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Rows that are there.
    pub rows: u64,
    /// Rows that break one of the rules that the question names, and that the old contract lets pass.
    pub violating: u64,
    /// Rows that break one of these rules and that the old contract refuses already.
    pub already: u64,
    /// Rows that break one of these rules where the new contract says that this fails the run, whatever the old contract did with them.
    pub stopping: u64,
    /// How it was found.
    pub method: Method,
    /// The first few offending rows.
    pub samples: Vec<Sample>,
}

/// Answers every question about one source, in the order of the questions; `None` where the new contract has no such rule.
///
/// # Errors
/// No file, an unreadable one, or a rule that does not compile.
pub fn ask(probe: &Probe<'_>, questions: &[Question]) -> Result<Vec<Option<Answer>>, EngineError> {
    let mut answers: Vec<Option<Answer>> = vec![None; questions.len()];
    let names: Vec<Vec<String>> = questions.iter().map(rule_names).collect();
    let mut open = Vec::new();
    let footers = statistics::Footers::of(probe)?;
    for (index, question) in questions.iter().enumerate() {
        let proven = footers.as_ref().and_then(|footers| footers.answer(probe.contract, question).map(|answer| (footers, answer)));
        match proven {
            // Which of several rows are news can be told without reading them only where the old contract refuses none.
            Some((footers, answer)) if answer.violating == 0 || probe.before.is_none_or(|before| footers.refuses_nothing(before)) => {
                if let Some(slot) = answers.get_mut(index) {
                    *slot = Some(answer);
                }
            }
            _ => open.push(index),
        }
    }
    let wanted: Vec<&[String]> = open.iter().filter_map(|index| names.get(*index)).map(Vec::as_slice).collect();
    if !wanted.is_empty() {
        for (index, answer) in open.iter().zip(scan::scan(probe, &wanted)?) {
            if let Some(slot) = answers.get_mut(*index) {
                *slot = answer;
            }
        }
    }
    Ok(answers)
}

/// The rules that a question is about, as the quarantine names them.
fn rule_names(question: &Question) -> Vec<String> {
    match question {
        Question::Nulls { column } => vec![format!("required:{column}")],
        Question::Unfit { column, .. } => {
            vec![format!("type:{column}"), format!("enum:{column}")]
        }
        Question::Broken { rules } => rules
            .iter()
            .map(|name| if name.field.is_empty() { format!("rule:{}", name.rule) } else { format!("{}:{}", name.rule, name.field) })
            .collect(),
        // A key asks for a value in each of its columns, too.
        Question::Key { columns } => {
            let parts = columns.iter().map(|column| format!("required:{column}"));
            std::iter::once(format!("key:{}", columns.join(","))).chain(parts).collect()
        }
        Question::Duplicates { columns } => {
            let columns = columns.join(",");
            vec![format!("key:{columns}"), format!("unique:{columns}")]
        }
    }
}
