//! Arrow IPC: of the file format every batch is a piece that any worker decodes; the stream format is read in order.

use super::guard::guarded;
use super::layout::Layout;
use super::{Fields, TypedFile, digest};
use crate::error::EngineError;
use crate::source::files::SourceFile;
use crate::source::{Cutter, Decoded, InputFile, OpenSource, Piece, ReadOptions, SourceSpec, drift};
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::reader::{FileDecoder, StreamReader, read_footer_length};
use arrow::ipc::{Block, root_as_footer, root_as_message};
use std::collections::HashMap;
use std::fs::File;
use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

const MAGIC: &[u8] = b"ARROW1";

/// Opens Arrow IPC files.
///
/// # Errors
/// A file that is not Arrow IPC; drift.
pub(in crate::source) fn open(spec: &SourceSpec<'_>, files: Vec<SourceFile>, options: &ReadOptions) -> Result<OpenSource, EngineError> {
    let several = files.len() > 1;
    let (mut drifts, mut opened) = (Vec::new(), Vec::new());
    let mut first: Option<(Arc<str>, Fields)> = None;
    for file in files {
        let bad = |message: String| EngineError::BadInput { source_name: spec.name.to_owned(), file: file.shown.to_string(), message };
        let failed = |error: ArrowError| match error {
            // A length in the file that is none leads to before its beginning or behind its end.
            ArrowError::IoError(_, source) if !matches!(source.kind(), UnexpectedEof | InvalidInput | InvalidData) => {
                EngineError::io("read", &file.path)(source)
            }
            error => bad(format!("cannot be read as Arrow IPC: {error}")),
        };
        let (body, source) = guarded(spec.name, &file.shown, || Body::open(&file).map_err(failed))?;
        let (fields, drift) = Fields::of(spec, &file.shown, &source)?;
        drifts.extend(drift.into_iter().map(|drift| drift.of_file(several, &file.shown)));
        let (name, expected) = first.get_or_insert_with(|| (Arc::clone(&file.shown), fields.clone()));
        if expected.schema != fields.schema {
            return Err(bad(format!("has other columns than `{name}`")));
        }
        let layout = Layout::new(&fields, &source, &HashMap::new())?;
        let typed = Arc::new(TypedFile { source: spec.name.into(), shown: Arc::clone(&file.shown), layout });
        opened.push(IpcFile { file, typed, body });
    }
    let drift = drift::settle(spec, drifts)?;
    let schema = first.map(|(_, fields)| fields.schema).unwrap_or_else(|| Arc::new(Schema::empty()));
    let bytes = opened.iter().map(|file| file.file.bytes).sum();
    let rows = opened.iter().map(|file| file.body.rows()).sum();
    let state = State { file: 0, batch: 0, seq: 0, records: 0, stream: None, read: Vec::new() };
    let cutter = IpcCutter { files: opened, batch_rows: options.batch_rows.max(1), bytes, state: Mutex::new(state) };
    Ok(OpenSource { schema, drift, bytes: Some(bytes), rows, cutter: Box::new(cutter) })
}

struct IpcFile {
    file: SourceFile,
    typed: Arc<TypedFile>,
    body: Body,
}

enum Body {
    /// The file format: where each batch lies, and how many rows it has.
    Blocks { decoder: Arc<FileDecoder>, blocks: Vec<(Block, u64)> },
    /// The stream format.
    Stream,
}

impl Body {
    fn open(file: &SourceFile) -> Result<(Self, Schema), ArrowError> {
        let mut handle = File::open(&file.path)?;
        let mut magic = [0; 6];
        if file.bytes < 10 || handle.read_exact(&mut magic).is_err() || magic != MAGIC {
            let schema = StreamReader::try_new_buffered(File::open(&file.path)?, None)?.schema();
            return Ok((Self::Stream, schema.as_ref().clone()));
        }
        let mut trailer = [0; 10];
        handle.seek(SeekFrom::End(-10))?;
        handle.read_exact(&mut trailer)?;
        let length = read_footer_length(trailer)?;
        let mut footer = vec![0; length.min(file.bytes as usize)];
        handle.seek(SeekFrom::End(-10 - footer.len() as i64))?;
        handle.read_exact(&mut footer)?;
        let invalid = |error: &dyn std::fmt::Display| ArrowError::ParseError(error.to_string());
        let footer = root_as_footer(&footer).map_err(|error| invalid(&error))?;
        let schema = fb_to_schema(footer.schema().ok_or_else(|| invalid(&"the footer holds no schema"))?);
        let mut decoder = FileDecoder::new(Arc::new(schema.clone()), footer.version());
        for block in footer.dictionaries().iter().flatten() {
            decoder.read_dictionary(block, &read_block(&mut handle, block)?)?;
        }
        let mut blocks = Vec::new();
        for block in footer.recordBatches().iter().flatten() {
            blocks.push((*block, rows_of(&mut handle, block)?));
        }
        Ok((Self::Blocks { decoder: Arc::new(decoder), blocks }, schema))
    }

    fn rows(&self) -> Option<u64> {
        match self {
            Self::Blocks { blocks, .. } => Some(blocks.iter().map(|(_, rows)| rows).sum()),
            Self::Stream => None,
        }
    }
}

