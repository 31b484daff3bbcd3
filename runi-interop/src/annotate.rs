//! What an import noted, as comments beside what it wrote.

use crate::loss::Note;
use runi_lang::lower;
use runi_lang::model::Contract;
use runi_lang::syntax::{FileKind, fmt, parse};

/// The text of a contract with its notes: those of the contract above it, those of a field behind its line.
///
/// Comments change no meaning: were the text to say something else with them, it is given back without.
#[must_use]
pub fn annotate(text: &str, contract: &Contract, notes: &[Note]) -> String {
    let (file, _) = lower::contracts("", &parse(text, FileKind::Contract));
    // Offsets and what to put there, from the last to the first.
    let mut inserts: Vec<(usize, String)> = Vec::new();
    let line_end = |at: usize| text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |to| at + to);
    let head: String = notes.iter().filter(|note| note.at == contract.name).map(|note| format!("# {}\n", line(&note.message))).collect();
    let name = file.spans.get(&contract.name).map(|range| usize::from(range.start()));
    let keyword = name.and_then(|name| text.get(..name)).map(|before| before.rfind('\n').map_or(0, |at| at + 1));
    inserts.extend(keyword.filter(|_| !head.is_empty()).map(|at| (at, head)));
    for field in &contract.fields {
        let at = format!("{}.{}", contract.name, field.name);
        let said: Vec<String> = notes.iter().filter(|note| note.at == at).map(|note| line(&note.message)).collect();
        let place = file.spans.get(&format!("{}/field/{}", contract.name, field.name));
        if let (Some(place), false) = (place, said.is_empty()) {
            inserts.push((line_end(usize::from(place.end())), format!("  # {}", said.join("; "))));
        }
    }
    inserts.sort();
    let mut out = text.to_owned();
    for (at, insert) in inserts.into_iter().rev() {
        out.insert_str(at, &insert);
    }
    let out = fmt::format(&out, FileKind::Contract);
    let (read, problems) = lower::contracts("", &parse(&out, FileKind::Contract));
    if problems.is_empty() && read.contracts == file.contracts { out } else { text.to_owned() }
}

/// One line, whatever stood in it.
fn line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
