//! Masks: how a sensitive value may leave.
//!
//! A [`MaskPlan`] turns rows that passed a sink's checks into what the sink writes: its columns, in its order and
//! types, each through its mask. Null stays null under every mask.
//!
//! | mask | text | other types |
//! |---|---|---|
//! | `null` | null | null |
//! | `redact` | `***` | the type's zero; an empty list; null for structs |
//! | `hash` | HMAC-SHA-256, 64 hex digits | the same, of the canonical text; the column is text |
//! | `tokenise` | `tok_` and 26 characters | the same, of the canonical text; the column is text |
//! | `partial` | all but the last `keep` characters become `*`; a value of `keep` or fewer characters becomes all `*` | of the canonical text; the column is text |
//! | `generalise` | the first `to` characters | numbers: the multiple of `to` below, or the lowest value of the type where that does not fit; dates and timestamps: the start of the year, month, day or hour |
//!
//! [`canonical`] says what the canonical text of a value is. Equal values of one type have one text, so
//! hashes join within one key. Tokens come from a key of their own, so a hash never gives away a token.

mod apply;
pub mod canonical;
mod generalise;
mod key;
mod keyed;
mod plan;

pub use key::MaskKey;
pub use plan::MaskPlan;
