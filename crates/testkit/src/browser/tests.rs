//! The browser against a small page of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

use super::*;

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>Small page</title>
<style>:root{color-scheme:light dark} body{background:#ffffff} @media (prefers-color-scheme:dark){body{background:#101010}}
@media (prefers-reduced-motion:reduce){p{letter-spacing:3px}}</style></head>
<body><h1 class="plain">Plain</h1><p data-kind="note">Words</p>
<form action="/sent"><label>Name <input name="name"></label><button>Send</button></form>
<script>document.querySelector('h1').textContent='Enhanced';
addEventListener('keydown',e=>{if(e.ctrlKey&&e.key==='k'){e.preventDefault();setTimeout(()=>{
const d=document.createElement('div');d.id='palette';d.textContent='Palette';document.body.append(d)},100)}});
console.error('said by the page')</script></body></html>"#;

/// Serves the page at every address until the test process ends.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = BufReader::new(&stream).lines().map_while(Result::ok);
            let _ = request.take_while(|line| !line.is_empty()).count();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
                PAGE.len()
            );
        }
    });
    format!("http://{address}")
}

#[test]
fn browser_reads_fills_and_sends_a_page() {
    let Some(browser) = Browser::open(&Options::default()) else {
        return;
    };
    let url = serve();
    browser.goto(&url);
    assert_eq!(browser.title(), "Small page");
    assert_eq!(browser.find("h1").text(), "Enhanced");
    assert_eq!(browser.find("p").attr("data-kind").as_deref(), Some("note"));
    assert_eq!(browser.find("p").attr("absent"), None);
    assert_eq!(browser.find("input").label(), "Name");
    assert!(
        browser
            .console()
            .iter()
            .any(|line| line.contains("said by the page"))
    );
    assert_eq!(
        browser.execute("return [innerWidth, innerHeight]"),
        json!([1440, 900])
    );

    assert!(!browser.has("#palette"));
    browser.keys("ctrl-k");
    let palette = browser.wait_for("#palette", Duration::from_secs(5));
    assert_eq!(palette.text(), "Palette");

    let field = browser.find("input");
    field.type_text("Ada");
    assert_eq!(field.property("value"), json!("Ada"));
    assert_eq!(browser.focused().attr("name").as_deref(), Some("name"));
    browser.next_page(|| browser.keys("Enter"));
    assert_eq!(browser.current_url(), format!("{url}/sent?name=Ada"));
    browser.back();
    browser.find("button").follow();
    assert!(browser.current_url().contains("/sent"));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let picture = folder.path().join("new/page.png");
    browser.screenshot(&picture);
    let bytes = std::fs::read(picture).expect("it was written");
    assert!(bytes.starts_with(b"\x89PNG"));
}

#[test]
fn browser_shows_dark_and_light_and_reduces_motion() {
    let options = Options {
        scheme: Scheme::Dark,
        width: 800,
        height: 600,
        ..Options::default()
    };
    let Some(browser) = Browser::open(&options) else {
        return;
    };
    browser.goto(&serve());
    assert_eq!(
        browser.find("body").css("background-color"),
        "rgba(16, 16, 16, 1)"
    );
    assert_eq!(browser.find("p").css("letter-spacing"), "3px");
    browser.set_scheme(Scheme::Light);
    assert_eq!(
        browser.find("body").css("background-color"),
        "rgba(255, 255, 255, 1)"
    );
}

#[test]
fn browser_without_scripts_runs_none_and_still_sends_forms() {
    let options = Options {
        javascript: false,
        ..Options::default()
    };
    let Some(browser) = Browser::open(&options) else {
        return;
    };
    browser.goto(&serve());
    assert_eq!(browser.find("h1").text(), "Plain");
    browser.find("input").type_text("Ada");
    browser.find("button").follow();
    assert!(browser.current_url().ends_with("/sent?name=Ada"));
    assert!(browser.source().contains("Small page"));
}

#[test]
#[should_panic(expected = "no other page followed")]
fn browser_does_not_take_a_page_that_stays_for_the_next() {
    let Some(browser) = Browser::open(&Options::default()) else {
        panic!("no other page followed: skipped");
    };
    browser.goto(&serve());
    browser.find("p").follow();
}

#[test]
#[should_panic(expected = "nothing matches `#absent`")]
fn browser_says_what_it_did_not_find() {
    let Some(browser) = Browser::open(&Options::default()) else {
        panic!("nothing matches `#absent`: skipped");
    };
    browser.goto("data:text/html,<p>Words");
    let _ = browser.find("#absent");
}

#[test]
fn browser_ends_with_its_value() {
    let Some(browser) = Browser::open(&Options::default()) else {
        return;
    };
    let process = browser.driver.browser_process.expect("the driver tells it");
    let alive = || Path::new(&format!("/proc/{process}/exe")).exists();
    assert!(alive());
    drop(browser);
    let until = Instant::now() + Duration::from_secs(5);
    while alive() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!alive(), "process {process} outlived its browser");
}
