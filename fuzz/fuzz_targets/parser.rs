//! Any bytes give a lossless tree, whatever the kind of file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runi_lang::syntax::{FileKind, decode, properties};

fuzz_target!(|bytes: &[u8]| {
    let (text, _) = decode(bytes);
    for kind in [FileKind::Contract, FileKind::Feature] {
        assert_eq!(properties::lossless(&text, kind), Ok(()));
    }
});
