//! The GitHub action, step by step as a runner executes it: real shells and clones. Its comment has a file of its own.

use crate::support::{ROW, Space, git};
use crate::workflows::yaml;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a runner knows: `inputs.…`, `github.…`, `steps.….outputs.…`.
type Context = BTreeMap<String, String>;

/// An action's run, and what it left.
struct Job {
    /// Where the checkout and the runner's files are.
    space: Space,
    context: Context,
    /// Everything that was printed.
    log: String,
    /// Files handed to code scanning, with their categories.
    uploads: Vec<(PathBuf, String)>,
    /// The exit code of the step that ended the job.
    code: i32,
}

/// `a || b`, where the first that is not empty counts.
fn value(expression: &str, context: &Context) -> String {
    let term = |term: &str| match term.strip_prefix('\'') {
        Some(text) => text.trim_end_matches('\'').to_owned(),
        None => context.get(term).cloned().unwrap_or_default(),
    };
    expression.split("||").map(|part| term(part.trim())).find(|value| !value.is_empty()).unwrap_or_default()
}

/// `a == 'b' && c != 'd' && always()`; without `always()` every step before must have been good.
fn holds(condition: &str, context: &Context, failed: bool) -> bool {
    let condition = condition.trim().trim_start_matches("${{").trim_end_matches("}}").trim();
    let one = |term: &str| match (term.split_once("=="), term.split_once("!=")) {
        (Some((left, right)), _) => value(left.trim(), context) == value(right.trim(), context),
        (_, Some((left, right))) => value(left.trim(), context) != value(right.trim(), context),
        _ => panic!("what does `{term}` mean?"),
    };
    let terms: Vec<&str> = condition.split("&&").map(str::trim).collect();
    (terms.contains(&"always()") || !failed) && terms.iter().filter(|term| **term != "always()" && !term.is_empty()).all(|term| one(term))
}

/// Replaces every `${{ … }}`.
fn fill(text: &str, context: &Context) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").unwrap();
        out.push_str(before);
        out.push_str(&value(expression, context));
        rest = after;
    }
    out + rest
}

fn filled(map: &Value, context: &Context) -> BTreeMap<String, String> {
    let of = |(name, value): (&String, &Value)| (name.clone(), fill(value.as_str().unwrap(), context));
    map.as_object().into_iter().flatten().map(of).collect()
}

/// Runs the action in `checkout` below the space.
fn run(space: Space, inputs: &[(&str, &str)], event: &[(&str, &str)]) -> Job {
    let action = yaml(".github/actions/runi/action.yml");
    let mut context: Context = [("server_url", "https://example.com"), ("repository", "o/r"), ("event_name", "push"), ("token", "t")]
        .iter()
        .chain(event)
        .map(|(name, value)| (format!("github.{name}"), (*value).to_owned()))
        .collect();
    for (name, input) in action["inputs"].as_object().unwrap() {
        let default = fill(input["default"].as_str().unwrap_or_default(), &context);
        let given = inputs.iter().find(|(given, _)| given == name).map(|(_, value)| (*value).to_owned());
        context.insert(format!("inputs.{name}"), given.unwrap_or(default));
    }
    for name in ["temp", "output", "summary"] {
        if name == "temp" { fs::create_dir_all(space.path(name)).unwrap() } else { space.write(name, "") }
    }
    let mut job = Job { space, context, log: String::new(), uploads: Vec::new(), code: 0 };
    for step in action["runs"]["steps"].as_array().unwrap() {
        if holds(step["if"].as_str().unwrap_or_default(), &job.context, job.code != 0) {
            let code = job.step(step);
            if job.code == 0 {
                job.code = code;
            }
        }
    }
    job
}

impl Job {
    fn step(&mut self, step: &Value) -> i32 {
        let with = filled(&step["with"], &self.context);
        match step["uses"].as_str().unwrap_or_default().split('@').next().unwrap_or_default() {
            "" => self.shell(step),
            "github/codeql-action/upload-sarif" => {
                self.uploads.push((with["sarif_file"].clone().into(), with["category"].clone()));
                0
            }
            // What it does is told by a test of its own.
            "actions/github-script" => 0,
            other => panic!("this step should not have run: {other}"),
        }
    }

