//! What DataFusion would read otherwise than it is written, put right or refused before anything is planned.

use super::text::{SqlText, not_allowed};
use datafusion::sql::sqlparser::ast::{self, Spanned, TimezoneInfo, Value, VisitMut, visit_expressions_mut};
use runi_lang::sql::SqlError;
use std::ops::ControlFlow;

/// Puts a parsed text right.
///
/// `timestamp '2026-01-05T10:00:00Z'` names an instant, and standard SQL gives such a literal a zone; DataFusion drops it, so that
/// beside a column of another zone it would be read on that zone's clock. `similar to` would be an unanchored regular expression,
/// which is not what the standard says it is.
///
/// # Errors
/// Every `similar to`.
pub(crate) fn as_meant<T: VisitMut>(parsed: &mut T, text: &SqlText<'_>) -> Result<(), Vec<SqlError>> {
    let mut errors = Vec::new();
    let _ = visit_expressions_mut(parsed, |expr| {
        match expr {
            ast::Expr::TypedString(typed) => {
                if let ast::DataType::Timestamp(_, zone @ (TimezoneInfo::None | TimezoneInfo::WithoutTimeZone)) = &mut typed.data_type
                    && let Value::SingleQuotedString(written) = &typed.value.value
                    && names_zone(written)
                {
                    *zone = TimezoneInfo::WithTimeZone;
                }
            }
            ast::Expr::SimilarTo { .. } => {
                let message = "`similar to` is not supported".to_owned();
                let help = "write `regexp_like(value, '^(?:pattern)$')`, or `like` for `%` and `_`".to_owned();
                errors.push(SqlError { help: Some(help), ..not_allowed(message, text.known_range(expr.span())) });
            }
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Whether a time of day is followed by a zone: `Z`, `+02:00` or a name.
fn names_zone(written: &str) -> bool {
    let Some((_, time)) = written.split_once(':') else { return false };
    time.contains(|c: char| c == '+' || c == '-' || c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::names_zone;

    #[test]
    fn a_zone_stands_behind_the_time() {
        for zoned in ["2026-01-05T10:00:00Z", "2026-01-05 10:00:00+02", "2026-01-05T10:00:00.5-02:30", "2026-01-05 10:00:00 Europe/Paris"] {
            assert!(names_zone(zoned), "{zoned}");
        }
        for local in ["2026-01-05", "2026-01-05T10:00:00", "2026-01-05 10:00:00.25", ""] {
            assert!(!names_zone(local), "{local}");
        }
    }
}
