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

#[cfg(test)]
mod tests {
    use super::*;

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
