//! Plain tables: aligned columns, no borders, so that they paste well.

/// Rows under a header; numbers to the right when `right` says so.
pub(crate) fn render(header: &[&str], right: &[bool], rows: &[Vec<String>]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header.iter().map(|title| title.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    for (index, right) in right.iter().enumerate() {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((if index == 0 { 0 } else { 1 }, 1));
            if *right {
                column.set_cell_alignment(comfy_table::CellAlignment::Right);
            }
        }
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
}

/// `1 error`, `2 errors`, `1,024 files`.
pub(crate) fn counted(number: u64, unit: &str) -> String {
    format!("{} {unit}{}", count(number), if number == 1 { "" } else { "s" })
}

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `850 ms`, `12.3 s`, `4m 05s`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", ms as f64 / 1_000.0),
        _ => format!("{}m {:02}s", ms / 60_000, ms / 1_000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([count(0), count(999), count(1_000), count(27_004_123)], ["0", "999", "1,000", "27,004,123"]);
        assert_eq!([counted(0, "row"), counted(1, "row"), counted(1_024, "row")], ["0 rows", "1 row", "1,024 rows"]);
        assert_eq!([duration(7), duration(12_340), duration(245_000)], ["7 ms", "12.3 s", "4m 05s"]);
    }
}
