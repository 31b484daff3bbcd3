//! Any contract file lowers without a panic, and diagnostics point into the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runi_lang::syntax::{FileKind, decode, properties};

fuzz_target!(|bytes: &[u8]| {
    let (text, _) = decode(bytes);
    assert_eq!(properties::lowers(&text, FileKind::Contract), Ok(()));
});
