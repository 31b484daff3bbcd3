//! JSON lines. Every object has every key; a value that is not there is an explicit `null`.

use super::encode::{Encoded, Encoder, Fault};
use super::output::Packed;
use super::schema_of;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::json::WriterBuilder;
use arrow::json::writer::{LineDelimited, Writer};

/// Writes one file of JSON lines.
pub(super) struct JsonEncoder {
    writer: Writer<Packed, LineDelimited>,
    schema: SchemaRef,
}

impl JsonEncoder {
    pub(super) fn new(output: Packed, fields: &[FieldRef]) -> Self {
        Self { writer: WriterBuilder::new().with_explicit_nulls(true).build(output), schema: schema_of(fields, &[]) }
    }
}

impl Encoder for JsonEncoder {
    fn write(&mut self, columns: Vec<ArrayRef>, _rows: usize) -> Result<(), Fault> {
        Ok(self.writer.write(&RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)?)?)
    }

    fn finish(mut self: Box<Self>) -> Result<Encoded, Fault> {
        self.writer.finish()?;
        let (bytes, digest) = self.writer.into_inner().finish()?;
        Ok(Encoded { bytes, digest })
    }
}
