//! The one canonical layout.
