//! How single constructs are read, and what is said about the wrong ones.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_lang::diagnostic::Diagnostic;
use runi_lang::lower;
use runi_lang::model::{Action, Contract, Duplicates, FeatureFile, History, Mask, NarrationWord, OnFail, ParamType, SinkRoute};
use runi_lang::syntax::{FileKind, parse};
use runi_lang::types::{DataType, TimeUnit};

fn feature(text: &str) -> (FeatureFile, Vec<Diagnostic>) {
    let (file, diagnostics) = lower::feature("a.dsl", &parse(text, FileKind::Feature));
    // What a piece of SQL says is what stands in its range.
    for step in file.scenarios.iter().flat_map(|scenario| &scenario.steps) {
        for promise in step.body.when.iter().chain(&step.body.then) {
            let range = promise.sql.range;
            assert_eq!(promise.sql.text.len(), usize::from(range.len()));
        }
    }
    (file, diagnostics)
}

#[track_caller]
fn good(text: &str) -> FeatureFile {
    let (file, diagnostics) = feature(text);
    assert_eq!(diagnostics, []);
    file
}

#[track_caller]
fn contract(text: &str) -> Contract {
    let (file, diagnostics) = lower::contracts("a.contract", &parse(text, FileKind::Contract));
    assert_eq!(diagnostics, []);
    file.contracts.into_iter().next().unwrap()
}

/// Codes with the text that they point at.
fn said(text: &str, kind: FileKind) -> Vec<(String, String)> {
    let parsed = parse(text, kind);
    let diagnostics = match kind {
        FileKind::Contract => lower::contracts("a", &parsed).1,
        FileKind::Feature => lower::feature("a", &parsed).1,
    };
    let place = |diagnostic: &Diagnostic| {
        let range = diagnostic.place.text_range().unwrap_or_default();
        text[usize::from(range.start())..usize::from(range.end())].to_owned()
    };
    diagnostics.iter().map(|diagnostic| (diagnostic.code.clone(), place(diagnostic))).collect()
}

#[track_caller]
fn says(text: &str, kind: FileKind, expected: &[(&str, &str)]) {
    let said = said(text, kind);
    let said: Vec<(&str, &str)> = said.iter().map(|(code, place)| (code.as_str(), place.as_str())).collect();
    assert_eq!(said, expected);
}

#[test]
fn every_type() {
    let text = "Contract: C\n  a boolean\n  b uint8\n  c decimal(9)\n  d timestamp\n  e timestamp(ms)\n  f timestamp(Europe/Berlin, ns)\n  g enum(buy, \"on hold\")\n  h map<string, list<int8>>\n  i struct<x: date,\n    y: time>\n  j binary\n";
    let types: Vec<DataType> = contract(text).fields.into_iter().map(|field| field.ty).collect();
    let timestamp = |unit, zone: Option<&str>| DataType::Timestamp { unit, zone: zone.map(str::to_owned) };
    assert_eq!(
        types,
        [
            DataType::Boolean,
            DataType::UInt8,
            DataType::Decimal { precision: 9, scale: 0 },
            timestamp(TimeUnit::Microsecond, None),
            timestamp(TimeUnit::Millisecond, None),
            timestamp(TimeUnit::Nanosecond, Some("Europe/Berlin")),
            DataType::Enum(vec!["buy".into(), "on hold".into()]),
            DataType::Map(Box::new(DataType::String), Box::new(DataType::List(Box::new(DataType::Int8)))),
            DataType::Struct(vec![("x".into(), DataType::Date), ("y".into(), DataType::Time)]),
            DataType::Binary,
        ]
    );
}

#[test]
fn types_of_other_systems_are_rewritten() {
    for (theirs, ours) in
        [("bool", "boolean"), ("int", "int64"), ("Double", "float64"), ("VARCHAR", "string"), ("long", "int64"), ("strin", "string")]
    {
        let text = format!("Contract: C\n  a {theirs}\n");
        let (_, diagnostics) = lower::contracts("a", &parse(&text, FileKind::Contract));
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].code, "E0019");
        assert_eq!(diagnostics[0].fixes[0].edits[0].text, ours);
    }
}

