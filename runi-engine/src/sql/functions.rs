//! The functions that SQL may call, and what is known of them.
//!
//! DataFusion's own, except `now()`, which is the run's frozen clock in microseconds of UTC, and those that are `bounded`.

use super::bounded::{CONCAT, bounded};
use super::dialect::ContractTypes;
use arrow::datatypes::{DataType as ArrowType, TimeUnit};
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::execution::SessionStateDefaults;
use datafusion::logical_expr::planner::{ExprPlanner, TypePlanner};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    AggregateUDF, ColumnarValue, Expr, HigherOrderUDF, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, WindowUDF,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Functions whose value is null only when an argument is, and that no argument makes fail.
const TOTAL: &[&str] = &[
    "abs",
    "acos",
    "ascii",
    "asin",
    "atan",
    "atan2",
    "bit_length",
    "btrim",
    "cbrt",
    "ceil",
    "character_length",
    "char_length",
    "contains",
    "cos",
    "date_part",
    "date_trunc",
    "degrees",
    "ends_with",
    "exp",
    "floor",
    "initcap",
    "isnan",
    "iszero",
    "left",
    "length",
    "levenshtein",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "lpad",
    "ltrim",
    "md5",
    "octet_length",
    "position",
    "radians",
    "regexp_like",
    "regexp_replace",
    "replace",
    "reverse",
    "right",
    "round",
    "rpad",
    "rtrim",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "signum",
    "sin",
    "split_part",
    "sqrt",
    "starts_with",
    "strpos",
    "substr",
    "substr_index",
    "substring",
    "tan",
    "to_hex",
    "translate",
    "trim",
    "trunc",
    "upper",
];

/// Functions that never fail, though null may come of values that are not null, or a value of nulls.
const NEVER_FAIL: &[&str] = &[
    "array_element",
    "array_has",
    "array_has_all",
    "array_has_any",
    "array_length",
    "array_to_string",
    "arrow_typeof",
    "cardinality",
    "coalesce",
    "concat",
    "concat_ws",
    "current_date",
    "current_time",
    "get_field",
    "greatest",
    "least",
    "make_array",
    "map_extract",
    "map_keys",
    "map_values",
    "named_struct",
    "now",
    "nullif",
    "nvl",
    "nvl2",
    "random",
    "regexp_count",
    "regexp_match",
    "struct",
    "uuid",
];

/// Functions of [`TOTAL`] whose result is as large as a number says, and fails when that is too large.
const SIZED: &[&str] = &["lpad", "rpad"];

/// Functions that read the clock.
const CLOCK: &[&str] = &["now", "current_timestamp", "current_date", "current_time", "today"];

/// Makes a row of each item of a list; a part of `select`, which the planner knows, and no function.
pub(crate) const UNNEST: &str = "unnest";

/// Whether a function is null only when an argument is null.
pub(crate) fn null_only_from_arguments(name: &str) -> bool {
    TOTAL.contains(&name)
}

/// Whether a function is null as soon as one argument is null.
pub(crate) fn null_from_any_argument(function: &ScalarUDF) -> bool {
    function.is_strict() || TOTAL.contains(&function.name())
}

/// Whether some value can make a function fail. Functions that are not known to be safe are taken to fail.
///
/// That a result is too large is not counted: it would take megabytes in one cell.
pub(crate) fn can_fail(name: &str) -> bool {
    SIZED.contains(&name) || !TOTAL.contains(&name) && !NEVER_FAIL.contains(&name) && name != CONCAT
}

/// Whether a function reads the clock.
pub(crate) fn reads_clock(name: &str) -> bool {
    CLOCK.contains(&name)
}

/// Every function by every name, lower case.
#[derive(Debug)]
pub(crate) struct Functions {
    pub(crate) scalar: FxHashMap<String, Arc<ScalarUDF>>,
    pub(crate) higher_order: FxHashMap<String, Arc<HigherOrderUDF>>,
    pub(crate) aggregate: FxHashMap<String, Arc<AggregateUDF>>,
    pub(crate) window: FxHashMap<String, Arc<WindowUDF>>,
    pub(crate) planners: Vec<Arc<dyn ExprPlanner>>,
    pub(crate) types: Arc<dyn TypePlanner>,
}

