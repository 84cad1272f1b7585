//! What people write stands nowhere on the disk, in no log and in no argument: not while the server works, not after it
//! was killed in the middle of an upload, not in a backup.

use crate::{NO_LIMITS, binary};
use entente_harness::figures::Table;
use entente_harness::form::{self, Form};
use entente_harness::http::connect;
use entente_harness::instance::{Instance, PASSWORD, Server};
use entente_harness::plan::{number, seeded, word};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Fields whose content is a secret; each gets a word that occurs nowhere else.
const FIELDS: [&str; 16] = [
    "title",
    "description",
    "product",
    "tags",
    "reporter name",
    "reporter mail",
    "organisation",
    "file name",
    "file content",
    "message of the reporter",
    "comment",
    "reason of a decision",
    "searched word",
    "wrong password",
    "unknown account",
    "malformed input",
];

#[test]
fn no_file_log_or_argument_holds_what_people_wrote() {
    let Some(binary) = binary() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let settings = format!("trusted_proxies = [\"127.0.0.1\"]\n{NO_LIMITS}");
    let instance = Instance::new(&binary, &settings)
        .environment("RUST_LOG", "trace")
        .environment("RUST_BACKTRACE", "full")
        .environment("TMPDIR", scratch.path().to_str().unwrap());
    instance.account(
        "Ann Analyst",
        "ann@example.org",
        "lead,analyst,administrator",
    );
    let mut random = seeded(7);
    let mut canaries: BTreeMap<String, String> = FIELDS
        .iter()
        .map(|field| ((*field).to_owned(), format!("canary{}", word(&mut random))))
        .collect();
    let mut server = instance.start();
    let token = server.token("ann@example.org");
    let seconds = Duration::from_secs(number("SECONDS", 15));
    let (began, mut rounds) = (Instant::now(), 0);
    while began.elapsed() < seconds {
        let receipt = everything(&server, &token, &canaries, rounds);
        canaries.insert(format!("receipt code {rounds}"), receipt);
        rounds += 1;
    }
    let found = look(&instance, &server, &canaries, scratch.path());
    assert_eq!(found, Vec::<String>::new(), "while the server works");

    // Killed in the middle of an upload whose bytes are on their way to the disk.
    let content = canaries["file content"].repeat(40_000);
    let upload = Form::new()
        .text("product", &canaries["product"])
        .file(&canaries["file name"], content.as_bytes())
        .unfinished();
    let mut stream = connect(server.address).unwrap();
    let head = format!(
        "POST /report HTTP/1.1\r\nhost: x\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
        form::content_type(),
        upload.len() * 2
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&upload).unwrap();
    let attachments = instance.data().join("attachments");
    let part = |folder: &Path| files(folder).iter().any(|file| file.extension().is_some());
    let waited = Instant::now();
    while !part(&attachments) && waited.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(part(&attachments), "the upload did not reach the disk");
    server.kill();
    server = instance.start();
    let archive = instance.beside("archive");
    instance.succeed(&["backup", archive.to_str().unwrap()], "");
    instance.succeed(&["restore", "--test", archive.to_str().unwrap()], "");
    everything(&server, &token, &canaries, rounds);
    canaries.insert("token".to_owned(), token);
    canaries.insert("password".to_owned(), PASSWORD.to_owned());
    let found = look(&instance, &server, &canaries, scratch.path());

    let (files, bytes) = weigh(&instance, scratch.path());
    let mut table = Table::new("Canaries");
    table.row("secrets looked for", canaries.len());
    table.row("rounds of mixed work", rounds + 1);
    table.row("files searched", files);
    table.row("bytes searched", bytes);
    table.row("found", found.len());
    table.print();
    assert_eq!(found, Vec::<String>::new(), "after a kill and a backup");
    assert!(bytes > 200_000, "there was hardly anything to search");
}

