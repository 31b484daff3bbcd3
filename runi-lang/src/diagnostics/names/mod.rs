//! Diagnostics of the group `names`, one module each.

mod ambiguous_column;
mod ambiguous_step;
mod bad_argument;
mod connector_argument;
mod connector_not_available;
mod double_quoted_string;
mod duplicate_name;
mod layer_order;
mod missing_parameter;
mod no_source;
pub(crate) mod suggest;
mod unknown_alert_target;
mod unknown_column;
mod unknown_connector;
mod unknown_contract;
mod unknown_function;
mod unknown_herd;
mod unknown_parameter;
mod unknown_sink;
mod unknown_step;
mod unknown_variable;
mod unknown_view;

pub use ambiguous_column::{AMBIGUOUS_COLUMN, ambiguous_column};
pub use ambiguous_step::{AMBIGUOUS_STEP, ambiguous_step};
pub use bad_argument::{BAD_ARGUMENT, bad_argument};
pub use connector_argument::{CONNECTOR_ARGUMENT, connector_argument};
pub use connector_not_available::{CONNECTOR_NOT_AVAILABLE, connector_not_available};
pub use double_quoted_string::{DOUBLE_QUOTED_STRING, double_quoted_string};
pub use duplicate_name::{DUPLICATE_NAME, duplicate_name};
pub use layer_order::{LAYER_ORDER, layer_order};
pub use missing_parameter::{MISSING_PARAMETER, missing_parameter};
pub use no_source::{NO_SOURCE, no_source};
pub use unknown_alert_target::{UNKNOWN_ALERT_TARGET, unknown_alert_target};
pub use unknown_column::{UNKNOWN_COLUMN, unknown_column};
pub use unknown_connector::{UNKNOWN_CONNECTOR, unknown_connector};
pub use unknown_contract::{UNKNOWN_CONTRACT, unknown_contract};
pub use unknown_function::{UNKNOWN_FUNCTION, unknown_function};
pub use unknown_herd::{UNKNOWN_HERD, unknown_herd};
pub use unknown_parameter::{UNKNOWN_PARAMETER, unknown_parameter};
pub use unknown_sink::{UNKNOWN_SINK, unknown_sink};
pub use unknown_step::{UNKNOWN_STEP, step_without_domain, unknown_step};
pub use unknown_variable::{UNKNOWN_VARIABLE, unknown_variable};
pub use unknown_view::{UNKNOWN_VIEW, unknown_view};

use crate::diagnostic::Code;

/// Every code of this group, in order.
pub const ALL: &[&Code] = &[
    &UNKNOWN_CONTRACT,
    &UNKNOWN_COLUMN,
    &UNKNOWN_VIEW,
    &UNKNOWN_STEP,
    &AMBIGUOUS_STEP,
    &DUPLICATE_NAME,
    &UNKNOWN_FUNCTION,
    &UNKNOWN_PARAMETER,
    &MISSING_PARAMETER,
    &UNKNOWN_CONNECTOR,
    &CONNECTOR_NOT_AVAILABLE,
    &CONNECTOR_ARGUMENT,
    &UNKNOWN_VARIABLE,
    &LAYER_ORDER,
    &UNKNOWN_HERD,
    &AMBIGUOUS_COLUMN,
    &DOUBLE_QUOTED_STRING,
    &UNKNOWN_ALERT_TARGET,
    &UNKNOWN_SINK,
    &BAD_ARGUMENT,
    &NO_SOURCE,
];
