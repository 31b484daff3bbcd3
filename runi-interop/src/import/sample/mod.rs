//! Samples of data become contracts: a guess that says how sure it is.
//!
//! CSV, Parquet and Arrow are read by the engine's own readers, JSON line by line; all of them in pieces, so that the size of a file
//! does not matter. What is guessed holds for every row that was read. Beyond that the guess is careful: digits with leading zeros stay
//! text, one value of another kind makes text of a column, few rows promise nothing, ranges and personal data are only suggested.

mod json;
mod profile;
mod value;

use crate::build;
use crate::error::ImportError;
use crate::import::{Format, Input, arrow};
use crate::loss::{Imported, Loss, Note};
use ::arrow::array::{Array, ArrayRef, AsArray};
use ::arrow::util::display::{ArrayFormatter, FormatOptions};
use profile::Profile;
use runi_engine::source::{ReadOptions, SourceSpec, open, unpacked};
use runi_lang::ir::{Compression, Connector};
use runi_lang::model::{Contract, DriftPolicy, Duplicates, Field, Key, OnFail};
use runi_lang::types::DataType;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

/// Fewer rows than this promise nothing.
const FEW: u64 = 20;
/// An enum has at most so many values …
const MOST_VALUES: usize = 12;
/// … each of them is found so often on average …
const PER_VALUE: u64 = 20;
/// … and there are at least so many rows.
const ENUM_ROWS: u64 = 200;

/// What was read of one column.
#[derive(Debug, Default)]
struct Column {
    name: String,
    /// The type that the file says, where it says one.
    declared: Option<DataType>,
    profile: Profile,
    /// Rows with a value.
    present: u64,
    /// JSON: values by kind.
    kinds: json::Kinds,
}

/// What was read of all of it.
#[derive(Debug, Default)]
struct Sample {
    columns: Vec<Column>,
    rows: u64,
    malformed: u64,
    /// Whether rows were left unread.
    partial: bool,
    json: bool,
    /// What the file itself says of a contract.
    said: Option<Contract>,
    losses: Vec<Loss>,
    notes: Vec<String>,
}

/// Reads rows, and guesses.
pub(super) fn from(format: Format, input: &Input<'_>) -> Result<Imported, ImportError> {
    let Some(path) = input.path else {
        return Err(ImportError::unreadable(format.name(), "a sample is read from a file, not from standard input", None));
    };
    let limit = input.options.rows.unwrap_or(u64::MAX);
    let sample = match format {
        Format::Json => json::read(path, limit)?,
        _ => engine(format, path, limit)?,
    };
    let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').find(|part| !part.is_empty()).unwrap_or("sample");
    build::choose(format.name(), guess(sample, &build::contract_name(stem), input.name), input.options)
}

/// Reads with the engine's readers.
fn engine(format: Format, path: &Path, limit: u64) -> Result<Sample, ImportError> {
    let full = path.canonicalize().map_err(runi_engine::error::EngineError::io("read", path))?;
    let mut sample = Sample::default();
    let file = full.to_string_lossy().into_owned();
    let connector = match format {
        Format::Parquet => Connector::Parquet { path: file },
        Format::Arrow => Connector::Arrow { path: file },
        _ => {
            let delimiter = delimiter(&full);
            if delimiter != b',' {
                sample.notes.push(format!("cells are divided by `{}`: the source says `delimiter=`", delimiter.escape_ascii()));
            }
            Connector::Csv { path: file, delimiter, header: true, quote: b'"', nulls: vec![String::new()], compression: Compression::Auto }
        }
    };
    let mut bare = None;
    if matches!(format, Format::Parquet | Format::Arrow) {
        let (said, losses) = arrow::of_file(format, &full)?;
        bare = Some(columns_alone(&said));
        sample.said = Some(said);
        sample.losses = losses;
    }
    let root = full.parent().unwrap_or(&full);
    let spec = SourceSpec { name: "sample", connector: &connector, contract: bare.as_ref(), root };
    let source = open(&spec, &ReadOptions::default())?;
    let typed = !matches!(format, Format::Csv);
    for field in source.schema().fields() {
        let declared = typed.then(|| runi_engine::sql::types::from_arrow(field.data_type()).unwrap_or(DataType::String));
        sample.columns.push(Column { name: field.name().clone(), declared, ..Column::default() });
    }
    if sample.columns.is_empty() {
        return Err(ImportError::unreadable(format.name(), "there are no columns", None));
    }
    let reader = source.reader();
    'read: while let Some(unit) = reader.next()? {
        let decoded = unit.decode()?;
        sample.malformed += decoded.malformed.len() as u64;
        for (rows, _) in decoded.batches {
            let left = usize::try_from(limit - sample.rows).unwrap_or(usize::MAX);
            let take = rows.len().min(left);
            for (column, array) in sample.columns.iter_mut().zip(rows.batch.columns()) {
                observe(column, &array.slice(0, take))?;
            }
            sample.rows += take as u64;
            if take < rows.len() || sample.rows >= limit {
                sample.partial = true;
                break 'read;
            }
        }
    }
    Ok(sample)
}

