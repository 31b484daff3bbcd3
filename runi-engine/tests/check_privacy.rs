//! No sensitive value leaves unmasked: each way out, tried with the real engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod check_support;

use check_support::Workspace;
use runi_lang::diagnostic::{At, Severity};
use runi_lang::ir::NodeKind;

const CONTRACTS: &str = r#"
Contract: Person
  @version(1.0.0)
  @owner(crm)
  id       int64   @required
  country  string
  age      int32
  email    string  @pii(email)
  phone    string  @pii(phone) @access(support, sales)
  salary   int64   @classification(confidential)
  @key(id)

Contract: Order
  @version(1.0.0)
  @owner(shop)
  id      int64  @required
  person  int64  @required
  amount  int64
  @key(id)

Contract: Note
  @version(1.0.0)
  @owner(crm)
  id    int64
  note  string

Contract: Masked
  @version(1.0.0)
  @owner(crm)
  id    int64
  note  string  @mask(hash)

Contract: Number
  @version(1.0.0)
  @owner(crm)
  n  int64
"#;

/// A scenario over people and orders with these lines between its sources and its end.
fn workspace(steps: &str, sink: &str) -> Workspace {
    let feature = format!(
        "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Person) as people\n  \
         @source(type=csv, path=\"o.csv\", contract=Order) as orders\n{steps}\n{sink}\n"
    );
    Workspace::new([("contracts/c.contract", CONTRACTS), ("features/f.dsl", feature.as_str())])
}

fn errors(workspace: &Workspace) -> Vec<String> {
    workspace.check().iter().filter(|d| d.is_error()).map(|d| d.code.clone()).collect()
}

/// Asserts that the step leaks into a plain text field, and that a mask at that field is enough.
fn leaks(step: &str) {
    let plain = workspace(step, "  @sink(type=json, path=\"out.jsonl\", contract=Note)");
    assert_eq!(errors(&plain), ["E0501"], "{step}\n{}", plain.concise());
    let masked = workspace(step, "  @sink(type=json, path=\"out.jsonl\", contract=Masked)");
    assert_eq!(errors(&masked), Vec::<String>::new(), "{step}\n{}", masked.concise());
}

/// Asserts that nothing sensitive is left after the step.
fn is_clean(step: &str, contract: &str) {
    let workspace = workspace(step, &format!("  @sink(type=json, path=\"out.jsonl\", contract={contract})"));
    assert_eq!(errors(&workspace), Vec::<String>::new(), "{step}\n{}", workspace.concise());
}

#[test]
fn every_way_through_a_row_level_step_keeps_the_label() {
    for body in [
        "@do note = email",
        "@do note = upper(trim(email))",
        "@do note = concat(country, ' ', email)",
        "@do note = country || phone",
        "@do note = case when email like '%x%' then 'a' else 'b' end",
        "@do note = case email when 'a@b.c' then 'a' else 'b' end",
        "@do note = coalesce(country, email)",
        "@do note = nullif(country, email)",
        "@do note = cast(salary as string)",
        "@do note = cast(salary > 10 as string)",
        "@do note = cast(email is null as string)",
        "@do note = cast(length(phone) as string)",
        "@do note = md5(email)",
        "@do rename email to note",
        "@do a = email\n    @do b = a\n    @do note = b",
        "@do country = email, email = country\n    @do rename country to note",
        "@when email like '%x%'\n    @do note = 'x'",
        "@when country = 'CA'\n    @do note = phone",
        "@do note = country\n  @step(name=T)\n    @when salary > 10\n    @do note = 'rich'",
        "@do email = email, note = email\n    @do drop email",
    ] {
        leaks(&format!("  @step(name=S)\n    {body}"));
    }
}

#[test]
fn every_way_through_a_select_keeps_the_label() {
    for sql in [
        "select id, email as note from people",
        "select id, max(email) as note from people group by id",
        "select id, first_value(email) over (partition by country order by id) as note from people",
        "select id, lag(phone) over (order by id) as note from people",
        "select id, cast(row_number() over (order by salary) as string) as note from people",
        "select o.id, p.email as note from orders o join people p on o.person = p.id",
        "select o.id, coalesce(p.phone, 'none') as note from orders o left join people p on o.person = p.id",
        "select id, country as note from people union all select id, email from people",
        "select id, note from (select id, email as note from people) as inner_rows",
        "with a as (select id, email as x from people), b as (select id, x as y from a) select id, y as note from b",
        "select id, (select max(email) from people) as note from orders",
        "select o.id, (select max(p.phone) from people p where p.id = o.person) as note from orders o",
        "select id, string_agg(email, ',') as note from people group by id",
        "select id, cast(sum(salary) as string) as note from people group by id",
        "select id, cast(sum(case when email like '%x%' then 1 else 0 end) as string) as note from people group by id",
        "select distinct id, email as note from people",
        "select id, note from (values (1, 'a')) as v(id, note) union select id, phone from people",
    ] {
        leaks(&format!("  @step(name=S)\n    @do {sql}"));
    }
}

