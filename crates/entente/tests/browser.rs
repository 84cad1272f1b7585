//! The whole way in a real browser, on the binary itself: a report without an account and without
//! script, triage, verification, remediation, two goes, a valid CSAF document on the public site,
//! and the reporter who sees it. Takes the pictures of `docs/screenshots` on its way.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that drives a process from outside"
)]

use entente_documents::csaf::{Preset, Severity, v2_0};
use entente_testkit::browser::{Browser, Options, Scheme};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The demonstration, ended with the test.
struct Demo {
    child: Child,
    url: String,
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_entente"))
            .args(["demo", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines
            .find_map(|l| {
                let l = l.unwrap();
                let l = l.trim();
                (l.starts_with("http://") && !l.contains(' ')).then(|| l.to_owned())
            })
            .unwrap();
        for _ in 0..100 {
            if ureq::get(&url).call().is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        Self { child, url }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked, not killed: the demonstration removes its folder.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

/// Takes a picture; into `docs/screenshots` when it is to be written anew.
fn picture(b: &Browser, name: &str) {
    let folder = if std::env::var_os("ENTENTE_WRITE_SCREENSHOTS").is_some() {
        entente_testkit::data::project_root().join("docs/screenshots")
    } else {
        std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
    };
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.png"));
    b.screenshot(&path);
    assert!(std::fs::metadata(path).unwrap().len() > 10_000);
}

fn submit(b: &Browser, script: &str) {
    b.next_page(|| {
        b.execute(script);
    });
}

fn be(b: &Browser, demo: &Demo, name: &str) {
    b.goto(&demo.at("/console/sign-in"));
    submit(
        b,
        &format!(
            "[...document.querySelectorAll('form[action=\"/console/persona\"]')].find(f => f.textContent.includes('{name}') || (f.parentElement || f).textContent.includes('{name}')).requestSubmit()"
        ),
    );
    assert!(b.source().contains(name), "{name} is signed in");
}

/// Gives a command by its form on the case page.
fn give(b: &Browser, command: &str, fields: &[(&str, &str)]) {
    let fields = serde_json::to_string(fields).unwrap();
    submit(
        b,
        &format!(
            "const f = [...document.querySelectorAll('form[action$=\"/do/{command}\"]')].find(f => {fields}.every(([n]) => f.elements[n] !== undefined));
             if (!f) throw new Error('no form for {command}');
             for (const [n, v] of {fields}) {{ const e = f.elements[n]; if (e.type === 'checkbox') e.checked = v === '1'; else e.value = v; }}
             f.requestSubmit();"
        ),
    );
    let wrong: Vec<String> = b
        .find_all("p.errors")
        .iter()
        .map(|e| e.property("textContent").to_string())
        .collect();
    assert!(wrong.is_empty(), "{command}: {}", wrong.join(" "));
}

fn tick(b: &Browser, item: &str) {
    // `elements.item` is a function of the collection, so fields are asked for by name.
    submit(
        b,
        &format!(
            "const at = (f, n) => f.elements.namedItem(n);
             const f = [...document.querySelectorAll('form[action$=\"/do/tick_checklist\"]')].find(f => at(f, 'item') && at(f, 'done') && [...(at(f, 'item').options || [at(f, 'item')])].some(o => o.value === '{item}'));
             if (!f) throw new Error('no item {item}');
             at(f, 'item').value = '{item}';
             if (at(f, 'done').type === 'checkbox') at(f, 'done').checked = true;
             f.requestSubmit();"
        ),
    );
    assert!(b.find_all("p.errors").is_empty(), "tick {item}");
}

/// A stranger reports, without an account and without script; answers the page of the thread.
fn report(r: &Browser, demo: &Demo) -> String {
    r.goto(&demo.at("/report"));
    r.find("input[name=product]").type_text("EdgeGate");
    r.find("textarea[name=description]").type_text(
        "A long host name in the certificate overwrites the stack of the update client.",
    );
    r.find("main form button.primary").follow();
    let code = r.find("output.receipt-code").text();
    let letters = code.chars().filter(char::is_ascii_alphanumeric).count();
    assert_eq!(letters, 20, "{code}");
    picture(r, "receipt");
    r.goto(&demo.at("/report/status"));
    r.find("input[name=code]").type_text(&code);
    r.find("main form button.primary").follow();
    r.current_url()
}

/// An analyst takes the case from receipt to an advisory in review, with the first go.
fn analyse(b: &Browser) {
    give(
        b,
        "acknowledge",
        &[("body", "Thank you. A person has read your report.")],
    );
    give(b, "start_verification", &[]);
    give(
        b,
        "record_verification",
        &[
            ("environment", "Lab 3"),
            ("build", "4.2.1"),
            ("steps", "Sent the certificate; it crashed."),
            ("verdict", "confirmed"),
        ],
    );
    give(
        b,
        "score",
        &[("vector", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")],
    );
    give(
        b,
        "assess_priority",
        &[
            ("exploitation", "none"),
            ("utility", "efficient"),
            ("technical_impact", "total"),
            ("public_safety", "minimal"),
        ],
    );
    give(b, "set_weakness", &[("cwe", "CWE-787")]);
    give(
        b,
        "set_affected",
        &[
            ("versions", "4.2.1"),
            ("status", "affected"),
            ("fixed_versions", "4.2.2"),
        ],
    );
    give(
        b,
        "send_to_reporter",
        &[
            ("purpose", "verification_result"),
            ("body", "We can confirm what you found."),
        ],
    );
    tick(b, "supported");
    tick(b, "other_vendors");
    give(b, "start_remediation", &[]);
    give(
        b,
        "decide_remediation",
        &[
            ("remedy", "patch"),
            ("description", "Update to 4.2.2."),
            ("rationale", "It removes the cause."),
        ],
    );
    give(b, "produce_remediation", &[("artefact", "build 4.2.2")]);
    give(
        b,
        "test_remediation",
        &[("platform", "EdgeGate rev B"), ("passed", "1")],
    );
    give(
        b,
        "make_available",
        &[("url", "https://alder.example/edgegate/4.2.2")],
    );
    tick(b, "regression");
    picture(b, "case");
    give(b, "prepare_release", &[("path", "product")]);
    give(
        b,
        "draft_advisory",
        &[
            ("title", "Stack overflow in the update client of EdgeGate"),
            (
                "summary",
                "A crafted certificate overwrites the stack of the update client.",
            ),
            (
                "description",
                "The update client copies the host name of a certificate without a bound.",
            ),
            (
                "impact",
                "An attacker in the network runs code on the gateway.",
            ),
        ],
    );
    tick(b, "fix_reachable");
    give(b, "submit_advisory", &[]);
    give(b, "give_go", &[]);
}

#[test]
fn browser_walks_the_whole_way() {
    let no_script = Options {
        javascript: false,
        ..Options::default()
    };
    let (Some(reporter), Some(staff)) = (
        Browser::open(&no_script),
        Browser::open(&Options::default()),
    ) else {
        return;
    };
    let demo = Demo::start();
    let thread = report(&reporter, &demo);

    let b = &staff;
    be(b, &demo, "Ben Osei");
    b.goto(&demo.at("/console"));
    picture(b, "inbox");
    b.set_scheme(Scheme::Dark);
    b.reload();
    picture(b, "inbox-dark");
    b.set_scheme(Scheme::Light);
    b.goto(&demo.at("/console/cases"));
    b.find("tbody tr a").follow();
    let case = b.current_url();
    analyse(b);
    b.goto(&demo.at("/console/board"));
    picture(b, "clocks");
    // A flaw in a component: what has it, and whom does it reach?
    b.goto(&demo.at("/console/affected?component=lattice-tls&versions=%3C3.4.2"));
    assert!(b.source().contains("3 products, 6 versions affected"));
    picture(b, "affected");
    b.goto(&demo.at("/console/watch"));
    assert!(b.source().contains("CVE-2026-990102"));
    picture(b, "watch");
    b.goto(&demo.at("/console/watch/sources"));
    picture(b, "sources");
    b.goto(&demo.at("/console/products"));
    b.find("tbody tr a").follow();
    picture(b, "product");

    // Legal looks at it once a lead has made them a member; two people give their go.
    be(b, &demo, "Ada Lind");
    b.goto(&case);
    submit(
        b,
        "const f = document.querySelector('form[action$=\"/do/add_member\"]');
         f.elements.user.value = [...f.elements.user.options].find(o => o.text.includes('Chiara')).value;
         f.elements.reason.value = 'Legal review';
         f.requestSubmit();",
    );
    be(b, &demo, "Chiara Neri");
    b.goto(&case);
    give(b, "legal_review", &[("approved", "1")]);
    be(b, &demo, "Ada Lind");
    b.goto(&case);
    give(b, "give_go", &[]);
    give(b, "publish", &[]);

    // The public finds a page and a valid, signed document.
    b.goto(&demo.at("/advisories"));
    b.find("main a[href*='/advisories/ALD-']").follow();
    assert!(
        b.source()
            .contains("Stack overflow in the update client of EdgeGate")
    );
    picture(b, "advisory");
    let path = b.find("a[href$='.json']").attr("href").unwrap();
    let mut answer = ureq::get(demo.at(&path)).call().unwrap();
    let document = answer.body_mut().read_to_vec().unwrap();
    let errors: Vec<_> = v2_0::validate(&document, Preset::Mandatory)
        .findings
        .into_iter()
        .filter(|f| f.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut signature = ureq::get(demo.at(&format!("{path}.asc"))).call().unwrap();
    let signature = signature.body_mut().read_to_string().unwrap();
    assert!(signature.contains("BEGIN PGP SIGNATURE"));

    // The reporter has seen every step.
    reporter.goto(&thread);
    let page = reporter.source();
    for words in [
        "A person has read your report",
        "We can confirm what you found",
        "ALD-",
    ] {
        assert!(page.contains(words), "the thread lacks: {words}");
    }
    picture(&reporter, "thread");
}
