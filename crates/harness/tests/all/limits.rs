//! Sizes end where they are said to end, and memory does not follow what is sent.

use crate::{NO_LIMITS, binary};
use entente_harness::figures::Table;
use entente_harness::form::{self, Form};
use entente_harness::http::{Answer, Client};
use entente_harness::instance::{Instance, Server};
use serde_json::json;
use std::io::{self, Write};
use std::net::TcpStream;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const LONGEST_TEXT: usize = 256 * 1024;
const LARGEST_FILE: u64 = 25 * MIB;
const MOST_FILES: u64 = 10;
/// How far memory may rise while a request streams.
const RISE_KIB: u64 = 16 * KIB;

fn small() -> Form {
    Form::new()
        .text("product", "Router 7")
        .text("description", "It reboots.")
}

fn send(client: &mut Client, body: &[u8]) -> Answer {
    client.post("/report", &form::content_type(), body).unwrap()
}

/// Sends a report with files of these sizes, made while they are sent.
fn send_files(client: &mut Client, sizes: &[u64]) -> Answer {
    let before = small().unfinished();
    let framing: u64 = (0..sizes.len())
        .map(|n| form::file_head(&format!("{n}.bin")).len() as u64 + 2)
        .sum();
    let ends = before.len() as u64 + form::end().len() as u64;
    let length = ends + framing + sizes.iter().sum::<u64>();
    let content_type = form::content_type();
    let headers = [("content-type", content_type.as_str())];
    let mut write = |out: &mut TcpStream| {
        out.write_all(&before)?;
        for (n, size) in sizes.iter().enumerate() {
            out.write_all(form::file_head(&format!("{n}.bin")).as_bytes())?;
            fill(out, *size)?;
            out.write_all(b"\r\n")?;
        }
        out.write_all(form::end().as_bytes())
    };
    let answer = client.stream("POST", "/report", &headers, length, &mut write);
    // An answer in the middle of the body ends the connection.
    client.hang_up();
    answer.unwrap()
}

/// Writes that many bytes.
fn fill(out: &mut TcpStream, mut left: u64) -> io::Result<()> {
    let piece = [0x61; 64 * 1024];
    while left > 0 {
        let now = left.min(piece.len() as u64);
        out.write_all(&piece[..usize::try_from(now).unwrap()])?;
        left -= now;
    }
    Ok(())
}

#[test]
fn texts_files_and_pages_end_where_they_are_said_to_end() {
    let Some(binary) = binary() else { return };
    let instance = Instance::new(&binary, NO_LIMITS);
    instance.account("Ann Analyst", "ann@example.org", "lead,analyst");
    let server = instance.start();
    let mut client = server.client();

    for (length, status) in [
        (LONGEST_TEXT - 1, 201),
        (LONGEST_TEXT, 201),
        (LONGEST_TEXT + 1, 413),
    ] {
        let form = Form::new()
            .text("product", "Router 7")
            .text("description", &"d".repeat(length));
        assert_eq!(
            send(&mut client, &form.body()).status,
            status,
            "a text of {length} by the form"
        );
        let form = json!({ "form": { "product": "Router 7", "description": "d".repeat(length) } });
        let answer = client.post_json("/api/v1/reports", &form).unwrap();
        let status = if status == 413 { 422 } else { status };
        assert_eq!(
            answer.status,
            status,
            "a text of {length} by the API: {}",
            answer.text()
        );
    }
    for (size, status) in [
        (LARGEST_FILE - 1, 201),
        (LARGEST_FILE, 201),
        (LARGEST_FILE + 1, 413),
    ] {
        assert_eq!(
            send_files(&mut client, &[size]).status,
            status,
            "a file of {size}"
        );
    }
    for (files, status) in [
        (MOST_FILES - 1, 201),
        (MOST_FILES, 201),
        (MOST_FILES + 1, 413),
    ] {
        let sizes = vec![10; usize::try_from(files).unwrap()];
        assert_eq!(
            send_files(&mut client, &sizes).status,
            status,
            "{files} files"
        );
    }
    let token = server.token("ann@example.org");
    let mut staff = server
        .client()
        .with("authorization", &format!("Bearer {token}"));
    for (rows, status) in [(99, 200), (100, 200), (101, 400), (0, 400)] {
        let answer = staff.get(&format!("/api/v1/cases?limit={rows}")).unwrap();
        assert_eq!(answer.status, status, "a page of {rows}: {}", answer.text());
    }
    for (depth, readable) in [(63, true), (64, true), (65, false), (100_000, false)] {
        let body = format!(
            "{{\"form\":{}{}}}",
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        );
        let answer = client
            .post("/api/v1/reports", "application/json", body.as_bytes())
            .unwrap();
        // As deep as is allowed it is still no report: the complaint is another one.
        let says_deep = answer.text().contains("deep");
        assert_eq!(
            (answer.status / 100, says_deep),
            (4, !readable),
            "{depth} deep: {}",
            answer.text()
        );
    }
}

#[test]
fn memory_does_not_follow_a_request() {
    let Some(binary) = binary() else { return };
    let instance = Instance::new(&binary, NO_LIMITS);
    instance.account("Ann Analyst", "ann@example.org", "lead,analyst");
    let server = instance.start();
    // What the first request needs anyhow.
    assert_eq!(send(&mut server.client(), &small().body()).status, 201);

    let mut table = Table::new("Memory while a request streams");
    let mut too_much = Vec::new();
    let mut measure = |what: &str, request: &mut dyn FnMut(&Server) -> u16, expected: u16| {
        server.forget_peak();
        let before = server.memory().now;
        let status = request(&server);
        let risen = server.memory().peak.saturating_sub(before);
        table.row(what, format!("{status}, +{risen} KiB on {before} KiB"));
        assert_eq!(status, expected, "{what}");
        if risen > RISE_KIB {
            too_much.push(format!("{what}: +{risen} KiB"));
        }
    };
    measure(
        "ten files of 25 MiB",
        &mut |server| send_files(&mut server.client(), &[LARGEST_FILE; 10]).status,
        201,
    );
    measure(
        "one file of 200 MiB",
        &mut |server| send_files(&mut server.client(), &[200 * MIB]).status,
        413,
    );
    let head = "Content-Disposition: form-data; name=\"a";
    let boundary = form::end().replace("--\r\n", "\r\n");
    measure(
        "200 MiB before the first part",
        &mut |server| raw(server, "", 200 * MIB),
        400,
    );
    measure(
        "200 MiB of a part's name",
        &mut |server| raw(server, &format!("{boundary}{head}"), 200 * MIB),
        400,
    );
    measure(
        "200 MiB of a text",
        &mut |server| raw(server, &format!("{boundary}{head}\"\r\n\r\n"), 200 * MIB),
        400,
    );
    measure(
        "301 MiB of a text",
        &mut |server| raw(server, &format!("{boundary}{head}\"\r\n\r\n"), 301 * MIB),
        413,
    );
    table.row("memory in the end", format!("{} KiB", server.memory().now));
    table.print();
    assert_eq!(
        too_much,
        Vec::<String>::new(),
        "memory followed the request"
    );
}

/// Sends a body that begins so and goes on with letters.
fn raw(server: &Server, begins: &str, letters: u64) -> u16 {
    let length = begins.len() as u64 + letters;
    let content_type = form::content_type();
    let headers = [("content-type", content_type.as_str())];
    let mut write = |out: &mut TcpStream| {
        out.write_all(begins.as_bytes())?;
        fill(out, letters)
    };
    let mut client = server.client();
    let answer = client.stream("POST", "/report", &headers, length, &mut write);
    answer.map_or(0, |answer| answer.status)
}