#[test]
fn a_count_clears_and_an_overwritten_value_is_gone() {
    is_clean("  @step(name=S)\n    @do select count(email) as n from people", "Number");
    is_clean("  @step(name=S)\n    @do select count(distinct phone) as n from people", "Number");
    is_clean("  @step(name=S)\n    @do note = country\n    @do keep id, note", "Note");
    is_clean("  @step(name=S)\n    @do email = 'gone'\n    @do rename email to note\n    @do keep id, note", "Note");
    is_clean("  @step(name=S)\n    @do select id, country as note from people", "Note");
}

/// A count tells a value where the value decides what is counted.
#[test]
fn a_count_of_what_a_value_decided_keeps_the_label() {
    for sql in [
        "select id, count(case when salary > 52017 then 1 end) as n from people group by id",
        "select id, count(nullif(salary, 52017)) as n from people group by id",
        "select id, count(salary > 10 and null) as n from people group by id",
        "select id, count(case when salary > 10 then 1 end) over (partition by id) as n from people",
        "select id, count(*) filter (where salary > 10) as n from people group by id",
        "select id, count(x) as n from (select id, case when salary > 10 then 1 end as x from people) group by id",
        "select id, count(x) as n from (select id, sum(case when salary > 10 then 1 end) as x from people group by id) group by id",
    ] {
        let sink = "  @sink(type=json, path=\"out.jsonl\", contract=Number)";
        let found = workspace(&format!("  @step(name=S)\n    @do {sql}\n  @step(name=T)\n    @do keep n"), sink);
        assert_eq!(errors(&found), ["E0501"], "{sql}\n{}", found.concise());
    }
    // The same over two steps.
    let counted = "\n  @step(name=T)\n    @do select count(x) as n from S";
    for step in [
        "@do x = case when salary > 10 then 1 end",
        "@when salary > 10\n    @do x = 1",
        "@when salary > 10\n    @do x = id",
        "@do select id, case when salary > 10 then 1 end as x from people",
    ] {
        let sink = "  @sink(type=json, path=\"out.jsonl\", contract=Number)";
        let found = workspace(&format!("  @step(name=S)\n    {step}{counted}"), sink);
        assert_eq!(errors(&found), ["E0501"], "{step}\n{}", found.concise());
    }
    for clean in [
        "@do x = lower(trim(email))",
        "@do x = coalesce(salary, 0) + 1",
        "@when email is not null\n    @do email = lower(email)\n  @step(name=U)\n    @do x = email",
    ] {
        let step = format!(
            "  @step(name=S)\n    {clean}{}",
            counted.replace("from S", if clean.contains("name=U") { "from U" } else { "from S" })
        );
        is_clean(&step, "Number");
    }
    is_clean("  @step(name=S)\n    @do select count(distinct lower(email)) as n from people", "Number");
    is_clean("  @step(name=S)\n    @do select count(case when country = 'CA' then 1 end) as n from people", "Number");
}

/// What is said to be equal to a value is that value.
#[test]
fn a_column_that_equals_a_labelled_one_has_its_label() {
    for sql in [
        "select p.id, cast(o.amount as string) as note from people p join orders o on p.salary = o.amount",
        "select p.id, o.amount::string as note from people p left join orders o on p.salary = o.amount",
        "select p.id, cast(o.amount as string) as note from people p, orders o where o.amount = p.salary",
        "select p.id, cast(x.amount as string) as note from people p cross join lateral (select amount from orders o where o.amount = p.salary) x",
        "select id, cast(amount as string) as note from orders where amount in (select salary from people)",
        "select id, cast(amount as string) as note from orders where amount = (select max(salary) from people)",
        "select id, cast(a as string) as note from (select id, amount as a from orders intersect select id, salary from people)",
    ] {
        leaks(&format!("  @step(name=S)\n    @do {sql}"));
    }
    for sql in [
        "select o.id, cast(o.amount as string) as note from people p join orders o on p.id = o.person",
        "select p.id, p.country as note from people p join orders o on p.salary = o.amount",
        "select o.id, cast(o.amount as string) as note from orders o where o.amount not in (select salary from people)",
    ] {
        is_clean(&format!("  @step(name=S)\n    @do {sql}"), "Note");
    }
}

