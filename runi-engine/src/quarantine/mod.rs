//! The quarantine: what is kept of a row that was set aside.

pub(crate) mod json;
