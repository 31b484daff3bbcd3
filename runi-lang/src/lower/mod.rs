//! Trees to models, one file alone.
