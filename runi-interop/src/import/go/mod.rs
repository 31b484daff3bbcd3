//! Go structs. Files are read by the grammar that editors use, so a file need not compile, only parse.

mod package;
mod tags;
mod types;
mod validate;

use super::Input;
use super::code::{self, Decl, Kind, Lines, MAX_DEPTH, Member, Said, Say, Shape, Source};
use crate::{ImportError, Imported};
use runi_lang::diagnostic::{Diagnostic, Place, TextRange};
use runi_lang::diagnostics::interop::FOREIGN_UNREADABLE;
use std::collections::BTreeMap;
use tree_sitter::{Node, Parser, Tree};

const FORMAT: &str = "Go";

/// The structs of a file; types of the other files of its package are known too.
pub(super) fn import(input: &Input<'_>) -> Result<Imported, ImportError> {
    let text = &*super::text(FORMAT, input.bytes)?;
    let tree = parse(text).ok_or_else(|| ImportError::unreadable(FORMAT, "the parser gave up", None))?;
    if let Some(node) = first_error(&tree) {
        let place = Place::range(input.name, code::range(node.start_byte(), node.end_byte().min(node.start_byte() + 80)));
        let message = if node.is_missing() { format!("`{}` is missing", node.kind()) } else { "this is not Go".to_owned() };
        return Err(ImportError::Source { diagnostics: vec![Diagnostic::new(&FOREIGN_UNREADABLE, place, message)] });
    }
    let lines = Lines::new(text);
    let mut reader = Reader::new(text, input.name);
    reader.file(tree.root_node());
    let mut source = reader.finish();
    package::add(&mut source, input, package_name(tree.root_node(), text));
    code::resolve(source, FORMAT, input, &lines)
}

fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_go::LANGUAGE.into()).ok()?;
    parser.parse(text, None)
}

/// The first place that the grammar does not know.
fn first_error(tree: &Tree) -> Option<Node<'_>> {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(node);
        }
        // Only what holds an error is worth a look.
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}

fn package_name<'t>(root: Node<'_>, text: &'t str) -> &'t str {
    let mut cursor = root.walk();
    let clause = root.named_children(&mut cursor).find(|node| node.kind() == "package_clause");
    clause.and_then(|clause| clause.named_child(0)).and_then(|name| text.get(name.byte_range())).unwrap_or_default()
}

