//! Products, price lists and visibility groups: their pages and their calls, over the real application.

mod assignments;
mod entries;
mod price_lists;
mod products;
mod transfer;
mod visibility_groups;

use crate::support::{Answer, Browser, Page};

/// Follows the redirect of a change that was made.
fn follow(browser: &Browser, page: &Page) -> Page {
    assert_eq!(page.status, 303, "{}", page.text());
    let next = browser.get(page.location());
    assert_eq!(next.status, 200, "{}", next.text());
    next
}

/// What stands at a field of a refused form.
fn told(page: &Page, status: u16, field: &str, sentence: &str) {
    let text = page.text();
    assert_eq!(page.status, status, "{text}");
    assert!(text.contains(sentence), "{sentence:?} is not in {text}");
    if !field.is_empty() {
        assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "nothing stands at {field}: {text}");
    }
}

/// The fields of a problem document's errors.
fn fields(answer: &Answer, status: u16) -> Vec<String> {
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.json);
    let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
    for error in &errors {
        assert!(error["message"].as_str().unwrap().ends_with('.'), "a sentence: {error}");
    }
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

/// One field of each item of a list.
fn items(answer: &Answer, field: &str) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.json);
    let items = answer.json["items"].as_array().unwrap();
    items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

/// All pages of a list of the API.
fn walk(api: &crate::support::Api, path: &str, field: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("{path}{}limit=2{cursor}", if path.contains('?') { '&' } else { '?' }));
        found.extend(items(&page, field));
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
        assert!(found.len() < 100, "the pages never end");
    }
}

/// The first cells of a list, page by page as its links lead, and back again.
fn pages(browser: &Browser, address: &str) -> (Vec<String>, Vec<String>) {
    let first = |page: &Page| {
        let rows = crate::support::html::rows(&page.body);
        rows.into_iter().map(|row| row.into_iter().find(|cell| !cell.is_empty()).unwrap()).collect::<Vec<_>>()
    };
    let link = |page: &Page, id: &str| crate::support::html::attribute(&page.body, &format!("id=\"{id}\""), "href");
    let mut page = browser.get(address);
    let mut forward = first(&page);
    while let Some(next) = link(&page, "page-next") {
        page = browser.get(&next);
        forward.extend(first(&page));
    }
    let mut back = first(&page);
    while let Some(previous) = link(&page, "page-previous") {
        page = browser.get(&previous);
        back = first(&page).into_iter().chain(back).collect();
    }
    (forward, back)
}
