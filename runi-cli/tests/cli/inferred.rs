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

/// `bytes` as one zstd frame of one uncompressed block.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    out.extend(length.to_le_bytes());
    out.extend(&((length << 3) | 1).to_le_bytes()[..3]);
    out.extend(bytes);
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn packed_samples_are_read_as_a_source_reads_them() {
    let lines: String = (0..300).map(|n| format!("{{\"id\": {n}, \"venue\": \"{}\"}}\n", ["XNYS", "XLON"][n % 2])).collect();
    let cells: String = std::iter::once("id;note\n".to_owned()).chain((0..300).map(|n| format!("{n};\"a, b, c, {n}\"\n"))).collect();
    let space = Space::empty();
    space.write("plain/sample.jsonl", &lines);
    space.write("plain/cells.csv", &cells);
    let guess = |file: &str| {
        let made = space.runi(&["contract", "gen", file, "--out", "-"]).exits(0).stdout;
        made.lines().filter(|line| !line.trim_start().starts_with('#')).map(|line| format!("{line}\n")).collect::<String>()
    };
    let (from_lines, from_cells) = (guess("plain/sample.jsonl"), guess("plain/cells.csv"));
    assert!(from_lines.contains("XNYS") && from_cells.contains("note"), "{from_lines}{from_cells}");
    for (name, packed) in [
        ("packed/sample.jsonl.gz", gzip(lines.as_bytes())),
        ("packed/sample.json.gz", gzip(lines.as_bytes())),
        ("packed/sample.jsonl.zst", zstd(lines.as_bytes())),
        ("packed/sample.ndjson.zst", zstd(lines.as_bytes())),
    ] {
        space.write(name, packed);
        assert_eq!(guess(name), from_lines, "{name}");
    }
    // What divides the cells is looked for in what was unpacked.
    for (name, packed) in [("packed/cells.csv.gz", gzip(cells.as_bytes())), ("packed/cells.csv.zst", zstd(cells.as_bytes()))] {
        space.write(name, packed);
        assert_eq!(guess(name), from_cells, "{name}");
    }
    let cut = gzip(lines.as_bytes());
    space.write("packed/cut.jsonl.gz", &cut[..cut.len() / 2]);
    space.runi(&["contract", "gen", "packed/cut.jsonl.gz", "--out", "-"]).exits(1).says(&["gzip", "truncated"]);
    space.write("packed/plain.jsonl.gz", &lines);
    space.runi(&["contract", "gen", "packed/plain.jsonl.gz", "--out", "-"]).exits(1).says(&["is not valid gzip"]);
    space.write("packed/unnamed.jsonl", gzip(lines.as_bytes()));
    space.runi(&["contract", "gen", "packed/unnamed.jsonl", "--out", "-"]).exits(1).says(&["call it `….gz`"]);
}
