//! Every source is read once, however many stages and sinks hang on it; a large one with a key is read for its keys before.

use crate::support::{COPY, Row, Space, digests, stage};

/// A file of some megabytes.
fn large() -> String {
    let mut data = String::from("id,name\n");
    for id in 0..20_000 {
        data.push_str(&format!("{id},{:0>200}\n", id * 7919 % 1_000_003));
    }
    data
}

/// One source below three row-level sinks, two selects and a join with itself.
fn busy() -> String {
    COPY.replace(
        "  @sink(type=csv, path=\"out/rows.csv\")\n",
        "  @sink(type=csv, path=\"out/even.csv\", name=even) when id % 2 = 0\n  @sink(type=csv, path=\"out/odd.csv\", name=odd) otherwise\n  @sink(type=parquet, path=\"out/rows.parquet\", name=all)\n",
    )
}

#[test]
fn the_record_lists_each_input_once() {
    let space = Space::rows("id,name\n1,a\n2,b\n3,c\n");
    let selects = "  @step(name=Pairs)\n    @do select a.id, b.name from rows a join rows b on a.id = b.id\n\n  @step(name=Count, from=rows)\n    @do select count(*) as n from rows\n\n  @step(name=Both)\n    @do select p.id, p.name, c.n from Pairs p cross join Count c\n\n  Then all";
    space.write("features/copy.dsl", COPY.replace("  Then all", selects));
    space.runi(&["run"]).exits(0);
    let record = space.records().remove(0);
    let inputs = record["inputs"].as_array().unwrap();
    assert_eq!(inputs.len(), 1);
    assert_eq!(
        (inputs[0]["path"].as_str(), inputs[0]["rows"].as_u64(), inputs[0]["bytes"].as_u64()),
        (Some("data/rows.csv"), Some(3), Some(20))
    );
    assert_eq!(stage(&record, "rows")["in"], 3);
    assert_eq!(space.table("out/rows.csv").len(), 3);
    let digest = blake3::hash(&space.bytes("data/rows.csv")).to_hex();
    assert_eq!(inputs[0]["digest"].as_str(), Some(format!("blake3:{digest}").as_str()));
    assert_eq!(
        record["outputs"][0]["digest"].as_str(),
        Some(format!("blake3:{}", blake3::hash(&space.bytes("out/rows.csv")).to_hex()).as_str())
    );
}

/// The kernel counts what a process reads; a second pass over the file would double it.
#[test]
#[cfg(target_os = "linux")]
fn a_run_asks_the_kernel_for_each_byte_once() {
    use std::io::Read;
    use std::process::Stdio;

    let space = Space::rows(large());
    space.write("features/copy.dsl", busy());
    // The check is in the cache after this, so that the run reads little but data.
    space.runi(&["check"]).exits(0);
    let size = space.bytes("data/rows.csv").len() as u64;
    let mut child = space.command(&["run", "-q"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut shown = String::new();
    child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    // Standard output is closed: the process is over or about to be, and its counters stay until it is waited for.
    std::thread::sleep(std::time::Duration::from_millis(50));
    let counters = std::fs::read_to_string(format!("/proc/{}/io", child.id()));
    assert!(child.wait().unwrap().success(), "{shown}");
    let Ok(counters) = counters else {
        eprintln!("skipped: this kernel does not count what processes read");
        return;
    };
    let asked: u64 = counters.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap();
    assert!(asked >= size, "the file is read through the kernel, not mapped: {asked} of {size} bytes");
    assert!(asked < size + size / 2, "{asked} bytes were asked for, the file has {size}");
    let rows = |path: &str| space.table(path).len();
    assert_eq!((rows("out/even.csv"), rows("out/odd.csv"), rows("out/rows.parquet")), (10_000, 10_000, 20_000));
}

#[test]
fn workers_and_memory_change_no_row() {
    let run = |options: &[&str]| {
        let space = Space::fixture("flights");
        let records = space.runi(&[&["run", "--format", "json"], options].concat()).exits(0).array();
        (space, records)
    };
    let (one, first) = run(&["--workers", "1"]);
    let (many, second) = run(&["--workers", "4", "--memory", "16MB"]);
    for (first, second) in first.iter().zip(&second) {
        for stage in first["stages"].as_array().unwrap() {
            let doors = |stage: &serde_json::Value| ["in", "passed", "quarantined", "rules"].map(|key| stage[key].clone());
            assert_eq!(doors(stage), doors(crate::support::stage(second, stage["name"].as_str().unwrap())));
        }
    }
    // Row-level stages keep the order of their source, whoever works on it.
    for at in [0, 1, 2] {
        let files = |record| digests(record).into_iter().filter(|(path, _)| path.ends_with(".parquet")).collect::<Vec<_>>();
        assert_eq!(files(&first[at]), files(&second[at]));
    }
    // Behind a join or an aggregate the rows are the same, in any order.
    for path in ["out/silver/departures", "out/gold/delay_by_carrier_day.parquet", "out/gold/weather_delay.csv"] {
        let sorted = |space: &Space| -> Vec<Row> {
            let mut rows = space.table(path);
            rows.sort();
            rows
        };
        assert_eq!(sorted(&one), sorted(&many), "{path}");
    }
}