#[test]
fn the_tags_of_fields_and_contracts() {
    let contract = contract(
        "Contract: C\n  @compatibility(consumer, history=transitive)\n  @drift(extra=fail, missing=warn)\n  @on_fail(fail)\n  a string @required(on_fail=warn) @length(max=3) @default(\"it's\") @deprecated(until=2030-01-01) @enum_policy(on_fail=fail)\n  b string @mask(partial, keep=4) @unique(duplicates=keep_first) @matches(\"\\d{2}\\\"\")\n  @unique(a, b)\n  @rule a = b  # no title\n    or a is null\n",
    );
    assert_eq!(contract.compatibility.history, History::Transitive);
    assert_eq!((contract.drift.extra, contract.drift.missing, contract.on_fail), (OnFail::Fail, OnFail::Warn, OnFail::Fail));
    let [a, b] = contract.fields.as_slice() else { panic!("two fields") };
    assert_eq!(a.rules.required, Some(Some(OnFail::Warn)));
    assert_eq!(a.rules.length.as_ref().unwrap().max.as_deref(), Some("3"));
    assert_eq!(a.default.as_deref(), Some("'it''s'"));
    assert_eq!(a.deprecated.unwrap().unwrap().to_string(), "2030-01-01");
    assert_eq!(b.sensitivity.mask, Some(Mask::Partial { keep: 4 }));
    assert_eq!(b.rules.unique.as_ref().unwrap().duplicates, Duplicates::KeepFirst);
    assert_eq!(b.rules.matches.as_ref().unwrap().0, "\\d{2}\"");
    assert_eq!(contract.keys[0].columns, ["a", "b"]);
    assert_eq!(contract.rules[0].sql, "a = b or a is null");
    assert_eq!(contract.rules[0].title, contract.rules[0].sql);
}

#[test]
fn a_contract_is_its_meaning_not_its_layout() {
    let one = contract("Contract: C\n  a int64 @required\n  @rule \"t\": a > 1 and a < 3\n");
    let other = contract("Contract: C   # c\n\n    a    int64    @required\n  @rule  \"t\":\n    a > 1 # x\n    and a < 3\n");
    assert_eq!(one, other);
    assert_eq!(one.hash(), other.hash());
}

#[test]
fn every_action() {
    let action = |text: &str| {
        let file = good(&format!("Step: S\n  @do {text}\n"));
        file.steps[0].body.actions[0].action.clone()
    };
    let Action::Assign(parts) = action("a = f(x, y), \"b c\" = case when a = 1 then 2 end") else { panic!("assign") };
    assert_eq!(
        parts.iter().map(|(name, sql)| (name.value.as_str(), sql.text.as_str())).collect::<Vec<_>>(),
        [("a", "f(x, y)"), ("b c", "case when a = 1 then 2 end")]
    );
    assert!(matches!(action("rename a to b, c to d"), Action::Rename(pairs) if pairs.len() == 2 && pairs[1].1.value == "d"));
    assert!(matches!(action("drop a, b"), Action::DropColumns(names) if names.len() == 2));
    assert!(matches!(action("keep a"), Action::KeepColumns(names) if names.len() == 1));
    assert!(matches!(action("drop where a > 1, 2"), Action::DropWhere(sql) if sql.text == "a > 1, 2"));
    assert!(matches!(action("keep where a"), Action::KeepWhere(_)));
    assert!(matches!(action("WITH x as (\n\nselect 1\n) select * from x"), Action::Query(_)));
    assert!(matches!(action("drop = 1"), Action::Assign(_)));
}

#[test]
fn comments_inside_sql_keep_the_offsets() {
    let text = "Scenario: a\n  @step(name=X)\n    @when a > 1 # é\n      and b like '#1'\n";
    let file = good(text);
    let sql = &file.scenarios[0].steps[0].body.when[0].sql;
    assert_eq!(sql.text, "a > 1     \n      and b like '#1'");
    assert!(text[usize::from(sql.range.start())..].starts_with("a > 1"));
}

#[test]
fn bodies_end_where_a_line_begins_something_new() {
    let file = good(
        "Scenario: a\n  @step(name=X)\n    @then case\n      when a then b\n      else c end\n  Then it is so\n  And so: `x > 1`\n  When `y` is\n  And z: `q`\n",
    );
    let scenario = &file.scenarios[0];
    assert_eq!(scenario.steps[0].body.then[0].sql.text, "case\n      when a then b\n      else c end");
    assert_eq!(scenario.checks.len(), 1);
    assert_eq!((scenario.checks[0].title.as_str(), scenario.checks[0].sql.text.as_str()), ("so", "x > 1"));
    let kinds: Vec<_> = scenario.narration.iter().map(|line| (line.word, line.kind, line.checked, line.names.len())).collect();
    use NarrationWord::{And, Then, When};
    assert_eq!(kinds, [(Then, Then, false, 0), (And, Then, true, 0), (When, When, false, 1), (And, When, false, 1)]);
}