/// Reads one file.
struct Reader<'t> {
    text: &'t str,
    path: &'t str,
    source: Source,
    /// The values of typed constants, by type.
    constants: BTreeMap<String, Vec<String>>,
    /// Types that write themselves as JSON or text.
    marshals: Vec<String>,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, path: &'t str) -> Self {
        Self { text, path, source: Source::default(), constants: BTreeMap::new(), marshals: Vec::new(), depth: 0 }
    }

    fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn range_of(node: Node<'_>) -> TextRange {
        code::range(node.start_byte(), node.end_byte())
    }

    fn file(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        let mut comments = Comments::default();
        for node in root.named_children(&mut cursor) {
            match node.kind() {
                "comment" => comments.add(self.text_of(node), node),
                "type_declaration" => self.declaration(node, &mut comments),
                "const_declaration" => self.constants(node),
                "method_declaration" => self.method(node),
                _ => {}
            }
            if node.kind() != "comment" {
                comments.clear();
            }
        }
    }

    /// Puts together what the file says at different places.
    fn finish(mut self) -> Source {
        for decl in &mut self.source.decls {
            if let Kind::Alias(Shape::Known(runi_lang::types::DataType::String)) = decl.kind
                && let Some(values) = self.constants.remove(&decl.name)
            {
                decl.kind = Kind::Enum(values);
            } else if self.marshals.contains(&decl.name) && !matches!(decl.kind, Kind::Struct(_)) {
                let why = format!("`{}` writes itself in a way that only its code knows: read as text", decl.name);
                decl.kind = Kind::Alias(Shape::Less(Box::new(Shape::Known(runi_lang::types::DataType::String)), why));
            }
        }
        self.source
    }

    fn declaration(&mut self, node: Node<'_>, above: &mut Comments<'t>) {
        let mut cursor = node.walk();
        let mut comments = std::mem::take(above);
        for spec in node.named_children(&mut cursor) {
            match spec.kind() {
                "comment" => comments.add(self.text_of(spec), spec),
                "type_spec" | "type_alias" => {
                    let (doc, said) = comments.read(spec);
                    self.named_type(spec, doc, said);
                    comments.clear();
                }
                _ => {}
            }
        }
    }

    fn named_type(&mut self, spec: Node<'_>, doc: String, said: Vec<Said>) {
        let (Some(name), Some(ty)) = (spec.child_by_field_name("name"), spec.child_by_field_name("type")) else { return };
        let kind = if spec.child_by_field_name("type_parameters").is_some() {
            Kind::Other("a type with parameters")
        } else {
            match ty.kind() {
                "struct_type" => Kind::Struct(self.members(ty)),
                "interface_type" => Kind::Other("an interface"),
                "function_type" => Kind::Other("a function"),
                "channel_type" => Kind::Other("a channel"),
                _ => Kind::Alias(self.shape(ty)),
            }
        };
        let (range, name) = (Self::range_of(name), self.text_of(name).to_owned());
        let (names, said): (Vec<Said>, Vec<Said>) = said.into_iter().partition(|said| matches!(said.say, Say::Name(_)));
        let contract = names.into_iter().find_map(|said| if let Say::Name(name) = said.say { Some(name) } else { None });
        self.source.decls.push(Decl { name, contract, range, doc, said, kind, foreign: false });
    }

    /// `const ( Buy Side = "buy" … )`, and `const Buy = Side("buy")`.
    fn constants(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        for spec in node.named_children(&mut cursor).filter(|spec| spec.kind() == "const_spec") {
            let Some(values) = spec.child_by_field_name("value") else { continue };
            let mut inner = values.walk();
            for value in values.named_children(&mut inner) {
                let (ty, literal) = match (spec.child_by_field_name("type"), value.kind()) {
                    (Some(ty), _) => (ty, Some(value)),
                    (None, "call_expression" | "type_conversion_expression") => {
                        let Some(ty) = value.child_by_field_name("function").or_else(|| value.child_by_field_name("type")) else {
                            continue;
                        };
                        let operand = value.child_by_field_name("operand");
                        (ty, operand.or_else(|| value.child_by_field_name("arguments").and_then(|list| list.named_child(0))))
                    }
                    _ => continue,
                };
                let Some(text) = literal.and_then(|literal| tags::string(self.text_of(literal))) else { continue };
                let values = self.constants.entry(self.text_of(ty).to_owned()).or_default();
                if !values.contains(&text) {
                    values.push(text);
                }
            }
        }
    }

    fn method(&mut self, node: Node<'_>) {
        let name = node.child_by_field_name("name").map(|name| self.text_of(name)).unwrap_or_default();
        if matches!(name, "MarshalJSON" | "MarshalText") {
            let receiver = node.child_by_field_name("receiver").map(|list| self.text_of(list)).unwrap_or_default();
            let ty = receiver.trim_matches(['(', ')']).rsplit([' ', '*']).next().unwrap_or_default();
            self.marshals.push(ty.to_owned());
        }
    }

    /// The fields of a struct.
    fn members(&mut self, ty: Node<'_>) -> Vec<Member> {
        self.depth += 1;
        let mut members = Vec::new();
        if self.depth <= MAX_DEPTH {
            let mut cursor = ty.walk();
            for list in ty.named_children(&mut cursor).filter(|list| list.kind() == "field_declaration_list") {
                let mut inner = list.walk();
                let mut comments = Comments::default();
                let mut last_row = usize::MAX;
                for field in list.named_children(&mut inner) {
                    match field.kind() {
                        "comment" if field.start_position().row == last_row => {
                            if let Some(member) = members.last_mut().filter(|member: &&mut Member| member.doc.is_empty()) {
                                member.doc = comment_text(self.text_of(field));
                            }
                        }
                        "comment" => comments.add(self.text_of(field), field),
                        "field_declaration" => {
                            let (doc, _) = comments.read(field);
                            self.field(field, &doc, &mut members);
                            comments.clear();
                            last_row = field.end_position().row;
                        }
                        _ => {}
                    }
                }
            }
        }
        self.depth -= 1;
        members
    }

    fn field(&mut self, field: Node<'_>, doc: &str, members: &mut Vec<Member>) {
        let Some(ty) = field.child_by_field_name("type") else { return };
        let mut cursor = field.walk();
        let mut names: Vec<Node<'_>> = field.children_by_field_name("name", &mut cursor).filter(Node::is_named).collect();
        let embedded = names.is_empty();
        if embedded {
            // The name of an embedded type is its last word.
            let named = if ty.kind() == "generic_type" { ty.child_by_field_name("type").unwrap_or(ty) } else { ty };
            names.push(named.child_by_field_name("name").unwrap_or(named));
        }
        let mut shape = self.shape(ty);
        let mut pointer = field.walk();
        if embedded && field.children(&mut pointer).any(|child| child.kind() == "*") {
            shape = Shape::Optional(Box::new(shape));
        }
        let tag = field.child_by_field_name("tag");
        for name in names {
            let (range, word) = (Self::range_of(name), self.text_of(name));
            // Other packages, and so `encoding/json`, do not see these; an embedded struct's own fields they do.
            if !embedded && !word.starts_with(char::is_uppercase) {
                continue;
            }
            let mut member = Member {
                column: word.to_owned(),
                renamed: false,
                name: word.to_owned(),
                range,
                shape: shape.clone(),
                optional: false,
                flatten: embedded,
                said: Vec::new(),
                doc: doc.to_owned(),
            };
            let skipped =
                tag.is_some_and(|tag| !tags::read(self.path, self.text_of(tag), tag.start_byte(), &mut member, &mut self.source.problems));
            if !skipped {
                members.push(member);
            }
        }
    }
}

