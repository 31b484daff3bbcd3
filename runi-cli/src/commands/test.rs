//! `runi test`: goldens and examples.

use crate::cli::{DataFormat, Global, TestArgs};
use crate::error::{CommandError, Exit};
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::duration;
use runi_lang::check::slug;
use runi_lang::ir::Pipeline;
use runi_test::report::{Outcome, TestResult};
use runi_test::{example, golden};
use std::time::Instant;

/// Runs the tests and shows what differs.
pub(super) fn exec(args: &TestArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let start = Instant::now();
    let Some((workspace, pipelines)) = session::pipelines(global, &[], shell)? else { return Ok(Exit::Problems) };
    let root = session::root(global)?;
    let engine = session::engine();
    let wanted = |name: &str| args.names.is_empty() || args.names.iter().any(|asked| asked == name || *asked == slug(name));
    let mut results: Vec<TestResult> = Vec::new();
    let lookup = workspace.lookup();
    let paths: Vec<String> = workspace.paths().filter(|path| path.ends_with(".dsl")).map(str::to_owned).collect();
    for path in &paths {
        let (Some(feature), Some(text)) = (lookup.feature(path), workspace.text(path)) else { continue };
        let line = |offset: u32| 1 + text.as_bytes().iter().take(offset as usize).filter(|byte| **byte == b'\n').count() as u32;
        for def in feature.steps.iter().filter(|def| wanted(&def.name.value)) {
            results.extend(example::step(path, def, &lookup, &*engine, &root, &line));
        }
        for scenario in feature.scenarios.iter().filter(|scenario| wanted(&scenario.name.value)) {
            let of: Option<&Pipeline> = pipelines.iter().find(|pipeline| pipeline.slug == slug(&scenario.name.value));
            if let Some(pipeline) = of {
                results.extend(example::scenario(pipeline, scenario, &root, &line));
                results.extend(golden::run(pipeline, &root, args.update));
            }
        }
    }
    if !args.names.is_empty() && results.is_empty() {
        return Err(CommandError::usage("no golden and no example has such a name").hint("`runi test` runs all of them"));
    }
    let failed = results.iter().filter(|result| !result.is_ok()).count();
    match args.format {
        DataFormat::Json => shell.data(&session::json(&results)?),
        DataFormat::Human => results.iter().for_each(|result| shell.data(&result.human())),
    }
    let updated = results.iter().filter(|result| matches!(result.outcome, Outcome::Updated)).count();
    let took = duration(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));
    let (tone, word) = if failed == 0 { (Tone::Good, "Tested") } else { (Tone::Bad, "Tested") };
    let mut line = format!("{} passed, {failed} failed", results.len() - failed - updated);
    if updated > 0 {
        line.push_str(&format!(", {updated} updated"));
    }
    shell.status(tone, word, &format!("{line} in {took}"));
    Ok(if failed == 0 { Exit::Ok } else { Exit::Problems })
}
