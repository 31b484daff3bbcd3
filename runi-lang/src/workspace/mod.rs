//! A workspace on disk: its files, manifest, environments, herds, lock and check cache.
