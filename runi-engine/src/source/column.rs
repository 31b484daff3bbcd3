//! The cells of one column become an array.

use super::cell::{Cell, Kind};
use super::nested;
use super::parse::{self, Zone};
use crate::error::EngineError;
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryViewBuilder, BooleanArray, BooleanBufferBuilder, NullArray, PrimitiveArray, StringViewArray,
    make_view,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use std::sync::Arc;

/// Every `width`-th cell of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'a> {
    /// The piece.
    pub(super) data: &'a Buffer,
    /// The cells of all columns, row by row.
    pub(super) cells: &'a [Cell],
    /// Columns.
    pub(super) width: usize,
    /// This one.
    pub(super) column: usize,
    /// Rows.
    pub(super) rows: usize,
    /// The quote byte of CSV cells.
    pub(super) quote: u8,
    /// Whether a text column takes JSON values of any kind.
    pub(super) any_text: bool,
}

impl<'a> Cells<'a> {
    /// This column's cells, from the first row to the last.
    pub(super) fn iter(&self) -> impl Iterator<Item = Cell> + use<'a> {
        let column = self.column;
        self.cells.chunks_exact(self.width.max(1)).take(self.rows).map(move |row| row.get(column).copied().unwrap_or(Cell::NULL))
    }
}

/// An array, and the rows whose cells were no value of its type (they are null in it).
#[derive(Debug)]
pub(super) struct Built {
    /// The values.
    pub(super) array: ArrayRef,
    /// One bit per row; `None` when there is none.
    pub(super) failures: Option<BooleanBuffer>,
}

/// A bit per row, made when the first one is set.
#[derive(Debug)]
pub(super) struct Marks {
    rows: usize,
    bits: Option<BooleanBufferBuilder>,
}

impl Marks {
    /// None is set.
    pub(super) fn new(rows: usize) -> Self {
        Self { rows, bits: None }
    }

    /// Sets the bit of a row.
    pub(super) fn set(&mut self, row: usize) {
        let rows = self.rows;
        let bits = self.bits.get_or_insert_with(|| {
            let mut bits = BooleanBufferBuilder::new(rows);
            bits.append_n(rows, false);
            bits
        });
        bits.set_bit(row, true);
    }

    /// The bits, if any is set.
    pub(super) fn finish(self) -> Option<BooleanBuffer> {
        self.bits.map(|mut bits| bits.finish())
    }

    /// The bits as nulls.
    pub(super) fn nulls(self) -> Option<NullBuffer> {
        self.finish().map(|bits| NullBuffer::new(!&bits))
    }
}

/// Builds the array of one column.
///
/// # Errors
/// A type that text cannot hold; the compiler refuses such contracts.
pub(super) fn build(ty: &DataType, cells: &Cells<'_>) -> Result<Built, EngineError> {
    let plain = |kind: Kind| kind.is_csv() || kind == Kind::Number;
    Ok(match ty {
        DataType::Boolean => boolean(cells),
        DataType::Int8 => primitive::<Int8Type>(cells, plain, parse::integer),
        DataType::Int16 => primitive::<Int16Type>(cells, plain, parse::integer),
        DataType::Int32 => primitive::<Int32Type>(cells, plain, parse::integer),
        DataType::Int64 => primitive::<Int64Type>(cells, plain, parse::integer),
        DataType::UInt8 => primitive::<UInt8Type>(cells, plain, parse::integer),
        DataType::UInt16 => primitive::<UInt16Type>(cells, plain, parse::integer),
        DataType::UInt32 => primitive::<UInt32Type>(cells, plain, parse::integer),
        DataType::UInt64 => primitive::<UInt64Type>(cells, plain, parse::integer),
        DataType::Float32 => primitive::<Float32Type>(cells, plain, |bytes| parse::float(bytes, f32::is_finite)),
        DataType::Float64 => primitive::<Float64Type>(cells, plain, |bytes| parse::float(bytes, f64::is_finite)),
        DataType::Decimal128(precision, scale) => {
            let built = primitive_of::<Decimal128Type>(
                cells,
                |kind| plain(kind) || is_text(kind),
                |bytes| parse::decimal(bytes, *precision, *scale),
            );
            let array = built.0.with_precision_and_scale(*precision, *scale).map_err(EngineError::engine("building a decimal column"))?;
            Built { array: Arc::new(array), failures: built.1 }
        }
        DataType::Date32 => primitive::<Date32Type>(cells, temporal, parse::date),
        DataType::Time64(TimeUnit::Microsecond) => primitive::<Time64MicrosecondType>(cells, temporal, parse::time),
        DataType::Timestamp(unit, zone) => {
            let name = zone.as_deref();
            let known = Zone::of(name).ok_or_else(|| unsupported(ty))?;
            match unit {
                TimeUnit::Second => {
                    let (array, failures) = primitive_of::<TimestampSecondType>(cells, temporal, |b| parse::timestamp(b, known, 1));
                    Built { array: Arc::new(array.with_timezone_opt(name)), failures }
                }
                TimeUnit::Millisecond => {
                    let (array, failures) = primitive_of::<TimestampMillisecondType>(cells, temporal, |b| parse::timestamp(b, known, 1000));
                    Built { array: Arc::new(array.with_timezone_opt(name)), failures }
                }
                TimeUnit::Microsecond => {
                    let (array, failures) =
                        primitive_of::<TimestampMicrosecondType>(cells, temporal, |b| parse::timestamp(b, known, 1_000_000));
                    Built { array: Arc::new(array.with_timezone_opt(name)), failures }
                }
                TimeUnit::Nanosecond => {
                    let (array, failures) =
                        primitive_of::<TimestampNanosecondType>(cells, temporal, |b| parse::timestamp(b, known, parse::NANOS));
                    Built { array: Arc::new(array.with_timezone_opt(name)), failures }
                }
            }
        }
        DataType::Utf8View => text(cells)?,
        DataType::BinaryView => binary(cells),
        DataType::Null => Built { array: Arc::new(NullArray::new(cells.rows)), failures: None },
        DataType::List(_) | DataType::Struct(_) | DataType::Map(..) => nested::build(ty, cells)?,
        other => return Err(unsupported(other)),
    })
}

