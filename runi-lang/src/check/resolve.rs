//! Which definition a use of a reusable step means, and what its parameters stand for.

use super::api::{ParamSig, StepEntry, StepShape};
use super::ctx::Ctx;
use super::literal;
use super::scope::{Col, find, names};
use super::step_entry;
use crate::diagnostic::Place;
use crate::diagnostics::names::{
    ambiguous_step, bad_argument, missing_parameter, step_without_domain, unknown_column, unknown_contract, unknown_parameter,
    unknown_step, unknown_view,
};
use crate::diagnostics::{contracts, types};
use crate::model::{FeatureFile, ParamType, Scenario, StepUse};
use crate::schema::Column;
use crate::sql::{Binding, Bindings, Certainty, Influence};
use crate::types::DataType;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Finds the definition: this file, then this domain, then the explicit `domain=`.
pub(crate) fn resolve(ctx: &Ctx<'_>, file: &FeatureFile, scenario: &Scenario, step: &StepUse) -> Option<Arc<StepEntry>> {
    let name = &step.name.value;
    let here: Vec<Arc<StepEntry>> =
        file.steps.iter().filter(|def| def.name.value == *name).map(|def| Arc::new(step_entry(ctx.path, def))).collect();
    let mut others = ctx.lookup.steps(name);
    others.retain(|entry| *entry.key.path != *ctx.path);
    let found: Vec<Arc<StepEntry>> = match &step.domain {
        Some(domain) => {
            here.iter().chain(&others).filter(|entry| entry.key.domain.as_deref() == Some(domain.value.as_str())).cloned().collect()
        }
        None if !here.is_empty() => here.clone(),
        None => {
            let domain = scenario.module.domain.as_ref().map(|domain| domain.value.as_str());
            others.iter().filter(|entry| entry.key.domain.as_deref() == domain).cloned().collect()
        }
    };
    let matching: Vec<&Arc<StepEntry>> =
        found.iter().filter(|entry| step.version.as_ref().is_none_or(|version| entry.key.version == Some(version.value))).collect();
    match matching.as_slice() {
        [one] => Some(Arc::clone(one)),
        [] => {
            // With the name right and the version wrong, the versions that there are.
            let mut known: Vec<String> = found.iter().map(|entry| entry.key.display()).collect();
            if found.is_empty() {
                known = ctx.lookup.step_names();
                known.extend(file.steps.iter().map(|def| def.name.value.clone()));
            }
            let mut elsewhere: Vec<String> = Vec::new();
            if found.is_empty() && step.domain.is_none() {
                elsewhere.extend(others.iter().filter_map(|entry| entry.key.domain.clone()));
            }
            elsewhere.sort();
            elsewhere.dedup();
            let shown = match (&step.version, found.is_empty()) {
                (Some(version), false) => format!("{name}@{}", version.value),
                _ => name.clone(),
            };
            let place = ctx.place(step.name.range);
            ctx.emit(match others.first().filter(|_| found.is_empty() && elsewhere.is_empty() && step.domain.is_none()) {
                Some(other) => step_without_domain(place, name, &other.key.path),
                None => unknown_step(place, &shown, &known, &elsewhere),
            });
            None
        }
        several => {
            let candidates: Vec<String> = several.iter().map(|entry| format!("`{}` in {}", entry.key.display(), entry.key.path)).collect();
            ctx.emit(ambiguous_step(ctx.place(step.name.range), name, &candidates));
            None
        }
    }
}

/// Columns that a body may see, as the signature types them.
pub(crate) type Seen = Vec<(String, DataType)>;

/// What a use of a signature comes to.
pub(crate) struct Applied {
    /// Parameters.
    pub(crate) bindings: Bindings,
    /// The columns that leave the step, by its signature alone.
    pub(crate) cols: Vec<Col>,
    /// The columns that the body may see, as the signature types them: needs and column parameters.
    pub(crate) visible: Seen,
    /// The views that are handed over, with the columns that the body may see of each.
    pub(crate) tables: Vec<(String, Seen)>,
    /// Columns that the step may have written.
    pub(crate) written: Vec<String>,
}

