//! `runi ci`: check, test and diff in one go, with a report that a pull request can show.

use crate::cli::{CiArgs, Global};
use crate::comparison::{self, Comparison};
use crate::error::{CommandError, Exit};
use crate::render::{ci, diff as human};
use crate::session;
use crate::shell::{Shell, Tone};
use runi_lang::diagnostic::{Severity, render};
use runi_lang::diff::Request;
use runi_lang::diff::render::{Markdown, github, json, markdown, sarif};
use runi_lang::workspace::Report;
use runi_test::report::TestResult;
use runi_test::suite::{self, Selection};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Runs everything, writes the report, gives the verdict.
pub(super) fn exec(args: &CiArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let (workspace, report) = session::checked(global)?;
    let root = session::root(global)?;
    // Tests run on what compiles; with errors there would be nothing to trust in their results.
    let tests = if report.has_errors() {
        Vec::new()
    } else {
        let pipelines = workspace.pipelines(&*session::engine(), &[])?;
        suite::run(&workspace, &pipelines, &*session::engine(), &root, &Selection::default())
    };
    let request = args.base.as_ref().map_or(Request::Branch, |base| Request::Range(format!("{base}...HEAD")));
    let compared = comparison::compare(&request, &comparison::Options::default(), global);
    let (compared, unable) = match compared {
        Ok(compared) => (Some(compared), None),
        Err(error) => (None, Some(error)),
    };

    let out = if args.out.is_absolute() { args.out.clone() } else { root.join(&args.out) };
    std::fs::create_dir_all(&out).map_err(|error| CommandError::environment(format!("cannot write `{}`: {error}", out.display())))?;
    write(&out, "check.sarif", &render::sarif(&report.diagnostics, &report.sources))?;
    write(&out, "tests.json", &session::json(&tests)?)?;
    let summary = ci::summary(&report, &tests, compared.as_ref().map(|compared| &compared.diff), unable.as_ref());
    let mut comment = String::new();
    if let Some(Comparison { diff, workspace, prefix, .. }) = &compared {
        write(&out, "diff.json", &json(diff))?;
        write(&out, "diff.sarif", &sarif(diff))?;
        let options = Markdown { workspace: workspace.clone(), prefix: prefix.clone(), blob_url: args.blob_url.clone() };
        comment = markdown(diff, &options);
    }
    let comment = ci::comment(&comment, &workspace.manifest().name, &summary);
    write(&out, "comment.md", &comment)?;
    tell(&report, &tests, compared.as_ref(), &comment, shell)?;
    if let Some(error) = unable {
        return Err(error);
    }
    let failed =
        report.has_errors() || tests.iter().any(|test| !test.is_ok()) || compared.is_some_and(|compared| compared.diff.is_denied());
    shell.status(if failed { Tone::Bad } else { Tone::Good }, "Reviewed", &summary.replace('\n', "; "));
    Ok(if failed { Exit::Problems } else { Exit::Ok })
}

/// On GitHub: annotations and the job's summary. Elsewhere: what the three commands would say.
fn tell(report: &Report, tests: &[TestResult], compared: Option<&Comparison>, comment: &str, shell: &Shell) -> Result<(), CommandError> {
    if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        shell.data(&render::github(&report.diagnostics, &report.sources));
        shell.data(&ci::annotations(tests));
        if let Some(compared) = compared {
            shell.data(&github(&compared.diff));
        }
        if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
            append(Path::new(&path), comment)?;
        }
        return Ok(());
    }
    session::show(report, crate::cli::DiagnosticFormat::Human, shell);
    shell.status(Tone::Note, "Checked", &format!("{} errors, {} warnings", report.count(Severity::Error), report.count(Severity::Warning)));
    tests.iter().filter(|test| !test.is_ok()).for_each(|test| shell.data(&test.human()));
    if let Some(compared) = compared {
        let text = human::human(&compared.diff, shell.colors_stdout(), false);
        if !text.is_empty() {
            shell.data(&text);
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), CommandError> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(|error| CommandError::environment(format!("cannot write `{}`: {error}", path.display())))
}

fn append(path: &Path, text: &str) -> Result<(), CommandError> {
    let fail = |error: std::io::Error| CommandError::environment(format!("cannot write `{}`: {error}", path.display()));
    let mut file = OpenOptions::new().append(true).create(true).open(path).map_err(fail)?;
    writeln!(file, "{text}").map_err(fail)
}
