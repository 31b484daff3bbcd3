//! What `runi contract gen` says: what became of each contract, what was lost on the way.

use crate::shell::{Shell, Tone};
use runi_interop::{Imported, Loss, Note};
use serde::Serialize;
use serde_json::{Value, json as value};

/// What became of a contract and its file.
#[derive(Serialize)]
pub(crate) struct Outcome {
    pub name: String,
    pub path: String,
    pub source: String,
    /// `new`, `same`, `changed`.
    pub state: &'static str,
    pub kept: Vec<String>,
    pub removed: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diff: String,
    #[serde(skip)]
    pub comments_lost: bool,
}

/// Something that a source has and its contracts have not, or that had to be guessed.
#[derive(Serialize)]
struct Remark {
    source: String,
    at: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// What became of each contract: `checked` against its source, or `written`.
pub(crate) fn show(outcomes: &[Outcome], checked: bool, written: bool, shell: &Shell) {
    for outcome in outcomes {
        let Outcome { name, path, source, state, kept, removed, diff, comments_lost } = outcome;
        if checked {
            match *state {
                "new" => shell.status(
                    Tone::Bad,
                    "Drift",
                    &format!("P001: `{name}` of {source} has no contract; `runi contract gen` makes {path}"),
                ),
                "changed" => {
                    shell.data(diff);
                    shell.status(Tone::Bad, "Drift", &format!("P001: {path} is not what {source} says"));
                }
                _ => shell.status(Tone::Good, "Same", &format!("{path} is what {source} says")),
            }
            continue;
        }
        match *state {
            "same" => shell.status(Tone::Good, "Unchanged", path),
            "new" if written => shell.status(Tone::Good, "Generated", path),
            _ if written => shell.status(Tone::Good, "Changed", path),
            _ => {}
        }
        if written && *state == "changed" {
            if !kept.is_empty() {
                shell.status(Tone::Note, "Kept", &format!("what {source} does not say: {}", kept.join("; ")));
            }
            if !removed.is_empty() {
                shell.status(Tone::Warn, "Removed", &format!("{}: not in {source} any more", removed.join(", ")));
            }
            if *comments_lost {
                shell.status(Tone::Warn, "Dropped", &format!("the comments of {path}: more than its fields changed"));
            }
        }
    }
}

/// What a source has and its contracts have not, or what had to be guessed.
pub(crate) fn remarks(sources: &[(String, Imported)], shell: &Shell) {
    for (source, imported) in sources {
        for note in &imported.notes {
            shell.status(Tone::Note, "Note", &format!("{}: {}", note.at, note.message));
        }
        for loss in &imported.losses {
            let line = loss.line.map_or_else(String::new, |line| format!(":{line}"));
            shell.status(Tone::Warn, "Lost", &format!("{source}{line}: {}: {}", loss.at, loss.message));
        }
    }
}

/// Everything for programs.
pub(crate) fn json(outcomes: &[Outcome], sources: &[(String, Imported)]) -> Value {
    let all = |of: &dyn Fn(&str, &Imported) -> Vec<Remark>| -> Vec<Remark> {
        sources.iter().flat_map(|(source, imported)| of(source, imported)).collect()
    };
    let losses = all(&|source, imported| {
        let remark =
            |loss: &Loss| Remark { source: source.to_owned(), at: loss.at.clone(), message: loss.message.clone(), line: loss.line };
        imported.losses.iter().map(remark).collect()
    });
    let notes = all(&|source, imported| {
        let remark = |note: &Note| Remark { source: source.to_owned(), at: note.at.clone(), message: note.message.clone(), line: None };
        imported.notes.iter().map(remark).collect()
    });
    value!({ "contracts": outcomes, "losses": losses, "notes": notes })
}