#[test]
fn a_guarded_assignment_does_not_clear_the_rows_that_it_leaves() {
    leaks("  @step(name=S)\n    @when country = 'CA'\n    @do email = 'gone'\n  @step(name=T)\n    @do rename email to note");
}

#[test]
fn a_sink_without_contract_masks_nothing() {
    let sink = "  @sink(type=json, path=\"out.jsonl\")";
    let open = workspace("  @step(name=S)\n    @do keep id, email", sink);
    assert_eq!(errors(&open), ["E0501"]);
    let closed = workspace("  @step(name=S)\n    @do keep id, country", sink);
    assert_eq!(errors(&closed), Vec::<String>::new());
}

#[test]
fn the_error_names_the_way_that_the_value_took() {
    let steps = "  @step(name=Contact)\n    @do reach = coalesce(country, phone)\n  @step(name=Joined)\n    \
                 @do select o.id, c.reach as note from orders o join Contact c on o.person = c.id";
    let workspace = workspace(steps, "  @sink(type=json, path=\"out/notes.jsonl\", contract=Note)");
    let found = workspace.check().into_iter().find(|d| d.code == "E0501").expect("a leak");
    assert_eq!(found.message, "`note` leaves with `@pii(phone)` unmasked");
    assert!(found.notes[0].contains("Person.phone → people.phone → Contact.reach → Joined.note → out/notes.jsonl"), "{:?}", found.notes);
    assert!(workspace.span(&found).starts_with("@sink("));
    assert!(matches!(&found.labels[0].place.at, At::Item(item) if item.0 == "Person/field/phone"));
    assert!(found.labels.iter().any(|label| label.message.contains("`Joined` makes `note` of `Contact.reach`")), "{:?}", found.labels);
    assert!(found.labels.iter().any(|label| matches!(&label.place.at, At::Item(item) if item.0 == "Note/field/note")));
}

#[test]
fn a_restricted_field_takes_a_value_only_with_the_same_label_and_no_wider_access() {
    let cases = [
        ("@pii(email) @access(support)", "email", true),
        ("@pii(email)", "email", false),
        ("@access(support)", "email", false),
        ("@pii(phone) @access(support)", "email", false),
        ("@pii(phone) @access(support)", "phone", true),
        ("@pii(phone) @access(sales, support)", "phone", true),
        ("@pii(phone) @access(support, everyone)", "phone", false),
        ("@mask(redact)", "phone", true),
        ("@mask(null)", "email", true),
        ("@mask(partial, keep=2)", "phone", true),
        ("@mask(tokenise)", "email", true),
        ("@classification(confidential)", "email", false),
    ];
    for (tags, column, fine) in cases {
        let contracts = format!("{CONTRACTS}\nContract: Out\n  @version(1.0.0)\n  @owner(crm)\n  note  string  {tags}\n");
        let feature = format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Person) as people\n  @step(name=T)\n    \
             @do select {column} as note from people\n  @sink(type=json, path=\"out.jsonl\", contract=Out)\n"
        );
        let workspace = Workspace::new([("contracts/c.contract", contracts.as_str()), ("features/f.dsl", feature.as_str())]);
        let wanted: &[&str] = if fine { &[] } else { &["E0501"] };
        assert_eq!(errors(&workspace), wanted, "{tags} for {column}\n{}", workspace.concise());
    }
}

#[test]
fn a_classification_is_kept_by_one_as_high() {
    for (class, fine) in [("public", false), ("internal", false), ("confidential", true), ("restricted", true)] {
        let contracts =
            format!("{CONTRACTS}\nContract: Out\n  @version(1.0.0)\n  @owner(crm)\n  @classification({class})\n  salary  int64\n");
        let feature = "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Person) as people\n  @step(name=T)\n    \
                       @do keep salary\n  @sink(type=json, path=\"out.jsonl\", contract=Out)\n";
        let workspace = Workspace::new([("contracts/c.contract", contracts.as_str()), ("features/f.dsl", feature)]);
        assert_eq!(errors(&workspace).is_empty(), fine, "{class}\n{}", workspace.concise());
    }
}

