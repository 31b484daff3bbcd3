//! Chains of `and` and of `or`.

use super::{Writer, call, dual};
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};

impl Writer<'_> {
    /// A chain of one junction, flattened; each part with whether it is negated.
    pub(super) fn flatten<'e>(op: Operator, parts: Vec<(&'e Expr, bool)>, out: &mut Vec<(&'e Expr, bool)>) {
        for (part, negate) in parts {
            match part {
                Expr::Alias(alias) => Self::flatten(op, vec![(&alias.expr, negate)], out),
                Expr::Not(inner) => Self::flatten(op, vec![(inner, !negate)], out),
                Expr::BinaryExpr(binary) if matches!(binary.op, Operator::And | Operator::Or) => {
                    let own = if negate { dual(binary.op) } else { binary.op };
                    if own == op {
                        Self::flatten(op, vec![(&binary.left, negate), (&binary.right, negate)], out);
                    } else {
                        out.push((part, negate));
                    }
                }
                other => out.push((other, negate)),
            }
        }
    }

    pub(super) fn junction(&self, op: Operator, parts: Vec<(&Expr, bool)>) -> Option<String> {
        let forms = self.junction_parts(op, parts)?;
        match forms.as_slice() {
            [one] => Some(one.clone()),
            _ => call(&op.to_string(), &forms),
        }
    }

    /// The sorted parts of a junction. A part that can fail keeps its place among the others.
    fn junction_parts(&self, op: Operator, parts: Vec<(&Expr, bool)>) -> Option<Vec<String>> {
        let mut flat = Vec::new();
        Self::flatten(op, parts, &mut flat);
        // `x between 1 and 2` inside a conjunction is two of its parts.
        let mut spread: Vec<(Expr, bool)> = Vec::new();
        for (part, negate) in flat {
            match part {
                Expr::Between(between)
                    if (op == Operator::Or) == (between.negated != negate)
                        && !self.can_fail(&between.low)
                        && !self.can_fail(&between.high) =>
                {
                    let (low, high) = self.bounds(between, between.negated != negate);
                    spread.extend([(low, false), (high, false)]);
                }
                other => spread.push((other.clone(), negate)),
            }
        }
        let mut forms: Vec<String> = Vec::with_capacity(spread.len());
        let mut run = 0;
        for (part, negate) in &spread {
            forms.push(if *negate { self.negated(part)? } else { self.write(part)? });
            if !self.unordered && self.can_fail(part) {
                let last = forms.len() - 1;
                tidy(&mut forms, run, last);
                run = forms.len();
            }
        }
        let end = forms.len();
        tidy(&mut forms, run, end);
        Some(forms)
    }

    /// `between` as comparisons: inside the limits, or outside when `negated`.
    pub(super) fn bounds(&self, between: &Between, negated: bool) -> (Expr, Expr) {
        let (low, high) = if negated { (Operator::Lt, Operator::Gt) } else { (Operator::GtEq, Operator::LtEq) };
        let compare = |op, limit: &Expr| Expr::BinaryExpr(BinaryExpr { left: between.expr.clone(), op, right: Box::new(limit.clone()) });
        (compare(low, &between.low), compare(high, &between.high))
    }
}

/// Sorts a run of forms and drops repeats.
fn tidy(forms: &mut Vec<String>, from: usize, to: usize) {
    let rest = forms.split_off(to);
    let mut run = forms.split_off(from);
    run.sort_unstable();
    run.dedup();
    forms.extend(run);
    forms.extend(rest);
}
