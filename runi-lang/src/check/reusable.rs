//! Reusable steps, proved once in their own file: against their parameters and what they need, nothing else.

use super::api::{StepEntry, StepShape};
use super::ctx::Ctx;
use super::query::{select, type_set};
use super::resolve::{same, unquoted};
use super::rows::type_rows;
use super::scope::{Col, find};
use super::{literal, step_entry};
use crate::diagnostics::contracts;
use crate::diagnostics::names::{duplicate_name, unknown_column, unknown_contract, unknown_parameter};
use crate::diagnostics::types;
use crate::model::{Action, Examples, FeatureFile, OnFail, ParamType, Spanned, StepDef, Table};
use crate::schema::Column;
use crate::sql::{Binding, Bindings};
use crate::types::DataType;
use std::collections::BTreeSet;

/// Checks every reusable step of a file.
pub(crate) fn check_steps(ctx: &Ctx<'_>, file: &FeatureFile) {
    for def in &file.steps {
        let entry = step_entry(ctx.path, def);
        check_step(ctx, def, &entry);
        for example in &def.examples {
            check_example(ctx, def, &entry, example);
        }
    }
}

/// The arguments of an example are parameters with values of their types, and its columns are those of the step.
fn check_example(ctx: &Ctx<'_>, def: &StepDef, entry: &StepEntry, example: &Examples) {
    let header = |tables: &[Table]| -> Vec<Spanned<String>> { tables.iter().flat_map(|table| table.header.clone()).collect() };
    let mut known: Vec<String> = def.gives.iter().map(|(name, _)| name.value.clone()).collect();
    if entry.shape == StepShape::Rows {
        known.extend(header(&example.input).into_iter().chain(def.needs.iter().map(|(name, _)| name.clone())).map(|name| name.value));
    }
    let parameters: Vec<String> = def.params.iter().map(|param| param.name.value.clone()).collect();
    for arg in &example.args.items {
        let Some(name) = &arg.name else { continue };
        let (text, place) = (arg.value.value.as_str(), ctx.place(arg.value.range));
        match def.params.iter().find(|param| param.name.value == name.value).map(|param| &param.ty.value) {
            None => ctx.emit(unknown_parameter(ctx.place(name.range), &name.value, &parameters)),
            Some(ParamType::Value(ty)) => {
                if let Err(why) = literal::parse(text, ty) {
                    ctx.emit(types::bad_value(place, text, ty, &why));
                }
            }
            Some(ParamType::Column(_)) => known.push(text.to_owned()),
            Some(ParamType::Table(_)) => {}
        }
    }
    for column in header(&example.output).iter().filter(|column| !known.contains(&column.value)) {
        ctx.emit(unknown_column(ctx.place(column.range), &column.value, &entry.key.display(), &known));
    }
}

/// The input, the views and the bindings that stand for a signature.
struct Stand {
    input: Vec<Col>,
    views: Vec<(String, Vec<Col>)>,
    bindings: Bindings,
}

/// A column parameter's stand-in is called `$name`, so that the bare name is not taken for it.
fn stand(ctx: &Ctx<'_>, def: &StepDef, present: bool) -> Option<Stand> {
    let mut ok = true;
    let mut seen = BTreeSet::new();
    let mut stand = Stand { input: Vec::new(), views: Vec::new(), bindings: Vec::new() };
    for param in &def.params {
        let name = &param.name.value;
        if !seen.insert(name.clone()) {
            ctx.emit(duplicate_name(ctx.place(param.name.range), "parameter", name, None));
            ok = false;
            continue;
        }
        let binding = match &param.ty.value {
            ParamType::Value(ty) => {
                let text = match &param.default {
                    Some(default) => match literal::parse(&unquoted(&default.value), ty) {
                        Ok(text) => Some(text),
                        Err(why) => {
                            ctx.emit(types::bad_value(ctx.place(default.range), &default.value, ty, &why));
                            None
                        }
                    },
                    None => literal::sample(ty),
                };
                Binding::Value { ty: ty.clone(), text: text.or_else(|| literal::sample(ty)) }
            }
            ParamType::Column(ty) => {
                let column = format!("${name}");
                stand.input.push(Col::new(Column { name: column.clone(), ty: ty.clone(), nullable: !present }));
                Binding::Column(column)
            }
            ParamType::Table(contract) => {
                let Some(entry) = ctx.lookup.contract(contract) else {
                    ctx.emit(unknown_contract(ctx.place(param.ty.range), contract, &ctx.lookup.contract_names()));
                    ok = false;
                    continue;
                };
                let view = format!("${name}");
                stand.views.push((view.clone(), entry.binding.contract.schema().columns.into_iter().map(Col::new).collect()));
                Binding::Table(view)
            }
        };
        stand.bindings.push((name.clone(), binding));
    }
    for (name, ty) in &def.needs {
        if find(&stand.input, &name.value).is_some() {
            ctx.emit(duplicate_name(ctx.place(name.range), "column", &name.value, None));
            ok = false;
        } else {
            stand.input.push(Col::new(Column { name: name.value.clone(), ty: ty.value.clone(), nullable: true }));
        }
    }
    ok.then_some(stand)
}

