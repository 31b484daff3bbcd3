//! Rust structs. Nothing is built: the declarations are read, with what `serde` and `#[runi(…)]` say of them.
//!
//! A file is cut into items by its tokens, and only structs, enums and type aliases go through the parser, each after a look at how
//! deep it nests. So what stands in function bodies costs nothing and can do no harm.

mod attributes;
mod case;
mod items;
mod types;

use super::Input;
use super::code::{self, Decl, Kind, Lines, Member, Said, Say, Shape, Source};
use crate::{ImportError, Imported};
use attributes::{FieldAttributes, TypeAttributes};
use items::Item;
use proc_macro2::{Span, TokenStream};
use runi_lang::diagnostic::{Diagnostic, Place, TextRange};
use runi_lang::diagnostics::interop::FOREIGN_UNREADABLE;
use runi_lang::types::DataType;
use std::collections::BTreeSet;
use std::thread;
use syn::ext::IdentExt;

const FORMAT: &str = "Rust";

/// The parser goes as deep as types nest, which [`items`] bounds; the usual stacks are too small for that. Taken only as far as it is used.
const STACK: usize = 256 << 20;

/// The structs of a file.
pub(super) fn import(input: &Input<'_>) -> Result<Imported, ImportError> {
    let gave_up = || ImportError::unreadable(FORMAT, "the parser gave up", None);
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("rust-import".to_owned()).stack_size(STACK).spawn_scoped(scope, || read(input));
        worker.map_err(|_| gave_up())?.join().map_err(|_| gave_up())?
    })
}

fn read(input: &Input<'_>) -> Result<Imported, ImportError> {
    let text = super::text(FORMAT, input.bytes)?;
    let tokens: TokenStream =
        text.parse().map_err(|error: proc_macro2::LexError| unreadable(input.name, error.span(), "this is not Rust"))?;
    let found = items::find(tokens).map_err(|(span, message)| unreadable(input.name, span, message))?;
    let names: BTreeSet<String> = found.iter().map(|item| item.name().unraw().to_string()).collect();
    let mut reader = Reader { path: input.name, names, source: Source::default() };
    for item in &found {
        let decl = match item {
            Item::Struct(item) => reader.structure(item),
            Item::Enum(item) => reader.enumeration(item),
            Item::Type(item) => reader.alias(item),
        };
        reader.source.decls.push(decl);
    }
    code::resolve(reader.source, FORMAT, input, &Lines::new(&text))
}

fn unreadable(path: &str, span: Span, message: impl Into<String>) -> ImportError {
    let diagnostic = Diagnostic::new(&FOREIGN_UNREADABLE, Place::range(path, range(span)), message);
    ImportError::Source { diagnostics: vec![diagnostic] }
}

fn range(span: Span) -> TextRange {
    let bytes = span.byte_range();
    code::range(bytes.start, bytes.end)
}

struct Reader<'a> {
    path: &'a str,
    /// What the file declares: these names mean nothing else here.
    names: BTreeSet<String>,
    source: Source,
}

impl Reader<'_> {
    fn decl(&self, ident: &syn::Ident, about: TypeAttributes, kind: Kind) -> Decl {
        let name = ident.unraw().to_string();
        Decl { name, contract: about.name, range: range(ident.span()), doc: about.doc, said: about.said, kind, foreign: false }
    }

    fn structure(&mut self, item: &syn::ItemStruct) -> Decl {
        let about = TypeAttributes::read(self.path, &item.attrs, &mut self.source.problems);
        let kind = if has_parameters(&item.generics) {
            Kind::Other("a type with parameters")
        } else {
            match &item.fields {
                syn::Fields::Named(fields) if about.transparent => match fields.named.first() {
                    Some(field) => Kind::Alias(self.shape(&field.ty)),
                    None => Kind::Other("a struct without fields"),
                },
                syn::Fields::Named(fields) => Kind::Struct(fields.named.iter().filter_map(|field| self.member(field, &about)).collect()),
                syn::Fields::Unnamed(fields) => match fields.unnamed.first() {
                    Some(field) if fields.unnamed.len() == 1 => Kind::Alias(self.shape(&field.ty)),
                    _ => Kind::Other("a tuple"),
                },
                syn::Fields::Unit => Kind::Other("a struct without fields"),
            }
        };
        self.decl(&item.ident, about, kind)
    }

    fn enumeration(&mut self, item: &syn::ItemEnum) -> Decl {
        let about = TypeAttributes::read(self.path, &item.attrs, &mut self.source.problems);
        let mut values = Vec::new();
        let mut plain = true;
        for variant in &item.variants {
            plain &= matches!(variant.fields, syn::Fields::Unit);
            let says = FieldAttributes::read(self.path, "", &variant.attrs, &mut self.source.problems);
            if says.skip {
                continue;
            }
            let name = variant.ident.unraw().to_string();
            values.push(says.rename.unwrap_or_else(|| about.case.map_or_else(|| name.clone(), |case| case.of_variant(&name))));
        }
        let kind = if has_parameters(&item.generics) {
            Kind::Other("a type with parameters")
        } else if about.numbers {
            Kind::Alias(Shape::Known(DataType::Int64))
        } else if plain && !values.is_empty() {
            Kind::Enum(values)
        } else {
            Kind::Other("an enum whose variants hold values")
        };
        self.decl(&item.ident, about, kind)
    }

    fn alias(&mut self, item: &syn::ItemType) -> Decl {
        let about = TypeAttributes::read(self.path, &item.attrs, &mut self.source.problems);
        let kind = if has_parameters(&item.generics) { Kind::Other("a type with parameters") } else { Kind::Alias(self.shape(&item.ty)) };
        self.decl(&item.ident, about, kind)
    }

    fn member(&mut self, field: &syn::Field, about: &TypeAttributes) -> Option<Member> {
        let ident = field.ident.as_ref()?;
        let name = ident.unraw().to_string();
        let usual = about.case.map_or_else(|| name.clone(), |case| case.of_field(&name));
        // Tags about a column name it, so its name has to be known first.
        let column = FieldAttributes::read(self.path, "", &field.attrs, &mut Vec::new()).rename;
        let (renamed, column) = (column.is_some(), column.unwrap_or(usual));
        let says = FieldAttributes::read(self.path, &column, &field.attrs, &mut self.source.problems);
        if says.skip {
            return None;
        }
        let shape = self.shape(&field.ty);
        let mut said = says.said;
        let defaults = says.default || about.default;
        if defaults
            && !said.iter().any(|said| matches!(said.say, Say::Default(_)))
            && let Some(value) = zero(&shape)
        {
            said.push(Said { say: Say::Default(value.to_owned()), range: range(ident.span()) });
        }
        Some(Member {
            column,
            renamed,
            name,
            range: range(ident.span()),
            shape,
            optional: says.optional || defaults,
            flatten: says.flatten,
            said,
            doc: says.doc,
        })
    }
}

/// What `Default` gives.
fn zero(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Known(DataType::Boolean) => Some("false"),
        Shape::Known(ty) if ty.is_numeric() => Some("0"),
        Shape::Known(DataType::String) => Some(""),
        _ => None,
    }
}

fn has_parameters(generics: &syn::Generics) -> bool {
    generics.params.iter().any(|param| !matches!(param, syn::GenericParam::Lifetime(_)))
}
