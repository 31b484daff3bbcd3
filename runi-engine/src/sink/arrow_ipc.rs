//! Arrow IPC files, packed with LZ4, which every implementation of Arrow reads.

use super::block::{Blocks, Pieces, join};
use super::encode::{Encoded, Encoder, Fault};
use super::output::Output;
use super::schema_of;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions};

/// Writes one Arrow file.
pub(super) struct ArrowEncoder {
    writer: FileWriter<Output>,
    schema: SchemaRef,
    blocks: Blocks,
}

impl ArrowEncoder {
    pub(super) fn new(output: Output, fields: &[FieldRef], metadata: &[(String, String)]) -> Result<Self, Fault> {
        let schema = schema_of(fields, metadata);
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
        let writer = FileWriter::try_new_with_options(output, &schema, options)?;
        Ok(Self { writer, schema, blocks: Blocks::new(fields.len()) })
    }

    fn encode(&mut self, block: &Pieces) -> Result<(), Fault> {
        let columns =
            block.iter().zip(self.schema.fields()).map(|(pieces, field)| join(pieces, field.data_type())).collect::<Result<Vec<_>, _>>()?;
        Ok(self.writer.write(&RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)?)?)
    }
}

impl Encoder for ArrowEncoder {
    fn write(&mut self, columns: Vec<ArrayRef>, rows: usize) -> Result<(), Fault> {
        for (block, _) in self.blocks.push(&columns, rows) {
            self.encode(&block)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Encoded, Fault> {
        if let Some((block, _)) = self.blocks.rest() {
            self.encode(&block)?;
        }
        self.writer.finish()?;
        let (bytes, digest) = self.writer.into_inner()?.finish()?;
        Ok(Encoded { bytes, digest })
    }
}
