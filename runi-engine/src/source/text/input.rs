//! The bytes of a file: unpacked, counted and hashed while they are read.

use crate::error::EngineError;
use crate::source::InputFile;
use crate::source::files::{SourceFile, compression_of};
use flate2::bufread::MultiGzDecoder;
use runi_lang::ir::Compression;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Room for packed bytes on their way to the decompressor.
const PACKED_BUFFER: usize = 1 << 18;

/// Counts and hashes what passes.
struct Metered {
    file: File,
    hash: Box<blake3::Hasher>,
    bytes: u64,
    done: Arc<AtomicU64>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.hash.update(buffer.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        self.done.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

enum Unpack {
    Plain(Metered),
    Gzip(Box<MultiGzDecoder<BufReader<Metered>>>),
    Zstd(zstd::stream::read::Decoder<'static, BufReader<Metered>>),
}

impl Unpack {
    /// How the bytes are packed.
    fn packing(&self) -> Option<&'static str> {
        match self {
            Self::Plain(_) => None,
            Self::Gzip(_) => Some("gzip"),
            Self::Zstd(_) => Some("zstd"),
        }
    }
}

impl Read for Unpack {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Gzip(reader) => reader.read(buffer),
            Self::Zstd(reader) => reader.read(buffer),
        }
    }
}

/// Why packed bytes cannot be read.
fn wrong(packing: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => format!("ends in the middle of its {packing} data: it is truncated"),
        _ => format!("is not valid {packing}: {error}"),
    }
}

/// Bytes that say how they are packed when they are broken.
struct Unpacked(Unpack);

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match self.0.packing() {
            None => error,
            Some(packing) => io::Error::new(io::ErrorKind::InvalidData, wrong(packing, &error)),
        })
    }
}

/// The bytes of a file of text as a source reads them: unpacked where the name says that it is packed (`.gz`, `.zst`).
///
/// # Errors
/// What the system says. Packed bytes that are broken are [`io::ErrorKind::InvalidData`] when they are read.
pub fn unpacked(path: &Path) -> Result<Box<dyn Read>, EngineError> {
    let file = SourceFile::stat(path.to_path_buf(), path.to_string_lossy().into_owned(), compression_of(path))?;
    let input = Input::open(&file.shown, &file, &Arc::default())?;
    Ok(Box::new(Unpacked(input.unpack)))
}

/// One file, read from its start.
pub(super) struct Input {
    unpack: Unpack,
    file: SourceFile,
    source: Arc<str>,
}

impl Input {
    /// Opens a file. `done` is advanced by the bytes that are read, as stored.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open(source: &Arc<str>, file: &SourceFile, done: &Arc<AtomicU64>) -> Result<Self, EngineError> {
        let handle = File::open(&file.path).map_err(EngineError::io("read", &file.path))?;
        let metered = Metered { file: handle, hash: Box::new(blake3::Hasher::new()), bytes: 0, done: Arc::clone(done) };
        let buffered = |metered| BufReader::with_capacity(PACKED_BUFFER, metered);
        let unpack = match file.compression {
            // An empty file is empty, packed or not.
            _ if file.bytes == 0 => Unpack::Plain(metered),
            Compression::Gzip => Unpack::Gzip(Box::new(MultiGzDecoder::new(buffered(metered)))),
            Compression::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(buffered(metered));
                Unpack::Zstd(decoder.map_err(EngineError::io("read", &file.path))?)
            }
            Compression::Auto | Compression::None => Unpack::Plain(metered),
        };
        Ok(Self { unpack, file: file.clone(), source: Arc::clone(source) })
    }

    /// Appends at most `n` bytes; fewer only at the end of the file.
    ///
    /// # Errors
    /// What the system says, or that the file is not packed as its name says.
    pub(super) fn append(&mut self, buffer: &mut Vec<u8>, n: usize) -> Result<usize, EngineError> {
        let result = self.unpack.by_ref().take(n as u64).read_to_end(buffer);
        result.map_err(|error| match self.unpack.packing() {
            None => EngineError::io("read", &self.file.path)(error),
            Some(packing) => EngineError::BadInput {
                source_name: self.source.to_string(),
                file: self.file.shown.to_string(),
                message: wrong(packing, &error),
            },
        })
    }

    /// Reads what the decompressor left and says what the file was.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn close(self, records: u64) -> Result<InputFile, EngineError> {
        let mut metered = match self.unpack {
            Unpack::Plain(metered) => metered,
            Unpack::Gzip(decoder) => decoder.into_inner().into_inner(),
            Unpack::Zstd(decoder) => decoder.finish().into_inner(),
        };
        io::copy(&mut metered, &mut io::sink()).map_err(EngineError::io("read", &self.file.path))?;
        let digest = format!("blake3:{}", metered.hash.finalize().to_hex());
        Ok(InputFile { path: self.file.shown.to_string(), bytes: metered.bytes, digest, records })
    }
}
