//! `runi contract gen` and `export`: from sources to contracts, again and again.

use crate::support::{Done, Space};
use std::io::Write;
use std::process::Stdio;

const GO: &str = include_str!("../../../runi-interop/tests/sources/models.go");
const RUST: &str = include_str!("../../../runi-interop/tests/sources/models.rs");

/// A contract that the sources refer to.
const PRODUCT: &str = "Contract: Product\n  @version(1.0.0)\n  @owner(shop)\n\n  sku  string  @required\n\n  @key(sku)\n";

const ORDER: &str = "package shop\n\n// Order is what a customer bought.\ntype Order struct {\n\tID int64 `json:\"id\" runi:\"key\"`\n\tEmail string `json:\"email\" pii:\"email\"`\n\tTotal float64 `json:\"total\" validate:\"gte=0\"`\n}\n";

fn workspace(files: &[(&str, &str)]) -> Space {
    let space = Space::empty();
    space.write("Runi.toml", "[workspace]\nname = \"gen\"\n");
    for (path, text) in files {
        space.write(path, text);
    }
    space
}

fn piped(space: &Space, args: &[&str], stdin: &str) -> Done {
    let mut child = space.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    Done::of(child.wait_with_output().unwrap(), args)
}

#[test]
fn what_is_generated_checks_and_stays() {
    let space = workspace(&[("models.go", GO), ("models.rs", RUST), ("contracts/product.contract", PRODUCT)]);
    space.runi(&["contract", "gen", "models.go"]).exits(0).says(&[
        "Generated contracts/order.contract",
        "Lost models.go:101",
        "it is a channel",
    ]);
    space.runi(&["contract", "import", "models.rs", "--type", "Order"]).exits(0).says(&["Generated contracts/shop_order.contract"]);
    space.runi(&["check"]).exits(0);
    space.runi(&["fmt", "--check"]).exits(0);
    for args in [&["contract", "gen", "models.go", "--check"][..], &["contract", "gen", "models.rs", "--type", "Order", "--check"]] {
        space.runi(args).exits(0).says(&["Same contracts/"]);
    }
    let before = space.contents("contracts");
    space.runi(&["contract", "gen", "models.go"]).exits(0).says(&["Unchanged contracts/order.contract"]);
    assert_eq!(space.contents("contracts"), before);
}

#[test]
fn what_people_wrote_stays_when_the_source_changes() {
    let space = workspace(&[("order.go", ORDER)]);
    space.runi(&["contract", "gen", "order.go"]).exits(0);
    let path = "contracts/order.contract";
    space.replace(path, "\n  id ", "  @version(1.2.0)\n  @owner(shop)\n\n  # the shop's own number\n  id ");
    space.replace(path, "@pii(email)", "@pii(email) @mask(hash)  # agreed with the privacy office");
    space.replace(path, "@key(id)", "@key(id)\n  @rule \"round\": total = floor(total)");
    space.runi(&["fmt"]).exits(0);
    space.runi(&["check"]).exits(0);
    space.runi(&["contract", "gen", "order.go", "--check"]).exits(0);

    space.replace("order.go", "\tTotal float64", "\tPaid bool `json:\"paid\"`\n\tTotal *float64");
    let before = space.text(path);
    space.runi(&["contract", "gen", "order.go"]).exits(1).says(&["contracts/order.contract` would change", "--force"]);
    space
        .runi(&["contract", "gen", "order.go", "--check"])
        .exits(3)
        .says(&["Drift P001: contracts/order.contract is not what order.go says"])
        .shows(&["+  paid ", "@@"]);
    assert_eq!(space.text(path), before, "nothing is written without being asked for");
    space
        .runi(&["contract", "gen", "order.go", "--force"])
        .exits(0)
        .says(&["Changed contracts/order.contract", "Kept what order.go does not say: @version; @owner; @rule \"round\"; email: @mask"]);
    insta::assert_snapshot!(space.text(path));
    space.runi(&["check"]).exits(0);
    space.runi(&["contract", "gen", "order.go", "--check"]).exits(0);

    space.replace("order.go", "\tPaid bool `json:\"paid\"`\n", "");
    space.runi(&["contract", "gen", "order.go", "--force"]).exits(0).says(&["Removed paid: not in order.go any more"]);
    assert!(!space.text(path).contains("paid") && space.text(path).contains("# agreed with the privacy office"));
}

#[test]
fn contracts_are_changed_where_they_are() {
    let space = workspace(&[
        ("order.go", ORDER),
        ("contracts/all.contract", &format!("{PRODUCT}\nContract: Order\n  @owner(shop)\n\n  id  int64\n")),
    ]);
    space.runi(&["contract", "gen", "order.go", "--force"]).exits(0).says(&["Changed contracts/all.contract"]);
    assert!(space.text("contracts/all.contract").starts_with(PRODUCT));
    assert!(!space.exists("contracts/order.contract"));
    space.runi(&["contract", "gen", "order.go", "--out", "made"]).exits(0).says(&["Generated made/order.contract"]);
    assert!(!space.text("made/order.contract").contains("@owner"));
}

#[test]
fn contracts_are_made_anywhere_and_printed() {
    let space = Space::empty();
    space.write("order.go", ORDER);
    let printed = space.runi(&["contract", "gen", "order.go", "--out", "-"]).exits(0).shows(&["Contract: Order", "@key(id)"]);
    assert!(!space.exists("contracts"));
    let again = piped(&space, &["contract", "gen", "-", "--from", "go", "--out", "-"], ORDER).exits(0);
    assert_eq!(again.stdout, printed.stdout);
    space.runi(&["contract", "gen", "order.go", "--name", "Sale"]).exits(0).says(&["Generated contracts/sale.contract"]);
    assert!(space.text("contracts/sale.contract").starts_with("Contract: Sale\n"));
}

