//! `docs/compatibility.md` from the registry, the pairs of files, and what other tools say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use runi_lang::diff::contract::{Side, added, compare_sides, removed};
use runi_lang::diff::rules::FAMILIES;
use runi_lang::diff::{Rule, Scope, Verdict, rules};
use runi_lang::lower;
use runi_lang::syntax::{FileKind, parse};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pair(rule: &Rule) -> [String; 2] {
    let dir = root().join("fixtures/rules").join(rule.id);
    let extension = if dir.join("before.contract").exists() { "contract" } else { "dsl" };
    ["before", "after"].map(|side| std::fs::read_to_string(dir.join(format!("{side}.{extension}"))).unwrap())
}

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = include_str!("../diff_data/head.md").to_owned();
    page.push_str("\n## All rules\n");
    for family in FAMILIES {
        let _ = write!(
            page,
            "\n**{}: {}**\n\n| rule | what changed | consumer | producer | version | level |\n|---|---|---|---|---|---|\n",
            family.letter, family.title
        );
        for rule in family.rules {
            let policy = if rule.scope == Scope::Policy { " (policy)" } else { "" };
            let level = format!("{:?}", rule.level).to_lowercase();
            let _ = writeln!(
                page,
                "| [{id}](#{anchor}) | {summary} | {} | {} | {} | {level}{policy} |",
                rule.consumer,
                rule.producer,
                rule.bump,
                id = rule.id,
                anchor = rule.id.to_lowercase(),
                summary = rule.summary.replace('|', "\\|"),
            );
            for case in rule.cases {
                let _ = writeln!(page, "| | … {} | {} | {} | | |", case.when, case.consumer, case.producer);
            }
        }
    }
    page.push_str("\n## Where others grade differently\n\n");
    page.push_str(
        "The same changes, run through datacontract-cli 1.2.8 (`breaking`, both perspectives), through Avro's schema resolution (records \
         written with one schema and read with the other by fastavro 1.13.1 and avro 1.12.2: new data under the old schema for consumers, old \
         data under the new one for producers), and through buf 1.75.0 (`breaking`, category FILE, which knows one verdict for both). Confluent's \
         checks for Avro follow the same resolution. `=` marks a tool that agrees with Runi on every axis that it grades; a dash is a tool that \
         has nothing to compare.\n\n",
    );
    page.push_str(&peers());
    for family in FAMILIES {
        let _ = write!(page, "\n## {}\n", family.title);
        for rule in family.rules {
            page.push_str(&section(rule));
        }
    }
    page
}

fn section(rule: &Rule) -> String {
    let anchor = rule.id.to_lowercase();
    let mut out = format!("\n<a id=\"{anchor}\"></a>\n\n### {} `{}`\n\n", rule.id, rule.name);
    let mut summary = rule.summary.to_owned();
    if let Some(first) = summary.get(..1) {
        let upper = first.to_uppercase();
        summary.replace_range(..1, &upper);
    }
    let _ = writeln!(out, "{summary}.\n");
    let policy = if rule.scope == Scope::Policy { ", under every compatibility mode" } else { "" };
    let level = format!("{:?}", rule.level).to_lowercase();
    let _ = writeln!(
        out,
        "Consumer: **{}**. Producer: **{}**. Version: {}. Level: `{level}`{policy}.\n",
        rule.consumer, rule.producer, rule.bump
    );
    for case in rule.cases {
        let _ = writeln!(out, "- When {}: consumer **{}**, producer **{}**.", case.when, case.consumer, case.producer);
    }
    if !rule.cases.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "{}\n", rule.explanation);
    let [before, after] = pair(rule);
    let _ = writeln!(out, "```diff\n{}```", difference(&before, &after));
    if !rule.sources.is_empty() {
        let _ = writeln!(out, "\nElsewhere: {}", rule.sources);
    }
    out
}