/// One of everything, right and wrong. Gives a receipt code.
fn everything(
    server: &Server,
    token: &str,
    canaries: &BTreeMap<String, String>,
    round: u64,
) -> String {
    let of = |field: &str| canaries[field].as_str();
    let mut client = server.client().with("x-forwarded-for", "203.0.113.77");
    let name = format!("{}.txt", of("file name"));
    let sent = Form::new()
        .text("title", of("title"))
        .text("product", of("product"))
        .text("description", of("description"))
        .text("tracking_ids", of("tags"))
        .text("name", of("reporter name"))
        .text("mail", &format!("{}@reporter.example", of("reporter mail")))
        .text("organisation", of("organisation"))
        .file(&name, of("file content").repeat(100).as_bytes());
    let page = client
        .post("/report", &form::content_type(), &sent.clone().body())
        .unwrap();
    let (receipt, _) = form::receipt(&page).unwrap_or_else(|| panic!("{}", page.text()));
    let authorization = format!("Receipt {receipt}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
    ];
    let message = json!({ "body": of("message of the reporter") }).to_string();
    let answer = client
        .send(
            "POST",
            "/api/v1/reports/thread",
            &headers,
            message.as_bytes(),
        )
        .unwrap();
    assert_eq!(answer.status, 204);

    let mut staff = server
        .client()
        .with("authorization", &format!("Bearer {token}"));
    let cases = staff
        .get(&format!("/api/v1/search?q={}", of("title")))
        .unwrap()
        .json();
    let case = cases["items"][0]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("not found: {cases}"));
    let commands = format!("/api/v1/cases/{case}/commands");
    for command in [
        json!({ "command": "comment", "audience": "internal", "body": of("comment") }),
        json!({ "command": "set_priority", "priority": (["defer", "scheduled"][usize::try_from(round % 2).unwrap()]), "reason": of("reason of a decision") }),
        json!({ "command": "set_title", "title": format!("{} {round}", of("title")) }),
    ] {
        let answer = staff.post_json(&commands, &command).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    staff
        .get(&format!("/api/v1/search?q={}", of("searched word")))
        .unwrap();

    // And what is wrong: nothing of it may be told to a log.
    let bad = of("malformed input");
    let urlencoded = "application/x-www-form-urlencoded";
    for fields in [
        format!("name=ann%40example.org&password={}", of("wrong password")),
        format!(
            "name={}%40example.org&password={}",
            of("unknown account"),
            of("wrong password")
        ),
        format!("{bad}=%ff&name={bad}"),
    ] {
        client
            .post("/console/sign-in", urlencoded, fields.as_bytes())
            .unwrap();
    }
    for body in [
        format!("{{\"{bad}\": "),
        format!("{{\"form\":{{\"{bad}\":1}}}}"),
        format!("{{\"form\":{{\"product\":\"{bad}\",\"product\":\"{bad}\"}}}}"),
        format!("{{\"command\":\"{bad}\"}}"),
    ] {
        for path in ["/api/v1/reports", commands.as_str()] {
            let answer = staff
                .post(path, "application/json", body.as_bytes())
                .unwrap();
            assert!(
                (400..500).contains(&answer.status),
                "{body}: {}",
                answer.status
            );
        }
    }
    let cut = sent.file(&name, bad.repeat(1_000).as_bytes()).unfinished();
    client.post("/report", &form::content_type(), &cut).unwrap();
    let unknown = Form::new().text(bad, bad).body();
    client
        .post("/report", &form::content_type(), &unknown)
        .unwrap();
    for path in [
        format!("/api/v1/cases/{bad}"),
        format!("/{bad}?{bad}={bad}"),
        format!("/api/v1/cases?{bad}={bad}"),
        format!("/console/welcome/{bad}"),
    ] {
        staff.get(&path).unwrap();
    }
    receipt
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Everything that may be searched: the data, the log, the archive, the ledgers of none, what was temporary.
fn everywhere(instance: &Instance, scratch: &Path) -> Vec<PathBuf> {
    let beside = instance.data().join("..");
    files(&beside).into_iter().chain(files(scratch)).collect()
}

fn weigh(instance: &Instance, scratch: &Path) -> (usize, u64) {
    let all = everywhere(instance, scratch);
    let bytes = all
        .iter()
        .filter_map(|file| file.metadata().ok())
        .map(|m| m.len())
        .sum();
    (all.len(), bytes)
}

/// Which secrets stand where.
fn look(
    instance: &Instance,
    server: &Server,
    canaries: &BTreeMap<String, String>,
    scratch: &Path,
) -> Vec<String> {
    let mut all = everywhere(instance, scratch);
    all.push(server.process().join("cmdline"));
    let mut secrets: Vec<(String, String)> = canaries
        .iter()
        .map(|(field, canary)| (field.clone(), canary.to_lowercase()))
        .collect();
    secrets.push((
        "address of the client".to_owned(),
        "203.0.113.77".to_owned(),
    ));
    let mut found = Vec::new();
    for path in all {
        // Files come and go while the server works.
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for (field, secret) in &secrets {
            // A mail that waits for its server is addressed to whom it goes.
            let addressed =
                field == "reporter mail" && path.extension().is_some_and(|end| end == "eml");
            if !addressed && text.contains(secret) {
                found.push(format!("{field} in {}", path.display()));
            }
        }
    }
    found
}
