//! The log file: append under a lock, read, verify.

use super::{AlertRecord, RunRecord};
use crate::error::EngineError;
use fs4::FileExt;
use runi_lang::state;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The hash before the first line.
const GENESIS: &str = "blake3:0000000000000000000000000000000000000000000000000000000000000000";

/// The run log of a workspace.
#[derive(Debug)]
pub struct RunLog {
    root: PathBuf,
    path: PathBuf,
}

/// Its place under `.runi`.
const PLACE: &str = "runs/log.jsonl";

/// What became of a run's alerts: a line of its own, since alerts go out only when the run is in the log.
#[derive(Debug, Serialize, Deserialize)]
struct Sent {
    run_id: String,
    alerts: Vec<AlertRecord>,
}

/// Everything that a log says.
#[derive(Debug, Default)]
pub struct Logged {
    /// Every record that can be read, oldest first.
    pub records: Vec<RunRecord>,
    /// Lines that are no record, or not one that this version knows.
    pub unreadable: usize,
}

/// One line, `{"prev":"…","hash":"…","record":{…}}`; the record's bytes are hashed as they stand.
#[derive(Debug)]
struct Line<'a> {
    prev: &'a str,
    hash: &'a str,
    record: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.strip_prefix("{\"prev\":\"")?;
        let (prev, rest) = rest.split_once("\",\"hash\":\"")?;
        let (hash, rest) = rest.split_once("\",\"record\":")?;
        Some(Self { prev, hash, record: rest.strip_suffix('}')? })
    }
}

/// A place where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainProblem {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong, a phrase.
    pub message: String,
}

impl RunLog {
    /// The log of the workspace at `root`; nothing is created yet.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), path: root.join(state::FOLDER).join(PLACE) }
    }

    /// Adds a record: one line, written at once and synced.
    ///
    /// A line that a killed process left half-written is moved to `log.torn` beside the log first.
    ///
    /// # Errors
    /// The log cannot be locked, read or written.
    pub fn append(&self, record: &RunRecord) -> Result<(), EngineError> {
        self.write(record)
    }

    /// Adds what became of the alerts of a run that is in the log.
    ///
    /// # Errors
    /// As [`RunLog::append`].
    pub fn append_alerts(&self, run_id: &str, alerts: &[AlertRecord]) -> Result<(), EngineError> {
        self.write(&Sent { run_id: run_id.to_owned(), alerts: alerts.to_vec() })
    }

    fn write(&self, entry: &impl Serialize) -> Result<(), EngineError> {
        state::file(&self.root, PLACE).map_err(EngineError::unusable)?;
        let io = |action| EngineError::io(action, &self.path);
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&self.path).map_err(io("open"))?;
        FileExt::lock(&file).map_err(io("lock"))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(io("read"))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if let Some(torn) = text.get(whole..).filter(|torn| !torn.is_empty()) {
            self.set_aside(torn)?;
            file.set_len(whole as u64).map_err(io("mend"))?;
            file.seek(SeekFrom::End(0)).map_err(io("mend"))?;
        }
        let prev = text.get(..whole).and_then(last_hash).unwrap_or_else(|| GENESIS.to_owned());
        let body = serde_json::to_string(entry).map_err(EngineError::engine("writing the run log"))?;
        let hash = link(&prev, &body);
        let line = format!("{{\"prev\":\"{prev}\",\"hash\":\"{hash}\",\"record\":{body}}}\n");
        file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(io("write"))
    }

    fn set_aside(&self, torn: &[u8]) -> Result<(), EngineError> {
        let path = state::file(&self.root, "runs/log.torn").map_err(EngineError::unusable)?;
        let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(EngineError::io("open", &path))?;
        file.write_all(torn).and_then(|()| file.write_all(b"\n")).map_err(EngineError::io("write", &path))
    }

    /// Every record that can be read, oldest first. A missing log is an empty one.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn records(&self) -> Result<Vec<RunRecord>, EngineError> {
        Ok(self.read()?.records)
    }

    /// Every record, and how many lines are none. A missing log is an empty one.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn read(&self) -> Result<Logged, EngineError> {
        let mut logged = Logged::default();
        for line in self.text()?.lines() {
            let text = Line::parse(line).map_or("", |line| line.record);
            if let Ok(record) = serde_json::from_str::<RunRecord>(text) {
                logged.records.push(record);
            } else if let Ok(Sent { run_id, alerts }) = serde_json::from_str(text) {
                // Few lines lie between a run and its alerts.
                let run = logged.records.iter_mut().rev().find(|record| record.run_id == run_id);
                run.into_iter().for_each(|record| record.alerts.clone_from(&alerts));
            } else {
                logged.unreadable += 1;
            }
        }
        Ok(logged)
    }

    /// Every place where the chain is broken; empty means that it holds.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn verify(&self) -> Result<Vec<ChainProblem>, EngineError> {
        let text = self.text()?;
        let mut problems = Vec::new();
        let mut prev = GENESIS.to_owned();
        for (number, line) in text.lines().enumerate() {
            let mut problem = |message: &str| problems.push(ChainProblem { line: number + 1, message: message.to_owned() });
            match Line::parse(line) {
                None => problem("is not a record"),
                Some(line) => {
                    if line.prev != prev {
                        problem("does not follow the line before it");
                    }
                    if link(line.prev, line.record) != line.hash {
                        problem("was changed after it was written");
                    }
                    prev = line.hash.to_owned();
                }
            }
        }
        Ok(problems)
    }

    fn text(&self) -> Result<String, EngineError> {
        match File::open(state::existing(&self.root, PLACE).map_err(EngineError::unusable)?) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(EngineError::io("read", &self.path)(error)),
            Ok(mut file) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).map_err(EngineError::io("read", &self.path))?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
        }
    }
}

