//! Diagnostics of the group `types`, one module each.

mod bad_value;
mod bad_window;
mod clock_in_stream;
mod column_conflict;
mod column_handed_twice;
mod guarded_shape_change;
mod never_held;
mod not_boolean;
mod null_passes;
mod parameter_type;
mod sql_not_allowed;
mod sql_other;
mod sql_syntax;
mod type_mismatch;
mod untyped_null;

pub use bad_value::{BAD_VALUE, bad_value, unreadable_literal};
pub use bad_window::{BAD_WINDOW, bad_window};
pub use clock_in_stream::{CLOCK_IN_STREAM, clock_in_stream};
pub use column_conflict::{COLUMN_CONFLICT, column_conflict};
pub use column_handed_twice::{COLUMN_HANDED_TWICE, column_handed_twice};
pub use guarded_shape_change::{GUARDED_SHAPE_CHANGE, guarded_shape_change};
pub use never_held::{NEVER_HELD, never_held};
pub use not_boolean::{NOT_BOOLEAN, not_boolean};
pub use null_passes::{NULL_PASSES, null_passes};
pub use parameter_type::{PARAMETER_TYPE, parameter_type};
pub use sql_not_allowed::{SQL_NOT_ALLOWED, sql_not_allowed};
pub use sql_other::{SQL_OTHER, sql_other};
pub use sql_syntax::{SQL_SYNTAX, sql_syntax};
pub use type_mismatch::{TYPE_MISMATCH, type_mismatch};
pub use untyped_null::{UNTYPED_NULL, untyped_null};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &SQL_SYNTAX,
    &NULL_PASSES,
    &TYPE_MISMATCH,
    &NOT_BOOLEAN,
    &SQL_NOT_ALLOWED,
    &SQL_OTHER,
    &BAD_VALUE,
    &GUARDED_SHAPE_CHANGE,
    &UNTYPED_NULL,
    &PARAMETER_TYPE,
    &COLUMN_HANDED_TWICE,
    &BAD_WINDOW,
    &CLOCK_IN_STREAM,
    &COLUMN_CONFLICT,
    &NEVER_HELD,
];