#[test]
fn a_dataset_that_leaves_its_classification_is_one_problem() {
    let contracts = "Contract: Secret\n  @version(1.0.0)\n  @owner(o)\n  @classification(restricted)\n  a  string\n  b  string\n  \
                     c  string  @classification(public)\n";
    let feature =
        "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Secret) as s\n  @sink(type=json, path=\"out.jsonl\")\n";
    let workspace = Workspace::new([("contracts/c.contract", contracts), ("features/f.dsl", feature)]);
    let found = workspace.check();
    assert_eq!(found.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["E0501"], "{}", workspace.concise());
    assert!(found[0].notes.iter().any(|note| note.contains("the same holds of `b`")), "{:?}", found[0].notes);
}

#[test]
fn rows_that_a_sensitive_value_chooses_are_said_aloud() {
    for (steps, sink) in [
        ("  @step(name=S)\n    @do select id, country as note from people where email like '%x%'", ""),
        ("  @step(name=S)\n    @do select o.id, 'x' as note from orders o join people p on o.id < length(p.phone)", ""),
        ("  @step(name=S)\n    @do keep where salary > 10\n    @do note = country", ""),
        ("  @step(name=S)\n    @do drop where email is null\n    @do note = country", ""),
        ("  @step(name=S)\n    @do note = country", " when phone = '1'\n  @sink(type=json, path=\"other.jsonl\", contract=Note) otherwise"),
    ] {
        let workspace = workspace(steps, &format!("  @sink(type=json, path=\"out.jsonl\", contract=Note){sink}"));
        assert_eq!(errors(&workspace), Vec::<String>::new(), "{}", workspace.concise());
        let notes: Vec<_> = workspace.check().into_iter().filter(|d| d.code == "W0501").collect();
        assert_eq!(notes.len(), 1, "{steps}\n{}", workspace.concise());
        assert_eq!(notes[0].severity, Severity::Note);
        assert_eq!(notes[0].label, "reported, not proved");
    }
}

#[test]
fn a_reusable_step_is_judged_by_its_signature_alone() {
    let common = |body: &str| {
        format!(
            "Feature: Common\n\n@module(domain=common)\nStep: Label(column: column<string>) needs country string gives note string\n  @do {body}\n"
        )
    };
    let feature = |column: &str| {
        format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Person) as people\n  \
             @step(name=Label, domain=common, column={column})\n  @sink(type=json, path=\"out.jsonl\", contract=Note)\n"
        )
    };
    // The body does not read what it is handed; the signature says that it may.
    for body in ["note = $column", "note = country", "note = 'constant'"] {
        let (common, feature) = (common(body), feature("email"));
        let workspace = Workspace::new([
            ("contracts/c.contract", CONTRACTS),
            ("features/common.dsl", common.as_str()),
            ("features/f.dsl", feature.as_str()),
        ]);
        assert_eq!(errors(&workspace), ["E0501"], "{body}");
    }
    let (common, feature) = (common("note = $column"), feature("country"));
    let workspace = Workspace::new([
        ("contracts/c.contract", CONTRACTS),
        ("features/common.dsl", common.as_str()),
        ("features/f.dsl", feature.as_str()),
    ]);
    assert_eq!(errors(&workspace), Vec::<String>::new(), "{}", workspace.concise());
}

