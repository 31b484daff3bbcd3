//! `runi ci`: check, test and diff in one go, with a report that a pull request can show.

use crate::cli::{CiArgs, Global};
use crate::comparison::{self, Comparison};
use crate::error::{CommandError, Exit};
use crate::render::{ci, diff as human};
use crate::session;
use crate::shell::{Shell, Tone};
use runi_lang::diagnostic::render;
use runi_lang::diff::render::{Markdown, github, json, markdown, sarif};
use runi_lang::diff::{Diff, Request};
use runi_lang::state;
use runi_lang::workspace::Report;
use runi_test::report::TestResult;
use runi_test::suite::{self, Selection};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

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
    // The same files as those that are checked and tested.
    let request = args.base.as_ref().map_or(Request::Branch, |base| Request::Since(base.clone()));
    let compared = comparison::compare(&request, &comparison::Options::default(), global);
    let (compared, unable) = match compared {
        Ok(compared) => (Some(compared), None),
        Err(error) => (None, Some(error)),
    };

    let out = folder(&root, &args.out)?;
    // GitHub counts every path from the root of the repository.
    let prefix = comparison::prefix(&root);
    write(&out, "check.sarif", &render::sarif(&report.diagnostics, &report.sources, &prefix))?;
    write(&out, "tests.json", &session::json(&tests)?)?;
    let summary = ci::summary(&report, &tests, compared.as_ref().map(|compared| &compared.diff), unable.as_ref());
    let name = workspace.manifest().name.clone();
    let options = Markdown { workspace: name, prefix, blob_url: args.blob_url.clone(), failures: ci::failures(&report, &tests) };
    let comment = match &compared {
        Some(Comparison { diff, .. }) => {
            write(&out, "diff.json", &json(diff))?;
            write(&out, "diff.sarif", &sarif(diff, &options.prefix))?;
            ci::comment(&markdown(diff, &options), &summary)
        }
        None => {
            // Nothing was found, so earlier findings must not stay: neither here nor where an empty log is uploaded to.
            remove(&out, "diff.json")?;
            write(&out, "diff.sarif", &sarif(&Diff::default(), &options.prefix))?;
            ci::comment(&format!("{}\n### Runi: ❌ nothing could be compared\n", options.anchor()), &summary)
        }
    };
    write(&out, "comment.md", &comment)?;
    tell(&report, &tests, compared.as_ref(), &options.prefix, &comment, shell)?;
    if let Some(error) = unable {
        return Err(error);
    }
    let failed =
        report.has_errors() || tests.iter().any(|test| !test.is_ok()) || compared.is_some_and(|compared| compared.diff.is_denied());
    shell.status(if failed { Tone::Bad } else { Tone::Good }, "Reviewed", &summary.replace('\n', "; "));
    Ok(if failed { Exit::Problems } else { Exit::Ok })
}

/// On GitHub: annotations and the job's summary. Elsewhere: what the three commands would say.
fn tell(
    report: &Report,
    tests: &[TestResult],
    compared: Option<&Comparison>,
    prefix: &str,
    comment: &str,
    shell: &Shell,
) -> Result<(), CommandError> {
    if std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        shell.data(&render::github(&report.diagnostics, &report.sources, prefix));
        shell.data(&ci::annotations(tests, prefix));
        if let Some(compared) = compared {
            shell.data(&github(&compared.diff, prefix));
        }
        if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
            append(Path::new(&path), comment)?;
        }
        return Ok(());
    }
    session::show(report, crate::cli::DiagnosticFormat::Human, prefix, shell);
    shell.status(Tone::Note, "Checked", &session::problems(report));
    tests.iter().filter(|test| !test.is_ok()).for_each(|test| shell.data(&test.human()));
    if let Some(compared) = compared {
        let text = human::human(&compared.diff, shell.colors_stdout(), false);
        if !text.is_empty() {
            shell.data(&text);
        }
    }
    Ok(())
}

/// The folder of the report. The workspace may be of a pull request: no link in it leads elsewhere.
fn folder(root: &Path, wanted: &Path) -> Result<PathBuf, CommandError> {
    if let Some(own) = wanted.strip_prefix(state::FOLDER).ok().and_then(Path::to_str) {
        return Ok(state::folder(root, own)?);
    }
    let out = root.join(wanted);
    let fail = CommandError::io("write", out.clone());
    std::fs::create_dir_all(&out).map_err(&fail)?;
    if wanted.is_relative() && !out.canonicalize().map_err(&fail)?.starts_with(root.canonicalize().map_err(&fail)?) {
        return Err(CommandError::environment(format!("`{}` leads out of the workspace", wanted.display())).hint("give an absolute path"));
    }
    Ok(out)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), CommandError> {
    let path = folder.join(name);
    state::is_file(&path)?;
    std::fs::write(&path, text).map_err(CommandError::io("write", &path))
}

fn remove(folder: &Path, name: &str) -> Result<(), CommandError> {
    let path = folder.join(name);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(CommandError::io("remove", &path)(error)),
        _ => Ok(()),
    }
}

fn append(path: &Path, text: &str) -> Result<(), CommandError> {
    let fail = CommandError::io("write", path);
    let mut file = OpenOptions::new().append(true).create(true).open(path).map_err(&fail)?;
    writeln!(file, "{text}").map_err(&fail)
}
