//! Whether rows fit a contract: at a sink, and after a step with `@contract`.

use super::ContractEntry;
use super::ctx::Ctx;
use super::resolve::same;
use super::scenario::field_labels;
use super::scope::{Col, find, names};
use super::sources::is_present;
use crate::diagnostic::Place;
use crate::diagnostics::sinks::{sink_missing_column, sink_nullable, sink_type};
use crate::model::Field;
use crate::types::DataType;

/// The place of a contract's field.
pub(crate) fn field_place(entry: &ContractEntry, field: &str) -> Place {
    Place::item(&*entry.path, format!("{}/field/{field}", entry.binding.contract.name))
}

/// Missing columns and wrong types; true when there is neither.
fn shape(ctx: &Ctx<'_>, cols: &[Col], entry: &ContractEntry, place: &Place) -> bool {
    let contract = &entry.binding.contract;
    let mut fine = true;
    for field in &contract.fields {
        let declared = field_place(entry, &field.name);
        match find(cols, &field.name) {
            None => {
                ctx.emit(sink_missing_column(place.clone(), &contract.name, &field.name, &names(cols), declared));
                fine = false;
            }
            Some(col) if !fits(ctx, &col.column.ty, field) => {
                ctx.emit(sink_type(place.clone(), &contract.name, &field.name, &col.column.ty, &field.ty, declared));
                fine = false;
            }
            Some(_) => {}
        }
    }
    fine
}

/// Whether a column of this type can be stored in the field.
fn fits(ctx: &Ctx<'_>, found: &DataType, field: &Field) -> bool {
    same(found, &field.ty) || *found == DataType::Null || ctx.engine.widens(found, &field.ty)
}

/// The proof for a sink: the columns are there, fit, and have values where the contract requires them.
pub(crate) fn prove(ctx: &Ctx<'_>, cols: &[Col], entry: &ContractEntry, place: &Place) {
    shape(ctx, cols, entry, place);
    let contract = &entry.binding.contract;
    for field in contract.fields.iter().filter(|field| is_present(contract, &field.name)) {
        if find(cols, &field.name).is_some_and(|col| col.column.nullable && fits(ctx, &col.column.ty, field)) {
            ctx.emit(sink_nullable(place.clone(), &contract.name, &field.name, field_place(entry, &field.name)));
        }
    }
}

/// `@contract` on a step: rows that do not fit are quarantined, so what it promises holds below.
pub(crate) fn validate(ctx: &Ctx<'_>, cols: &mut [Col], entry: &ContractEntry, place: &Place) {
    shape(ctx, cols, entry, place);
    let contract = &entry.binding.contract;
    for field in &contract.fields {
        let Some(col) = cols.iter_mut().find(|col| col.column.name == field.name) else { continue };
        if is_present(contract, &field.name) {
            col.column.nullable = false;
        }
        let added = field_labels(entry, field);
        if !added.is_empty() {
            col.labels.merge(&added);
            let views: Vec<String> = col.from.keys().map(|from| from.view.clone()).collect();
            views.iter().for_each(|view| col.labels.read_from(view));
        }
    }
}
