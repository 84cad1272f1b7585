//! A headless Chromium for browser tests, driven over the W3C WebDriver protocol.
//!
//! Every call fails the test with what was asked and what the browser answered; nothing is retried silently but
//! [`Browser::wait_for`]. The browser starts with an empty profile and ends with the value.

mod driver;
mod keys;

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use driver::Driver;

use crate::skip;

/// How the page wants to be seen, as `prefers-color-scheme` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How a browser is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Width of the page in CSS pixels.
    pub width: u32,
    /// Height of the page in CSS pixels.
    pub height: u32,
    /// Whether pages may run scripts; [`Browser::execute`] works either way.
    pub javascript: bool,
    /// Light or dark.
    pub scheme: Scheme,
}

/// The size that the console is designed for, with scripts, light.
impl Default for Options {
    fn default() -> Self {
        Self {
            width: 1440,
            height: 900,
            javascript: true,
            scheme: Scheme::Light,
        }
    }
}

/// An open browser with one page.
#[derive(Debug)]
pub struct Browser {
    driver: Driver,
}

impl Browser {
    /// Opens a browser; `None` when the machine has none: the test has been named as skipped and returns.
    ///
    /// # Panics
    ///
    /// Where it does not start, or there is none and `CI` is set.
    #[must_use]
    #[track_caller]
    pub fn open(options: &Options) -> Option<Self> {
        let Some(programs) = driver::find_programs() else {
            skip::missing(
                "Chromium with its chromedriver",
                "install it with ./test --install",
            );
            return None;
        };
        let browser = Self {
            driver: Driver::start(&programs, options),
        };
        browser.resize(options.width, options.height);
        browser.set_scheme(options.scheme);
        Some(browser)
    }

    /// Goes to an address and waits until the page has loaded.
    #[track_caller]
    pub fn goto(&self, url: &str) {
        self.driver.post("url", &json!({ "url": url }));
    }

    /// Loads the page again.
    #[track_caller]
    pub fn reload(&self) {
        self.driver.post("refresh", &json!({}));
    }

    /// Goes back one page.
    #[track_caller]
    pub fn back(&self) {
        self.driver.post("back", &json!({}));
    }

    /// The address of the page.
    #[must_use]
    #[track_caller]
    pub fn current_url(&self) -> String {
        text_of(&self.driver.get("url"))
    }

    /// The title of the page.
    #[must_use]
    #[track_caller]
    pub fn title(&self) -> String {
        text_of(&self.driver.get("title"))
    }

    /// The page as HTML, as it stands now.
    #[must_use]
    #[track_caller]
    pub fn source(&self) -> String {
        text_of(&self.driver.get("source"))
    }

