//! Clients that never come to an end keep nobody else from working.

use crate::{NO_LIMITS, binary};
use entente_harness::figures::{Latencies, Table};
use entente_harness::form::{self, Form};
use entente_harness::http::connect;
use entente_harness::instance::{Instance, Server};
use entente_harness::plan::number;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Slow connections, half of them in the headers and half of them in the body.
const SLOW: usize = 200;

#[test]
fn slow_clients_keep_nobody_from_working() {
    let Some(binary) = binary() else { return };
    let instance = Instance::new(&binary, NO_LIMITS);
    instance.account("Ann Analyst", "ann@example.org", "lead,analyst");
    let server = instance.start();
    let seconds = Duration::from_secs(number("SECONDS", 15));
    let alone = work(&server, Duration::from_secs(3));
    let before = server.memory().now;
    let mut slow: Vec<TcpStream> = (0..SLOW).map(|n| begin(&server, n % 2 == 0)).collect();
    let beside = std::thread::scope(|scope| {
        let working = scope.spawn(|| work(&server, seconds));
        while !working.is_finished() {
            for stream in &mut slow {
                // A byte a second; the server may have given this one up.
                let _ = stream.write_all(b"a");
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        working.join().unwrap()
    });
    let given_up = slow.iter_mut().filter_map(ended).count();
    let memory = server.memory();

    let mut table = Table::new("Beside clients that send a byte a second");
    table.row("slow connections", SLOW);
    table.row("given up by the server in that time", given_up);
    table.row("other requests, alone", alone.told());
    table.row("other requests, beside them", beside.told());
    table.row(
        "memory",
        format!("{before} KiB before, {} KiB at most", memory.peak),
    );
    table.print();
    assert!(
        beside.count() > 20,
        "others hardly worked: {}",
        beside.count()
    );
    assert!(memory.peak < 256 * 1024, "{} KiB", memory.peak);
    if seconds >= Duration::from_secs(15) {
        // Headers have ten seconds, and a body has to bring 1 KiB a second.
        assert_eq!(given_up, SLOW, "slow connections were not given up");
    }
}

/// Begins a request that will not end.
fn begin(server: &Server, in_headers: bool) -> TcpStream {
    let mut stream = connect(server.address).unwrap();
    let head = if in_headers {
        "POST /report HTTP/1.1\r\nhost: x\r\nx-slow: ".to_owned()
    } else {
        let begins = Form::new().text("product", "p").unfinished();
        format!(
            "POST /report HTTP/1.1\r\nhost: x\r\ncontent-type: {}\r\ncontent-length: 1000000\r\n\r\n{}",
            form::content_type(),
            String::from_utf8(begins).unwrap()
        )
    };
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Something when the server answered or closed the connection.
fn ended(stream: &mut TcpStream) -> Option<()> {
    stream.set_nonblocking(true).unwrap();
    let mut answer = [0; 64];
    match stream.read(&mut answer) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => None,
        _ => Some(()),
    }
}

/// Looks at pages and sends reports, one after the other; each has to succeed.
fn work(server: &Server, seconds: Duration) -> Latencies {
    let mut took = Latencies::default();
    let mut client = server.client();
    let began = Instant::now();
    let report = Form::new()
        .text("product", "Router 7")
        .text("description", "It reboots.")
        .body();
    while began.elapsed() < seconds {
        for path in ["/", "/report", "/advisories"] {
            let start = Instant::now();
            assert_eq!(client.get(path).unwrap().status, 200, "{path}");
            took.push(start.elapsed());
        }
        let start = Instant::now();
        let answer = client
            .post("/report", &form::content_type(), &report)
            .unwrap();
        assert_eq!(answer.status, 201);
        took.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    took
}
