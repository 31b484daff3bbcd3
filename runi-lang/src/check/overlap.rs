//! Whether two paths, globs and directories among them, can mean one file.

use super::kept::{alternatives, folded, has_extension};
use crate::ir::Form;

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// This character.
    Letter(char),
    /// One character of a name.
    Any,
    /// Characters of a name.
    Star,
    /// Any characters.
    Deep,
}

impl Token {
    fn repeats(self) -> bool {
        matches!(self, Self::Star | Self::Deep)
    }

    /// Whether one character may be in both; classes count as any character.
    fn takes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Letter(a), Self::Letter(b)) => a == b,
            (Self::Deep, _) | (_, Self::Deep) => true,
            (Self::Letter(c), _) | (_, Self::Letter(c)) => c != '/',
            _ => true,
        }
    }
}

/// The files that a source may read, by their names.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// One list for each alternative.
    patterns: Vec<Vec<Token>>,
    /// The extensions that count, where a directory is read.
    form: Option<Form>,
    /// The path itself, where it is no pattern.
    path: Option<String>,
}

impl Reach {
    /// One path.
    pub(super) fn path(path: &str) -> Self {
        let path = folded(path);
        Self { patterns: vec![path.chars().map(Token::Letter).collect()], form: None, path: Some(path) }
    }

    /// All files of a form below a directory.
    pub(super) fn directory(path: &str, form: Form) -> Self {
        let mut tokens: Vec<Token> = match path {
            "." => Vec::new(),
            path => format!("{}/", folded(path).trim_end_matches('/')).chars().map(Token::Letter).collect(),
        };
        tokens.push(Token::Deep);
        Self { patterns: vec![tokens], form: Some(form), path: None }
    }

    /// All files that match a glob.
    pub(super) fn glob(pattern: &str) -> Self {
        let patterns = alternatives(&folded(pattern)).iter().map(|pattern| tokens(pattern)).collect();
        Self { patterns, form: None, path: None }
    }

    /// Whether it is one path.
    pub(super) fn is_path(&self) -> bool {
        self.path.is_some()
    }

    /// Whether a file can be in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let fits = |dir: &Self, file: &Self| match (dir.form, &file.path, file.form) {
            (Some(form), Some(path), _) => has_extension(path, form),
            (Some(form), None, Some(other)) => form.extensions() == other.extensions(),
            _ => true,
        };
        fits(self, other)
            && fits(other, self)
            && self.patterns.iter().any(|ours| other.patterns.iter().any(|theirs| intersect(ours, theirs)))
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '{' {
            // Too many alternatives to be taken apart: what follows may be anything.
            found.push(Token::Deep);
            break;
        }
        found.push(match c {
            '*' if chars.peek() == Some(&'*') => {
                while chars.next_if_eq(&'*').is_some() {}
                // Between two slashes it may stand for no directory at all.
                chars.next_if_eq(&'/');
                Token::Deep
            }
            '*' => Token::Star,
            '?' => Token::Any,
            '[' => {
                // A `]` that comes first belongs to the class.
                chars.next_if(|c| matches!(c, '!' | '^'));
                chars.next_if_eq(&']');
                while chars.next().is_some_and(|c| c != ']') {}
                Token::Any
            }
            '\\' => Token::Letter(chars.next().unwrap_or(c)),
            c => Token::Letter(c),
        });
    }
    found
}

/// Whether some text matches both.
fn intersect(a: &[Token], b: &[Token]) -> bool {
    let width = b.len() + 1;
    let mut seen = vec![false; (a.len() + 1) * width];
    let mut open = vec![(0, 0)];
    while let Some((i, j)) = open.pop() {
        match seen.get_mut(i * width + j) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        match (a.get(i), b.get(j)) {
            (None, None) => return true,
            (Some(x), None) if x.repeats() => open.push((i + 1, j)),
            (None, Some(y)) if y.repeats() => open.push((i, j + 1)),
            (Some(x), Some(y)) => {
                if x.repeats() {
                    open.push((i + 1, j));
                }
                if y.repeats() {
                    open.push((i, j + 1));
                }
                if x.takes(*y) {
                    match (x.repeats(), y.repeats()) {
                        (true, false) => open.push((i, j + 1)),
                        (false, true) => open.push((i + 1, j)),
                        (false, false) => open.push((i + 1, j + 1)),
                        (true, true) => {}
                    }
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const CSV: Form = Form::Csv { header: true, delimiter: b',', quote: b'"' };

    #[test]
    fn patterns_meet_where_a_name_matches_both() {
        for (a, b, meet) in [
            ("data/*.csv", "data/o*.csv", true),
            ("data/a*.csv", "data/b*.csv", false),
            ("data/*.csv", "data/*.json", false),
            ("data/*.csv", "data/x/*.csv", false),
            ("data/**/*.csv", "data/x/*.csv", true),
            ("data/**/*.csv", "data/*.csv", true),
            ("**", "a/b/c", true),
            ("data/[ab].csv", "data/a.csv", true),
            ("data/[]x].csv", "data/x.csv", true),
            ("data/?.csv", "data/ab.csv", false),
            ("{in,out}/a.csv", "out/?.csv", true),
            ("{in,out}/a.csv", "put/?.csv", false),
            ("a*/b", "a/b", true),
            ("a*c", "ab*", true),
            ("*a", "*b", false),
            ("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "abababab", true),
        ] {
            assert_eq!(Reach::glob(a).meets(&Reach::glob(b)), meet, "{a} {b}");
            assert_eq!(Reach::glob(b).meets(&Reach::glob(a)), meet, "{b} {a}");
        }
    }

    #[test]
    fn a_directory_is_its_files_of_one_form() {
        let data = Reach::directory("data", CSV);
        for (path, meet) in
            [("data/a.csv", true), ("DATA/x/a.csv.gz", true), ("data/a.json", false), ("other/a.csv", false), ("data", false)]
        {
            assert_eq!(data.meets(&Reach::path(path)), meet, "{path}");
        }
        assert!(data.meets(&Reach::directory(".", CSV)));
        assert!(!data.meets(&Reach::directory("data", Form::Json)));
        assert!(data.meets(&Reach::glob("data/*")));
        assert!(!Reach::path("a*b").meets(&Reach::path("acb")));
    }

    proptest::proptest! {
        /// Two globs that match one name meet; two that only letters make up meet where they are equal.
        #[test]
        fn what_matches_both_is_found(name in "[ab/]{1,6}", a in "[ab/*?]{1,6}", b in "[ab/*?]{1,6}") {
            let matches = |pattern: &str| {
                let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build().unwrap();
                glob.compile_matcher().is_match(&name)
            };
            if matches(&a) && matches(&b) {
                proptest::prop_assert!(Reach::glob(&a).meets(&Reach::glob(&b)));
            }
            if matches(&a) {
                proptest::prop_assert!(Reach::glob(&a).meets(&Reach::path(&name)));
            }
        }
    }
}
