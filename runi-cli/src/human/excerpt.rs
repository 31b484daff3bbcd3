//! The text that a report draws: long lines are cut to the part that labels point at, so that a terminal can show them.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Bytes of a line that are shown. Also keeps miette from meeting columns past 65,535, where it panics.
const LONGEST_LINE: usize = 160;

/// Bytes in front of the first label that stay when a line is cut.
const LEAD: usize = 24;

/// What stands where something was cut.
const CUT: &str = "…";

/// A named text, and where its first label really is.
pub(super) struct Excerpt {
    name: String,
    text: String,
    /// The primary label: its place in `text`, and its column in the file, from 0.
    primary: Option<(usize, usize)>,
}

/// A line of the file, and the part of it that is shown.
struct Line {
    /// Where the line starts in the file.
    start: usize,
    /// What is shown, in the file.
    from: usize,
    to: usize,
    /// Where that starts in the excerpt.
    at: usize,
}

impl Excerpt {
    /// Cuts `text` around `labels`, which point into the excerpt from then on.
    pub(super) fn new(name: &str, text: &str, labels: &mut [LabeledSpan]) -> Self {
        let wanted: Vec<(usize, usize)> = labels.iter().map(|label| (label.offset(), label.offset() + label.len())).collect();
        let mut shown = String::with_capacity(text.len());
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let body = line.trim_end_matches(['\n', '\r']);
            let (from, to) = window(body, start, &wanted);
            if from > 0 {
                shown.push_str(CUT);
            }
            lines.push(Line { start, from: start + from, to: start + to, at: shown.len() });
            shown.push_str(body.get(from..to).unwrap_or_default());
            if to < body.len() {
                shown.push_str(CUT);
            }
            shown.push_str(line.get(body.len()..).unwrap_or_default());
            start += line.len();
        }
        let moved = |offset: usize| {
            let line = lines.iter().rev().find(|line| line.start <= offset)?;
            Some(line.at + offset.clamp(line.from, line.to) - line.from)
        };
        let first = labels.iter().position(LabeledSpan::primary).unwrap_or(0);
        let mut primary = None;
        for (at, label) in labels.iter_mut().enumerate() {
            let (from, to) = (label.offset(), label.offset() + label.len());
            let (Some(new_from), Some(new_to)) = (moved(from), moved(to)) else { continue };
            if at == first {
                let column = lines.iter().rev().find(|line| line.start <= from).map_or(0, |line| from - line.start);
                primary = Some((new_from, column));
            }
            let span = SourceSpan::new(new_from.into(), new_to.saturating_sub(new_from));
            *label = if label.primary() {
                LabeledSpan::new_primary_with_span(label.label().map(str::to_owned), span)
            } else {
                LabeledSpan::new_with_span(label.label().map(str::to_owned), span)
            };
        }
        Self { name: name.to_owned(), text: shown, primary }
    }
}

/// The part of a line that is shown, as offsets in the line, which starts at `start` in the file.
fn window(body: &str, start: usize, labels: &[(usize, usize)]) -> (usize, usize) {
    if body.len() <= LONGEST_LINE {
        return (0, body.len());
    }
    let end = start + body.len();
    let here = labels.iter().filter(|(from, to)| *from < end && *to > start);
    let first = here.map(|(from, to)| (from.saturating_sub(start), to.saturating_sub(start))).min();
    let from = match first {
        Some((from, to)) if to > LONGEST_LINE => from.saturating_sub(LEAD),
        _ => 0,
    };
    (boundary(body, from), boundary(body, (from + LONGEST_LINE).min(body.len())))
}

/// The nearest start of a character at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl SourceCode for Excerpt {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        // Asked without context, a report wants the place for its heading: the one in the file.
        let column = match self.primary {
            Some((offset, column)) if before == 0 && after == 0 && offset == span.offset() => column,
            _ => contents.column(),
        };
        let (data, place, line, count) = (contents.data(), *contents.span(), contents.line(), contents.line_count());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, place, line, column, count)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cut(text: &str, label: (usize, usize)) -> (String, usize, usize, usize) {
        let mut labels = [LabeledSpan::new_primary_with_span(None, SourceSpan::new(label.0.into(), label.1))];
        let excerpt = Excerpt::new("x", text, &mut labels);
        let column = excerpt.read_span(labels[0].inner(), 0, 0).unwrap().column();
        (excerpt.text.clone(), labels[0].offset(), labels[0].len(), column)
    }

    #[test]
    fn short_lines_stay() {
        let text = "one\r\ntwo é\nthree";
        assert_eq!(cut(text, (5, 3)), (text.to_owned(), 5, 3, 0));
        assert_eq!(cut(text, (text.len(), 0)), (text.to_owned(), text.len(), 0, 5));
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!("first\n{}needle{}\nlast\n", "é".repeat(500), "x".repeat(900));
        let (shown, at, length, column) = cut(&text, (1006, 6));
        assert_eq!(shown.get(at..at + length), Some("needle"));
        assert_eq!(column, 1000, "the heading names the place in the file");
        let line = shown.lines().nth(1).unwrap();
        assert!(line.starts_with("…é") && line.ends_with("x…") && line.len() < LONGEST_LINE + 10, "{line}");
        assert!(shown.starts_with("first\n") && shown.ends_with("\nlast\n"));
    }

    #[test]
    fn a_label_longer_than_the_window_ends_with_it() {
        let text = format!("head {}", "ab".repeat(5000));
        let (shown, at, length, _) = cut(&text, (5, 10_000));
        assert_eq!((at, at + length), (5, LONGEST_LINE));
        assert!(shown.ends_with('…'));
    }
}
