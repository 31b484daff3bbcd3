//! Alerts: one JSON object, appended to a file or posted to an address.

use crate::record::AlertRecord;
use runi_lang::ir::AlertNode;
use serde::Serialize;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// How long a webhook may take; an alert must not hold a run.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What an alert says. Counts and titles only: never a row, never a value.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Payload<'a> {
    pub(crate) run_id: &'a str,
    pub(crate) scenario: &'a str,
    pub(crate) environment: &'a str,
    pub(crate) on: &'a str,
    pub(crate) at: &'a str,
    pub(crate) messages: &'a [String],
}

/// Delivers one alert. A failure is recorded, never fatal.
pub(crate) fn send(alert: &AlertNode, payload: &Payload<'_>, root: &Path) -> AlertRecord {
    let address = alert.target.starts_with("http://") || alert.target.starts_with("https://");
    let result = if address { post(&alert.target, payload) } else { append(root, &alert.target, payload) };
    // An address's query often holds a token.
    let shown = if address { alert.target.split('?').next().unwrap_or_default() } else { &alert.target };
    AlertRecord { on: payload.on.to_owned(), target: shown.to_owned(), error: result.err() }
}

fn post(address: &str, payload: &Payload<'_>) -> Result<(), String> {
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build());
    let body = serde_json::to_string(payload).map_err(|error| error.to_string())?;
    agent.post(address).header("content-type", "application/json").send(body).map(drop).map_err(|error| error.to_string())
}

fn append(root: &Path, path: &str, payload: &Payload<'_>) -> Result<(), String> {
    // As a sink's: a relative path that is a link does not lead out of the workspace.
    let path = crate::sink::output_file(root, path).map_err(|error| error.to_string())?;
    let mut line = serde_json::to_vec(payload).map_err(|error| error.to_string())?;
    line.push(b'\n');
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| error.to_string())?;
    file.write_all(&line).map_err(|error| error.to_string())
}
