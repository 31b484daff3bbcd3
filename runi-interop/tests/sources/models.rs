//! What the shop's services write.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// What becomes of an order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Paid,
    InTransit,
    #[serde(rename = "gone")]
    Lost,
    #[serde(skip)]
    Unknown,
}

/// Holds values: no column.
pub enum Payment {
    Card(String),
    Cash,
}

/// A type of the house.
#[derive(Serialize)]
pub struct Cents(i64);

pub type Labels = BTreeMap<String, String>;

/// Where things go.
#[derive(Serialize, Deserialize)]
pub struct Address {
    #[runi(pii = "address", access = "support", length(max = 80))]
    pub street: String,
    pub city: String,
    /// As the post office writes it.
    pub zip: Option<String>,
}

/// Written into every row.
#[derive(Serialize, Deserialize)]
struct Audit {
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

/// What a customer bought.
///
/// One row is one order, as it stands at the end of the day.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[runi(
    name = "ShopOrder",
    version = "1.2.0",
    owner("shop", contact = "shop@example.com"),
    classification = "confidential",
    compliance = "GDPR, SOX",
    compatibility(full, history = transitive),
    on_fail = "warn",
    unique(number, channel),
    reserved = "legacy_id",
    accept("F004", on = "old_ref", until = "2027-01-31", because = "nobody reads it", by = "@head-of-shop")
)]
#[runi(rule("paid orders have a date", "\"paidAt\" is not null or status <> 'paid'", on_fail = warn))]
#[runi(rule = "number > 0")]
pub struct Order<'a> {
    /// The shop's identifier.
    #[runi(key)]
    pub id: Uuid,
    #[runi(range(min = 1), required(on_fail = fail), unique)]
    pub number: i64,
    #[runi(pii = "email", access = "support, billing", mask(hash), format = "email")]
    pub customer: &'a str,
    #[runi(pii, mask(partial, keep = 2), matches = r"\+[0-9]{7,14}")]
    pub phone: Option<String>,
    #[serde(rename = "nick", skip_serializing_if = "String::is_empty")]
    #[runi(classification = "restricted", desc = "what friends say")]
    pub nickname: String,
    #[serde(default)]
    pub status: Status,
    #[runi(enum = "web, shop")]
    pub channel: String,
    #[serde(default)]
    pub retries: u32,
    #[serde(default = "five")]
    pub limit: Option<u8>,
    #[runi(unit = "EUR-cents", range(min = 0))]
    pub total: Cents,
    #[runi(type = "decimal(12, 2)", range(min = 0, max = 0.5, exclusive = true), default = 0.1)]
    pub discount: Decimal,
    pub rate: Decimal,
    pub ordered_on: NaiveDate,
    #[serde(with = "chrono::serde::ts_seconds_option")]
    #[runi(freshness = "2d")]
    pub paid_at: Option<DateTime<Utc>>,
    #[serde(flatten)]
    audit: Audit,
    #[serde(flatten)]
    more: HashMap<String, serde_json::Value>,
    pub raw: Vec<u8>,
    pub digest: [u8; 32],
    pub scores: [f64; 3],
    pub tags: HashSet<String>,
    pub lines: Vec<Line>,
    pub ship_to: Box<Address>,
    #[runi(classification = "restricted")]
    pub bill_to: Option<std::sync::Arc<Address>>,
    pub labels: Labels,
    pub payment: Payment,
    pub pair: (i64, i64),
    #[serde(alias = "oldName")]
    pub new_name: String,
    #[runi(references = "Product.sku")]
    pub product: String,
    #[runi(deprecated(until = "2027-06-30"))]
    pub legacy: Option<String>,
    pub elsewhere: other::Thing,
    pub took: std::time::Duration,
    pub page: Page<Line>,
    #[serde(skip)]
    pub cache: String,
    #[runi(skip)]
    pub internal: String,
    pub r#type: String,
}

/// One thing that was bought.
#[derive(Serialize, Deserialize)]
pub struct Line {
    pub sku: String,
    pub quantity: u16,
}

/// Has parameters.
pub struct Page<T> {
    pub items: Vec<T>,
}

/// Stands by itself.
pub struct Shipment {
    pub id: i64,
    pub order: String,
}

#[cfg(test)]
mod tests {
    struct OnlyInTests {
        a: u8,
    }
}

mod inner {
    /// Of a module.
    pub(crate) struct Parcel {
        pub weight: f32,
    }
}

fn main() {
    struct Local {
        a: u8,
    }
    let deep = ((((((1))))));
}