/// For a type that no cell can be read as.
pub(super) fn unsupported(ty: &DataType) -> EngineError {
    EngineError::Engine { context: "reading text".to_owned(), message: format!("there is no way to read {ty} from text") }
}

fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Escaped)
}

fn temporal(kind: Kind) -> bool {
    kind.is_csv() || is_text(kind)
}

fn primitive<T: ArrowPrimitiveType>(cells: &Cells<'_>, takes: impl Fn(Kind) -> bool, parse: impl Fn(&[u8]) -> Option<T::Native>) -> Built {
    let (array, failures) = primitive_of::<T>(cells, takes, parse);
    Built { array: Arc::new(array), failures }
}

fn primitive_of<T: ArrowPrimitiveType>(
    cells: &Cells<'_>,
    takes: impl Fn(Kind) -> bool,
    parse: impl Fn(&[u8]) -> Option<T::Native>,
) -> (PrimitiveArray<T>, Option<BooleanBuffer>) {
    let mut values: Vec<T::Native> = Vec::with_capacity(cells.rows);
    let (mut nulls, mut failures) = (Marks::new(cells.rows), Marks::new(cells.rows));
    for (row, cell) in cells.iter().enumerate() {
        let kind = cell.kind();
        let value = match kind {
            Kind::Null => None,
            Kind::Doubled | Kind::Escaped if takes(kind) => parse(&cell.value(cells.data, cells.quote)),
            _ if takes(kind) => parse(cell.bytes(cells.data)),
            _ => None,
        };
        match value {
            Some(value) => values.push(value),
            None => {
                values.push(T::Native::default());
                nulls.set(row);
                if kind != Kind::Null {
                    failures.set(row);
                }
            }
        }
    }
    (PrimitiveArray::new(values.into(), nulls.nulls()), failures.finish())
}

fn boolean(cells: &Cells<'_>) -> Built {
    let mut values = BooleanBufferBuilder::new(cells.rows);
    let (mut nulls, mut failures) = (Marks::new(cells.rows), Marks::new(cells.rows));
    for (row, cell) in cells.iter().enumerate() {
        let kind = cell.kind();
        let value = if kind.is_csv() || kind == Kind::Literal { parse::boolean(&cell.value(cells.data, cells.quote)) } else { None };
        values.append(value.unwrap_or(false));
        if value.is_none() {
            nulls.set(row);
            if kind != Kind::Null {
                failures.set(row);
            }
        }
    }
    Built { array: Arc::new(BooleanArray::new(values.finish(), nulls.nulls())), failures: failures.finish() }
}

/// Text is not copied: long values point into the piece, and only what was escaped gets a buffer of its own.
fn text(cells: &Cells<'_>) -> Result<Built, EngineError> {
    let data = cells.data;
    let mut views: Vec<u128> = Vec::with_capacity(cells.rows);
    let mut unescaped: Vec<u8> = Vec::new();
    let (mut nulls, mut failures) = (Marks::new(cells.rows), Marks::new(cells.rows));
    for (row, cell) in cells.iter().enumerate() {
        let kind = cell.kind();
        match kind {
            Kind::Null => {
                views.push(0);
                nulls.set(row);
            }
            Kind::Doubled | Kind::Escaped => {
                let value = cell.value(data, cells.quote);
                views.push(make_view(&value, 1, unescaped.len() as u32));
                unescaped.extend_from_slice(&value);
            }
            Kind::Number | Kind::Literal | Kind::Nested if !cells.any_text => {
                views.push(0);
                nulls.set(row);
                failures.set(row);
            }
            _ => views.push(make_view(cell.bytes(data), 0, cell.start())),
        }
    }
    let mut buffers = vec![data.clone()];
    if !unescaped.is_empty() {
        buffers.push(Buffer::from_vec(unescaped));
    }
    let array = StringViewArray::try_new(views.into(), buffers, nulls.nulls()).map_err(EngineError::engine("building a text column"))?;
    Ok(Built { array: Arc::new(array), failures: failures.finish() })
}

fn binary(cells: &Cells<'_>) -> Built {
    let mut values = BinaryViewBuilder::with_capacity(cells.rows);
    let mut failures = Marks::new(cells.rows);
    for (row, cell) in cells.iter().enumerate() {
        let kind = cell.kind();
        let value = temporal(kind).then(|| parse::hex(&cell.value(cells.data, cells.quote))).flatten();
        if value.is_none() && kind != Kind::Null {
            failures.set(row);
        }
        values.append_option(value);
    }
    let array = values.finish();
    debug_assert_eq!(array.len(), cells.rows);
    Built { array: Arc::new(array), failures: failures.finish() }
}
