//! `runi test`: what an expectation is compared with, what is filled in, and what a failure says.

use crate::support::Space;

const CONTRACT: &str = r#"Contract: Sale
  @version(1.0.0)
  @owner(tests, contact="tests@example.com")
  @classification(public)

  id     int64           @required
  price  decimal(10, 2)
  day    date
"#;

const FEATURE: &str = r#"Feature: Sales

Scenario: Sales
  @source(type=csv, path="data/sales.csv", contract=Sale) as sales
  @step(name=Total)
    @do   total = price * 2
  @sink(type=json, path="out/sales.jsonl", name=sales_out)
"#;

/// A workspace of one contract and one feature.
fn space(contract: &str, feature: &str) -> Space {
    let space = Space::empty();
    space.write("Runi.toml", "[workspace]\nname = \"sales\"\n");
    space.write("contracts/sale.contract", contract);
    space.write("features/sales.dsl", feature);
    space.write("data/sales.csv", "id,price,day\n1,2.00,2026-01-05\n2,,\n");
    space
}

/// With this example under the scenario.
fn with_example(contract: &str, example: &str) -> Space {
    space(contract, &format!("{FEATURE}\n  Examples: it\n{example}"))
}

#[test]
fn an_expected_value_is_not_rounded_to_the_type_that_came_out() {
    let example = "    Given sales\n      | id | price |\n      | 1  | 2.00 |\n    become\n    Then sales_out\n      | id | price |\n      | 1  | 1.999 |\n";
    let space = with_example(CONTRACT, example);
    space.runi(&["test"]).exits(1).shows(&[
        "row 1, `price`: `1.999` is expected, and no decimal(10, 2) is exactly that",
        "row 1, `price`: expected `1.999`, got `2.00`",
    ]);
    space.replace("features/sales.dsl", "| 1.999 |", "| 2.0   |");
    space.runi(&["test"]).exits(0);
}

#[test]
fn a_golden_has_every_column_and_update_writes_them() {
    let golden = "  @golden(output=\"golden/sales.jsonl\")\n";
    let space = space(CONTRACT, &FEATURE.replace("name=sales_out)\n", &format!("name=sales_out)\n{golden}")));
    space.write("golden/sales.jsonl", "{\"id\": 1, \"price\": \"2.00\"}\n{\"id\": 2, \"price\": null}\n");
    let failed = space.runi(&["test"]).exits(1);
    failed.shows(&["column `day` comes out and is not in the golden", "column `total` comes out and is not in the golden"]);

    space.runi(&["test", "--update"]).exits(0).says(&["1 updated"]);
    let written = space.text("golden/sales.jsonl");
    assert_eq!(
        written,
        "{\"id\": 1, \"price\": \"2.00\", \"day\": \"2026-01-05\", \"total\": \"4.00\"}\n{\"id\": 2, \"price\": null, \"day\": null, \"total\": null}\n"
    );
    space.runi(&["test", "--update"]).exits(0).says(&["1 passed"]);

    // A column that is gone is a difference too, and a golden that cannot be read is written anew.
    space.replace("features/sales.dsl", "    @do   total = price * 2\n", "    @do   drop day\n");
    space.runi(&["test"]).exits(1).shows(&["column `day` is expected and does not come out", "column `total` is expected"]);
    space.write("golden/sales.jsonl", "<<<<<<< HEAD\n");
    space.runi(&["test"]).exits(1).shows(&["golden/sales.jsonl"]);
    space.runi(&["test", "--update"]).exits(0).says(&["1 updated"]);
    assert_eq!(space.text("golden/sales.jsonl"), "{\"id\": 1, \"price\": \"2.00\"}\n{\"id\": 2, \"price\": null}\n");
}

#[test]
fn a_golden_of_no_rows_stays_one() {
    for format in ["csv", "json", "jsonl"] {
        let golden = format!("  @golden(output=\"golden/none.{format}\")\n");
        let feature = FEATURE.replace("total = price * 2", "keep where id > 99");
        let space = space(CONTRACT, &feature.replace("name=sales_out)\n", &format!("name=sales_out)\n{golden}")));
        space.write(
            &format!("golden/none.{format}"),
            if format == "csv" { "id,price,day\n9,,\n" } else { "{\"id\": 9, \"price\": null, \"day\": null}\n" },
        );
        space.runi(&["test"]).exits(1).shows(&["- row 1: "]);
        space.runi(&["test", "--update"]).exits(0).says(&["1 updated"]);
        space.runi(&["test"]).exits(0).says(&["1 passed"]);
        space.replace("features/sales.dsl", "id > 99", "id > 1");
        space.runi(&["test"]).exits(1).shows(&["+ id=`2`"]);
    }
}