    fn shell(&mut self, step: &Value) -> i32 {
        assert_eq!(step["shell"], "bash");
        self.space.write("step.sh", step["run"].as_str().unwrap());
        self.space.write("output", "");
        let binary = Path::new(env!("CARGO_BIN_EXE_runi")).parent().unwrap().to_str().unwrap();
        let folder = fill(step["working-directory"].as_str().unwrap_or("."), &self.context);
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(self.space.path("step.sh"))
            .current_dir(self.space.path("checkout").join(folder))
            .stdin(Stdio::null())
            .env("PATH", format!("{binary}:{}", std::env::var("PATH").unwrap()))
            .envs([("GITHUB_ACTIONS", "true"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
            .env("GITHUB_OUTPUT", self.space.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.space.path("summary"))
            .env("RUNNER_TEMP", self.space.path("temp"))
            .envs(filled(&step["env"], &self.context))
            .output()
            .unwrap();
        self.log.push_str(&String::from_utf8(output.stdout).unwrap());
        self.log.push_str(&String::from_utf8(output.stderr).unwrap());
        if let Some(id) = step["id"].as_str() {
            for line in self.space.text("output").lines() {
                let (name, value) = line.split_once('=').unwrap();
                self.context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        output.status.code().unwrap()
    }

    fn output(&self, name: &str) -> String {
        let expression = &yaml(".github/actions/runi/action.yml")["outputs"][name]["value"];
        fill(expression.as_str().unwrap(), &self.context)
    }

    fn report(&self, file: &str) -> String {
        let path = Path::new(&self.output("report")).join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}\n{}", path.display(), self.log))
    }

    /// It ended with this code, and says so in its output.
    #[track_caller]
    fn exits(&self, code: i32) {
        assert_eq!((self.code, self.output("exit-code")), (code, code.to_string()), "{}", self.log);
    }

    /// What every report has, whatever happened: two logs that code scanning takes, and a comment.
    #[track_caller]
    fn reports(&self) {
        assert_eq!(self.uploads.len(), 2, "{}", self.log);
        for (path, _) in &self.uploads {
            let log: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            assert_eq!(log["version"], "2.1.0");
            assert!(log["runs"][0]["results"].is_array());
        }
        assert!(self.report("comment.md").starts_with("<!-- runi-diff: "));
        assert!(serde_json::from_str::<Value>(&self.report("tests.json")).unwrap().is_array());
        assert!(self.space.text("summary").contains("### Runi: "), "{}", self.log);
    }
}

/// A server's repository: `main` with a contract, `work` without one of its columns, and the pull request that joins them.
struct Server {
    space: Space,
    main: String,
    work: String,
}

fn server() -> Server {
    let space = Space::rows("id,name\n1,a\n").committed();
    let main = git(space.root(), &["rev-parse", "HEAD"]);
    git(space.root(), &["checkout", "-q", "-b", "work"]);
    space.write("contracts/row.contract", ROW.replace("  name  string\n", ""));
    let work = space.commit("drop a column");
    git(space.root(), &["checkout", "-q", "main"]);
    git(space.root(), &["checkout", "-q", "--detach"]);
    git(space.root(), &["merge", "-q", "--no-ff", "--no-edit", "work"]);
    git(space.root(), &["update-ref", "refs/pull/1/merge", "HEAD"]);
    git(space.root(), &["checkout", "-q", "main"]);
    Server { space, main, work }
}

/// What `actions/checkout` does: one commit, no branch, no default branch.
fn checkout(server: &Server, reference: &str, depth: &str) -> Space {
    let space = Space::empty();
    fs::create_dir(space.path("checkout")).unwrap();
    let dir = space.path("checkout");
    git(&dir, &["init", "-q"]);
    git(&dir, &["remote", "add", "origin", &format!("file://{}", server.space.root().display())]);
    let fetched = format!("+{reference}:refs/remotes/fetched");
    git(&dir, &["fetch", "-q", "--no-tags", depth, "origin", &fetched]);
    git(&dir, &["checkout", "-q", "--detach", "refs/remotes/fetched"]);
    space
}

#[test]
fn a_pull_request_is_compared_with_its_base() {
    let server = server();
    let event =
        [("event_name", "pull_request"), ("event.pull_request.base.sha", &*server.main), ("event.pull_request.head.sha", &*server.work)];
    let job = run(checkout(&server, "refs/pull/1/merge", "--depth=1"), &[], &event);
    job.exits(1);
    job.reports();
    let diff: Value = serde_json::from_str(&job.report("diff.json")).unwrap();
    assert_eq!((&diff["items"][0]["findings"][0]["rule"], &diff["base"]["commit"]), (&json!("F003"), &json!(server.main)));
    assert!(job.log.contains("::error file=contracts/row.contract"), "{}", job.log);
    assert!(job.report("comment.md").contains(&format!("https://example.com/o/r/blob/{}/features/copy.dsl", server.work)));
    assert_eq!(job.uploads.iter().map(|(_, category)| category.as_str()).collect::<Vec<_>>(), ["runi-check/.", "runi-diff/."]);
}

#[test]
fn a_push_is_compared_with_the_commit_before_it() {
    let server = server();
    server.space.write("contracts/row.contract", ROW.replace("  name  string\n", "  name  string\n  more  string\n"));
    server.space.commit("more");
    let job = run(checkout(&server, "refs/heads/main", "--depth=1"), &[], &[("event.before", &server.main)]);
    job.exits(0);
    job.reports();
    assert!(job.report("comment.md").contains("F001"));
    // Nothing that was uploaded by another event stays.
    let job = run(checkout(&server, "refs/heads/work", "--depth=1"), &[("base", "origin/main")], &[("event.before", &server.work)]);
    job.exits(1);
}

#[test]
fn without_a_commit_before_it_a_push_is_compared_with_the_default_branch() {
    let server = server();
    for before in ["0".repeat(40), "d".repeat(40), String::new()] {
        let job = run(checkout(&server, "refs/heads/work", "--depth=1"), &[], &[("event.before", &before)]);
        job.exits(1);
        job.reports();
        assert!(job.report("comment.md").contains("F003"), "{}", job.log);
        assert_eq!(job.log.contains("is compared with instead"), before.starts_with('d'), "{}", job.log);
    }
}

#[test]
fn what_does_not_compile_is_reported_all_the_same() {
    let server = server();
    server.space.write("contracts/row.contract", "Contract: Row\n  id nonsense<\n");
    server.space.commit("broken");
    let job = run(checkout(&server, "refs/heads/main", "--depth=1"), &[], &[("event.before", &server.main)]);
    job.exits(1);
    job.reports();
    assert!(job.report("comment.md").contains("test: not run"));
}

#[test]
fn where_nothing_can_be_compared_the_report_says_so() {
    let server = server();
    let job = run(checkout(&server, "refs/heads/work", "--depth=1"), &[("base", "nowhere")], &[]);
    job.exits(2);
    job.reports();
    assert!(job.report("comment.md").contains("nothing could be compared"));
    assert!(job.report("comment.md").contains("nowhere"));
    assert!(!Path::new(&job.output("report")).join("diff.json").exists());
    // The history cannot be had.
    let space = checkout(&server, "refs/pull/1/merge", "--depth=1");
    git(&space.path("checkout"), &["remote", "set-url", "origin", "file:///nowhere"]);
    let job = run(space, &[("base", &server.main)], &[]);
    assert_ne!(job.code, 0);
    job.reports();
    assert!(job.log.contains("fetch-depth: 0"), "{}", job.log);
}

#[test]
fn without_a_workspace_there_is_no_report() {
    let server = server();
    let job = run(checkout(&server, "refs/heads/main", "--no-tags"), &[("directory", "data")], &[]);
    // `data` lies inside the workspace, which is found from there.
    job.exits(0);
    git(server.space.root(), &["rm", "-q", "Runi.toml"]);
    server.space.commit("no workspace");
    let job = run(checkout(&server, "refs/heads/main", "--no-tags"), &[], &[]);
    job.exits(2);
    assert_eq!((job.output("report"), job.uploads.len()), (String::new(), 0));
}

#[test]
fn two_workspaces_of_one_repository_do_not_collide() {
    let server = server();
    for folder in ["one", "two"] {
        for file in ["Runi.toml", "contracts/row.contract", "features/copy.dsl", "data/rows.csv"] {
            server.space.write(&format!("{folder}/{file}"), server.space.bytes(file));
        }
    }
    let before = server.space.commit("two workspaces of one name");
    for folder in ["one", "two"] {
        server.space.write(&format!("{folder}/contracts/row.contract"), ROW.replace("int64", "string"));
    }
    server.space.commit("another type");
    let review =
        |folder: &str| run(checkout(&server, "refs/heads/main", "--no-tags"), &[("directory", folder)], &[("event.before", &before)]);
    let (one, two) = (review("one"), review("two"));
    let anchors = [&one, &two].map(|job| job.report("comment.md").lines().next().unwrap().to_owned());
    assert_eq!(anchors, ["<!-- runi-diff: rows in one -->", "<!-- runi-diff: rows in two -->"]);
    assert_ne!(one.uploads[1].1, two.uploads[1].1);
    // Paths count from the root of the repository.
    one.exits(1);
    assert!(one.log.contains("::error file=one/contracts/row.contract,line=7"), "{}", one.log);
    let log: Value = serde_json::from_str(&one.report("diff.sarif")).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, "one/contracts/row.contract");
}
