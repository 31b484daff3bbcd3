//! Tree objects as bytes. Two versions of a directory of ten thousand files share nearly all of them, so what is equal is skipped
//! before anything is decoded.

use super::dir::{DirRef, Look, Node, plain_name};
use super::error::GitError;
use gix::objs::TreeRefIter;
use gix::objs::tree::{EntryKind, EntryRef, name_order};
use std::cmp::Ordering;

/// An entry that differs: its name, or how a refused name is shown, and what stands under it on both sides.
pub(super) struct Pair {
    pub(super) name: Result<Box<str>, String>,
    pub(super) nodes: [Option<Node>; 2],
}

fn damaged() -> GitError {
    GitError::Damaged { reason: "a tree cannot be decoded, or its entries are out of order".to_owned() }
}

pub(super) fn node(entry: &EntryRef<'_>) -> Node {
    match entry.mode.kind() {
        EntryKind::Tree => Node::Dir(DirRef::Object(entry.oid.to_owned())),
        EntryKind::Blob | EntryKind::BlobExecutable => Node::File(entry.oid.to_owned()),
        EntryKind::Link => Node::Link,
        EntryKind::Commit => Node::Submodule,
    }
}

/// What stands under a name.
pub(super) fn find(tree: &[u8], hash: gix::hash::Kind, name: &str) -> Result<Option<Node>, GitError> {
    for entry in TreeRefIter::from_bytes(tree, hash) {
        let entry = entry.map_err(|_| damaged())?;
        if entry.filename == name.as_bytes() {
            return Ok(Some(node(&entry)));
        }
    }
    Ok(None)
}

/// The ids of files with these names, which must be in order.
pub(super) fn files<const N: usize>(tree: &[u8], hash: gix::hash::Kind, names: [&str; N]) -> Result<[Option<gix::ObjectId>; N], GitError> {
    let mut found = [None; N];
    for entry in TreeRefIter::from_bytes(tree, hash) {
        let entry = entry.map_err(|_| damaged())?;
        let filename: &[u8] = entry.filename;
        if names.last().is_none_or(|last| filename > last.as_bytes()) {
            break;
        }
        for (name, found) in names.iter().zip(&mut found) {
            if filename == name.as_bytes() && entry.mode.is_blob() {
                *found = Some(entry.oid.to_owned());
            }
        }
    }
    Ok(found)
}

/// Whether a file of this name is here, and the directories; nothing else is decoded.
pub(super) fn look(tree: &[u8], hash: gix::hash::Kind, file: &str) -> Result<Look, GitError> {
    let mut look = Look { has_file: false, dirs: Vec::new(), entries: 0 };
    for entry in TreeRefIter::from_bytes(tree, hash) {
        let entry = entry.map_err(|_| damaged())?;
        look.entries += 1;
        if entry.mode.is_tree() {
            look.dirs.extend(plain_name(entry.filename).ok().map(|name| (name.into(), DirRef::Object(entry.oid.to_owned()))));
        } else if entry.filename == file.as_bytes() {
            look.has_file |= entry.mode.is_blob();
        }
    }
    Ok(look)
}

/// The length of what both begin with.
fn common(a: &[u8], b: &[u8]) -> usize {
    const PIECE: usize = 4096;
    let mut length = 0;
    for (a, b) in a.chunks(PIECE).zip(b.chunks(PIECE)) {
        if a != b {
            return length + a.iter().zip(b).take_while(|(a, b)| a == b).count();
        }
        length += a.len();
    }
    length
}

/// The end of the last entry that lies within the first `length` bytes.
fn boundary(tree: &[u8], length: usize, hash: gix::hash::Kind) -> usize {
    let mut end = 0;
    while let Some(name) = tree.get(end..length).and_then(|rest| rest.iter().position(|byte| *byte == 0)) {
        let next = end + name + 1 + hash.len_in_bytes();
        if next > length {
            break;
        }
        end = next;
    }
    end
}

/// The first entry and what comes after it.
fn first(tree: &[u8], hash: gix::hash::Kind) -> Result<Option<(EntryRef<'_>, &[u8])>, GitError> {
    let mut entries = TreeRefIter::from_bytes(tree, hash);
    let Some(entry) = entries.next() else { return Ok(None) };
    let entry = entry.map_err(|_| damaged())?;
    let rest = tree.get(entries.offset_to_next_entry(tree)..).ok_or_else(damaged)?;
    Ok(Some((entry, rest)))
}

fn order(a: &EntryRef<'_>, b: &EntryRef<'_>) -> Ordering {
    name_order(a.filename, a.mode.is_tree(), b.filename, b.mode.is_tree())
}

/// The entries that differ between two versions of a directory, in the order of trees.
pub(super) fn differing(a: &[u8], b: &[u8], hash: gix::hash::Kind) -> Result<Vec<Pair>, GitError> {
    let start = boundary(a, common(a, b), hash);
    let (mut a, mut b) = (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default());
    let mut pairs = Vec::new();
    let mut last: [Option<EntryRef<'_>>; 2] = [None, None];
    while a != b {
        let (old, new) = (first(a, hash)?, first(b, hash)?);
        let next = match (&old, &new) {
            (Some((old, _)), Some((new, _))) => order(old, new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let old = old.filter(|_| next.is_le());
        let new = new.filter(|_| next.is_ge());
        for (taken, last) in [&old, &new].into_iter().zip(&mut last) {
            let Some((entry, _)) = taken else { continue };
            // Git never writes two entries of one name; who does wants different readers to see different files.
            if last.as_ref().is_some_and(|last| order(last, entry).is_ge()) {
                return Err(damaged());
            }
            *last = Some(*entry);
        }
        if let Some((_, rest)) = &old {
            a = rest;
        }
        if let Some((_, rest)) = &new {
            b = rest;
        }
        let entries = [old.map(|(entry, _)| entry), new.map(|(entry, _)| entry)];
        if let [Some(old), Some(new)] = &entries
            && old.oid == new.oid
            && old.mode == new.mode
        {
            continue;
        }
        let [old, new] = &entries;
        let Some(name) = old.as_ref().or(new.as_ref()).map(|entry| plain_name(entry.filename).map(Box::from)) else { continue };
        pairs.push(Pair { name, nodes: [old.as_ref().map(node), new.as_ref().map(node)] });
    }
    Ok(pairs)
}
