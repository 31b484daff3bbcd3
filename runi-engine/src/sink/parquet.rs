//! Parquet, encoded column by column on every core.

use super::block::{Blocks, Pieces, join};
use super::encode::{Encoded, Encoder, Fault};
use super::output::Output;
use super::schema_of;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriter, ArrowWriterOptions, compute_leaves};
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

/// Rows of a row group: sixteen blocks.
const GROUP_ROWS: usize = 16 * super::block::BLOCK_ROWS;

/// Encoded bytes at which a row group ends even if it has fewer rows; they wait in memory.
const GROUP_BYTES: usize = 64 * 1024 * 1024;

/// Who wrote the file. No version: another release must not change the bytes when nothing else did.
const CREATED_BY: &str = "runi";

/// Writes one Parquet file.
pub(super) struct ParquetEncoder {
    writer: SerializedFileWriter<Output>,
    factory: ArrowRowGroupWriterFactory,
    fields: Vec<FieldRef>,
    blocks: Blocks,
    /// The open row group: the writers of each column's leaves.
    group: Vec<Vec<ArrowColumnWriter>>,
    group_rows: usize,
    groups: usize,
}

impl ParquetEncoder {
    pub(super) fn new(output: Output, fields: &[FieldRef], metadata: &[(String, String)]) -> Result<Self, Fault> {
        let pairs = metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect::<Vec<_>>();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(CREATED_BY.to_owned())
            .set_key_value_metadata((!pairs.is_empty()).then_some(pairs))
            .build();
        let options = ArrowWriterOptions::new().with_properties(properties);
        let (writer, factory) = ArrowWriter::try_new_with_options(output, schema_of(fields, &[]), options)?.into_serialized_writer()?;
        Ok(Self {
            writer,
            factory,
            fields: fields.to_vec(),
            blocks: Blocks::new(fields.len()),
            group: Vec::new(),
            group_rows: 0,
            groups: 0,
        })
    }

    /// Encodes a block: a task for each column.
    fn encode(&mut self, block: Pieces, rows: usize) -> Result<(), Fault> {
        if self.group.is_empty() {
            let mut leaves = self.factory.create_column_writers(self.groups)?.into_iter();
            self.group = self.fields.iter().map(|field| leaves.by_ref().take(leaf_count(field.data_type())).collect()).collect();
        }
        self.group.par_iter_mut().zip(self.fields.par_iter()).zip(block.into_par_iter()).try_for_each(
            |((writers, field), pieces)| -> Result<(), Fault> {
                let column = join(&pieces, field.data_type())?;
                drop(pieces);
                for (leaf, writer) in compute_leaves(field, &column)?.iter().zip(writers) {
                    writer.write(leaf)?;
                }
                Ok(())
            },
        )?;
        self.group_rows += rows;
        let bytes: usize = self.group.iter().flatten().map(ArrowColumnWriter::get_estimated_total_bytes).sum();
        if self.group_rows >= GROUP_ROWS || bytes >= GROUP_BYTES {
            self.end_group()?;
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), Fault> {
        if self.group_rows == 0 {
            return Ok(());
        }
        let writers: Vec<ArrowColumnWriter> = std::mem::take(&mut self.group).into_iter().flatten().collect();
        let chunks = writers.into_par_iter().map(ArrowColumnWriter::close).collect::<Result<Vec<_>, _>>()?;
        let mut group = self.writer.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.groups += 1;
        self.group_rows = 0;
        Ok(())
    }
}

impl Encoder for ParquetEncoder {
    fn takes_views(&self) -> bool {
        true
    }

    fn write(&mut self, columns: Vec<ArrayRef>, rows: usize) -> Result<(), Fault> {
        for (block, rows) in self.blocks.push(&columns, rows) {
            self.encode(block, rows)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Encoded, Fault> {
        if let Some((block, rows)) = self.blocks.rest() {
            self.encode(block, rows)?;
        }
        self.end_group()?;
        let (bytes, digest) = self.writer.into_inner()?.finish()?;
        Ok(Encoded { bytes, digest })
    }
}

/// How many Parquet columns hold a value of this type.
fn leaf_count(ty: &DataType) -> usize {
    match ty {
        DataType::Struct(parts) => parts.iter().map(|part| leaf_count(part.data_type())).sum(),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) | DataType::Map(item, _) => {
            leaf_count(item.data_type())
        }
        _ => 1,
    }
}
