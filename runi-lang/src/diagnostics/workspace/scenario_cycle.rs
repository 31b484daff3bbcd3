//! Scenarios that read each other's output in a circle.

use crate::declare_code;
use crate::diagnostic::{Diagnostic, Place};

declare_code!(
    /// Scenarios that read each other's output in a circle.
    pub SCENARIO_CYCLE = "E0613", "scenario-cycle", Error
);

/// The scenarios `names` read each other's output; each place is where one of them stands.
#[must_use]
pub fn scenario_cycle(place: Place, names: &[String], others: Vec<(Place, String)>) -> Diagnostic {
    let mut round: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    round.extend(round.first().cloned());
    let mut problem = Diagnostic::new(&SCENARIO_CYCLE, place, "scenarios read each other's output in a circle")
        .with_label(round.join(" → "))
        .with_help("let one of them read something that no later one writes");
    for (place, name) in others {
        problem = problem.with_secondary(place, format!("`{name}` is part of the circle"));
    }
    problem
}
