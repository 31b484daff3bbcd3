//! Secrets: looked up once, never printed.

use crate::error::EngineError;
use crate::mask::MaskKey;
use runi_lang::state::{self, UserKey};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where a secret of the chosen environment comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOrigin {
    /// An environment variable.
    Variable(String),
    /// A file; relative paths start at the workspace.
    File(PathBuf),
    /// A random key that is made on first use and kept under `.runi/secrets/`, readable by its owner alone. It carries the seal of its
    /// owner's own key (see [`runi_lang::state`]): one that came with the workspace is known to whoever sent it, and is refused.
    Generated,
    /// A fixed, public key: for tests, whose goldens must be the same on every machine.
    Test,
}

/// Secret reference → origin.
pub type SecretOrigins = BTreeMap<String, SecretOrigin>;

/// The shortest key that a keyed mask accepts, in bytes.
const SHORTEST: usize = 16;

/// Characters of a key that Runi makes.
const KEY_LENGTH: usize = 64;

/// Finds the key behind `reference`.
///
/// # Errors
/// It is not configured, missing, unreadable, or shorter than 16 bytes.
pub fn mask_key(reference: &str, origins: &SecretOrigins, root: &Path) -> Result<MaskKey, EngineError> {
    let fail = |message: String| EngineError::Secret { reference: reference.to_owned(), message };
    let bytes = match origins.get(reference) {
        None => {
            return Err(fail("the environment does not say where it comes from; add it to `[env.NAME.secrets]` in Runi.toml".to_owned()));
        }
        Some(SecretOrigin::Test) => format!("runi test key, not a secret: {reference}").into_bytes(),
        Some(SecretOrigin::Variable(name)) => match std::env::var(name) {
            Ok(value) => value.into_bytes(),
            Err(_) => return Err(fail(format!("the environment variable `{name}` is not set"))),
        },
        Some(SecretOrigin::File(path)) => {
            let path = root.join(path);
            let text = std::fs::read(&path).map_err(|error| fail(format!("`{}` cannot be read: {error}", path.display())))?;
            text.trim_ascii_end().to_vec()
        }
        Some(SecretOrigin::Generated) => generated(reference, root, &fail)?,
    };
    if bytes.len() < SHORTEST {
        return Err(fail(format!("the key has {} bytes; it needs at least {SHORTEST}", bytes.len())));
    }
    Ok(MaskKey::new(&bytes))
}

fn generated(reference: &str, root: &Path, fail: &dyn Fn(String) -> EngineError) -> Result<Vec<u8>, EngineError> {
    let owner = UserKey::of(root).ok_or_else(|| {
        fail(
            "a generated key needs a home directory that only you can read, to tell your keys from those that come with a workspace; \
              name a variable or a file for it in `[env.NAME.secrets]` of Runi.toml"
                .to_owned(),
        )
    })?;
    let seal = |key: &[u8]| owner.seal("secret", &[reference.as_bytes(), b"\0", key].concat());
    let name = blake3::hash(reference.as_bytes()).to_hex();
    let path = state::file(root, &format!("secrets/{name}")).map_err(EngineError::unusable)?;
    let known = || -> std::io::Result<Option<Vec<u8>>> {
        let text = std::fs::read(&path)?;
        let (key, given) = text.trim_ascii_end().split_at_checked(KEY_LENGTH).unwrap_or((text.as_slice(), &[][..]));
        let ours = blake3::Hash::from_hex(given.trim_ascii()).is_ok_and(|given| given == seal(key));
        Ok(ours.then(|| key.to_vec()))
    };
    let believed = |key: Option<Vec<u8>>| {
        key.ok_or_else(|| {
            fail(format!(
                "`{}` was not made by you on this machine, so somebody else may know it; remove it, and another is made (masked values \
                 change then), or, if you trust it, name it as a file in `[env.NAME.secrets]` of Runi.toml",
                path.display()
            ))
        })
    };
    match known() {
        Ok(key) => return believed(key),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(EngineError::io("read", &path)(error)),
    }
    let folder = state::folder(root, "secrets").map_err(EngineError::unusable)?;
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(EngineError::io("create", &folder))?;
    // Two version 4 UUIDs hold 244 bits of the system's randomness.
    let key = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let text = format!("{key}\n{}\n", seal(key.as_bytes()).to_hex());
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(EngineError::io("write", &path))?;
    // Temporary files are made with mode 0600; the rename keeps it. A second process that was faster wins.
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(key.into_bytes()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => believed(known().map_err(EngineError::io("read", &path))?),
        Err(error) => Err(EngineError::io("write", &path)(error.error)),
    }
}
