//! Go structs.

use crate::support::{problems, read, shown};
use runi_interop::import::{Format, Input, Options, import};
use std::fs;

const MODELS: &str = include_str!("../sources/models.go");

fn go(text: &str) -> String {
    shown(Format::Go, &format!("package p\n\n{text}"))
}

/// One struct with these fields.
fn fields(lines: &str) -> String {
    go(&format!("type T struct {{\n{lines}\n}}\n"))
}

#[test]
fn a_file_with_every_tag() {
    insta::assert_snapshot!(shown(Format::Go, MODELS));
}

#[test]
fn a_type_is_chosen_by_its_name() {
    let names = |types: &[&str]| -> Vec<String> {
        read(Format::Go, MODELS, types).unwrap().contracts.into_iter().map(|contract| contract.name).collect()
    };
    assert_eq!(names(&["Line"]), ["Line"]);
    assert_eq!(names(&["Shipment", "Address"]), ["Shipment", "Address"]);
    let error = read(Format::Go, MODELS, &["Ordre", "Helper"]).unwrap_err();
    insta::assert_snapshot!(problems(MODELS, &error));
}

#[test]
fn what_a_tag_cannot_say_is_an_error_where_it_stands() {
    insta::assert_snapshot!(fields(
        "A string `class:\"confidental\"`\n\
         B string `mask:\"hsh\"`\n\
         C int `validate:\"gt=abc\"`\n\
         D string `validate:\"emial\"`\n\
         E string `validate:\"oneof=\"`\n\
         F int `default:\"many\"`\n\
         G string `runi:\"matches=[A-Z\"`\n\
         H string `runi:\"range(min=1)\"`\n\
         I string `runi:\"requird\"`\n\
         J string `runi:\"type=decimal(99, 2)\"`\n\
         K int `enum:\"a,b\"`\n\
         L string `json:\"l\" pii`\n\
         M string `format:\"emial\"`\n\
         N float64 `validate:\"min=1,max=0\"`\n\
         O string `pii:\"\"`\n\
         P int `mask:\"partial,keep=4\"`\n\
         Q []string `runi:\"key,nonsense=3\"`"
    ));
}

#[test]
fn what_does_not_fit_its_type_is_an_error_where_it_stands() {
    insta::assert_snapshot!(fields(
        "F int `default:\"many\"`\n\
         G string `runi:\"matches=[A-Z\"`\n\
         H string `runi:\"range(min=1)\"`\n\
         M string `format:\"emial\"`\n\
         N float64 `validate:\"min=1,max=0\"`\n\
         P int `mask:\"partial,keep=4\"`\n\
         Q time.Time `default:\"yesterday\"`\n\
         R []string `validate:\"email\"`"
    ));
    insta::assert_snapshot!(go("//runi:@rule \"odd\": B > 1\n//runi:freshness(1h, on=A),key(C)\ntype T struct { A int }\n"));
}

#[test]
fn a_file_that_is_no_go_says_where() {
    insta::assert_snapshot!(
        [go("type T struct { A string `json:\"a\" }\n"), go("type struct { }"), shown(Format::Go, "<html>"), go("func f() {}\n")]
            .join("\n")
    );
}

#[test]
fn nothing_is_lost_in_silence() {
    insta::assert_snapshot!(fields(
        "A any\nB error\nC complex128\nD uintptr\nE interface{ X() }\nF map[string]chan int\nG other.Thing\nH Unknown\n\
         I [4]int\nJ [][]*string\nK **int\nL map[int64][]float32\nM struct{}\nN sql.Null[time.Time]\nO null.String\nP *[]byte\nQ big.Int\n\
         R string `validate:\"url|email\"`\nS string `validate:\"required_if=A 1\"`\nT string `validate:\"is_cool\"`\nU string `validate:\"ne=x\"`\n\
         V int64 `json:\",string\"`\nW string `validate:\"omitempty,email\"`\nX []string `validate:\"min=1\"`\nY time.Time `validate:\"lt\"`"
    ));
}

#[test]
fn embedded_structs_follow_the_rules_of_the_language() {
    insta::assert_snapshot!(go("type Outer struct {\n\tInner\n\t*Maybe\n\tNamed `json:\"named\"`\n\tID\n\tother.Thing\n\tA int\n}\n\
         type Inner struct { A string; B int; Twice int }\n\
         type Maybe struct { C int; Twice int }\n\
         type Named struct { D int }\n\
         type ID string\n"));
}

#[test]
fn types_that_hold_themselves_are_refused() {
    insta::assert_snapshot!(
        [
            go("type Node struct { Next *Node }\n"),
            go("type A struct { B []B }\ntype B struct { C map[string]C }\ntype C struct { A *A }\n"),
            go("type A B\ntype B A\ntype T struct { X A }\n"),
            go("type T struct { T }\n"),
        ]
        .join("\n")
    );
}

#[test]
fn types_that_write_themselves_are_read_as_text() {
    insta::assert_snapshot!(go("type Level int\nfunc (l Level) MarshalText() ([]byte, error) { return nil, nil }\n\
         type T struct { L Level; M *Level `json:\",omitempty\"` }\n"));
}

#[test]
fn other_files_of_the_package_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("order.go", "package shop\ntype Order struct { Status Status; To Address; Odd Odd; Broken Broken }\n");
    write(
        "status.go",
        "package shop\ntype Status string\nconst Open Status = \"open\"\ntype Address struct { City string; In struct{ Floor int } }\n",
    );
    write("odd_test.go", "package shop\ntype Odd int\n");
    write("other.go", "package other\ntype Odd bool\n");
    write("broken.go", "package shop\ntype Broken struct {\n");
    let path = dir.path().join("order.go");
    let options = Options::default();
    let input = Input { name: "order.go", bytes: &fs::read(&path).unwrap(), path: Some(&path), options: &options };
    let imported = import(Format::Go, &input).unwrap();
    assert_eq!(imported.contracts.len(), 1);
    let losses: Vec<&str> = imported.losses.iter().map(|loss| loss.at.as_str()).collect();
    let types: Vec<String> = imported.contracts[0].fields.iter().map(|field| field.ty.to_string()).collect();
    assert_eq!(types, ["enum(open)", "struct<City: string, In: struct<Floor: int64>>", "string", "string"]);
    assert_eq!(losses, ["Order.Broken", "Order.Odd", "Order.To"]);
}
