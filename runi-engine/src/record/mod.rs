//! Run records in a hash-chained log.