/// A contract that reads the columns which have a type in a contract, and asks nothing of them.
fn columns_alone(said: &Contract) -> Contract {
    let mut bare = Contract::new("sample");
    bare.fields = said.fields.iter().map(|field| Field::new(&field.name, field.ty.clone())).collect();
    bare.drift = DriftPolicy { missing: OnFail::Warn, extra: OnFail::Warn, retyped: OnFail::Warn, reordered: OnFail::Warn };
    bare
}

/// What divides the cells of the first line.
fn delimiter(path: &Path) -> u8 {
    let mut head = Vec::new();
    // What cannot be read is for the reader to say.
    if let Ok(file) = unpacked(path) {
        let _ = file.take(64 << 10).read_to_end(&mut head);
    }
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let (mut counts, mut quoted) = ([0_usize; 4], false);
    const KNOWN: [u8; 4] = [b',', b';', b'\t', b'|'];
    for byte in line {
        quoted ^= *byte == b'"';
        if let Some(at) = KNOWN.iter().position(|known| known == byte && !quoted) {
            counts[at] += 1;
        }
    }
    // The comma wins a tie.
    let most = counts.iter().copied().max().unwrap_or(0);
    counts.iter().position(|count| *count == most).and_then(|at| KNOWN.get(at)).copied().unwrap_or(b',')
}

fn observe(column: &mut Column, array: &ArrayRef) -> Result<(), ImportError> {
    column.present += (array.len() - array.logical_null_count()) as u64;
    let nested =
        matches!(column.declared, Some(DataType::List(_) | DataType::Struct(_) | DataType::Map(..) | DataType::Binary | DataType::Null));
    if nested {
        return Ok(());
    }
    if let Some(texts) = array.as_string_view_opt() {
        texts.iter().flatten().for_each(|text| column.profile.see(text));
        return Ok(());
    }
    let engine = runi_engine::error::EngineError::engine("reading a sample");
    let options = FormatOptions::default();
    let values = match ArrayFormatter::try_new(array.as_ref(), &options) {
        Ok(values) => values,
        Err(error) => return Err(engine(error).into()),
    };
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_valid(row) {
            text.clear();
            // Writing into a string cannot fail; a value that cannot be shown is only not counted.
            let _ = write!(text, "{}", values.value(row));
            column.profile.see(&text);
        }
    }
    Ok(())
}

/// `99.98 %`, never rounded up to all of them.
fn share(part: u64, all: u64) -> String {
    let ppm = part.saturating_mul(10_000) / all.max(1);
    format!("{}.{:02} %", ppm / 100, ppm % 100)
}

