//! What a customer finds on the shelves: the products it may see, the popular ones first to hand.

use super::catalogue::Product;
use super::chance::{Chance, Part};
use super::groups::{Group, Key};
use super::price_lists::PriceList;
use super::shelves::Assortment;
use super::wares::CATEGORIES;

/// What a customer may choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// What everybody sees.
    Standard,
    /// What VIP customers see: everything.
    Vip,
    /// What wholesale customers see.
    Trade,
    /// What new customers see.
    Limited,
    /// What has a price in euros.
    Euro,
}

impl Range {
    const ALL: [Self; 5] = [Self::Standard, Self::Vip, Self::Trade, Self::Limited, Self::Euro];

    /// The range of someone in these groups. Ranges add up; the VIP one holds all others.
    pub fn of(groups: &[Key], settings: &[Group]) -> Self {
        let shown = |key: &Key| {
            let mut level = Some(*key);
            let mut inherits = true;
            let mut assortments = Vec::new();
            while let Some(at) = level.filter(|_| inherits) {
                if let Some(group) = settings.iter().find(|group| group.key == at) {
                    assortments.extend(group.settings.assortments);
                    inherits = group.settings.inherit_visibility;
                }
                level = at.parent();
            }
            assortments
        };
        let all: Vec<Vec<Assortment>> = groups.iter().map(shown).collect();
        let any = |wanted| all.iter().flatten().any(|one| *one == wanted);
        if any(Assortment::VipExclusive) {
            Self::Vip
        } else if any(Assortment::WholesaleOnly) {
            Self::Trade
        } else if !all.is_empty() && all.iter().all(|one| *one == [Assortment::Limited]) {
            Self::Limited
        } else {
            Self::Standard
        }
    }
}

/// The shelves of every range, aisle by aisle.
#[derive(Debug)]
pub struct Stock<'a> {
    /// All products.
    pub products: &'a [Product],
    /// The list that prices in euros.
    pub euro: Option<&'a PriceList>,
    aisles: Vec<Vec<Aisle>>,
}

#[derive(Debug, Default)]
struct Aisle {
    places: Vec<usize>,
    weights: Vec<i64>,
}

impl<'a> Stock<'a> {
    /// The stock of the shop.
    pub fn of(products: &'a [Product], lists: &'a [PriceList]) -> Self {
        let euro = lists.iter().find(|list| list.currency == "EUR");
        let mut chance = Chance::of(Part::Catalogue, 1);
        let popularity: Vec<i64> = products.iter().map(|_| 6_000 / (chance.between(0, 60) + 4)).collect();
        let aisles = Range::ALL.into_iter().map(|range| {
            let mut aisles: Vec<Aisle> = CATEGORIES.iter().map(|_| Aisle::default()).collect();
            for (place, product) in products.iter().enumerate() {
                let seen = match range {
                    Range::Standard => Assortment::Standard.holds(product),
                    Range::Vip => true,
                    Range::Trade => Assortment::Standard.holds(product) || Assortment::WholesaleOnly.holds(product),
                    Range::Limited => Assortment::Limited.holds(product),
                    Range::Euro => euro.is_some_and(|list| list.price(place, 1).is_some()),
                };
                if seen {
                    aisles[product.aisle].places.push(place);
                    aisles[product.aisle].weights.push(popularity[place]);
                }
            }
            aisles
        });
        Self { products, euro, aisles: aisles.collect() }
    }

    /// A product from the range, from the favourite aisles two times in three; `None` where that aisle is empty.
    pub fn reach(&self, chance: &mut Chance, range: Range, favourites: &[usize]) -> Option<usize> {
        let aisle = if favourites.is_empty() || chance.percent(34) {
            chance.index(CATEGORIES.len())
        } else {
            *chance.pick(favourites)
        };
        let Aisle { places, weights } = &self.aisles[range as usize][aisle];
        if places.is_empty() { None } else { Some(places[chance.place(weights)]) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Calendar;
    use super::super::groups::groups;
    use super::*;
    use chrono::DateTime;

    #[test]
    fn groups_open_shelves() {
        let calendar = Calendar::ending(DateTime::parse_from_rfc3339("2026-11-22T08:00:00Z").unwrap().to_utc());
        let settings = groups(&calendar);
        for (members, range) in [
            (vec![], Range::Standard),
            (vec![Key::Gold], Range::Standard),
            (vec![Key::New], Range::Limited),
            (vec![Key::New, Key::Silver], Range::Standard),
            (vec![Key::New, Key::Wholesale], Range::Trade),
            (vec![Key::Reseller], Range::Trade),
            (vec![Key::VipPlatinum], Range::Vip),
            (vec![Key::Wholesale, Key::Vip], Range::Vip),
        ] {
            assert_eq!(Range::of(&members, &settings), range, "{members:?}");
        }
    }
}
