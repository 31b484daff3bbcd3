//! Diagnostics of the group `git`, one module each: what can be wrong with a repository or the name of a commit.

mod ambiguous_revision;
mod damaged_repository;
mod missing_history;
mod missing_object;
mod no_default_branch;
mod no_working_copy;
mod not_a_commit;
mod not_a_repository;
mod refused_entry;
mod repository_not_owned;
mod unborn_branch;
mod unknown_revision;
mod unmerged_index;
mod unreadable_repository;
mod unrelated_histories;

pub use ambiguous_revision::AMBIGUOUS_REVISION;
pub use damaged_repository::DAMAGED_REPOSITORY;
pub use missing_history::MISSING_HISTORY;
pub use missing_object::MISSING_OBJECT;
pub use no_default_branch::NO_DEFAULT_BRANCH;
pub use no_working_copy::NO_WORKING_COPY;
pub use not_a_commit::NOT_A_COMMIT;
pub use not_a_repository::NOT_A_REPOSITORY;
pub use refused_entry::{REFUSED_ENTRY, refused_entry};
pub use repository_not_owned::REPOSITORY_NOT_OWNED;
pub use unborn_branch::UNBORN_BRANCH;
pub use unknown_revision::UNKNOWN_REVISION;
pub use unmerged_index::UNMERGED_INDEX;
pub use unreadable_repository::UNREADABLE_REPOSITORY;
pub use unrelated_histories::UNRELATED_HISTORIES;

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &NOT_A_REPOSITORY,
    &REPOSITORY_NOT_OWNED,
    &NO_WORKING_COPY,
    &UNBORN_BRANCH,
    &UNKNOWN_REVISION,
    &AMBIGUOUS_REVISION,
    &NOT_A_COMMIT,
    &MISSING_HISTORY,
    &UNRELATED_HISTORIES,
    &NO_DEFAULT_BRANCH,
    &UNMERGED_INDEX,
    &MISSING_OBJECT,
    &DAMAGED_REPOSITORY,
    &UNREADABLE_REPOSITORY,
    &REFUSED_ENTRY,
];
