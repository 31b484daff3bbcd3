//! A feature: what *happens* to data.

use super::{Accept, Args, Duration, Percent, Spanned, Spans, StepDef, StepUse};
use rowan::TextRange;

/// SQL text and where it stands. The text is the file's own bytes, so an offset in it is an offset in the range.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sql {
    /// An expression, a `select`, or a name.
    pub text: String,
    /// Its bytes in the file.
    pub range: TextRange,
}

/// Everything one `.dsl` file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeatureFile {
    /// `Feature:` and its name.
    pub name: Option<Spanned<String>>,
    /// The docstring under it.
    pub doc: String,
    /// The scenarios, in order.
    pub scenarios: Vec<Scenario>,
    /// The reusable steps.
    pub steps: Vec<StepDef>,
    /// Where items stand.
    pub spans: Spans,
}

/// `@module(layer=…, domain=…)`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// `bronze`, `silver` or `gold`.
    pub layer: Option<Spanned<String>>,
    /// The business domain.
    pub domain: Option<Spanned<String>>,
}

/// `Scenario:` and all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: Spanned<String>,
    /// The whole item.
    pub range: TextRange,
    /// Whether a part of it could not be read: a source, step or sink may be missing, so that a name that is not known may be its.
    pub damaged: bool,
    /// The docstring.
    pub doc: String,
    /// `@module`.
    pub module: Module,
    /// `@herd`.
    pub herd: Option<Spanned<String>>,
    /// Other tags above it, such as `@nightly`; used to select.
    pub labels: Vec<Spanned<String>>,
    /// `@accept` above it.
    pub accepted: Vec<Spanned<Accept>>,
    /// Where rows come from.
    pub sources: Vec<Source>,
    /// What happens, in order.
    pub steps: Vec<StepUse>,
    /// Where rows go.
    pub sinks: Vec<Sink>,
    /// `` `checks` `` at the end of `Then` lines.
    pub checks: Vec<Check>,
    /// The prose, in order, with the item it precedes.
    pub narration: Vec<Narration>,
    /// `@quality`.
    pub quality: Vec<Quality>,
    /// `@assert`.
    pub asserts: Vec<Assertion>,
    /// `@alert`.
    pub alerts: Vec<Alert>,
    /// `@window`.
    pub window: Option<Window>,
    /// `@golden`.
    pub goldens: Vec<Golden>,
    /// `Examples:`.
    pub examples: Vec<Examples>,
}

impl Scenario {
    /// A scenario in which nothing happens yet; `range` is the whole item.
    #[must_use]
    pub fn new(name: Spanned<String>, range: TextRange) -> Self {
        Self {
            name,
            range,
            damaged: false,
            doc: String::new(),
            module: Module::default(),
            herd: None,
            labels: Vec::new(),
            accepted: Vec::new(),
            sources: Vec::new(),
            steps: Vec::new(),
            sinks: Vec::new(),
            checks: Vec::new(),
            narration: Vec::new(),
            quality: Vec::new(),
            asserts: Vec::new(),
            alerts: Vec::new(),
            window: None,
            goldens: Vec::new(),
            examples: Vec::new(),
        }
    }
}

/// `@source(type=…, …) as name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `as name`; without it, the contract's name in snake case.
    pub name: Option<Spanned<String>>,
    /// Every argument.
    pub args: Args,
    /// Whether the parser reported something in it, so that what it says is not all that was meant.
    pub damaged: bool,
    /// The whole tag.
    pub range: TextRange,
}

/// `@sink(…) when … | otherwise`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// Every argument.
    pub args: Args,
    /// What reaches it.
    pub route: SinkRoute,
    /// How many steps of the scenario stand above it: it reads the last of them (0: the first source).
    pub after: usize,
    /// Whether the parser reported something in it, so that what it says is not all that was meant.
    pub damaged: bool,
    /// The tag.
    pub range: TextRange,
}

