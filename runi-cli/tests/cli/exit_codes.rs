//! What each command answers to a script: 0 ok, 1 problems, 2 usage, 3 differences, 4 environment.

use crate::support::{COPY, Space, stage, written};

const DATA: &str = "id,name\n1,Ada\n2,Grace\n";

#[test]
fn every_command_ends_with_0_when_all_is_well() {
    let space = Space::orders();
    for args in [
        &["check"][..],
        &["check", "--deny-warnings"],
        &["check", "--stats"],
        &["fmt"],
        &["fmt", "--check"],
        &["fix"],
        &["fix", "--dry-run"],
        &["explain", "E0102"],
        &["explain", "--list"],
        &["run"],
        &["run", "--format", "json"],
        &["run", "--workers", "2", "--memory", "64MB"],
        &["test"],
        &["test", "--format", "json"],
        &["compile"],
        &["contract", "validate"],
        &["contract", "hash"],
        &["contract", "catalog"],
        &["runs"],
        &["runs", "--verify"],
        &["lineage"],
        &["completions", "bash"],
        &["init", "--list"],
        &["init", "fresh"],
        &["init", "bare", "--template", "empty"],
        &["--version"],
        &["--help"],
        &["run", "--help"],
    ] {
        space.runi(args).exits(0);
    }
    for workspace in ["fresh", "bare"] {
        space.runi(&["-C", workspace, "check", "--deny-warnings"]).exits(0);
        space.runi(&["-C", workspace, "fmt", "--check"]).exits(0);
        space.runi(&["-C", workspace, "run"]).exits(0);
        space.runi(&["-C", workspace, "test"]).exits(0);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_2_and_says_the_next_step() {
    let space = Space::orders();
    for (args, says) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&[], "Usage"),
        (&["run", "--memory", "3"], "at least 16MB"),
        (&["run", "--memory", "much"], "a size is a whole number"),
        (&["run", "--workers", "0"], "invalid value"),
        (&["run", "--format", "xml"], "possible values"),
        (&["explain"], "CODE"),
        (&["run", "--env", "prod"], "has no environment `prod`"),
        (&["run", "claen-orders"], "did you mean `clean-orders`?"),
        (&["compile", "nothing-like-it"], "no scenario matches"),
        (&["lineage", "claen-orders"], "did you mean `clean-orders`?"),
        (&["lineage", "--column", "nothing"], "no sink writes a column `nothing`"),
        (&["test", "nothing-like-it"], "no scenario matches"),
        (&["test", "claen-orders"], "did you mean `clean-orders`?"),
        (&["explain", "E9999"], "there is no code `E9999`"),
        (&["contract", "hash", "ORDERRAW"], "did you mean `OrderRaw`?"),
        (&["contract", "validate", "Ordr"], "there is no contract `Ordr`"),
        (&["contract", "validate", "--data", "data/orders.csv"], "CONTRACT"),
        (&["contract", "validate", "OrderRaw", "--data", "Runi.toml"], "the format cannot be told"),
        (&["fmt", "nothing.dsl"], "is not there"),
        (&["fmt", "Runi.toml"], "neither a .contract nor a .dsl"),
        (&["init", "."], "already has"),
        (&["init", "x", "--template", "nothing"], "there is no template"),
        (&["-C", "nowhere", "check"], "is not a directory"),
    ] {
        space.runi(args).exits(2).says(&[says]);
    }
    assert!(!space.exists("x"), "a refused `init` writes nothing");
}

#[test]
fn outside_of_a_workspace_every_command_but_init_is_2() {
    let space = Space::empty();
    for args in [
        &["check"][..],
        &["run"],
        &["test"],
        &["compile"],
        &["fix"],
        &["fmt"],
        &["runs"],
        &["lineage"],
        &["contract", "validate"],
        &["contract", "hash"],
        &["contract", "catalog"],
    ] {
        space.runi(args).exits(2).says(&["there is no `Runi.toml`", "`runi init` makes a workspace"]);
    }
    assert_eq!(space.files("").len(), 0, "nothing is written where nothing is");
    space.runi(&["init"]).exits(0);
    space.runi(&["run"]).exits(0);
}

#[test]
fn a_workspace_is_found_from_below_and_the_environment_from_its_variable() {
    let space = Space::orders();
    space.runi(&["-C", "features", "check"]).exits(0);
    let done = space.command(&["check"]).env("RUNI_ENV", "prod").output().unwrap();
    crate::support::Done::of(done, &["check"]).exits(2).says(&["no environment `prod`"]);
}