/// The lines of both texts, the changed ones marked; unchanged ones only where they are near.
fn difference(before: &str, after: &str) -> String {
    const NEAR: usize = 2;
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // Length of the longest common part of what is left.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines: Vec<(char, &str)> = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    let near = |at: usize| lines.iter().skip(at.saturating_sub(NEAR)).take(2 * NEAR + 1).any(|(mark, _)| *mark != ' ');
    let mut out = String::new();
    for (at, (mark, line)) in lines.iter().enumerate().filter(|(at, _)| near(*at)) {
        let _ = writeln!(out, "{}", format!("{mark}{line}").trim_end());
        if !near(at + 1) && lines.iter().skip(at + 1).any(|(mark, _)| *mark != ' ') {
            out.push_str(" …\n");
        }
    }
    out
}

/// Rows whose change is not the rule's own pair: what a contract says before and after.
const OTHER: &[(&str, &str, &str, &str)] = &[
    ("Q001", "quality rule added", "amount int64", "amount int64\n@rule \"paid\": amount > 0"),
    ("Q002", "quality rule removed", "amount int64\n@rule \"paid\": amount > 0", "amount int64"),
    ("C001", "unique added", "email string", "email string @unique"),
    ("C002", "pattern widened", "voucher string @matches(\"[A-Z]{8}\")", "voucher string @matches(\"[A-Z0-9]{8}\")"),
    ("K003", "reference added", "product int64", "product int64\n@references(product, Product.id)"),
    ("K003", "reference removed", "product int64\n@references(product, Product.id)", "product int64"),
    (
        "L001",
        "freshness 1 h to 2 h, with an element",
        "placed timestamp(UTC)\n@freshness(1h, on=placed)",
        "placed timestamp(UTC)\n@freshness(2h, on=placed)",
    ),
    ("F003", "optional field removed, default null in Avro", "voucher string @default(null)", "other string"),
    ("T001", "float32 to float64", "amount float32", "amount float64"),
    ("G001", "classification public to confidential", "email string @classification(public)", "email string @classification(confidential)"),
    ("S002", "format uuid to uri", "code string @format(uuid)", "code string @format(uri)"),
];

/// Why a tool grades a change differently.
const WHY: &[(&str, &str)] = &[
    (
        "F001",
        "datacontract-cli tests that every declared column is there, so data without it fails; Avro needs a default to fill the field in, where Runi reads null if `@drift(missing=warn)` lets a source lack it, and stops if not.",
    ),
    (
        "F003",
        "Avro fills a removed field in from the reader's default, and then nobody notices: the case that Runi leaves to review. buf and datacontract-cli know no defaults here.",
    ),
    (
        "F007",
        "Avro's alias serves new readers of old data only (fastavro implements it, the `avro` package does not); old readers of new data fail, which Runi leaves to review, as its own sources understand both names. datacontract-cli does not follow `physicalName`; buf goes by number and minds the JSON name.",
    ),
    ("F008", "All of them match by name or number; the review is for CSV, `union all` and code that goes by position."),
    ("F010", "buf refuses it; here it is a warning, as nothing breaks before the name is taken (`F005`)."),
    ("T001", "datacontract-cli takes every other physical type for another type; Avro agrees with Runi on both axes."),
    ("T002", "As `T001`. Avro promotes an `int` whatever the precision."),
    ("T003", "datacontract-cli takes every other physical type for another type."),
    (
        "T004",
        "Avro's promotion read backwards: `int` data is fine for a reader of `long`, which Runi calls widening. When the value fits, the bytes are the same, but Avro decides by type.",
    ),
    (
        "T005",
        "The Avro specification lets both promote (fastavro does, the `avro` package does not); the others see another type. Runi leaves readers to review, and its sources do not take text for bytes unasked.",
    ),
    (
        "T006",
        "datacontract-cli takes every other logical type for another type; Iceberg and Delta read a date as a timestamp, and Runi does so where `@drift(retyped=warn)` says so.",
    ),
    ("E001", "buf lets enums grow, closed ones of proto2 included."),
    ("E002", "An enum default is in the Avro specification; fastavro implements it, the `avro` package does not."),
    ("E005", "An enum is text for Runi and a type of its own for Avro, so no old row can be read as text there."),
    ("E006", "An enum is text for Runi and a type of its own for Avro, so old readers of text cannot read it there."),
    ("C002", "datacontract-cli does not compare what patterns take: every other pattern is UNDETERMINED there."),
    ("D002", "buf refuses it for proto2; Avro and proto3 do not notice, and that is the danger: review."),
    ("S002", "datacontract-cli does not test formats, and grades what it does not test as INFO."),
    ("G001", "datacontract-cli stores classification and does not test it."),
    ("G002", "datacontract-cli stores classification and does not test it: the change that Runi refuses under every mode is INFO there."),
    ("L002", "datacontract-cli grades freshness only."),
];

