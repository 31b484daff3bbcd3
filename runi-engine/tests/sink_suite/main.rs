//! Sinks through their public interface: what is written, what survives, what is refused.

// Links, permissions and signals are those of Unix.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crash;
mod delta;
mod formats;
mod places;
mod publish;
mod recovery;
mod round_trip;
mod support;
