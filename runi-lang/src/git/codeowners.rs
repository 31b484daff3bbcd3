//! Who owns a file, by the repository's `CODEOWNERS`.
//!
//! The rules are those that GitHub documents: the first of `.github/CODEOWNERS`, `CODEOWNERS` and `docs/CODEOWNERS` that exists counts;
//! patterns are those of `.gitignore` without `!`, `[…]` and `\#`; the last pattern that matches decides; a pattern without owners takes
//! a file's owners away; a line that cannot be read is left out; and case matters.

use super::dir::Node;
use super::error::GitError;
use super::tree::GitTree;
use super::walk::join;
use globset::{GlobBuilder, GlobMatcher};

/// Where the file may lie, the first one that exists counts.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Bytes of such a file; GitHub does not load larger ones either.
const LARGEST: u64 = 3 * 1024 * 1024;

/// The owners of a repository's files.
#[derive(Debug, Clone, Default)]
pub struct CodeOwners {
    /// Where the workspace is inside the repository.
    prefix: String,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    /// The file itself, and everything below when it may be a directory.
    matchers: Vec<GlobMatcher>,
    owners: Vec<String>,
}

impl CodeOwners {
    /// Reads the text of such a file. `prefix` is where the workspace is inside the repository.
    #[must_use]
    pub fn read(text: &str, prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), rules: text.trim_start_matches('\u{feff}').lines().filter_map(rule).collect() }
    }

    /// The owners of a file of the workspace, as they are written: `@user`, `@organisation/team`, addresses. Empty when nobody owns it.
    #[must_use]
    pub fn owners_of(&self, path: &str) -> &[String] {
        let full = join(&self.prefix, path);
        let decides = self.rules.iter().rev().find(|rule| rule.matchers.iter().any(|matcher| matcher.is_match(&full)));
        decides.map(|rule| rule.owners.as_slice()).unwrap_or_default()
    }

    /// Whether nobody owns anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// The words of a line; `\ ` is a space inside of one, and `#` at the start of a word begins a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let next = letters.next();
                if next != Some(' ') {
                    word.push('\\');
                }
                word.extend(next);
            }
            '#' if word.is_empty() => break,
            letter if letter.is_whitespace() => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            letter => word.push(letter),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

fn rule(line: &str) -> Option<Rule> {
    let mut words = words(line).into_iter();
    let pattern = words.next()?;
    let owners: Vec<String> = words.collect();
    // A line with a syntax error is skipped, and so is one with an owner that is neither a name nor an address.
    let is_owner = |owner: &String| owner.len() > 1 && owner.contains('@');
    if pattern.starts_with('!') || pattern.contains(['[', ']', '\\']) || !owners.iter().all(is_owner) {
        return None;
    }
    let (path, only_dirs) = match pattern.strip_suffix('/') {
        Some(path) => (path, true),
        None => (pattern.as_str(), false),
    };
    // A slash at the beginning or in the middle ties a pattern to the top.
    let anchored = path.contains('/');
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() && !only_dirs {
        return None;
    }
    let base = if anchored || path.is_empty() { path.to_owned() } else { format!("**/{path}") };
    let below = join(&base, "**");
    // `docs/*` names the files in `docs` and not what lies deeper, unlike in a `.gitignore`.
    let may_be_dir = only_dirs || !(anchored && path.ends_with("/*"));
    let globs = [Some(base).filter(|_| !only_dirs), Some(below).filter(|_| may_be_dir)];
    let literal = |glob: String| {
        // Braces mean nothing in these patterns.
        let glob = glob.replace('{', "[{]").replace('}', "[}]");
        GlobBuilder::new(&glob).literal_separator(true).backslash_escape(false).build().ok().map(|glob| glob.compile_matcher())
    };
    Some(Rule { matchers: globs.into_iter().flatten().filter_map(literal).collect(), owners })
}

