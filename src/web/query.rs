//! The address of a list: its path with search, filters, order and page, and the links that change one of them.

use crate::db::keyset::{self, Page};
use serde::Serialize;

/// Path and parameters of a list page. Parameters without a value are left out of every link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

/// How a column is sorted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    /// By another column.
    No,
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// A filter that is on, and the address without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    /// What is filtered: `Status`.
    pub label: String,
    /// By what: `Active`.
    pub value: String,
    /// The list without this filter.
    pub without: String,
}

/// The way to the neighbouring pages of a list, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// What is shown: "50 of 1,169 customers".
    pub summary: String,
    /// The page before, where there is one.
    pub previous: Option<String>,
    /// The page after, where there is one.
    pub next: Option<String>,
}

impl Pager {
    /// The ways from a page of rows, each with its key, to its neighbours.
    pub fn of<T, K: Serialize>(
        query: &Query,
        page: &Page<T>,
        key: impl Fn(&T) -> K,
        summary: impl Into<String>,
    ) -> Self {
        let cursor = |row: Option<&T>| row.map(|row| keyset::encode(&key(row)));
        Self {
            summary: summary.into(),
            previous: cursor(page.rows.first().filter(|_| page.before)).map(|cursor| query.before(&cursor)),
            next: cursor(page.rows.last().filter(|_| page.after)).map(|cursor| query.after(&cursor)),
        }
    }
}

impl Query {
    /// The parameters under `path`; a leading `?` is fine, and blanks are dropped.
    pub fn new(path: impl Into<String>, query: &str) -> Self {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(query.trim_start_matches('?')).unwrap_or_default();
        Self { path: path.into(), pairs: pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect() }
    }

    /// The list's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The first value of a parameter, `""` where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// All values of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The list with `value` as the only value of `name`, from its first page.
    #[allow(clippy::needless_pass_by_value, reason = "texts and numbers alike, without a & at every call")]
    pub fn with(&self, name: &str, value: impl ToString) -> Self {
        let mut query = self.without(name);
        let value = value.to_string();
        if !value.is_empty() {
            query.pairs.push((name.to_owned(), value));
        }
        query
    }

    /// The list with one more value of `name`, beside those it has.
    #[allow(clippy::needless_pass_by_value, reason = "texts and numbers alike, without a & at every call")]
    pub fn and(mut self, name: &str, value: impl ToString) -> Self {
        self.pairs.push((name.to_owned(), value.to_string()));
        self
    }

    /// The list without a parameter, from its first page.
    pub fn without(&self, name: &str) -> Self {
        let keep = |known: &str| known != name && !PAGE.contains(&known);
        let pairs = self.pairs.iter().filter(|(known, _)| keep(known)).cloned().collect();
        Self { path: self.path.clone(), pairs }
    }

    /// The list without one of a parameter's values, from its first page.
    pub fn without_value(&self, name: &str, value: &str) -> Self {
        let mut query = self.without("");
        query.pairs.retain(|(known, chosen)| known != name || chosen != value);
        query
    }

    /// The address for a link.
    pub fn url(&self) -> String {
        self.url_at(&self.path)
    }

    /// Search, filters, order and page as a text, for a form's hidden field: [`Query::new`] reads it again.
    pub fn list(&self) -> String {
        serde_urlencoded::to_string(Pairs(&self.pairs)).unwrap_or_default()
    }

    /// The same search and filters under another path, all pages of it: the CSV export.
    pub fn export(&self, path: &str) -> String {
        self.without("").url_at(path)
    }

