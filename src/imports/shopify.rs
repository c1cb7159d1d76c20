//! Shopify's CSV exports of customers and orders, recognized by their headers and read as ours: each record becomes one
//! with our columns, the rest of the import's way is the same.
//!
//! A customer's code is the e-mail address, the one thing that both exports know a customer by; a customer without one is
//! known by Shopify's number. Shopify writes what belongs to a whole order on its first line only: it is carried on.

use super::kind::Kind;
use super::problem::Problem;
use super::records::Record;
use rust_decimal::{Decimal, RoundingStrategy};

/// The columns that a customer of Shopify's gives.
const CUSTOMERS: [&str; 6] = ["code", "name", "email", "country", "region", "tags"];
/// The columns that a line of an order of Shopify's gives.
const ORDERS: [&str; 13] = [
    "order_number",
    "placed_at",
    "customer_code",
    "sku",
    "quantity",
    "unit_price",
    "status",
    "currency",
    "list_price",
    "paid_at",
    "product_name",
    "customer_name",
    "customer_country",
];
/// What Shopify writes on an order's first line only.
const OF_THE_ORDER: [&str; 8] = [
    "Email",
    "Financial Status",
    "Paid at",
    "Currency",
    "Created at",
    "Billing Name",
    "Billing Country",
    "Cancelled at",
];

/// An export of Shopify's, being read.
#[derive(Clone, Debug)]
pub struct Export {
    kind: Kind,
    header: Vec<String>,
    /// Of the order before: its number and what stood on its first line.
    order: (String, [String; OF_THE_ORDER.len()]),
}

impl Export {
    /// Recognizes an export by its header.
    pub fn of(header: &[String]) -> Option<Self> {
        let has = |names: &[&str]| names.iter().all(|name| header.iter().any(|column| column == name));
        let kind = if has(&["Name", "Financial Status", "Lineitem name", "Lineitem quantity", "Lineitem price"]) {
            Kind::Orders
        } else if has(&["First Name", "Last Name", "Email", "Total Spent", "Tags"]) {
            Kind::Customers
        } else {
            return None;
        };
        Some(Self { kind, header: header.to_vec(), order: Default::default() })
    }

    /// What the export holds.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The columns of what the records become.
    pub fn columns(&self) -> Vec<String> {
        let names: &[&str] = if self.kind == Kind::Orders { &ORDERS } else { &CUSTOMERS };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Makes a record of the export one of ours.
    pub fn translate(&mut self, record: &mut Record) {
        if record.len() != self.header.len() {
            let message = format!(
                "has {} fields where the header has {}: check its commas and quotes",
                record.len(),
                self.header.len()
            );
            record.fault = Some(Problem::of_row("has another number of fields than the header", message));
            return;
        }
        let fields = if self.kind == Kind::Orders { self.line(record) } else { self.customer(record) };
        record.replace(&fields);
    }

    /// The first of these columns that is there and not empty.
    fn first<'a>(&self, record: &'a Record, names: &[&str]) -> &'a str {
        let place = |name: &&str| self.header.iter().position(|column| column == name);
        let mut found = names.iter().filter_map(place).map(|place| record.field(place));
        found.find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn customer(&self, record: &Record) -> Vec<String> {
        let of = |names: &[&str]| self.first(record, names);
        let email = of(&["Email"]).to_lowercase();
        // Spreadsheets take a long number for a figure unless an apostrophe stands before it.
        let number = of(&["Customer ID", "Id"]).trim_start_matches('\'');
        let code = if email.is_empty() { number.to_owned() } else { email.clone() };
        let name = [of(&["First Name"]), of(&["Last Name"])].join(" ").trim().to_owned();
        let name = [name.as_str(), of(&["Default Address Company", "Company"]), &code]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
            .to_owned();
        let tags = of(&["Tags"]).split(',').map(str::trim).collect::<Vec<_>>().join(";");
        let country = of(&["Default Address Country Code", "Country Code"]).to_owned();
        let region = of(&["Default Address Province Code", "Province Code"]).to_owned();
        vec![code, name, email, country, region, tags]
    }

    fn line(&mut self, record: &Record) -> Vec<String> {
        let number = self.first(record, &["Name"]).to_owned();
        let mut whole = OF_THE_ORDER.map(|name| self.first(record, &[name]).to_owned());
        if number == self.order.0 {
            for (here, before) in whole.iter_mut().zip(&self.order.1) {
                if here.is_empty() {
                    here.clone_from(before);
                }
            }
        }
        self.order = (number.clone(), whole.clone());
        let [email, financial, paid, currency, created, name, country, cancelled] = whole;
        let of = |names: &[&str]| self.first(record, names).to_owned();
        let (quantity, price) = (of(&["Lineitem quantity"]), of(&["Lineitem price"]));
        let unit_price = less_discount(&price, &of(&["Lineitem discount"]), &quantity);
        let compared = of(&["Lineitem compare at price"]);
        let list_price = if dearer(&compared, &price) { compared } else { price };
        vec![
            number,
            created,
            email.to_lowercase(),
            of(&["Lineitem sku", "Lineitem name"]),
            quantity,
            unit_price,
            status(&financial, &cancelled).to_owned(),
            currency,
            list_price,
            paid,
            of(&["Lineitem name"]),
            name,
            country,
        ]
    }
}

