//! The document, the files beside it that it refers to, and what a `$ref` means.
//!
//! Files are read only in the workspace or repository that the document lies in, or else below its own directory; an address on the net is never fetched.

use crate::document::{Kind, MAX_BYTES, Node};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that one import reads.
const MAX_FILES: usize = 500;

/// A schema, and the file that it stands in.
#[derive(Clone, Copy)]
pub(super) struct At<'f> {
    pub(super) file: usize,
    pub(super) node: &'f Node,
}

impl PartialEq for At<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.node, other.node)
    }
}

/// One file.
struct File {
    /// As messages call it.
    name: String,
    /// Where it lies; none when it came from elsewhere.
    path: Option<PathBuf>,
    /// Its `$id` without a fragment.
    id: Option<String>,
    root: Node,
}

/// What an import reads. The first file is the document itself.
pub(super) struct Files {
    files: Vec<File>,
    /// `(file, written file part)` to the file that it means.
    meant: HashMap<(usize, String), usize>,
    /// Why a file part means no file.
    missing: HashMap<(usize, String), String>,
}

impl Files {
    /// Reads every file that the document refers to, and those that they refer to.
    pub(super) fn load(name: &str, root: Node, directory: Option<&Path>) -> Self {
        let path = directory.map(|directory| directory.join(name.rsplit(['/', '\\']).next().unwrap_or(name)));
        let own = directory.map(|directory| if directory.as_os_str().is_empty() { Path::new(".") } else { directory }.to_owned());
        let allowed: Vec<PathBuf> = own.and_then(|dir| fs::canonicalize(dir).ok()).map(home).into_iter().collect();
        let first = File { name: name.to_owned(), path, id: id(&root), root };
        let mut files = Self { files: vec![first], meant: HashMap::new(), missing: HashMap::new() };
        let mut next = 0;
        while next < files.files.len() {
            let mut wanted = Vec::new();
            if let Some(file) = files.files.get(next) {
                references(&file.root, &mut wanted);
            }
            wanted.sort();
            wanted.dedup();
            for part in wanted {
                match files.open(next, &part, &allowed) {
                    Ok(file) => files.meant.insert((next, part), file).map(|_| ()),
                    Err(why) => files.missing.insert((next, part), why).map(|_| ()),
                };
            }
            next += 1;
        }
        files
    }

