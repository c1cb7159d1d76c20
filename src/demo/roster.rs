//! Who is where: the 1,200 roles of the shop's customers, before they have names and orders.

use super::cast::{CAST, Character};
use super::groups::Key;

/// How a customer sits in VIP Customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// By the rule.
    Rule,
    /// By hand.
    Hand,
    /// By the rule, and pinned by hand.
    RuleAndHand,
}

/// What a customer is in the shop.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// The group it is at home in; `None` is in no group.
    pub home: Option<Key>,
    /// Whether it stayed in Retail besides.
    pub also_retail: bool,
    /// Its seat among the VIP customers.
    pub seat: Option<Seat>,
    /// Whether it was invited into VIP Platinum.
    pub platinum: bool,
    /// Whether its account is younger than six months.
    pub young: bool,
    /// Whether it was in VIP Customers once and left.
    pub former_vip: bool,
    /// Which named customer it is.
    pub character: Option<&'static Character>,
}

/// How many customers are at home in each group, and how many of them, from the first on, are VIP by rule as well,
/// are young, or stayed in Retail. Own members come out as drawn: VIP 45, Gold 89, Silver 156, Wholesale 234,
/// Retail 567, New 78.
struct Home {
    key: Option<Key>,
    count: usize,
    vip: usize,
    young: usize,
    also_retail: usize,
    former_vip: usize,
}

const fn home(key: Option<Key>, count: usize) -> Home {
    Home { key, count, vip: 0, young: 0, also_retail: 0, former_vip: 0 }
}

const HOMES: [Home; 10] = [
    home(Some(Key::Vip), 27),
    Home { vip: 6, also_retail: 8, former_vip: 4, ..home(Some(Key::Gold), 89) },
    Home { vip: 4, young: 4, also_retail: 30, ..home(Some(Key::Silver), 156) },
    Home { also_retail: 48, ..home(Some(Key::Bronze), 64) },
    Home { vip: 8, young: 10, ..home(Some(Key::Wholesale), 234) },
    home(Some(Key::Distributor), 18),
    Home { young: 4, ..home(Some(Key::Reseller), 40) },
    home(Some(Key::Retail), 481),
    home(Some(Key::New), 60),
    home(None, 31),
];

/// All roles, home by home; the named customers come first in theirs.
pub fn roles() -> Vec<Role> {
    let mut roles = Vec::new();
    for home in &HOMES {
        let named: Vec<&'static Character> = CAST.iter().filter(|one| Some(one.home) == home.key).collect();
        for place in 0..home.count {
            let character = named.get(place).copied();
            let extra = place.checked_sub(named.len());
            let until = |count: usize| extra.is_some_and(|n| n < count);
            let seat = match home.key {
                Some(Key::Vip) => Some(vip_seat(character, extra)),
                _ => until(home.vip).then_some(Seat::Rule),
            };
            let young = home.key == Some(Key::New) || (until(home.vip + home.young) && !until(home.vip));
            let taken = home.vip + home.young;
            let also_retail = until(taken + home.also_retail) && !until(taken);
            let taken = taken + home.also_retail;
            roles.push(Role {
                home: home.key,
                also_retail,
                seat,
                platinum: home.key == Some(Key::Vip) && extra.is_some_and(|n| (6..13).contains(&n)),
                young,
                former_vip: until(taken + home.former_vip) && !until(taken),
                character,
            });
        }
    }
    roles
}

/// Among those at home in VIP Customers: as drawn for the named; then three by hand, three pinned, the rest by rule.
fn vip_seat(character: Option<&'static Character>, extra: Option<usize>) -> Seat {
    match (character.and_then(|one| one.seat), extra) {
        (Some((seat, _)), _) => seat,
        (None, Some(0..3)) => Seat::Hand,
        (None, Some(3..6)) => Seat::RuleAndHand,
        (None, _) => Seat::Rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_have_the_members_that_are_drawn() {
        let roles = roles();
        let count = |wanted: fn(&Role) -> bool| roles.iter().filter(|role| wanted(role)).count();
        assert_eq!(roles.len(), 1_200);
        assert_eq!(count(|r| r.seat.is_some()), 45);
        assert_eq!(count(|r| r.home == Some(Key::Gold)), 89);
        assert_eq!(count(|r| r.home == Some(Key::Silver)), 156);
        assert_eq!(count(|r| r.home == Some(Key::Wholesale)), 234);
        assert_eq!(count(|r| r.home == Some(Key::Retail) || r.also_retail), 567);
        assert_eq!(count(|r| r.young), 78);
        assert_eq!(count(|r| r.platinum), 7);
        assert_eq!(count(|r| r.character.is_some()), CAST.len());
    }

    #[test]
    fn nobody_is_young_and_vip_at_once() {
        for role in roles() {
            assert!(!(role.young && (role.seat.is_some() || role.former_vip || role.also_retail)), "{role:?}");
            assert!(!role.platinum || role.seat == Some(Seat::Rule), "{role:?}");
        }
    }
}
