//! End-to-end tests: the `runi` binary on whole workspaces, as its users meet it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, unreachable_pub)]

mod action;
mod bad_input;
mod comment;
mod diff;
mod documents;
mod environments;
mod examples;
mod exit_codes;
mod faults;
mod flights;
mod formats;
mod gate;
mod generate;
mod help;
mod inferred;
mod life;
mod neighbours;
mod reading;
mod support;
mod trades;
mod trust;
mod verdicts;
mod workflows;

/// A module that is not listed above would never run.
#[test]
fn every_file_is_a_module() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") {
            assert!(include_str!("main.rs").contains(&format!("\nmod {module};\n")), "{name} is not listed in main.rs");
        }
    }
}
