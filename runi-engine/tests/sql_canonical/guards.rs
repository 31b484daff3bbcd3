//! Guards guard wherever they stand: what a part before decides, no part after can make fail.

use super::support::{Row, batch, truth};
use proptest::prelude::*;

#[test]
fn a_repeated_guard_guards_wherever_it_stands() {
    let row: Row = ((Some(1), Some(0), None), (None, None), None, (None, None), (None, None));
    let chain = "b <> 0 and (a / b > 1 and b <> 0)";
    assert_eq!(truth(chain, &batch(&row)), Some(Some(false)));
    assert_eq!(truth(&format!("not (not ({chain}))"), &batch(&row)), Some(Some(false)));
    assert_eq!(truth(&format!("case when {chain} then true else false end"), &batch(&row)), Some(Some(false)));
    for (wrapped, wanted) in [
        (format!("coalesce({chain}, false)"), Some(false)),
        (format!("coalesce(f, {chain}, true)"), Some(false)),
        (format!("coalesce(cast({chain} as string), 'none') = 'true'"), Some(false)),
        (format!("nullif({chain}, true) is null"), Some(false)),
        (format!("coalesce(nullif({chain}, false), coalesce(f, {chain}), true)"), Some(false)),
        (format!("concat(s, cast({chain} as string)) = 'false'"), Some(true)),
        (format!("upper(concat('is ', cast(coalesce({chain}, f) as string))) = 'IS FALSE'"), Some(true)),
        (format!("({chain}) in (true, f)"), None),
        (format!("({chain}) between false and false"), Some(true)),
        (format!("({chain}) is not true"), Some(true)),
        ("coalesce(b = 0 or (a / b > 1 or b = 0), false)".to_owned(), Some(true)),
        (
            "case when f is null then case when b <> 0 then case when a / b > 1 then b <> 0 else false end else false end else true end"
                .to_owned(),
            Some(false),
        ),
        ("coalesce(case when b <> 0 then coalesce(a / b > 1 and b <> 0, f) else false end, true)".to_owned(), Some(false)),
        (format!("cast(coalesce({chain}, f) as int) + 1 = 1"), Some(true)),
    ] {
        assert_eq!(truth(&wrapped, &batch(&row)), Some(wanted), "{wrapped}");
    }
}

/// A condition over two whole numbers and two booleans, with the order of evaluation that the language promises.
#[derive(Debug, Clone)]
enum Condition {
    Flag(bool),
    /// `b <> 0`, which guards the next one.
    NotZero,
    /// `a / b > n`, which fails where `b` is zero.
    Quotient(i64),
    IsNull(Box<Self>),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Coalesce(Box<Self>, Box<Self>),
    Case(Box<Self>, Box<Self>, Box<Self>),
    Same(Box<Self>, Box<Self>),
}

/// Something failed.
#[derive(Debug, PartialEq)]
struct Failed;

impl Condition {
    fn sql(&self) -> String {
        match self {
            Self::Flag(first) => if *first { "f" } else { "g" }.to_owned(),
            Self::NotZero => "b <> 0".to_owned(),
            Self::Quotient(limit) => format!("a / b > {limit}"),
            Self::IsNull(inner) => format!("(({}) is null)", inner.sql()),
            Self::Not(inner) => format!("(not ({}))", inner.sql()),
            Self::And(left, right) => format!("({} and {})", left.sql(), right.sql()),
            Self::Or(left, right) => format!("({} or {})", left.sql(), right.sql()),
            Self::Coalesce(left, right) => format!("coalesce({}, {})", left.sql(), right.sql()),
            Self::Case(when, then, otherwise) => format!("case when {} then {} else {} end", when.sql(), then.sql(), otherwise.sql()),
            Self::Same(left, right) => format!("(({}) = ({}))", left.sql(), right.sql()),
        }
    }

    fn of(&self, a: Option<i64>, b: Option<i64>, flags: (Option<bool>, Option<bool>)) -> Result<Option<bool>, Failed> {
        let of = |part: &Self| part.of(a, b, flags);
        Ok(match self {
            Self::Flag(first) => {
                if *first {
                    flags.0
                } else {
                    flags.1
                }
            }
            Self::NotZero => b.map(|b| b != 0),
            Self::Quotient(limit) => match (a, b) {
                (Some(a), Some(b)) => Some(a.checked_div(b).ok_or(Failed)? > *limit),
                _ => None,
            },
            Self::IsNull(inner) => Some(of(inner)?.is_none()),
            Self::Not(inner) => of(inner)?.map(|truth| !truth),
            Self::And(left, right) => match of(left)? {
                Some(false) => Some(false),
                left => match of(right)? {
                    Some(false) => Some(false),
                    right => left.and(right),
                },
            },
            Self::Or(left, right) => match of(left)? {
                Some(true) => Some(true),
                left => match of(right)? {
                    Some(true) => Some(true),
                    right => left.and(right),
                },
            },
            Self::Coalesce(left, right) => match of(left)? {
                None => of(right)?,
                known => known,
            },
            Self::Case(when, then, otherwise) => {
                if of(when)? == Some(true) {
                    of(then)?
                } else {
                    of(otherwise)?
                }
            }
            Self::Same(left, right) => {
                let (left, right) = (of(left)?, of(right)?);
                left.zip(right).map(|(left, right)| left == right)
            }
        })
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    use Condition::{And, Case, Coalesce, Flag, IsNull, Not, NotZero, Or, Quotient, Same};
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Flag),
        3 => Just(NotZero),
        3 => (-1_i64..2).prop_map(Quotient),
    ];
    leaf.prop_recursive(5, 32, 3, |inner| {
        let one = || inner.clone().prop_map(Box::new);
        prop_oneof![
            4 => (one(), one()).prop_map(|(left, right)| And(left, right)),
            4 => (one(), one()).prop_map(|(left, right)| Or(left, right)),
            1 => one().prop_map(Not),
            1 => one().prop_map(IsNull),
            2 => (one(), one()).prop_map(|(left, right)| Coalesce(left, right)),
            2 => (one(), one(), one()).prop_map(|(when, then, otherwise)| Case(when, then, otherwise)),
            1 => (one(), one()).prop_map(|(left, right)| Same(left, right)),
        ]
    })
}

proptest! {
    /// A row fails exactly where the condition, read from left to right, comes to a part that fails.
    #[test]
    fn conditions_fail_where_their_order_says_so(
        condition in condition(),
        rows in prop::collection::vec((prop::option::of(-1_i64..2), prop::option::of(-1_i64..2), any::<(Option<bool>, Option<bool>)>()), 8),
    ) {
        let sql = condition.sql();
        for (a, b, flags) in rows {
            let row: Row = ((a, b, None), (None, None), None, (None, None), flags);
            let expected = condition.of(a, b, flags).ok();
            prop_assert_eq!(truth(&sql, &batch(&row)), expected, "`{}` where a = {:?}, b = {:?}, {:?}", sql, a, b, flags);
        }
    }
}
