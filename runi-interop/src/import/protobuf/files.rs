//! The files of Protobuf: the one that was given, and those that it imports.

use super::FORMAT;
use crate::build;
use crate::error::ImportError;
use protox::Error;
use protox::file::{File, FileResolver, GoogleFileResolver};
use std::io;
use std::path::{Component, Path, PathBuf};

/// What the given text is called among the files.
pub(super) const GIVEN: &str = "given.proto";

/// Finds files by the names that imports write.
pub(super) struct Files {
    text: String,
    /// Directories in which imported files lie.
    roots: Vec<PathBuf>,
}

impl Files {
    /// `name` is the path as the user wrote it: no directory above the one it starts in is looked into.
    pub(super) fn new(text: &str, path: Option<&Path>, name: &str) -> Self {
        let within = Path::new(name).components().filter(|part| matches!(part, Component::Normal(_))).count();
        let roots = path.into_iter().flat_map(|path| path.ancestors().skip(1).take(within.max(1)).map(Path::to_path_buf)).collect();
        Self { text: text.to_owned(), roots }
    }
}

impl FileResolver for Files {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        if name == GIVEN {
            return File::from_source(name, &self.text);
        }
        if let Ok(file) = GoogleFileResolver::new().open_file(name) {
            return Ok(file);
        }
        let relative = Path::new(name);
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(Error::file_not_found(name));
        }
        for root in &self.roots {
            let path = root.join(relative);
            // A link may lead anywhere; what it leads to must lie below the same directory.
            let inside = path.canonicalize().ok().zip(root.canonicalize().ok()).is_some_and(|(path, root)| path.starts_with(root));
            if !inside || !path.is_file() {
                continue;
            }
            let refuse = |message: String| Error::new(io::Error::other(message));
            if path.metadata().map_err(Error::new)?.len() > build::MAX_SCHEMA as u64 {
                return Err(refuse(format!("the imported file `{name}` has more than 16 MiB")));
            }
            let text = std::fs::read_to_string(&path).map_err(Error::new)?;
            guard(&text).map_err(|error| refuse(format!("in the imported file `{name}`: {error}")))?;
            return File::from_source(name, &text);
        }
        Err(Error::file_not_found(name))
    }
}

/// Refuses brackets that nest deeper than the parser's stack is sure to hold.
pub(super) fn guard(text: &str) -> Result<(), ImportError> {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => while chars.next().is_some_and(|c| c != '\n') {},
            ('/', Some('*')) => {
                chars.next();
                let mut star = false;
                for c in chars.by_ref() {
                    if star && c == '/' {
                        break;
                    }
                    star = c == '*';
                }
            }
            ('"' | '\'', _) => {
                // A string ends with its line.
                let mut escaped = false;
                for next in chars.by_ref() {
                    match next {
                        '\n' => break,
                        _ if escaped => escaped = false,
                        '\\' => escaped = true,
                        next if next == c => break,
                        _ => {}
                    }
                }
            }
            ('{' | '[' | '(' | '<', _) => depth += 1,
            ('}' | ']' | ')' | '>', _) => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > build::MAX_DEPTH {
        return Err(ImportError::TooLarge { format: FORMAT, message: "brackets are nested more than 100 levels deep".to_owned() });
    }
    Ok(())
}