#[test]
fn a_broken_bracket_does_not_eat_the_next_step() {
    let text = "Scenario: a\n  @step(name=X)\n    @do a = (b +\n  Then all is well\n  @step(name=Y)\n    @do c = 1\n";
    let (file, diagnostics) = feature(text);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, "E0006");
    assert_eq!(file.scenarios[0].steps.len(), 2);
    assert_eq!(file.scenarios[0].narration.len(), 1);
}

#[test]
fn tags_above_belong_below() {
    let file = good("Scenario: a\n  @quality(max_invalid=1%)\n\n@nightly\n@module(domain=x)\nScenario: b\n\n@slow\nStep: S\n  @do a = 1\n");
    assert!(file.scenarios[0].labels.is_empty());
    assert_eq!(file.scenarios[1].labels[0].value, "nightly");
    assert_eq!(file.scenarios[1].module.domain.as_ref().unwrap().value, "x");
    assert_eq!(file.steps.len(), 1);
}

#[test]
fn signatures() {
    let file = good(
        "Step: X@2(rate: decimal = 0.1, c: column<string>, t: table<Trade>)\n  needs price decimal(9, 2), \"odd name\" string\n  gives tax decimal\n  @on_fail(warn)\n  @do tax = price * $rate\n",
    );
    let step = &file.steps[0];
    assert_eq!((step.name.value.as_str(), step.version.as_ref().unwrap().value), ("X", 2));
    assert_eq!(step.params[0].default.as_ref().unwrap().value, "0.1");
    assert_eq!(step.params[0].ty.value, ParamType::Value(DataType::Decimal { precision: 38, scale: 10 }));
    assert_eq!(step.params[1].ty.value, ParamType::Column(DataType::String));
    assert_eq!(step.params[2].ty.value, ParamType::Table("Trade".into()));
    assert_eq!(step.needs[1].0.value, "odd name");
    assert_eq!(step.gives[0].0.value, "tax");
    assert_eq!(step.on_fail.as_ref().unwrap().value, OnFail::Warn);
    assert!(file.spans.get("Step/X@2").is_some());
}

#[test]
fn uses_of_steps() {
    let file = good("Scenario: a\n  @step(name=X@3, domain=d, from=t, rate=0.2) as y\n    @contract(C)\n    @on_fail(fail)\n");
    let step = &file.scenarios[0].steps[0];
    assert_eq!((step.name.value.as_str(), step.version.as_ref().unwrap().value), ("X", 3));
    assert_eq!(step.from.as_ref().unwrap().value, "t");
    assert_eq!(step.alias.as_ref().unwrap().value, "y");
    assert_eq!(step.args.items.len(), 1);
    assert_eq!(step.contract.as_ref().unwrap().value, "C");
}

#[test]
fn routes_of_sinks() {
    let file = good(
        "Scenario: a\n  @source(type=csv) as t\n  @sink(type=csv, path=\"a\")\n  @step(name=X)\n  @sink(type=csv, path=\"b\") when a > 1\n    and b\n  @sink(type=csv, path=\"c\")\n    otherwise\n  @sink(type=csv, path=\"d\", on=invalid)\n",
    );
    let sinks = &file.scenarios[0].sinks;
    assert_eq!(sinks.iter().map(|sink| sink.after).collect::<Vec<_>>(), [0, 1, 1, 1]);
    assert!(matches!(&sinks[1].route, SinkRoute::When(sql) if sql.text == "a > 1\n    and b"));
    assert_eq!((&sinks[2].route, &sinks[3].route), (&SinkRoute::Otherwise, &SinkRoute::Invalid));
}

