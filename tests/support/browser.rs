//! A real browser for tests: Chromium without a window, driven through ChromeDriver.

use std::env;
use std::fmt::Debug;
use std::future::Future;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use url::{ParseError, Url};

/// Longer than any step of a test takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The flags for Chromium without a display and a network.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser with a window of its own, and its driver.
pub(crate) struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Child,
    /// The profile folder of the browser.
    _profile: TempDir,
}

impl Browser {
    /// A browser with a window of this size in pixels. `None`, and a line that says so, where Chromium or
    /// ChromeDriver is missing.
    pub(crate) fn start(width: u32, height: u32) -> Option<Self> {
        let (chromium, chromedriver) = (found("chromium"), found("chromedriver"));
        let (Some(chromium), Some(chromedriver)) = (chromium, chromedriver) else {
            // Not by `eprintln`, which a passing test hides.
            let mut stderr = io::stderr();
            let _ = writeln!(
                stderr,
                "SKIPPED, nothing was checked: there is no chromium and chromedriver"
            );
            return None;
        };
        let mut driver = Command::new(chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let port = port(&mut driver);

        let profile = TempDir::new().expect("a folder");
        let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        flags.push(format!("--window-size={width},{height}"));
        let options = json!({ "binary": chromium, "args": flags });
        let capabilities = json!({
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "unhandledPromptBehavior": "ignore",
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };

        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let client = runtime.block_on(patiently(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities);
            builder.connect(&format!("http://127.0.0.1:{port}")).await
        }));
        let browser = Self { runtime, client, driver, _profile: profile };
        // Discards the log of the page that a new window shows.
        browser.wait(browser.client.goto("about:blank"));
        browser.requests();
        Some(browser)
    }

    /// Waits for a step.
    fn wait<T>(&self, step: impl Future<Output = Result<T, impl Debug>>) -> T {
        self.runtime.block_on(patiently(step))
    }

    /// Opens a file from the disk and waits until it is drawn.
    pub(crate) fn open(&self, file: &Path, address: &str) {
        let url = format!("file://{}{address}", file.display());
        self.wait(self.client.goto(&url));
        self.wait_until("document.documentElement.dataset.drawn !== undefined");
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&self, expression: &str) -> Value {
        self.wait(self.client.execute(&format!("return {expression}"), Vec::new()))
    }

    /// Waits until an expression in the page is true.
    pub(crate) fn wait_until(&self, expression: &str) {
        let start = Instant::now();
        while self.value(&format!("Boolean({expression})")) != json!(true) {
            assert!(start.elapsed() < PATIENCE, "never true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The texts of all elements that a selector finds.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let texts =
            format!("[...document.querySelectorAll({selector:?})].map((e) => e.textContent)");
        serde_json::from_value(self.value(&texts)).expect("strings")
    }

    /// Clicks the middle of the first element that a selector finds.
    pub(crate) fn click(&self, selector: &str) {
        self.wait(async { self.client.find(Locator::Css(selector)).await?.click().await });
    }

    /// Presses keys, one after another, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        self.wait(async { self.client.active_element().await?.send_keys(keys).await });
    }

    /// Runs a command of the DevTools protocol.
    pub(crate) fn devtools(&self, method: &str, parameters: &Value) -> Value {
        let body = json!({ "cmd": method, "params": parameters });
        self.wait(self.client.issue_cmd(Post { path: "goog/cdp/execute", body }))
    }

    /// Warnings and errors of the console since the last call.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let is_bad = |entry: &Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        let log = self.log("browser");
        log.iter().filter(|entry| is_bad(entry)).map(Value::to_string).collect()
    }

    /// Every requested address since the last call, without the images of the browser's own controls.
    pub(crate) fn requests(&self) -> Vec<String> {
        let events = self.log("performance").into_iter().filter_map(|entry| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &event["message"];
            let asked = message["method"] == "Network.requestWillBeSent";
            asked.then(|| message["params"]["request"]["url"].as_str().map(str::to_owned))?
        });
        events.filter(|url| !url.starts_with("data:image/")).collect()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        let body = json!({ "type": kind });
        let log = self.wait(self.client.issue_cmd(Post { path: "se/log", body }));
        log.as_array().cloned().expect("a list")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // If this fails, the test has already failed.
        let client = self.client.clone();
        let _ = self.runtime.block_on(async { timeout(PATIENCE, client.close()).await });
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A step with a time limit.
async fn patiently<T>(step: impl Future<Output = Result<T, impl Debug>>) -> T {
    timeout(PATIENCE, step).await.expect("an answer in time").expect("no error")
}

/// The port that the driver prints.
fn port(driver: &mut Child) -> u16 {
    let output = BufReader::new(driver.stdout.take().expect("it is piped"));
    let port = output.lines().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    port.expect("chromedriver says its port")
}

/// A program on the search path.
fn found(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A command outside the WebDriver standard.
#[derive(Debug)]
struct Post {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
