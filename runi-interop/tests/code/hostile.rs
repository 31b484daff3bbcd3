//! Sources that were made to hurt: an answer in bounded time and memory, whatever they are.

use crate::support::{read, shown};
use proptest::prelude::*;
use runi_interop::ImportError;
use runi_interop::import::{Format, Input, Options, import};

fn code(format: Format, text: &str) -> String {
    read(format, text, &[]).map_or_else(|error| error.code().to_owned(), |imported| imported.contracts.len().to_string())
}

#[test]
fn deep_types_are_refused_or_passed_over() {
    let deep = |open: &str, inner: &str, close: &str, n: usize| format!("{}{inner}{}", open.repeat(n), close.repeat(n));
    for n in [50, 120, 20_000] {
        let go = [
            format!("package p\ntype T struct {{ A {} }}\n", deep("[]", "int", "", n)),
            format!("package p\ntype T struct {{ A {} }}\n", deep("*", "int", "", n)),
            format!("package p\ntype T struct {{ A {} }}\n", deep("struct { A ", "int", "}", n)),
            format!("package p\ntype T struct {{ A {} }}\n", deep("map[string]", "int", "", n)),
            format!("package p\nvar x = {}\ntype T struct {{ A int }}\n", deep("(", "1", ")", n)),
        ];
        for text in go {
            let _ = shown(Format::Go, &text);
        }
        let rust = [
            format!("struct T {{ a: {} }}", deep("Vec<", "u16", ">", n)),
            format!("struct T {{ a: {} }}", deep("&", "u16", "", n)),
            format!("struct T {{ a: {} }}", deep("(", "u16", ",)", n)),
            format!("struct T {{ a: {} }}", deep("[", "u16", "; 1]", n)),
            format!("struct T {{ a: [u16; {}1] }}", "-".repeat(n)),
            format!("struct T {{ a: [u16; {}1] }}", "return ".repeat(n)),
            format!("enum E {{ A = {}1 }} struct T {{ a: u16 }}", "if a {1} else ".repeat(n)),
            format!("struct T<{}> {{ a: u16 }}", deep("T: Into<", "u8", ">", n)),
            format!("{} struct T {{ a: u16 }} {}", "mod m {".repeat(n), "}".repeat(n)),
            format!("#[runi{}]\nstruct T {{ a: u16 }}", deep("(", "x", ")", n)),
            format!("fn f() {{ {} }} struct T {{ a: u16 }}", deep("(", "1", ")", n)),
        ];
        for text in rust {
            let _ = shown(Format::Rust, &text);
        }
    }
    assert_eq!(code(Format::Rust, &format!("struct T {{ a: {}u16{} }}", "Vec<".repeat(5_000), ">".repeat(5_000))), "E1001");
}

#[test]
fn types_that_grow_without_end_are_refused() {
    use std::fmt::Write as _;
    let (mut go, mut rust) = ("package p\n".to_owned(), String::new());
    for n in 0..60 {
        let _ = writeln!(go, "type T{n} struct {{ A, B, C T{} }}", n + 1);
        let _ = writeln!(rust, "struct T{n} {{ a: T{m}, b: T{m}, c: T{m} }}", m = n + 1);
    }
    go.push_str("type T60 struct { X int }\n");
    rust.push_str("struct T60 { x: u8 }\n");
    assert_eq!(code(Format::Go, &go), "E1002");
    assert_eq!(code(Format::Rust, &rust), "E1002");
}

#[test]
fn what_is_no_text_or_too_large_is_refused() {
    let options = Options::default();
    for format in [Format::Go, Format::Rust] {
        for (bytes, code) in
            [(&b"\x7fELF\0\0"[..], "E1001"), (b"caf\xe9", "E1001"), (&vec![b' '; (64 << 20) + 1][..], "E1002"), (b"", "E1001")]
        {
            let error = import(format, &Input { name: "x", bytes, path: None, options: &options }).unwrap_err();
            assert_eq!(error.code(), code);
        }
    }
}

#[test]
fn large_files_are_read() {
    let go = format!("package p\ntype T struct {{ A int }}\n{}", "func f() { x := map[string]int{\"a\": 1}; _ = x }\n".repeat(40_000));
    assert_eq!(code(Format::Go, &go), "1");
    let rust = format!("struct T {{ a: u8 }}\n{}", "fn f() { let x = [1, 2, 3]; g(&x, || 1); }\n".repeat(40_000));
    assert_eq!(code(Format::Rust, &rust), "1");
}

const PIECES: &[&str] = &[
    "type ",
    "T ",
    "U ",
    "struct {",
    "}",
    "\n",
    "package p\n",
    "A ",
    "string ",
    "[]",
    "*",
    "map[string]",
    "`json:\"a\"`",
    "`runi:\"key,range(min=1)\"`",
    "`validate:\"gt=0\"`",
    "interface{}",
    "[T any]",
    "const (",
    ")",
    "= \"x\"",
    "//runi:owner=x\n",
    "// doc\n",
    "struct T",
    "enum E",
    "{",
    "a: ",
    "Vec<",
    ">",
    "Option<",
    "u8,",
    "String,",
    "#[serde(",
    "rename = \"x\"",
    "flatten",
    ")]",
    "#[runi(",
    "pii = \"email\"",
    "mod m {",
    "pub ",
    "&'a str,",
    "/// doc\n",
    "<",
    "'",
    "\"",
    "(",
    ",",
    "=",
    "é",
    "`",
    "E",
    "T,",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whatever comes out can be written, and points into the text.
    #[test]
    fn anything_that_looks_like_code(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        let text = pieces.concat();
        for format in [Format::Go, Format::Rust] {
            match read(format, &text, &[]) {
                Ok(imported) => prop_assert!(runi_lang::syntax::write::file(&imported.contracts).is_ok() || imported.contracts.len() > 1),
                Err(ImportError::Source { diagnostics }) => {
                    for problem in diagnostics {
                        let range = problem.place.text_range().unwrap();
                        prop_assert!(usize::from(range.end()) <= text.len(), "{problem:?}");
                    }
                }
                Err(_) => {}
            }
        }
    }
}
