//! One error for one mistake, with the real engine behind the compiler.
#![allow(clippy::unwrap_used)]

use runi_engine::sql::DataFusionEngine;
use runi_lang::workspace::{MemoryTree, Workspace};
use std::sync::Arc;

fn codes(body: &str) -> Vec<String> {
    errors(&format!(
        "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @step(name=Z)\n    @do   {body}\n  @sink(type=json, path=\"out/z.jsonl\")\n"
    ))
}

fn errors(feature: &str) -> Vec<String> {
    let files = [
        ("Runi.toml", "[workspace]\nname = \"t\"\n"),
        ("contracts/c.contract", "Contract: C\n  @version(1.0.0)\n  @owner(x)\n\n  id  int64  @required\n"),
        ("features/f.dsl", feature),
        ("data/c.csv", "id\n1\n"),
    ];
    let tree = Arc::new(MemoryTree::new(files.iter().map(|(path, text)| ((*path).to_owned(), *text))));
    let mut workspace = Workspace::with_tree(tree, None).unwrap();
    let report = workspace.check(|| Arc::new(DataFusionEngine::new()) as Arc<dyn runi_lang::sql::SqlEngine>).unwrap();
    report.diagnostics.iter().map(|diagnostic| diagnostic.code.clone()).collect()
}

#[test]
fn a_quote_or_a_bracket_that_never_closes_is_one_error() {
    assert_eq!(codes("select (id from c"), ["E0006"]);
    assert_eq!(codes("select 'id from c"), ["E0005"]);
    assert_eq!(codes("x = (id + 1"), ["E0006"]);
    assert_eq!(codes("x = concat('a"), ["E0005"]);
    assert_eq!(codes("select id,, id from c"), ["E0201"]);
    assert_eq!(codes("select id from c"), Vec::<String>::new());
}

#[test]
fn a_misspelled_tag_is_one_error() {
    let right = "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @step(name=A)\n    @when id > 0\n    @then id > 1\n    @do   id = id + 1\n  @sink(type=json, path=\"out/z.jsonl\")\n";
    assert_eq!(errors(right), Vec::<String>::new());
    for (tag, wrong, code) in [
        ("@step(", "@stp(", "E0013"),
        ("@step(name=A)", "@step", "E0016"),
        ("@when", "@wen", "E0013"),
        ("@then", "@than", "E0013"),
        ("@do", "@doo", "E0013"),
        ("@sink", "@snk", "E0013"),
    ] {
        assert_eq!(errors(&right.replace(tag, wrong)), [code], "{wrong}");
    }
}

/// Two sources, a step of each kind, two sinks and what stands around them: it gives no error.
const FEATURE: &str = r#"Feature: Trades

Scenario: Large trades
  Given trades arrive
  @source(type=csv, path="data/t.csv", contract=Trade) as trades
  @source(type=csv, path="data/v.csv", contract=Venue) as venues
  @step(name=Priced)
    @when "it has a price": price > 1
    @then "it stays": price > 0
    @do   price = price * 2, doubled = true
  @step(name=Joined)
    @do   select p.id, p.price, v.city
          from Priced p join venues v on p.venue = v.venue
  Then all is well
  @sink(type=json, path="out/large.jsonl", name=large) when price > 100
  @sink(type=json, path="out/rest.jsonl", name=rest) otherwise
  @quality(max_invalid=1%)
  @assert "nothing lost": valid(trades) <= read(trades)

Step: Trimmed(column: column<string>)
  @do   $column = trim($column)

  Examples: blanks go
    | column |
    | " a "  |
    become
    | column |
    | a      |
"#;

const CONTRACTS: &str = r#"Contract: Trade
  @version(1.0.0)
  @owner(markets)

  id     string         @required @length(min=1, max=20)  "What the venue calls it"
  price  float64        @range(min=0)
  venue  string
  side   enum(buy, sell)
  day    date
  legs   list<string>

  @key(id)
  @rule "priced": price >= 0

Contract: Venue
  @version(1.0.0)
  @owner(markets)

  venue  string  @required
  city   string
"#;

