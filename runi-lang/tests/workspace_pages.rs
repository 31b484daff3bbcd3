//! The examples on the pages of the workspace's own codes: the wrong one gives that code and no other, the right one none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use runi_lang::diagnostics::workspace::ALL;
use support::{codes, engine, workspace};

/// The files of one section: every fence with `file=`.
fn files(section: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        if let Some((_, path)) = info.split_once("file=") {
            files.push((path.trim().to_owned(), format!("{}\n", body.join("\n"))));
        }
    }
    files
}

fn found(section: &str) -> Vec<String> {
    let files = files(section);
    assert!(!files.is_empty(), "a section without files");
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let report = workspace(&files).1.check(engine).unwrap();
    codes(&report).into_iter().filter_map(|code| code.rsplit_once(':').map(|(_, code)| code.to_owned())).collect()
}

#[test]
fn the_wrong_example_has_the_problem_and_the_right_one_has_none() {
    for code in ALL {
        let Some((wrong, right)) = code.page.split_once("\n## Right\n") else { continue };
        let (_, wrong) = wrong.split_once("\n## Wrong\n").unwrap();
        assert_eq!(found(wrong), [code.id], "the wrong example of {}", code.id);
        assert_eq!(found(right), Vec::<String>::new(), "the right example of {}", code.id);
    }
}
