//! Orders as a shop sends them, as the rows that the import engine reads: one row a line, so that the rules of SPEC 11 hold
//! for both.

/// A line of an order; numbers and amounts as they were sent, empty where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The product.
    pub sku: String,
    /// Negative for a return.
    pub quantity: String,
    /// Major units.
    pub unit_price: String,
    /// Major units; the product's base price where it is left out.
    pub list_price: String,
    /// Major units; the product's cost where it is left out.
    pub unit_cost: String,
}

/// An order; texts as they were sent, empty where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Unique.
    pub number: String,
    /// ISO 8601; without an offset the store's time.
    pub placed_at: String,
    /// Whose it is.
    pub customer_code: String,
    /// `completed` where it is left out.
    pub status: String,
    /// The store's where it is left out.
    pub currency: String,
    /// ISO 8601.
    pub paid_at: String,
    /// ISO 8601.
    pub due_at: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

const HEADER: &str =
    "order_number,placed_at,customer_code,sku,quantity,unit_price,status,currency,list_price,unit_cost,paid_at,due_at";

/// The orders as a CSV file, and for each of its rows after the header the order and the line that it is.
pub fn rows(orders: &[Order]) -> (String, Vec<(usize, usize)>) {
    let (mut text, mut places) = (format!("{HEADER}\n"), Vec::new());
    for (at, order) in orders.iter().enumerate() {
        for (n, line) in order.lines.iter().enumerate() {
            places.push((at, n));
            let fields = [
                &order.number,
                &order.placed_at,
                &order.customer_code,
                &line.sku,
                &line.quantity,
                &line.unit_price,
                &order.status,
                &order.currency,
                &line.list_price,
                &line.unit_cost,
                &order.paid_at,
                &order.due_at,
            ];
            let fields = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
            text.push_str(&fields.join(","));
            text.push('\n');
        }
    }
    (text, places)
}

/// A field of what is sent, which is a column of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Of the order.
    Order(&'static str),
    /// Of the line.
    Line(&'static str),
}

/// The columns and the fields that they are.
const PARTS: [(&str, Part); 12] = [
    ("order_number", Part::Order("orderNumber")),
    ("placed_at", Part::Order("placedAt")),
    ("customer_code", Part::Order("customerCode")),
    ("status", Part::Order("status")),
    ("currency", Part::Order("currency")),
    ("paid_at", Part::Order("paidAt")),
    ("due_at", Part::Order("dueAt")),
    ("sku", Part::Line("sku")),
    ("quantity", Part::Line("quantity")),
    ("unit_price", Part::Line("unitPrice")),
    ("list_price", Part::Line("listPrice")),
    ("unit_cost", Part::Line("unitCost")),
];

/// The reasons of a bad row one by one, each with the field that it is about: `unit_price is empty; sku …`.
pub fn parts(reasons: &str) -> Vec<(Option<Part>, String)> {
    let part = |reason: &str| {
        let (column, rest) = reason.split_once(' ')?;
        let (_, part) = PARTS.iter().find(|(name, _)| *name == column)?;
        Some((*part, rest.to_owned()))
    };
    let mut found: Vec<(Option<Part>, String)> = Vec::new();
    for reason in reasons.split("; ") {
        match (part(reason), found.last_mut()) {
            (Some((part, rest)), _) => {
                let (Part::Order(name) | Part::Line(name)) = part;
                found.push((Some(part), format!("{name} {rest}")));
            }
            (None, _) if reason.starts_with("the row ") => found.push((None, reason.to_owned())),
            // A value that has the sign in it.
            (None, Some((_, before))) => before.push_str(&format!("; {reason}")),
            (None, None) => found.push((None, reason.to_owned())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_at_the_fields_of_the_call() {
        let found =
            parts("unit_price \"1; 2\" is not an amount; the row adds up to too large an amount; paid_at is no time");
        let told: Vec<(Option<Part>, &str)> = found.iter().map(|(part, reason)| (*part, reason.as_str())).collect();
        assert_eq!(
            told,
            [
                (Some(Part::Line("unitPrice")), "unitPrice \"1; 2\" is not an amount"),
                (None, "the row adds up to too large an amount"),
                (Some(Part::Order("paidAt")), "paidAt is no time"),
            ]
        );
    }

    #[test]
    fn each_line_is_a_row_and_knows_where_it_stood() {
        let line = |sku: &str| Line { sku: sku.into(), quantity: "1".into(), ..Line::default() };
        let order = |number: &str, lines: Vec<Line>| Order { number: number.into(), lines, ..Order::default() };
        let (text, places) = rows(&[order("A", vec![line("x,\"y\""), line("z")]), order("B", vec![line("w")])]);
        assert_eq!(places, [(0, 0), (0, 1), (1, 0)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].split(',').count() == 12 && lines[1].contains("\"x,\"\"y\"\"\""), "{text}");
        assert!(lines[3].starts_with("\"B\""));
    }
}
