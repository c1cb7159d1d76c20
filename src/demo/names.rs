//! Names of people and companies, each given once, and their addresses on example domains.

use super::chance::Chance;
use super::places::Place;
use super::words::{BUSINESS, DEALER, FAMILY, FIRM, GIVEN, MAILBOX};
use std::collections::HashSet;

/// What kind of name a customer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A private person.
    Person,
    /// A company that uses what it buys.
    Company,
    /// A company that sells on what it buys.
    Dealer,
}

/// Gives out names, none twice.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Keeps a name from being given out.
    pub fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }

    /// A new name of a kind, with the legal form of its country where it is a company.
    pub fn give(&mut self, chance: &mut Chance, kind: NameKind, place: Place) -> String {
        loop {
            let name = match kind {
                NameKind::Person => person(chance),
                NameKind::Company => company(chance, &BUSINESS, place),
                NameKind::Dealer => company(chance, &DEALER, place),
            };
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
        }
    }

    /// The branch of an organization in a city, numbered where the city has one already.
    pub fn branch(&mut self, organization: &str, city: &str) -> String {
        let first = format!("{organization} {city}");
        if self.taken.insert(first.to_lowercase()) {
            return first;
        }
        let mut number = 2;
        loop {
            let name = format!("{first} {number}");
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
            number += 1;
        }
    }
}

/// A person's name.
pub fn person(chance: &mut Chance) -> String {
    format!("{} {}", chance.pick(&GIVEN), chance.pick(&FAMILY))
}

fn company(chance: &mut Chance, trades: &[&str], place: Place) -> String {
    let trade = chance.pick(trades);
    let stem = match chance.between(0, 9) {
        0..=6 => format!("{} {trade}", chance.pick(&FIRM)),
        7..=8 => format!("{} {trade}", chance.pick(&FAMILY)),
        _ => format!("{} & {} {trade}", chance.pick(&FAMILY), chance.pick(&FAMILY)),
    };
    let forms: &[(&str, i64)] = match place.country {
        "US" => &[("", 34), (" Inc", 30), (" LLC", 28), (" Co", 8)],
        "CA" => &[("", 30), (" Inc", 40), (" Ltd", 30)],
        "GB" | "IE" => &[("", 25), (" Ltd", 75)],
        "DE" => &[("", 15), (" GmbH", 85)],
        "FR" => &[("", 20), (" SARL", 80)],
        "NL" => &[("", 20), (" BV", 80)],
        _ => &[("", 30), (" Pty Ltd", 70)],
    };
    format!("{stem}{}", chance.weighted(forms))
}

/// An address on an example domain: a contact at the company, or the person's own mailbox.
pub fn email(chance: &mut Chance, kind: NameKind, name: &str) -> String {
    match kind {
        NameKind::Person => format!("{}@{}.example", slug(name, '.'), chance.pick(&MAILBOX)),
        NameKind::Company | NameKind::Dealer => {
            let mailbox = match chance.between(0, 3) {
                0 => "purchasing".to_owned(),
                1 => "office".to_owned(),
                _ => slug(&person(chance), '.'),
            };
            format!("{mailbox}@{}.example", slug(name, '-'))
        }
    }
}

/// Lower-case letters and digits with one separator between words.
pub fn slug(name: &str, separator: char) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with(separator) {
            out.push(separator);
        }
    }
    out.trim_end_matches(separator).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::chance::Part;
    use super::*;

    #[test]
    fn no_name_is_given_twice_whatever_its_case() {
        let mut names = Names::default();
        names.reserve("ACME Corporation");
        let mut chance = Chance::of(Part::Customers, 0);
        let mut seen = HashSet::from(["acme corporation".to_owned()]);
        for n in 0..900 {
            let place = Place::somewhere(&mut chance);
            let kind = [NameKind::Person, NameKind::Company, NameKind::Dealer][n % 3];
            let name = names.give(&mut chance, kind, place);
            assert!(seen.insert(name.to_lowercase()), "{name}");
        }
        assert_eq!(names.branch("Linden Group", "Austin"), "Linden Group Austin");
        assert_eq!(names.branch("Linden Group", "Austin"), "Linden Group Austin 2");
    }

    #[test]
    fn addresses_are_on_example_domains() {
        let mut chance = Chance::of(Part::Customers, 1);
        let person = email(&mut chance, NameKind::Person, "Ada O'Brien");
        assert!(person.starts_with("ada.o.brien@") && person.ends_with(".example"), "{person}");
        let company = email(&mut chance, NameKind::Company, "Crane & Vogel Media Ltd");
        assert!(company.ends_with("@crane-vogel-media-ltd.example"), "{company}");
    }
}
