//! The key of keyed masks.

use zeroize::Zeroizing;

/// A herd's masking key. It cannot be printed, compared or serialised, and its bytes are wiped when it is dropped.
pub struct MaskKey {
    bytes: Zeroizing<Vec<u8>>,
}

impl MaskKey {
    /// Copies a key. Use 16 random bytes or more: whoever guesses the key can undo every hash of a value that can be guessed.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self { bytes: Zeroizing::new(bytes.to_vec()) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
