//! A real browser: headless Chromium, driven through its WebDriver as a person would use it. Each has a driver and a
//! profile of its own, and is ended with the value that holds it, whatever becomes of the test.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use ureq::Agent;

/// How long something may take that the page does on its own.
const PATIENCE: Duration = Duration::from_secs(30);
/// The name of an element's id in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that have no letter (WebDriver, "Keyboard actions").
pub mod key {
    pub const TAB: char = '\u{e004}';
    pub const ENTER: char = '\u{e007}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const UP: char = '\u{e013}';
    pub const DOWN: char = '\u{e015}';
    pub const CONTROL: char = '\u{e009}';
    pub const SHIFT: char = '\u{e008}';
}

/// How a browser is started.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Whether pages may run scripts.
    pub scripts: bool,
    /// The window's width in CSS pixels.
    pub width: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Self { scripts: true, width: 1280 }
    }
}

/// A window of Chromium on a site.
pub struct Chromium {
    /// The guardian of the driver.
    driver: Child,
    agent: Agent,
    /// The address of the session at the driver.
    session: String,
    /// The address of the site.
    site: String,
    /// Chromium's profile; it goes after the browser.
    _profile: TempDir,
}

impl Chromium {
    /// Opens a window on this site.
    pub fn open(site: &str, setup: Setup) -> Self {
        let (driver_program, browser_program) = (installed(&["chromedriver"]), installed(&BROWSERS));
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new("sh")
            .args(["-c", GUARDIAN])
            .arg(driver_program)
            .env("HOME", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let port = port(&mut driver);
        let agent: Agent =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE * 4)).build().into();
        // From here on, a failure ends the driver, too.
        let mut chromium = Self {
            driver,
            agent,
            session: format!("http://127.0.0.1:{port}"),
            site: site.to_owned(),
            _profile: profile,
        };
        let id = chromium.begin(&browser_program, setup);
        chromium.session = format!("{}/session/{id}", chromium.session);
        chromium.resize(setup.width);
        chromium
    }

    fn begin(&self, program: &Path, setup: Setup) -> String {
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-prefers-reduced-motion",
            "--lang=en-US",
        ]
        .map(str::to_owned)
        .into();
        arguments.push(format!("--user-data-dir={}", self._profile.path().join("profile").display()));
        arguments.push(format!("--window-size={},900", setup.width));
        let scripts = if setup.scripts { 1 } else { 2 };
        let options = json!({
            "binary": program,
            "args": arguments,
            "prefs": {
                "profile.managed_default_content_settings.javascript": scripts,
                "credentials_enable_service": false,
                "profile.password_manager_leak_detection": false,
            },
        });
        let wanted =
            json!({"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let session = self.call("POST", "/session", Some(&json!({"capabilities": {"alwaysMatch": wanted}})));
        session["sessionId"].as_str().unwrap().to_owned()
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.try_call(method, path, body).unwrap_or_else(|fault| panic!("{method} {path}: {fault}"))
    }

    /// A command of the protocol: its value, or what went wrong.
    fn try_call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Value> {
        let url = format!("{}{path}", self.session);
        let sent = match (method, body) {
            ("POST", body) => self.agent.post(url).send_json(body.unwrap_or(&json!({}))),
            ("DELETE", _) => self.agent.delete(url).call(),
            _ => self.agent.get(url).call(),
        };
        let mut answer = sent.map_err(|fault| json!({"error": "no driver", "message": fault.to_string()}))?;
        let status = answer.status();
        let mut body: Value = answer.body_mut().read_json().unwrap();
        let value = body["value"].take();
        if status.is_success() { Ok(value) } else { Err(json!({"error": value["error"], "message": value["message"]})) }
    }

    /// Opens a page of the site.
    pub fn goto(&self, path: &str) {
        self.call("POST", "/url", Some(&json!({ "url": format!("{}{path}", self.site) })));
    }

    /// Path and query of the page that is open.
    pub fn path(&self) -> String {
        let url = self.call("GET", "/url", None);
        url.as_str().unwrap().trim_start_matches(&self.site).to_owned()
    }

    pub fn back(&self) {
        self.call("POST", "/back", None);
    }

    /// Makes the window as wide as so many CSS pixels.
    pub fn resize(&self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// The page as it is printed: a PDF.
    pub fn printed(&self) -> Vec<u8> {
        use base64::Engine;
        let pdf = self.call("POST", "/print", Some(&json!({})));
        base64::engine::general_purpose::STANDARD.decode(pdf.as_str().unwrap()).unwrap()
    }

    /// Shows the page as paper of this width would, until [`Self::show_as_seen`].
    pub fn show_as_printed(&self, width: i64) {
        self.devtools("Emulation.setEmulatedMedia", json!({"media": "print"}));
        let paper = json!({"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", paper);
    }

    pub fn show_as_seen(&self) {
        self.devtools("Emulation.setEmulatedMedia", json!({"media": ""}));
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}));
    }

    #[allow(clippy::needless_pass_by_value, reason = "written where it is called")]
    fn devtools(&self, command: &str, params: Value) {
        self.call("POST", "/goog/cdp/execute", Some(&json!({"cmd": command, "params": params})));
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.call("POST", "/cookie", Some(&json!({"cookie": {"name": name, "value": value}})));
    }

    pub fn forget_cookies(&self) {
        self.call("DELETE", "/cookie", None);
    }

    /// What a script of the test's own returns; no policy of the page applies to it.
    pub fn script(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", Some(&json!({"script": script, "args": []})))
    }

    /// What a script hands to the function that is its last argument.
    pub fn script_later(&self, script: &str) -> Value {
        self.call("POST", "/execute/async", Some(&json!({"script": script, "args": []})))
    }

    /// The elements that a CSS selector finds, or an XPath where it begins with `//`.
    fn find_all(&self, what: &str) -> Result<Vec<String>, Value> {
        let using = if what.starts_with("//") { "xpath" } else { "css selector" };
        let found = self.try_call("POST", "/elements", Some(&json!({"using": using, "value": what})))?;
        Ok(found.as_array().unwrap().iter().map(|one| one[ELEMENT].as_str().unwrap().to_owned()).collect())
    }

    pub fn count(&self, what: &str) -> usize {
        self.find_all(what).unwrap().len()
    }

    pub fn is_there(&self, what: &str) -> bool {
        self.count(what) > 0
    }

    /// Does something with an element as soon as it can be done.
    fn with(&self, what: &str, act: impl Fn(&str) -> Result<Value, Value>) -> Value {
        let begun = Instant::now();
        loop {
            let fault = match self.find_all(what) {
                Ok(found) => match found.first() {
                    Some(element) => match act(element) {
                        Ok(value) => return value,
                        Err(fault) => fault,
                    },
                    None => json!("there is none"),
                },
                Err(fault) => fault,
            };
            assert!(begun.elapsed() < PATIENCE, "{what} on {}: {fault}\n{}", self.path(), self.text("body"));
        }
    }

    /// Clicks it, once it is there and nothing lies over it.
    pub fn click(&self, what: &str) {
        self.with(what, |element| self.try_call("POST", &format!("/element/{element}/click"), None));
    }

    /// Types into a field after what it holds.
    pub fn type_into(&self, what: &str, text: &str) {
        let keys = json!({ "text": text });
        self.with(what, |element| self.try_call("POST", &format!("/element/{element}/value"), Some(&keys)));
    }

    /// Empties a field and types into it.
    pub fn fill(&self, what: &str, text: &str) {
        self.with(what, |element| self.try_call("POST", &format!("/element/{element}/clear"), None));
        self.type_into(what, text);
    }

    /// Chooses an option of a select by typing what it says, as a keyboard does: the driver's own clicks on options
    /// raise not all events that a person's do.
    pub fn choose(&self, select: &str, label: &str) {
        self.type_into(select, label);
        let chosen = format!("return document.querySelector({}).selectedOptions[0].textContent", json!(select));
        self.until(label, |page| page.script(&chosen) == label);
    }

    /// The text that a person sees of it, with single spaces.
    pub fn text(&self, what: &str) -> String {
        let Ok(found) = self.find_all(what) else { return String::new() };
        let Some(element) = found.first() else { return String::new() };
        let text = self.try_call("GET", &format!("/element/{element}/text"), None);
        let text = text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The texts of all of them, each on one line.
    pub fn texts(&self, what: &str) -> Vec<String> {
        let quoted = json!(what);
        let script = format!(
            "return [...document.querySelectorAll({quoted})].map((e) => e.textContent.trim().replace(/\\s+/g, ' '))"
        );
        self.script(&script).as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    /// A field's value.
    pub fn value(&self, what: &str) -> String {
        let value =
            self.with(what, |element| self.try_call("GET", &format!("/element/{element}/property/value"), None));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "it never came: {what}; on {}:\n{}", self.path(), self.text("body"));
        }
    }

    /// Waits for an element.
    pub fn wait_for(&self, what: &str) {
        self.until(what, |page| page.find_all(what).is_ok_and(|found| !found.is_empty()));
    }

    /// Waits for a page whose path fits.
    pub fn wait_for_path(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        self.until(what, |page| fits(&page.path()) && page.is_loaded());
        self.path()
    }

    /// Waits until the page says something.
    pub fn wait_for_text(&self, text: &str) {
        self.until(text, |page| page.text("body").contains(text));
    }

    fn is_loaded(&self) -> bool {
        self.try_call("POST", "/execute/sync", Some(&json!({"script": "return document.readyState", "args": []})))
            .is_ok_and(|state| state == "complete")
    }

    /// Presses keys one after the other, as a keyboard does, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            [json!({"type": "keyDown", "value": key.to_string()}), json!({"type": "keyUp", "value": key.to_string()})]
        });
        self.keyboard(&strokes.collect::<Vec<_>>());
    }

    /// Presses a key while another is held.
    pub fn press_with(&self, held: char, key: char) {
        let stroke = |kind: &str, key: char| json!({"type": kind, "value": key.to_string()});
        self.keyboard(&[stroke("keyDown", held), stroke("keyDown", key), stroke("keyUp", key), stroke("keyUp", held)]);
    }

    fn keyboard(&self, strokes: &[Value]) {
        let source = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.call("POST", "/actions", Some(&json!({ "actions": [source] })));
    }

    /// What the browser's console complains about since it was last asked: scripts that fail, what the content security
    /// policy refuses, files that are missing. That a page was refused, and said so with its status, is no complaint.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.call("POST", "/se/log", Some(&json!({"type": "browser"})));
        let serious =
            log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        let texts = serious.map(|entry| entry["message"].as_str().unwrap().to_owned());
        texts
            .filter(|text| text.contains("/assets/") || !text.contains("the server responded with a status of 4"))
            .collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The browser first, so that it can tidy up; then the guardian ends whatever is left.
        let _ = self.try_call("DELETE", "", None);
        drop(self.driver.stdin.take());
        let _ = self.driver.wait();
    }
}

/// Starts the driver and holds a pipe from this process. When that is closed, be it because this process was killed, it
/// ends the driver and the browser that the driver started.
const GUARDIAN: &str = "\"$0\" --port=0 & driver=$!
cat > /dev/null
kill -KILL $(cat /proc/$driver/task/*/children 2> /dev/null || pgrep -P $driver) $driver 2> /dev/null";

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The first of these programs that is on the path.
fn installed(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.find(|place| place.is_file()).unwrap_or_else(|| {
        panic!("The browser tests need Chromium and its driver: install the packages chromium and chromium-driver, as make test does.")
    })
}

/// Where the driver listens, as it tells when it is ready.
fn port(driver: &mut Child) -> u16 {
    let told = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let ready = told.take(20).find(|line| line.contains("started successfully on port")).expect("chromedriver starts");
    let digits: String = ready.rsplit("port ").next().unwrap().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