fn read_at(handle: &mut File, offset: i64, length: i64) -> Result<Vec<u8>, ArrowError> {
    let wrong = || ArrowError::ParseError("a batch lies outside of the file".to_owned());
    let (offset, length) = (u64::try_from(offset).map_err(|_| wrong())?, u64::try_from(length).map_err(|_| wrong())?);
    if offset.checked_add(length).is_none_or(|end| handle.metadata().is_ok_and(|file| end > file.len())) {
        return Err(wrong());
    }
    let mut bytes = Vec::with_capacity(length as usize);
    handle.seek(SeekFrom::Start(offset))?;
    handle.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_block(handle: &mut File, block: &Block) -> Result<Buffer, ArrowError> {
    let length = i64::from(block.metaDataLength()).saturating_add(block.bodyLength());
    read_at(handle, block.offset(), length).map(Buffer::from_vec)
}

/// The rows of a batch, from its head.
fn rows_of(handle: &mut File, block: &Block) -> Result<u64, ArrowError> {
    let head = read_at(handle, block.offset(), i64::from(block.metaDataLength()))?;
    // Files since Arrow 0.15 mark the length of a message with four bytes of ones.
    let message = if head.starts_with(&[0xFF; 4]) { head.get(8..) } else { head.get(4..) };
    let message = root_as_message(message.unwrap_or_default()).map_err(|error| ArrowError::ParseError(error.to_string()))?;
    let batch = message.header_as_record_batch().ok_or_else(|| ArrowError::ParseError("a block is not a batch".to_owned()))?;
    u64::try_from(batch.length()).map_err(|_| ArrowError::ParseError("a batch has a negative length".to_owned()))
}

struct State {
    file: usize,
    /// The next batch of the file.
    batch: usize,
    seq: u64,
    /// Rows of the file that were handed out.
    records: u64,
    stream: Option<StreamReader<BufReader<File>>>,
    /// Rows of each file that is done.
    read: Vec<u64>,
}

struct IpcCutter {
    files: Vec<IpcFile>,
    batch_rows: usize,
    bytes: u64,
    state: Mutex<State>,
}

impl IpcCutter {
    /// The next batch of a file, and its rows.
    fn batch(&self, file: &IpcFile, state: &mut State) -> Result<Option<(Work, u64)>, EngineError> {
        let context = || EngineError::engine(format!("reading `{}`", file.file.shown));
        guarded(&file.typed.source, &file.file.shown, || match &file.body {
            Body::Blocks { decoder, blocks } => {
                let Some((block, rows)) = blocks.get(state.batch) else { return Ok(None) };
                Ok(Some((Work::Block { decoder: Arc::clone(decoder), file: file.file.clone(), block: *block }, *rows)))
            }
            Body::Stream => {
                if state.stream.is_none() {
                    let handle = File::open(&file.file.path).map_err(EngineError::io("read", &file.file.path))?;
                    state.stream = Some(StreamReader::try_new_buffered(handle, None).map_err(context())?);
                }
                let batch = state.stream.as_mut().and_then(Iterator::next).transpose().map_err(context())?;
                Ok(batch.map(|batch| {
                    let rows = batch.num_rows() as u64;
                    (Work::Batch(batch), rows)
                }))
            }
        })
    }
}

impl Cutter for IpcCutter {
    fn next(&self) -> Result<Option<Box<dyn Piece>>, EngineError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(file) = self.files.get(state.file) {
            if let Some((work, rows)) = self.batch(file, &mut state)? {
                let piece = IpcPiece {
                    typed: Arc::clone(&file.typed),
                    seq: state.seq,
                    number: state.records + 1,
                    batch_rows: self.batch_rows,
                    work,
                };
                state.seq += 1;
                state.batch += 1;
                state.records += rows;
                return Ok(Some(Box::new(piece)));
            }
            let records = state.records;
            state.read.push(records);
            (state.file, state.batch, state.records, state.stream) = (state.file + 1, 0, 0, None);
        }
        Ok(None)
    }

    fn finish(&self) -> Result<Vec<InputFile>, EngineError> {
        self.unchanged()?;
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.files.iter().zip(&state.read).map(|(file, records)| digest::of(&file.file, *records)).collect()
    }

    fn unchanged(&self) -> Result<(), EngineError> {
        self.files.iter().try_for_each(|file| file.file.unchanged(&file.typed.source))
    }

    fn bytes_done(&self) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.file >= self.files.len() {
            return self.bytes;
        }
        self.files.iter().take(state.file).map(|file| file.file.bytes).sum()
    }
}

enum Work {
    Block { decoder: Arc<FileDecoder>, file: SourceFile, block: Block },
    Batch(RecordBatch),
}

struct IpcPiece {
    typed: Arc<TypedFile>,
    seq: u64,
    number: u64,
    batch_rows: usize,
    work: Work,
}

impl Piece for IpcPiece {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn decode(self: Box<Self>) -> Result<Decoded, EngineError> {
        guarded(&self.typed.source, &self.typed.shown, || self.read())
    }
}

impl IpcPiece {
    fn read(&self) -> Result<Decoded, EngineError> {
        let context = || EngineError::engine(format!("reading `{}`", self.typed.shown));
        let batch = match &self.work {
            Work::Batch(batch) => Some(batch.clone()),
            Work::Block { decoder, file, block } => {
                let mut handle = File::open(&file.path).map_err(EngineError::io("read", &file.path))?;
                let buffer = read_block(&mut handle, block).map_err(context())?;
                decoder.read_record_batch(block, &buffer).map_err(context())?
            }
        };
        let batch = batch.unwrap_or_else(|| RecordBatch::new_empty(Arc::new(Schema::empty())));
        let batch = batch.project(&self.typed.layout.roots).map_err(context())?;
        let rows = batch.num_rows();
        let size = rows.div_ceil(rows.div_ceil(self.batch_rows).max(1)).max(1);
        let batches = (0..rows).step_by(size).map(|start| Ok(batch.slice(start, size.min(rows - start))));
        self.typed.decode(self.seq, self.number, batches)
    }
}