#[test]
fn a_contract_with_errors_is_left_alone() {
    let space = workspace(&[("order.go", ORDER), ("contracts/order.contract", "Contract: Order\n  @owner(team\n\n  id  int64\n")]);
    let before = space.contents("contracts");
    space
        .runi(&["contract", "gen", "order.go", "--force"])
        .exits(1)
        .says(&["contracts/order.contract: the file that is there has errors", "`runi check` shows the errors"]);
    assert_eq!(space.contents("contracts"), before);
}

#[test]
fn json_says_everything() {
    let space = workspace(&[("models.go", GO)]);
    let first = space.runi(&["contract", "gen", "models.go", "--check", "--format", "json"]).exits(3).json();
    assert_eq!(first["contracts"][0]["state"], "new");
    assert_eq!(first["contracts"][0]["path"], "contracts/order.contract");
    let loss = first["losses"].as_array().unwrap().iter().find(|loss| loss["at"] == "Order.Done").unwrap();
    assert_eq!((loss["line"].as_u64(), loss["source"].as_str()), (Some(101), Some("models.go")));
    space.runi(&["contract", "gen", "models.go", "--format", "json"]).exits(0);
    space.replace("contracts/shipment.contract", "@required", "");
    let then = space.runi(&["contract", "gen", "models.go", "--check", "--format", "json"]).exits(3).json();
    let states: Vec<&str> = then["contracts"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["same", "changed"]);
    assert!(then["contracts"][1]["diff"].as_str().unwrap().contains("+  id     int64   @required"));
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let space = workspace(&[
        ("order.go", ORDER),
        ("bad.go", "package p\ntype T struct {\n\tA string `class:\"secrte\"`\n}\n"),
        ("odd.xyz", "?"),
        ("list.json", "[1]"),
    ]);
    let gen_ = |args: &[&str]| space.runi(&[&["contract", "gen"], args].concat());
    gen_(&["bad.go"]).exits(1).says(&["E1003", "`secrte` is no classification", "bad.go:3", "one of public, internal"]);
    let all = ["E1003", "E1001", "`list.json`: ", "2 of 3 sources cannot be read; nothing was written"];
    gen_(&["list.json", "order.go", "bad.go"]).exits(1).says(&all);
    gen_(&["order.go", "--type", "Ordr"]).exits(1).says(&["E1004", "did you mean `Order`?"]);
    gen_(&["order.go", "--from", "rust"]).exits(1).says(&["E1001"]);
    gen_(&["odd.xyz"]).exits(2).says(&["does not tell its format", "--from"]);
    gen_(&["none.go"]).exits(4).says(&["cannot read `none.go`"]);
    gen_(&["order.go", "order.go"]).exits(2).says(&["`Order` (order.go, order.go)", "--type"]);
    gen_(&["order.go", "--from", "rsut"]).exits(2).says(&["did you mean `rust`?"]);
    gen_(&["order.go", "--name", "two words"]).exits(1).says(&["E1006"]);
    gen_(&[]).exits(2);
    space.write("models.go", GO);
    gen_(&["models.go", "--name", "X"]).exits(2).says(&["`--name` names one contract, and there are 2: Order, Shipment"]);
    assert!(!space.exists("contracts"));
}

#[test]
fn a_file_without_messages_stops_nothing_and_a_part_stays_a_contract() {
    let text = "syntax = \"proto3\";\nmessage Text { string s = 1; }\n";
    let space = workspace(&[("text.proto", text), ("kinds.proto", "syntax = \"proto3\";\nenum Kind { KIND_UNSPECIFIED = 0; A = 1; }\n")]);
    space.runi(&["contract", "gen", "kinds.proto"]).exits(1).says(&["E1001", "no message with fields"]);
    space.runi(&["contract", "gen", "text.proto", "kinds.proto"]).exits(0).says(&[
        "Generated contracts/text.contract",
        "Lost kinds.proto: the file: there is no message with fields in the text",
        "left out",
    ]);
    space.write("more.proto", "syntax = \"proto3\";\nenum Other { OTHER_UNSPECIFIED = 0; A = 1; }\n");
    space
        .runi(&["contract", "gen", "kinds.proto", "more.proto"])
        .exits(1)
        .says(&["none of the sources has anything that could be a contract"]);
    // The source deletes nothing when another message comes to hold this one.
    space
        .write("text.proto", format!("{text}message Page {{ Text title = 1; }}\n").replace("string s = 1;", "string s = 1; string t = 2;"));
    space
        .runi(&["contract", "gen", "text.proto", "--check"])
        .exits(3)
        .says(&["contracts/text.contract is not what text.proto says", "`Page` of text.proto has no contract"]);
    space
        .runi(&["contract", "gen", "text.proto", "--force"])
        .exits(0)
        .says(&["Changed contracts/text.contract", "Generated contracts/page.contract"]);
    assert!(space.text("contracts/text.contract").contains("  t  string"));
}

#[test]
fn references_to_tables_that_are_not_there_are_lost() {
    let orders = "create table orders (id int primary key, customer int references customers (id));\n";
    let space = workspace(&[("orders.sql", orders), ("customers.sql", "create table customers (id int primary key);\n")]);
    let lost = "`@references(customer, Customers.id)` is lost: there is no contract `Customers` here";
    space.runi(&["contract", "gen", "orders.sql"]).exits(0).says(&[lost]);
    space.runi(&["check"]).exits(0);
    space.runi(&["contract", "gen", "orders.sql", "customers.sql", "--force"]).exits(0);
    assert!(space.text("contracts/orders.contract").contains("@references(customer, Customers.id)"));
    space.runi(&["check"]).exits(0);
}