impl Functions {
    pub(crate) fn new() -> Self {
        let mut scalar = by_name(SessionStateDefaults::default_scalar_functions().into_iter().map(bounded).collect(), |f| {
            (f.name().to_owned(), f.aliases().to_vec())
        });
        // It would tell a pipeline which build runs it.
        scalar.remove("version");
        let now = Arc::new(ScalarUDF::new_from_impl(Now::default()));
        for name in ["now", "current_timestamp"] {
            scalar.insert(name.to_owned(), Arc::clone(&now));
        }
        Self {
            scalar,
            higher_order: by_name(SessionStateDefaults::default_higher_order_functions(), |f| (f.name().to_owned(), f.aliases().to_vec())),
            aggregate: by_name(SessionStateDefaults::default_aggregate_functions(), |f| (f.name().to_owned(), f.aliases().to_vec())),
            window: by_name(SessionStateDefaults::default_window_functions(), |f| (f.name().to_owned(), f.aliases().to_vec())),
            planners: SessionStateDefaults::default_expr_planners(),
            types: Arc::new(ContractTypes),
        }
    }

    /// Whether any kind of function has this name, in lower case.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.scalar.contains_key(name)
            || self.higher_order.contains_key(name)
            || self.aggregate.contains_key(name)
            || self.window.contains_key(name)
    }

    /// How a function is called, as its documentation writes it; `name` in lower case.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        let scalar = self.scalar.get(name).and_then(|function| function.documentation());
        let aggregate = || self.aggregate.get(name).and_then(|function| function.documentation());
        let window = || self.window.get(name).and_then(|function| function.documentation());
        let documentation = scalar.or_else(aggregate).or_else(window)?;
        documentation.syntax_example.lines().next().map(|form| form.trim().to_owned()).filter(|form| !form.is_empty())
    }

    /// At most five names, nearest first; `row` leaves out those that are not allowed in row expressions.
    pub(crate) fn near(&self, name: &str, row: bool) -> Vec<String> {
        let mut names: Vec<&String> = self.scalar.keys().chain(self.higher_order.keys()).collect();
        if !row {
            names.extend(self.aggregate.keys().chain(self.window.keys()));
        }
        let mut near: Vec<(usize, &String)> = names
            .into_iter()
            .map(|candidate| (distance(name, candidate), candidate))
            .filter(|(distance, _)| *distance <= name.len().div_ceil(3))
            .collect();
        near.sort_unstable();
        near.dedup();
        near.into_iter().take(5).map(|(_, name)| name.clone()).collect()
    }
}

fn by_name<T>(functions: Vec<Arc<T>>, names: impl Fn(&T) -> (String, Vec<String>)) -> FxHashMap<String, Arc<T>> {
    let mut map = FxHashMap::default();
    for function in functions {
        let (name, aliases) = names(&function);
        for name in std::iter::once(name).chain(aliases) {
            map.insert(name, Arc::clone(&function));
        }
    }
    map
}

/// Edits (insert, delete, replace, swap of neighbours) between two names.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

/// `now()`: when the run started. DataFusion's own counts nanoseconds, which no contract's `timestamp` does.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Now {
    signature: Signature,
    aliases: Vec<String>,
}

impl Default for Now {
    fn default() -> Self {
        Self { signature: Signature::nullary(Volatility::Stable), aliases: vec!["current_timestamp".to_owned()] }
    }
}

fn utc_micros() -> ArrowType {
    ArrowType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

impl ScalarUDFImpl for Now {
    fn name(&self) -> &str {
        "now"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[ArrowType]) -> Result<ArrowType> {
        Ok(utc_micros())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<arrow::datatypes::FieldRef> {
        Ok(Arc::new(arrow::datatypes::Field::new("now", utc_micros(), false)))
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(match info.query_execution_start_time() {
            Some(now) => {
                let now = ScalarValue::TimestampMicrosecond(Some(now.timestamp_micros()), Some("UTC".into()));
                ExprSimplifyResult::Simplified(Expr::Literal(now, None))
            }
            None => ExprSimplifyResult::Original(args),
        })
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("`now()` must be replaced by the run's clock before it runs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_first() {
        let functions = Functions::new();
        assert_eq!(functions.near("lwoer", true).first().map(String::as_str), Some("lower"));
        assert!(functions.near("summ", true).iter().all(|name| name != "sum"));
        assert!(functions.near("summ", false).iter().any(|name| name == "sum"));
    }

    #[test]
    fn tables_name_functions_that_exist() {
        let functions = Functions::new();
        for name in TOTAL.iter().chain(NEVER_FAIL).chain(SIZED).chain(CLOCK) {
            assert!(functions.scalar.contains_key(*name), "{name}");
        }
    }
}
