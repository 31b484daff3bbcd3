//! A workspace on disk: its files, manifest, environments, herds, lock and check cache.

pub mod herd;
pub mod manifest;
mod tables;

pub use herd::Herd;
pub use manifest::{Environment, Manifest, Rebind, SecretSource};
