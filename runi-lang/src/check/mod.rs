//! The proofs: names, types, sink contracts, privacy, environment; and the pipeline IR.
