//! Who talks to the application: a browser with its cookies, and an API client with its token.

use super::app::TestUser;
use super::html;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request, Response};
use uuid::Uuid;

/// An answer to a browser.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    fn of(mut response: Response<ureq::Body>) -> Self {
        // A workbook is no text; what is looked for in it is never beyond its first bytes.
        let body = String::from_utf8_lossy(&response.body_mut().read_to_vec().unwrap()).into_owned();
        Self { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    /// A header's value, `""` where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The value of the first hidden field of this name.
    pub fn hidden(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!(r#"name="{name}" value=""#))?;
        rest.split('"').next()
    }

    /// The page's form with this action, as it stands.
    pub fn form(&self, action: &str) -> html::Form {
        html::Form::of(&self.body, action)
    }

    /// What a person reads: the text between the tags, with single spaces.
    pub fn text(&self) -> String {
        html::text(&self.body)
    }
}

/// A browser: it keeps cookies, follows no redirects, and sends the token of its session with every form.
pub struct Browser {
    url: String,
    agent: Agent,
    csrf: String,
    /// Who is signed in.
    pub user: Option<TestUser>,
}

impl Browser {
    pub fn new(url: &str) -> Self {
        Self { url: url.into(), agent: agent(), csrf: String::new(), user: None }
    }

    /// From now on it talks to another node; its cookies stay, as they know no ports.
    pub fn go_to(&mut self, url: &str) {
        self.url = url.into();
    }

    pub fn get(&self, path: &str) -> Page {
        self.send("GET", path, &[], None)
    }

    /// As htmx asks for the region with this id.
    pub fn htmx_get(&self, path: &str, region: &str) -> Page {
        let target = format!("div#{region}");
        let headers = [("hx-request", "true"), ("hx-request-type", "partial"), ("hx-target", target.as_str())];
        self.send("GET", path, &headers, None)
    }

    /// Sends a form, with the token of the session.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", self.csrf.as_str())]).collect();
        self.send("POST", path, &[], Some(&form(&fields)))
    }

    /// Sends a form of a page, with the token that it holds.
    pub fn submit(&self, filled: &html::Form) -> Page {
        let body = serde_urlencoded::to_string(&filled.fields).unwrap();
        self.send("POST", &filled.action, &[], Some(&body))
    }

    /// Sends a form with a file, with the token of the session.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Page {
        let fields: Vec<_> = [("csrf", self.csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        let (kind, body) = multipart(&fields, name, file, BOUNDARY);
        let headers = [("accept", "text/html"), ("content-type", kind.as_str())];
        Page::of(send_bytes(&self.agent, "POST", &format!("{}{path}", self.url), &headers, &body))
    }

    /// Any request. A body is sent as a form's unless the headers say otherwise.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Page {
        let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let form = body.filter(|_| !typed).map(|_| ("content-type", "application/x-www-form-urlencoded"));
        let headers: Vec<_> =
            [("accept", "text/html")].into_iter().chain(form).chain(headers.iter().copied()).collect();
        Page::of(send(&self.agent, method, &format!("{}{path}", self.url), &headers, body))
    }

    /// Fills in the sign-in form and takes over the new session's token.
    pub fn sign_in(&mut self, email: &str, password: &str) -> Page {
        let form = self.get("/login");
        let token = form.hidden("csrf").unwrap_or_default().to_owned();
        self.csrf = token;
        let page = self.post("/login", &[("email", email), ("password", password)]);
        if page.status == 303 {
            self.csrf = self.get("/account/password").hidden("csrf").expect("a page with a form").to_owned();
        }
        page
    }

    /// The token that the forms of this session carry.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// The session's cookie as the browser holds it, `name=value`.
    pub fn session(&self) -> Option<String> {
        let jar = self.agent.cookie_jar_lock();
        jar.iter().find(|cookie| cookie.name() == "clientele_session").map(|cookie| {
            let (name, value) = (cookie.name(), cookie.value());
            format!("{name}={value}")
        })
    }
}

