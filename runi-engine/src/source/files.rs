//! Which files a source means: one file, a directory, or a glob. Relative paths stay inside the workspace.

use super::SourceSpec;
use crate::error::EngineError;
use globset::GlobBuilder;
use runi_lang::ir::{Compression, Connector};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// One input file.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// How messages name it: relative to the workspace where it lies in it, with `/`.
    pub(super) shown: Arc<str>,
    /// Its size as stored.
    pub(super) bytes: u64,
    /// How it is packed; never `Auto`.
    pub(super) compression: Compression,
    /// When it was last written, where the system tells.
    modified: Option<SystemTime>,
}

impl SourceFile {
    /// The file at `path` as it is now.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn stat(path: PathBuf, shown: String, compression: Compression) -> Result<Self, EngineError> {
        let metadata = path.metadata().map_err(EngineError::io("read", &path))?;
        Ok(Self { shown: shown.into(), bytes: metadata.len(), modified: metadata.modified().ok(), path, compression })
    }

    /// Whether the file is still what it was when it was found: what is opened more than once must be one thing.
    ///
    /// # Errors
    /// It was written, replaced or removed meanwhile.
    pub(super) fn unchanged(&self, source: &str) -> Result<(), EngineError> {
        let now = self.path.metadata().ok();
        let same = now.is_some_and(|now| now.len() == self.bytes && now.modified().ok() == self.modified);
        if same {
            return Ok(());
        }
        Err(EngineError::Changed { source_name: source.to_owned(), file: self.shown.to_string() })
    }
}

/// Finds the files of a source, in the order of their paths.
///
/// # Errors
/// No file, a path that leaves the workspace, a bad glob, an unreadable directory.
pub(super) fn find(spec: &SourceSpec<'_>) -> Result<Vec<SourceFile>, EngineError> {
    let pattern = spec.connector.path();
    let full = resolve(spec)?;
    let mut paths = Vec::new();
    if full.is_dir() {
        walk(&full, false, &mut paths)?;
        let extensions = spec.connector.form().extensions();
        paths.retain(|path| has_extension(path, extensions));
    } else if full.is_file() {
        paths.push(full);
    } else if full.exists() {
        let message = "is a pipe, a socket or a device; a source is read from files, more than once where it must be".to_owned();
        return Err(EngineError::BadInput { source_name: spec.name.to_owned(), file: pattern.to_owned(), message });
    } else if is_glob(pattern) {
        paths = glob(spec)?;
    }
    paths.sort();
    if paths.is_empty() {
        return Err(no_input(spec));
    }
    paths.into_iter().map(|path| describe(spec, path)).collect()
}

/// The place of a source's path, whether or not anything lies there.
///
/// # Errors
/// A relative path that leads out of the workspace.
pub(super) fn resolve(spec: &SourceSpec<'_>) -> Result<PathBuf, EngineError> {
    let pattern = spec.connector.path();
    let relative = Path::new(pattern);
    if relative.is_absolute() {
        return Ok(relative.to_path_buf());
    }
    let mut depth = 0_i32;
    for part in relative.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return Err(outside(spec, pattern));
        }
    }
    Ok(spec.root.join(relative))
}

fn outside(spec: &SourceSpec<'_>, file: &str) -> EngineError {
    EngineError::BadInput {
        source_name: spec.name.to_owned(),
        file: file.to_owned(),
        message: "lies outside of the workspace; an environment may bind the source to an absolute path".to_owned(),
    }
}

/// Follows links: one inside the workspace must not reach what a relative path could not.
///
/// # Errors
/// A path of a relative source that ends up outside of the workspace.
pub(super) fn inside(spec: &SourceSpec<'_>, path: &Path) -> Result<(), EngineError> {
    if Path::new(spec.connector.path()).is_absolute() {
        return Ok(());
    }
    let real = path.canonicalize().map_err(EngineError::io("read", path))?;
    let root = spec.root.canonicalize().map_err(EngineError::io("read", spec.root))?;
    if real.starts_with(root) { Ok(()) } else { Err(outside(spec, &show(spec.root, path))) }
}