/// A verdict as others would put it: does it break?
fn breaks(word: &str) -> Option<bool> {
    Some(match word {
        "error" | "fails" => true,
        "info" | "no change" | "reads" => false,
        _ => return None,
    })
}

/// What Runi says of a row.
fn verdicts(rule: &Rule, change: &str) -> (Verdict, Verdict) {
    let [before, after] = match OTHER.iter().find(|(id, name, ..)| *id == rule.id && *name == change) {
        Some((_, _, before, after)) => [before, after].map(|body| {
            let lines: String = body.lines().map(|line| format!("  {line}\n")).collect();
            format!("Contract: Order\n  id int64 @required\n{lines}")
        }),
        None => pair(rule),
    };
    let [old, new] = [before, after].map(|text| lower::contracts("c.contract", &parse(&text, FileKind::Contract)).0);
    let mut found = Vec::new();
    for was in &old.contracts {
        match new.contracts.iter().find(|is| is.name == was.name) {
            Some(is) => found.extend(compare_sides(&Side::bare(was), &Side::bare(is), &crate::support::engine)),
            None => found.push(removed(&Side::bare(was))),
        }
    }
    found.extend(new.contracts.iter().filter(|is| !old.contracts.iter().any(|was| was.name == is.name)).map(|is| added(&Side::bare(is))));
    let change = found.iter().find(|found| found.rule.id == rule.id).unwrap_or_else(|| panic!("{} {change}: {found:?}", rule.id));
    (change.consumer, change.producer)
}

/// The table of what others say, with the reasons under it.
fn peers() -> String {
    let text = std::fs::read_to_string(root().join("benches/compatibility/peers.tsv")).unwrap();
    let mut out = "| rule | change | Runi: consumer / producer | datacontract-cli | Avro | buf |\n|---|---|---|---|---|---|\n".to_owned();
    let mut differing: BTreeMap<&str, bool> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [id, change, dc_consumer, dc_producer, avro_consumer, avro_producer, buf] = cells[..] else { panic!("{line}") };
        let rule = rules::find(id).unwrap();
        let (consumer, producer) = verdicts(rule, change);
        let review = consumer == Verdict::Review || producer == Verdict::Review;
        let mut differs = false;
        let mut two = |a: &str, b: &str| {
            if a == "-" {
                return "–".to_owned();
            }
            let same = match (breaks(a), breaks(b)) {
                (Some(a), Some(b)) => !review && (a, b) == (consumer.breaks(), producer.breaks()),
                _ => review && a == "warning" && b == "warning",
            };
            differs |= !same;
            format!("{}{a} / {b}", if same { "= " } else { "" })
        };
        let (dc, avro) = (two(dc_consumer, dc_producer), two(avro_consumer, avro_producer));
        let buf = match buf {
            "-" => "–".to_owned(),
            found => {
                let broken = found != "passes";
                // One verdict for two axes agrees when anything breaks.
                let same = !review && broken == (consumer.breaks() || producer.breaks());
                differs |= !same;
                let names =
                    if broken { found.split(' ').map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ") } else { found.to_owned() };
                format!("{}{names}", if same { "= " } else { "" })
            }
        };
        *differing.entry(rule.id).or_default() |= differs;
        let _ = writeln!(out, "| {id} | {change} | {consumer} / {producer} | {dc} | {avro} | {buf} |");
    }
    out.push_str("\nWhy:\n\n");
    for (id, why) in WHY {
        let _ = writeln!(out, "- **{id}**: {why}");
    }
    for (id, _) in WHY {
        assert_eq!(differing.get(id), Some(&true), "{id} is graded alike by all, and needs no reason");
    }
    for (id, differs) in differing {
        assert!(!differs || WHY.iter().any(|(known, _)| *known == id), "{id} is graded differently elsewhere, and nobody says why");
    }
    out
}
