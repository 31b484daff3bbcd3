//! Rewrites that mean the same are no change; what only looks like one is.

use super::support::{Version, changes, engine, told};

/// A text and what takes its place.
type Edit<'a> = (&'a str, &'a str);

const BASE: &str = r#"Feature: Trades

Scenario: Clean trades
  Given trades
  @source(type=csv, path="data/trades.csv", contract=Trade) as trades
  @source(type=csv, path="data/instruments.csv", contract=Instrument) as instruments

  When they are valued
  @step(name=Value)
    @when "both": price is not null and quantity between 1 and 100
    @then "no debt": worth >= 0 and quantity <> 0
    @do   worth = price * 2.5, code = lower(symbol)

  @step(name=Large)
    @do   keep where worth > 10 or symbol = 'X'

  @step(name=Joined)
    @do   with named as (select symbol as sym, currency from instruments where currency <> 'EUR')
          select t.*, n.currency as paid_in
          from Large t left join named n on t.symbol = n.sym and n.currency <> 'USD'

  Then they are kept
  And all are worth something: `worth > 0 and code is not null`
  @sink(type=parquet, path="out/large.parquet", contract=TradeOut) when worth > 100 and paid_in = 'GBP'
  @sink(type=csv, path="out/small.csv", contract=TradeOut, name=small) otherwise

  @quality(max_invalid=2%)
  @assert "nothing lost": valid(trades) + invalid(trades) = read(trades)

@module(domain=common)
Step: Clamp(low: float64, column: column<float64>) needs quantity int64
  @when "there is one": $column is not null and quantity > 0
  @then "not below": $column >= $low
  @do   $column = case when $column < $low then $low else $column + $low end
"#;

fn differences(old: &str, new: &str) -> Vec<String> {
    let engine = engine();
    let side = |text: &str| {
        let (version, errors) = Version::of_feature("features/trades.dsl", text, engine.as_ref());
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        version
    };
    told(&changes(&side(old), &side(new), engine.as_ref()))
}

