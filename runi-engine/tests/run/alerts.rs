//! Alerts: what is said, to whom, and what is never said.

use super::support::Fixture;
use std::io::{Read, Write};
use std::net::TcpListener;

fn fixture(target: &str) -> Fixture {
    let contract = "Contract: Row\n  id    int64 @required @range(min=0)\n  email string @pii(email) @format(email) @mask(redact)\n";
    let feature = format!(
        "Feature: F\n\nScenario: Watched\n  @source(type=csv, path=\"rows.csv\", contract=Row) as rows\n  @sink(type=csv, path=\"out.csv\", contract=Row)\n  @quality(max_invalid=10%)\n  @alert(on=any, to=\"{target}\")\n"
    );
    let rows = "id,email\n1,a@example.com\n-2,b@example.com\n3,secret.person\n";
    Fixture::new(&[("contracts/r.contract", contract), ("features/f.dsl", &feature), ("rows.csv", rows)])
}

#[test]
fn a_webhook_gets_counts_and_no_values() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/hook?token=hidden", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut bodies = Vec::new();
        // `quality` and `invalid` came up: two alerts.
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                let read = stream.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let length = text
                    .lines()
                    .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").and_then(|n| n.parse::<usize>().ok()));
                if let (Some((_, body)), Some(length)) = (text.split_once("\r\n\r\n"), length)
                    && body.len() >= length
                {
                    bodies.push(body.to_owned());
                    break;
                }
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        }
        bodies
    });
    let record = fixture(&address).outcome(1).record;
    let bodies = server.join().unwrap();
    let said = bodies.join("\n");
    assert!(said.contains("\"on\":\"quality\"") && said.contains("\"on\":\"invalid\"") && said.contains("2 rows were set aside"), "{said}");
    assert!(!said.contains("example.com") && !said.contains("secret.person"), "{said}");
    assert!(record.alerts.iter().all(|alert| alert.error.is_none() && !alert.target.contains("hidden")), "{:?}", record.alerts);
}

#[test]
fn a_dead_peer_is_recorded_and_holds_nothing() {
    // Bound and dropped: nobody listens there.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let record = fixture(&format!("http://{address}/hook")).outcome(1).record;
    assert_eq!(record.alerts.len(), 2);
    assert!(record.alerts.iter().all(|alert| alert.error.is_some()));
}

#[cfg(unix)]
#[test]
fn a_file_behind_a_link_out_of_the_workspace_gets_none() {
    let other = tempfile::tempdir().unwrap();
    let fixture = fixture("al/watched.jsonl");
    std::os::unix::fs::symlink(other.path(), fixture.root().join("al")).unwrap();
    let record = fixture.outcome(1).record;
    assert!(record.alerts.len() == 2 && record.alerts.iter().all(|alert| alert.error.is_some()), "{:?}", record.alerts);
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0);
}

#[test]
fn a_file_gets_a_line_for_each() {
    let fixture = fixture("alerts/watched.jsonl");
    fixture.outcome(1);
    fixture.outcome(1);
    assert_eq!(fixture.lines("alerts/watched.jsonl").len(), 4);
}

#[test]
fn drift_that_ends_the_run_is_drift_and_a_missed_threshold_is_a_failure() {
    let told = |contract: &str, rows: &str, tags: &str| {
        let feature = format!(
            "Feature: F\n\nScenario: S\n  @source(type=csv, path=\"rows.csv\", contract=Row) as rows\n  @sink(type=csv, path=\"out.csv\")\n{tags}"
        );
        let fixture = Fixture::new(&[("contracts/r.contract", contract), ("features/f.dsl", &feature), ("rows.csv", rows)]);
        let record = fixture.outcome(1).record;
        record.alerts.iter().map(|alert| format!("{}>{}", alert.on, alert.target)).collect::<Vec<_>>()
    };
    let alert = |on: &str| format!("  @alert(on={on}, to=\"{on}.jsonl\")\n");
    let all = alert("drift") + &alert("failure") + &alert("any");
    let strict = "Contract: Row\n  id int64 @required\n  @drift(extra=fail)\n";
    assert_eq!(told(strict, "id,more\n1,2\n", &all), ["drift>drift.jsonl", "failure>failure.jsonl", "drift>any.jsonl"]);
    let plain = "Contract: Row\n  id int64 @required\n";
    let missed = all.clone() + "  @quality(min_rows=5)\n";
    assert_eq!(told(plain, "id\n1\n", &missed), ["failure>failure.jsonl", "quality>any.jsonl"]);
    let assert = all.clone() + "  @assert rows(rows) > 5\n";
    assert_eq!(told(plain, "id\n1\n", &assert), ["failure>failure.jsonl", "assert>any.jsonl"]);
    assert_eq!(told(plain, "id\n1\n", &all), Vec::<String>::new());
}