#[test]
fn examples_of_scenarios_name_their_tables() {
    let file = good(
        "Scenario: a\n  Examples: one with n=1\n    Given trades\n      | a | b |\n      | 1 | \"x | \\\"y\\\"\" |\n    And rows of `other`\n      | c |\n      | |\n    Then \"silver.trades\"\n      | a |\n      | null |\n    And invalid\n      | a |\n  Then more prose\n",
    );
    let example = &file.scenarios[0].examples[0];
    let names =
        |tables: &[runi_lang::model::Table]| tables.iter().map(|table| table.name.as_ref().unwrap().value.clone()).collect::<Vec<_>>();
    assert_eq!(names(&example.input), ["trades", "other"]);
    assert_eq!(names(&example.output), ["silver.trades", "invalid"]);
    assert_eq!(example.input[0].rows[0].cells[1].value.as_deref(), Some("x | \"y\""));
    assert_eq!(example.input[1].rows[0].cells[0].value, None);
    assert_eq!(example.output[0].rows[0].cells[0].value, None);
    assert_eq!(example.args.items.len(), 1);
    assert_eq!(file.scenarios[0].narration.len(), 1);
}

#[test]
fn what_is_wrong_is_said_once_and_where() {
    use FileKind::{Contract, Feature};
    says("Contract: C\n  a string\n  a int64\n", Contract, &[("E0018", "a")]);
    says("Contract: C\n  a string @requird\n", Contract, &[("E0013", "@requird")]);
    says("Contract: C\n  a string @required @required\n", Contract, &[("E0018", "@required")]);
    says("Contract: C\n  @verison(1.0.0)\n  a string\n", Contract, &[("E0013", "@verison")]);
    says("Contract: C\n  @owner(x, contakt=\"y\")\n", Contract, &[("E0014", "contakt")]);
    says("Contract: C\n  a string \"open\n  b string\n", Contract, &[("E0005", "\"open")]);
    says("Contract: C\n  @key(a\n  a string\n", Contract, &[("E0006", "(")]);
    says("Contract: C\n  a: string\n", Contract, &[("E0008", ":")]);
    says("Contract: C\n  a decimal\n", Contract, &[("E0020", "decimal")]);
    says("Scenario: a\n  @do a = 1\n", Feature, &[("E0012", "@do")]);
    says("Scenario: a\n  @source(type=csv)\n    @when a\n", Feature, &[("E0012", "@when")]);
    says("Scenario: a\n  @step(name=X)\n    @when\n    @do a = 1\n", Feature, &[("E0028", "")]);
    says("scenario: a\n  Given rows\n", Feature, &[("E0029", "scenario:")]);
    says("Scenaro: a\n  Given rows\n", Feature, &[("E0029", "Scenaro:")]);
    says("Scenario: a\n  @quality(max_invalid=1)\n", Feature, &[("E0017", "1")]);
    says("Scenario: a\n  @alert(on=qualty, to=\"x\")\n", Feature, &[("E0015", "qualty")]);
    says("Step: S\n  @when a\n  @do drop b\n", Feature, &[("E0024", "drop b")]);
    says("Step: S\n  @when a\n  @do select 1\n", Feature, &[("E0025", "a")]);
    says("Step: S\n  @do a = 1, a = 2\n", Feature, &[("E0023", "a")]);
    says("Step: S\n  @do drop a, b = 1\n", Feature, &[("E0022", "b = 1")]);
    says("Step: S\n  @do a = 1, drop b\n", Feature, &[("E0022", "drop b")]);
    says("Step: S\n  @do lower(a)\n", Feature, &[("E0021", "lower(a)")]);
    says("Step: S\n  @do a == 1\n", Feature, &[("E0021", "a == 1")]);
    says(
        "Step: S\n  Examples: e\n    | a | a |\n    | 1 | 2 |\n    become\n    | b |\n    | 1 | 2 |\n",
        Feature,
        &[("E0018", "a"), ("E0026", "| 1 | 2 |")],
    );
}

#[test]
fn a_near_miss_is_offered_and_safe_to_take() {
    let text = "Contract: C\n  a string @requird\n";
    let (_, diagnostics) = lower::contracts("a", &parse(text, FileKind::Contract));
    assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `@required`?"));
    assert_eq!(diagnostics[0].fixes[0].edits[0].text, "@required");
}

#[test]
fn the_model_of_a_file_with_windows_line_ends_is_the_same() {
    let unix = "Contract: C\n  \"\"\"a\n  b\"\"\"\n  x string @required\n  @rule x = 'a'\n    or x = 'b'\n";
    assert_eq!(contract(unix), contract(&unix.replace('\n', "\r\n")));
}