#[test]
fn times_of_a_place_come_back_from_a_golden() {
    let contract = CONTRACT.replace("  day    date\n", "  at     timestamp(Europe/Paris, ms)\n");
    let golden = "  @golden(output=\"golden/sales.csv\")\n";
    let space = space(&contract, &FEATURE.replace("name=sales_out)\n", &format!("name=sales_out)\n{golden}")));
    space.write("data/sales.csv", "id,price,at\n1,2.00,2026-07-01T12:00:00\n");
    space.write("golden/sales.csv", "id,price,at,total\n1,2,2026-07-01T12:00:00Z,4\n");
    space.runi(&["test"]).exits(1).shows(&["`at`: expected `2026-07-01T12:00:00Z`, got `2026-07-01T10:00:00Z`"]);
    space.runi(&["test", "--update"]).exits(0).says(&["1 updated"]);
    assert!(space.text("golden/sales.csv").contains("2026-07-01T10:00:00Z"));
    space.runi(&["test"]).exits(0);
}

#[test]
fn what_is_filled_in_keeps_the_rules() {
    let contract = CONTRACT.replace(
        "  price  decimal(10, 2)\n  day    date\n",
        "  price  decimal(2, 2)  @required @unique\n  day    date  @required @range(min=2024-01-01)\n  at  timestamp(UTC)  @required @range(max=2019-06-01)\n  \
         account  string  @required @unique @format(iban)\n  code  string  @required @unique @matches(\"[A-Z]{2}[0-9]\")\n  \
         side  enum(buy, sell)  @required @unique\n  raw  binary  @required\n",
    );
    let example = "    Given sales\n      | id |\n      | 1  |\n      | 2  |\n    become\n    Then sales_out\n      | id |\n      | 1  |\n      | 2  |\n";
    let space = with_example(&contract, example);
    space.write("data/sales.csv", "id,price,day,at,account,code,side,raw\n");
    space.runi(&["test"]).exits(0);

    // Two sides are not enough for three rows, and the example is told so.
    space.replace("features/sales.dsl", "      | 2  |\n    become", "      | 2  |\n      | 3  |\n    become");
    space.runi(&["test"]).exits(1).shows(&["leaves out `side` of `Sale`", "only 2 different valid values were found for 3 rows"]);
}

#[test]
fn a_failure_names_the_rows_that_were_set_aside() {
    let contract = CONTRACT.replace("price  decimal(10, 2)", "price  decimal(10, 2) @range(min=1)");
    let example = "    Given sales\n      | id | price |\n      | 1  | 5     |\n      | 2  | 0.50  |\n    become\n    Then sales_out\n      | id |\n      | 1  |\n      | 2  |\n";
    let space = with_example(&contract, example);
    let failed = space.runi(&["test"]).exits(1);
    failed.shows(&["- row 2: id=`2`", "set aside:", "row 2 of `sales`: range:price (`price` is `0.5`)"]);
    let json = space.runi(&["test", "--format", "json"]).exits(1).array();
    assert_eq!(json[0]["outcome"]["set_aside"][0]["rules"], serde_json::json!(["range:price"]));
    // Where nothing is missing, the quarantine is nobody's concern.
    space.replace("features/sales.dsl", "      | 1  |\n      | 2  |\n", "      | 1  |\n");
    space.runi(&["test"]).exits(0);
}

#[test]
fn then_invalid_has_the_rows_columns_and_the_reasons() {
    let contract = CONTRACT.replace("price  decimal(10, 2)", "price  decimal(10, 2) @range(min=1)").replace("day    date", "title  string");
    let example = r#"    Given sales
      | id | price | title |
      | 1  | 5     | kept  |
      | 2  | 0.50  | cheap |
      | x  | 9     | null  |
    become
    Then invalid
      | id | price | title | stage | rules               | titles              | errors                               | source | row |
      | 2  | 0.50  | cheap | sales | range:price         | price is at least 1 | "`price` is `0.5`"                   | sales  | 2   |
      | x  | 9     | null  | sales | type:id             | id reads as int64   | "`id` cannot be read as its type: `x`" | sales  | 3   |
"#;
    let space = with_example(&contract, example);
    space.runi(&["test"]).exits(0);
    // `rule` is the same as `rules`.
    space.replace("features/sales.dsl", "| stage | rules ", "| stage | rule ");
    space.runi(&["test"]).exits(0);
    space.replace("features/sales.dsl", "| stage | rule ", "| stage | reason ");
    space.runi(&["test"]).exits(1).shows(&["column `reason` is expected and does not come out"]);
}