fn guess(sample: Sample, name: &str, source: &str) -> Imported {
    let Sample { columns, rows, malformed, partial, json, said, losses, notes } = sample;
    let mut contract = said.unwrap_or_else(|| Contract::new(name));
    if contract.name.is_empty() {
        contract.name = name.to_owned();
    }
    let name = contract.name.clone();
    let known = contract.fields.clone();
    let mut out: Vec<Note> = Vec::new();
    let note = |out: &mut Vec<Note>, message: String| out.push(Note { at: name.clone(), message });
    let read = if partial { format!("the first {rows} rows") } else { format!("all {rows} rows") };
    let file = source.rsplit('/').next().unwrap_or(source);
    note(&mut out, format!("guessed from {read} of `{file}`; what they show is no promise: look at every line"));
    if rows < FEW {
        note(&mut out, "too few rows to say what is required, unique or one of a few values".to_owned());
    }
    if malformed > 0 {
        note(&mut out, format!("{malformed} records could not be read"));
    }
    notes.into_iter().for_each(|message| note(&mut out, message));
    let mut nulls: Vec<String> = Vec::new();
    if !json {
        for word in columns.iter().filter(|column| column.declared.is_none()).flat_map(|column| column.profile.nulls()) {
            if !nulls.contains(&word) {
                nulls.push(word);
            }
        }
    }
    if !nulls.is_empty() {
        let words: Vec<String> = nulls.iter().map(|word| format!("`{word}`")).collect();
        let wanted = format!("nulls=\"{}\"", nulls.join(","));
        note(&mut out, format!("{} stand where there is no value: the source says `{wanted}`", words.join(", ")));
    }
    contract.fields.clear();
    let mut unique: Vec<String> = Vec::new();
    for column in &columns {
        let at = format!("{name}.{}", column.name);
        let mut say: Vec<String> = Vec::new();
        let values = if column.declared.is_some() || json { column.present } else { column.profile.values(&nulls) };
        let declared = known.iter().find(|field| field.name == column.name);
        let (ty, notes) = match (&column.declared, json) {
            (Some(ty), _) => (declared.map_or_else(|| ty.clone(), |field| field.ty.clone()), Vec::new()),
            (None, true) => json::verdict(column),
            (None, false) => {
                let verdict = column.profile.verdict();
                (verdict.ty, verdict.notes)
            }
        };
        let mut field = declared.cloned().unwrap_or_else(|| Field::new(&column.name, ty.clone()));
        field.ty = ty;
        let missing = rows.saturating_sub(values);
        say.push(match (missing, values) {
            (_, 0) => "no row has a value".to_owned(),
            (0, _) => "every row has a value".to_owned(),
            (missing, _) => format!("{missing} rows ({}) have no value", share(missing, rows)),
        });
        say.extend(notes);
        let format = column.profile.format(&nulls).filter(|_| field.ty == DataType::String && values > 0);
        let personal = value::personal(&column.name, format);
        let enough = rows >= FEW && !partial;
        let doubtful = column.profile.doubtful(&nulls);
        if !doubtful.is_empty() {
            let words: Vec<String> = doubtful.iter().map(|word| format!("`{word}`")).collect();
            say.push(format!("{} may mean that there is no value", words.join(", ")));
        }
        if enough && missing == 0 && doubtful.is_empty() && field.rules.required.is_none() {
            field.rules.required = Some(None);
        }
        if missing > 0 && field.is_required() && declared.is_none() {
            field.rules.required = None;
        }
        if let Some(format) = format {
            say.push(format!("every value is of the format `{format}`"));
            if enough && values >= FEW && field.rules.format.is_none() && format != "ipv4" {
                field.rules.format = Some((format.to_owned(), None));
            }
        }
        let no_digits = |words: &[String]| !words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let plain = |word: &String| !word.is_empty() && word.chars().count() <= 32 && !word.chars().any(char::is_control);
        if let Some(words) =
            column.profile.words(&nulls).filter(|words| field.ty == DataType::String && words.len() > 1 && words.len() <= MOST_VALUES)
            && personal.is_none()
            && format.is_none()
            && no_digits(&words)
            && words.iter().all(plain)
        {
            say.push(format!("{} distinct values", words.len()));
            if enough && values >= ENUM_ROWS && values / words.len() as u64 >= PER_VALUE {
                field.ty = DataType::Enum(words);
            }
        }
        if let Some(kind) = personal {
            say.retain(|message| !message.contains(" to "));
            say.push(format!("looks like personal data: think of `@pii({kind})` and a mask"));
        }
        let keyable = field.ty.is_integer() || field.ty == DataType::String;
        if keyable && rows >= FEW && missing == 0 && doubtful.is_empty() && column.profile.is_unique(&nulls) && column.profile.longest <= 64
        {
            say.push("no value occurs twice".to_owned());
            unique.push(column.name.clone());
        }
        out.push(Note { at, message: say.join("; ") });
        contract.fields.push(field);
    }
    if contract.keys.is_empty() && !partial {
        let like_a_key = |name: &&String| {
            let lower = name.to_lowercase();
            ["id", "key", "code", "uuid"].iter().any(|word| lower == *word || lower.ends_with(&format!("_{word}")))
                || lower.ends_with("num")
        };
        let first =
            unique.iter().find(like_a_key).or_else(|| unique.first().filter(|name| columns.first().is_some_and(|c| c.name == **name)));
        if let Some(first) = first {
            contract.keys.push(Key { columns: vec![first.clone()], primary: true, duplicates: Duplicates::default(), on_fail: None });
        }
    }
    Imported { contracts: vec![contract], losses, notes: out }
}
