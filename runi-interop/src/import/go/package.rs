//! The other files of a package: types that a file names and does not declare.

use super::{Reader, package_name, parse};
use crate::import::Input;
use crate::import::code::{Kind, Member, Source};
use runi_lang::diagnostic::TextRange;
use std::fs;
use std::path::{Path, PathBuf};

/// At most so many files are read.
const MAX_FILES: usize = 500;
/// Of at most so many bytes.
const MAX_BYTES: u64 = 4 << 20;

/// Adds the types of the files beside `path` that are of its package. A file that does not parse adds none: it was not asked for.
pub(super) fn add(source: &mut Source, input: &Input<'_>, package: &str) {
    let Some(path) = input.path else { return };
    let known: Vec<String> = source.decls.iter().map(|decl| decl.name.clone()).collect();
    let mut numbered = source.inline.len();
    for file in files(path) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let Some(tree) = parse(&text) else { continue };
        if tree.root_node().has_error() || package_name(tree.root_node(), &text) != package {
            continue;
        }
        let name = beside(input.name, &file);
        let mut reader = Reader::new(&text, &name);
        // Anonymous structs are numbered through all files.
        reader.source.inline = std::mem::take(&mut source.inline);
        reader.file(tree.root_node());
        let mut other = reader.finish();
        // Their places are not in the file that is read: what is said of them later has none.
        other.inline.iter_mut().skip(numbered).flatten().for_each(displace);
        numbered = other.inline.len();
        source.inline = other.inline;
        source.problems.extend(other.problems);
        for mut decl in other.decls.into_iter().filter(|decl| !known.contains(&decl.name)) {
            decl.foreign = true;
            decl.range = TextRange::default();
            if let Kind::Struct(members) = &mut decl.kind {
                members.iter_mut().for_each(displace);
            }
            source.decls.push(decl);
        }
    }
}

fn displace(member: &mut Member) {
    member.range = TextRange::default();
    member.said.iter_mut().for_each(|said| said.range = TextRange::default());
}

/// What a file beside the input is called in messages.
fn beside(input: &str, file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    input.rsplit_once('/').map_or_else(|| name.clone(), |(folder, _)| format!("{folder}/{name}"))
}

/// The Go files beside a file, by name; no tests, no links.
fn files(path: &Path) -> Vec<PathBuf> {
    let parent = path.parent().map_or(Path::new("."), |parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|ty| ty.is_file()) && entry.metadata().is_ok_and(|meta| meta.len() <= MAX_BYTES))
        .map(|entry| entry.path())
        .filter(|other| other.file_name() != path.file_name())
        .filter(|other| other.to_str().is_some_and(|name| name.ends_with(".go") && !name.ends_with("_test.go")))
        .collect();
    files.sort();
    files.truncate(MAX_FILES);
    files
}