#[test]
fn problems_in_the_workspace_are_1_for_each_command_that_needs_it_sound() {
    let space = Space::rows_with(DATA, &[("contract=Row", "contract=Rwo")]);
    for args in [&["check"][..], &["run"], &["test"], &["compile"], &["lineage"]] {
        space.runi(args).exits(1).says(&["did you mean `Row`?"]);
    }
    assert!(!space.exists("out"));
    // What does not need the feature works.
    space.runi(&["contract", "hash"]).exits(0);
    space.runi(&["contract", "validate"]).exits(0);
    space.runi(&["runs"]).exits(0);
    space.runi(&["fix"]).exits(0);
    space.runi(&["run"]).exits(0);
}

#[test]
fn a_broken_feature_does_not_stop_a_sound_one() {
    let space = Space::rows(DATA);
    space.write(
        "features/broken.dsl",
        COPY.replace("Copy rows", "Broken").replace("contract=Row", "contract=Nothing").replace("out/", "out/broken-"),
    );
    space.runi(&["run"]).exits(1);
    space.runi(&["run", "copy-rows"]).exits(0);
    space.runi(&["run", "broken"]).exits(1);
}

#[test]
fn warnings_are_0_unless_they_are_denied() {
    let space = Space::rows_with(DATA, &[("Then all are written, and no invalid one is lost", "Then they are written, that is promised")]);
    space.replace("features/copy.dsl", "@sink(type=csv, path=\"out/rows.csv\")", "@sink(\"csv://out/rows.csv\")");
    space.runi(&["check"]).exits(0);
    space.runi(&["check", "--deny-warnings"]).exits(1);
    space.runi(&["fix"]).exits(0);
    space.runi(&["check", "--deny-warnings"]).exits(0);
}

#[test]
fn another_layout_is_3_until_it_is_laid_out() {
    let space = Space::rows(DATA);
    space.replace("contracts/row.contract", "  id    int64   @required", "      id int64 @required");
    space.runi(&["fmt", "--check"]).exits(3).shows(&["contracts/row.contract"]).says(&["1 of 2 files"]);
    space.runi(&["fmt"]).exits(0).says(&["contracts/row.contract"]);
    space.runi(&["fmt", "--check"]).exits(0);
    assert_eq!(space.text("contracts/row.contract"), crate::support::ROW);
}

#[test]
fn a_missing_file_is_a_problem_of_the_workspace_with_a_near_name() {
    let space = Space::rows_with(DATA, &[("data/rows.csv", "data/rosw.csv")]);
    space.runi(&["run"]).exits(1).says(&["E0608", "did you mean `data/rows.csv`?"]);
    // So is one that the environment names.
    space.write("Runi.toml", format!("[env.dev.sources.rows]\npath = {:?}\n", space.path("data/row.csv")));
    space.runi(&["run"]).exits(1).says(&["E0608", "data/row.csv"]);
    assert!(!space.exists("out/rows.csv"));
}

#[test]
fn an_output_that_cannot_be_written_is_4() {
    let space = Space::rows(DATA);
    space.write("out", "a file, not a directory");
    space.runi(&["run"]).exits(4).says(&["E0801", "out/rows.csv"]);
    assert_eq!(space.text("out"), "a file, not a directory");
    std::fs::remove_file(space.path("out")).unwrap();
    std::fs::create_dir_all(space.path("out/rows.csv")).unwrap();
    space.runi(&["run"]).exits(4).says(&["E0801", "a directory has this name"]);
    assert_eq!(space.leftovers(), Vec::<String>::new());
}

#[test]
fn a_missed_threshold_is_1_and_leaves_the_outputs_as_they_were() {
    let space = Space::rows_with(DATA, &[("on=invalid)\n", "on=invalid)\n\n  @quality(max_invalid=10%, min_rows=2)\n")]);
    space.runi(&["run"]).exits(0);
    let before = space.bytes("out/rows.csv");
    space.write("data/rows.csv", "id,name\n3,Edsger\nx,Donald\n4,Tony\n");
    space.runi(&["run"]).exits(1).shows(&["FAIL quality: at most 10% of `rows` is set aside (1 of 3", "outputs were not published"]);
    assert_eq!(space.bytes("out/rows.csv"), before);
    // The quarantine says why.
    let bad = space.json_lines("out/bad.jsonl");
    assert_eq!((bad.len(), bad[0]["rules"][0].as_str(), bad[0]["line"].as_u64()), (1, Some("type:id"), Some(3)));
    space.write("data/rows.csv", "id,name\n3,Edsger\n");
    space.runi(&["run"]).exits(1).shows(&["FAIL quality: `rows` has at least 2 valid rows (1)"]);
    assert_eq!(space.bytes("out/rows.csv"), before);
    let statuses: Vec<_> = space.records().iter().map(|record| record["status"].as_str().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["succeeded", "failed", "failed"]);
}

