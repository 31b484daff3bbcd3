//! The verdict of a run: thresholds, assertions and freshness over the counted doors.

use super::meter::Meter;
use crate::error::EngineError;
use crate::record::VerdictRecord;
use runi_lang::ir::{NodeId, NodeKind, Pipeline};
use std::sync::Arc;

/// What a run counted, by view.
pub(crate) struct Counts<'a> {
    pub(crate) pipeline: &'a Pipeline,
    /// Node → the meter of its own stage.
    pub(crate) nodes: &'a [Arc<Meter>],
    /// Node → rows that left it (after its contract, where it has one).
    pub(crate) rows: &'a [u64],
    /// Node → rows that were set aside in every stage of its tree.
    pub(crate) set_aside: &'a [u64],
}

impl Counts<'_> {
    fn node(&self, name: &str) -> Option<NodeId> {
        self.pipeline.nodes.iter().find(|node| node.name == name).map(|node| node.id)
    }

    /// `read(x)`, `valid(x)`, `invalid(x)` at a source, `rows(x)` of any view.
    pub(crate) fn count(&self, kind: &str, name: &str) -> Option<u64> {
        let id = self.node(name)?.index();
        if kind == "rows" {
            return self.rows.get(id).copied();
        }
        let (read, valid, invalid) = self.nodes.get(id)?.doors();
        match kind {
            "read" => Some(read),
            "valid" => Some(valid),
            "invalid" => Some(invalid),
            _ => None,
        }
    }
}

/// Checks every threshold and assertion.
///
/// # Errors
/// An assertion cannot be evaluated.
pub(crate) fn verdicts(counts: &Counts<'_>) -> Result<Vec<VerdictRecord>, EngineError> {
    let mut verdicts = Vec::new();
    for quality in &counts.pipeline.quality {
        let sources = counts.pipeline.nodes.iter().filter(|node| match quality.of {
            Some(id) => node.id == id,
            None => matches!(node.kind, NodeKind::Source(_)),
        });
        for source in sources {
            let Some(meter) = counts.nodes.get(source.id.index()) else { continue };
            let (read, valid, _) = meter.doors();
            if let Some(limit) = quality.max_invalid {
                let invalid = counts.set_aside.get(source.id.index()).copied().unwrap_or(0).min(read);
                // Exact: no division, no rounding.
                let holds = u128::from(invalid) * 1_000_000 <= u128::from(limit.ppm) * u128::from(read);
                verdicts.push(VerdictRecord {
                    kind: "quality".to_owned(),
                    title: format!("at most {limit} of `{}` is set aside", source.name),
                    holds,
                    observed: format!("{invalid} of {read}{}", share(invalid, read)),
                });
            }
            if let Some(least) = quality.min_rows {
                verdicts.push(VerdictRecord {
                    kind: "quality".to_owned(),
                    title: format!("`{}` has at least {least} valid rows", source.name),
                    holds: valid >= least,
                    observed: format!("{valid}"),
                });
            }
        }
    }
    for assert in &counts.pipeline.asserts {
        let value = crate::sql::eval_assertion(&assert.condition.sql, &|kind, name| counts.count(kind, name))?;
        verdicts.push(VerdictRecord {
            kind: "assert".to_owned(),
            title: assert.condition.title.clone(),
            holds: value == Some(true),
            observed: match value {
                Some(true) => "holds".to_owned(),
                Some(false) => format!("`{}` is false", assert.condition.sql),
                None => format!("`{}` is null", assert.condition.sql),
            },
        });
    }
    Ok(verdicts)
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!(" ({:.4}%)", part as f64 * 100.0 / whole as f64) }
}