#[test]
fn a_reusable_select_sees_only_what_it_is_handed() {
    let feature = "Feature: F

Scenario: S
  @source(type=csv, path=\"p.csv\", contract=Person) as people
  @source(type=csv, path=\"o.csv\", contract=Order) as orders
  @step(name=Matched, other=people, from=orders)
  @sink(type=json, path=\"out.jsonl\", contract=Number)

Step: Matched(other: table<Slim>) needs person int64, amount int64 gives n int64
  @do select amount as n from input i join $other o on o.id = i.person
";
    let contracts = format!("{CONTRACTS}\nContract: Slim\n  @version(1.0.0)\n  @owner(crm)\n  id  int64  @required\n");
    let wider = contracts.replace("salary ", "amount ");
    let workspace = Workspace::new([("contracts/c.contract", wider.as_str()), ("features/f.dsl", feature)]);
    assert_eq!(errors(&workspace), Vec::<String>::new(), "{}", workspace.concise());
    // `amount` of people is confidential and would make the name ambiguous, or be taken for it, if the body saw it.
    let pipelines = workspace.pipelines("features/f.dsl");
    let [pipeline] = pipelines.as_slice() else { panic!("one pipeline") };
    let query = pipeline.nodes.iter().find_map(|node| match &node.kind {
        NodeKind::Query(query) => Some(query),
        _ => None,
    });
    for (name, id) in &query.expect("a select").views {
        let columns: Vec<&str> = pipeline.nodes[id.index()].schema.names().collect();
        let wanted: &[&str] = if name == "input" { &["person", "amount"] } else { &["id"] };
        assert_eq!(columns, wanted, "{name}");
    }
}

#[test]
fn the_quarantine_is_told_which_cells_to_mask() {
    let workspace = workspace(
        "  @step(name=S)\n    @do note = email\n  @step(name=T)\n    @do select id, note, country from S",
        "  @sink(type=json, path=\"out.jsonl\", contract=Masked)\n  @sink(type=json, path=\"dlq.jsonl\", on=invalid)",
    );
    assert_eq!(errors(&workspace), Vec::<String>::new(), "{}", workspace.concise());
    let pipelines = workspace.pipelines("features/f.dsl");
    let sensitive = |name: &str| pipelines[0].nodes.iter().find(|node| node.name == name).unwrap().sensitive.clone();
    assert_eq!(sensitive("people"), ["email", "phone", "salary"]);
    assert_eq!(sensitive("S"), ["email", "phone", "salary", "note"]);
    assert_eq!(sensitive("T"), ["note"]);
    assert!(sensitive("orders").is_empty());
}

#[test]
fn a_golden_of_a_restricted_sink_wants_made_up_rows() {
    let contracts =
        format!("{CONTRACTS}\nContract: Desk\n  @version(1.0.0)\n  @owner(crm)\n  email  string  @pii(email) @access(support)\n");
    for (golden, wanted) in [
        ("@golden(output=\"g.jsonl\")", vec!["E0502"]),
        ("@golden(input=\"p.csv\", output=\"g.jsonl\")", vec![]),
        ("@golden(people=\"p.csv\", output=\"g.jsonl\")", vec![]),
        ("@golden(orders=\"p.csv\", output=\"g.jsonl\")", vec!["E0502"]),
    ] {
        let feature = format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Person) as people\n  \
             @source(type=csv, path=\"o.csv\", contract=Order) as orders\n  @step(name=T)\n    @do select email from people\n  \
             @sink(type=json, path=\"out.jsonl\", contract=Desk)\n  {golden}\n"
        );
        let workspace = Workspace::new([("contracts/c.contract", contracts.as_str()), ("features/f.dsl", feature.as_str())]);
        assert_eq!(errors(&workspace), wanted, "{golden}\n{}", workspace.concise());
    }
}

#[test]
fn a_golden_keeps_no_trace_of_what_a_guard_read() {
    let contracts = format!(
        "{CONTRACTS}\nContract: Flagged\n  @version(1.0.0)\n  @owner(crm)\n  @classification(restricted)\n  id  int64\n  flag  string\n"
    );
    for (golden, wanted) in [
        ("@golden(output=\"g.jsonl\")", vec!["E0502"]),
        ("@golden(people=\"p.csv\", output=\"g.jsonl\")", vec![]),
        ("@golden(orders=\"o.csv\", output=\"g.jsonl\")", vec!["E0502"]),
    ] {
        let feature = format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Person) as people\n  \
             @source(type=csv, path=\"o.csv\", contract=Order) as orders\n  @step(name=T, from=people)\n    @when salary > 52017\n    \
             @do flag = 'rich'\n  @step(name=U)\n    @do keep id, flag\n  @sink(type=json, path=\"out.jsonl\", contract=Flagged)\n  \
             {golden}\n"
        );
        let workspace = Workspace::new([("contracts/c.contract", contracts.as_str()), ("features/f.dsl", feature.as_str())]);
        assert_eq!(errors(&workspace), wanted, "{golden}\n{}", workspace.concise());
    }
}

#[test]
fn a_golden_of_raw_records_wants_made_up_rows() {
    for (raw, golden, wanted) in [
        (true, "@golden(output=\"g.jsonl\", sink=invalid)", vec!["E0502"]),
        (true, "@golden(people=\"p.csv\", output=\"g.jsonl\", sink=invalid)", vec![]),
        (false, "@golden(output=\"g.jsonl\", sink=invalid)", vec![]),
    ] {
        let feature = format!(
            "Feature: F\n\n@herd(h)\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Person) as people\n  \
             @sink(type=json, path=\"dlq.jsonl\", on=invalid)\n  {golden}\n"
        );
        let herd = format!("name = \"h\"\n[permissions]\nraw_quarantine = {raw}\n");
        let files = [("contracts/c.contract", CONTRACTS), ("herds/h.herd", herd.as_str()), ("features/f.dsl", feature.as_str())];
        let workspace = Workspace::new(files);
        assert_eq!(errors(&workspace), wanted, "{raw} {golden}\n{}", workspace.concise());
    }
}

#[test]
fn a_mask_that_changes_nothing_is_no_mask() {
    let check = |value: &str, ty: &str, to: &str| {
        let contracts = format!(
            "{CONTRACTS}\nContract: Born\n  @version(1.0.0)\n  @owner(crm)\n  born  date  @pii(birth)\n  paid  decimal(10, 2)  @pii(pay)\n  \
             n  int64  @pii(n)\n  f  float64  @pii(f)\n\nContract: Out\n  @version(1.0.0)\n  @owner(crm)\n  v  {ty}  @mask(generalise, to={to})\n"
        );
        let feature = format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"b.csv\", contract=Born) as born_rows\n  @step(name=T)\n    \
             @do select {value} as v from born_rows\n  @sink(type=json, path=\"out.jsonl\", contract=Out)\n"
        );
        let workspace = Workspace::new([("contracts/c.contract", contracts.as_str()), ("features/f.dsl", feature.as_str())]);
        let mut codes = errors(&workspace);
        codes.dedup();
        codes
    };
    for (value, ty, to) in [
        ("born", "date", "day"),
        ("n", "int64", "1"),
        ("n", "int64", "0.5"),
        ("paid", "decimal(10, 2)", "0.01"),
        ("paid", "decimal(10, 2)", "0.015"),
        ("f", "float64", "0.001"),
        ("f", "float64", "1"),
        // The field could hold finer values than it gets.
        ("n", "decimal(22, 2)", "0.1"),
        ("paid", "decimal(20, 4)", "0.01"),
    ] {
        assert_eq!(check(value, ty, to), ["E0308"], "{value} {ty} {to}");
    }
    for (value, ty, to) in [
        ("born", "date", "month"),
        ("cast(born as timestamp)", "timestamp", "month"),
        ("n", "int64", "10"),
        ("n", "decimal(22, 2)", "10"),
        ("paid", "decimal(10, 2)", "0.1"),
        ("f", "float64", "1000"),
    ] {
        assert_eq!(check(value, ty, to), Vec::<String>::new(), "{value} {ty} {to}");
    }
}

