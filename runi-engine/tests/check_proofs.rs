//! Names, types and sink contracts: what is proved, what is not, and what is said of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod check_support;

use check_support::Workspace;
use runi_engine::rules::FORMATS;
use runi_lang::diagnostic::Applicability;
use runi_lang::ir::{Connector, NodeKind, RowAction};

const CONTRACTS: &str = r#"
Contract: Trade
  @version(1.0.0)
  @owner(markets)
  id        string          @required
  price     decimal(18, 6)
  quantity  int32
  side      enum(buy, sell) @required
  at        timestamp(UTC)
  note      string
  maybe     string          @required(on_fail=warn)
  @key(id)

Contract: Out
  @version(1.0.0)
  @owner(markets)
  id        string          @required
  quantity  int64           @required
"#;

fn workspace(lines: &str) -> Workspace {
    let feature = format!("Feature: F\n\nScenario: S\n  @source(type=csv, path=\"t.csv\", contract=Trade) as trades\n{lines}\n");
    Workspace::new([("contracts/c.contract", CONTRACTS), ("features/f.dsl", feature.as_str())])
}

fn errors(workspace: &Workspace) -> Vec<String> {
    workspace.check().iter().filter(|d| d.is_error()).map(|d| d.code.clone()).collect()
}

const OUT: &str = "  @sink(type=json, path=\"o.jsonl\", contract=Out)";
const ANY: &str = "  @sink(type=json, path=\"o.jsonl\")";

#[test]
fn a_required_field_wants_a_proof_that_covers_every_row_and_loses_none() {
    for (lines, proved) in [
        ("", false),
        ("  @step(name=A)\n    @then quantity is not null\n", true),
        ("  @step(name=A)\n    @then quantity is not null and quantity > 0\n", true),
        ("  @step(name=A)\n    @then quantity > 0\n", false),
        ("  @step(name=A)\n    @then quantity is not null or price is not null\n", false),
        ("  @step(name=A)\n    @then quantity is not null\n    @on_fail(warn)\n", false),
        ("  @step(name=A)\n    @then quantity is not null\n    @on_fail(fail)\n", true),
        ("  @step(name=A)\n    @when side = 'buy'\n    @then quantity is not null\n", false),
        ("  @step(name=A)\n    @do keep where quantity is not null\n", true),
        ("  @step(name=A)\n    @do keep where quantity > 0\n", true),
        ("  @step(name=A)\n    @do drop where quantity is null\n", true),
        ("  @step(name=A)\n    @do drop where quantity > 0\n", false),
        ("  @step(name=A)\n    @when side = 'buy'\n    @do keep where quantity is not null\n", false),
        ("  @step(name=A)\n    @do quantity = coalesce(quantity, 0)\n", true),
        ("  @step(name=A)\n    @when side = 'buy'\n    @do quantity = cast(coalesce(quantity, 0) as int)\n", false),
        ("  @step(name=A)\n    @when quantity is null\n    @do quantity = 0\n", false),
        ("  @step(name=A)\n    @then quantity is not null\n  @step(name=B)\n    @do quantity = nullif(quantity, 0)\n", false),
        (
            "  @step(name=A)\n    @then quantity is not null\n  @step(name=B)\n    @do rename quantity to q\n    @do rename q to quantity\n",
            true,
        ),
        ("  @step(name=A)\n    @do select id, quantity from trades where quantity is not null\n", true),
        ("  @step(name=A)\n    @do select id, quantity from trades\n    @then quantity is not null\n", true),
        (
            "  @step(name=A)\n    @do select t.id, u.quantity from trades t left join trades u on t.id = u.note\n    @then id is not null\n",
            false,
        ),
        ("  Then each has one: `quantity is not null`\n", true),
    ] {
        let workspace = workspace(&format!("{lines}{OUT}"));
        let wanted: &[&str] = if proved { &[] } else { &["E0403"] };
        assert_eq!(errors(&workspace), wanted, "{lines}\n{}", workspace.concise());
    }
}

#[test]
fn a_number_that_fits_the_column_does_not_change_its_type() {
    let guarded = |value: &str| errors(&workspace(&format!("  @step(name=A)\n    @when side = 'buy'\n    @do quantity = {value}\n{ANY}")));
    assert_eq!(guarded("0"), Vec::<String>::new());
    assert_eq!(guarded("-7"), Vec::<String>::new());
    assert_eq!(guarded("null"), Vec::<String>::new());
    assert_eq!(guarded("3000000000"), ["E0207"]);
    assert_eq!(guarded("1.5"), ["E0207"]);
}