#[test]
fn an_assertion_that_is_false_is_1() {
    let space = Space::rows_with(DATA, &[("on=invalid)\n", "on=invalid)\n\n  @assert \"three\": valid(rows) = 3\n")]);
    space.runi(&["run"]).exits(1).shows(&["FAIL assert: three"]);
    assert!(!space.exists("out/rows.csv"));
    space.write("data/rows.csv", "id,name\n1,a\n2,b\n3,c\n");
    space.runi(&["run"]).exits(0).shows(&["ok   assert: three"]);
}

#[test]
fn a_rule_that_fails_the_run_is_1_and_names_the_row() {
    let space = Space::rows_with(DATA, &[("id    int64   @required", "id    int64   @required @range(max=5, on_fail=fail)")]);
    space.runi(&["run"]).exits(0);
    let before = space.bytes("out/rows.csv");
    space.write("data/rows.csv", "id,name\n1,Ada\n9,Grace\n");
    space.runi(&["run"]).exits(1).shows(&["stopped"]).says(&["E0805", "id is at most 5", "data/rows.csv row 2"]);
    assert_eq!(space.bytes("out/rows.csv"), before);

    let step = "  When it is checked\n  @step(name=Small)\n    @then \"small\": id < 5\n    @on_fail(fail)\n\n  Then all";
    let space = Space::rows_with("id,name\n1,Ada\n9,Grace\n", &[("  Then all", step)]);
    space.runi(&["run"]).exits(1).says(&["E0805", "small"]);
    assert!(!space.exists("out/rows.csv"));
}

#[test]
fn each_kind_of_drift_follows_its_policy() {
    // (what the file has, the policy that lets it pass or not, fails by default)
    for (data, kind, fails) in
        [("id\n1\n", "missing", true), ("id,name,more\n1,a,b\n", "extra", false), ("name,id\na,1\n", "reordered", false)]
    {
        for (policy, fails) in [(None, fails), (Some("fail"), true), (Some("warn"), false)] {
            let tag = policy.map_or_else(String::new, |policy| format!("\n  @drift({kind}={policy})"));
            let space = Space::rows_with(data, &[("@classification(public)", &format!("@classification(public){tag}"))]);
            if fails {
                space.runi(&["run"]).exits(1).says(&["E0804", "contract `Row`"]);
                assert!(!space.exists("out/rows.csv"), "{kind}");
            } else {
                space.runi(&["run"]).exits(0).shows(&["drift at `rows`"]);
                assert_eq!(space.table("out/rows.csv")[0]["id"].as_deref(), Some("1"), "{kind}");
                assert_eq!(space.records()[0]["drift"].as_array().unwrap().len(), 1, "{kind}");
            }
        }
    }
    // A required field that is not there fails under any policy.
    let space = Space::rows_with("name\na\n", &[("@classification(public)", "@classification(public)\n  @drift(missing=warn)")]);
    space.runi(&["run"]).exits(1).says(&["E0804", "id"]);
}

#[test]
fn another_type_in_a_typed_file_follows_its_policy() {
    for (policy, code) in [("", 1), ("\n  @drift(retyped=warn)", 0)] {
        let space = Space::rows_with(DATA, &[("type=csv, path=\"out/rows.csv\"", "type=parquet, path=\"out/rows.parquet\"")]);
        space.runi(&["run"]).exits(0);
        let narrow = crate::support::ROW.replace("Contract: Row", "Contract: Narrow").replace("int64", "string");
        space.write("contracts/narrow.contract", narrow.replace("@classification(public)", &format!("@classification(public){policy}")));
        let second = COPY
            .replace("Copies", "Second")
            .replace("Copy rows", "Second")
            .replace("type=csv, path=\"data/rows.csv\", contract=Row", "type=parquet, path=\"out/rows.parquet\", contract=Narrow");
        space.write("features/second.dsl", second.replace("out/rows.csv", "out/second.csv").replace("out/bad", "out/second"));
        let done = space.runi(&["run", "second"]).exits(code);
        if code == 0 {
            done.shows(&["drift at `rows`"]);
            assert_eq!(space.table("out/second.csv")[1]["id"].as_deref(), Some("2"));
        } else {
            done.says(&["E0804", "contract `Narrow`"]);
        }
    }
}