    /// The first element that the CSS selector names.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[must_use]
    #[track_caller]
    pub fn find(&self, css: &str) -> Element<'_> {
        match self.find_all(css).into_iter().next() {
            Some(element) => element,
            None => panic!("nothing matches `{css}` on {}", self.current_url()),
        }
    }

    /// All elements that the CSS selector names, in the order of the document.
    #[must_use]
    #[track_caller]
    pub fn find_all(&self, css: &str) -> Vec<Element<'_>> {
        let found = self.driver.post(
            "elements",
            &json!({ "using": "css selector", "value": css }),
        );
        let ids = found.as_array().into_iter().flatten();
        ids.filter_map(element_id)
            .map(|id| Element { browser: self, id })
            .collect()
    }

    /// Whether the CSS selector names anything.
    #[must_use]
    #[track_caller]
    pub fn has(&self, css: &str) -> bool {
        !self.find_all(css).is_empty()
    }

    /// The first element that the CSS selector names, once there is one.
    ///
    /// # Panics
    ///
    /// Where there is none within `timeout`.
    #[track_caller]
    pub fn wait_for(&self, css: &str, timeout: Duration) -> Element<'_> {
        let until = Instant::now() + timeout;
        loop {
            if let Some(element) = self.find_all(css).into_iter().next() {
                return element;
            }
            assert!(
                Instant::now() < until,
                "nothing matched `{css}` within {timeout:?} on {}",
                self.current_url()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Does what leads to another page (a click on a link, `Enter` in a form) and waits until that page has loaded.
    ///
    /// The browser answers a click before a form's page begins to load: what is read right after it may still be
    /// the old page.
    ///
    /// # Panics
    ///
    /// Where no other page has loaded within ten seconds.
    #[track_caller]
    pub fn next_page(&self, action: impl FnOnce()) {
        let before = self.find("html");
        let before = format!("element/{}/name", before.id);
        let address = self.current_url();
        action();
        let until = Instant::now() + Duration::from_secs(10);
        // The root of a page that has been left is known no more. Either question may be refused in between.
        let ready = json!({ "script": "return document.readyState", "args": [] });
        while self.driver.try_get(&before).is_ok()
            || self
                .driver
                .try_post("execute/sync", &ready)
                .map_or(true, |state| state != "complete")
        {
            assert!(Instant::now() < until, "no other page followed {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The element that has the keyboard focus.
    #[must_use]
    #[track_caller]
    pub fn focused(&self) -> Element<'_> {
        let found = self.driver.get("element/active");
        match element_id(&found) {
            Some(id) => Element { browser: self, id },
            None => panic!("no element has the focus: {found}"),
        }
    }

    /// Presses keys where the focus is: words such as `j`, `?`, `Enter`, `Escape`, `ctrl-k`, `shift-Tab`, one after
    /// the other.
    ///
    /// # Panics
    ///
    /// Where a word names no key.
    #[track_caller]
    pub fn keys(&self, words: &str) {
        let actions = keys::actions(words).unwrap_or_else(|error| panic!("{error}"));
        self.driver.post(
            "actions",
            &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }),
        );
    }

    /// Runs a script in the page, as the body of a function, and answers what it returns.
    #[track_caller]
    pub fn execute(&self, script: &str) -> Value {
        self.driver
            .post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Writes what the page shows to a PNG file.
    ///
    /// # Panics
    ///
    /// Where the file cannot be written.
    #[track_caller]
    pub fn screenshot(&self, path: impl AsRef<Path>) {
        let png = base64::engine::general_purpose::STANDARD
            .decode(text_of(&self.driver.get("screenshot")))
            .expect("the driver answers base64");
        let path = path.as_ref();
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        if let Err(error) = std::fs::write(path, png) {
            panic!("cannot write {}: {error}", path.display());
        }
    }

    /// Gives the page this size in CSS pixels.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// Shows the page light or dark; motion stays reduced.
    #[track_caller]
    pub fn set_scheme(&self, scheme: Scheme) {
        self.cdp(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme.name() },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] }),
        );
    }

    /// A command of the Chrome DevTools protocol, such as `Accessibility.getFullAXTree`.
    #[track_caller]
    pub fn cdp(&self, command: &str, parameters: &Value) -> Value {
        self.driver.post(
            "goog/cdp/execute",
            &json!({ "cmd": command, "params": parameters }),
        )
    }

    /// What the console of the page has said since the last call: script errors, refused content, failed loads.
    #[must_use]
    #[track_caller]
    pub fn console(&self) -> Vec<String> {
        let lines = self.driver.post("se/log", &json!({ "type": "browser" }));
        let lines = lines.as_array().into_iter().flatten();
        lines.map(|line| text_of(&line["message"])).collect()
    }
}

/// An element of the page of a [`Browser`].
#[derive(Debug)]
pub struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

impl Element<'_> {
    /// The text that a reader sees.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> String {
        text_of(&self.get("text"))
    }

    /// The value of the attribute; `None` when the element does not have it.
    #[must_use]
    #[track_caller]
    pub fn attr(&self, name: &str) -> Option<String> {
        match self.get(&format!("attribute/{name}")) {
            Value::Null => None,
            value => Some(text_of(&value)),
        }
    }

    /// The value of the property, such as `value` or `checked`, as it stands now.
    #[must_use]
    #[track_caller]
    pub fn property(&self, name: &str) -> Value {
        self.get(&format!("property/{name}"))
    }

    /// The computed value of the CSS property.
    #[must_use]
    #[track_caller]
    pub fn css(&self, name: &str) -> String {
        text_of(&self.get(&format!("css/{name}")))
    }

    /// The name by which assistive technology calls the element.
    #[must_use]
    #[track_caller]
    pub fn label(&self) -> String {
        text_of(&self.get("computedlabel"))
    }

    /// Whether a reader sees it.
    #[must_use]
    #[track_caller]
    pub fn is_displayed(&self) -> bool {
        self.get("displayed") == Value::Bool(true)
    }

    /// Clicks it and waits until the page that it leads to has loaded, as [`Browser::next_page`] does.
    #[track_caller]
    pub fn follow(&self) {
        self.browser.next_page(|| self.click());
    }

    /// Clicks it. For what leads to another page use [`Self::follow`].
    #[track_caller]
    pub fn click(&self) {
        self.post("click", &json!({}));
    }

    /// Empties a field.
    #[track_caller]
    pub fn clear(&self) {
        self.post("clear", &json!({}));
    }

    /// Types the text into a field, or gives a file field its path.
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        self.post("value", &json!({ "text": text }));
    }

    #[track_caller]
    fn get(&self, what: &str) -> Value {
        self.browser
            .driver
            .get(&format!("element/{}/{what}", self.id))
    }

    #[track_caller]
    fn post(&self, what: &str, body: &Value) -> Value {
        self.browser
            .driver
            .post(&format!("element/{}/{what}", self.id), body)
    }
}

fn element_id(value: &Value) -> Option<String> {
    let id = value.as_object()?.values().next()?.as_str()?;
    Some(id.to_owned())
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