#[test]
fn the_route_to_a_sink_proves_what_it_asks() {
    let split = |condition: &str| {
        format!(
            "  @sink(type=json, path=\"a.jsonl\", contract=Out) when {condition}\n  @sink(type=json, path=\"b.jsonl\", name=rest) otherwise"
        )
    };
    assert_eq!(errors(&workspace(&split("quantity is not null"))), Vec::<String>::new());
    assert_eq!(errors(&workspace(&split("quantity > 5"))), Vec::<String>::new());
    assert_eq!(errors(&workspace(&split("side = 'buy'"))), ["E0403"]);
    let rest = |condition: &str| {
        format!(
            "  @sink(type=json, path=\"a.jsonl\", name=first) when {condition}\n  @sink(type=json, path=\"b.jsonl\", contract=Out) otherwise"
        )
    };
    assert_eq!(errors(&workspace(&rest("quantity is null"))), Vec::<String>::new());
    // Null does not match, so a row without a quantity falls through.
    assert_eq!(errors(&workspace(&rest("quantity > 5"))), ["E0403"]);
}

#[test]
fn a_rule_that_only_warns_promises_no_value() {
    let contracts = format!("{CONTRACTS}\nContract: Strict\n  @version(1.0.0)\n  @owner(m)\n  maybe  string  @required\n");
    let feature = "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"t.csv\", contract=Trade) as trades\n  @step(name=K)\n    @do keep maybe\n  \
                   @sink(type=json, path=\"o.jsonl\", contract=Strict)\n";
    let workspace = Workspace::new([("contracts/c.contract", contracts.as_str()), ("features/f.dsl", feature)]);
    assert_eq!(errors(&workspace), ["E0403"]);
}

#[test]
fn one_mistake_is_one_problem() {
    for (lines, code, span) in [
        (
            "  @step(name=A)\n    @do x = prise * 2\n  @step(name=B)\n    @do y = x + 1\n  @step(name=C)\n    @do select y from B",
            "E0102",
            "prise",
        ),
        ("  @step(name=A)\n    @do select nope from trades\n  @step(name=B)\n    @do select * from A", "E0102", "nope"),
        ("  @step(name=A)\n    @do select * from trads", "E0103", "trads"),
        ("  @step(name=A, from=B)\n    @do x = 1\n  @step(name=B)\n    @do y = 1", "E0103", "B"),
        ("  @step(name=A)\n    @do note = lowr(note)", "E0107", "lowr"),
        ("  @step(name=A)\n    @then quantity", "E0203", "quantity"),
        ("  @step(name=A)\n    @then note = \"buy\"", "E0118", "\"buy\""),
        ("  @step(name=A)\n    @when side = 'buy'\n    @do quantity = 'many'", "E0207", "quantity"),
        ("  @step(name=A)\n    @do fresh = null", "E0208", "null"),
        ("  @step(name=A)\n    @do rename note to id", "E0213", "id"),
        ("  @step(name=A)\n    @do x = 1\n  @step(name=A)\n    @do y = 1", "E0106", "A"),
    ] {
        let workspace = workspace(&format!("{lines}\n{ANY}"));
        let found: Vec<_> = workspace.check().into_iter().filter(|d| d.is_error()).collect();
        assert_eq!(found.len(), 1, "{lines}\n{}", workspace.concise());
        assert_eq!((found[0].code.as_str(), workspace.span(&found[0]).as_str()), (code, span), "{lines}\n{}", workspace.concise());
    }
}

#[test]
fn a_near_miss_comes_with_a_fix_that_is_the_name_alone() {
    let workspace = workspace(&format!("  @step(name=A)\n    @do x = prcie * 2\n{ANY}"));
    let found = workspace.check().into_iter().find(|d| d.is_error()).unwrap();
    assert_eq!(found.help.as_deref(), Some("did you mean `price`?"));
    let fix = &found.fixes[0];
    assert_eq!((fix.applicability, fix.edits[0].text.as_str()), (Applicability::Unsafe, "price"));
    assert_eq!(&workspace.texts["features/f.dsl"][fix.edits[0].range], "prcie");
}

