//! Masks: how a sensitive value may leave.