fn check_step(ctx: &Ctx<'_>, def: &StepDef, entry: &StepEntry) {
    if def.body.is_empty() {
        ctx.emit(contracts::step_form(
            ctx.place(def.name.range),
            format!("the step `{}` does nothing", def.name.value),
            "give it an `@do` or an `@then`",
        ));
        return;
    }
    let Some(stand) = stand(ctx, def, false) else { return };
    match (entry.shape, select(&def.body)) {
        (StepShape::Set, Some(sql)) => {
            if def.gives.is_empty() {
                ctx.emit(contracts::step_gives(
                    ctx.place(def.name.range),
                    format!("the set-level step `{}` does not say what it gives", def.name.value),
                    "list every output column: `gives name type, …`",
                ));
            }
            let mut views = stand.views;
            views.push(("input".to_owned(), stand.input));
            let set = type_set(ctx, &views, &def.body, sql, &stand.bindings, entry.on_fail, &|_| false);
            if !set.broken && !def.gives.is_empty() {
                gives(ctx, def, &set.cols, false);
                for col in set.cols.iter().filter(|col| !def.gives.iter().any(|(name, _)| name.value == col.column.name)) {
                    ctx.emit(contracts::step_gives(
                        ctx.place(sql.range),
                        format!("the `select` also gives `{}`", col.column.name),
                        format!("add `{} {}` to `gives`, or leave it out of the `select`", col.column.name, col.column.ty),
                    ));
                }
            }
        }
        _ => rows(ctx, def, entry, &stand),
    }
}

fn rows(ctx: &Ctx<'_>, def: &StepDef, entry: &StepEntry, stand: &Stand) {
    for block in &def.body.actions {
        if matches!(block.action, Action::Rename(_) | Action::DropColumns(_) | Action::KeepColumns(_)) {
            ctx.emit(contracts::step_form(
                ctx.place(block.range),
                "a reusable step keeps the columns of its input",
                "rename, drop and keep columns in an inline step of the scenario, or write a `select` with `gives`",
            ));
            return;
        }
    }
    let before = ctx.errors();
    let out = type_rows(ctx, &stand.input, &def.body, &stand.bindings, entry.on_fail);
    for (name, range) in &out.assigned {
        let handed = name.starts_with('$') || def.gives.iter().any(|(given, _)| given.value == *name);
        let parameter = def.params.iter().any(|param| param.name.value == *name && matches!(param.ty.value, ParamType::Column(_)));
        if !handed && parameter {
            // Where the right side reads it without its `$` too, that was said.
            if ctx.errors() == before {
                ctx.emit(contracts::step_writes_bare(ctx.place(*range), name));
            }
        } else if !handed {
            ctx.emit(contracts::step_writes(ctx.place(*range), name));
        }
    }
    if out.broken {
        return;
    }
    gives(ctx, def, &out.cols, true);
    for param in &def.params {
        let ParamType::Column(ty) = &param.ty.value else { continue };
        let stand_in = format!("${}", param.name.value);
        let Some(range) = out.assigned.get(&stand_in) else { continue };
        if let Some(col) = find(&out.cols, &stand_in)
            && !same(&col.column.ty, ty)
        {
            ctx.emit(contracts::step_gives(
                ctx.place(*range),
                format!("this makes `{stand_in}` a `{}`, the signature says `{ty}`", col.column.ty),
                format!("convert the value: `cast(… as {ty})`"),
            ));
        }
    }
    nulls(ctx, def, entry.on_fail);
}

/// The columns that the signature promises are there, with their types; `widened` says that an assignment is converted.
fn gives(ctx: &Ctx<'_>, def: &StepDef, cols: &[Col], widened: bool) {
    for (name, ty) in &def.gives {
        match find(cols, &name.value) {
            None => ctx.emit(contracts::step_gives(
                ctx.place(name.range),
                format!("the body does not give `{}`", name.value),
                format!("assign it: `{} = …`", name.value),
            )),
            Some(col) if same(&col.column.ty, &ty.value) || (widened && ctx.engine.widens(&col.column.ty, &ty.value)) => {}
            Some(col) if widened && col.column.ty == DataType::Null => {}
            Some(col) => ctx.emit(contracts::step_gives(
                ctx.place(ty.range),
                format!("the body gives `{}` as `{}`, the signature says `{}`", name.value, col.column.ty, ty.value),
                format!("say `{} {}`, or convert the value with `cast`", name.value, col.column.ty),
            )),
        }
    }
}

/// A column that had a value on the way in has one on the way out: users of the step rely on it.
fn nulls(ctx: &Ctx<'_>, def: &StepDef, on_fail: OnFail) {
    let muted = ctx.aside(ctx.path);
    let Some(stand) = stand(&muted, def, true) else { return };
    let out = type_rows(&muted, &stand.input, &def.body, &stand.bindings, on_fail);
    for (name, range) in &out.assigned {
        let Some(parameter) = name.strip_prefix('$') else { continue };
        let untyped = |param: &crate::model::Param| param.name.value == parameter && param.ty.value == ParamType::Column(DataType::Unknown);
        if def.params.iter().any(untyped) {
            continue;
        }
        if find(&out.cols, name).is_some_and(|col| col.column.nullable) {
            ctx.emit(contracts::step_nulls(ctx.place(*range), parameter));
        }
    }
}
