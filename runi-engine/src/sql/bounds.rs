//! How much memory what a function makes may take: a share of what the run may use.

use datafusion::common::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};
use datafusion::common::{Result, config_err};
use std::any::Any;

const MIB: u64 = 1 << 20;

/// The largest value, and the largest values of one batch together, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) value: u64,
    pub(crate) batch: u64,
}

impl Bounds {
    /// A 64th of a run's memory for one value and a quarter for a batch, in whole MiB. A batch of ordinary values has room however little
    /// the run may use, and what Arrow can address has a limit however much.
    pub(crate) fn of(memory: usize) -> Self {
        let memory = memory as u64;
        let share = |part: u64, least: u64, most: u64| (memory / part / MIB * MIB).clamp(least * MIB, most * MIB);
        Self { value: share(64, 1, 16), batch: share(4, 16, 256) }
    }

    /// The bounds of whatever is evaluated with these options.
    pub(crate) fn among(options: &ConfigOptions) -> Self {
        options.extensions.get::<Self>().copied().unwrap_or_default()
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::of(usize::MAX)
    }
}

impl ConfigExtension for Bounds {
    const PREFIX: &'static str = "runi";
}

impl ExtensionOptions for Bounds {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(*self)
    }

    fn set(&mut self, key: &str, _: &str) -> Result<()> {
        config_err!("`{key}` follows from the memory of the run")
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_a_floor_and_a_ceiling() {
        for (memory, value, batch) in
            [(0, 1, 16), (32 << 20, 1, 16), (128 << 20, 2, 32), (300_000_000, 4, 71), (1 << 30, 16, 256), (64 << 30, 16, 256)]
        {
            assert_eq!(Bounds::of(memory), Bounds { value: value * MIB, batch: batch * MIB }, "{memory}");
        }
    }
}
