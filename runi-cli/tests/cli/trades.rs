//! `fixtures/trades`: personal data is counted, masked, and nowhere to be found where it may not be.

use crate::flights::counts_agree;
use crate::support::{Space, number, stage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn expected() -> Value {
    serde_json::from_str(include_str!("../../../fixtures/trades/expected.json")).unwrap()
}

fn ran() -> (Space, Vec<Value>) {
    let space = Space::fixture("trades");
    let records = space.runi(&["run", "--format", "json"]).exits(0).array();
    (space, records)
}

#[test]
fn a_run_gives_the_expected_numbers() {
    let (space, records) = ran();
    let expected = expected();
    assert_eq!(records.len(), 2);
    for record in &records {
        counts_agree(record, &expected[record["slug"].as_str().unwrap()]);
    }
    for (title, wanted) in expected["validate-and-enrich-trades"]["then"].as_object().unwrap() {
        let rules = stage(&records[0], "JoinInstruments:promises")["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["title"] == **title).unwrap();
        assert_eq!(rule["rows"], wanted["quarantined"]);
    }
    // Cents of a decimal: exact, so that any order of the sum is the same.
    let millionths = |text: &str| text.replace('.', "").parse::<i128>().unwrap();
    let trades = space.table("out/silver/trades");
    let total: i128 = trades.iter().filter_map(|row| row["notional"].as_deref()).map(millionths).sum();
    assert_eq!(total, millionths(expected["validate-and-enrich-trades"]["total_notional"].as_str().unwrap()));
    let by_symbol: BTreeMap<String, String> = space
        .table("out/gold/notional_by_symbol.csv")
        .into_iter()
        .map(|row| (row["symbol"].clone().unwrap(), row["notional"].clone().unwrap()))
        .collect();
    assert_eq!(serde_json::json!(by_symbol), expected["notional-by-symbol"]["rows"]);
    for row in space.table("out/gold/notional_by_symbol.csv") {
        assert_eq!(number(&row, "trades"), expected["notional-by-symbol"]["trades"][row["symbol"].as_deref().unwrap()].as_f64());
    }
    space.runi(&["test"]).exits(0);
}

/// Raw e-mail addresses by trade, normalised as the scenario does it.
fn addresses(space: &Space) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for row in space.text("data/trades.jsonl").lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        if let (Some(id), Some(email)) = (row["trade_id"].as_str(), row["email"].as_str()) {
            found.insert(id.to_owned(), email.trim().to_lowercase());
        }
    }
    found
}

#[test]
fn hashes_join_within_a_herd_and_cannot_be_guessed_without_its_key() {
    let (space, _) = ran();
    let addresses = addresses(&space);
    let mut hash_of: BTreeMap<String, String> = BTreeMap::new();
    let mut address_of: BTreeMap<String, String> = BTreeMap::new();
    let mut shared = 0;
    for row in space.table("out/silver/trades") {
        let (Some(hash), Some(address)) = (&row["email"], addresses.get(row["trade_id"].as_deref().unwrap())) else {
            assert!(row["email"].is_none(), "{row:?}");
            continue;
        };
        assert!(hash.len() >= 32 && !hash.contains('@'), "{hash}");
        let known = hash_of.entry(address.clone()).or_insert_with(|| hash.clone());
        assert_eq!(known, hash, "the same address has one hash");
        shared += usize::from(address_of.insert(hash.clone(), address.clone()).is_some_and(|before| before == *address));
    }
    assert_eq!(hash_of.len(), address_of.len(), "two addresses never share a hash");
    assert!(shared > 0, "the fixture has traders who trade twice");
    // Without a key, a list of addresses would be all that it takes to read the hashes.
    for (address, hash) in &hash_of {
        for guess in [plain_sha256(address), plain_blake3(address)] {
            assert!(!hash.contains(&guess) && !guess.contains(hash.as_str()), "{address} is hashed without a key");
        }
    }

    // Another workspace generates another key: nothing joins across herds.
    let (other, _) = ran();
    let hashes = |space: &Space| -> BTreeSet<String> {
        space.table("out/silver/trades").into_iter().filter_map(|row| row["email"].clone()).collect()
    };
    assert!(hashes(&space).is_disjoint(&hashes(&other)));

    // The same key gives the same hashes.
    let before = hashes(&space);
    space.runi(&["run"]).exits(0);
    assert_eq!(hashes(&space), before);
}

