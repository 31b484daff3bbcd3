//! The bytes on their way to the disk: buffered, hashed and, for text formats, packed.

use runi_lang::ir::Compression;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// Bytes that are gathered before the system is called.
const BUFFER: usize = 512 * 1024;

/// A file that knows the digest of what was written to it.
pub(super) struct Output {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Output {
    pub(super) fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(BUFFER, file), hasher: blake3::Hasher::new(), bytes: 0 }
    }

    /// Flushes and syncs; the length and the digest.
    pub(super) fn finish(self) -> io::Result<(u64, String)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((self.bytes, format!("blake3:{}", self.hasher.finalize().to_hex())))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// How a text file is packed, with `auto` resolved by the path's extension.
pub(super) fn codec(wanted: Compression, path: &str) -> Compression {
    match wanted {
        Compression::Auto if path.ends_with(".gz") => Compression::Gzip,
        Compression::Auto if path.ends_with(".zst") || path.ends_with(".zstd") => Compression::Zstd,
        Compression::Auto => Compression::None,
        chosen => chosen,
    }
}

/// An output behind a compressor, or not.
pub(super) enum Packed {
    Plain(Output),
    Gzip(Box<flate2::write::GzEncoder<Output>>),
    Zstd(zstd::Encoder<'static, Output>),
}

impl Packed {
    pub(super) fn new(output: Output, codec: Compression) -> io::Result<Self> {
        Ok(match codec {
            Compression::Auto | Compression::None => Self::Plain(output),
            // The header holds no name and no time, so that the bytes depend on the rows alone.
            Compression::Gzip => Self::Gzip(Box::new(flate2::write::GzEncoder::new(output, flate2::Compression::default()))),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(output, 3)?;
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Ends the stream; see [`Output::finish`].
    pub(super) fn finish(self) -> io::Result<(u64, String)> {
        match self {
            Self::Plain(output) => output.finish(),
            Self::Gzip(encoder) => encoder.finish()?.finish(),
            Self::Zstd(encoder) => encoder.finish()?.finish(),
        }
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(output) => output.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}
