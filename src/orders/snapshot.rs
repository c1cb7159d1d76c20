//! What would have priced an order at the moment it came in: kept as it was then, so that later changes of groups and lists
//! don't rewrite it.

use crate::money::Currency;
use crate::pricing::asking::{Buyer, Priced};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A group that counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id then; it may be deleted since.
    pub id: Uuid,
    /// Its code then.
    pub code: String,
    /// Its name then.
    pub name: String,
    /// Why it counted, as a sentence.
    pub reason: String,
}

/// A line's price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The product.
    pub sku: String,
    /// How many units; of a return, how many came back.
    pub quantity: i32,
    /// Minor units of the order's currency.
    pub base_price: Option<i64>,
    /// Minor units of the order's currency; nothing where nothing priced it.
    pub unit_price: Option<i64>,
    /// `base`, `price_list`, `percentage` or `fixed`; nothing where nothing priced it.
    pub kind: Option<String>,
    /// The group whose chain it was.
    pub group_code: Option<String>,
    /// The group of the chain whose rule it was.
    pub level_code: Option<String>,
    /// What won, as a sentence.
    pub sentence: String,
}

/// What an order was made of when it was looked at: where it stays so, the snapshot stays, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Whose order.
    pub customer_id: Uuid,
    /// When it was placed, UTC, ISO 8601.
    pub placed_at: String,
    /// In which currency.
    pub currency: String,
    /// SKU and quantity of its lines.
    pub lines: Vec<(String, i32)>,
}

/// The whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What was looked at.
    pub asked: Asked,
    /// The groups that counted, the deciding one first.
    pub groups: Vec<Group>,
    /// The lines, in the order's order.
    pub lines: Vec<Line>,
}

impl Snapshot {
    /// The snapshot of these prices.
    pub fn of(asked: Asked, buyer: &Buyer, priced: &[Priced<'_>], currency: Currency) -> Self {
        let group = |group: &crate::inheritance::counting::Counted| Group {
            id: group.id,
            code: group.code.clone(),
            name: group.name.clone(),
            reason: group.reason.sentence(),
        };
        let line = |priced: &Priced<'_>| {
            let winner = priced.resolution.winner();
            let said = winner.or(priced.resolution.trace.last());
            Line {
                sku: priced.ware.product.sku.clone(),
                quantity: priced.quantity,
                base_price: priced.resolution.base_price,
                unit_price: priced.unit_price(),
                kind: winner.map(|step| step.offer.kind().to_owned()),
                group_code: winner.and_then(|step| step.group).map(|group| group.code.clone()),
                level_code: winner.and_then(|step| step.level).map(|level| level.code.clone()),
                sentence: said.map(|step| step.sentence(currency)).unwrap_or_default(),
            }
        };
        Self {
            asked,
            groups: buyer.counting.groups.iter().map(group).collect(),
            lines: priced.iter().map(line).collect(),
        }
    }
}
