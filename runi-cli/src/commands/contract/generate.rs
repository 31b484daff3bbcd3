//! `runi contract gen`: contracts from sources, schemas and samples of other formats.

use crate::cli::{ContractGenArgs, DataFormat, Global};
use crate::error::{CommandError, Exit};
use crate::human::Human;
use crate::render::change::replace;
use crate::render::generate::{Outcome, json, remarks, show};
use crate::session;
use crate::shell::{Shell, Tone};
use crate::table::{count, counted};
use runi_interop::generate::{GenerateError, Generated, file_stem, generate, refer_within};
use runi_interop::import::{Format, Input, Options, import};
use runi_interop::{ImportError, Imported, Loss, annotate};
use runi_lang::workspace::{OpenError, Workspace};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

/// Imports, merges, and writes or compares.
pub(crate) fn exec(args: &ContractGenArgs, global: &Global, shell: &Shell) -> Result<Exit, CommandError> {
    let workspace = workspace(args, global)?;
    let known: Vec<String> = workspace.iter().flat_map(Workspace::contracts).map(|entry| entry.binding.contract.name.clone()).collect();
    let (mut sources, mut bad) = (Vec::new(), 0);
    for source in &args.sources {
        let name = source.to_string_lossy().replace('\\', "/");
        match read(source, &name, &known, args, global, shell) {
            Ok(Some(imported)) => sources.push((name, imported)),
            Ok(None) => bad += 1,
            Err(mut error) if error.exit == Exit::Problems => {
                error.message = format!("`{name}`: {}", error.message);
                shell.failure(&error);
                bad += 1;
            }
            Err(error) => return Err(error),
        }
    }
    if bad > 0 {
        let of = if args.sources.len() > 1 {
            format!("{} of {}", count(bad), counted(args.sources.len() as u64, "source"))
        } else {
            "the source".to_owned()
        };
        shell.status(Tone::Bad, "Stopped", &format!("{of} cannot be read; nothing was written"));
        return Ok(Exit::Problems);
    }
    if sources.iter().all(|(_, imported)| imported.contracts.is_empty()) {
        remarks(&sources, shell);
        return Err(CommandError::problems("none of the sources has anything that could be a contract"));
    }
    name(&mut sources, args)?;
    if workspace.is_some() {
        refer_within(&mut sources, &known);
    }
    if args.out.as_deref() == Some(Path::new("-")) && args.format == DataFormat::Human {
        let contracts: Vec<_> = sources.iter().flat_map(|(_, imported)| imported.contracts.iter().cloned()).collect();
        shell.data(&runi_lang::syntax::write::file(&contracts).map_err(unwritable)?);
        remarks(&sources, shell);
        return Ok(Exit::Ok);
    }
    let (outcomes, texts) = plan(&sources, workspace.as_ref(), args, global)?;
    let differs = outcomes.iter().any(|outcome| outcome.state != "same");
    let refused: Vec<&str> =
        outcomes.iter().filter(|outcome| outcome.state == "changed" && !args.force).map(|outcome| outcome.path.as_str()).collect();
    let writes = !args.check && refused.is_empty() && args.out.as_deref() != Some(Path::new("-"));
    if writes {
        for (path, text) in &texts {
            replace(path, text)?;
        }
    }
    if args.format == DataFormat::Json {
        shell.data(&session::json(&json(&outcomes, &sources))?);
    } else {
        show(&outcomes, args.check, writes, shell);
        if !args.check {
            remarks(&sources, shell);
        }
    }
    match (args.check, refused.as_slice()) {
        (true, _) => Ok(if differs { Exit::Differences } else { Exit::Ok }),
        (false, []) => Ok(Exit::Ok),
        (false, refused) => Err(CommandError::problems(format!("`{}` would change, and nothing was written", refused.join("`, `")))
            .hint("`--check` shows what would change, `--force` writes it and keeps what only the contract says")),
    }
}

/// One source; problems in it are shown, and there is none then.
fn read(
    source: &Path,
    name: &str,
    known_contracts: &[String],
    args: &ContractGenArgs,
    global: &Global,
    shell: &Shell,
) -> Result<Option<Imported>, CommandError> {
    let stdin = source == Path::new("-");
    let path = session::directory(global).join(source);
    let cannot = CommandError::io("read", name);
    let mut bytes = Vec::new();
    let known = args.from.or_else(|| if stdin { None } else { Format::of(name) });
    if stdin {
        if args.from.is_none() {
            return Err(CommandError::usage("stdin has no name that would tell its format").hint("name it with `--from`"));
        }
        if std::io::stdin().is_terminal() {
            return Err(CommandError::usage("there is nothing on stdin"));
        }
        std::io::stdin().read_to_end(&mut bytes).map_err(&cannot)?;
    } else if !known.is_some_and(Format::is_sample) {
        bytes = std::fs::read(&path).map_err(&cannot)?;
    } else if !path.is_file() {
        return Err(CommandError::usage(format!("`{name}` is not a file")));
    }
    let head = bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default();
    let Some(format) = known.or_else(|| Format::guess(name, head)) else {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        return Err(CommandError::usage(format!("the name of `{name}` does not tell its format"))
            .hint(format!("name it with `--from`: {}", names.join(", "))));
    };
    let options = Options {
        types: args.types.clone(),
        known: known_contracts.to_vec(),
        name: args.name.clone(),
        dialect: args.dialect.clone(),
        rows: args.rows,
    };
    let input = Input { name, bytes: &bytes, path: (!stdin).then_some(path.as_path()), options: &options };
    match import(format, &input) {
        Ok(imported) => Ok(Some(imported)),
        Err(ImportError::Source { diagnostics }) => {
            let human = Human::new(shell.colors_stderr(), 110);
            let text = |place: &str| {
                let file = session::directory(global).join(place);
                if place == name { Some(String::from_utf8_lossy(&bytes).into_owned()) } else { std::fs::read_to_string(file).ok() }
            };
            for diagnostic in &diagnostics {
                shell.talk(&format!("{}\n", human.render(diagnostic, &text).trim_end()));
            }
            Ok(None)
        }
        // Among several, a file of enums or services is no mistake.
        Err(ImportError::Nothing { message, .. }) if args.sources.len() > 1 => {
            let loss = Loss { at: "the file".to_owned(), message: format!("{message}; it is left out"), line: None };
            Ok(Some(Imported { losses: vec![loss], ..Imported::default() }))
        }
        Err(error) => Err(error.into()),
    }
}

