//! HMAC-SHA-256 of many short values under one key.

use super::MaskKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What separates the key of tokens from the key of hashes.
const TOKEN_DOMAIN: &[u8] = b"runi/mask/tokenise/v1\0";
/// The start of every token.
const TOKEN_PREFIX: &[u8] = b"tok_";
/// 130 bits: 2^65 values before two tokens are likely to meet.
const TOKEN_DIGITS: usize = 26;

/// How many bytes a hash takes.
pub(super) const HASH_LEN: usize = 64;
/// How many bytes a token takes.
pub(super) const TOKEN_LEN: usize = TOKEN_PREFIX.len() + TOKEN_DIGITS;

/// A keyed function whose key is already absorbed: a value costs two blocks of SHA-256, not four.
#[derive(Clone)]
pub(super) struct Keyed {
    state: Hmac<Sha256>,
    token: bool,
}

impl Keyed {
    /// `hash`: HMAC under the key itself, so that any tool can recompute it.
    pub(super) fn hash(key: &MaskKey) -> Option<Self> {
        Some(Self { state: Hmac::new_from_slice(key.bytes()).ok()?, token: false })
    }

    /// `tokenise`: HMAC under SHA-256 of the domain and the key.
    pub(super) fn token(key: &MaskKey) -> Option<Self> {
        let derived = Sha256::new().chain_update(TOKEN_DOMAIN).chain_update(key.bytes()).finalize();
        Some(Self { state: Hmac::new_from_slice(&derived).ok()?, token: true })
    }

    /// Bytes that [`Keyed::write`] appends.
    pub(super) fn width(&self) -> usize {
        if self.token { TOKEN_LEN } else { HASH_LEN }
    }

    /// Appends the masked form of `value`.
    pub(super) fn write(&self, value: &[u8], out: &mut Vec<u8>) {
        let mut state = self.state.clone();
        state.update(value);
        let digest = state.finalize().into_bytes();
        if self.token {
            out.extend_from_slice(TOKEN_PREFIX);
            base32(&digest, out);
        } else {
            hex(&digest, out);
        }
    }
}

/// Two hex digits per byte.
const HEX: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    table
};

fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    let mut digits = [0; HASH_LEN];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&HEX[usize::from(*byte)]);
    }
    out.extend_from_slice(&digits);
}

/// The first 26 digits of RFC 4648 base 32, in lower case.
fn base32(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let (mut bits, mut held, mut written) = (0_u32, 0, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 && written < TOKEN_DIGITS {
            held -= 5;
            out.push(DIGITS[(bits >> held & 31) as usize]);
            written += 1;
        }
        bits &= (1 << held) - 1;
        if written == TOKEN_DIGITS {
            return;
        }
    }
}
