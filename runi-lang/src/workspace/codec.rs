//! The bytes of the check cache: little-endian numbers, and texts with their length before them.

use super::index::{Digest, Export, Space};
use crate::check::{Checked, Port, Requirement, RequirementKind, ScenarioFacts};
use crate::db::{Dependency, FileCheck};
use crate::diagnostic::{At, ItemPath, Place, TextRange};
use crate::ir::Form;

/// Appends values.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn number(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn count(&mut self, value: usize) {
        self.bytes.extend_from_slice(&u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn block(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.block(text.as_bytes());
    }

    fn texts(&mut self, texts: &[String]) {
        self.count(texts.len());
        for text in texts {
            self.text(text);
        }
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.byte(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    pub(super) fn export(&mut self, export: &Export) {
        self.byte(export.space as u8);
        self.text(&export.name);
        self.text(&export.qualifier);
        self.text(&export.item);
        self.raw(&export.digest);
    }

    /// A check together with the digests of the answers that it was given.
    ///
    /// # Errors
    /// A diagnostic cannot be written: a file with problems must not be kept as one without.
    pub(super) fn check(&mut self, check: &FileCheck, answers: &[Digest]) -> std::io::Result<()> {
        self.count(check.dependencies.len());
        for (dependency, answer) in check.dependencies.iter().zip(answers) {
            let (tag, name) = match dependency {
                Dependency::Contract(name) => (0, Some(name)),
                Dependency::Steps(name) => (1, Some(name)),
                Dependency::ContractNames => (2, None),
                Dependency::StepNames => (3, None),
            };
            self.byte(tag);
            self.text(name.map(String::as_str).unwrap_or_default());
            self.raw(answer);
        }
        self.count(check.checked.requirements.len());
        for requirement in &check.checked.requirements {
            self.requirement(requirement);
        }
        self.count(check.checked.scenarios.len());
        for facts in &check.checked.scenarios {
            self.facts(facts);
        }
        let diagnostics = match check.checked.diagnostics.as_slice() {
            [] => Vec::new(),
            some => serde_json::to_vec(some)?,
        };
        self.block(&diagnostics);
        Ok(())
    }

    fn requirement(&mut self, requirement: &Requirement) {
        self.byte(match requirement.kind {
            RequirementKind::File => 0,
            RequirementKind::Glob => 1,
            RequirementKind::Directory => 2,
            RequirementKind::GoldenInput => 3,
            RequirementKind::Golden => 4,
            RequirementKind::Secret => 5,
        });
        self.text(&requirement.value);
        self.byte(u8::from(requirement.produced));
        self.place(&requirement.place);
    }

    fn place(&mut self, place: &Place) {
        self.text(&place.path);
        match &place.at {
            At::File => self.byte(0),
            At::Item(ItemPath(item)) => {
                self.byte(1);
                self.text(item);
            }
            At::Range(range) => {
                self.byte(2);
                self.raw(&u32::from(range.start()).to_le_bytes());
                self.raw(&u32::from(range.end()).to_le_bytes());
            }
        }
    }

    fn facts(&mut self, facts: &ScenarioFacts) {
        self.text(&facts.slug);
        self.text(&facts.name);
        self.texts(&facts.inputs);
        self.texts(&facts.outputs);
        self.count(facts.ports.len());
        for port in &facts.ports {
            self.text(&port.path);
            self.byte(u8::from(port.writes));
            self.byte(u8::from(port.append));
            self.form(port.form);
            self.maybe(port.contract.as_deref());
            self.texts(&port.columns);
            self.texts(&port.keeps);
            self.maybe(port.table.as_deref());
            self.place(&port.place);
        }
        self.texts(&facts.contracts);
        self.texts(&facts.labels);
        self.maybe(facts.layer.as_deref());
        self.maybe(facts.domain.as_deref());
        self.count(facts.promises_checked);
        self.count(facts.promises_total);
        self.byte(u8::from(facts.sound));
    }

    fn form(&mut self, form: Form) {
        let (tag, [header, delimiter, quote]) = match form {
            Form::Csv { header, delimiter, quote } => (0, [u8::from(header), delimiter, quote]),
            Form::Json => (1, [0; 3]),
            Form::Parquet => (2, [0; 3]),
            Form::Arrow => (3, [0; 3]),
            Form::Delta => (4, [0; 3]),
        };
        self.raw(&[tag, header, delimiter, quote]);
    }
}

/// Reads values in the order in which they were written; `None` where the bytes are not what they should be.
#[derive(Debug, Clone)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn raw(&mut self, len: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(head)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.raw(N)?.try_into().ok()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn flag(&mut self) -> Option<bool> {
        self.byte().map(|byte| byte != 0)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn narrow(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn count(&mut self) -> Option<usize> {
        // No list can have more entries than there are bytes left, so a wrong count never reserves memory.
        self.narrow().map(|count| count as usize)
    }

    pub(super) fn block(&mut self) -> Option<&'b [u8]> {
        let len = self.count()?;
        self.raw(len)
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.block()?).ok()
    }

    fn string(&mut self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// A list, item by item.
    pub(super) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        if count > self.bytes.len() {
            return None;
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn maybe(&mut self) -> Option<Option<String>> {
        if self.flag()? { self.string().map(Some) } else { Some(None) }
    }

    pub(super) fn export(&mut self) -> Option<Export> {
        let space = match self.byte()? {
            0 => Space::Contract,
            1 => Space::Step,
            2 => Space::Scenario,
            _ => return None,
        };
        Some(Export { space, name: self.text()?.into(), qualifier: self.string()?, item: self.string()?, digest: self.array()? })
    }

    pub(super) fn check(&mut self) -> Option<(FileCheck, Vec<Digest>)> {
        let asked = self.list(|reader| {
            let (tag, name) = (reader.byte()?, reader.string()?);
            let dependency = match tag {
                0 => Dependency::Contract(name),
                1 => Dependency::Steps(name),
                2 => Dependency::ContractNames,
                3 => Dependency::StepNames,
                _ => return None,
            };
            Some((dependency, reader.array::<16>()?))
        })?;
        let requirements = self.list(Self::requirement)?;
        let scenarios = self.list(Self::facts)?;
        let diagnostics = match self.block()? {
            [] => Vec::new(),
            json => serde_json::from_slice(json).ok()?,
        };
        let (dependencies, answers) = asked.into_iter().unzip();
        Some((FileCheck { checked: Checked { diagnostics, requirements, scenarios }, dependencies }, answers))
    }

    fn requirement(&mut self) -> Option<Requirement> {
        let kind = match self.byte()? {
            0 => RequirementKind::File,
            1 => RequirementKind::Glob,
            2 => RequirementKind::Directory,
            3 => RequirementKind::GoldenInput,
            4 => RequirementKind::Golden,
            5 => RequirementKind::Secret,
            _ => return None,
        };
        Some(Requirement { kind, value: self.string()?, produced: self.flag()?, place: self.place()? })
    }

    fn place(&mut self) -> Option<Place> {
        let path = self.string()?;
        let at = match self.byte()? {
            0 => At::File,
            1 => At::Item(ItemPath(self.string()?)),
            2 => {
                let (start, end) = (self.narrow()?, self.narrow()?);
                At::Range((start <= end).then(|| TextRange::new(start.into(), end.into()))?)
            }
            _ => return None,
        };
        Some(Place { path, at })
    }

    fn form(&mut self) -> Option<Form> {
        let [tag, header, delimiter, quote] = self.array()?;
        Some(match tag {
            0 => Form::Csv { header: header != 0, delimiter, quote },
            1 => Form::Json,
            2 => Form::Parquet,
            3 => Form::Arrow,
            4 => Form::Delta,
            _ => return None,
        })
    }

    fn port(&mut self) -> Option<Port> {
        Some(Port {
            path: self.string()?,
            writes: self.flag()?,
            append: self.flag()?,
            form: self.form()?,
            contract: self.maybe()?,
            columns: self.list(Self::string)?,
            keeps: self.list(Self::string)?,
            table: self.maybe()?,
            place: self.place()?,
        })
    }

    fn facts(&mut self) -> Option<ScenarioFacts> {
        Some(ScenarioFacts {
            slug: self.string()?,
            name: self.string()?,
            inputs: self.list(Self::string)?,
            outputs: self.list(Self::string)?,
            ports: self.list(Self::port)?,
            contracts: self.list(Self::string)?,
            labels: self.list(Self::string)?,
            layer: self.maybe()?,
            domain: self.maybe()?,
            promises_checked: self.count()?,
            promises_total: self.count()?,
            sound: self.flag()?,
        })
    }
}