#[test]
fn nothing_invalid_can_be_expected() {
    let rows = "    Given sales\n      | id |\n      | 1  |\n    become\n    Then invalid\n";
    with_example(CONTRACT, &format!("{rows}      | id | rules |\n")).runi(&["test"]).exits(0);
    let failed = with_example(CONTRACT, &format!("{rows}      | id | rules |\n      | 1  | range:id |\n")).runi(&["test"]).exits(1);
    failed.shows(&["- row 1: id=`1`, rules=`range:id`"]);
}

#[test]
fn a_sink_that_receives_the_quarantine_is_not_one_too_many() {
    let feature = FEATURE.replace("name=sales_out)\n", "name=sales_out)\n  @sink(type=json, path=\"out/bad.jsonl\", on=invalid, name=bad)\n  @golden(output=\"golden/bad.jsonl\", sink=bad)\n");
    let example = "\n  Examples: it\n    | id |\n    | 1  |\n    become\n    | id |\n    | 1  |\n";
    let space = space(CONTRACT, &format!("{feature}{example}"));
    space.write("data/sales.csv", "id,price,day\nx,2.00,2026-01-05\n");
    space.write("golden/bad.jsonl", "");
    space.runi(&["test", "--update"]).exits(0).says(&["1 passed", "1 updated"]);
    assert!(!space.text("golden/bad.jsonl").contains("run_id"));
    space.runi(&["test"]).exits(0).says(&["2 passed"]);
}

#[test]
fn steps_that_take_tables_have_examples() {
    let step = r#"
Step: Matched(sales: table<Sale>, days: table<Day>, least: int64 = 1) gives day date, total decimal(20, 2)
  @do   select d.day, sum(s.price) as total from $sales s join $days d on s.day = d.day where s.id >= $least group by d.day

  Examples: only known days with least=2
    Given sales
      | id | price | day        |
      | 1  | 1     | 2026-01-01 |
      | 2  | 2     | 2026-01-01 |
      | 3  | 3.5   | 2026-01-01 |
      | 4  | 4     | 2026-01-02 |
    Given days
      | day        |
      | 2026-01-01 |
    become
    | day        | total |
    | 2026-01-01 | 5.50  |

Step: Count(sales: table<Sale>) gives n int64
  @do   select count(*) as n from $sales

  Examples: all
    | id |
    | 1  |
    become
    | n |
    | 1 |
"#;
    let contract = format!(
        "{}\nContract: Day\n  @version(1.0.0)\n  @owner(tests)\n\n  day  date  @required\n  who  string  @pii(name)\n",
        CONTRACT.trim_end()
    );
    let space = space(&contract, &format!("{FEATURE}{step}"));
    space.runi(&["test"]).exits(0).says(&["2 passed"]);
    space.replace("features/sales.dsl", "| 5.50  |", "| 5.501 |");
    space.replace("features/sales.dsl", "    Given days\n", "    Given weeks\n");
    space.runi(&["test", "matched"]).exits(1).shows(&["give them under `Given days`"]);
}

#[test]
fn tests_are_selected_as_scenarios_are_and_by_steps() {
    let rows = "    | id |\n    | 1  |\n    become\n    | id |\n    | 1  |\n";
    let step = "\nStep: Same(id: column<int64>)\n  @do   $id = $id\n\n  Examples: same\n    | id |\n    | 1  |\n    become\n    | id |\n    | 1  |\n";
    let feature = FEATURE.replace("Scenario: Sales", "@nightly\nScenario: Sales");
    let space = space(CONTRACT, &format!("{feature}\n  Examples: it\n{rows}{step}"));
    for (names, passed) in [(&["@nightly"][..], 1), (&["sal*"], 1), (&["Same"], 1), (&["same", "sales"], 2), (&[], 2)] {
        space.runi(&[&["test"], names].concat()).exits(0).says(&[&format!("{passed} passed")]);
    }
    space.runi(&["test", "Sam"]).exits(2).says(&["did you mean `Same`?"]);
    space.replace("features/sales.dsl", &format!("\n  Examples: it\n{rows}"), "");
    space.runi(&["test", "sales"]).exits(2).says(&["nothing that is named has a golden or an example"]);
}
