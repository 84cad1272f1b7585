//! The chromedriver process, its session, and the calls to it.
//!
//! Knows the protocol's envelope and nothing of what is asked in it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::Options;

/// Where the two programs are.
pub(super) struct Programs {
    driver: PathBuf,
    browser: PathBuf,
}

/// Looks in the `PATH`; `None` when either is missing.
pub(super) fn find_programs() -> Option<Programs> {
    let path = std::env::var_os("PATH")?;
    let find = |names: &[&str]| {
        std::env::split_paths(&path)
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .find(|candidate| candidate.is_file())
    };
    Some(Programs {
        driver: find(&["chromedriver"])?,
        browser: find(&["chromium", "chromium-browser", "google-chrome"])?,
    })
}

/// A running chromedriver with one session; both end with this value.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    agent: ureq::Agent,
    session: String,
    pub(super) browser_process: Option<u64>,
    // Removed after the browser has ended: fields are dropped after `drop` has run.
    _profile: TempDir,
}

impl Driver {
    #[track_caller]
    pub(super) fn start(programs: &Programs, options: &Options) -> Self {
        let profile = tempfile::Builder::new()
            .prefix("entente-browser.")
            .tempdir()
            .expect("a temporary folder");
        let mut process = Command::new(&programs.driver)
            // The system picks a free port and the driver prints it: no two runs can meet.
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", programs.driver.display()));
        let port = printed_port(&mut process);
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                .proxy(None)
                .timeout_global(Some(Duration::from_secs(60)))
                .build(),
        );
        let mut driver = Self {
            process,
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            browser_process: None,
            _profile: profile,
        };
        let profile = driver._profile.path().display().to_string();
        let session = driver.call("", Some(&capabilities(programs, options, &profile)));
        let Some(id) = session["sessionId"].as_str() else {
            panic!("chromedriver opened no session: {session}");
        };
        driver.browser_process = session["capabilities"]["goog:processID"].as_u64();
        driver.session = format!("{}/{id}", driver.session);
        driver
    }

    #[track_caller]
    pub(super) fn get(&self, what: &str) -> Value {
        self.call(&format!("/{what}"), None)
    }

    #[track_caller]
    pub(super) fn post(&self, what: &str, body: &Value) -> Value {
        self.call(&format!("/{what}"), Some(body))
    }

    #[track_caller]
    fn call(&self, what: &str, body: Option<&Value>) -> Value {
        self.ask(what, body).unwrap_or_else(|refused| {
            let asked = body.map(ToString::to_string).unwrap_or_default();
            let Refused { code, message } = refused;
            panic!("the browser refused {what} {asked}: {code}: {message}");
        })
    }

    /// Like [`Self::get`], for a caller that can do with a refusal.
    #[track_caller]
    pub(super) fn try_get(&self, what: &str) -> Result<Value, Refused> {
        self.ask(&format!("/{what}"), None)
    }

    /// Like [`Self::post`], for a caller that can do with a refusal.
    #[track_caller]
    pub(super) fn try_post(&self, what: &str, body: &Value) -> Result<Value, Refused> {
        self.ask(&format!("/{what}"), Some(body))
    }

    #[track_caller]
    fn ask(&self, what: &str, body: Option<&Value>) -> Result<Value, Refused> {
        let address = format!("{}{what}", self.session);
        let answer = match body {
            Some(body) => self.agent.post(&address).send_json(body),
            None => self.agent.get(&address).call(),
        };
        // A long page's picture is larger than the limit that the client has by itself.
        let answer = answer.and_then(|mut answer| {
            answer
                .body_mut()
                .with_config()
                .limit(256 * 1024 * 1024)
                .read_json::<Value>()
        });
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(error) => panic!("chromedriver did not answer {what}: {error}"),
        };
        let value = answer["value"].take();
        match value["error"].as_str() {
            None => Ok(value),
            Some(code) => Err(Refused {
                code: code.to_owned(),
                message: value["message"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }
}

/// An error of the protocol, by its code.
pub(super) struct Refused {
    code: String,
    message: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let closed = self
            .agent
            .delete(&self.session)
            .config()
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .call()
            .is_ok();
        if let (false, Some(id)) = (closed, self.browser_process) {
            // The driver would have ended its browser; without it this is the only way.
            let _ = Command::new("kill").arg(id.to_string()).status();
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads the driver's greeting up to its port, and leaves a thread to swallow the rest.
fn printed_port(process: &mut Child) -> u16 {
    let output = process.stdout.take().expect("the output is piped");
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let port = line
            .split_once("started successfully on port ")
            .and_then(|(_, rest)| rest.trim_end_matches('.').parse().ok());
        if let Some(port) = port {
            std::thread::spawn(move || lines.for_each(drop));
            return port;
        }
        said.push(line);
    }
    panic!("chromedriver ended at its start: {}", said.join(" / "));
}

fn capabilities(programs: &Programs, options: &Options, profile: &str) -> Value {
    let mut arguments: Vec<String> = [
        "--headless=new",
        // The sandbox does not work for root, which a container's CI often is; the pages are our own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        // Nothing leaves the machine.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        "--force-prefers-reduced-motion",
        // Dates and numbers in the reader's zone must be the same everywhere.
        "--lang=en-US",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={profile}"));
    arguments.push(format!(
        "--window-size={},{}",
        options.width, options.height
    ));
    let mut chrome = json!({
        "binary": programs.browser.display().to_string(),
        "args": arguments,
    });
    if !options.javascript {
        chrome["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "acceptInsecureCerts": true,
        "goog:chromeOptions": chrome,
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "pageLoad": 30_000, "script": 10_000, "implicit": 0 },
    } } })
}
