//! Diagnostics of reading one file: syntax, and what one file alone decides. One module each.

mod assigned_twice;
mod binary_file;
mod duplicate;
mod expected;
mod file_too_large;
mod guarded_query;
mod guarded_shape_change;
mod incomplete_example;
mod invalid_type;
mod invalid_value;
mod legacy_spelling;
mod misplaced_tag;
mod missing_argument;
mod missing_body;
mod misspelled_keyword;
mod mixed_actions;
mod nested_too_deeply;
mod not_a_check;
mod not_utf8;
mod table_width;
mod too_many_problems;
mod unclosed_block;
mod unclosed_bracket;
mod unclosed_quote;
mod unexpected_text;
mod unknown_argument;
mod unknown_tag;
mod unknown_type;
mod unknown_value;
mod unreadable_action;
mod wrong_file;

use crate::diagnostic::Code;

pub use assigned_twice::{ASSIGNED_TWICE, assigned_twice};
pub use binary_file::{BINARY_FILE, binary_file};
pub use duplicate::{DUPLICATE, duplicate};
pub use expected::{EXPECTED, contract_name_missing, expected, field_name_missing, is_contract_name_missing, is_field_name_missing};
pub use file_too_large::{FILE_TOO_LARGE, file_too_large};
pub use guarded_query::{GUARDED_QUERY, guarded_query, query_not_alone};
pub use guarded_shape_change::{GUARDED_SHAPE_CHANGE, guarded_shape_change};
pub use incomplete_example::{INCOMPLETE_EXAMPLE, incomplete_example};
pub use invalid_type::{INVALID_TYPE, invalid_type};
pub use invalid_value::{INVALID_VALUE, invalid_value};
pub use legacy_spelling::{LEGACY_SPELLING, legacy_spelling};
pub use misplaced_tag::{MISPLACED_TAG, misplaced_tag};
pub use missing_argument::{MISSING_ARGUMENT, missing_argument};
pub use missing_body::{MISSING_BODY, missing_body};
pub use misspelled_keyword::{MISSPELLED_KEYWORD, keyword_without_colon, misspelled_become, misspelled_keyword};
pub use mixed_actions::{MIXED_ACTIONS, mixed_actions};
pub use nested_too_deeply::{NESTED_TOO_DEEPLY, nested_too_deeply};
pub use not_a_check::{NOT_A_CHECK, lone_backtick, not_a_check};
pub use not_utf8::{NOT_UTF8, not_utf8};
pub use table_width::{TABLE_WIDTH, table_width};
pub use too_many_problems::{TOO_MANY_PROBLEMS, too_many_problems};
pub use unclosed_block::{UNCLOSED_BLOCK, unclosed_comment, unclosed_docstring};
pub use unclosed_bracket::{UNCLOSED_BRACKET, unclosed_bracket};
pub use unclosed_quote::{UNCLOSED_QUOTE, unclosed_quote};
pub use unexpected_text::{UNEXPECTED_TEXT, arguments_without_brackets, colon_after_name, not_in_sql, sign_before_type, unexpected_text};
pub use unknown_argument::{UNKNOWN_ARGUMENT, unknown_argument};
pub use unknown_tag::{UNKNOWN_TAG, unknown_tag};
pub use unknown_type::{UNKNOWN_TYPE, unknown_type};
pub use unknown_value::{UNKNOWN_VALUE, unknown_value};
pub use unreadable_action::{UNREADABLE_ACTION, misspelled_action, unreadable_action};
pub use wrong_file::{WRONG_FILE, wrong_file};

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &NOT_UTF8,
    &BINARY_FILE,
    &FILE_TOO_LARGE,
    &TOO_MANY_PROBLEMS,
    &UNCLOSED_QUOTE,
    &UNCLOSED_BRACKET,
    &UNCLOSED_BLOCK,
    &UNEXPECTED_TEXT,
    &EXPECTED,
    &NESTED_TOO_DEEPLY,
    &WRONG_FILE,
    &MISPLACED_TAG,
    &UNKNOWN_TAG,
    &UNKNOWN_ARGUMENT,
    &UNKNOWN_VALUE,
    &MISSING_ARGUMENT,
    &INVALID_VALUE,
    &DUPLICATE,
    &UNKNOWN_TYPE,
    &INVALID_TYPE,
    &UNREADABLE_ACTION,
    &MIXED_ACTIONS,
    &ASSIGNED_TWICE,
    &GUARDED_SHAPE_CHANGE,
    &GUARDED_QUERY,
    &TABLE_WIDTH,
    &INCOMPLETE_EXAMPLE,
    &MISSING_BODY,
    &MISSPELLED_KEYWORD,
    &LEGACY_SPELLING,
    &NOT_A_CHECK,
];