#[test]
fn a_check_may_end_its_line_with_a_full_stop_or_a_comment() {
    for end in ["", ".", ";", "  # for now", ". # for now"] {
        let file = good(&format!("Scenario: a\n  Then all is well\n  And none is free: `a > 0`{end}\n"));
        let scenario = &file.scenarios[0];
        assert_eq!(scenario.checks.len(), 1, "{end}");
        assert_eq!((scenario.checks[0].title.as_str(), scenario.checks[0].sql.text.as_str()), ("none is free", "a > 0"), "{end}");
        assert!(scenario.narration[1].checked, "{end}");
    }
    assert_eq!(good("Scenario: a\n  Then `b` holds: `a > 0` and more\n").scenarios[0].checks.len(), 0);
    says("Scenario: a\n  Then none is free: `a > 0\n", FileKind::Feature, &[("E0031", "`")]);
    says("Scenario: a\n  Then none is free: a > 0`\n", FileKind::Feature, &[("E0031", "`")]);
    says("Scenario: a\n  Given a lone ` somewhere\n", FileKind::Feature, &[]);
}

#[test]
fn a_line_that_begins_a_field_ends_an_open_bracket() {
    let open = "Contract: C\n  @owner(shop, contact=\"x\"\n\n  id int64 @required\n  amount decimal(10, 2) @range(min=0\n  day date\n";
    let (file, diagnostics) = lower::contracts("a", &parse(open, FileKind::Contract));
    let names: Vec<&str> = file.contracts[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["id", "amount", "day"]);
    assert_eq!(diagnostics.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["E0006", "E0006"]);
    // Brackets that close may span lines, whatever stands in them.
    let rule = "Contract: C\n  a int64\n  time time\n  @rule \"x\": (a > 0\n    and time > cast('10:00' as\n    time)\n    or a = cast(1\n    as int64))\n";
    assert_eq!(contract(rule).rules.len(), 1);
}

#[test]
fn comments_stand_after_the_words_of_examples() {
    let file = good(
        "Scenario: a\n  Examples: e\n    Given orders # the source\n      | a |\n      | 1 |\n    become  # rows out\n    Then sink\n      | a |\n      | 1 |\n",
    );
    let example = &file.scenarios[0].examples[0];
    assert_eq!(example.input[0].name.as_ref().map(|name| name.value.as_str()), Some("orders"));
    assert_eq!(example.output[0].name.as_ref().map(|name| name.value.as_str()), Some("sink"));
}

#[test]
fn words_of_other_tools_are_understood_or_explained() {
    let fixes = |text: &str, kind| {
        let parsed = parse(text, kind);
        let diagnostics = match kind {
            FileKind::Contract => lower::contracts("a", &parsed).1,
            FileKind::Feature => lower::feature("a", &parsed).1,
        };
        diagnostics
            .into_iter()
            .map(|d| (d.help.unwrap_or_default(), d.fixes.into_iter().next().map(|fix| fix.edits[0].text.clone())))
            .collect::<Vec<_>>()
    };
    let fixed = |text: &str| Some(text.to_owned());
    assert_eq!(fixes("Scenario Outline: x\n", FileKind::Feature), [("write `Scenario:`".to_owned(), fixed("Scenario:"))]);
    let field = |ty: &str| fixes(&format!("Contract: C\n  a {ty}\n"), FileKind::Contract).remove(0);
    assert_eq!(field("varchar(20)").1, fixed("string @length(max=20)"));
    assert_eq!(field("int(11)").1, fixed("int64"));
    assert_eq!(field("numeric(10, 2)").1, fixed("decimal"));
    assert_eq!(field("int64 @not_null"), ("write `@required`".to_owned(), None));
    assert_eq!(field("int64 @primary_key"), ("write `@key(column, …)` on a line of its own".to_owned(), None));
}

#[test]
fn a_misspelled_tag_above_a_scenario_is_one_problem() {
    let text = "@hed(finance)\n@nightly\nScenario: a\n  Given rows\n";
    says(text, FileKind::Feature, &[("E0013", "@hed")]);
    let (file, diagnostics) = feature(text);
    assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `@herd`?"));
    assert_eq!(file.scenarios[0].labels.iter().map(|label| label.value.as_str()).collect::<Vec<_>>(), ["nightly"]);
    assert_eq!(file.scenarios[0].herd.as_ref().map(|herd| herd.value.as_str()), Some("finance"));
}