/// How messages name a path.
pub(super) fn show(root: &Path, path: &Path) -> String {
    let text = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

fn describe(spec: &SourceSpec<'_>, path: PathBuf) -> Result<SourceFile, EngineError> {
    let shown = show(spec.root, &path);
    inside(spec, &path)?;
    let compression = compression(spec.connector, &path);
    SourceFile::stat(path, shown, compression)
}

fn compression(connector: &Connector, path: &Path) -> Compression {
    let chosen = match connector {
        Connector::Csv { compression, .. } | Connector::Json { compression, .. } => *compression,
        _ => Compression::None,
    };
    if chosen != Compression::Auto {
        return chosen;
    }
    compression_of(path)
}

/// How a file of text is packed, by its name.
pub(super) fn compression_of(path: &Path) -> Compression {
    match path.extension().and_then(|e| e.to_str()) {
        Some("gz" | "gzip") => Compression::Gzip,
        Some("zst" | "zstd") => Compression::Zstd,
        _ => Compression::None,
    }
}

fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '{'])
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let packed = matches!(path.extension().and_then(|e| e.to_str()), Some("gz" | "gzip" | "zst" | "zstd"));
    let inner = if packed { path.file_stem().map(Path::new).and_then(Path::extension) } else { path.extension() };
    inner.and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e.to_ascii_lowercase().as_str()))
}

/// Whether a name is one of those that directories and globs pass over: logs, temporary files.
fn is_hidden(name: &str) -> bool {
    name.starts_with(['.', '_'])
}

/// Every file below `directory`; hidden names only when they are asked for.
fn walk(directory: &Path, hidden: bool, found: &mut Vec<PathBuf>) -> Result<(), EngineError> {
    for entry in std::fs::read_dir(directory).map_err(EngineError::io("read", directory))? {
        let entry = entry.map_err(EngineError::io("read", directory))?;
        let path = entry.path();
        if !hidden && is_hidden(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let kind = entry.file_type().map_err(EngineError::io("read", &path))?;
        // Linked files are read, linked directories are not entered: a link cannot make the walk endless.
        if kind.is_dir() {
            walk(&path, hidden, found)?;
        } else if path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

fn glob(spec: &SourceSpec<'_>) -> Result<Vec<PathBuf>, EngineError> {
    let pattern = Path::new(spec.connector.path());
    let bad =
        |message: String| EngineError::BadInput { source_name: spec.name.to_owned(), file: spec.connector.path().to_owned(), message };
    let fixed: PathBuf = pattern.components().take_while(|part| !is_glob(&part.as_os_str().to_string_lossy())).collect();
    let rest: PathBuf = pattern.components().skip(fixed.components().count()).collect();
    let matcher = GlobBuilder::new(&rest.to_string_lossy())
        .literal_separator(true)
        .build()
        .map_err(|error| bad(format!("is not a glob: {}", error.kind())))?
        .compile_matcher();
    let base = spec.root.join(fixed);
    let mut paths = Vec::new();
    if base.is_dir() {
        // A pattern that begins a name so means such names.
        let hidden = rest.iter().any(|part| is_hidden(&part.to_string_lossy()));
        walk(&base, hidden, &mut paths)?;
    }
    paths.retain(|path| path.strip_prefix(&base).is_ok_and(|path| matcher.is_match(path)));
    Ok(paths)
}

/// The error for a source without files, with the name that was probably meant.
pub(super) fn no_input(spec: &SourceSpec<'_>) -> EngineError {
    let pattern = spec.connector.path();
    EngineError::NoInput { source_name: spec.name.to_owned(), pattern: pattern.to_owned(), nearest: nearest(spec.root, Path::new(pattern)) }
}

/// The file beside `pattern` whose name is closest to it, if one is close.
fn nearest(root: &Path, pattern: &Path) -> Option<String> {
    let wanted = pattern.file_name()?.to_str()?;
    let directory = root.join(pattern.parent()?);
    let names = std::fs::read_dir(&directory).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let (distance, best) = names.map(|name| (edits(wanted, &name), name)).min()?;
    let close = distance <= (wanted.chars().count() / 2).clamp(1, 3);
    close.then(|| show(root, &directory.join(best)))
}

/// Levenshtein distance, by characters.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut last = i;
        let mut left = i + 1;
        for (slot, to) in row.iter_mut().skip(1).zip(&b) {
            let above = *slot;
            left = if from == *to { last } else { 1 + last.min(above).min(left) };
            last = above;
            *slot = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}