fn edited(edits: &[Edit<'_>]) -> String {
    edits.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` is not there");
        text.replacen(from, to, 1)
    })
}

#[test]
fn rewrites_are_no_change() {
    let cases: &[(&str, &[Edit<'_>])] = &[
        (
            "layout and comments",
            &[("    @do   worth = price * 2.5, code", "    # the price in cents\n    @do   worth=price*2.5,\n      code")],
        ),
        ("case of keywords", &[("price is not null and quantity", "price IS NOT NULL AND quantity")]),
        (
            "order of conjunctions",
            &[("price is not null and quantity between 1 and 100", "quantity between 1 and 100 and price is not null")],
        ),
        ("between and comparisons", &[("quantity between 1 and 100", "1 <= quantity and quantity <= 100")]),
        ("brackets", &[("worth > 10 or symbol = 'X'", "(worth > 10) or ((symbol = 'X'))")]),
        ("order of disjunctions", &[("worth > 10 or symbol = 'X'", "symbol = 'X' or worth > 10")]),
        ("not equal", &[("quantity <> 0", "quantity != 0")]),
        ("sides", &[("worth = price * 2.5", "worth = 2.5 * price"), ("worth >= 0 and", "0 <= worth and")]),
        ("not of a comparison", &[("worth >= 0", "not (worth < 0)")]),
        ("order of assignments", &[("worth = price * 2.5, code = lower(symbol)", "code = lower(symbol), worth = price * 2.5")]),
        ("two guards for one", &[("price is not null and quantity", "price is not null\n    @when \"some\": quantity")]),
        (
            "aliases",
            &[
                ("select t.*, n.currency", "select x.*, y.currency"),
                (
                    "from Large t left join named n on t.symbol = n.sym and n.currency",
                    "from Large x left join named y on x.symbol = y.sym and y.currency",
                ),
            ],
        ),
        ("names of CTEs", &[("with named as", "with foreign_ones as"), ("left join named n", "left join foreign_ones n")]),
        ("order in a join", &[("on t.symbol = n.sym and n.currency <> 'USD'", "on n.currency <> 'USD' and n.sym = t.symbol")]),
        ("check", &[("worth > 0 and code is not null", "code is not null and 0 < worth")]),
        ("prose", &[("When they are valued", "When each is valued"), ("all are worth something", "none is worthless")]),
        ("route", &[("worth > 100 and paid_in = 'GBP'", "paid_in = 'GBP' and worth > 100")]),
        ("layout of an assertion", &[("valid(trades) + invalid(trades) = read(trades)", "valid(trades)+invalid( trades )=read(trades)")]),
        (
            "a reusable step",
            &[
                ("$column is not null and quantity > 0", "quantity > 0 and $column is not null"),
                ("$column >= $low", "$low <= $column"),
                ("$column + $low", "$low + $column"),
            ],
        ),
    ];
    for (what, edits) in cases {
        assert_eq!(differences(BASE, &edited(edits)), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn what_only_looks_like_a_rewrite_is_a_change() {
    let cases: &[(&str, &[Edit<'_>], &str)] = &[
        ("other limits", &[("between 1 and 100", "between 0 and 100")], "W007"),
        ("and for or", &[("worth > 10 or", "worth > 10 and")], "W008"),
        ("keep for drop", &[("keep where worth > 10 or symbol = 'X'", "drop where not (worth > 10 or symbol = 'X')")], "W008"),
        ("null passes", &[("price is not null and", "not (price is null and quantity is null) and")], "W007"),
        ("a literal", &[("'EUR'", "'eur'")], "W009"),
        ("the kind of a join", &[("left join", "join")], "W009"),
        ("a join's condition as a filter", &[("and n.currency <> 'USD'", "where n.currency <> 'USD'")], "W009"),
        (
            "a star spelled out",
            &[("select t.*, n.currency", "select t.id, t.price, t.quantity, t.symbol, t.traded_at, t.worth, t.code, n.currency")],
            "W009",
        ),
        (
            "two blocks for one",
            &[("worth = price * 2.5, code = lower(symbol)", "worth = price * 2.5\n    @do   code = lower(symbol)")],
            "W006",
        ),
        ("a constant", &[("price * 2.5", "price * 2.50001")], "W006"),
        ("a reusable step's sides", &[("$column < $low", "$low < $column")], "W006"),
    ];
    for (what, edits, rule) in cases {
        let found = differences(BASE, &edited(edits));
        assert!(found.iter().any(|change| change.starts_with(rule)), "{what}: {found:?}");
    }
}

#[test]
fn narrower_and_wider_are_told() {
    let messages = |edits: &[Edit<'_>]| differences(BASE, &edited(edits)).join("\n");
    assert!(messages(&[("between 1 and 100", "between 1 and 50")]).ends_with("which is narrower"));
    assert!(messages(&[("between 1 and 100", "between 0 and 100")]).ends_with("which is wider"));
    assert!(messages(&[("worth > 100 and paid_in = 'GBP'", "worth > 100")]).ends_with("which is wider"));
    assert!(messages(&[("worth >= 0 and quantity <> 0", "worth >= 0")]).starts_with("V004"));
}

#[test]
fn without_plans_only_layout_is_seen_through() {
    let engine = engine();
    let side = |text: &str| Version::of_feature("features/trades.dsl", text, engine.as_ref()).0.unplanned();
    let told = |edits: &[Edit<'_>]| told(&changes(&side(BASE), &side(&edited(edits)), engine.as_ref()));
    assert_eq!(told(&[("worth > 10 or symbol = 'X'", "worth>10 OR symbol='X'")]), Vec::<String>::new());
    assert_eq!(told(&[("worth > 10 or symbol = 'X'", "symbol = 'X' or worth > 10")]).len(), 1);
}

#[test]
fn names_of_views_may_change_and_are_told_as_such() {
    let edits = [
        ("as instruments\n\n", "as reference\n\n"),
        ("from instruments where", "from reference where"),
        ("as trades\n", "as deals\n"),
        ("valid(trades) + invalid(trades) = read(trades)", "valid(deals) + invalid(deals) = read(deals)"),
        ("name=Large", "name=Big"),
        ("from Large t", "from Big t"),
    ];
    let found = differences(BASE, &edited(&edits));
    let wanted = [
        "W018 Clean trades [deals] the source `deals` was called `trades`",
        "W018 Clean trades [reference] the source `reference` was called `instruments`",
        "W018 Clean trades [Big] the step `Big` was called `Large`",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn a_name_that_goes_over_to_another_view_is_seen() {
    // The words stay, and `a` and `b` stand for each other's rows.
    let base = "Feature: F\n\nScenario: Copy\n  Given two\n  @source(type=csv, path=\"data/trades.csv\", contract=TradeBrief) as a\n  @source(type=csv, path=\"data/archive.csv\", contract=TradeBrief) as b\n\n  When one is taken\n  @step(name=Taken)\n    @do   select a.id from a left join b on a.id = b.id\n\n  Then it is kept\n  @sink(type=csv, path=\"out/a.csv\", contract=TradeBrief)\n";
    let swapped = base.replace("as a\n", "as c\n").replace("as b\n", "as a\n").replace("as c\n", "as b\n");
    assert_eq!(differences(base, &swapped).iter().filter(|change| change.starts_with("W010")).count(), 2);
    let renamed = base.replace("as a\n", "as first\n").replace("from a left", "from first left").replace("a.id", "first.id");
    assert_eq!(differences(base, &renamed), ["W018 Copy [first] the source `first` was called `a`"]);
    let turned = base.replace("select a.id from a left join b", "select b.id from b left join a");
    assert_eq!(differences(base, &turned).len(), 1);
}

#[test]
fn the_order_of_a_switch_and_of_sources_counts() {
    let switch = BASE.replace(
        "  @sink(type=csv, path=\"out/small.csv\"",
        "  @sink(type=csv, path=\"out/mid.csv\", contract=TradeOut, name=mid) when worth > 50\n  @sink(type=csv, path=\"out/small.csv\"",
    );
    let large = "  @sink(type=parquet, path=\"out/large.parquet\", contract=TradeOut) when worth > 100 and paid_in = 'GBP'\n";
    let mid = "  @sink(type=csv, path=\"out/mid.csv\", contract=TradeOut, name=mid) when worth > 50\n";
    let turned = switch.replace(&format!("{large}{mid}"), &format!("{mid}{large}"));
    assert_ne!(switch, turned);
    assert_eq!(differences(&switch, &turned), ["R005 Clean trades [mid] the sink `mid` is now asked before `trade_out`, was after it"]);

    let copy = "Feature: F\n\nScenario: Copy\n  Given two\n  @source(type=csv, path=\"data/trades.csv\", contract=TradeOut) as a\n  @source(type=csv, path=\"data/archive.csv\", contract=TradeOut) as b\n\n  Then one is kept\n  @sink(type=csv, path=\"out/a.csv\", contract=TradeOut)\n";
    let lines: Vec<&str> = copy.lines().collect();
    let turned = copy.replace(&format!("{}\n{}", lines[4], lines[5]), &format!("{}\n{}", lines[5], lines[4]));
    assert_eq!(differences(copy, &turned), ["R009 Copy [trade_out] the sink `trade_out` now takes the rows of `b`, took those of `a`"]);
}

#[test]
fn what_holds_anyway_may_be_written_out() {
    let new = edited(&[
        ("path=\"data/trades.csv\"", "path=\"./data//trades.csv\", header=true, delimiter=\",\", compression=auto"),
        ("path=\"out/large.parquet\"", "path=\"./out/large.parquet\", mode=overwrite"),
        ("path=\"out/small.csv\"", "path=\"out/./small.csv\", header=true, nulls=\"\""),
    ]);
    assert_eq!(differences(BASE, &new), Vec::<String>::new());
    let (none, all) = (Vec::<String>::new(), differences(BASE, &edited(&[("data/trades.csv\"", "data/trades.csv\", header=false")])));
    assert!(all != none && all.iter().any(|change| change.contains("`header` is now `false`")), "{all:?}");
    let rate = |default: &str| {
        format!(
            "{BASE}\n@module(domain=common)\nStep: Tax(rate: decimal(5, 4) = {default}) needs quantity int64 gives tax decimal(26, 4)\n  @do tax = quantity * $rate\n"
        )
    };
    assert_eq!(differences(&rate("0.05"), &rate("0.0500")), none);
    assert_eq!(differences(&rate("0.05"), &rate("0.06")).len(), 1);
}

#[test]
fn blanks_between_quotes_are_shown() {
    let new = edited(&[("currency <> 'EUR'", "currency <> 'EU  R'")]);
    let newer = edited(&[("currency <> 'EUR'", "currency <> 'EU R'")]);
    let told = differences(&new, &newer);
    assert!(told.iter().any(|change| change.contains("says `'EU R')`, said `'EU  R')`")), "{told:?}");
}
