//! The one comment of a pull request: the script of the action, run against a GitHub of paper.

use crate::support::Space;
use crate::workflows::yaml;
use serde_json::{Value, json};
use std::process::Command;

/// The step of the action that comments.
fn step() -> Value {
    let action = yaml(".github/actions/runi/action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["with"]["script"].is_string()).unwrap().clone()
}

fn script() -> String {
    step()["with"]["script"].as_str().unwrap().to_owned()
}

/// What can be told of the script without running it: each part stands where it has to.
#[test]
fn the_script_changes_only_its_own_comment() {
    let script = script();
    let at = |part: &str| script.find(part).unwrap_or_else(|| panic!("the script has no `{part}`:\n{script}"));
    // The report is data, never a part of the script, and its first line says whose comment it is.
    assert_eq!(step()["env"]["REPORT"], "${{ steps.run.outputs.report }}");
    assert!(at("readFileSync(`${process.env.REPORT}/comment.md`") < at("const anchor = body.split(\"\\n\", 1)[0];"));
    // Every page of comments is looked through; the one that is changed is ours and has the anchor.
    let mine = script.lines().find(|line| line.contains("comments.find(")).unwrap();
    assert!(mine.contains("comment.user?.login === viewer.login && comment.body?.startsWith(anchor)"), "{mine}");
    assert!(at("github.paginate(github.rest.issues.listComments") < at("comments.find("));
    let order = [
        "if (mine) {",
        "updateComment({ owner, repo, comment_id: mine.id, body })",
        "} else {",
        "createComment({ owner, repo, issue_number, body })",
    ];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{script}");
    // A fork's pull request may not write, and that is no failure; anything else is.
    assert!(at("catch (error)") < at("if (error.status !== 403) throw error;"));
    assert!(at("throw error;") < at("core.warning("));
    for call in ["updateComment(", "createComment(", "deleteComment("] {
        assert_eq!(script.matches(call).count(), usize::from(call != "deleteComment("), "{call}");
    }
}

/// A GitHub of paper: comments in pages of a hundred, ours and others'.
const GITHUB: &str = r#"
const [script, state] = process.argv.slice(2);
const fs = require("fs");
const saved = JSON.parse(fs.readFileSync(state, "utf8"));
const denied = () => { if (saved.forbidden) throw Object.assign(new Error("Resource not accessible by integration"), { status: 403 }); };
const issues = {
  listComments: async ({ issue_number, per_page, page }) =>
    ({ data: saved.comments.filter((one) => one.issue === issue_number).slice((page - 1) * per_page, page * per_page) }),
  updateComment: async ({ comment_id, body }) => { denied(); saved.comments.find((one) => one.id === comment_id).body = body; },
  createComment: async ({ issue_number, body }) => {
    denied();
    saved.comments.push({ id: saved.comments.length + 1, issue: issue_number, user: { login: saved.viewer }, body });
  },
};
const github = {
  graphql: async () => ({ viewer: { login: saved.viewer } }),
  rest: { issues },
  paginate: async (call, options) => {
    const all = [];
    for (let page = 1; ; page++) {
      const { data } = await call({ ...options, page });
      all.push(...data);
      if (data.length < options.per_page) return all;
    }
  },
};
const context = { repo: { owner: "o", repo: "r" }, issue: { number: 7 } };
const core = { warning: (text) => { saved.warning = text; } };
const AsyncFunction = (async () => {}).constructor;
new AsyncFunction("github", "context", "core", "require", fs.readFileSync(script, "utf8"))(github, context, core, require)
  .then(() => fs.writeFileSync(state, JSON.stringify(saved)));
"#;

/// Runs the script on `state.json`; gives the state after it.
fn comment(space: &Space, body: &str) -> Value {
    space.write("script.js", script());
    space.write("github.cjs", GITHUB);
    space.write("comment.md", body);
    let paths = ["github.cjs", "script.js", "state.json"].map(|name| space.path(name));
    let output = Command::new("node").args(paths).env("REPORT", space.root()).output().expect("node is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&space.text("state.json")).unwrap()
}

#[test]
#[ignore = "needs node, which GitHub's runners have"]
fn a_pull_request_keeps_one_comment() {
    let bot = "github-actions[bot]";
    let anchor = "<!-- runi-diff: rows -->";
    // More than a page of others, one of whom has copied the anchor; another workspace's; another pull request's.
    let mut comments: Vec<Value> =
        (1..=150).map(|id| json!({ "id": id, "issue": 7, "user": { "login": "someone" }, "body": format!("{id}") })).collect();
    comments[3]["body"] = json!(format!("{anchor}\nnot yours"));
    comments[4] = json!({ "id": 5, "issue": 7, "user": null, "body": null });
    comments[5] = json!({ "id": 6, "issue": 7, "user": { "login": bot }, "body": "<!-- runi-diff: rows in one -->\nother" });
    comments[6] = json!({ "id": 7, "issue": 8, "user": { "login": bot }, "body": anchor });
    let space = Space::empty();
    space.write("state.json", json!({ "viewer": bot, "comments": comments }).to_string());
    let first = comment(&space, &format!("{anchor}\n### first\n"));
    assert_eq!(first["comments"].as_array().unwrap().len(), 151);
    assert_eq!(
        first["comments"][150],
        json!({ "id": 151, "issue": 7, "user": { "login": bot }, "body": format!("{anchor}\n### first\n") })
    );
    let second = comment(&space, &format!("{anchor}\n### second\n"));
    assert_eq!(second["comments"].as_array().unwrap().len(), 151);
    assert_eq!(second["comments"][150]["body"], format!("{anchor}\n### second\n"));
    assert_eq!(second["comments"].as_array().unwrap()[..150], comments);
    assert_eq!(second["warning"], Value::Null);
    // A pull request from a fork may not write.
    let mut forbidden = second;
    forbidden["forbidden"] = json!(true);
    space.write("state.json", forbidden.to_string());
    let third = comment(&space, &format!("{anchor}\n### third\n"));
    assert_eq!(third["comments"], forbidden["comments"]);
    assert!(third["warning"].as_str().unwrap().contains("no permission to comment"));
}
