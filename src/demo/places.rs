//! Where customers are: countries by weight, with regions and their cities.

use super::chance::Chance;

/// Where a customer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166 alpha-2.
    pub country: &'static str,
    /// State, province or land.
    pub region: &'static str,
    /// A city of the region.
    pub city: &'static str,
}

type Regions = &'static [(&'static str, &'static [&'static str])];

const UNITED_STATES: Regions = &[
    ("California", &["Oakland", "Fresno", "San Diego", "Long Beach"]),
    ("Texas", &["Austin", "El Paso", "Houston", "Plano"]),
    ("New York", &["Albany", "Buffalo", "Rochester", "Yonkers"]),
    ("Florida", &["Tampa", "Orlando", "Miami"]),
    ("Illinois", &["Chicago", "Peoria", "Naperville"]),
    ("Pennsylvania", &["Pittsburgh", "Erie", "Allentown"]),
    ("Ohio", &["Toledo", "Dayton", "Columbus"]),
    ("Georgia", &["Savannah", "Atlanta", "Macon"]),
    ("Washington", &["Tacoma", "Spokane", "Bellevue"]),
    ("Massachusetts", &["Lowell", "Worcester", "Quincy"]),
    ("Colorado", &["Boulder", "Denver", "Pueblo"]),
    ("North Carolina", &["Durham", "Raleigh", "Wilmington"]),
    ("Michigan", &["Flint", "Lansing", "Grand Rapids"]),
    ("Minnesota", &["Duluth", "Saint Paul"]),
    ("Oregon", &["Eugene", "Salem"]),
    ("Arizona", &["Mesa", "Tucson"]),
    ("Missouri", &["Springfield", "Columbia"]),
    ("Tennessee", &["Knoxville", "Memphis"]),
    ("Wisconsin", &["Madison", "Green Bay"]),
    ("Utah", &["Provo", "Ogden"]),
];
const CANADA: Regions = &[
    ("Ontario", &["Ottawa", "Hamilton", "Kingston"]),
    ("Quebec", &["Laval", "Sherbrooke"]),
    ("British Columbia", &["Kelowna", "Surrey"]),
    ("Alberta", &["Calgary", "Red Deer"]),
];
const UNITED_KINGDOM: Regions = &[
    ("England", &["Leeds", "Bristol", "Norwich", "Coventry"]),
    ("Scotland", &["Dundee", "Perth"]),
    ("Wales", &["Swansea", "Newport"]),
];
const GERMANY: Regions =
    &[("Bavaria", &["Augsburg", "Regensburg"]), ("Hesse", &["Kassel", "Fulda"]), ("Saxony", &["Leipzig", "Chemnitz"])];
const FRANCE: Regions = &[("Occitanie", &["Toulouse", "Albi"]), ("Brittany", &["Rennes", "Brest"])];
const NETHERLANDS: Regions = &[("Utrecht", &["Amersfoort", "Zeist"]), ("Gelderland", &["Arnhem", "Ede"])];
const IRELAND: Regions = &[("Leinster", &["Kilkenny", "Naas"]), ("Munster", &["Limerick", "Cork"])];
const AUSTRALIA: Regions = &[("Victoria", &["Geelong", "Ballarat"]), ("Queensland", &["Cairns", "Toowoomba"])];

const COUNTRIES: [((&str, Regions), i64); 8] = [
    (("US", UNITED_STATES), 690),
    (("CA", CANADA), 90),
    (("GB", UNITED_KINGDOM), 80),
    (("DE", GERMANY), 50),
    (("FR", FRANCE), 25),
    (("NL", NETHERLANDS), 25),
    (("IE", IRELAND), 20),
    (("AU", AUSTRALIA), 20),
];

impl Place {
    /// Somewhere, mostly in the United States.
    pub fn somewhere(chance: &mut Chance) -> Self {
        let (country, regions) = *chance.weighted(&COUNTRIES);
        let (region, cities) = *chance.pick(regions);
        Self { country, region, city: *chance.pick(cities) }
    }

    /// Somewhere in the same country: where a company opens a branch.
    pub fn neighbour(&self, chance: &mut Chance) -> Self {
        let regions =
            COUNTRIES.iter().find(|((country, _), _)| *country == self.country).map(|((_, regions), _)| *regions);
        let (region, cities) = *chance.pick(regions.unwrap_or(UNITED_STATES));
        Self { country: self.country, region, city: *chance.pick(cities) }
    }

    /// Whether the euro is the money there.
    pub fn pays_in_euro(&self) -> bool {
        ["DE", "FR", "NL", "IE"].contains(&self.country)
    }
}
