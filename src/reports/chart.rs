//! Charts, drawn as SVG. Colours, lines and type are the style sheet's, so that light, dark and print follow the page;
//! every mark tells its figure on hovering, and a title and description stand for the whole.

use svg::node::Text as Words;
use svg::node::element::{Group, Line, Rectangle, SVG, Text, Title};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 190.0;
/// Room for the figures of the axis, and for the names below.
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 10.0;
/// Room for the name of a column.
const NAME: f64 = 58.0;
/// The width of a chart of bars that lie: narrow, so that it can be read on a phone as a whole.
const LYING: f64 = 400.0;
/// The height of a bar that lies, with the room around it.
const ROW: f64 = 26.0;
/// Room for the names at the left of lying bars, and for the figures at their right.
const NAMES: f64 = 150.0;
const FIGURES: f64 = 90.0;

/// A figure in a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What stands below or beside it.
    pub label: String,
    /// How long its bar is.
    pub value: i64,
    /// The figure in words.
    pub told: String,
}

/// What a chart shows.
#[derive(Clone, Copy, Debug)]
pub struct Drawing<'a> {
    /// Its id on the page, from which the ids of its title and description are made.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What can be seen in it.
    pub description: &'a str,
    /// Its figures.
    pub points: &'a [Point],
}

/// Columns side by side over an axis: figures by month. `axis` tells the figures of the axis.
pub fn columns(drawing: Drawing<'_>, axis: impl Fn(i64) -> String) -> String {
    let values = || drawing.points.iter().map(|point| point.value);
    let (least, most) = (values().min().unwrap_or(0).min(0), values().max().unwrap_or(0).max(0));
    let ticks = ticks(least, most);
    let (low, high) = (ticks.first().copied().unwrap_or(0), ticks.last().copied().unwrap_or(1));
    let height = HEIGHT - TOP - BOTTOM;
    let y = |value: i64| TOP + height * (high - value) as f64 / (high - low).max(1) as f64;
    let mut chart = frame(drawing, "chart", WIDTH, HEIGHT);
    let mut written = String::new();
    for tick in &ticks {
        let class = if *tick == 0 { "chart-zero" } else { "chart-grid" };
        chart = chart.add(line(class, (LEFT, y(*tick)), (WIDTH, y(*tick))));
        // Cents that are told in whole units would be the same figure again and again.
        let figure = axis(*tick);
        if figure != written {
            chart = chart.add(text("chart-axis", LEFT - 6.0, y(*tick) + 4.0, "end", &figure));
            written = figure;
        }
    }
    let step = (WIDTH - LEFT) / drawing.points.len().max(1) as f64;
    // As many names as have room.
    let every = (NAME / step).ceil().max(1.0) as usize;
    for (n, point) in drawing.points.iter().enumerate() {
        let left = LEFT + step * n as f64;
        let (top, bottom) = (y(point.value.max(0)), y(point.value.min(0)));
        let shown = rectangle("chart-bar", (left + step * 0.15, top), (step * 0.7, (bottom - top).max(0.5)));
        // The whole height answers to the pointer, however small the bar.
        let felt = rectangle("chart-felt", (left, TOP), (step, height));
        chart = chart.add(told(point).add(felt).add(shown));
        if n % every == 0 {
            let middle = left + step / 2.0;
            // The last one would stand out of the drawing.
            let (at, anchor) = if middle + NAME / 2.0 > WIDTH { (WIDTH, "end") } else { (middle, "middle") };
            chart = chart.add(text("chart-name", at, HEIGHT - 8.0, anchor, &point.label));
        }
    }
    chart.to_string()
}

/// Lying bars below each other: a figure of each group. The best one is marked by a star and a class, not by colour alone.
pub fn bars(drawing: Drawing<'_>, best: &[usize]) -> String {
    let most = drawing.points.iter().map(|point| point.value.abs()).max().unwrap_or(0).max(1);
    let room = LYING - NAMES - FIGURES;
    let height = ROW * drawing.points.len() as f64 + 4.0;
    let mut chart = frame(drawing, "chart chart-lying", LYING, height);
    for (n, point) in drawing.points.iter().enumerate() {
        let top = ROW * n as f64 + 4.0;
        let length = room * point.value.abs() as f64 / most as f64;
        let is_best = best.contains(&n);
        let class = match (point.value < 0, is_best) {
            (true, _) => "chart-bar chart-below",
            (false, true) => "chart-bar chart-best",
            (false, false) => "chart-bar chart-other",
        };
        let figure = if is_best { format!("★ {}", point.told) } else { point.told.clone() };
        chart = chart
            .add(text("chart-name", NAMES - 8.0, top + 15.0, "end", &short(&point.label)))
            .add(told(point).add(rectangle(class, (NAMES, top), (length.max(0.5), ROW - 8.0))))
            .add(text("chart-figure", NAMES + length + 6.0, top + 15.0, "start", &figure));
    }
    chart.to_string()
}

