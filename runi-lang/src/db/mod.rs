//! Salsa: inputs, summaries and the queries between files.