    pub(super) fn root(&self) -> At<'_> {
        // There is always the document itself.
        const NOTHING: &Node = &Node { line: 0, kind: Kind::Null };
        At { file: 0, node: self.files.first().map_or(NOTHING, |file| &file.root) }
    }

    /// The name of a file that is not the document itself.
    pub(super) fn other(&self, at: At<'_>) -> Option<&str> {
        self.files.get(at.file).filter(|_| at.file > 0).map(|file| file.name.as_str())
    }

    /// What a `$ref` that stands in a file means.
    ///
    /// # Errors
    /// Why it means nothing, a phrase.
    pub(super) fn resolve(&self, from: At<'_>, reference: &str) -> Result<At<'_>, String> {
        let (part, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let key = (from.file, part.to_owned());
        let file = match (part.is_empty(), self.meant.get(&key)) {
            (true, _) => from.file,
            (false, Some(file)) => *file,
            (false, None) => return Err(self.missing.get(&key).cloned().unwrap_or_else(|| "there is no such file".to_owned())),
        };
        let root = self.files.get(file).map(|file| &file.root).ok_or("there is no such file")?;
        let node = if fragment.is_empty() {
            root
        } else if fragment.starts_with('/') {
            pointer(root, fragment).ok_or_else(|| format!("there is nothing at `#{fragment}`"))?
        } else {
            anchor(root, fragment, 0).ok_or_else(|| format!("there is no anchor `{fragment}`"))?
        };
        Ok(At { file, node })
    }

    /// The file that a reference's file part means, read if it was not yet.
    fn open(&mut self, from: usize, part: &str, allowed: &[PathBuf]) -> Result<usize, String> {
        let current = self.files.get(from).ok_or("there is no such file")?;
        let absolute = absolute(current.id.as_deref(), part);
        if let Some(known) = absolute.as_deref().and_then(|id| self.files.iter().position(|file| file.id.as_deref() == Some(id))) {
            return Ok(known);
        }
        let beside = |part: &str| Some(current.path.as_ref()?.parent()?.join(part));
        let path = if part.contains("://") || part.starts_with("urn:") {
            // An address below the document's own `$id` means the file that lies where the address says.
            let directory = current.id.as_deref().and_then(|id| id.rsplit_once('/')).map(|(directory, _)| directory);
            let relative = directory.and_then(|directory| part.strip_prefix(directory)).and_then(|rest| rest.strip_prefix('/'));
            relative.and_then(beside).filter(|path| path.is_file())
        } else {
            beside(part)
        };
        let Some(path) = path else { return Err("it is not a file beside this one, and nothing is fetched from the net".to_owned()) };
        let path = fs::canonicalize(&path).map_err(|_| format!("there is no file `{part}`"))?;
        if !allowed.iter().any(|directory| path.starts_with(directory)) {
            return Err("it lies outside the workspace of the schema".to_owned());
        }
        if let Some(known) =
            self.files.iter().position(|file| file.path.as_deref().and_then(|known| fs::canonicalize(known).ok()).as_ref() == Some(&path))
        {
            return Ok(known);
        }
        if self.files.len() >= MAX_FILES {
            return Err(format!("more than {MAX_FILES} files are not read"));
        }
        let size = fs::metadata(&path).map(|meta| (meta.is_file(), meta.len())).map_err(|error| error.to_string())?;
        if !size.0 || size.1 > MAX_BYTES as u64 {
            return Err("it is no file, or too large a one".to_owned());
        }
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let root = Node::json("JSON Schema", &text).map_err(|error| error.to_string())?;
        let name = part.rsplit('/').next().unwrap_or(part).to_owned();
        self.files.push(File { name, path: Some(path), id: id(&root), root });
        Ok(self.files.len() - 1)
    }
}

/// Where a schema may look for others: the workspace or repository that it lies in, or else its own directory.
fn home(directory: PathBuf) -> PathBuf {
    let marked = |dir: &&Path| [".git", "Runi.toml"].iter().any(|mark| dir.join(mark).exists());
    directory.ancestors().find(marked).map_or_else(|| directory.clone(), Path::to_path_buf)
}

fn id(root: &Node) -> Option<String> {
    let id = root.get("$id").or_else(|| root.get("id"))?.text()?;
    Some(id.split('#').next().unwrap_or(id).to_owned()).filter(|id| !id.is_empty())
}

/// The address of a reference, by the `$id` of the document that it stands in.
fn absolute(id: Option<&str>, part: &str) -> Option<String> {
    if part.contains("://") {
        return Some(part.to_owned());
    }
    let (mut directory, _) = id?.rsplit_once('/')?;
    let mut rest = part;
    while let Some(up) = rest.strip_prefix("../") {
        directory = directory.rsplit_once('/')?.0;
        rest = up;
    }
    Some(format!("{directory}/{rest}"))
}

/// The file parts of every `$ref` below a node.
fn references(node: &Node, found: &mut Vec<String>) {
    match &node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries.iter() {
                match value.text() {
                    Some(text) if key == "$ref" => {
                        let part = text.split('#').next().unwrap_or_default();
                        if !part.is_empty() {
                            found.push(part.to_owned());
                        }
                    }
                    _ => references(value, found),
                }
            }
        }
        Kind::List(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// What a JSON pointer means, by RFC 6901, with the escapes of an address.
fn pointer<'n>(root: &'n Node, pointer: &str) -> Option<&'n Node> {
    let mut node = root;
    for part in pointer.split('/').skip(1) {
        let key = percent_decoded(part).replace("~1", "/").replace("~0", "~");
        node = match &node.kind {
            Kind::Map(entries) => entries.get(&key)?,
            Kind::List(items) => items.get(key.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(node)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The schema with this `$anchor`, or in draft 7 with this `$id`.
fn anchor<'n>(node: &'n Node, name: &str, depth: usize) -> Option<&'n Node> {
    if depth > 128 {
        return None;
    }
    match &node.kind {
        Kind::Map(entries) => {
            let is = |key: &str, wanted: &str| entries.get(key).and_then(Node::text) == Some(wanted);
            if is("$anchor", name) || is("$dynamicAnchor", name) || is("$id", &format!("#{name}")) {
                return Some(node);
            }
            entries.iter().find_map(|(_, value)| anchor(value, name, depth + 1))
        }
        Kind::List(items) => items.iter().find_map(|item| anchor(item, name, depth + 1)),
        _ => None,
    }
}