#[test]
fn each_file_and_each_mistake_is_told_in_one_go() {
    let workspace =
        workspace("  @step(name=A)\n    @when prise > 1\n    @then quanity > 1\n    @do note = lowr(note)\n  @sink(type=cvs, path=\"x\")");
    assert_eq!(errors(&workspace), ["E0102", "E0102", "E0107", "E0110"], "{}", workspace.concise());
}

#[test]
fn a_body_in_another_file_changes_nothing_here() {
    let feature = "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"t.csv\", contract=Trade) as trades\n  \
                   @step(name=Tidy, domain=common, column=note)\n  @sink(type=json, path=\"o.jsonl\")\n";
    let step = |body: &str| format!("Feature: C\n\n@module(domain=common)\nStep: Tidy(column: column<string>) gives size int64\n{body}\n");
    let answer = |body: &str| {
        let step = step(body);
        let workspace =
            Workspace::new([("contracts/c.contract", CONTRACTS), ("features/c.dsl", step.as_str()), ("features/f.dsl", feature)]);
        (workspace.checked("features/f.dsl"), workspace.pipelines("features/f.dsl"))
    };
    let (first, pipelines) = answer("  @do $column = trim($column), size = length($column)");
    let (second, _) = answer("  @do size = cast('1' as int)\n  @then $column is not null");
    let (third, _) = answer("  @do this is no step at all");
    assert_eq!(first, second);
    assert_eq!(first, third);
    // The pipeline has the body, bound, with the declared types.
    let NodeKind::Rows(rows) = &pipelines[0].nodes[1].kind else { panic!("a row-level step") };
    let [RowAction::Assign(assigned)] = rows.actions.as_slice() else { panic!("one assignment: {:?}", rows.actions) };
    assert_eq!(assigned[0].0, "note");
    assert!(assigned[1].1.contains("Int64"), "{assigned:?}");
    assert_eq!(rows.uses.as_deref(), Some("Tidy"));
}

#[test]
fn the_environment_rebinds_what_a_scenario_names() {
    let manifest = "[workspace]\nname = \"w\"\n[env.dev.vars]\nroot = \"/srv\"\n[env.dev.sources.trades]\ntype = \"json\"\npath = \"${root}/t.jsonl\"\n\
                    [env.dev.sinks.out]\npath = \"elsewhere.jsonl\"\n";
    let feature = "Feature: F\n\nScenario: S\n  @source(type=postgres, table=\"a.b\", contract=Trade) as trades\n  @step(name=Q)\n    \
                   @then quantity is not null\n  @sink(type=json, path=\"${root}/o.jsonl\", contract=Out)\n";
    let files = [("contracts/c.contract", CONTRACTS), ("features/f.dsl", feature)];
    let bound = Workspace::new([("Runi.toml", manifest)].into_iter().chain(files));
    assert_eq!(errors(&bound), Vec::<String>::new(), "{}", bound.concise());
    let pipeline = bound.pipelines("features/f.dsl").remove(0);
    let NodeKind::Source(source) = &pipeline.nodes[0].kind else { panic!("a source") };
    assert!(matches!(&source.connector, Connector::Json { path, .. } if path == "/srv/t.jsonl"), "{:?}", source.connector);
    assert_eq!(pipeline.sinks[0].connector.path(), "elsewhere.jsonl");
    assert_eq!(errors(&Workspace::new(files)), ["E0111", "E0113"]);
}

#[test]
fn lineage_goes_back_to_the_sources() {
    let workspace = workspace(&format!(
        "  @step(name=A)\n    @do worth = price * quantity\n  @step(name=B)\n    @do select id, sum(worth) as total, count(*) as n from A group by id\n{ANY}"
    ));
    assert_eq!(errors(&workspace), Vec::<String>::new(), "{}", workspace.concise());
    let pipeline = workspace.pipelines("features/f.dsl").remove(0);
    let column = |name: &str| {
        let found = pipeline.lineage[0].columns.iter().find(|column| column.column == name).unwrap();
        let show = |(from, how): &(runi_lang::sql::ColumnRef, runi_lang::sql::Influence)| format!("{}.{} {how:?}", from.view, from.column);
        found.from.iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(column("id"), ["trades.id Identity"]);
    assert_eq!(column("total"), ["trades.price Aggregation", "trades.quantity Aggregation"]);
}

#[test]
fn the_compiler_and_the_engine_know_the_same_formats() {
    let engine: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
    assert_eq!(runi_lang::check::FORMATS, engine);
}
