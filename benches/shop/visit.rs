//! A browser that looks at what is measured: whether it is right, and what it weighs.

use crate::floors::Outcome;
use crate::shop::Visitor;
use crate::timing::Request;
use ureq::Agent;

/// Somebody who is signed in.
pub struct Browser {
    agent: Agent,
    pub address: String,
    /// The session's cookie, as a header.
    pub cookie: String,
    /// What signs in, over and over.
    pub sign_in: Request,
}

pub fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

/// The cookie of this name that an answer sets.
fn cookie<B>(response: &ureq::http::Response<B>, name: &str) -> Option<String> {
    let set = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|value| value.split(';').next()).find(|pair| pair.starts_with(name)).map(str::to_owned)
}

/// A text as a form carries it.
fn encoded(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).unwrap_or_default().trim_start_matches('=').to_owned()
}

impl Browser {
    /// Signs in, and proves that the session is worth something.
    pub fn signed_in(address: &str, visitor: &Visitor) -> Outcome<Self> {
        let agent = agent();
        let mut page = agent.get(format!("{address}/login")).call()?;
        let form_cookie = cookie(&page, "clientele_sign_in").ok_or("the sign-in page set no cookie")?;
        let body = page.body_mut().read_to_string()?;
        let csrf = body
            .split_once(r#"name="csrf" value=""#)
            .and_then(|(_, rest)| rest.split('"').next())
            .ok_or("the sign-in page has no token")?;
        let form =
            format!("csrf={}&email={}&password={}", encoded(csrf), encoded(visitor.email), encoded(&visitor.password));
        let kind = "application/x-www-form-urlencoded";
        let answer = agent
            .post(format!("{address}/login"))
            .header("cookie", &form_cookie)
            .header("content-type", kind)
            .send(&form)?;
        let session = cookie(&answer, "clientele_session").ok_or("signing in gave no session")?;
        if answer.status() != 303 {
            return Err(format!("signing in answered {}", answer.status()).into());
        }
        let sign_in = Request {
            url: format!("{address}/login"),
            headers: vec![("Cookie".into(), form_cookie), ("Content-Type".into(), kind.into())],
            form: Some(form),
        };
        Ok(Self { agent, address: address.to_owned(), cookie: session, sign_in })
    }

    /// A page as a browser asks for it.
    pub fn request(&self, path: &str) -> Request {
        Request {
            url: format!("{}{path}", self.address),
            headers: vec![("Cookie".into(), self.cookie.clone()), ("Accept-Encoding".into(), "br".into())],
            form: None,
        }
    }

    /// A page's text.
    pub fn page(&self, path: &str) -> Outcome<String> {
        let mut answer = self.agent.get(format!("{}{path}", self.address)).header("cookie", &self.cookie).call()?;
        if answer.status() != 200 {
            return Err(format!("{path} answered {}", answer.status()).into());
        }
        Ok(answer.body_mut().read_to_string()?)
    }

    /// What a page weighs on the way, compressed with brotli, in bytes. The sign-in page is for those who aren't.
    pub fn weight(&self, path: &str) -> Outcome<usize> {
        let url = format!("{}{path}", self.address);
        let mut answer = match path {
            "/login" => agent().get(url).header("accept-encoding", "br").call()?,
            _ => self.agent.get(url).header("cookie", &self.cookie).header("accept-encoding", "br").call()?,
        };
        match answer.body_mut().read_to_vec()?.len() {
            0 => Err(format!("{path} is empty").into()),
            weight => Ok(weight),
        }
    }

    /// The style sheets, scripts and icons that a page asks for.
    pub fn files(&self, page: &str) -> Vec<String> {
        let mut files: Vec<String> = ["href=\"/assets/", "src=\"/assets/"]
            .iter()
            .flat_map(|begin| page.split(begin).skip(1))
            .filter_map(|rest| rest.split(['"', '#']).next())
            .map(|name| format!("/assets/{name}"))
            .collect();
        files.sort();
        files.dedup();
        files
    }

    /// What a call answers to a body, with this token.
    pub fn api_post(&self, path: &str, token: &str, body: &serde_json::Value) -> Outcome<serde_json::Value> {
        self.api_send(self.agent.post(format!("{}{path}", self.address)), path, token, body)
    }

    /// What a call answers that changes something.
    pub fn api_patch(&self, path: &str, token: &str, body: &serde_json::Value) -> Outcome<serde_json::Value> {
        self.api_send(self.agent.patch(format!("{}{path}", self.address)), path, token, body)
    }

    fn api_send(
        &self,
        request: ureq::RequestBuilder<ureq::typestate::WithBody>,
        path: &str,
        token: &str,
        body: &serde_json::Value,
    ) -> Outcome<serde_json::Value> {
        let request = request.header("authorization", format!("Bearer {token}"));
        let mut answer = request.header("content-type", "application/json").send(body.to_string())?;
        if answer.status() != 200 {
            return Err(format!("{path} answered {}", answer.status()).into());
        }
        Ok(answer.body_mut().read_json()?)
    }

    /// The answer of the API: status and JSON.
    pub fn api(&self, path: &str, token: &str) -> Outcome<serde_json::Value> {
        let url = format!("{}{path}", self.address);
        let mut answer = self.agent.get(url).header("authorization", format!("Bearer {token}")).call()?;
        if answer.status() != 200 {
            return Err(format!("{path} answered {}", answer.status()).into());
        }
        Ok(answer.body_mut().read_json()?)
    }
}