    fn url_at(&self, path: &str) -> String {
        match serde_urlencoded::to_string(Pairs(&self.pairs)) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_owned(),
        }
    }

    /// A filter that is on as a chip.
    pub fn chip(&self, name: &str, label: &str, value: &str) -> Chip {
        Chip { label: label.to_owned(), value: value.to_owned(), without: self.without(name).url() }
    }

    /// The parameters but those of the page, for a search form's hidden fields: all except `shown`.
    pub fn hidden<'a>(&'a self, shown: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let kept = move |name: &str| !shown.contains(&name) && !PAGE.contains(&name);
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(move |(name, _)| kept(name))
    }

    /// How the list is sorted by `column`: `sort=name` is up, `sort=-name` down.
    pub fn sorted(&self, column: &str, default: &str) -> Sorted {
        let sort = Some(self.get("sort")).filter(|sort| !sort.is_empty()).unwrap_or(default);
        match sort.strip_prefix('-') {
            Some(name) if name == column => Sorted::Down,
            None if sort == column => Sorted::Up,
            _ => Sorted::No,
        }
    }

    /// The address of the list sorted by `column`: the other way round where it is already; otherwise numbers with the
    /// greatest first, all else up.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass arguments of macros by reference")]
    pub fn sort(&self, column: &str, default: &str, numeric: &bool) -> String {
        let sort = match self.sorted(column, default) {
            Sorted::No if *numeric => format!("-{column}"),
            Sorted::Up => format!("-{column}"),
            Sorted::No | Sorted::Down => column.to_owned(),
        };
        // The usual order needs no parameter.
        let sort = if sort == default { String::new() } else { sort };
        self.with("sort", sort).url()
    }

    /// The address of the page that begins after the row with this cursor.
    pub fn after(&self, cursor: &str) -> String {
        self.with("after", cursor).url()
    }

    /// The address of the page that ends before the row with this cursor.
    pub fn before(&self, cursor: &str) -> String {
        self.with("before", cursor).url()
    }
}

/// The parameters of keyset paging: meaningless as soon as anything else changes.
const PAGE: [&str; 2] = ["after", "before"];

#[derive(Serialize)]
#[serde(transparent)]
struct Pairs<'a>(&'a [(String, String)]);

impl Sorted {
    /// The value of `aria-sort`.
    pub fn aria(self) -> &'static str {
        match self {
            Self::No => "none",
            Self::Up => "ascending",
            Self::Down => "descending",
        }
    }

    /// The icon in the column's heading.
    pub fn icon(self) -> &'static str {
        match self {
            Self::No => "selector",
            Self::Up => "arrow-up",
            Self::Down => "arrow-down",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_change_one_thing_and_start_from_the_first_page() {
        let query = Query::new("/groups", "?q=vip+%26+co&status=active&type=&after=abc&sort=-name");
        assert_eq!(query.get("q"), "vip & co");
        assert_eq!(query.url(), "/groups?q=vip+%26+co&status=active&after=abc&sort=-name");
        assert_eq!(query.with("status", "inactive").url(), "/groups?q=vip+%26+co&sort=-name&status=inactive");
        assert_eq!(query.with("status", "").url(), "/groups?q=vip+%26+co&sort=-name");
        assert_eq!(query.chip("q", "Search", "vip & co").without, "/groups?status=active&sort=-name");
        assert_eq!(query.after("x/y"), "/groups?q=vip+%26+co&status=active&sort=-name&after=x%2Fy");
        assert_eq!(query.export("/groups.csv"), "/groups.csv?q=vip+%26+co&status=active&sort=-name");
        assert_eq!(query.hidden(&["q"]).collect::<Vec<_>>(), [("status", "active"), ("sort", "-name")]);
        assert_eq!(Query::new("/groups", "q=+&status=").url(), "/groups");
    }

    #[test]
    fn one_of_several_values_can_go() {
        let query = Query::new("/groups", "tag=a&tag=b&before=x");
        assert_eq!(query.without_value("tag", "a").url(), "/groups?tag=b");
        assert_eq!(query.all("tag").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_column_sorts_up_then_down_and_numbers_the_other_way_round() {
        for (query, column, sorted, next) in [
            ("", "name", Sorted::Up, "/g?sort=-name"),
            ("sort=-name", "name", Sorted::Down, "/g"),
            ("sort=-size", "name", Sorted::No, "/g"),
            ("", "size", Sorted::No, "/g?sort=-size"),
            ("sort=size", "size", Sorted::Up, "/g?sort=-size"),
            ("sort=-size", "size", Sorted::Down, "/g?sort=size"),
        ] {
            let list = Query::new("/g", query);
            assert_eq!(
                (list.sorted(column, "name"), list.sort(column, "name", &(column == "size"))),
                (sorted, next.to_owned()),
                "{query} {column}"
            );
        }
    }
}
