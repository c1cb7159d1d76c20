//! What a test reads in a page without a browser: texts, table rows, links, and forms as they would be sent.

/// What a person reads: the text between the tags, with single spaces.
pub fn text(html: &str) -> String {
    let mut text = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(words) => text.push_str(&unescaped(words)),
            Piece::Tag(_) => text.push(' '),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The cells' texts of every row in the bodies of the page's tables.
pub fn rows(html: &str) -> Vec<Vec<String>> {
    let bodies = html.split("<tbody>").skip(1).map(|rest| rest.split("</tbody>").next().unwrap());
    bodies.flat_map(|body| body.split("<tr").skip(1)).map(|row| elements(row, &["th", "td"])).collect()
}

/// The texts of all elements of these names; they must not stand in each other.
pub fn elements(html: &str, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let name = names.iter().find(|name| rest[1..].starts_with(**name) && ends_a_name(&rest[1 + name.len()..]));
        rest = match name {
            Some(name) => {
                let end = rest.find(&format!("</{name}>")).unwrap_or(rest.len());
                found.push(text(&rest[..end]));
                &rest[end..]
            }
            None => &rest[1..],
        };
    }
    found
}

fn ends_a_name(rest: &str) -> bool {
    rest.starts_with([' ', '>', '\n', '/'])
}

/// An attribute of the first tag that contains `mark`.
pub fn attribute(html: &str, mark: &str, name: &str) -> Option<String> {
    tags(html).find(|tag| tag.contains(mark)).and_then(|tag| value(tag, name))
}

/// The addresses of all links.
pub fn links(html: &str) -> Vec<String> {
    tags(html).filter(|tag| tag.starts_with("a ")).filter_map(|tag| value(tag, "href")).collect()
}

/// A form of a page: where it goes, and what it sends.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The form with this action, as it is if nobody touches it.
    pub fn of(html: &str, action: &str) -> Self {
        Self { action: action.into(), fields: fields(html, action) }
    }

    /// The first value of a field.
    pub fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map_or_else(|| panic!("the form has no field {name}"), |(_, value)| value)
    }

    /// Whether the form shows this field.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// Fills in a field that the form shows.
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        field.unwrap_or_else(|| panic!("the form has no field {name}")).1 = value.into();
        self
    }

    /// Adds a field that the form doesn't show.
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Fills in the rows of a key/value editor, as many as are given.
    pub fn fill_rows(mut self, name: &str, rows: &[(&str, &str)]) -> Self {
        let (key, value) = (format!("{name}_key"), format!("{name}_value"));
        self.fields.retain(|(known, _)| *known != key && *known != value);
        for (k, v) in rows {
            self = self.forge(&key, k).forge(&value, v);
        }
        self
    }
}

fn fields(html: &str, action: &str) -> Vec<(String, String)> {
    let form = html
        .split("<form")
        .skip(1)
        .find(|form| value(form.split('>').next().unwrap(), "action").as_deref() == Some(action))
        .unwrap_or_else(|| panic!("there is no form to {action}"));
    let form = form.split("</form>").next().unwrap();
    let mut fields = Vec::new();
    let mut select: Option<(String, Vec<(bool, String)>)> = None;
    let mut area: Option<String> = None;
    for piece in pieces(form) {
        match piece {
            Piece::Tag(tag) if tag.starts_with("input ") => {
                let kind = value(tag, "type").unwrap_or_else(|| "text".into());
                let chosen = !matches!(kind.as_str(), "checkbox" | "radio") || tag.contains(" checked");
                if let Some(name) = value(tag, "name").filter(|_| chosen) {
                    fields.push((name, value(tag, "value").unwrap_or_default()));
                }
            }
            Piece::Tag(tag) if tag.starts_with("select ") => select = Some((value(tag, "name").unwrap(), Vec::new())),
            // One without a select is only a suggestion.
            Piece::Tag(tag) if tag.starts_with("option ") && select.is_some() => {
                let (_, options) = select.as_mut().unwrap();
                options.push((tag.contains(" selected"), value(tag, "value").unwrap()));
            }
            Piece::Tag("/select") => {
                let (name, options) = select.take().unwrap();
                let shown = options.iter().find(|(selected, _)| *selected).or(options.first());
                fields.extend(shown.map(|(_, value)| (name, value.clone())));
            }
            Piece::Tag(tag) if tag.starts_with("textarea ") => {
                area = value(tag, "name");
            }
            Piece::Tag("/textarea") => {
                // A textarea without text has no piece of text.
                fields.extend(area.take().map(|name| (name, String::new())));
            }
            Piece::Text(text) => {
                if let Some(name) = area.take() {
                    let text = unescaped(text);
                    fields.push((name, text.strip_prefix('\n').unwrap_or(&text).to_owned()));
                }
            }
            Piece::Tag(_) => {}
        }
    }
    fields
}

enum Piece<'a> {
    /// Between the tags.
    Text(&'a str),
    /// Without its angle brackets.
    Tag(&'a str),
}

fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    html.split('<')
        .enumerate()
        .flat_map(|(i, part)| match (i, part.split_once('>')) {
            (0, _) => [None, Some(Piece::Text(part))],
            (_, Some((tag, text))) => [Some(Piece::Tag(tag)), Some(Piece::Text(text)).filter(|_| !text.is_empty())],
            (_, None) => [Some(Piece::Tag(part)), None],
        })
        .flatten()
}

fn tags(html: &str) -> impl Iterator<Item = &str> {
    pieces(html).filter_map(|piece| match piece {
        Piece::Tag(tag) => Some(tag),
        Piece::Text(_) => None,
    })
}

fn value(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

fn unescaped(text: &str) -> String {
    let signs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    signs.into_iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign))
}

#[test]
fn a_form_is_read_as_a_browser_would_send_it() {
    let page = r#"<form action="/other"><input name="x" value="1"></form>
        <form class="a" method="post" action="/here?a=1&#38;b=2">
          <input type="hidden" name="version" value="3"><input name="empty">
          <select name="s"><option value="">Any</option><option value="b" selected>B</option></select>
          <select name="first"><option value="1">One</option><option value="2">Two</option></select>
          <label><input type="radio" name="r" value="no"><input type="radio" name="r" value="yes" checked></label>
          <input type="checkbox" name="c" value="on">
          <textarea name="t" rows="3">
one &#60; two</textarea><textarea name="u"></textarea><button name="go">Send</button></form>"#;
    let form = Form::of(page, "/here?a=1&b=2");
    let sent: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        sent,
        [("version", "3"), ("empty", ""), ("s", "b"), ("first", "1"), ("r", "yes"), ("t", "one < two"), ("u", "")]
    );
}

#[test]
fn a_table_is_read_row_by_row() {
    let page = "<table><thead><tr><th>Head</th></tr></thead><tbody><tr><th scope=\"row\"><a href=\"/a\">A</a> <b>1</b></th>\
                <td class=\"num\">2</td></tr><tr><td>&#60;x&#62;</td><td></td></tr></tbody></table>";
    assert_eq!(rows(page), [["A 1", "2"], ["<x>", ""]]);
    assert_eq!(attribute(page, "href", "href").as_deref(), Some("/a"));
}
