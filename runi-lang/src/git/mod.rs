//! Git history without a checkout: a commit or the index as a tree of files, what differs between two of them, and their order in time.
//!
//! ```text
//! repository   finding the repository of a workspace, and who may read it
//! revision     names → commits: `HEAD~3`, `v1.2.0`, `origin/main`; ranges, merge bases, the default branch
//! odb          objects by id, with limits on what a hostile repository can make us load
//! raw          tree objects as bytes: what differs, without decoding what does not
//! dir          decoded tree objects and the index as one kind of directory
//! ignored      the `.gitignore` files of such a directory
//! walk         one directory beside another, down to the workspace files that differ
//! tree         a commit or the index behind `workspace::FileTree`
//! changed      the workspace files that differ between two sides
//! log          the commits that touched something
//! tags         the tags, and which of them are versions
//! codeowners   who owns a file
//! workspaces   the other workspaces of the repository
//! working      what the working copy holds, from the index's stat cache where it can be trusted
//! ```
//!
//! Nothing is ever written, no process is started, and no path of a commit is used as a path on the disk. The working copy is read
//! only below the directories of its workspaces, and symbolic links and submodules are never followed.

mod changed;
pub mod codeowners;
mod dir;
mod error;
mod ignored;
mod index;
mod log;
mod odb;
mod raw;
mod repository;
mod revision;
mod sparse;
mod tags;
mod tree;
mod walk;
mod working;
mod workspaces;

pub use changed::{Changed, Side};
pub use codeowners::CodeOwners;
pub use error::GitError;
pub use log::{Log, LogEntry, Subject};
pub use odb::Oid;
pub use repository::{Head, Repository};
pub use revision::{Commit, DefaultBranch, Range};
pub use tags::{Tag, TagVersion};
pub use tree::GitTree;
pub use walk::{Refusal, Refused};
pub use workspaces::Workspaces;
