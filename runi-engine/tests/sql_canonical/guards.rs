//! Guards guard wherever they stand: what a part before decides, no part after can make fail.

use super::support::{Row, batch, truth};

#[test]
fn a_repeated_guard_guards_wherever_it_stands() {
    let row: Row = ((Some(1), Some(0), None), (None, None), None, (None, None), (None, None));
    let chain = "b <> 0 and (a / b > 1 and b <> 0)";
    assert_eq!(truth(chain, &batch(&row)), Some(Some(false)));
    assert_eq!(truth(&format!("not (not ({chain}))"), &batch(&row)), Some(Some(false)));
    assert_eq!(truth(&format!("case when {chain} then true else false end"), &batch(&row)), Some(Some(false)));
}
