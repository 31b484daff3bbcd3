//! Numbers that an output cannot say: JSON has no NaN and no infinity, and writing null for them would be another value.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Float16Type, Float32Type, Float64Type, SchemaRef};
use runi_lang::ir::{Connector, SinkColumn};
use runi_lang::model::Mask;

/// The columns of a sink whose floats must be finite.
#[derive(Debug)]
pub(crate) struct Finite {
    columns: Vec<usize>,
}

impl Finite {
    /// What a sink must look at; `None` when its format can write every value, or it writes no float.
    pub(crate) fn of(connector: &Connector, written: &[SinkColumn], schema: &SchemaRef) -> Option<Self> {
        if !matches!(connector, Connector::Json { .. }) {
            return None;
        }
        let hidden = |name: &str| written.iter().any(|column| column.name == name && column.mask == Some(Mask::Null));
        let fields = schema.fields().iter().enumerate();
        let columns: Vec<usize> =
            fields.filter(|(_, field)| has_floats(field.data_type()) && !hidden(field.name())).map(|(at, _)| at).collect();
        (!columns.is_empty()).then_some(Self { columns })
    }

    /// The rows with a float that is not finite; `None` when there is none.
    pub(crate) fn broken(&self, batch: &RecordBatch) -> Option<BooleanBuffer> {
        let columns = self.columns.iter().filter_map(|at| batch.columns().get(*at));
        let broken = columns.filter_map(not_finite).reduce(|all, column| &all | &column)?;
        (broken.count_set_bits() > 0).then_some(broken)
    }

    /// The columns that keep a row out.
    pub(crate) fn names(&self, batch: &RecordBatch, row: usize) -> Vec<String> {
        let broken =
            |at: &&usize| batch.columns().get(**at).and_then(|column| not_finite(&column.slice(row, 1))).is_some_and(|b| b.value(0));
        self.columns.iter().filter(broken).filter_map(|at| batch.schema_ref().fields().get(*at)).map(|field| field.name().clone()).collect()
    }
}

fn has_floats(ty: &DataType) -> bool {
    match ty {
        DataType::List(item) | DataType::Map(item, _) => has_floats(item.data_type()),
        DataType::Struct(parts) => parts.iter().any(|part| has_floats(part.data_type())),
        ty => ty.is_floating(),
    }
}

/// Which values hold a float that is not finite; `None` for a type without floats. A null holds nothing.
fn not_finite(array: &ArrayRef) -> Option<BooleanBuffer> {
    let any = |child: &BooleanBuffer, from: i32, to: i32| (from..to).any(|at| usize::try_from(at).is_ok_and(|at| child.value(at)));
    let broken = match array.data_type() {
        DataType::Float16 => {
            let values = array.as_primitive::<Float16Type>().values();
            BooleanBuffer::collect_bool(array.len(), |row| values.get(row).is_some_and(|value| !value.is_finite()))
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().values();
            BooleanBuffer::collect_bool(array.len(), |row| values.get(row).is_some_and(|value| !value.is_finite()))
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().values();
            BooleanBuffer::collect_bool(array.len(), |row| values.get(row).is_some_and(|value| !value.is_finite()))
        }
        DataType::Struct(_) => array.as_struct().columns().iter().filter_map(not_finite).reduce(|all, part| &all | &part)?,
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            let child = not_finite(list.values())?;
            let offsets = list.value_offsets();
            BooleanBuffer::collect_bool(array.len(), |row| matches!(offsets.get(row..row + 2), Some([from, to]) if any(&child, *from, *to)))
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            let child = map.entries().columns().iter().filter_map(not_finite).reduce(|all, part| &all | &part)?;
            let offsets = map.value_offsets();
            BooleanBuffer::collect_bool(array.len(), |row| matches!(offsets.get(row..row + 2), Some([from, to]) if any(&child, *from, *to)))
        }
        _ => return None,
    };
    Some(match array.logical_nulls() {
        Some(nulls) => &broken & nulls.inner(),
        None => broken,
    })
}