/// A name that fits beside its bar.
fn short(name: &str) -> String {
    const MOST: usize = 22;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 1).chain(['…']).collect()
}

fn frame(drawing: Drawing<'_>, class: &str, width: f64, height: f64) -> SVG {
    let Drawing { id, title, description, .. } = drawing;
    let named = |name: &str, text: &str| {
        let mut element = svg::node::element::Element::new(name);
        element.get_attributes_mut().insert("id".into(), format!("{id}-{name}").into());
        svg::node::Node::append(&mut element, Words::new(text));
        element
    };
    SVG::new()
        .set("class", class)
        .set("viewBox", format!("0 0 {width} {height}"))
        .set("role", "img")
        .set("aria-labelledby", format!("{id}-title {id}-desc"))
        .add(named("title", title))
        .add(named("desc", description))
}

fn told(point: &Point) -> Group {
    Group::new().add(Title::new(format!("{}: {}", point.label, point.told)))
}

fn rectangle(class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) -> Rectangle {
    let round = |figure: f64| (figure * 10.0).round() / 10.0;
    Rectangle::new()
        .set("class", class)
        .set("x", round(x))
        .set("y", round(y))
        .set("width", round(width))
        .set("height", round(height))
}

fn line(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> Line {
    let round = |figure: f64| (figure * 10.0).round() / 10.0;
    Line::new().set("class", class).set("x1", round(x1)).set("y1", round(y1)).set("x2", round(x2)).set("y2", round(y2))
}

fn text(class: &str, x: f64, y: f64, anchor: &str, words: &str) -> Text {
    let round = |figure: f64| (figure * 10.0).round() / 10.0;
    Text::new(words)
        .set("class", class)
        .set("x", round(x))
        .set("y", round(y))
        .set("text-anchor", anchor)
        .set("aria-hidden", "true")
}

/// The figures of an axis: round ones, zero among them, that reach from the least to the greatest value.
fn ticks(least: i64, most: i64) -> Vec<i64> {
    let range = i128::from(most) - i128::from(least);
    let mut step: i128 = 1;
    // 1, 2, 5, 10, 20, 50 …
    for factor in [2, 5, 10].into_iter().cycle().scan(1i128, |base, factor| {
        let step = *base * factor;
        if factor == 10 {
            *base *= 10;
        }
        Some(step)
    }) {
        if range <= step * 4 {
            break;
        }
        step = factor;
    }
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    let low = least.div_euclid(step);
    let high = if most.rem_euclid(step) == 0 { most / step } else { most.div_euclid(step) + 1 };
    (low..=high.max(low + 1)).map(|n| n.saturating_mul(step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_figures_around_zero() {
        for (least, most, expected) in [
            (0, 0, vec![0, 1]),
            (0, 3, vec![0, 1, 2, 3]),
            (0, 4, vec![0, 1, 2, 3, 4]),
            (0, 5, vec![0, 2, 4, 6]),
            (0, 95_000, vec![0, 50_000, 100_000]),
            (-300, 900, vec![-500, 0, 500, 1000]),
            (0, 123_456_789, vec![0, 50_000_000, 100_000_000, 150_000_000]),
        ] {
            assert_eq!(ticks(least, most), expected, "{least} {most}");
        }
    }

    #[test]
    fn a_chart_tells_its_figures_and_takes_no_markup() {
        let points = [
            Point { label: "Jan".into(), value: 100, told: "$1".into() },
            Point { label: "<b>\"Feb\"</b>".into(), value: -50, told: "−$0.50".into() },
        ];
        let drawing = Drawing { id: "trend", title: "Revenue & orders", description: "By month", points: &points };
        for chart in [columns(drawing, |tick| tick.to_string()), bars(drawing, &[0])] {
            assert!(chart.contains(r#"aria-labelledby="trend-title trend-desc""#), "{chart}");
            assert!(chart.contains("Revenue &amp; orders") && chart.contains("Jan: $1"), "{chart}");
            assert!(!chart.contains("<b>") && !chart.contains("style"), "{chart}");
        }
        assert!(bars(drawing, &[0]).contains("★ $1"));
    }

    #[test]
    fn nothing_to_show_is_drawn_too() {
        let drawing = Drawing { id: "none", title: "Nothing", description: "", points: &[] };
        assert!(columns(drawing, |tick| tick.to_string()).starts_with("<svg"));
        // Cents at the axis of whole dollars: each figure stands there once.
        let cents = columns(drawing, |tick| format!("${}", tick / 100));
        assert_eq!(cents.matches("$0").count(), 1, "{cents}");
    }
}
