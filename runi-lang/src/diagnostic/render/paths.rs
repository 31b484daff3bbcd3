//! Paths of a workspace as the repository around it has them.

/// A path behind `prefix`, the workspace's directory with `/` at the end. One that begins with `../` leads into another workspace.
pub(crate) fn behind(prefix: &str, path: &str) -> String {
    let mut directories: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty()).collect();
    let mut rest = path;
    while let Some(up) = rest.strip_prefix("../") {
        if directories.pop().is_none() {
            // There is nothing above, so the way is left as it is.
            return path.to_owned();
        }
        rest = up;
    }
    directories.push(rest);
    directories.join("/")
}

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn a_way_up_ends_in_another_directory() {
        for (prefix, path, whole) in [
            ("", "features/f.dsl", "features/f.dsl"),
            ("teams/a/", "features/f.dsl", "teams/a/features/f.dsl"),
            ("teams/a/", "../b/features/f.dsl", "teams/b/features/f.dsl"),
            ("teams/a/", "../../features/f.dsl", "features/f.dsl"),
            ("", "../f.dsl", "../f.dsl"),
        ] {
            assert_eq!(behind(prefix, path), whole);
        }
    }
}