impl GitTree {
    /// The owners of the repository's files as this commit has them. On a pull request it is the base that counts: who proposes a
    /// change must not be able to choose who approves it.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn code_owners(&self) -> Result<CodeOwners, GitError> {
        for place in PLACES {
            let Some(Node::File(id)) = self.at_top(place)? else { continue };
            let Some(text) = self.small_blob(id, LARGEST)? else { continue };
            return Ok(CodeOwners::read(&String::from_utf8_lossy(&text), self.prefix()));
        }
        Ok(CodeOwners { prefix: self.prefix().to_owned(), rules: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// The example of GitHub's documentation, without its explanations.
    const DOCUMENTED: &str = "\
# This is a comment.
*       @global-owner1 @global-owner2

*.js    @js-owner #This is an inline comment.

*.go docs@example.com

*.txt @octo-org/octocats

/build/logs/ @doctocat

docs/* docs@example.com

apps/ @octocat

/docs/ @doctocat

/scripts/ @doctocat @octocat

**/logs @octocat

/apps/ @octocat
/apps/github

/apps/ @octocat
/apps/github @doctocat
";

    fn owners(text: &str, path: &str) -> String {
        CodeOwners::read(text, "").owners_of(path).join(" ")
    }

    #[test]
    fn the_documented_example() {
        for (path, expected) in [
            ("README.md", "@global-owner1 @global-owner2"),
            ("src/deep/x.js", "@js-owner"),
            ("main.go", "docs@example.com"),
            ("notes/a.txt", "@octo-org/octocats"),
            ("build/logs/deep/x", "@octocat"),
            ("docs/getting-started.md", "@doctocat"),
            ("docs/build-app/troubleshooting.md", "@doctocat"),
            ("lib/apps/x", "@octocat"),
            ("scripts/a/b", "@doctocat @octocat"),
            ("scripts/logs/x", "@octocat"),
            ("deeply/nested/logs/x.bin", "@octocat"),
            ("apps/github/x", "@doctocat"),
            ("apps/other", "@octocat"),
        ] {
            assert_eq!(owners(DOCUMENTED, path), expected, "{path}");
        }
    }

    #[test]
    fn a_star_after_a_slash_does_not_go_deeper() {
        let text = "docs/*  docs@example.com\n";
        assert_eq!(owners(text, "docs/getting-started.md"), "docs@example.com");
        assert_eq!(owners(text, "docs/build-app/troubleshooting.md"), "");
        assert_eq!(owners(text, "lib/docs/x.md"), "");
        assert_eq!(owners("* @all", "a/b/c"), "@all");
    }

    #[test]
    fn a_pattern_without_owners_takes_them_away() {
        let text = "/apps/ @octocat\n/apps/github\n";
        assert_eq!(owners(text, "apps/github/x"), "");
        assert_eq!(owners(text, "apps/x"), "@octocat");
    }

    #[test]
    fn a_slash_ties_to_the_top_and_its_lack_does_not() {
        assert_eq!(owners("apps/ @a", "lib/apps/x"), "@a");
        assert_eq!(owners("/apps/ @a", "lib/apps/x"), "");
        assert_eq!(owners("apps/x @a", "lib/apps/x"), "");
        assert_eq!(owners("apps @a", "lib/apps"), "@a");
        assert_eq!(owners("apps/ @a", "apps"), "");
        assert_eq!(owners("/contracts/**/eu.contract @a", "contracts/a/b/eu.contract"), "@a");
        assert_eq!(owners("/ @a", "x"), "@a");
    }

    #[test]
    fn what_github_does_not_read_is_left_out() {
        for line in ["!apps/ @a", "app[sx]/ @a", "\\#apps @a", "apps/ nobody", "apps/ @"] {
            assert_eq!(owners(&format!("* @all\n{line}\n"), "apps/x"), "@all", "{line}");
        }
        assert_eq!(owners("my\\ file.md @a", "docs/my file.md"), "@a");
        assert_eq!(owners("{a}.md @a", "{a}.md"), "@a");
        assert_eq!(owners("README.md @a", "readme.md"), "");
    }

    #[test]
    fn a_workspace_in_a_sub_directory_is_found_below_it() {
        let owners = CodeOwners::read("/shop/contracts/ @data\n", "shop");
        assert_eq!(owners.owners_of("contracts/a.contract"), ["@data"]);
    }
}
