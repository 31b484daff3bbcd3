//! Delimited text. A cell is quoted when it must be: also when an unquoted one would read as null.

use super::encode::{Encoded, Encoder, Fault};
use super::output::Packed;
use arrow::array::{Array, ArrayRef, AsArray, LargeStringArray, StringArray};
use arrow::datatypes::{DataType, FieldRef};
use arrow::json::writer::{EncoderOptions, NullableEncoder, make_encoder};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use std::fmt::Write as _;
use std::io::Write as _;

/// Encoded bytes that are gathered before they go on.
const CHUNK: usize = 256 * 1024;

/// How cells and records are told apart.
#[derive(Debug, Clone)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) header: bool,
    pub(super) quote: u8,
    /// Unquoted cells that mean null; the first is written.
    pub(super) nulls: Vec<String>,
}

/// Writes one file of delimited text, lines ended by a line feed.
pub(super) struct CsvEncoder {
    output: Packed,
    dialect: Dialect,
    null: String,
    fields: Vec<FieldRef>,
    buffer: Vec<u8>,
}

impl CsvEncoder {
    pub(super) fn new(output: Packed, dialect: Dialect, fields: &[FieldRef]) -> Result<Self, Fault> {
        let null = dialect.nulls.first().cloned().unwrap_or_default();
        let mut encoder = Self { output, dialect, null, fields: fields.to_vec(), buffer: Vec::with_capacity(CHUNK * 2) };
        if encoder.dialect.header {
            for (i, field) in fields.iter().enumerate() {
                encoder.separate(i);
                encoder.cell(field.name());
            }
            encoder.buffer.push(b'\n');
        }
        Ok(encoder)
    }

    fn separate(&mut self, column: usize) {
        if column > 0 {
            self.buffer.push(self.dialect.delimiter);
        }
    }

    fn cell(&mut self, text: &str) {
        let Dialect { delimiter, quote, .. } = self.dialect;
        let reads_as_null = text == self.null || self.dialect.nulls.iter().any(|null| null == text);
        if reads_as_null || text.bytes().any(|byte| byte == delimiter || byte == quote || byte == b'\n' || byte == b'\r') {
            self.buffer.push(quote);
            for byte in text.bytes() {
                if byte == quote {
                    self.buffer.push(quote);
                }
                self.buffer.push(byte);
            }
            self.buffer.push(quote);
        } else {
            self.buffer.extend_from_slice(text.as_bytes());
        }
    }

    fn null(&mut self, alone: bool) {
        if alone && self.null.is_empty() {
            // Readers skip empty lines. The row must not go, so it becomes the empty text.
            self.buffer.extend_from_slice(&[self.dialect.quote; 2]);
        } else {
            self.buffer.extend_from_slice(self.null.as_bytes());
        }
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.output.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// How the cells of one column become text.
enum Cells<'a> {
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    /// Numbers, days, points in time, bytes in hexadecimal.
    Shown(ArrayFormatter<'a>),
    /// What has parts is JSON.
    Json(NullableEncoder<'a>),
}

impl<'a> Cells<'a> {
    fn new(field: &'a FieldRef, column: &'a ArrayRef, shown: &FormatOptions<'a>, json: &'a EncoderOptions) -> Result<Self, Fault> {
        Ok(match column.data_type() {
            DataType::Utf8 => Self::Text(column.as_string()),
            DataType::LargeUtf8 => Self::LargeText(column.as_string()),
            ty if ty.is_nested() => Self::Json(make_encoder(field, column.as_ref(), json)?),
            _ => Self::Shown(ArrayFormatter::try_new(column.as_ref(), shown)?),
        })
    }
}

impl Encoder for CsvEncoder {
    fn write(&mut self, columns: Vec<ArrayRef>, rows: usize) -> Result<(), Fault> {
        let shown = FormatOptions::new().with_display_error(false);
        let json = EncoderOptions::default().with_explicit_nulls(true);
        let fields = self.fields.clone();
        let mut cells =
            fields.iter().zip(&columns).map(|(field, column)| Cells::new(field, column, &shown, &json)).collect::<Result<Vec<_>, _>>()?;
        let nulls: Vec<_> = columns.iter().map(|column| column.logical_nulls()).collect();
        let mut text = String::new();
        for row in 0..rows {
            for (i, (cells, nulls)) in cells.iter_mut().zip(&nulls).enumerate() {
                self.separate(i);
                if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                    self.null(columns.len() == 1);
                    continue;
                }
                match cells {
                    Cells::Text(values) => self.cell(values.value(row)),
                    Cells::LargeText(values) => self.cell(values.value(row)),
                    Cells::Shown(values) => {
                        text.clear();
                        write!(text, "{}", values.value(row)).map_err(|_| unprintable(fields.get(i)))?;
                        self.cell(&text);
                    }
                    Cells::Json(values) => {
                        let mut bytes = std::mem::take(&mut text).into_bytes();
                        bytes.clear();
                        values.encode(row, &mut bytes);
                        text = String::from_utf8(bytes).map_err(|_| unprintable(fields.get(i)))?;
                        self.cell(&text);
                    }
                }
            }
            self.buffer.push(b'\n');
            if self.buffer.len() >= CHUNK {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Encoded, Fault> {
        self.flush()?;
        let (bytes, digest) = self.output.finish()?;
        Ok(Encoded { bytes, digest })
    }
}

fn unprintable(field: Option<&FieldRef>) -> Fault {
    Fault::Encoding(format!("column `{}` holds a value that cannot be written as text", field.map_or("?", |field| field.name())))
}
