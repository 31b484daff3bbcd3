//! Sinks: rows encoded and published atomically.