fn plain_sha256(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn plain_blake3(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

#[test]
fn no_person_can_be_read_in_any_file_but_the_one_for_support() {
    let (space, _) = ran();
    let shown = space.runi(&["run", "-vv"]).exits(0);
    let mut people: BTreeSet<String> = BTreeSet::new();
    for row in space.text("data/trades.jsonl").lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        people.extend(
            ["trader", "email", "account"].iter().filter_map(|name| row[*name].as_str()).filter(|text| text.len() > 5).map(str::to_owned),
        );
        people.extend(row["email"].as_str().map(|email| email.trim().to_lowercase()));
    }
    assert!(people.len() > 500);
    let mut files: BTreeMap<String, Vec<u8>> = space.contents("out");
    files.extend(space.contents(".runi"));
    files.retain(|path, _| !path.starts_with("out/support/"));
    files.insert("stdout".to_owned(), shown.stdout.into_bytes());
    files.insert("stderr".to_owned(), shown.stderr.into_bytes());
    for path in ["out/dlq/trades.jsonl", "out/alerts/finance.jsonl", ".runi/runs/log.jsonl"] {
        assert!(files.contains_key(path), "{path}");
    }
    for (path, bytes) in &files {
        // Parquet pages are compressed; what is in them is read back.
        let plain = if path.ends_with(".parquet") { format!("{:?}", space.table(path)).into_bytes() } else { bytes.clone() };
        let text = String::from_utf8_lossy(&plain);
        let leaked = people.iter().find(|person| text.contains(person.as_str()));
        assert_eq!(leaked, None, "{path}");
        // Owners of contracts have addresses too, and may be read.
        assert!(!path.starts_with("out/") || !text.contains("@example.com"), "{path}");
    }
    // The dataset that only the role `support` may read has them: the search above can find what is there.
    let support = format!("{:?}", space.table("out/support/trades.parquet"));
    assert!(people.iter().any(|person| support.contains(person.as_str())));
}

#[test]
fn the_quarantine_says_why_and_where_and_withholds_who() {
    let (space, records) = ran();
    let rows = space.json_lines("out/dlq/trades.jsonl");
    assert_eq!(rows.len(), 196);
    for row in &rows {
        assert_eq!(row["run_id"], records[0]["run_id"]);
        assert!(row["rules"].as_array().is_some_and(|rules| !rules.is_empty()), "{row:?}");
        assert_eq!(row["titles"].as_array().unwrap().len(), row["rules"].as_array().unwrap().len());
        let record: Value = serde_json::from_str(row["record"].as_str().unwrap()).unwrap();
        assert!(record["trader"].as_str().is_none_or(|name| !name.contains(' ')), "{record}");
    }
    let at_source: Vec<_> = rows.iter().filter(|row| row["stage"] == "trades").collect();
    assert_eq!(at_source.len(), 120);
    let input: Vec<String> = space.text("data/trades.jsonl").lines().map(str::to_owned).collect();
    for row in at_source {
        assert!(row["contract"].as_str().unwrap().starts_with("TradeRaw@blake3:"));
        assert_eq!((row["source"].as_str(), row["file"].as_str()), (Some("trades"), Some("data/trades.jsonl")));
        let line = row["line"].as_u64().unwrap() as usize;
        let record: Value = serde_json::from_str(row["record"].as_str().unwrap()).unwrap();
        // A cell that could not be read may hold anything, so that its whole row is withheld.
        if let Some(id) = record["trade_id"].as_str().filter(|id| *id != "***") {
            assert!(input[line - 1].contains(id), "line {line} is not trade {id}");
        }
    }
}

#[test]
fn alerts_hold_counts_and_no_rows() {
    let (space, records) = ran();
    let alerts = space.json_lines("out/alerts/finance.jsonl");
    assert_eq!(alerts.len(), 1, "only `invalid` came up");
    assert_eq!((alerts[0]["on"].as_str(), &alerts[0]["run_id"]), (Some("invalid"), &records[0]["run_id"]));
    assert_eq!(alerts[0]["messages"][0], "120 rows were set aside at `trades`");
    space.replace("features/trades.dsl", "max_invalid=10%", "max_invalid=1%");
    space.runi(&["run"]).exits(1);
    let alerts = space.json_lines("out/alerts/finance.jsonl");
    let on: Vec<&str> = alerts.iter().map(|alert| alert["on"].as_str().unwrap()).collect();
    assert_eq!(on, ["invalid", "quality", "invalid"]);
    assert!(alerts[1]["messages"][0].as_str().unwrap().contains("120 of 2000"));
}

#[test]
fn prod_needs_its_secret_and_says_which() {
    let space = Space::fixture("trades");
    space.replace("Runi.toml", "[env.prod.sources.trades]\npath = \"/srv/trades/incoming/*.jsonl\"\n", "");
    space.replace("Runi.toml", "[env.prod.sinks.trade_validated]\npath = \"/srv/trades/silver/trades\"\n", "");
    space.replace("Runi.toml", "https://alerts.example.com/finance", "out/alerts/prod.jsonl");
    space.runi(&["run", "--env", "prod"]).exits(4).says(&["E0808", "secret://finance/mask-key", "FINANCE_MASK_KEY"]);
    let done = space.command(&["run", "--env", "prod"]).env("FINANCE_MASK_KEY", "short").output().unwrap();
    crate::support::Done::of(done, &["run"]).exits(4).says(&["at least 16"]);
    let key = "a key of more than sixteen bytes";
    let done = space.command(&["run", "--env", "prod"]).env("FINANCE_MASK_KEY", key).output().unwrap();
    crate::support::Done::of(done, &["run"]).exits(0);
    for (path, bytes) in space.contents("out").into_iter().chain(space.contents(".runi")) {
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{path} holds the key");
    }
}
