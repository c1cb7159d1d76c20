//! The nine kinds of file that can be imported, and the columns of each (SPEC 11).

use std::fmt;
use std::str::FromStr;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Buying companies.
    Organizations,
    /// Customer groups.
    Groups,
    /// Customers, with their group names and tags.
    Customers,
    /// Products with base price and cost.
    Products,
    /// Orders and credit notes, one row per line.
    Orders,
    /// Price lists without their entries.
    PriceLists,
    /// Prices in price lists.
    PriceListEntries,
    /// Which group gets which price list.
    GroupPriceLists,
    /// Customers in groups, by hand.
    Memberships,
}

/// A column that a kind knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in SPEC 11.
    pub name: &'static str,
    /// Whether a file without it is refused.
    pub required: bool,
    /// What other programs call it, in the form of [`super::mapping::normalize`].
    pub synonyms: &'static [&'static str],
}

const fn must(name: &'static str, synonyms: &'static [&'static str]) -> Column {
    Column { name, required: true, synonyms }
}

const fn may(name: &'static str, synonyms: &'static [&'static str]) -> Column {
    Column { name, required: false, synonyms }
}

const ORGANIZATIONS: &[Column] = &[
    must("code", &["organizationcode", "organizationid", "companycode", "companyid", "id"]),
    must("name", &["organizationname", "companyname", "company"]),
    may("parent_code", &["parent", "parentorganization", "parentid"]),
    may("group_code", &["group", "customergroup", "customergroupcode"]),
];

const GROUPS: &[Column] = &[
    must("code", &["groupcode", "groupid", "id"]),
    must("name", &["groupname", "group", "customergroup", "title"]),
    may("parent_code", &["parent", "parentgroup", "parentgroupcode", "parentid"]),
    may("type", &["grouptype", "assignment"]),
    may("status", &["state"]),
    may("description", &["notes"]),
];

const CUSTOMERS: &[Column] = &[
    must("code", &["customercode", "customerid", "customerno", "customernumber", "accountnumber", "id"]),
    must("name", &["customername", "fullname", "displayname"]),
    may("email", &["emailaddress", "customeremail", "mail"]),
    may("status", &["state", "customerstatus"]),
    may("country", &["countrycode", "customercountry"]),
    may("region", &["province", "stateprovince", "county"]),
    may("customer_since", &["since", "createdat", "created", "registered", "accountopened"]),
    may("payment_history", &["paymentrating"]),
    may("organization_code", &["organization", "organizationid", "companycode", "companyid"]),
    may("groups", &["group", "customergroups", "customergroup", "groupnames"]),
    may("tags", &["tag", "labels"]),
];

const PRODUCTS: &[Column] = &[
    must("sku", &["code", "productcode", "productid", "stockcode", "itemcode", "itemnumber", "articlenumber", "id"]),
    must("name", &["productname", "title", "itemname", "description"]),
    must("base_price", &["price", "listprice", "unitprice", "recommendedretailprice"]),
    may("category", &["productcategory", "producttype", "itemgroup"]),
    may("cost", &["unitcost", "costprice", "purchaseprice"]),
    may("currency", &["currencycode"]),
    may("status", &["state"]),
];

/// The last three make customers and products that are missing, with `--create-missing`.
const ORDERS: &[Column] = &[
    must("order_number", &["order", "orderno", "orderid", "invoice", "invoiceno", "invoicenumber", "documentnumber"]),
    must("placed_at", &["date", "orderdate", "invoicedate", "orderedat", "createdat"]),
    must("customer_code", &["customer", "customerid", "customerno", "customernumber", "accountnumber"]),
    must("sku", &["stockcode", "productcode", "productid", "item", "itemcode", "itemnumber", "articlenumber"]),
    must("quantity", &["qty", "units", "pieces"]),
    must("unit_price", &["price", "netprice", "priceeach"]),
    may("status", &["orderstatus", "state"]),
    may("currency", &["currencycode"]),
    may("list_price", &["grossprice", "baseprice", "catalogprice"]),
    may("unit_cost", &["cost", "costprice", "purchaseprice"]),
    may("paid_at", &["paid", "paymentdate", "paidon"]),
    may("due_at", &["due", "duedate", "dueon"]),
    may("product_name", &["description", "productdescription", "itemname", "itemdescription"]),
    may("customer_name", &["company", "companyname", "billingname"]),
    may("customer_country", &["country", "countrycode", "billingcountry"]),
];

const PRICE_LISTS: &[Column] = &[
    must("code", &["pricelistcode", "pricelistid", "id"]),
    must("name", &["pricelistname", "pricelist", "title"]),
    may("currency", &["currencycode"]),
    may("status", &["state"]),
    may("valid_from", &["from", "startdate", "validsince", "startson"]),
    may("valid_to", &["to", "until", "enddate", "validuntil", "endson"]),
];

const PRICE_LIST_ENTRIES: &[Column] = &[
    must("price_list_code", &["pricelist", "pricelistid", "list"]),
    must("sku", &["product", "stockcode", "productcode", "productid", "itemcode"]),
    may("min_quantity", &["minimumquantity", "minqty", "fromquantity", "quantity", "qty"]),
    must("price", &["unitprice", "amount"]),
];

const GROUP_PRICE_LISTS: &[Column] = &[
    must("group_code", &["group", "customergroup", "customergroupcode"]),
    must("price_list_code", &["pricelist", "pricelistid", "list"]),
    may("priority", &["prio", "rank"]),
];

const MEMBERSHIPS: &[Column] = &[
    must("group_code", &["group", "customergroup", "customergroupcode"]),
    must("customer_code", &["customer", "customerid", "customerno", "customernumber"]),
    may("since", &["joined", "joinedat", "membersince", "date"]),
    may("primary", &["isprimary", "primarygroup"]),
];

impl Kind {
    /// All kinds, in the order in which a whole shop comes in: what is referred to before what refers to it.
    pub const ALL: [Kind; 9] = [
        Kind::Groups,
        Kind::Organizations,
        Kind::Customers,
        Kind::Products,
        Kind::Orders,
        Kind::PriceLists,
        Kind::PriceListEntries,
        Kind::GroupPriceLists,
        Kind::Memberships,
    ];

    /// Its name on the command line and in the report: `price-list-entries`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Organizations => "organizations",
            Kind::Groups => "groups",
            Kind::Customers => "customers",
            Kind::Products => "products",
            Kind::Orders => "orders",
            Kind::PriceLists => "price-lists",
            Kind::PriceListEntries => "price-list-entries",
            Kind::GroupPriceLists => "group-price-lists",
            Kind::Memberships => "memberships",
        }
    }

    /// What its created, updated and unchanged figures count, for the report's sentences.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::PriceLists => "price lists",
            Kind::PriceListEntries => "price list entries",
            Kind::GroupPriceLists => "price list assignments",
            other => other.name(),
        }
    }

    /// Its columns. The rows of a kind are parsed in this order ([`super::row::Cells::all`]).
    pub fn columns(self) -> &'static [Column] {
        match self {
            Kind::Organizations => ORGANIZATIONS,
            Kind::Groups => GROUPS,
            Kind::Customers => CUSTOMERS,
            Kind::Products => PRODUCTS,
            Kind::Orders => ORDERS,
            Kind::PriceLists => PRICE_LISTS,
            Kind::PriceListEntries => PRICE_LIST_ENTRIES,
            Kind::GroupPriceLists => GROUP_PRICE_LISTS,
            Kind::Memberships => MEMBERSHIPS,
        }
    }

    /// Which missing things its import can make ([`Missing`]).
    pub fn can_create(self) -> &'static [Missing] {
        match self {
            Kind::Orders => &[Missing::Customers, Missing::Products],
            Kind::Customers => &[Missing::Organizations],
            _ => &[],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Kind::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            format!("There is no kind \"{text}\". The kinds are {}.", names.join(", "))
        })
    }
}

