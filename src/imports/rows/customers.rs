//! Rows of customers.

use crate::clock::store_day;
use crate::imports::copy::Line;
use crate::imports::countries::country_code;
use crate::imports::problem::Problem;
use crate::imports::row::{Cells, Row};
use crate::imports::values::{self, Fault};

const MAX_TAGS: usize = 100;

pub(super) fn customer<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [code, name, email, status, country, region, since, history, organization, groups, tags] = cells.all();
    line.text(row.required(code, |text| values::line(text, 64)));
    line.text(row.required(name, |text| values::line(text, 200)));
    let address = row.optional(email, values::email);
    if let Some(text) = address.filter(|text| text.contains(char::is_whitespace)) {
        let number = row.number;
        row.warnings
            .add("e-mail addresses have a space within; they are kept as they are", || format!("row {number}: {text}"));
    }
    line.text(address);
    line.text(row.optional(status, |text| values::choice(text, &["active", "inactive", "blocked"])));
    line.text(row.optional(country, known_country));
    line.text(row.optional(region, |text| values::line(text, 120)));
    let known_since = row.day(since);
    if known_since.is_some_and(|day| day > store_day(row.context.now, row.context.zone)) {
        row.problems.push(Problem {
            column: "customer_since",
            cause: "lies in the future",
            message: format!("{} lies in the future", values::shown(since.text().unwrap_or_default())),
        });
    }
    line.day(known_since);
    let known = row.optional(history, |text| values::choice(text, &["excellent", "good", "fair", "poor", "unknown"]));
    // Unknown is what the absence of a rating is called (SPEC 1).
    line.text(known.filter(|rating| *rating != "unknown"));
    line.text(row.optional(organization, |text| values::line(text, 64)));
    line.texts(row.optional(groups, group_names).unwrap_or_default());
    line.texts(row.optional(tags, tag_list).unwrap_or_default());
    code.text()
}

fn known_country(text: &str) -> Result<&'static str, Fault> {
    country_code(text).ok_or_else(|| {
        Fault::new(
            "is not a country",
            format!("{} is not a country: write its two letters, such as DE", values::shown(text)),
        )
    })
}

fn group_names(text: &str) -> Result<Vec<String>, Fault> {
    values::list(text).into_iter().map(values::group_name).collect()
}

fn tag_list(text: &str) -> Result<Vec<&str>, Fault> {
    let tags = values::list(text);
    if tags.len() > MAX_TAGS {
        return Err(Fault::new("has too many tags", format!("has {} tags; at most {MAX_TAGS} are kept", tags.len())));
    }
    for tag in &tags {
        values::line(tag, 64)?;
    }
    Ok(tags)
}
