//! Files to lossless trees, and trees to canonical text. Knows neither salsa nor SQL.
