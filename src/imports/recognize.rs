//! What the rows of a file are, told by its columns.

use super::kind::Kind;
use super::mapping::normalize;

/// The one kind that a file with these columns can be, its name helping where the columns alone don't decide; `None` where
/// several or none fit.
pub fn kind(header: &[String], file: &str) -> Option<Kind> {
    let columns: Vec<String> = header.iter().map(|name| normalize(name)).collect();
    let fits: Vec<(Kind, usize)> =
        Kind::ALL.into_iter().filter_map(|kind| Some((kind, known(kind, &columns)?))).collect();
    let most = fits.iter().map(|(_, known)| *known).max()?;
    let best: Vec<Kind> = fits.iter().filter(|(_, known)| *known == most).map(|(kind, _)| *kind).collect();
    match best.as_slice() {
        [one] => Some(*one),
        _ => {
            let file = normalize(file);
            let mut named = best.into_iter().filter(|kind| file.contains(&normalize(kind.name())));
            // "price-list-entries" names "price-lists" no less.
            named.next().filter(|_| named.next().is_none())
        }
    }
}

/// How many of the columns the kind knows, by its own names twice as well as by others'; `None` where it lacks one.
fn known(kind: Kind, columns: &[String]) -> Option<usize> {
    let mut score = 0;
    for column in kind.columns() {
        let own = columns.contains(&normalize(column.name));
        let other = columns.iter().any(|name| column.synonyms.contains(&name.as_str()));
        match (own, other) {
            (true, _) => score += 2,
            (false, true) => score += 1,
            (false, false) if column.required => return None,
            (false, false) => {}
        }
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_told_by_its_columns() {
        for (names, file, expected) in [
            ("sku,name,base_price,category", "x.csv", Some(Kind::Products)),
            ("order_number,placed_at,customer_code,sku,quantity,unit_price", "x.csv", Some(Kind::Orders)),
            ("InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID", "x.csv", Some(Kind::Orders)),
            ("price_list_code,sku,min_quantity,price", "x.csv", Some(Kind::PriceListEntries)),
            ("group_code,customer_code", "x.csv", Some(Kind::Memberships)),
            ("group_code,price_list_code,priority", "x.csv", Some(Kind::GroupPriceLists)),
            ("code,name,email,country", "x.csv", Some(Kind::Customers)),
            // Four kinds have a code and a name.
            ("code,name", "x.csv", None),
            ("code,name", "Organizations 2026.csv", Some(Kind::Organizations)),
            ("colour,size", "customers.csv", None),
            ("", "customers.csv", None),
        ] {
            let header: Vec<String> = names.split(',').map(str::to_owned).collect();
            assert_eq!(kind(&header, file), expected, "{names}");
        }
    }
}
