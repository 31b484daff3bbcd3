//! Where data lies, so that two workspaces of one repository can speak of the same file.

use crate::select::is_glob;
use globset::{GlobBuilder, GlobMatcher};

/// A path of a source or sink, from the repository's top when it is relative to a workspace.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    text: String,
    /// Set when it is a pattern.
    glob: Option<GlobMatcher>,
}

impl Place {
    /// The place that a workspace means by a path; `directory` is where the workspace is in the repository. Absolute paths and addresses
    /// are the same everywhere. `None` for a path with `..`, which every workspace refuses.
    pub(crate) fn new(directory: &str, path: &str) -> Option<Self> {
        let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
        if path.is_empty() || path.split(['/', '\\']).any(|part| part == "..") {
            return None;
        }
        let is_pattern = is_glob(path);
        let text = if is_absolute(path) || directory.is_empty() {
            path.to_owned()
        } else if path == "." {
            directory.to_owned()
        } else if is_pattern {
            format!("{}/{path}", globset::escape(directory))
        } else {
            format!("{directory}/{path}")
        };
        let glob = || GlobBuilder::new(&text).literal_separator(true).build().ok();
        let glob = is_pattern.then(glob).flatten().map(|glob| glob.compile_matcher());
        Some(Self { text, glob })
    }

    /// The path, or the pattern.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it may stand for several files.
    pub(crate) fn is_pattern(&self) -> bool {
        self.glob.is_some()
    }

    /// Whether both may mean the same file. Of two different patterns nobody can tell, so they do not.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let matches = |glob: &Option<GlobMatcher>, literal: &Self| {
            literal.glob.is_none() && glob.as_ref().is_some_and(|glob| glob.is_match(&literal.text))
        };
        self.text == other.text || matches(&self.glob, other) || matches(&other.glob, self)
    }

    /// Whether a workspace in this directory can name the place, by a path of its own or by an absolute one.
    pub(crate) fn is_in_reach(&self, directory: &str) -> bool {
        let below = |path: &str, dir: &str| dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'));
        match &self.glob {
            _ if is_absolute(&self.text) => true,
            None => below(&self.text, directory),
            Some(_) => {
                let fixed = self.text.find(['*', '?', '[', '{']).and_then(|end| self.text.get(..end)).unwrap_or_default();
                below(fixed, directory) || directory.starts_with(fixed)
            }
        }
    }
}

/// Whether a path means the same from everywhere.
fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.contains("://") || path.as_bytes().get(1) == Some(&b':')
}

/// A file of a workspace as the repository has it.
pub(crate) fn join(directory: &str, path: &str) -> String {
    if directory.is_empty() { path.to_owned() } else { format!("{directory}/{path}") }
}

/// The way from one directory of the repository to a file of it: `../markets/features/clean.dsl`.
pub(crate) fn relative(from: &str, file: &str) -> String {
    let mut from = from.split('/').filter(|part| !part.is_empty()).peekable();
    let mut file = file.split('/').peekable();
    while from.peek().is_some() && from.peek() == file.peek() {
        from.next();
        file.next();
    }
    from.map(|_| "..").chain(file).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn place(directory: &str, path: &str) -> Place {
        Place::new(directory, path).unwrap()
    }

    #[test]
    fn paths_of_two_workspaces_meet_where_they_mean_one_file() {
        for (a, b, meets) in [
            (place("", "teams/markets/out/x.parquet"), place("teams/markets", "out/x.parquet"), true),
            (place("teams/a", "out/x.csv"), place("teams/b", "out/x.csv"), false),
            (place("a", "/srv/x.csv"), place("b", "/srv/x.csv"), true),
            (place("a", "s3://bucket/x"), place("b", "s3://bucket/x/"), true),
            (place("", "teams/*/out/*.csv"), place("teams/a", "./out/x.csv"), true),
            (place("", "teams/*.csv"), place("teams/a", "x.csv"), false),
            (place("te[a]ms", "*.csv"), place("", "te[a]ms/x.csv"), false),
            (place("te[a]ms", "*.csv"), place("te[a]ms", "x.csv"), true),
            (place("teams", "*.csv"), place("teams", "?.csv"), false),
        ] {
            assert_eq!((a.meets(&b), b.meets(&a)), (meets, meets), "{a:?} {b:?}");
        }
        assert!(Place::new("a", "../b/out/x.csv").is_none());
    }

    #[test]
    fn a_workspace_can_name_what_lies_below_it() {
        assert!(place("", "teams/a/x.csv").is_in_reach("teams/a"));
        assert!(place("", "teams/a/x.csv").is_in_reach(""));
        assert!(!place("teams/b", "x.csv").is_in_reach("teams/a"));
        assert!(!place("", "teams/ab/x.csv").is_in_reach("teams/a"));
        assert!(place("teams/b", "/srv/x.csv").is_in_reach("teams/a"));
        assert!(place("", "teams/*/x.csv").is_in_reach("teams/a"));
        assert!(!place("", "other/*/x.csv").is_in_reach("teams/a"));
    }

    #[test]
    fn the_way_to_a_file_goes_up_and_down() {
        assert_eq!(relative("", "a/b.dsl"), "a/b.dsl");
        assert_eq!(relative("teams/a", "teams/b/f.dsl"), "../b/f.dsl");
        assert_eq!(relative("teams/a", "f.dsl"), "../../f.dsl");
        assert_eq!(relative("teams", "teams/b/f.dsl"), "b/f.dsl");
    }
}
