//! JSON lines: one object a line.
//!
//! Which keys a file has is not known before all of it is read, so drift is told from the first 100 records of each
//! file: a key that the contract does not know, or a required field that all of them lack. An optional field may be
//! left out of any record. Key order means nothing.

mod format;
pub(super) mod scan;

use super::cell::{Cell, Kind};
use super::drift::{self, Drift};
use super::files::SourceFile;
use super::text::{Framing, Head, TextCutter, TextFile, head};
use super::{OpenSource, ReadOptions, SourceSpec, parse, target};
use crate::error::EngineError;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use format::{JsonFormat, Key};
use runi_lang::check::sensitive_fields;
use runi_lang::model::Contract;
use scan::Scanner;
use std::sync::Arc;

/// Records of each file that are looked at for drift, or for a schema.
const SAMPLE: usize = 100;

/// Opens JSON lines.
///
/// # Errors
/// A file that is one JSON array; drift in the sample.
pub(super) fn open(spec: &SourceSpec<'_>, files: Vec<SourceFile>, options: &ReadOptions) -> Result<OpenSource, EngineError> {
    let several = files.len() > 1;
    let mut drifts = Vec::new();
    let mut seen: Vec<(String, DataType)> = Vec::new();
    for file in &files {
        let head = head(spec.name, file, Framing::Lines, SAMPLE)?;
        refuse_array(spec, file, &head)?;
        let keys = sample(&head);
        if let Some(contract) = spec.contract {
            drifts.extend(differences(contract, &keys).into_iter().map(|drift| drift.of_file(several, &file.shown)));
        }
        for (key, ty) in keys.names {
            match seen.iter_mut().find(|(name, _)| *name == key) {
                Some((_, known)) => *known = widest(known.clone(), ty),
                None => seen.push((key, ty)),
            }
        }
    }
    let drift = drift::settle(spec, drifts)?;
    let (schema, keys) = match spec.contract {
        Some(contract) => (target::schema(Some(contract), &[]), keys_of(contract)),
        None => inferred(seen),
    };
    let bytes = files.iter().map(|file| file.bytes).sum();
    let format = JsonFormat::new(keys, schema.fields().len(), spec.contract.is_none());
    let files = files.into_iter().map(|file| TextFile { file, format: format.clone(), header: false }).collect();
    let cutter = TextCutter::new(spec.name, Arc::clone(&schema), files, Framing::Lines, options);
    Ok(OpenSource { schema, drift, bytes: Some(bytes), rows: None, cutter: Box::new(cutter) })
}

/// A pretty-printed document or an array would be a malformed record a line: say what is wrong with all of it.
fn refuse_array(spec: &SourceSpec<'_>, file: &SourceFile, head: &Head) -> Result<(), EngineError> {
    let first = head.records.first().map(|span| span.of(&head.data).trim_ascii()).unwrap_or_default();
    let whole = Scanner::new(first, 0, first.len()).whole().is_ok();
    let one_array = first.starts_with(b"[") && (!whole || head.records.len() == 1);
    if !one_array {
        return Ok(());
    }
    Err(EngineError::BadInput {
        source_name: spec.name.to_owned(),
        file: file.shown.to_string(),
        message: "is one JSON array where one object a line is expected".to_owned(),
    })
}

/// The keys of a file's first records.
struct Sample {
    /// In order of appearance, with the type that their values have.
    names: Vec<(String, DataType)>,
    /// Records that are objects.
    objects: usize,
}

fn sample(head: &Head) -> Sample {
    let mut sample = Sample { names: Vec::new(), objects: 0 };
    for span in &head.records {
        let mut entries: Vec<(String, DataType)> = Vec::new();
        let read = Scanner::new(&head.data, span.start as usize, span.end as usize).record(&mut |key: Cell, value: Cell| {
            entries.push((String::from_utf8_lossy(&key.value(&head.data, b'"')).into_owned(), type_of(value, &head.data)));
        });
        if read.is_err() {
            continue;
        }
        sample.objects += 1;
        for (key, ty) in entries {
            match sample.names.iter_mut().find(|(name, _)| *name == key) {
                Some((_, known)) => *known = widest(known.clone(), ty),
                None => sample.names.push((key, ty)),
            }
        }
    }
    sample
}

fn type_of(value: Cell, data: &[u8]) -> DataType {
    match value.kind() {
        Kind::Null => DataType::Null,
        Kind::Literal => DataType::Boolean,
        Kind::Number if parse::integer::<i64>(value.bytes(data)).is_some() => DataType::Int64,
        Kind::Number => DataType::Float64,
        _ => DataType::Utf8View,
    }
}

fn widest(a: DataType, b: DataType) -> DataType {
    match (a, b) {
        (a, b) if a == b => a,
        (DataType::Null, other) | (other, DataType::Null) => other,
        (DataType::Int64 | DataType::Float64, DataType::Int64 | DataType::Float64) => DataType::Float64,
        _ => DataType::Utf8View,
    }
}

fn inferred(seen: Vec<(String, DataType)>) -> (SchemaRef, Vec<Key>) {
    let text_if_null = |ty: DataType| if ty == DataType::Null { DataType::Utf8View } else { ty };
    let keys = seen.iter().enumerate().map(|(field, (name, _))| Key { name: name.clone(), field, earlier: false }).collect();
    let fields: Vec<Field> = seen.into_iter().map(|(name, ty)| Field::new(name, text_if_null(ty), true)).collect();
    (Arc::new(Schema::new(fields)), keys)
}

fn keys_of(contract: &Contract) -> Vec<Key> {
    let own = contract.fields.iter().enumerate().map(|(field, f)| Key { name: f.name.clone(), field, earlier: false });
    let earlier = contract.renamed.iter().filter_map(|rule| {
        let field = drift::renamed(contract, &rule.from)?;
        contract.field(&rule.from).is_none().then(|| Key { name: rule.from.clone(), field, earlier: true })
    });
    own.chain(earlier).collect()
}

fn differences(contract: &Contract, sample: &Sample) -> Vec<Drift> {
    let known = keys_of(contract);
    let mut found = Vec::new();
    // Each object has its own keys, so a key that nobody declared may be a value like any other.
    let hides = !sensitive_fields(contract).is_empty();
    for (name, _) in &sample.names {
        match known.iter().find(|key| key.name == *name) {
            None => {
                let extra = Drift::Extra { column: if hides { drift::HIDDEN.to_owned() } else { name.clone() } };
                if !found.contains(&extra) {
                    found.push(extra);
                }
            }
            Some(Key { earlier: true, field, .. }) => {
                let to = contract.fields.get(*field).map(|field| field.name.clone()).unwrap_or_default();
                found.push(Drift::Renamed { from: name.clone(), to });
            }
            Some(_) => {}
        }
    }
    let serves = |field: usize, name: &str| known.iter().any(|key| key.field == field && key.name == name);
    // One odd record is the rules' business; a hundred are another file.
    for (index, field) in contract.fields.iter().enumerate().filter(|_| sample.objects >= SAMPLE) {
        if field.is_required() && !sample.names.iter().any(|(name, _)| serves(index, name)) {
            found.push(Drift::Missing { field: field.name.clone(), required: true });
        }
    }
    found
}
