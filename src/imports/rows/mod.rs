//! How the rows of each kind are read: from cells to a line of the kind's staging table. Pure.

mod customers;
mod groups;
mod memberships;
mod orders;
mod organizations;
mod price_lists;
mod products;

use super::kind::Kind;
use super::row::Parse;

/// The function that reads the rows of a kind.
pub fn parse(kind: Kind) -> Parse {
    match kind {
        Kind::Organizations => organizations::organization,
        Kind::Groups => groups::group,
        Kind::Customers => customers::customer,
        Kind::Products => products::product,
        Kind::Orders => orders::line,
        Kind::PriceLists => price_lists::list,
        Kind::PriceListEntries => price_lists::entry,
        Kind::GroupPriceLists => price_lists::assignment,
        Kind::Memberships => memberships::membership,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::copy::Line;
    use crate::imports::mapping::{Wishes, match_header};
    use crate::imports::problem::Warnings;
    use crate::imports::records::{Record, Records};
    use crate::imports::row::{Cells, Context, Row};
    use crate::money::Currency;
    use chrono_tz::Tz;

    /// The staging line of the last row of a file, or its problems.
    fn read(kind: Kind, file: &str) -> Result<String, Vec<String>> {
        let mut records = Records::new(file.as_bytes()).unwrap();
        let mut record = Record::default();
        records.next(&mut record).unwrap();
        let header: Vec<_> = (0..record.len()).map(|place| record.field(place).to_owned()).collect();
        let mapping = match_header(kind, &header, &Wishes::default(), None).unwrap();
        records.next(&mut record).unwrap();
        let context =
            Context { currency: Currency::USD, zone: Tz::Europe__Berlin, now: "2026-11-22T10:00:00Z".parse().unwrap() };
        let mut warnings = Warnings::default();
        let mut row = Row { number: 2, context: &context, problems: Vec::new(), warnings: &mut warnings };
        let mut line = Line::default();
        line.begin(2);
        parse(kind)(&Cells::new(kind, &mapping, &record), &mut row, &mut line);
        if row.problems.is_empty() {
            return Ok(String::from_utf8_lossy(line.finish()).trim_end().replace('\t', "|"));
        }
        Err(row.problems.into_iter().map(|problem| format!("{}: {}", problem.column, problem.message)).collect())
    }

    #[test]
    fn rows_of_every_kind_are_staged() {
        let cases = [
            (Kind::Organizations, "code,name,parent_code\nO1,Acme,O2", r"2|O1|Acme|O2|\N"),
            (
                Kind::Groups,
                "code,name,type,parent_code\nVIP,VIP Customers,Manual,ALL",
                r"2|VIP|VIP Customers|ALL|manual|\N|\N",
            ),
            (
                Kind::Customers,
                "code,name,email,country,customer_since,groups,tags\nC1,Ann,a@b.c,germany,2020-01-02,VIP; Retail,x;y",
                r#"2|C1|Ann|a@b.c|\N|DE|\N|2020-01-02|\N|\N|{"VIP","Retail"}|{"x","y"}"#,
            ),
            (Kind::Products, "sku,name,base_price,cost,currency\nS,Thing,10.50,4,jpy\n", "problem"),
            (Kind::Products, "sku,name,base_price,cost\nS,Thing,10.50,4", r"2|S|Thing|1050|\N|400|USD|\N"),
            (
                Kind::Orders,
                "order_number,placed_at,customer_code,sku,quantity,unit_price\nO,2026-01-31,C,S,-2,1.5",
                r"2|O|2026-01-30 23:00:00Z|2026-01-31|C|S|-2|150|\N|USD|\N|\N|\N|\N|\N|\N|\N",
            ),
            (Kind::PriceLists, "code,name,valid_from\nP,Promo,2026-01-01", r"2|P|Promo|\N|\N|2026-01-01|\N"),
            (Kind::PriceListEntries, "price_list_code,sku,price\nP,S,2.50", r"2|P|S|1|2.50"),
            (Kind::GroupPriceLists, "group_code,price_list_code,priority\nVIP,P,10", r"2|VIP|P|10"),
            (
                Kind::Memberships,
                "group_code,customer_code,since,primary\nVIP,C,2026-01-31T08:00:00Z,yes",
                r"2|VIP|C|2026-01-31 08:00:00Z|t",
            ),
        ];
        for (kind, file, expected) in cases {
            match read(kind, file) {
                Ok(line) => assert_eq!(line, expected, "{kind}"),
                Err(problems) => assert_eq!(expected, "problem", "{kind}: {problems:?}"),
            }
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_row_is_told_at_once() {
        let cases: &[(Kind, &str, &[&str])] = &[
            (Kind::Organizations, "code,name\n,", &["code: is empty", "name: is empty"]),
            (
                Kind::Groups,
                "code,name,type,status\nvip,A;B,club,gone",
                &[
                    "code: “vip” is not a group code",
                    "name: “A;B” holds",
                    "type: “club” is not one of manual, automatic, hybrid",
                    "status: “gone”",
                ],
            ),
            (
                Kind::Customers,
                "code,name,email,country,customer_since,payment_history,tags\nC,N,nobody,Narnia,2027-01-01,great,two\tparts",
                &[
                    "email: “nobody”",
                    "country: “Narnia” is not a country",
                    "customer_since: “2027-01-01” lies in the future",
                    "payment_history: “great”",
                    "tags: “two\tparts” has a line break",
                ],
            ),
            (
                Kind::Products,
                "sku,name,base_price,currency\nS,T,1.005,USD",
                &["base_price: “1.005” has more decimals than USD has (2)"],
            ),
            (
                Kind::Orders,
                "order_number,placed_at,customer_code,sku,quantity,unit_price\nO,yesterday,,S,0,-1",
                &[
                    "placed_at: “yesterday”",
                    "customer_code: is empty",
                    "quantity: “0” is zero",
                    "unit_price: “-1” is negative",
                ],
            ),
            (
                Kind::Orders,
                "order_number,placed_at,customer_code,sku,quantity,unit_price\nO,2026-01-31,C,S,2000000000,80000000000000",
                &[": adds up to too large an amount"],
            ),
            (Kind::PriceLists, "code,name,valid_from,valid_to\nP,Q,2026-02-01,2026-01-31", &["valid_to: "]),
            (
                Kind::PriceListEntries,
                "price_list_code,sku,price,min_quantity\nP,S,-1,0",
                &["min_quantity: “0”", "price: “-1”"],
            ),
            (Kind::GroupPriceLists, "group_code,price_list_code,priority\nVIP,P,1.5", &["priority: “1.5”"]),
            (
                Kind::Memberships,
                "group_code,customer_code,since,primary\nVIP,C,2027-01-01,maybe",
                &["since: “2027-01-01” lies in the future", "primary: “maybe”"],
            ),
        ];
        for (kind, file, expected) in cases {
            let problems = read(*kind, file).unwrap_err();
            assert_eq!(problems.len(), expected.len(), "{kind}: {problems:?}");
            for (problem, expected) in problems.iter().zip(*expected) {
                assert!(problem.starts_with(expected), "{kind}: {problem} / {expected}");
            }
        }
    }
}
