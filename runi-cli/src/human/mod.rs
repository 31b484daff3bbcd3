//! The adapter between our diagnostics and miette's graphical report. Only this module knows miette.

mod excerpt;

use excerpt::Excerpt;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan, ThemeCharacters, ThemeStyles};
use runi_lang::diagnostic::{Applicability, Diagnostic, Place, Severity};
use std::fmt;

/// Draws diagnostics for people.
pub(crate) struct Human {
    handler: GraphicalReportHandler,
}

impl Human {
    /// With or without colour, `width` columns wide.
    pub(crate) fn new(color: bool, width: usize) -> Self {
        let theme = GraphicalTheme {
            characters: ThemeCharacters::unicode(),
            styles: if color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        Self { handler: GraphicalReportHandler::new_themed(theme).with_width(width.clamp(60, 140)).with_context_lines(1).with_links(false) }
    }

    /// One diagnostic; `source` gives the text of a file.
    pub(crate) fn render(&self, diagnostic: &Diagnostic, source: &dyn Fn(&str) -> Option<String>) -> String {
        let mut text = String::new();
        let report = Adapter::new(diagnostic, source);
        if self.handler.render_report(&mut text, &report).is_err() {
            text = format!("{} {}\n", diagnostic.code, diagnostic.message);
        }
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
    }
}

/// One diagnostic in one file; its labels in other files are related reports.
struct Adapter {
    message: String,
    code: String,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
    related: Vec<Adapter>,
}

impl Adapter {
    fn new(diagnostic: &Diagnostic, source: &dyn Fn(&str) -> Option<String>) -> Self {
        let (here, elsewhere): (Vec<_>, Vec<_>) = diagnostic.labels.iter().partition(|label| label.place.path == diagnostic.place.path);
        let mut labels: Vec<LabeledSpan> = span(&diagnostic.place)
            .map(|span| LabeledSpan::new_primary_with_span(Some(diagnostic.label.clone()).filter(|label| !label.is_empty()), span))
            .into_iter()
            .collect();
        labels.extend(here.iter().filter_map(|label| Some(LabeledSpan::new_with_span(Some(label.message.clone()), span(&label.place)?))));
        let mut help: Vec<String> = diagnostic.notes.iter().map(|note| format!("note: {note}")).collect();
        let shown = drawn(&diagnostic.place, source, &mut labels);
        if shown.is_none() {
            help.push(format!("in {}", whereabouts(&diagnostic.place, source)));
        }
        help.extend(diagnostic.help.clone());
        help.extend(diagnostic.fixes.first().and_then(|fix| match fix.applicability {
            Applicability::Safe => Some(format!("fix: {} (`runi fix`)", fix.title)),
            Applicability::Unsafe => Some(format!("fix: {} (`runi fix --unsafe`)", fix.title)),
            Applicability::DisplayOnly => None,
        }));
        Self {
            message: diagnostic.message.clone(),
            code: diagnostic.code.clone(),
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Note => miette::Severity::Advice,
            },
            help: Some(help.join("\n")).filter(|help| !help.is_empty()),
            source: shown,
            labels,
            related: elsewhere
                .into_iter()
                .map(|label| {
                    let mut labels: Vec<LabeledSpan> =
                        span(&label.place).map(|span| LabeledSpan::new_primary_with_span(None, span)).into_iter().collect();
                    Self {
                        message: label.message.clone(),
                        code: String::new(),
                        severity: miette::Severity::Advice,
                        help: None,
                        source: drawn(&label.place, source, &mut labels),
                        labels,
                        related: Vec::new(),
                    }
                })
                .collect(),
        }
    }
}

fn span(place: &Place) -> Option<SourceSpan> {
    let range = place.text_range()?;
    Some(SourceSpan::new(usize::from(range.start()).into(), usize::from(range.len())))
}

/// The text of a place, where there is one.
fn drawn(place: &Place, source: &dyn Fn(&str) -> Option<String>, labels: &mut [LabeledSpan]) -> Option<Excerpt> {
    let text = source(&place.path)?;
    // A span past the end would make miette refuse the whole report.
    let fits = labels.iter().all(|label| label.offset() + label.len() <= text.len());
    fits.then(|| Excerpt::new(&place.path, &text, labels))
}

/// `path`, or `path:line` where the text is known.
fn whereabouts(place: &Place, source: &dyn Fn(&str) -> Option<String>) -> String {
    let line = place.text_range().zip(source(&place.path)).and_then(|(range, text)| {
        let before = text.as_bytes().get(..usize::from(range.start()))?;
        Some(1 + before.iter().filter(|byte| **byte == b'\n').count())
    });
    line.map_or_else(|| place.path.clone(), |line| format!("{}:{line}", place.path))
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Adapter {}

impl miette::Diagnostic for Adapter {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        if self.code.is_empty() { None } else { Some(Box::new(&self.code)) }
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.related.is_empty() { None } else { Some(Box::new(self.related.iter().map(|related| related as &dyn miette::Diagnostic))) }
    }
}
