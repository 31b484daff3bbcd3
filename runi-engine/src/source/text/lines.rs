//! Where lines begin in a piece, counted when somebody first asks: a piece of which every row is bad is asked once a row.

use std::sync::OnceLock;

/// Bytes between two places whose lines are known.
const STRIDE: usize = 4096;

/// Line ends before each stride of a piece.
#[derive(Debug, Default)]
pub(super) struct Lines {
    before: OnceLock<Vec<u64>>,
}

impl Lines {
    /// Line ends in `data` before `offset`. Every call gives the same `data`.
    pub(super) fn before(&self, data: &[u8], offset: usize) -> u64 {
        let offset = offset.min(data.len());
        let known = self.before.get_or_init(|| {
            let mut sum = 0;
            let strides = data.chunks(STRIDE).map(|stride| {
                let before = sum;
                sum += ends(stride);
                before
            });
            strides.collect()
        });
        let stride = (offset / STRIDE).min(known.len().saturating_sub(1));
        known.get(stride).copied().unwrap_or(0) + ends(data.get(stride * STRIDE..offset).unwrap_or_default())
    }
}

fn ends(data: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', data).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_has_the_lines_before_it() {
        for length in [0, 1, STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE] {
            let data: Vec<u8> = (0..length).map(|at| if at % 7 == 3 || at % 4096 == 4095 { b'\n' } else { b'x' }).collect();
            let lines = Lines::default();
            let mut expected = 0;
            for offset in 0..=length {
                assert_eq!(lines.before(&data, offset), expected, "{offset} of {length}");
                expected += u64::from(data.get(offset) == Some(&b'\n'));
            }
        }
        assert_eq!(Lines::default().before(b"\n\n", 99), 2);
    }
}
