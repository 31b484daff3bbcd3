//! Sources through their public interface: every format, its drift, and what it does with records that cannot be read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod source;