#[test]
fn rows_that_a_classified_dataset_chooses_are_said_aloud_where_they_lose_the_classification() {
    let contracts = format!(
        "{CONTRACTS}\nContract: Pay\n  @version(1.0.0)\n  @owner(crm)\n  @classification(restricted)\n  pay  int64\n  \
         team  int64  @classification(public)\n\nContract: PayOut\n  @version(1.0.0)\n  @owner(crm)\n  @classification(restricted)\n  \
         pay  int64\n"
    );
    let notes = |steps: &str, sink: &str| {
        let feature = format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"p.csv\", contract=Pay) as pays\n  \
             @source(type=csv, path=\"o.csv\", contract=Order) as orders\n  @step(name=T)\n    @do {steps}\n  \
             @sink(type=json, path=\"out.jsonl\"{sink})\n"
        );
        let workspace = Workspace::new([("contracts/c.contract", contracts.as_str()), ("features/f.dsl", feature.as_str())]);
        assert_eq!(errors(&workspace), Vec::<String>::new(), "{steps}\n{}", workspace.concise());
        workspace.check().iter().filter(|d| d.code == "W0501").count()
    };
    assert_eq!(notes("select o.id from orders o join pays p on o.amount = p.pay", ""), 1);
    assert_eq!(notes("select team from pays where pay > 10", ""), 1);
    assert_eq!(notes("keep where pay > 10\n    @do keep team", ""), 1);
    // What comes out is as restricted as what chose it.
    assert_eq!(notes("select pay from pays where pay > 10", ", contract=PayOut"), 0);
    assert_eq!(notes("select team from pays where team > 10", ""), 0);
}
