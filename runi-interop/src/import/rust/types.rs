//! Types of Rust and of the crates that models are made of.

use super::Reader;
use crate::import::code::Shape;
use runi_lang::types::{DataType, TimeUnit};
use syn::ext::IdentExt;
use syn::{GenericArgument, PathArguments, Type};

fn known(ty: DataType) -> Shape {
    Shape::Known(ty)
}

fn less(ty: DataType, why: impl Into<String>) -> Shape {
    Shape::Less(Box::new(Shape::Known(ty)), why.into())
}

fn timestamp(zone: Option<&str>) -> Shape {
    known(DataType::Timestamp { unit: TimeUnit::Microsecond, zone: zone.map(str::to_owned) })
}

/// A type without parameters, by its last word.
fn by_name(name: &str) -> Option<Shape> {
    Some(match name {
        "bool" | "AtomicBool" => known(DataType::Boolean),
        "i8" | "NonZeroI8" => known(DataType::Int8),
        "i16" | "NonZeroI16" => known(DataType::Int16),
        "i32" | "NonZeroI32" => known(DataType::Int32),
        "i64" | "isize" | "NonZeroI64" | "AtomicI64" => known(DataType::Int64),
        "u8" | "NonZeroU8" => known(DataType::UInt8),
        "u16" | "NonZeroU16" => known(DataType::UInt16),
        "u32" | "NonZeroU32" => known(DataType::UInt32),
        "u64" | "usize" | "NonZeroU64" | "NonZeroUsize" | "AtomicU64" => known(DataType::UInt64),
        "i128" | "u128" => less(DataType::Decimal { precision: 38, scale: 0 }, "a number of more than 38 digits does not fit"),
        "f32" => known(DataType::Float32),
        "f64" => known(DataType::Float64),
        "String" | "str" | "PathBuf" | "Path" | "OsString" | "SmolStr" | "CompactString" => known(DataType::String),
        "char" => less(DataType::String, "that it is one character is lost"),
        "NaiveDate" | "Date" => known(DataType::Date),
        "NaiveTime" | "Time" => known(DataType::Time),
        "NaiveDateTime" | "PrimitiveDateTime" => timestamp(None),
        "OffsetDateTime" | "UtcDateTime" | "Timestamp" | "DateTime" => timestamp(Some("UTC")),
        "SystemTime" => less(DataType::String, "how a `SystemTime` is written is not known: it is read as text"),
        "Duration" => known(DataType::Struct(vec![("secs".to_owned(), DataType::UInt64), ("nanos".to_owned(), DataType::UInt32)])),
        "TimeDelta" => less(DataType::Int64, "how a `TimeDelta` is written is not known: it is read as a number"),
        "Uuid" => Shape::Formatted("uuid"),
        "Url" | "Uri" => Shape::Formatted("uri"),
        "Ipv4Addr" => Shape::Formatted("ipv4"),
        "Ipv6Addr" => Shape::Formatted("ipv6"),
        "IpAddr" => less(DataType::String, "an address of either version is read as text"),
        "Version" => Shape::Formatted("semver"),
        "Decimal" | "BigDecimal" => less(
            DataType::Decimal { precision: 38, scale: 10 },
            "how many digits it has is said by no type: `#[runi(type = \"decimal(18, 2)\")]` says it",
        ),
        "Bytes" | "ByteBuf" => known(DataType::Binary),
        "Value" | "RawValue" => less(DataType::String, "any value is read as text"),
        _ => return None,
    })
}

impl Reader<'_> {
    /// A type as the source writes it.
    pub(super) fn shape(&self, ty: &Type) -> Shape {
        match ty {
            Type::Path(path) => self.named(path),
            Type::Reference(reference) => self.shape(&reference.elem),
            Type::Paren(inner) => self.shape(&inner.elem),
            Type::Group(inner) => self.shape(&inner.elem),
            Type::Slice(slice) => self.many(&slice.elem),
            Type::Array(array) => match self.many(&array.elem) {
                bytes @ Shape::Known(DataType::Binary) => bytes,
                list => Shape::Less(Box::new(list), "how many items it has is lost".to_owned()),
            },
            Type::Tuple(tuple) if tuple.elems.is_empty() => Shape::None("it holds nothing".to_owned()),
            Type::Tuple(_) => Shape::None("it is a tuple".to_owned()),
            Type::TraitObject(_) | Type::ImplTrait(_) => Shape::None("it is a trait".to_owned()),
            Type::Ptr(_) => Shape::None("it is an address".to_owned()),
            _ => Shape::None("its type is none that a column can have".to_owned()),
        }
    }

    fn many(&self, item: &Type) -> Shape {
        // As bytes are meant everywhere but in JSON, where they are a list of numbers.
        if matches!(item, Type::Path(path) if path.path.is_ident("u8")) {
            return known(DataType::Binary);
        }
        Shape::List(Box::new(self.shape(item)))
    }

    fn named(&self, path: &syn::TypePath) -> Shape {
        let Some(last) = path.path.segments.last() else { return Shape::None("it has no name".to_owned()) };
        let name = last.ident.unraw().to_string();
        let args: Vec<&Type> = match &last.arguments {
            PathArguments::AngleBracketed(args) => {
                args.args.iter().filter_map(|arg| if let GenericArgument::Type(ty) = arg { Some(ty) } else { None }).collect()
            }
            PathArguments::None | PathArguments::Parenthesized(_) => Vec::new(),
        };
        let declared = self.names.contains(&name) && (path.path.segments.len() == 1 || is_local(&path.path));
        if declared {
            return match args.is_empty() {
                true => Shape::Named(name),
                false => Shape::None(format!("`{name}` has parameters")),
            };
        }
        match (name.as_str(), args.as_slice()) {
            ("Option", [inner]) => Shape::Optional(Box::new(self.shape(inner))),
            ("Box" | "Arc" | "Rc" | "Cow" | "Cell" | "RefCell" | "Mutex" | "RwLock" | "Saturating" | "Wrapping" | "NonZero", [inner]) => {
                self.shape(inner)
            }
            ("Vec" | "VecDeque" | "LinkedList" | "SmallVec" | "ThinVec" | "ArrayVec", [inner, ..]) => self.many(inner),
            ("HashSet" | "BTreeSet" | "IndexSet" | "FxHashSet", [inner, ..]) => {
                Shape::Less(Box::new(Shape::List(Box::new(self.shape(inner)))), "that no item comes twice is lost".to_owned())
            }
            ("HashMap" | "BTreeMap" | "IndexMap" | "FxHashMap" | "Map", [key, value, ..]) => {
                Shape::Map(Box::new(self.shape(key)), Box::new(self.shape(value)))
            }
            ("DateTime", [_]) => timestamp(Some("UTC")),
            ("PhantomData", _) => Shape::None("it holds nothing".to_owned()),
            (_, []) => by_name(&name)
                .unwrap_or_else(|| less(DataType::String, format!("`{}` is not in this file: its values are read as text", words(path)))),
            _ => Shape::None(format!("`{name}` has parameters, and is not known")),
        }
    }
}

/// `crate::…`, `self::…`, `super::…`.
fn is_local(path: &syn::Path) -> bool {
    path.segments.first().is_some_and(|first| ["crate", "self", "super"].iter().any(|word| first.ident == word))
}

fn words(path: &syn::TypePath) -> String {
    let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    names.join("::")
}
