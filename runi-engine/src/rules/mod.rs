//! Contract rules, compiled to one bit per rule and row.
