//! `runi explain`: the page of a code, or of a compatibility rule.

use crate::cli::ExplainArgs;
use crate::error::{CommandError, Exit};
use crate::shell::Shell;
use crate::table;
use runi_lang::diagnostic::Severity;
use runi_lang::diagnostics;
use runi_lang::diff::{Level, rules};

/// Prints the page of a code or of a rule, or all of them.
pub(super) fn exec(args: &ExplainArgs, shell: &Shell) -> Result<Exit, CommandError> {
    let Some(code) = args.code.as_deref().filter(|_| !args.list) else {
        let codes = diagnostics::all().map(|code| {
            let severity = match code.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            vec![code.id.to_owned(), severity.to_owned(), code.name.to_owned()]
        });
        let rules = rules::all().map(|rule| {
            let level = match rule.level {
                Level::Deny => "deny",
                Level::Warn => "warn",
                Level::Allow => "allow",
            };
            vec![rule.id.to_owned(), level.to_owned(), rule.name.to_owned()]
        });
        let rows: Vec<Vec<String>> = codes.chain(rules).collect();
        shell.data(&table::render(&["code", "severity", "name"], &[], &rows));
        return Ok(Exit::Ok);
    };
    let Some(page) = diagnostics::find(code).map(|code| code.page).or_else(|| rules::find(code).map(rules::page)) else {
        let known: Vec<&str> = diagnostics::all().map(|code| code.id).chain(rules::all().flat_map(|rule| [rule.id, rule.name])).collect();
        let near = |text: &str| diagnostics::nearest(text, known.iter().copied());
        let hint = match near(code).or_else(|| near(&code.to_ascii_uppercase())) {
            Some(near) => format!("did you mean `{near}`? `runi explain --list` lists every code and every rule"),
            None => "`runi explain --list` lists every code and every rule".to_owned(),
        };
        return Err(CommandError::usage(format!("there is no code `{code}`")).hint(hint));
    };
    shell.data(page);
    Ok(Exit::Ok)
}