/// `--name`, and no name twice.
fn name(sources: &mut [(String, Imported)], args: &ContractGenArgs) -> Result<(), CommandError> {
    let mut all: Vec<_> = sources.iter_mut().flat_map(|(_, imported)| &mut imported.contracts).collect();
    if let Some(name) = &args.name {
        match all.as_mut_slice() {
            [one] => one.name.clone_from(name),
            many => {
                let names: Vec<&str> = many.iter().map(|contract| contract.name.as_str()).collect();
                return Err(CommandError::usage(format!(
                    "`--name` names one contract, and there are {}: {}",
                    names.len(),
                    names.join(", ")
                ))
                .hint("choose one with `--type`"));
            }
        }
    }
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (source, imported) in &*sources {
        imported.contracts.iter().for_each(|contract| named.entry(&contract.name).or_default().push(source));
    }
    named.retain(|_, sources| sources.len() > 1);
    if named.is_empty() {
        return Ok(());
    }
    let twice: Vec<String> = named.iter().map(|(name, sources)| format!("`{name}` ({})", sources.join(", "))).collect();
    let what = format!("contracts have names of their own, and more than one would be called {}", twice.join("; "));
    Err(CommandError::usage(what).hint("leave all but one out with `--type`, or make the others one by one with `--name`"))
}

/// Contracts can be made anywhere; in a workspace they are changed where they are.
fn workspace(args: &ContractGenArgs, global: &Global) -> Result<Option<Workspace>, CommandError> {
    if args.out.is_some() {
        return Ok(None);
    }
    match session::checked(global) {
        Ok((workspace, _)) => Ok(Some(workspace)),
        Err(_) if matches!(Workspace::open(&session::directory(global), None), Err(OpenError::NotAWorkspace(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What becomes of each contract, and the texts of the files that change.
fn plan(
    sources: &[(String, Imported)],
    workspace: Option<&Workspace>,
    args: &ContractGenArgs,
    global: &Global,
) -> Result<(Vec<Outcome>, BTreeMap<PathBuf, String>), CommandError> {
    let start = session::directory(global);
    let root = workspace.and_then(Workspace::root).map_or_else(|| start.clone(), Path::to_path_buf);
    let entries = workspace.map(Workspace::contracts).unwrap_or_default();
    let folder = args.out.clone().filter(|out| out != Path::new("-"));
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut outcomes = Vec::new();
    for (source, imported) in sources {
        for contract in &imported.contracts {
            let file = format!("{}.contract", file_stem(&contract.name));
            let known = entries.iter().find(|entry| entry.binding.contract.name == contract.name);
            let (path, shown) = match (&folder, known) {
                (Some(folder), _) => (start.join(folder).join(&file), folder.join(&file).display().to_string()),
                (None, Some(entry)) => (root.join(&*entry.path), entry.path.to_string()),
                (None, None) => (root.join("contracts").join(&file), format!("contracts/{file}")),
            };
            let there = match texts.get(&path) {
                Some(text) => Some(text.clone()),
                None if path.exists() => Some(std::fs::read_to_string(&path).map_err(CommandError::io("read", &shown))?),
                None => None,
            };
            let Generated { contract, text, kept, removed, comments_lost } =
                generate(contract, there.as_deref()).map_err(|error| ungenerable(&error, &shown))?;
            // What was guessed is said beside it, once: later the comments are people's.
            let text = if there.is_none() { annotate(&text, &contract, &imported.notes) } else { text };
            let state = match &there {
                None => "new",
                Some(before) if *before == text => "same",
                Some(_) => "changed",
            };
            let before = there.unwrap_or_default();
            let diff = similar::TextDiff::from_lines(before.as_str(), text.as_str());
            let diff = diff.unified_diff().context_radius(2).header(&shown, source).to_string();
            if state != "same" {
                texts.insert(path, text);
            }
            let diff = if state == "changed" { diff } else { String::new() };
            outcomes.push(Outcome { name: contract.name, path: shown, source: source.clone(), state, kept, removed, diff, comments_lost });
        }
    }
    Ok((outcomes, texts))
}

fn unwritable(error: runi_lang::syntax::write::Unwritable) -> CommandError {
    let error = GenerateError::from(error);
    CommandError::problems(error.to_string()).code(error.code())
}

fn ungenerable(error: &GenerateError, path: &str) -> CommandError {
    let hint = match error {
        GenerateError::Unwritable(_) => "nothing was written; `--name` gives a contract another name",
        GenerateError::Broken(_) => "nothing was written; `runi check` shows the errors",
    };
    CommandError::problems(format!("{path}: {error}")).code(error.code()).hint(hint)
}
