//! Selectors: scenarios by name, tag and graph.
