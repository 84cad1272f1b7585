//! Servers that mean no good, or do badly.
#![expect(clippy::unwrap_used, reason = "tests")]

use entente_outbound::{Answer, Limits, Mark, Outbound, OutboundError};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const LIMITS: Limits = Limits {
    bytes: 10_000,
    time: Duration::from_secs(2),
};

/// Serves connections one after the other, each with the head of its request.
fn server(mut answer: impl FnMut(&str, &mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                head.push(byte[0]);
            }
            answer(&String::from_utf8_lossy(&head), &mut stream);
        }
    });
    format!("http://127.0.0.1:{port}/feed")
}

fn get(url: &str) -> (Result<Answer, OutboundError>, Vec<u8>) {
    let client = Outbound::that_trusts_everybody("test");
    let mut out = Vec::new();
    (client.get(url, &Mark::default(), LIMITS, &mut out), out)
}

fn say(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

#[test]
fn content_comes_with_its_mark_and_once() {
    let url = server(|head, stream| {
        assert!(head.contains("user-agent: test"), "{head}");
        if head.contains("if-none-match: \"v1\"") {
            say(
                stream,
                "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n",
            );
        } else {
            say(
                stream,
                "HTTP/1.1 200 OK\r\netag: \"v1\"\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello",
            );
        }
    });
    let (answer, out) = get(&url);
    let Answer::Content { bytes, mark } = answer.unwrap() else {
        unreachable!("it is new");
    };
    assert_eq!(
        (bytes, out.as_slice(), mark.etag.as_deref()),
        (5, &b"hello"[..], Some("\"v1\""))
    );
    let client = Outbound::that_trusts_everybody("test");
    let again = client.get(&url, &mark, LIMITS, &mut Vec::new()).unwrap();
    assert_eq!(again, Answer::Same);
}

#[test]
fn addresses_of_our_own_are_refused_and_so_are_plain_ones() {
    let client = Outbound::new("test");
    let ask = |url: &str| client.get(url, &Mark::default(), LIMITS, &mut Vec::new());
    for url in [
        "https://127.0.0.1/",
        "https://localhost:1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f000001/",
        "https://2130706433/",
    ] {
        let refused = ask(url);
        assert!(
            matches!(
                refused,
                Err(OutboundError::Private(_) | OutboundError::Unknown)
            ),
            "{url}: {refused:?}"
        );
    }
    for url in [
        "http://example.com/",
        "ftp://example.com/",
        "https://u:p@example.com/",
        "nothing",
        "",
    ] {
        assert!(matches!(ask(url), Err(OutboundError::Address)), "{url}");
    }
}

#[test]
fn a_redirect_to_ourselves_is_refused() {
    // The client that may not: its first step is allowed by hand, the second is not.
    let secret =
        server(|_, stream| say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret"));
    let to = secret.clone();
    let url = server(move |_, stream| {
        say(
            stream,
            &format!(
                "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            ),
        );
    });
    let strict = Outbound::that_trusts_first_step_only("test");
    let mut out = Vec::new();
    let refused = strict.get(&url, &Mark::default(), LIMITS, &mut out);
    assert!(
        matches!(refused, Err(OutboundError::Private(_))),
        "{refused:?}"
    );
    assert!(out.is_empty());
    // A circle ends.
    let url = server(|head, stream| {
        let host = head
            .lines()
            .find_map(|l| l.strip_prefix("host: "))
            .unwrap_or_default();
        say(
            stream,
            &format!(
                "HTTP/1.1 302 Found\r\nlocation: http://{host}/feed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            ),
        );
    });
    assert!(matches!(get(&url).0, Err(OutboundError::Redirects)));
}

#[test]
fn a_length_that_lies_is_found_either_way() {
    let long = server(|_, stream| {
        say(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\nhello",
        )
    });
    assert!(matches!(get(&long).0, Err(OutboundError::TooLong(10_000))));
    let broken = server(|_, stream| {
        say(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 50\r\nconnection: close\r\n\r\nhello",
        )
    });
    let (answer, _) = get(&broken);
    assert!(
        matches!(answer, Err(OutboundError::BrokenOff(_))),
        "{answer:?}"
    );
}

#[test]
fn what_never_ends_is_cut() {
    // Without a length, as much as one likes.
    let endless = server(|_, stream| {
        say(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    assert!(matches!(
        get(&endless).0,
        Err(OutboundError::TooLong(10_000))
    ));
    // A byte now and then.
    let trickle = server(|_, stream| {
        say(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        for _ in 0..200 {
            if stream.write_all(b"x").is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    let (answer, _) = get(&trickle);
    assert!(matches!(answer, Err(OutboundError::TooSlow)), "{answer:?}");
    // Nothing at all.
    let silent = server(|_, _| thread::sleep(Duration::from_secs(5)));
    let (answer, _) = get(&silent);
    assert!(matches!(answer, Err(OutboundError::TooSlow)), "{answer:?}");
    let endless_head = server(|_, stream| {
        say(stream, "HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"x-more: yes\r\n").is_ok() {}
    });
    let (answer, _) = get(&endless_head);
    assert!(answer.is_err(), "{answer:?}");
}

#[test]
fn a_refusal_says_what_to_do() {
    for (status, remedy) in [
        ("404 Not Found", "correct the address"),
        ("429 Slow Down", "more seldom"),
        ("503 Busy", "more seldom"),
        ("403 No", "public source"),
    ] {
        let url = server(move |_, stream| {
            say(
                stream,
                &format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
            )
        });
        let error = get(&url).0.unwrap_err().to_string();
        assert!(error.contains(remedy), "{error}");
    }
    let nowhere = "http://127.0.0.1:1/";
    assert!(matches!(get(nowhere).0, Err(OutboundError::Connection(_))));
}

#[test]
fn what_is_packed_is_not_unpacked() {
    let url = server(|head, stream| {
        assert!(!head.to_lowercase().contains("gzip"), "{head}");
        say(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\nconnection: close\r\n\r\nabcd",
        );
    });
    let (answer, out) = get(&url);
    assert!(answer.is_ok());
    assert_eq!(out, b"abcd");
}
