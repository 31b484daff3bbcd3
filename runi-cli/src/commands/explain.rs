//! `runi explain`: the page of a code.

use crate::cli::ExplainArgs;
use crate::error::{CommandError, Exit};
use crate::shell::Shell;
use crate::table;
use runi_lang::diagnostic::Severity;
use runi_lang::diagnostics;

/// Prints the page of a code, or every code.
pub(super) fn exec(args: &ExplainArgs, shell: &Shell) -> Result<Exit, CommandError> {
    let Some(code) = args.code.as_deref().filter(|_| !args.list) else {
        let rows: Vec<Vec<String>> = diagnostics::all()
            .map(|code| {
                let severity = match code.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Note => "note",
                };
                vec![code.id.to_owned(), severity.to_owned(), code.name.to_owned()]
            })
            .collect();
        shell.data(&table::render(&["code", "severity", "name"], &[], &rows));
        return Ok(Exit::Ok);
    };
    match diagnostics::find(code) {
        Some(code) => {
            shell.data(code.page);
            Ok(Exit::Ok)
        }
        None => Err(CommandError::usage(format!("there is no code `{code}`")).hint("`runi explain --list` lists every code")),
    }
}
