//! What changed between two versions of a workspace, and for whom it breaks.
//!
//! ```text
//! rule, rules   the matrix as data: id, verdict for consumers and for producers, bump, level, explanation
//! change        two models → what differs (contract/, feature/)          knows no policy
//! judge         changes + `@compatibility`, `@accept`, Runi.toml → decisions
//! impact        plans of the workspace → who reads what changed
//! report        all of it as one value; render/ has one renderer per format
//! ```

mod change;
mod finding;
pub mod render;
mod report;
mod rule;
pub mod rules;

pub use change::{Change, Item, ItemKind, Question, RuleName, Spot};
pub use finding::{Decision, Evidence, Finding, Hit, Method, Sample};
pub use report::{Diff, ItemDiff, SideInfo, Status};
pub use rule::{Bump, Case, Group, Level, Rule, Scope, Verdict};