/// Every error, with the text under it.
fn told(contracts: &str, feature: &str) -> Vec<(String, String)> {
    let files = [
        ("Runi.toml", "[workspace]\nname = \"t\"\n"),
        ("contracts/c.contract", contracts),
        ("features/f.dsl", feature),
        ("data/t.csv", "id,price,venue,side,day\n"),
        ("data/v.csv", "venue,city\n"),
    ];
    let tree = Arc::new(MemoryTree::new(files.iter().map(|(path, text)| ((*path).to_owned(), *text))));
    let mut workspace = Workspace::with_tree(tree, None).unwrap();
    let report = workspace.check(|| Arc::new(DataFusionEngine::new()) as Arc<dyn runi_lang::sql::SqlEngine>).unwrap();
    let tell = |diagnostic: &runi_lang::diagnostic::Diagnostic| {
        let text = if &*diagnostic.place.path == "features/f.dsl" { feature } else { contracts };
        (diagnostic.code.clone(), diagnostic.place.text_range().map_or("", |range| &text[range]).to_owned())
    };
    report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).map(tell).collect()
}

/// What is written, what is written instead, the code of the one error, the text that it points at.
#[rustfmt::skip]
const SLIPS: &[(&str, &str, &str, &str)] = &[
    ("Scenario: Large", "Scenario Large", "E0029", "Scenario"),
    ("Feature: Trades", "Feature Trades", "E0029", "Feature"),
    ("Contract: Trade\n", "Contract Trade\n", "E0029", "Contract"),
    ("Step: Trimmed", "Step Trimmed", "E0029", "Step"),
    ("Examples: blanks", "Examples blanks", "E0029", "Examples"),
    ("path=\"data/t.csv\",", "path=\"data/t.csv,", "E0005", "\"data/t.csv, contract=Trade) as trades"),
    ("path=\"data/t.csv\",", "path=data/t.csv\",", "E0005", "\", contract=Trade) as trades"),
    ("@source(type=csv, path=\"data/t.csv\"", "@sorce(type=csv, path=\"data/t.csv\"", "E0013", "@sorce"),
    ("@source(type=csv, path=\"data/v.csv\"", "@srce(type=csv, path=\"data/v.csv\"", "E0013", "@srce"),
    ("list<string>", "list<string", "E0009", ""),
    ("Contract: Trade\n", "Contract:\n", "E0009", ""),
    ("@length(min=1, max=20)", "@length(min=1, max=-1)", "E0017", "-1"),
    ("day    date", "day; date", "E0008", ";"),
    ("day    date", "day: date", "E0008", ":"),
    ("day    date", "day = date", "E0008", "="),
    ("when price > 100", "wen price > 100", "E0008", "wen"),
    ("when \"it has", "wen \"it has", "E0013", "@wen"),
    ("select p.id, p.price, v.city", "select p.*, v.*", "E0205", "v.*"),
    ("price * 2", "price * @x", "E0008", "@x"),
    ("price * 2", "price * @step", "E0008", "@step"),
    ("p.id, p.price", "p.id, @x, p.price", "E0008", "@x"),
    ("p.id, p.price", "p.id p.price", "E0201", "."),
    ("csv, path=\"data/t.csv\"", "csv path=\"data/t.csv\"", "E0009", ""),
    ("contract=Trade) as trades", "contract=Trade as trades", "E0006", "("),
    ("@step(name=Priced)", "@step(name=Priced", "E0006", "("),
    ("@step(name=Priced)", "@step name=Priced", "E0008", "name=Priced"),
    ("@step(name=Priced)", "@step(nme=Priced)", "E0014", "nme"),
    ("@step(name=Priced)", "@step()", "E0016", "@step"),
    ("@required @length", "@Required @length", "E0013", "@Required"),
    ("@required @length", "@requird @length", "E0013", "@requird"),
    ("@required @length", "required @length", "E0008", "required"),
    ("id     string ", "id     strng ", "E0019", "strng"),
    ("id     string ", "id     String ", "E0019", "String"),
    ("id     string ", "id     ", "E0009", ""),
    ("@sink(type=json, path=\"out/large.jsonl\", name=large) when", "@Sink(type=json, path=\"out/large.jsonl\", name=large) when", "E0013", "@Sink"),
    ("type=csv, path=\"data/t.csv\"", "type:csv, path=\"data/t.csv\"", "E0014", "type:csv"),
    ("type=csv, path=\"data/t.csv\"", "type==csv, path=\"data/t.csv\"", "E0014", "type==csv"),
    ("type=csv, path=\"data/t.csv\"", "typ=csv, path=\"data/t.csv\"", "E0112", "csv"),
    ("type=csv, path=\"data/t.csv\"", "type=cvs, path=\"data/t.csv\"", "E0110", "cvs"),
    ("type=csv, path=\"data/t.csv\"", "type=csv, pth=\"data/t.csv\"", "E0112", "\"data/t.csv\""),
    ("contract=Trade) as", "contract=Trad) as", "E0101", "Trad"),
    ("contract=Trade) as", "contact=Trade) as", "E0112", "Trade"),
    (") as trades", ") as", "E0009", ""),
    (") as trades", ") trades", "E0008", "trades"),
    (") as trades", ") a trades", "E0008", "a trades"),
    (") as trades", ")", "E0103", "trades"),
    ("  Given trades", "given trades", "E0008", "given trades arrive"),
    ("  Given trades", "Gven trades", "E0008", "Gven trades arrive"),
    ("  Then all", "then all", "E0201", "then"),
    ("otherwise", "otherwse", "E0008", "otherwse"),
    ("price = price * 2, doubled = true", "price = price * 2 doubled = true", "E0201", "doubled"),
    ("price = price * 2, doubled = true", "price == price * 2", "E0021", "price == price * 2"),
    ("price = price * 2, doubled = true", "price := price * 2", "E0021", "price := price * 2"),
    ("price = price * 2, doubled = true", "price = price * ", "E0201", ""),
    ("price = price * 2, doubled = true", "price = prce * 2", "E0102", "prce"),
    ("price = price * 2, doubled = true", "price = (price * 2, doubled = true", "E0006", "("),
    ("price = price * 2, doubled = true", "price = price * 2), doubled = true", "E0201", ")"),
    ("price = price * 2, doubled = true", "price = roud(price), doubled = true", "E0107", "roud"),
    ("\"it has a price\": price > 1", "\"it has a price\" price > 1", "E0201", "price"),
    ("\"it has a price\": price > 1", "\"it has a price: price > 1", "E0005", "\"it has a price: price > 1"),
    ("\"it has a price\": price > 1", "'it has a price': price > 1", "E0202", "'it has a price': price > 1"),
    ("\"it has a price\": price > 1", "price > 1 and", "E0201", ""),
    ("\"it has a price\": price > 1", "price => 1", "E0201", "=>"),
    ("\"it has a price\": price > 1", "venue = \"XNYS\"", "E0118", "\"XNYS\""),
    ("\"it has a price\": price > 1", "", "E0028", ""),
    ("select p.id,", "selct p.id,", "E0021", "selct p.id"),
    ("from Priced p", "form Priced p", "E0201", "Priced"),
    ("from Priced p", "from Pricd p", "E0103", "Pricd p"),
    ("from Priced p join", "from Priced p jion", "E0201", "jion"),
    ("on p.venue = v.venue", "on p.venu = v.venue", "E0102", "p.venu"),
    ("@quality(max_invalid=1%)", "@quality(max_invalid=1)", "E0017", "1"),
    ("@quality(max_invalid=1%)", "@quality(maxinvalid=1%)", "E0014", "maxinvalid"),
    ("@quality(max_invalid=1%)", "@qualty(max_invalid=1%)", "E0013", "@qualty"),
    ("valid(trades) <=", "vald(trades) <=", "E0107", "vald"),
    ("valid(trades) <=", "valid(trade) <=", "E0103", "trade"),
    ("enum(buy, sell)", "enum(buy sell)", "E0020", "buy sell"),
    ("enum(buy, sell)", "enum[buy, sell]", "E0008", "[buy, sell]"),
    ("enum(buy, sell)", "enum", "E0020", "enum"),
    ("@key(id)", "@key(idd)", "E0102", "@key(idd)"),
    ("@key(id)", "@key id", "E0008", "id"),
    ("@key(id)", "@ky(id)", "E0013", "@ky"),
    ("@range(min=0)", "@range(0)", "E0014", "0"),
    ("@range(min=0)", "@range(min=a)", "E0206", "@range(min=a)"),
    ("@range(min=0)", "@range(min=10, max=1)", "E0303", "@range(min=10, max=1)"),
    ("@rule \"priced\": price >= 0", "@rule \"priced\": prce >= 0", "E0102", "prce"),
    ("@rule \"priced\": price >= 0", "rule \"priced\": price >= 0", "E0008", "rule \"priced\": price >= 0"),
    ("@version(1.0.0)\n  @owner(markets)\n\n  id", "@version(1.0)\n  @owner(markets)\n\n  id", "E0017", "1.0"),
    ("@version(1.0.0)\n  @owner(markets)\n\n  id", "@version 1.0.0\n  @owner(markets)\n\n  id", "E0008", "1.0.0"),
    ("\"What the venue calls it\"", "What the venue calls it", "E0008", "What the venue calls it"),
    ("\"What the venue calls it\"", "\"What the venue calls it", "E0005", "\"What the venue calls it"),
    ("(column: column<string>)", "(column: column<string)", "E0009", ""),
    ("$column = trim($column)", "$colum = trim($column)", "E0108", "$colum"),
    ("$column = trim($column)", "$column = trim($colum)", "E0108", "$colum"),
    ("    become\n", "", "E0027", "blanks go"),
    ("    become\n", "becomes\n", "E0029", "becomes"),
    ("| \" a \"  |", "| \" a \"  | b |", "E0026", "| \" a \"  | b |"),
    ("| a      |", "a", "E0008", "a"),
    ("Examples: blanks", "Example: blanks", "E0029", "Example:"),
    ("Scenario: Large", "Scenaro: Large", "E0029", "Scenaro:"),
    ("Scenario: Large", "Scenario : Large", "E0029", "Scenario :"),
    ("Scenario: Large trades", "Scenario:", "E0009", ""),
    ("Step: Trimmed(", "Step: (", "E0009", ""),
    ("@sink(type=json, path=\"out/rest.jsonl\", name=rest) otherwise", "", "E0404", "@sink(type=json, path=\"out/large.jsonl\", name=large) when price > 100"),
    ("@sink(type=json, path=\"out/large.jsonl\", name=large) when price > 100", "@sink(type=json, path=\"out/large.jsonl\", name=large) when", "E0028", ""),
    ("@sink(type=json, path=\"out/large.jsonl\", name=large) when price > 100", "@sink(type=json, path=\"out/large.jsonl\", name=large) price > 100", "E0008", "price > 100"),
    ("@sink(type=json, path=\"out/large.jsonl\", name=large)", "@sink(type=json, path=\"out/large.jsonl, name=large)", "E0005", "\"out/large.jsonl, name=large) when price > 100"),
    ("@sink(type=json, path=\"out/large.jsonl\", name=large)", "@snk(type=json, path=\"out/large.jsonl\", name=large)", "E0013", "@snk"),
    ("Feature: Trades\n", "Feature: Trades\n  some words\n  and more words\n", "E0008", "some words"),
    ("@source(type=csv, path=\"data/v.csv\"", "source(type=csv, path=\"data/v.csv\"", "E0008", "source(type=csv, path=\"data/v.csv\", contract=Venue) as venues"),
    ("price = price * 2, doubled = true", "price = price * (@x + 1)", "E0008", "@x"),
    ("day    date", "day, date", "E0008", ","),
    ("@when \"it has", "when \"it has", "E0008", "when \"it has a price\": price > 1"),
    ("enum(buy, sell)", "enum(buy, sell", "E0006", "("),
    ("enum(buy, sell)", "enum(buy sell", "E0006", "("),
    ("  id     string         @required @length(min=1, max=20)", "  string         @required @length(min=1, max=20)", "E0009", ""),
    ("  legs   list<string>", "  list<string>", "E0009", ""),
    ("side   enum(buy, sell)", "enum(buy, sell)", "E0009", ""),
    ("$column = trim($column)", "column = trim(column)", "E0102", "column"),
    ("$column = trim($column)", "column = trim($column)", "E0310", "column"),
    ("$column = trim($column)", "$column = trim(column)", "E0102", "column"),
    ("(column: column<string>)", "(column: column)", "E0020", "column"),
    ("(column: column<string>)", "(column: column<strng>)", "E0019", "strng"),
    ("@step(name=Joined)", "step(name=Joined)", "E0008", "step(name=Joined)"),
    ("@do   price = price * 2, doubled = true", "do   price = price * 2, doubled = true", "E0008", "do   price = price * 2, doubled = true"),
];

