//! Tests of the way out, against a small mail server in the test itself.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::super::{Address, FolderTransport, Mail, templates};
use super::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use uuid::Uuid;

/// What one connection said: commands and, after DATA, the mail.
#[derive(Default, Clone)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn mail(&self) -> String {
        let all = self.all();
        let from = all.iter().position(|l| l == "DATA").unwrap();
        all[from + 1..].join("\r\n")
    }
}

/// A server that answers every RCPT with `rcpt` and takes the rest.
async fn sink(rcpt: &'static str) -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Heard::default();
    let log = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let mut data = false;
            let _ = write.write_all(b"220 sink\r\n").await;
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = if data {
                    data = line != ".";
                    (!data).then_some("250 taken")
                } else if line.starts_with("EHLO") {
                    Some("250 sink")
                } else if line.starts_with("RCPT") {
                    Some(rcpt)
                } else if line == "DATA" {
                    data = true;
                    Some("354 go on")
                } else {
                    Some("250 ok")
                };
                log.0.lock().unwrap().push(line);
                if let Some(answer) = answer {
                    let _ = write.write_all(format!("{answer}\r\n").as_bytes()).await;
                }
            }
        }
    });
    (port, heard)
}

fn settings(port: u16, security: SmtpSecurity) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security,
        account: None,
    }
}

fn envelope(mail: Mail) -> Envelope {
    Envelope {
        from: Address::parse("psirt@alder.example").unwrap(),
        to: Address::parse("mia@reporter.example").unwrap(),
        mail,
        // Made on 2025-11-16.
        id: "019a8bf0-d500-7000-8000-000000000001".parse().unwrap(),
    }
}

fn config() -> crate::config::Config {
    templates::tests::config()
}

#[tokio::test]
async fn a_mail_reaches_the_server_with_one_recipient_and_the_jobs_id() {
    let (port, heard) = sink("250 ok").await;
    let smtp = Smtp::new(&settings(port, SmtpSecurity::None)).unwrap();
    let envelope = envelope(templates::receipt(&config()));
    smtp.send(&envelope).await.unwrap();
    let recipients = heard.all().iter().filter(|l| l.starts_with("RCPT")).count();
    assert_eq!(recipients, 1);
    let mail = heard.mail();
    for header in [
        "From: psirt@alder.example\r\n",
        "To: mia@reporter.example\r\n",
        "Subject: We received your report\r\n",
        "Message-ID: <019a8bf0-d500-7000-8000-000000000001@alder.example>\r\n",
        "Auto-Submitted: auto-generated\r\n",
    ] {
        assert!(mail.contains(header), "{header} in {mail}");
    }
    assert!(mail.contains("https://psirt.example/status"));
}

#[tokio::test]
async fn the_same_job_gives_the_same_bytes() {
    let (port, heard) = sink("250 ok").await;
    let envelope = envelope(templates::receipt(&config()));
    for _ in 0..2 {
        let smtp = Smtp::new(&settings(port, SmtpSecurity::None)).unwrap();
        smtp.send(&envelope).await.unwrap();
    }
    let all = heard.all();
    let mails: Vec<_> = all.split(|l| l == "DATA").skip(1).collect();
    let until_end = |mail: &[String]| -> Vec<String> {
        mail.iter().take_while(|l| *l != ".").cloned().collect()
    };
    assert_eq!(mails.len(), 2);
    assert_eq!(until_end(mails[0]), until_end(mails[1]));
}

#[tokio::test]
async fn refusals_are_classed_and_repeat_no_address() {
    for (answer, permanent) in [
        ("550 5.1.1 <mia@reporter.example> unknown CANARY", true),
        ("451 4.7.1 <mia@reporter.example> greylisted CANARY", false),
    ] {
        let (port, heard) = sink(answer).await;
        let smtp = Smtp::new(&settings(port, SmtpSecurity::None)).unwrap();
        let envelope = envelope(templates::receipt(&config()));
        let error = smtp.send(&envelope).await.unwrap_err();
        assert_eq!(
            matches!(error, MailError::Permanent(_)),
            permanent,
            "{error}"
        );
        let shown = format!("{error} {error:?} {envelope:?}");
        assert!(
            !shown.contains("mia@") && !shown.contains("CANARY"),
            "{shown}"
        );
        assert!(shown.contains(&answer[..3]), "{shown}");
        assert!(!heard.all().contains(&"DATA".to_owned()));
    }
}

/// A server without STARTTLS, or somebody between who hides it, gets no mail and no password.
#[tokio::test]
async fn without_tls_nothing_is_said() {
    let (port, heard) = sink("250 ok").await;
    let mut settings = settings(port, SmtpSecurity::StartTls);
    settings.account = Some(("psirt".to_owned(), SecretString::from("CANARY-password")));
    assert!(!format!("{settings:?}").contains("CANARY"));
    let smtp = Smtp::new(&settings).unwrap();
    let envelope = envelope(templates::receipt(&config()));
    let error = smtp.send(&envelope).await.unwrap_err();
    assert!(matches!(error, MailError::Transient(_)), "{error}");
    let said = heard.all().join("\n");
    for word in ["MAIL", "RCPT", "DATA", "AUTH", "CANARY", "mia@"] {
        assert!(!said.contains(word), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let smtp = Smtp::new(&settings(port, SmtpSecurity::None)).unwrap();
    let error = smtp.send(&envelope(templates::receipt(&config()))).await;
    assert!(matches!(error, Err(MailError::Transient(_))));
}

#[test]
fn in_the_clear_only_on_this_machine() {
    for (host, allowed) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("127.8.8.8", true),
        ("::1", true),
        ("mail.example.org", false),
        ("10.0.0.1", false),
        ("localhost.example.org", false),
    ] {
        let mut settings = settings(25, SmtpSecurity::None);
        settings.host = host.to_owned();
        assert_eq!(Smtp::new(&settings).is_ok(), allowed, "{host}");
    }
}

#[tokio::test]
async fn a_folder_keeps_one_file_for_a_job_and_no_header_is_forged() {
    let folder = tempfile::tempdir().unwrap();
    let transport = FolderTransport::new(folder.path().join("mails")).unwrap();
    let evil = "Möwe\r\nBcc: x@y.example\r\n\r\nText";
    let link = "https://psirt.example/unsubscribe?t=abc";
    let mail = templates::advisory(&config(), "ALD-2026-0001", evil, 1, link);
    let envelope = envelope(mail);
    transport.send(&envelope).await.unwrap();
    transport.send(&envelope).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(folder.path().join("mails"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, [format!("{}.eml", envelope.id)]);
    let path = folder.path().join("mails").join(&names[0]);
    let text = std::fs::read_to_string(path).unwrap();
    let (headers, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(headers.lines().all(|l| !l.starts_with("Bcc")), "{headers}");
    assert!(
        headers.contains(&format!("List-Unsubscribe: <{link}>")),
        "{headers}"
    );
    assert!(headers.contains("Date: Sun, 16 Nov 2025"), "{headers}");
    assert!(headers.is_ascii());
    assert_ne!(envelope.id, Uuid::nil());
}
