//! Workflow files: valid against the published schemas, pinned, with few rights, and nobody's text inside a script.

use crate::support::{Space, git};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The workflows here and those that `runi init` lays down.
fn workflows() -> Vec<(String, Value)> {
    let mut folders = vec![".github/workflows".to_owned()];
    for entry in fs::read_dir(root().join("templates")).unwrap() {
        let folder = format!("templates/{}/.github/workflows", entry.unwrap().file_name().to_str().unwrap());
        folders.extend(Some(folder).filter(|folder| root().join(folder).is_dir()));
    }
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
            assert!(path.ends_with(".yml"), "{path}: workflows end in .yml");
            found.push((path.clone(), yaml(&path)));
        }
    }
    assert!(found.len() >= 2, "{found:?}");
    found
}

fn actions() -> Vec<(String, Value)> {
    let folder = root().join(".github/actions");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: Vec<_> = names.map(|name| format!(".github/actions/{name}/action.yml")).map(|path| (path.clone(), yaml(&path))).collect();
    assert!(!found.is_empty());
    found
}

/// Every step of a workflow or an action.
fn steps(file: &Value) -> Vec<&Value> {
    let jobs = file["jobs"].as_object().into_iter().flat_map(|jobs| jobs.values());
    let lists = jobs.map(|job| &job["steps"]).chain([&file["runs"]["steps"]]);
    lists.filter_map(Value::as_array).flatten().collect()
}

/// Everything that is a script: shell and JavaScript.
fn scripts(file: &Value) -> Vec<&str> {
    steps(file).into_iter().flat_map(|step| [&step["run"], &step["with"]["script"]]).filter_map(Value::as_str).collect()
}