/// An answer to an API client.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// `Null` where there is no body.
    pub json: Value,
}

impl Answer {
    fn of(response: Response<ureq::Body>) -> Self {
        let page = Page::of(response);
        let json = if page.body.is_empty() { Value::Null } else { serde_json::from_str(&page.body).unwrap() };
        Self { status: page.status, headers: page.headers, json }
    }

    /// A header's value, `""` where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A client of the JSON API with its token.
pub struct Api {
    url: String,
    agent: Agent,
    /// The token's id.
    pub id: Uuid,
    /// The token itself; a test may put another in its place.
    pub token: String,
}

impl Api {
    pub fn new(url: &str, id: Uuid, token: &str) -> Self {
        Self { url: url.into(), agent: agent(), id, token: token.into() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(&body.to_string()))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], Some(&body.to_string()))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    /// Sends a file as the body, or with fields as a form.
    pub fn upload(&self, path: &str, fields: Option<&[(&str, &str)]>, name: &str, file: &[u8]) -> Answer {
        let (kind, body) = match fields {
            Some(fields) => multipart(fields, name, file, BOUNDARY),
            None => ("text/csv".to_owned(), file.to_owned()),
        };
        self.send_bytes(path, &[("content-type", kind.as_str())], &body)
    }

    /// As [`Api::upload`], to be done once under this key; a form has this boundary between its parts.
    pub fn upload_once(
        &self,
        path: &str,
        fields: Option<&[(&str, &str)]>,
        boundary: &str,
        file: &[u8],
        key: &str,
    ) -> Answer {
        let (kind, body) = match fields {
            Some(fields) => multipart(fields, "file.csv", file, boundary),
            None => ("text/csv".to_owned(), file.to_owned()),
        };
        self.send_bytes(path, &[("content-type", kind.as_str()), ("idempotency-key", key)], &body)
    }

    fn send_bytes(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        Answer::of(send_bytes(&self.agent, "POST", &format!("{}{path}", self.url), &headers, body))
    }

    /// Any request, with the token; a body is JSON unless the headers say otherwise.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let json = body.filter(|_| !typed).map(|_| ("content-type", "application/json"));
        let token = Some(("authorization", bearer.as_str())).filter(|_| !self.token.is_empty());
        let headers: Vec<_> = token.into_iter().chain(json).chain(headers.iter().copied()).collect();
        Answer::of(send(&self.agent, method, &format!("{}{path}", self.url), &headers, body))
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

fn send(agent: &Agent, method: &str, url: &str, headers: &[(&str, &str)], body: Option<&str>) -> Response<ureq::Body> {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        Some(body) => agent.run(request.body(body.to_owned()).unwrap()),
        None => agent.run(request.body(()).unwrap()),
    }
    .unwrap_or_else(|fault| panic!("{method} {url}: {fault}"))
}

fn send_bytes(agent: &Agent, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Response<ureq::Body> {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    agent.run(request.body(body.to_owned()).unwrap()).unwrap_or_else(|fault| panic!("{method} {url}: {fault}"))
}

/// What divides a form's parts.
const BOUNDARY: &str = "a-boundary-of-the-tests";

/// A form with a file: its content type and its bytes. Without a name nothing was chosen.
fn multipart(fields: &[(&str, &str)], name: &str, file: &[u8], boundary: &str) -> (String, Vec<u8>) {
    let mut body = String::new();
    for (field, value) in fields {
        body += &format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
    }
    let head = format!("content-disposition: form-data; name=\"file\"; filename=\"{name}\"");
    body += &format!("--{boundary}\r\n{head}\r\ncontent-type: text/csv\r\n\r\n");
    let end = format!("\r\n--{boundary}--\r\n");
    (format!("multipart/form-data; boundary={boundary}"), [body.as_bytes(), file, end.as_bytes()].concat())
}

/// Fields as a form sends them.
pub fn form(fields: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(fields).unwrap()
}