#[test]
fn what_reads_a_failed_scenario_is_left_out_and_the_rest_may_go_on() {
    let space = Space::rows_with("id,name\nx,a\n", &[("on=invalid)\n", "on=invalid)\n\n  @quality(max_invalid=0%)\n")]);
    space.write("out/rows.csv", "id,name\n1,earlier\n");
    let reader = COPY
        .replace("Copies", "Readers")
        .replace("Copy rows", "Reader")
        .replace("data/rows.csv", "out/rows.csv")
        .replace("\"out/rows.csv\")\n  @sink(type=json", "\"out/again.csv\")\n  @sink(type=json");
    space.write("features/reader.dsl", reader.replace("out/bad", "out/reader"));
    let other = COPY
        .replace("Copies", "Others")
        .replace("Copy rows", "Other")
        .replace("out/rows.csv", "out/other.csv")
        .replace("out/bad", "out/other");
    space.write("features/other.dsl", other.replace("data/rows.csv", "data/good.csv"));
    space.write("data/good.csv", DATA);
    space.runi(&["run", "--keep-going"]).exits(1).says(&["reader: something that it reads was not published"]);
    assert!(space.exists("out/other.csv") && !space.exists("out/again.csv"));
    assert_eq!(space.text("out/rows.csv"), "id,name\n1,earlier\n");
}

#[test]
fn data_is_validated_against_a_contract_alone() {
    let space = Space::rows(DATA);
    space.runi(&["contract", "validate", "Row", "--data", "data/rows.csv"]).exits(0);
    space.write("data/bad.csv", "id,name\n1,a\nx,b\n");
    space.runi(&["contract", "validate", "Row", "--data", "data/bad.csv"]).exits(1).shows(&["id reads as int64"]);
    space.runi(&["contract", "validate", "Row", "--data", "data/none.csv"]).exits(4).says(&["E0802"]);
    space.write("data/na.csv", "id,name\n1,NA\n2,b\n");
    space.replace("contracts/row.contract", "name  string", "name  string  @required");
    space.runi(&["contract", "validate", "Row", "--data", "data/na.csv"]).exits(0);
    space.runi(&["contract", "validate", "Row", "--data", "data/na.csv", "--null", "NA"]).exits(1).shows(&["name is present"]);
    assert_eq!(space.records().len(), 0, "a validation is no run");
}

#[test]
fn a_switch_sends_each_row_through_one_door() {
    let space = Space::rows_with(
        "id,name\n1,a\n2,\n3,c\n-4,d\n",
        &[(
            "  @sink(type=csv, path=\"out/rows.csv\")\n",
            "  @sink(type=csv, path=\"out/big.csv\", name=big) when id > 2\n  @sink(type=csv, path=\"out/named.csv\", name=named) when name is not null\n  @sink(type=csv, path=\"out/rest.csv\", name=rest) otherwise\n",
        )],
    );
    space.runi(&["run"]).exits(0);
    let record = space.records().remove(0);
    let written = written(&record);
    assert_eq!([written["big"], written["named"], written["rest"]], [1, 2, 1]);
    assert_eq!(stage(&record, "rows")["passed"], 4);
}

#[test]
fn every_code_that_a_run_can_end_with_is_explained() {
    let space = Space::empty();
    let listed = space.runi(&["explain", "--list"]).exits(0).stdout;
    for number in 801..=811 {
        let code = format!("E0{number}");
        space.runi(&["explain", &code]).exits(0).shows(&[&format!("# {code}: ")]);
        assert!(listed.contains(&code));
    }
    for line in listed.lines().skip(1) {
        space.runi(&["explain", line.split_whitespace().next().unwrap()]).exits(0);
    }
}

#[test]
fn tests_touch_neither_outputs_nor_the_log() {
    let space = Space::fixture("trades");
    space.runi(&["test"]).exits(0);
    assert!(!space.exists("out"));
    assert_eq!(space.records().len(), 0);
    assert_eq!(space.leftovers(), Vec::<String>::new());
}

#[test]
fn a_dry_run_of_the_fixes_shows_them_and_changes_nothing() {
    let space = Space::rows_with(DATA, &[("contract=Row", "contract=Rwo")]);
    let before = space.text("features/copy.dsl");
    space.runi(&["fix", "--dry-run"]).exits(3).shows(&[
        "features/copy.dsl",
        "-  @source(type=csv, path=\"data/rows.csv\", contract=Rwo) as rows",
        "+  @source(type=csv, path=\"data/rows.csv\", contract=Row) as rows",
    ]);
    assert_eq!(space.text("features/copy.dsl"), before);
    space.runi(&["fix"]).exits(0).says(&["1 problem in 1 file"]);
    assert_eq!(space.text("features/copy.dsl"), COPY);
}
