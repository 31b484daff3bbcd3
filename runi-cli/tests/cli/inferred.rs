//! Contracts out of samples: what was guessed from all rows rejects none of them, and the workspace compiles.

use crate::support::Space;
use std::path::Path;

/// A workspace of one file of `fixtures`, a contract guessed from it, and a scenario that reads it through that contract.
fn guessed(file: &str, connector: &str, contract: &str) -> Space {
    let space = Space::empty();
    let name = Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(file)).unwrap();
    space.write("Runi.toml", "[workspace]\nname = \"guessed\"\n");
    space.write(&format!("data/{name}"), bytes);
    space.runi(&["contract", "gen", &format!("data/{name}"), "--out", "contracts"]).exits(0);
    let nulls = if connector == "csv" { ", nulls=\"NA\"" } else { "" };
    space.write(
        "features/read.dsl",
        format!(
            "Feature: Guessed\n\nScenario: Read all of it\n  Given rows\n  @source(type={connector}, path=\"data/{name}\", contract={contract}{nulls}) as rows\n  Then all are written\n  @sink(type=csv, path=\"out/rows.csv\")\n  @sink(type=json, path=\"out/bad.jsonl\", on=invalid)\n"
        ),
    );
    space
}

#[test]
fn no_row_that_exists_is_rejected() {
    for (file, connector, contract, rows) in [
        ("flights/data/flights_2013_01.csv", "csv", "Flights201301", 27004),
        ("flights/data/planes.csv", "csv", "Planes", 3322),
        ("flights/data/airports.csv", "csv", "Airports", 1458),
        ("flights/data/airlines.csv", "csv", "Airlines", 16),
        ("flights/data/weather_2013_01.csv", "csv", "Weather201301", 2226),
    ] {
        let space = guessed(file, connector, contract);
        space.runi(&["check"]).exits(0);
        space.runi(&["run"]).exits(0);
        let bad = if space.exists("out/bad.jsonl") { space.text("out/bad.jsonl") } else { String::new() };
        assert_eq!(bad, "", "{file}: rows of the file are rejected by what was guessed from it");
        assert_eq!(space.table("out/rows.csv").len(), rows, "{file}");
    }
}

#[test]
fn what_was_guessed_is_said_beside_it() {
    let space = guessed("flights/data/planes.csv", "csv", "Planes");
    let made = space.files("contracts").into_iter().next().unwrap();
    let text = space.text(&made);
    assert!(text.contains("@key(tailnum)"), "{text}");
    assert!(text.contains("guessed from all 3322 rows"), "{text}");
}