fn assert_valid(schema: &str, files: &[(String, Value)]) {
    let schema: Value = serde_json::from_str(&fs::read_to_string(root().join(schema)).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (path, file) in files {
        let problems: Vec<String> = validator.iter_errors(file).map(|error| format!("{path}{}: {error}", error.instance_path())).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn workflows_and_actions_are_valid() {
    assert_valid("fixtures/schemas/github-workflows.json", &workflows());
    assert_valid("fixtures/schemas/github-actions.json", &actions());
}

#[test]
fn the_schemas_find_mistakes() {
    let schema: Value = serde_json::from_str(&fs::read_to_string(root().join("fixtures/schemas/github-workflows.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (_, good) = workflows().remove(0);
    for (pointer, value) in [("/permissions", "all"), ("/jobs", "none"), ("/on", "pulled")] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value.into();
        assert!(!validator.is_valid(&bad), "{pointer}: {value}");
    }
}

#[test]
fn every_action_that_is_used_has_a_version() {
    let version = regex::Regex::new(r"^[\w.-]+(/[\w.-]+)+@(v\d+(\.\d+)*|[0-9a-f]{40})$").unwrap();
    for (path, file) in workflows().iter().chain(&actions()) {
        for used in steps(file).into_iter().filter_map(|step| step["uses"].as_str()) {
            assert!(version.is_match(used), "{path}: {used}");
        }
    }
}

#[test]
fn no_workflow_has_more_rights_than_it_needs() {
    for (path, file) in workflows() {
        let top = file["permissions"].as_object().unwrap_or_else(|| panic!("{path} has no permissions"));
        assert!(top.values().all(|right| right == "read"), "{path}: what may be written belongs to the job that writes");
        for (name, job) in file["jobs"].as_object().unwrap() {
            let reviews = steps(&file).iter().any(|step| step["uses"].as_str().is_some_and(|used| used.contains("/actions/runi@")));
            let needed: &[&str] = if reviews { &["pull-requests", "security-events"] } else { &[] };
            let written = job["permissions"].as_object().into_iter().flatten().filter(|(_, right)| *right != "read");
            let written: BTreeSet<&str> = written.map(|(scope, _)| scope.as_str()).collect();
            assert_eq!(written, needed.iter().copied().collect(), "{path}: {name}");
        }
        for step in steps(&file).into_iter().filter(|step| step["uses"].as_str().is_some_and(|used| used.starts_with("actions/checkout@")))
        {
            assert_eq!(step["with"]["persist-credentials"], false, "{path}: nothing here pushes");
        }
        assert!(file["on"].get("pull_request_target").is_none(), "{path}: a stranger's commit must not run with our rights");
    }
}

/// Titles, branch names and inputs are anybody's text: a script gets them through its environment, where they are data.
#[test]
fn no_expression_stands_in_a_script() {
    for (path, file) in workflows().iter().chain(&actions()) {
        for script in scripts(file) {
            assert!(!script.contains("${{"), "{path}:\n{script}");
        }
    }
}

#[test]
fn every_shell_script_can_be_read() {
    let space = Space::empty();
    for (path, file) in workflows().iter().chain(&actions()) {
        for script in steps(file).into_iter().filter_map(|step| step["run"].as_str()) {
            space.write("script", script);
            let read = Command::new("bash").arg("-n").arg(space.path("script")).output().unwrap();
            assert!(read.status.success(), "{path}: {}\n{script}", String::from_utf8_lossy(&read.stderr));
        }
    }
}

/// The names after `PREFIX.` in a text.
fn named(text: &str, prefix: &str) -> BTreeSet<String> {
    let pattern = regex::Regex::new(&format!(r"\b{}\.([\w-]+)", regex::escape(prefix))).unwrap();
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_input_is_used_and_explained() {
    let guide = fs::read_to_string(root().join("docs/review.md")).unwrap();
    for (path, file) in actions() {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        let inputs: BTreeSet<String> = file["inputs"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(named(&text, "inputs"), inputs, "{path}");
        let outputs: BTreeSet<String> = file["outputs"].as_object().unwrap().keys().cloned().collect();
        for name in inputs.iter().chain(&outputs) {
            assert!(guide.contains(&format!("| `{name}` |")), "docs/review.md has no row for `{name}`");
        }
        for given in workflows().iter().flat_map(|(_, workflow)| steps(workflow).into_iter().cloned().collect::<Vec<_>>()) {
            if given["uses"].as_str().is_some_and(|used| used.contains("/actions/runi@")) {
                let with = given["with"].as_object().into_iter().flat_map(|with| with.keys());
                with.for_each(|name| assert!(inputs.contains(name), "{path} has no input `{name}`"));
            }
        }
        let ids: BTreeSet<String> = steps(&file).into_iter().filter_map(|step| step["id"].as_str()).map(str::to_owned).collect();
        assert_eq!(named(&text, "steps"), ids, "{path}: steps have an id when another one asks for it");
    }
}

#[test]
fn versions_are_those_of_this_release() {
    let tag = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(yaml(".github/actions/runi/action.yml")["inputs"]["version"]["default"], tag);
    assert_eq!(yaml("templates/default/.pre-commit-config.yaml")["repos"][0]["rev"], tag);
    let (_, laid) = workflows().into_iter().find(|(path, _)| path.starts_with("templates/")).unwrap();
    let used: Vec<&str> =
        steps(&laid).into_iter().filter_map(|step| step["uses"].as_str()).filter(|used| used.contains("/runi@")).collect();
    assert_eq!(used, [format!("runink-org/runi/.github/actions/runi@{tag}")]);
    let guide = fs::read_to_string(root().join("docs/review.md")).unwrap();
    assert!(guide.contains(&format!(".github/actions/runi@{tag}")), "docs/review.md names another version");
}

fn hooks() -> Vec<Value> {
    yaml(".pre-commit-hooks.yaml").as_array().unwrap().clone()
}

#[test]
fn the_hooks_that_are_laid_down_exist() {
    let ids: Vec<String> = hooks().iter().map(|hook| hook["id"].as_str().unwrap().to_owned()).collect();
    let config = yaml("templates/default/.pre-commit-config.yaml");
    let used: Vec<&str> = config["repos"][0]["hooks"].as_array().unwrap().iter().map(|hook| hook["id"].as_str().unwrap()).collect();
    assert_eq!(used, ids);
}

/// Runs a hook as pre-commit would: on the staged files that its pattern takes, or without any.
fn hook(space: &Space, id: &str) -> Option<crate::support::Done> {
    let all = hooks();
    let hook = all.iter().find(|hook| hook["id"] == id).unwrap();
    assert_eq!(hook["language"], "system", "{id}: runi is installed by those who use it");
    let pattern = regex::Regex::new(hook["files"].as_str().unwrap()).unwrap();
    let staged = git(space.root(), &["diff", "--cached", "--name-only"]);
    let files: Vec<&str> = staged.lines().filter(|path| pattern.is_match(path)).collect();
    if files.is_empty() {
        return None;
    }
    let mut words = hook["entry"].as_str().unwrap().split(' ');
    assert_eq!(words.next(), Some("runi"), "{id}");
    let mut args: Vec<&str> = words.collect();
    if hook["pass_filenames"] != false {
        args.extend(files);
    }
    Some(space.runi(&args))
}

#[test]
fn hooks_stop_a_commit_that_is_not_sound() {
    let space = Space::orders().committed();
    space.write("README.md", "other words\n");
    git(space.root(), &["add", "-A"]);
    for id in ["runi-fmt", "runi-check", "runi-diff"] {
        assert!(hook(&space, id).is_none(), "{id} runs for what is not its own");
    }
    let contracts = space.text("contracts/orders.contract");
    let staged = |text: &str| {
        space.write("contracts/orders.contract", text);
        git(space.root(), &["add", "-A"]);
    };
    // A remark breaks nothing.
    staged(&format!("{contracts}\n# the end\n"));
    for id in ["runi-check", "runi-diff"] {
        hook(&space, id).unwrap().exits(0);
    }
    staged(&contracts.replace("  order_id ", "       order_id "));
    hook(&space, "runi-fmt").unwrap().exits(3).shows(&["contracts/orders.contract"]);
    hook(&space, "runi-diff").unwrap().exits(0);
    let (raw, order) = contracts.split_once("Contract: Order\n").unwrap();
    staged(&format!("{raw}Contract: Order\n{}", order.replacen("@pii(email) @mask(hash)", "", 1)));
    hook(&space, "runi-check").unwrap().exits(1).says(&["E0501"]);
    let narrow: Vec<&str> = contracts.lines().filter(|line| !line.trim_start().starts_with("ordered_on")).collect();
    staged(&format!("{}\n", narrow.join("\n")));
    hook(&space, "runi-diff").unwrap().exits(1).shows(&["F004", "Clean orders"]);
    // Only what is staged counts.
    git(space.root(), &["reset", "-q"]);
    assert!(hook(&space, "runi-diff").is_none());
}