/// Comments that stand right above something.
#[derive(Default)]
struct Comments<'t> {
    lines: Vec<(&'t str, usize)>,
    /// The row after the last one.
    next: usize,
}

impl<'t> Comments<'t> {
    fn add(&mut self, text: &'t str, node: Node<'_>) {
        if node.start_position().row > self.next {
            self.clear();
        }
        self.lines.push((text, node.start_byte()));
        self.next = node.end_position().row + 1;
    }

    fn clear(&mut self) {
        self.lines.clear();
    }

    /// The documentation of what begins at a node, and its `//runi:` lines.
    fn read(&self, node: Node<'_>) -> (String, Vec<Said>) {
        if node.start_position().row > self.next {
            return Default::default();
        }
        let (mut doc, mut said) = (Vec::new(), Vec::new());
        for (text, start) in &self.lines {
            if let Some(directive) = text.strip_prefix("//runi:") {
                let start = start + "//runi:".len();
                if directive.starts_with('@') {
                    // The language's own words, for what a list of words cannot say.
                    said.push(Said {
                        say: Say::Contract(directive.trim_end().to_owned()),
                        range: code::range(start, start + directive.len()),
                    });
                    continue;
                }
                said.extend(code::items(directive).into_iter().map(|(word, value, at)| {
                    let say: Say = code::contract_word(&word, &value);
                    Said { say, range: code::range(start + at.start, start + at.end) }
                }));
            } else if !is_directive(text) {
                doc.push(comment_text(text));
            }
        }
        (doc.join("\n"), said)
    }
}

/// `//go:generate`, `//nolint`: words for tools, without a blank after the slashes.
fn is_directive(text: &str) -> bool {
    let word = text.strip_prefix("//").unwrap_or_default();
    let end = word.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()).unwrap_or(word.len());
    end > 0 && (word.get(end..).is_some_and(|rest| rest.starts_with(':')) || word.starts_with("nolint"))
}

fn comment_text(comment: &str) -> String {
    if let Some(line) = comment.strip_prefix("//") {
        return line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned();
    }
    let inner = comment.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/")).unwrap_or(comment);
    inner.lines().map(|line| line.trim().trim_start_matches('*').trim()).collect::<Vec<_>>().join("\n").trim().to_owned()
}