/// Our status of an order of Shopify's.
fn status(financial: &str, cancelled: &str) -> &'static str {
    match financial {
        _ if !cancelled.is_empty() => "cancelled",
        "voided" | "refunded" => "cancelled",
        "pending" | "authorized" | "partially_paid" | "unpaid" => "open",
        _ => "completed",
    }
}

fn dearer(compared: &str, price: &str) -> bool {
    match (compared.parse::<Decimal>(), price.parse::<Decimal>()) {
        (Ok(compared), Ok(price)) => compared > price,
        _ => false,
    }
}

/// The price of one piece after the line's discount, with as many decimals as the price is written with. What are no
/// numbers is left for the row to complain about.
fn less_discount(price: &str, discount: &str, quantity: &str) -> String {
    let (Ok(amount), Ok(discount), Ok(quantity)) =
        (price.parse::<Decimal>(), discount.parse::<Decimal>(), quantity.parse::<Decimal>())
    else {
        return price.to_owned();
    };
    let each = discount.checked_div(quantity).and_then(|each| amount.checked_sub(each));
    match each {
        Some(each) if !discount.is_zero() => {
            each.round_dp_with_strategy(amount.scale(), RoundingStrategy::MidpointAwayFromZero).to_string()
        }
        _ => price.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::records::Records;

    /// The records of a file after its header, as ours.
    fn read(text: &str) -> (Kind, Vec<Vec<String>>) {
        let mut records = Records::new(text.as_bytes()).unwrap();
        let mut record = Record::default();
        assert!(records.next(&mut record).unwrap());
        let header: Vec<String> = (0..record.len()).map(|place| record.field(place).to_owned()).collect();
        let export = Export::of(&header).unwrap();
        let kind = export.kind();
        records.translate(export);
        let mut rows = Vec::new();
        while records.next(&mut record).unwrap() {
            assert_eq!(record.fault, None);
            rows.push((0..record.len()).map(|place| record.field(place).to_owned()).collect());
        }
        (kind, rows)
    }

    #[test]
    fn customers_are_read() {
        let (kind, rows) = read(
            "Customer ID,First Name,Last Name,Email,Default Address Company,Default Address Province Code,\
             Default Address Country Code,Total Spent,Total Orders,Note,Tags\n\
             '7001,Ada,Quill,ADA@Shop.test,,ON,CA,12.00,1,,\"vip, net 30\"\n\
             '7002,,,,Quill Ltd,,GB,0.00,0,,\n",
        );
        assert_eq!(kind, Kind::Customers);
        assert_eq!(rows[0], ["ada@shop.test", "Ada Quill", "ada@shop.test", "CA", "ON", "vip;net 30"]);
        assert_eq!(rows[1], ["7002", "Quill Ltd", "", "GB", "", ""]);
    }

    #[test]
    fn lines_take_what_stands_on_the_orders_first() {
        let (kind, rows) = read(
            "Name,Email,Financial Status,Paid at,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,\
             Lineitem compare at price,Lineitem sku,Lineitem discount,Billing Name,Billing Country,Cancelled at\n\
             #1001,Ada@shop.test,paid,2026-01-02 10:00:00 -0400,CAD,2026-01-02 09:30:00 -0400,3,Cup,10.00,12.00,CUP-1,1.00,Ada Quill,CA,\n\
             #1001,Ada@shop.test,,,,2026-01-02 09:30:00 -0400,1,Plate,5.00,,,0.00,,,\n\
             #1002,bo@shop.test,pending,,CAD,2026-01-03 09:30:00 -0400,1,Cup,10.00,9.00,CUP-1,0.00,Bo,,2026-01-04\n",
        );
        assert_eq!(kind, Kind::Orders);
        let column = |row: usize, name: &str| {
            let place = ORDERS.iter().position(|column| *column == name).unwrap();
            rows[row][place].as_str()
        };
        // 10.00 − 1.00 / 3 = 9.666…
        assert_eq!((column(0, "unit_price"), column(0, "list_price")), ("9.67", "12.00"));
        assert_eq!((column(0, "customer_code"), column(0, "sku")), ("ada@shop.test", "CUP-1"));
        assert_eq!((column(1, "status"), column(1, "currency"), column(1, "sku")), ("completed", "CAD", "Plate"));
        assert_eq!((column(1, "unit_price"), column(1, "paid_at")), ("5.00", "2026-01-02 10:00:00 -0400"));
        assert_eq!((column(2, "status"), column(2, "list_price"), column(2, "paid_at")), ("cancelled", "10.00", ""));
    }

    #[test]
    fn what_is_none_is_left_alone() {
        for header in ["code,name,email", "Name,Email,Lineitem price", "First Name,Last Name,Email"] {
            let header: Vec<String> = header.split(',').map(str::to_owned).collect();
            assert!(Export::of(&header).is_none(), "{header:?}");
        }
        assert_eq!(less_discount("x", "1", "1"), "x");
        assert_eq!(less_discount("5.00", "1.00", "0"), "5.00");
        for (financial, cancelled, ours) in
            [("voided", "", "cancelled"), ("authorized", "", "open"), ("", "", "completed")]
        {
            assert_eq!(status(financial, cancelled), ours);
        }
    }
}
