//! Why a promotion applied to an order or didn't, as a sentence and as a word (SPEC 8, "the trace says why").

use super::promotion::FreeItem;
use super::window::Phase;
use crate::clock::long_day;
use crate::money::{Currency, format_count};
use chrono::NaiveDate;

/// What became of a promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It applied.
    Applied {
        /// What it took off the order, shipping included; minor units.
        saves: i64,
        /// What comes for free besides.
        gives: Option<FreeItem>,
    },
    /// It is switched off.
    Off,
    /// It begins on this day.
    NotYet(NaiveDate),
    /// It ended with this day.
    Ended(NaiveDate),
    /// None of its campaigns, named here, runs.
    NoCampaignRuns(Vec<String>),
    /// The customer is in none of the segments, named here, of its campaigns that run.
    NotInSegments(Vec<String>),
    /// No group counts for the customer, and the promotion is for groups.
    WithoutGroups,
    /// None of the groups that count is a target.
    NotTargeted,
    /// A group that counts lies in a "not in" target.
    Excluded {
        /// The group that counts.
        group: String,
        /// The target.
        target: String,
    },
    /// The subtotal is below the minimum purchase.
    BelowMinimum {
        /// What it must reach, minor units of the store's currency.
        minimum: i64,
        /// What is missing.
        missing: i64,
    },
    /// It counts in the store's currency, the order is in another.
    OtherCurrency,
    /// The product that would come for free isn't sold any more.
    FreeItemGone(String),
    /// The order has no line that counts.
    NothingOrdered,
    /// Of no line there are enough units; so many are needed.
    TooFewUnits(i32),
    /// There is no shipping fee to take off.
    NoShippingFee,
    /// It doesn't stack, and the group price is as low.
    GroupPriceAsLow,
    /// There is nothing left to take off.
    NothingLeft,
    /// Another choice of promotions, named here, leaves a lower total; so much lower, minor units.
    Outbid {
        /// The promotions that apply instead.
        by: Vec<String>,
        /// By how much their total is lower; 0 where it is the same with fewer promotions or an earlier priority.
        lower: i64,
    },
}

impl Verdict {
    /// Of a promotion that isn't running.
    pub fn of_phase(phase: Phase) -> Option<Self> {
        match phase {
            Phase::Off => Some(Self::Off),
            Phase::Scheduled(from) => Some(Self::NotYet(from)),
            Phase::Ended(to) => Some(Self::Ended(to)),
            Phase::Running => None,
        }
    }

    /// Whether it applied.
    pub fn applied(&self) -> bool {
        matches!(self, Self::Applied { .. })
    }

    /// What it took off the order, minor units.
    pub fn saves(&self) -> i64 {
        if let Self::Applied { saves, .. } = self { *saves } else { 0 }
    }

    /// In one or two words, for a badge.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "Applied",
            Self::Off => "Off",
            Self::NotYet(_) => "Scheduled",
            Self::Ended(_) => "Ended",
            Self::NoCampaignRuns(_) => "No campaign",
            Self::NotInSegments(_) => "Not in segment",
            Self::WithoutGroups | Self::NotTargeted => "Not for this customer",
            Self::Excluded { .. } => "Excluded",
            Self::BelowMinimum { .. } => "Below minimum",
            Self::OtherCurrency => "Other currency",
            Self::FreeItemGone(_) => "Item gone",
            Self::NothingOrdered | Self::NothingLeft | Self::NoShippingFee => "Nothing to take off",
            Self::TooFewUnits(_) => "Too few units",
            Self::GroupPriceAsLow => "Group price as low",
            Self::Outbid { .. } => "Outbid",
        }
    }

    /// Why, as a sentence.
    pub fn sentence(&self, currency: Currency) -> String {
        let day = |day: &NaiveDate| long_day(*day);
        match self {
            Self::Applied { saves: 0, gives: Some(item) } => {
                format!("{} × {} comes for free.", format_count(item.quantity.into()), item.name)
            }
            Self::Applied { saves: 0, .. } => "It applies together with the others.".into(),
            Self::Applied { saves, .. } => format!("It takes {} off the order.", currency.format(*saves)),
            Self::Off => "It is switched off.".into(),
            Self::NotYet(from) => format!("It begins on {}.", day(from)),
            Self::Ended(to) => format!("It ended on {}.", day(to)),
            Self::NoCampaignRuns(names) => format!("It needs a running campaign: {} doesn't run.", either(names)),
            Self::NotInSegments(names) => format!("The customer isn't in {}.", either(names)),
            Self::WithoutGroups => "It is for chosen groups, and no group counts for the customer.".into(),
            Self::NotTargeted => "None of the groups that count for the customer is among its target groups.".into(),
            Self::Excluded { group, target } if group == target => {
                format!("It is not for {group}, which counts for the customer.")
            }
            Self::Excluded { group, target } => {
                format!("It is not for {target}, and {group}, which counts for the customer, is a subgroup of it.")
            }
            Self::BelowMinimum { minimum, missing } => format!(
                "The subtotal must reach {}: {} is missing.",
                currency.format(*minimum),
                currency.format(*missing)
            ),
            Self::OtherCurrency => "Its amounts are in the store's currency, and the order is in another one.".into(),
            Self::FreeItemGone(name) => format!("{name}, which would come for free, isn't sold any more."),
            Self::NothingOrdered => "No line of the order counts.".into(),
            Self::TooFewUnits(units) => {
                format!("No line has the {} units that it needs.", format_count((*units).into()))
            }
            Self::NoShippingFee => "There is no shipping fee to take off.".into(),
            Self::GroupPriceAsLow => {
                "It doesn't come on top of the group price, which is as low as the promoted base price.".into()
            }
            Self::NothingLeft => "There is nothing left that it could take off.".into(),
            Self::Outbid { by, lower: 0 } => {
                format!("It can't be combined with {}, and that leaves the same total.", by.join(" and "))
            }
            Self::Outbid { by, lower } => format!(
                "It can't be combined with {}, and that leaves a total that is {} lower.",
                by.join(" and "),
                currency.format(*lower)
            ),
        }
    }
}

fn either(names: &[String]) -> String {
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_read_as_sentences() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let day: NaiveDate = "2026-03-31".parse().unwrap();
        for (verdict, sentence) in [
            (Verdict::Applied { saves: 800, gives: None }, "It takes $8.00 off the order."),
            (Verdict::Ended(day), "It ended on March 31, 2026."),
            (
                Verdict::NotInSegments(names(&["Big buyers", "Coffee lovers"])),
                "The customer isn't in Big buyers or Coffee lovers.",
            ),
            (
                Verdict::Excluded { group: "VIP Platinum".into(), target: "VIP Customers".into() },
                "It is not for VIP Customers, and VIP Platinum, which counts for the customer, is a subgroup of it.",
            ),
            (
                Verdict::BelowMinimum { minimum: 50_000, missing: 1_250 },
                "The subtotal must reach $500.00: $12.50 is missing.",
            ),
            (
                Verdict::Outbid { by: names(&["A", "B"]), lower: 100 },
                "It can't be combined with A and B, and that leaves a total that is $1.00 lower.",
            ),
        ] {
            assert_eq!(verdict.sentence(Currency::USD), sentence);
        }
    }
}
