//! Secrets: looked up once, never printed.

use crate::error::EngineError;
use crate::mask::MaskKey;
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
    /// A random key that is made on first use and kept under `.runi/secrets/`, readable by its owner alone.
    Generated,
    /// A fixed, public key: for tests, whose goldens must be the same on every machine.
    Test,
}

/// Secret reference → origin.
pub type SecretOrigins = BTreeMap<String, SecretOrigin>;

/// The shortest key that a keyed mask accepts, in bytes.
const SHORTEST: usize = 16;

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
        Some(SecretOrigin::Generated) => generated(reference, root)?,
    };
    if bytes.len() < SHORTEST {
        return Err(fail(format!("the key has {} bytes; it needs at least {SHORTEST}", bytes.len())));
    }
    Ok(MaskKey::new(&bytes))
}

fn generated(reference: &str, root: &Path) -> Result<Vec<u8>, EngineError> {
    let folder = root.join(".runi").join("secrets");
    let path = folder.join(blake3::hash(reference.as_bytes()).to_hex().as_str());
    match std::fs::read(&path) {
        Ok(bytes) => return Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(EngineError::io("read", &path)(error)),
    }
    std::fs::create_dir_all(&folder).map_err(EngineError::io("create", &folder))?;
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(EngineError::io("create", &folder))?;
    // Two version 4 UUIDs hold 244 bits of the system's randomness.
    let key = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    file.write_all(key.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(EngineError::io("write", &path))?;
    // Temporary files are made with mode 0600; the rename keeps it. A second process that was faster wins.
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(key.into_bytes()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            std::fs::read(&path).map_err(EngineError::io("read", &path))
        }
        Err(error) => Err(EngineError::io("write", &path)(error.error)),
    }
}
