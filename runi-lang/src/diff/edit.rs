//! Changes to the text of a contract's file that leave everything else in it as it is.

use crate::db::{Items, read_model};
use crate::model::Version;
use crate::syntax::{FileKind, SyntaxKind, parse};
use std::ops::Range;

/// The file with another `@version` of a contract; `None` when the contract is not there or has no `@version`.
#[must_use]
pub fn with_version(text: &str, contract: &str, version: Version) -> Option<String> {
    let Items::Contracts(file) = read_model("", FileKind::Contract, text).items else { return None };
    let tag = file.spans.get(&format!("{contract}/@version"))?;
    let from = usize::from(tag.start());
    let open = from + text.get(from..)?.find('(')?;
    let close = open + text.get(open..)?.find(')')?;
    Some(format!("{}({version}{}", text.get(..open)?, text.get(close..)?))
}

/// `Runi.toml` with another `[workspace] version`, its layout and comments kept; `None` when it has none.
#[must_use]
pub fn with_workspace_version(text: &str, version: Version) -> Option<String> {
    let mut manifest: toml_edit::DocumentMut = text.parse().ok()?;
    let item = manifest.get_mut("workspace")?.as_table_like_mut()?.get_mut("version")?.as_value_mut()?;
    let decor = item.decor().clone();
    *item = toml_edit::Value::from(version.to_string());
    *item.decor_mut() = decor;
    Some(manifest.to_string())
}

/// The file with one contract as another text has it; the other contracts of the file stay. `None` when `donor` lacks the contract.
///
/// In a file that lacks it, the contract is added at the end.
#[must_use]
pub fn with_contract(text: &str, contract: &str, donor: &str) -> Option<String> {
    let body = donor.get(block(donor, contract)?)?.trim();
    match block(text, contract) {
        Some(range) => {
            let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
            let tail = if after.trim().is_empty() { String::new() } else { format!("\n{}", after.trim_start_matches('\n')) };
            Some(format!("{before}{body}\n{tail}"))
        }
        None if text.trim().is_empty() => Some(format!("{body}\n")),
        None => Some(format!("{}\n\n{body}\n", text.trim_end())),
    }
}

/// The bytes of a contract, from its keyword to the next item.
fn block(text: &str, contract: &str) -> Option<Range<usize>> {
    let tree = parse(text, FileKind::Contract);
    let items: Vec<_> = tree.syntax().children().filter(|item| item.kind() == SyntaxKind::Contract).collect();
    let names = |item: &crate::syntax::SyntaxNode| {
        let first = item.text().to_string();
        let line = first.trim_start().lines().next().unwrap_or_default();
        line.trim_start_matches("Contract:").split('#').next().unwrap_or_default().trim().trim_matches('"') == contract
    };
    let index = items.iter().position(names)?;
    let start = items.get(index)?.text_range().start();
    let end = items.get(index + 1).map_or(text.len(), |next| usize::from(next.text_range().start()));
    Some(usize::from(start)..end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const TWO: &str =
        "# both\nContract: A\n  @version( 1.0.0 )  # first\n  @owner(x)\n\n  id  int64\n\nContract: B\n  @version(2.0.0)\n\n  id  int64\n";

    #[test]
    fn only_the_version_changes() {
        let version = Version { major: 1, minor: 1, patch: 0 };
        let new = with_version(TWO, "A", version).unwrap();
        assert_eq!(new, TWO.replace("( 1.0.0 )", "(1.1.0)"));
        assert_eq!(with_version("Contract: A\n  id int64\n", "A", version), None);
        assert_eq!(with_version(TWO, "C", version), None);
    }

    #[test]
    fn the_manifest_keeps_its_layout() {
        let text = "# ours\n[workspace]\nname   = \"w\"\nversion = \"1.2.0\"   # raised by hand\n\n[env.dev.vars]\nversion = \"x\"\n";
        let version = Version { major: 2, minor: 0, patch: 0 };
        assert_eq!(with_workspace_version(text, version).unwrap(), text.replace("1.2.0", "2.0.0"));
        assert_eq!(with_workspace_version("[workspace]\nname = \"w\"\n", version), None);
    }

    #[test]
    fn only_the_contract_changes() {
        let old = "Contract: A\n  @version(0.9.0)\n\n  key  string\n";
        let new = with_contract(TWO, "A", old).unwrap();
        assert!(new.starts_with("# both\nContract: A\n  @version(0.9.0)\n\n  key  string\n\nContract: B\n"), "{new}");
        assert!(new.ends_with("  @version(2.0.0)\n\n  id  int64\n"), "{new}");
        assert_eq!(with_contract("", "A", TWO).unwrap(), "Contract: A\n  @version( 1.0.0 )  # first\n  @owner(x)\n\n  id  int64\n");
        assert_eq!(with_contract(TWO, "C", old), None);
    }
}