#[test]
fn one_slip_is_one_error_at_its_place() {
    assert_eq!(told(CONTRACTS, FEATURE), []);
    let mut wrong = Vec::new();
    for (right, slip, code, under) in SLIPS {
        let (contracts, feature) = (CONTRACTS.replacen(right, slip, 1), FEATURE.replacen(right, slip, 1));
        // A text that both files have is meant in the feature.
        let told = if feature == FEATURE { told(&contracts, FEATURE) } else { told(CONTRACTS, &feature) };
        if told != [((*code).to_owned(), (*under).to_owned())] {
            wrong.push(format!("{right:?} => {slip:?}: {told:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

type Told = (&'static str, &'static str, &'static str);

/// Actions over a view of each kind of column, and every problem that each gives: the code, the text that it points at,
/// and a part of what it says.
#[rustfmt::skip]
const ACTIONS: &[(&str, &[Told])] = &[
    ("select id from c union select id, city from d", &[("E0205", "select id, city from d", "2 columns (`id`, `city`)")]),
    ("select id, price from c intersect select id from d", &[("E0205", "select id from d", "1 column (`id`)")]),
    ("(select id from c) intersect (select id from d)", &[]),
    ("((select id from c) union all (select id from d)) except (select id from d)", &[]),
    ("(select id from c) union (select id, city from d)", &[("E0205", "select id, city from d", "this side of the `union`")]),
    ("select id, sum(price) as s from c", &[("E0205", "id", "`id` is neither in the `group by`")]),
    ("select id, name, sum(price) as s from c group by id", &[("E0205", "name", "`name` is neither")]),
    ("select * from c group by id", &[("E0205", "*", "is neither")]),
    ("select id from c having price > 1", &[("E0205", "having", "neither in the `group by`")]),
    ("select id from c where sum(price) > 1", &[("E0204", "sum(price)", "a `where` cannot hold")]),
    ("select id from c where row_number() over () > 1", &[("E0204", "row_number", "a window function")]),
    ("select sum(sum(price)) as s from c", &[("E0204", "sum(price)", "inside another aggregate")]),
    ("select sum(sum(price)) over () as s from c", &[]),
    ("select sum(cast(id as int)) over () as a, sum(cast(id as bigint)) over () as b from c", &[("E0205", "over", "differ only in a `cast`")]),
    ("select count(*) as n from c group by sum(price)", &[("E0204", "sum(price)", "a `group by` cannot hold")]),
    ("select id, sum(name) as s, upper(id, 2) as u from c group by id", &[
        ("E0202", "sum(name)", "`sum` does not take (string)"),
        ("E0202", "upper(id, 2)", "`upper` does not take (int64, int64)"),
    ]),
    ("select upper() as x from c", &[("E0202", "upper", "`upper` does not take ()")]),
    ("select round(name) as x from c", &[("E0202", "round(name)", "`round` does not take (string)")]),
    ("select id + name as x, id and ok as y from c", &[
        ("E0202", "id + name", "`+` does not take int64 and string"),
        ("E0202", "id and ok", "`and` does not take int64 and boolean"),
    ]),
    ("select id from c where id", &[("E0202", "id", "must be true or false, and this is int64")]),
    ("select id from c where name > 1", &[("E0202", "name > 1", "`>` does not take string and int64")]),
    ("select c.id from c join d on c.id = d.city", &[("E0202", "c.id = d.city", "`=` does not take int64 and string")]),
    ("select c.id from c join d on c.id", &[("E0202", "c.id", "what stands after `on`")]),
    ("select id from c where id = (select city from d)", &[("E0202", "id = (select city from d)", "int64 and string")]),
    ("select x.id from (select id + name as id from c) x", &[("E0202", "id + name", "int64 and string")]),
    ("with x as (select upper(id, id) as id from c) select id from x", &[("E0202", "upper(id, id)", "`upper` does not take")]),
    ("select cast('abc' as int) as x from c", &[("E0206", "'abc'", "`abc` is not of type `int32`")]),
    ("select id from c where day > '2020-13-01'", &[("E0206", "'2020-13-01'", "not of type `date`")]),
    ("x = cast('abc' as int)", &[("E0206", "'abc'", "`abc` is not of type `int32`")]),
    ("x = date '2020-13-01'", &[("E0206", "'2020-13-01'", "`date`")]),
    ("x = timestamp 'x'", &[("E0206", "'x'", "timestamp")]),
    ("x = interval 'x'", &[("E0206", "'x'", "`x` is not of type `interval`")]),
    ("x = name = 'x' and day + interval 'x' > day", &[("E0206", "'x'", "`interval`")]),
    ("x = day + interval '1' month", &[]),
    ("x = day + interval '1x' month", &[("E0206", "'1x'", "`interval`")]),
    ("select id, interval 'y' as y from c", &[("E0206", "'y'", "`y` is not of type `interval`")]),
    ("select id, price from c order by 7", &[("E0205", "7", "no output column number 7: the `select` has 2 columns (`id`, `price`)")]),
    ("select id + 7 as id, price from c order by price, 0 desc", &[("E0205", "0", "number 0")]),
    ("select id from c union all select id from d order by 2", &[("E0205", "2", "has 1 column (`id`)")]),
    ("with x as (select id from c order by 3) select id from x", &[("E0205", "3", "number 3")]),
    ("select id, price from c order by 2, 1", &[]),
    ("select * from c order by 6", &[]),
    ("select * from c order by 8", &[("E0205", "8", "has 6 columns")]),
    ("select id, price from c group by 1, 3", &[("E0205", "3", "no output column number 3")]),
    ("select id from c limit 'a'", &[("E0202", "'a'", "after `limit` is a number of rows")]),
    ("select id from c limit -1", &[("E0202", "-1", "after `limit`")]),
    ("select id from c limit 1.5", &[("E0202", "1.5", "and `1.5` is none")]),
    ("select id from c limit 5 offset 'b'", &[("E0202", "'b'", "after `offset`")]),
    ("select id from (select id from c limit true) x", &[("E0202", "true", "after `limit`")]),
    ("select id from c limit 5 * 2 offset 1", &[]),
    ("select id from c limit 1 - 5", &[("E0202", "limit", "a number that is written out")]),
    ("x = day > 'abc'", &[("E0206", "'abc'", "`date`")]),
    ("x = cast(300 as tinyint)", &[("E0206", "300", "`int8`")]),
    ("x = try_cast('abc' as int)", &[]),
    ("x = cast('2020-12-01' as date) < day and interval '1 day' is not null", &[]),
    ("keep where side = 'bye'", &[("W0214", "'bye'", "`side` is never `bye`")]),
    ("keep where 'BUY' <> side or side in ('buy', 'sel')", &[("W0214", "'BUY'", "`BUY`"), ("W0214", "'sel'", "`sel`")]),
    ("x = case side when 'buy' then 1 when 'sold' then 2 end", &[("W0214", "'sold'", "`sold`")]),
    ("keep where side in ('buy', 'sell') or name = 'bye'", &[]),
    ("select id from c t where t.side = 'bye'", &[("W0214", "'bye'", "`bye`")]),
    ("with x as (select side as way from c) select case way when 'by' then 1 end as n from x", &[("W0214", "'by'", "`way` is never `by`")]),
    ("select id from c where upper(side) = 'BUY'", &[]),
];

#[test]
fn mistakes_in_sql_are_told_at_their_place() {
    let contracts = "Contract: C\n  @version(1.0.0)\n  @owner(x)\n\n  id  int64  @required\n  name  string\n  price  float64\n  side  enum(buy, sell)\n  day  date\n  ok  boolean\n\nContract: D\n  @version(1.0.0)\n  @owner(x)\n\n  id  int64\n  city  string\n";
    let mut wrong = Vec::new();
    for (action, expected) in ACTIONS {
        let feature = format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @source(type=csv, path=\"data/d.csv\", contract=D) as d\n  @step(name=Z, from=c)\n    @do   {action}\n  @sink(type=json, path=\"out/z.jsonl\")\n"
        );
        let files = [
            ("Runi.toml", "[workspace]\nname = \"t\"\n"),
            ("contracts/c.contract", contracts),
            ("features/f.dsl", &feature),
            ("data/c.csv", "id\n"),
            ("data/d.csv", "id\n"),
        ];
        let tree = Arc::new(MemoryTree::new(files.iter().map(|(path, text)| ((*path).to_owned(), *text))));
        let mut workspace = Workspace::with_tree(tree, None).unwrap();
        let report = workspace.check(|| Arc::new(DataFusionEngine::new()) as Arc<dyn runi_lang::sql::SqlEngine>).unwrap();
        let told: Vec<(String, String, String)> = report
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_error() || diagnostic.code == "W0214")
            .map(|diagnostic| {
                let text = diagnostic.place.text_range().map_or("", |range| &feature[range]);
                assert!(diagnostic.help.is_some(), "{diagnostic:?}");
                (diagnostic.code.clone(), text.to_owned(), diagnostic.message.clone())
            })
            .collect();
        let same = told.len() == expected.len()
            && told.iter().zip(*expected).all(|(told, (code, under, says))| told.0 == *code && told.1 == *under && told.2.contains(says));
        if !same {
            wrong.push(format!("{action}: {told:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_column_of_a_bad_expression_is_known_from_there_on() {
    let step = |body: &str| {
        errors(&format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @step(name=Z)\n{body}  @sink(type=json, path=\"out/z.jsonl\")\n"
        ))
    };
    assert_eq!(step("    @then y > 0\n    @do   x = idd + 1\n    @do   y = x * 2, z = x\n    @do   drop z\n"), ["E0102"]);
    assert_eq!(step("    @do   rename idd to number\n    @do   y = number * 2\n"), ["E0102"]);
}

#[test]
fn a_condition_in_a_then_line_is_a_check_or_an_error() {
    let line = |then: &str| {
        errors(&format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  Then {then}\n  @sink(type=json, path=\"out/z.jsonl\")\n"
        ))
    };
    for (then, code) in [
        ("none is free `id > 0`", "E0031"),
        ("none is free: `id > 0` at all", "E0031"),
        ("`id is not null` holds", "E0031"),
        ("`abs(id)` is fine", "E0031"),
        ("none is free: `idd > 0`.", "E0102"),
        ("the rows of `nobody` are there", "E0103"),
        ("`c.idd` is there", "E0103"),
        ("`nobody.id` is there", "E0103"),
    ] {
        assert_eq!(line(then), [code], "{then}");
    }
    for then in ["none is free: `id > 0`.", "`c.id` and `C.id` and `id` are there", "they are in `out/z.jsonl`", "`order-items` are kept"] {
        assert_eq!(line(then), Vec::<String>::new(), "{then}");
    }
}

#[test]
fn the_place_of_a_wrong_view_in_an_assertion_is_its_name() {
    let feature = "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as orders\n  @assert read(order) > 0\n  @sink(type=json, path=\"out/z.jsonl\")\n";
    let files = [
        ("Runi.toml", ""),
        ("contracts/c.contract", "Contract: C\n  id  int64  @required\n"),
        ("features/f.dsl", feature),
        ("data/c.csv", "id\n1\n"),
    ];
    let tree = Arc::new(MemoryTree::new(files.iter().map(|(path, text)| ((*path).to_owned(), *text))));
    let mut workspace = Workspace::with_tree(tree, None).unwrap();
    let report = workspace.check(|| Arc::new(DataFusionEngine::new()) as Arc<dyn runi_lang::sql::SqlEngine>).unwrap();
    assert_eq!(&feature[report.diagnostics[0].place.text_range().unwrap()], "order");
}

#[test]
fn a_body_without_its_tag_is_one_error() {
    let feature = |line: &str| {
        format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"data/c.csv\", contract=C) as c\n  @step(name=Z)\n    {line}\n  @sink(type=json, path=\"out/z.jsonl\")\n"
        )
    };
    assert_eq!(errors(&feature("x = id + 1")), ["E0008"]);
    assert_eq!(errors(&feature("select id from c")), ["E0008"]);
    assert_eq!(errors(&feature("")), ["E0104"]);
}
