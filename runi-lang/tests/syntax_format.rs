//! The canonical layout, construct by construct.
#![allow(missing_docs)]

use runi_lang::syntax::{FileKind, fmt};

#[track_caller]
fn feature(from: &str, to: &str) {
    assert_eq!(fmt::format(from, FileKind::Feature), to);
    assert_eq!(fmt::format(to, FileKind::Feature), to);
}

#[track_caller]
fn contract(from: &str, to: &str) {
    assert_eq!(fmt::format(from, FileKind::Contract), to);
    assert_eq!(fmt::format(to, FileKind::Contract), to);
}

#[test]
fn the_promise_stands_before_the_means() {
    feature(
        "Scenario:   a\n@step( name = X )\n@do total=price # why\n# about the guard\n@when  \"known\" : price is not null\n\n\n@then total > 0\n",
        "Scenario: a\n  @step(name=X)\n    # about the guard\n    @when \"known\": price is not null\n    @then total > 0\n\n    @do   total=price  # why\n",
    );
}

#[test]
fn sql_shifts_and_keeps_its_shape() {
    feature(
        "Scenario: a\n@step(name=X)\n@do\nselect a,\n       b\nfrom t\n-- last\n",
        "Scenario: a\n  @step(name=X)\n    @do   select a,\n                 b\n          from t\n          -- last\n",
    );
}

#[test]
fn sinks_keep_their_condition() {
    feature(
        "Scenario: a\n    @sink( type=csv,path = \"x\" )   when  a>1\n    @sink(type=csv, path=\"y\")  otherwise\n    @source(type=csv)   as   t\n",
        "Scenario: a\n  @sink(type=csv, path=\"x\") when a>1\n  @sink(type=csv, path=\"y\") otherwise\n  @source(type=csv) as t\n",
    );
}

#[test]
fn items_are_set_apart_and_comments_stay() {
    feature(
        "# top\nFeature: f\n  # of the feature\n# of the scenario\n@nightly\n@module( domain=x )\nScenario: a # no comment\n  Given   rows\n  # the end\nStep: S@2( a :int64=-1,b: column<string> )   needs c  int64,d decimal  gives e string\n@do e = a\n",
        "# top\nFeature: f\n  # of the feature\n\n# of the scenario\n@nightly\n@module(domain=x)\nScenario: a # no comment\n  Given rows\n  # the end\n\nStep: S@2(a: int64 = -1, b: column<string>) needs c int64, d decimal gives e string\n  @do   e = a\n",
    );
}

#[test]
fn tables_are_aligned() {
    feature(
        "Step: S(a: column<string>)\n@do $a = 'x'\nExamples: e   with a=b\n|a|long name|\n|\"x | y\"| |\nbecome\n| a|b |\n|1|null|\n",
        "Step: S(a: column<string>)\n  @do   $a = 'x'\n  Examples: e with a=b\n    | a       | long name |\n    | \"x | y\" |           |\n    become\n    | a | b    |\n    | 1 | null |\n",
    );
}

#[test]
fn fields_stand_in_columns() {
    contract(
        "Contract: C\n\"\"\"Doc.\n   More.\"\"\"\nid string @required \"the id\"\n  a_long_name   decimal( 9,2 )   # money\n x list< struct<a:int64,b : string> > @pii( email )   @mask(hash) \"who\"\n\n\n@rule(on_fail=warn)   \"t\" :  a > 1\n",
        "Contract: C\n  \"\"\"Doc.\n     More.\"\"\"\n  id           string         @required                \"the id\"\n  a_long_name  decimal(9, 2)  # money\n  x            list<struct<a: int64, b: string>>  @pii(email) @mask(hash)  \"who\"\n\n  @rule(on_fail=warn) \"t\": a > 1\n",
    );
}

#[test]
fn named_tables_and_rules_are_set_under_each_other() {
    feature(
        "Scenario: a\n@assert \"x\": 1 = 1\n@assert \"longer\": 2 = 2\nExamples: e\nGiven t\n|a|\nThen invalid\n|a|\n",
        "Scenario: a\n  @assert \"x\":      1 = 1\n  @assert \"longer\": 2 = 2\n  Examples: e\n    Given t\n      | a |\n    Then invalid\n      | a |\n",
    );
}

#[test]
fn what_is_broken_stays_as_it_is() {
    feature("Scenario: a\n      ???  what\n @step( name=X )\n", "Scenario: a\n      ???  what\n  @step(name=X)\n");
    contract("Contract: C\n     a   string   ! x\n b string\n", "Contract: C\n     a   string   ! x\n  b  string\n");
}

#[test]
fn line_ends_become_one_kind() {
    feature("\u{feff}Feature: f\r\n\r\n\r\n  \"\"\"a\r\n  b\"\"\"\r\n", "Feature: f\n\n  \"\"\"a\n  b\"\"\"\n");
    feature("Feature: f", "Feature: f\n");
    feature("", "");
}
