//! Row-level steps: guards, actions and promises on batches.