/// Checks a use against a signature. `None` after an error.
pub(crate) fn apply(ctx: &Ctx<'_>, entry: &StepEntry, step: &StepUse, input: &[Col], views: &[(String, Vec<Col>)]) -> Option<Applied> {
    let before = ctx.errors();
    let mut bindings = Vec::new();
    // All that the step reads, folded into one: by its signature every written column may be made of all of it.
    let mut read = Col::new(Column { name: String::new(), ty: DataType::Unknown, nullable: true });
    let (mut visible, mut tables) = (Vec::new(), Vec::new());
    let mut overwritten: Vec<(String, DataType)> = Vec::new();
    let mut handed: BTreeMap<String, Place> = BTreeMap::new();
    strangers(ctx, entry, step);
    for param in &entry.params {
        let Some((text, place)) = argument(ctx, entry, step, param) else { continue };
        match &param.ty {
            ParamType::Value(ty) => match literal::parse(&text, ty) {
                Ok(text) => bindings.push((param.name.clone(), Binding::Value { ty: ty.clone(), text: Some(text) })),
                Err(why) => ctx.emit(types::bad_value(place, &text, ty, &why)),
            },
            ParamType::Column(ty) => match find(input, &text) {
                Some(col) => {
                    if !same(&col.column.ty, ty) {
                        ctx.emit(types::parameter_type(place.clone(), &text, &col.column.ty.to_string(), &param.name, &ty.to_string()));
                    }
                    match handed.insert(text.clone(), place.clone()) {
                        // The body may assign both, and it is not looked at here.
                        Some(first) => ctx.emit(types::column_handed_twice(place, &text, first)),
                        None => overwritten.push((text.clone(), ty.clone())),
                    }
                    read.derive(col, Influence::Transformation);
                    visible.push((text.clone(), ty.clone()));
                    bindings.push((param.name.clone(), Binding::Column(text)));
                }
                None => ctx.emit(unknown_column(place, &text, "", &names(input))),
            },
            ParamType::Table(contract) => match views.iter().find(|(name, _)| *name == text) {
                Some((name, cols)) => {
                    tables.extend(table(ctx, place, name, cols, contract, &mut read));
                    bindings.push((param.name.clone(), Binding::Table(text)));
                }
                None => {
                    let known: Vec<String> = views.iter().map(|(name, _)| name.clone()).collect();
                    ctx.emit(unknown_view(place, &text, &known, false));
                }
            },
        }
    }
    for (name, ty) in &entry.needs {
        match find(input, name) {
            Some(col) if same(&col.column.ty, ty) || ctx.engine.widens(&col.column.ty, ty) => {
                read.derive(col, Influence::Transformation);
                visible.push((name.clone(), ty.clone()));
            }
            Some(col) => {
                ctx.emit(types::parameter_type(ctx.place(step.range), name, &col.column.ty.to_string(), &step.name.value, &ty.to_string()));
            }
            None => ctx.emit(contracts::missing_need(ctx.place(step.range), &step.name.value, name, ty, &names(input))),
        }
    }
    if ctx.errors() > before {
        return None;
    }
    if read.certainty == Certainty::Exact {
        read.certainty = Certainty::Approximate;
    }
    let made = |name: &str, ty: &DataType, nullable: bool| {
        let mut col = read.clone();
        col.column = Column { name: name.to_owned(), ty: ty.clone(), nullable };
        col
    };
    let mut written: Vec<String> = entry.gives.iter().map(|(name, _)| name.clone()).collect();
    let cols = match entry.shape {
        StepShape::Set => entry.gives.iter().map(|(name, ty)| made(name, ty, true)).collect(),
        StepShape::Rows => {
            let mut cols = input.to_vec();
            for (name, ty) in &overwritten {
                if let Some(col) = cols.iter_mut().find(|col| col.column.name == *name) {
                    *col = made(name, ty, col.column.nullable);
                }
            }
            for (name, ty) in &entry.gives {
                match cols.iter_mut().find(|col| col.column.name == *name) {
                    Some(col) => *col = made(name, ty, true),
                    None => cols.push(made(name, ty, true)),
                }
            }
            written.extend(overwritten.into_iter().map(|(name, _)| name));
            cols
        }
    };
    Some(Applied { bindings, cols, visible, tables, written })
}

/// Arguments that are no parameter.
fn strangers(ctx: &Ctx<'_>, entry: &StepEntry, step: &StepUse) {
    let known: Vec<String> = entry.params.iter().map(|param| param.name.clone()).collect();
    for arg in &step.args.items {
        match &arg.name {
            Some(name) if !known.contains(&name.value) => ctx.emit(unknown_parameter(ctx.place(name.range), &name.value, &known)),
            Some(_) => {}
            None => ctx.emit(bad_argument(
                ctx.place(arg.value.range),
                format!("`{}` has no name", arg.value.value.as_str()),
                "parameters are named: `name=value`",
            )),
        }
    }
}

/// The text that stands for a parameter, and where.
fn argument(ctx: &Ctx<'_>, entry: &StepEntry, step: &StepUse, param: &ParamSig) -> Option<(String, Place)> {
    if let Some(value) = step.args.named(&param.name) {
        return Some((value.value.as_str().to_owned(), ctx.place(value.range)));
    }
    if let Some(default) = &param.default {
        return Some((unquoted(default), ctx.place(step.range)));
    }
    let ty = match &param.ty {
        ParamType::Value(ty) => ty.to_string(),
        ParamType::Column(ty) => format!("column<{ty}>"),
        ParamType::Table(contract) => format!("table<{contract}>"),
    };
    ctx.emit(missing_parameter(ctx.place(step.range), &entry.key.display(), &param.name, &ty));
    None
}

/// A default without the quotes that it may have been written in.
pub(crate) fn unquoted(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.to_owned();
        }
    }
    text.to_owned()
}

/// A view for a `table<Contract>`: it has the contract's columns, and the body sees no other.
fn table(ctx: &Ctx<'_>, place: Place, name: &str, cols: &[Col], contract: &str, read: &mut Col) -> Option<(String, Seen)> {
    let Some(entry) = ctx.lookup.contract(contract) else {
        ctx.emit(unknown_contract(place, contract, &ctx.lookup.contract_names()));
        return None;
    };
    let mut seen = Seen::new();
    for field in &entry.binding.contract.fields {
        match find(cols, &field.name) {
            Some(col) if same(&col.column.ty, &field.ty) || ctx.engine.widens(&col.column.ty, &field.ty) => {
                read.derive(col, Influence::Transformation);
                seen.push((field.name.clone(), field.ty.clone()));
            }
            Some(col) => {
                let given = format!("{name}.{}", field.name);
                ctx.emit(types::parameter_type(place.clone(), &given, &col.column.ty.to_string(), contract, &field.ty.to_string()));
            }
            None => ctx.emit(unknown_column(place.clone(), &field.name, name, &names(cols))),
        }
    }
    Some((name.to_owned(), seen))
}

/// Whether a column of one type can be handed over as the other without a change.
pub(crate) fn same(found: &DataType, wanted: &DataType) -> bool {
    found == wanted || (found.is_textual() && wanted.is_textual()) || *found == DataType::Unknown || *wanted == DataType::Unknown
}