/// Which rows a sink gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkRoute {
    /// Every valid row.
    All,
    /// The valid rows that no earlier `when` sink of the step took and for which this is true.
    When(Sql),
    /// The valid rows that no `when` sink of the step took.
    Otherwise,
    /// The quarantine (`on=invalid`).
    Invalid,
}

/// A code span that ends a `Then` line: checked on the rows that reach the sinks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The prose before the span.
    pub title: String,
    /// The condition.
    pub sql: Sql,
}

/// A narration word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NarrationWord {
    /// What is there.
    Given,
    /// What happens.
    When,
    /// What is promised.
    Then,
    /// More of the one before.
    And,
    /// The exception to the one before.
    But,
}

/// One line of prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narration {
    /// How it starts.
    pub word: NarrationWord,
    /// What the line is, `And` and `But` resolved: `Given`, `When` or `Then`.
    pub kind: NarrationWord,
    /// The rest of the line, without a check.
    pub text: String,
    /// Code spans in it that are names, not checks.
    pub names: Vec<Spanned<String>>,
    /// Whether a check ends it.
    pub checked: bool,
    /// The line.
    pub range: TextRange,
}

/// `@quality(max_invalid=1%, of=trades)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// Highest share of quarantined rows.
    pub max_invalid: Option<Spanned<Percent>>,
    /// Lowest number of valid rows.
    pub min_rows: Option<Spanned<u64>>,
    /// The source; all of them when left out.
    pub of: Option<Spanned<String>>,
    /// The tag.
    pub range: TextRange,
}

/// `@assert "title": expression over counts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The title.
    pub title: Option<Spanned<String>>,
    /// An expression over `read(x)`, `valid(x)`, `invalid(x)`, `rows(step)`.
    pub sql: Sql,
}

/// `@alert(on=quality, to="…")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// `quality`, `assert`, `invalid`, `drift`, `failure` or `any`.
    pub on: Spanned<String>,
    /// The name of an alert target of the environment, a file, or an http(s) address.
    pub to: Spanned<String>,
    /// The tag.
    pub range: TextRange,
}

/// `@window(5m, on=column, watermark=30s, late=quarantine)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Length of a tumbling window, or of the sliding one.
    pub length: Option<Duration>,
    /// Hop of a sliding window.
    pub every: Option<Duration>,
    /// Gap of a session window.
    pub session: Option<Duration>,
    /// The event time.
    pub on: Option<Spanned<String>>,
    /// Columns whose values have sessions of their own.
    pub by: Vec<Spanned<String>>,
    /// How late a row may be.
    pub watermark: Option<Duration>,
    /// `filter`, `quarantine` or `update`.
    pub late: Option<Spanned<String>>,
    /// The tag.
    pub range: TextRange,
}

/// `@golden(input="…", output="…")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Golden {
    /// Rows for the source named in `of`, or for the first one.
    pub input: Option<Spanned<String>>,
    /// Expected rows of the sink, or of the quarantine.
    pub output: Spanned<String>,
    /// Every argument, `<source>=path` for more than one input, `sink=`.
    pub args: Args,
    /// The tag.
    pub range: TextRange,
}

/// An `Examples:` block: tables in, `become`, tables out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examples {
    /// Its title.
    pub title: Spanned<String>,
    /// Arguments of a reusable step, from `with name=value, …` after the title.
    pub args: Args,
    /// Rows in; a step has one table without a name, a scenario one named table per source.
    pub input: Vec<Table>,
    /// Rows out; a scenario names sinks (or `invalid`).
    pub output: Vec<Table>,
    /// The whole block.
    pub range: TextRange,
}

/// A table of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The view (`Given trades`) or sink that it stands for.
    pub name: Option<Spanned<String>>,
    /// The first row.
    pub header: Vec<Spanned<String>>,
    /// The others.
    pub rows: Vec<TableRow>,
    /// The table.
    pub range: TextRange,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Cells: `None` is a bare `null` (or an empty cell); quoted cells are unquoted (`true`: was quoted).
    pub cells: Vec<Spanned<Option<String>>>,
    /// The line.
    pub range: TextRange,
}
