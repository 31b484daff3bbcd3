//! One renderer per format; each turns resolved diagnostics into text.
