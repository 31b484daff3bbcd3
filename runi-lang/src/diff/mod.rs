//! What changed between two versions of a workspace, and for whom it breaks.
//!
//! ```text
//! rule, rules   the matrix as data: id, verdict for consumers and for producers, bump, level, explanation
//! change        two models → what differs (contract/, feature/)          knows no policy
//! policy        whose `Runi.toml` judges, and what the new one makes looser
//! judge         changes + `@compatibility`, `@accept`, Runi.toml → decisions
//! request       the words of a command line → two sides and the files that differ      side: what those files say
//! focus, plans  the few features that a change can reach, compiled on both sides
//! drift         sinks that do not fulfil an unchanged contract any more
//! environments  what `Runi.toml` and herds change although no feature does
//! outputs       columns of sinks that their readers' contracts ask for, and that are gone or have another type
//! neighbours    other workspaces of the repository that read or write the same data
//! history       earlier versions of one contract, from git
//! compare       all of the above in order
//! report        all of it as one value; render/ has one renderer per format
//! ```

mod change;
mod compare;
pub mod contract;
mod drift;
pub mod edit;
mod environments;
pub mod feature;
mod finding;
mod focus;
pub mod history;
pub mod impact;
pub mod judge;
mod neighbours;
mod outputs;
mod plans;
mod policy;
pub mod render;
mod report;
mod request;
mod rule;
pub mod rules;
mod side;
mod twice;

pub use change::{Change, Item, ItemKind, Question, RuleName, Spot};
pub use compare::{CompareOptions, compare};
pub use finding::{Decision, Evidence, Finding, Hit, Method, Sample};
pub use judge::Settings;
pub use report::{Diff, ItemDiff, LiveDrift, SideInfo, Status};
pub use request::{Pair, Request, RequestError};
pub use rule::{Bump, Case, Group, Level, Rule, Scope, Verdict};
pub use side::Side;