fn link(prev: &str, body: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(prev.as_bytes()).update(b"\n").update(body.as_bytes());
    format!("blake3:{}", hasher.finalize().to_hex())
}

fn last_hash(text: &[u8]) -> Option<String> {
    let text = text.strip_suffix(b"\n")?;
    let start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = std::str::from_utf8(text.get(start..)?).ok()?;
    Some(Line::parse(line)?.hash.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::*;
    use super::*;

    fn record(id: &str) -> RunRecord {
        RunRecord {
            run_id: id.to_owned(),
            engine: "0".to_owned(),
            feature: "f".to_owned(),
            scenario: "s".to_owned(),
            slug: "s".to_owned(),
            environment: "dev".to_owned(),
            status: RunStatus::Succeeded,
            error: None,
            started_at: String::new(),
            finished_at: String::new(),
            duration_ms: 1,
            stages: Vec::new(),
            drift: Vec::new(),
            verdicts: Vec::new(),
            alerts: Vec::new(),
            contracts: BTreeMap::new(),
            lineage: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            recovered: None,
        }
    }

    #[test]
    fn a_changed_line_shows() {
        let dir = tempfile::tempdir().unwrap();
        let log = RunLog::at(dir.path());
        for id in ["a", "b", "c"] {
            log.append(&record(id)).unwrap();
        }
        assert_eq!(log.verify().unwrap(), []);
        let text = std::fs::read_to_string(&log.path).unwrap();
        std::fs::write(&log.path, text.replace("\"b\"", "\"x\"")).unwrap();
        assert_eq!(log.verify().unwrap(), [ChainProblem { line: 2, message: "was changed after it was written".to_owned() }]);
        let without: Vec<&str> = text.lines().enumerate().filter(|(i, _)| *i != 1).map(|(_, line)| line).collect();
        std::fs::write(&log.path, without.join("\n") + "\n").unwrap();
        assert_eq!(log.verify().unwrap(), [ChainProblem { line: 2, message: "does not follow the line before it".to_owned() }]);
    }

    #[test]
    fn alerts_follow_their_run_and_what_is_no_record_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let log = RunLog::at(dir.path());
        log.append(&record("a")).unwrap();
        log.append(&record("b")).unwrap();
        let sent = [AlertRecord { on: "failure".to_owned(), target: "alerts.jsonl".to_owned(), error: None }];
        log.append_alerts("a", &sent).unwrap();
        assert_eq!(log.verify().unwrap(), []);
        let mut file = OpenOptions::new().append(true).open(&log.path).unwrap();
        file.write_all(b"no record\n").unwrap();
        let logged = log.read().unwrap();
        assert_eq!(logged.records.iter().map(|record| record.alerts.len()).collect::<Vec<_>>(), [1, 0]);
        assert_eq!((logged.records[0].alerts.as_slice(), logged.unreadable), (sent.as_slice(), 1));
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_log_is_not_written() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for linked in ["", "/runs", "/runs/log.jsonl"] {
            let place = dir.path().join(format!(".runi{linked}"));
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            let target = other.path().join("target");
            if linked.ends_with("jsonl") { std::fs::write(&target, "") } else { std::fs::create_dir(&target) }.unwrap();
            std::os::unix::fs::symlink(&target, &place).unwrap();
            let error = RunLog::at(dir.path()).append(&record("a")).unwrap_err();
            assert!(error.code() == "E0801" && error.to_string().contains("symbolic link"), "{error}");
            assert!(RunLog::at(dir.path()).records().is_err());
            assert!(if target.is_dir() {
                std::fs::read_dir(&target).unwrap().count() == 0
            } else {
                std::fs::read(&target).unwrap().is_empty()
            });
            std::fs::remove_file(&place).unwrap();
            if target.is_dir() { std::fs::remove_dir(&target) } else { std::fs::remove_file(&target) }.unwrap();
        }
    }

    #[test]
    fn lines_of_earlier_versions_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let log = RunLog::at(dir.path());
        log.append(&record("a")).unwrap();
        assert!(!std::fs::read_to_string(&log.path).unwrap().contains("recovered"));
        let recovered = Some(RecoveryRecord { outcome: Recovery::Completed, at: "2026-01-01T00:00:00.000Z".to_owned() });
        log.append(&RunRecord { recovered: recovered.clone(), ..record("b") }).unwrap();
        assert_eq!(log.records().unwrap().into_iter().map(|record| record.recovered).collect::<Vec<_>>(), [None, recovered]);
    }

    #[test]
    fn a_torn_line_is_set_aside_and_the_chain_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let log = RunLog::at(dir.path());
        log.append(&record("a")).unwrap();
        let mut file = OpenOptions::new().append(true).open(&log.path).unwrap();
        file.write_all(b"{\"prev\":\"half").unwrap();
        log.append(&record("b")).unwrap();
        assert_eq!(log.verify().unwrap(), []);
        assert_eq!(log.records().unwrap().iter().map(|r| r.run_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(std::fs::read_to_string(log.path.with_extension("torn")).unwrap(), "{\"prev\":\"half\n");
    }
}
