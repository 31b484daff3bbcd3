//! Rust structs.

use crate::support::{problems, read, shown};
use runi_interop::import::Format;

const MODELS: &str = include_str!("../sources/models.rs");

fn rust(text: &str) -> String {
    shown(Format::Rust, text)
}

/// One struct with these fields.
fn fields(lines: &str) -> String {
    rust(&format!("struct T {{\n{lines}\n}}\n"))
}

#[test]
fn a_file_with_every_attribute() {
    insta::assert_snapshot!(rust(MODELS));
}

#[test]
fn a_type_is_chosen_by_its_name() {
    let names = |types: &[&str]| -> Vec<String> {
        read(Format::Rust, MODELS, types).unwrap().contracts.into_iter().map(|contract| contract.name).collect()
    };
    assert_eq!(names(&["Line"]), ["Line"]);
    assert_eq!(names(&["Parcel", "Address", "Order"]), ["Parcel", "Address", "ShopOrder"]);
    insta::assert_snapshot!(problems(MODELS, &read(Format::Rust, MODELS, &["Lines", "Page"]).unwrap_err()));
}

#[test]
fn what_an_attribute_cannot_say_is_an_error_where_it_stands() {
    insta::assert_snapshot!(
        [
            fields(
                "#[runi(class = \"confidental\")] a: String,\n\
                 #[runi(mask(hsh))] b: String,\n\
                 #[runi(range(min = \"x\"))] c: i64,\n\
                 #[runi(default = \"many\")] d: i64,\n\
                 #[runi(matches = \"[A-Z\")] e: String,\n\
                 #[runi(range(min = 1))] f: String,\n\
                 #[runi(requird)] g: String,\n\
                 #[runi(type = \"decimal(99, 2)\")] h: String,\n\
                 #[runi(range(mni = 1))] i: i64,\n\
                 #[runi(\"odd\")] j: i64,\n\
                 #[runi(references = \"Product\")] k: i64,\n\
                 #[runi(desc)] m: i64,"
            ),
            rust("#[serde(rename_all = \"camelcase\")]\n#[runi(version = \"1\", ownr = \"x\", rule = \"b > 1\")]\nstruct T { a: i64 }\n"),
            rust("#[runi(name = \"two words\")]\nstruct T { a: i64 }\n"),
        ]
        .join("\n")
    );
}

#[test]
fn what_does_not_fit_its_type_is_an_error_where_it_stands() {
    insta::assert_snapshot!(fields(
        "#[runi(range(min = \"x\"))] c: i64,\n\
         #[runi(default = \"many\")] d: i64,\n\
         #[runi(matches = \"[A-Z\")] e: String,\n\
         #[runi(range(min = 1))] f: String,\n\
         #[runi(default(sql = \"now()\"))] g: DateTime<Utc>,\n\
         #[runi(name = \"a \\\" b\")] l: i64,"
    ));
}

#[test]
fn a_file_that_is_no_rust_says_where() {
    insta::assert_snapshot!(
        [rust("struct T { a: Vec<, }"), rust("struct T { a: i64"), rust("struct { }"), rust("fn f() {}"), rust("<html>&")].join("\n")
    );
}

#[test]
fn nothing_is_lost_in_silence() {
    insta::assert_snapshot!(fields(
        "a: serde_json::Value,\nb: Box<dyn Fn()>,\nc: fn(i64) -> i64,\nd: *const u8,\ne: (),\nf: u128,\ng: char,\nh: other::Thing,\n\
         i: Option<Option<i8>>,\nj: HashMap<String, Vec<Option<f32>>>,\nk: Cow<'static, str>,\nl: Foo<Bar>,\nm: [[u8; 4]; 2],\n\
         #[serde(default = \"now\")] n: i64,\n#[serde(serialize_with = \"odd\")] o: i64,\np: impl Fn(),\nq: Arc<Mutex<i64>>,\nr: SystemTime,"
    ));
}

#[test]
fn types_that_hold_themselves_are_refused() {
    insta::assert_snapshot!(
        [
            rust("struct Node { next: Option<Box<Node>> }"),
            rust("struct A { b: Vec<B> }\nstruct B { a: Option<Box<A>> }"),
            rust("type A = B;\ntype B = A;\nstruct T { x: A }"),
            rust("struct T { #[serde(flatten)] t: Box<T> }"),
        ]
        .join("\n")
    );
}