/// What an import may make where a row refers to it and it doesn't exist (`--create-missing`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// Customers named in orders.
    Customers,
    /// Products named in orders.
    Products,
    /// Organizations named in customers.
    Organizations,
}

impl Missing {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Missing::Customers => "customers",
            Missing::Products => "products",
            Missing::Organizations => "organizations",
        }
    }
}

impl FromStr for Missing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Missing::Customers, Missing::Products, Missing::Organizations]
            .into_iter()
            .find(|missing| missing.name() == text)
            .ok_or_else(|| {
                format!("\"{text}\" can't be created by an import: it makes customers, products or organizations.")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::mapping::normalize;
    use std::collections::HashSet;

    #[test]
    fn every_kind_is_found_by_its_name_and_nothing_else_is() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!("order".parse::<Kind>().unwrap_err().contains("price-list-entries"));
    }

    #[test]
    fn no_name_means_two_columns_of_a_kind() {
        for kind in Kind::ALL {
            let mut seen = HashSet::new();
            for column in kind.columns() {
                assert!(seen.insert(normalize(column.name)), "{kind}: {}", column.name);
                for synonym in column.synonyms {
                    assert_eq!(*synonym, normalize(synonym), "{kind}: {}", column.name);
                    assert!(seen.insert((*synonym).to_owned()), "{kind}: {synonym}");
                }
            }
        }
    }
}
