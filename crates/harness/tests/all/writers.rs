//! Eight people who write, half of them reporters by the form and half of them staff by the API, each with a ledger
//! of what was acknowledged.

use entente_harness::figures::Latencies;
use entente_harness::form::{self, Form};
use entente_harness::http::Client;
use entente_harness::instance::Instance;
use entente_harness::ledger::{Ledger, sha256};
use entente_harness::plan::{below, bytes, seeded, word};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// People of each kind.
const EACH: u64 = 4;

/// Something that the server said it has.
#[derive(Debug)]
pub enum Entry {
    /// A report by the form. Its description is in front of the hashes of its files.
    Report {
        reference: String,
        receipt: String,
        description: String,
    },
    /// What the reporter added by the receipt code.
    Message { receipt: String, hash: String },
    /// A case that staff opened.
    Case { case: String },
    /// A comment on a case.
    Comment { case: String, hash: String },
    /// A decision, by its reason.
    Decision { case: String, reason: String },
    /// A file that staff added.
    File {
        case: String,
        name: String,
        hash: String,
    },
}

/// What one writer leaves behind when the server dies.
pub struct Left {
    /// What was acknowledged, and when.
    pub entries: Vec<(Instant, Entry)>,
    /// The form whose answer never came.
    pub unanswered: Option<Vec<u8>>,
    /// How long the answers took.
    pub took: Latencies,
}

/// Who writes, and where.
pub struct People<'a> {
    /// The server.
    pub address: SocketAddr,
    /// The token of staff.
    pub token: &'a str,
    /// Gives every round its own randomness.
    pub round: u64,
    /// How long each waits between two writes.
    pub pause: Duration,
}

impl People<'_> {
    /// Writes while something else happens, and gives what each of them was told.
    pub fn write_while(&self, instance: &Instance, happens: impl FnOnce()) -> Vec<Left> {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..EACH * 2)
                .map(|n| {
                    let writer = Writer {
                        client: Client::new(self.address),
                        random: seeded(self.round * 100 + n),
                        ledger: Ledger::create(&instance.beside(&format!("ledger-{n}"))),
                        stop: &stop,
                        pause: self.pause,
                        took: Latencies::default(),
                    };
                    scope.spawn(move || match n < EACH {
                        true => writer.report(),
                        false => writer.work(self.token),
                    })
                })
                .collect();
            happens();
            stop.store(true, Ordering::Relaxed);
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .collect()
        })
    }
}

struct Writer<'a> {
    client: Client,
    random: ChaCha8Rng,
    ledger: Ledger<Entry>,
    stop: &'a AtomicBool,
    pause: Duration,
    took: Latencies,
}

impl Writer<'_> {
    fn goes_on(&self) -> bool {
        std::thread::sleep(self.pause);
        !self.stop.load(Ordering::Relaxed)
    }

    fn leave(self, unanswered: Option<Vec<u8>>) -> Left {
        Left {
            entries: self.ledger.entries(),
            unanswered,
            took: self.took,
        }
    }

    /// Sends reports by the form, and sometimes a message after it, until the server is gone.
    fn report(mut self) -> Left {
        while self.goes_on() {
            let mut description = word(&mut self.random);
            let mut files = Vec::new();
            for n in 0..below(&mut self.random, 4) {
                let length = 1 << below(&mut self.random, 17);
                let content = bytes(&mut self.random, length);
                description.push_str(&format!("\n{n}.bin {}", sha256(&content)));
                files.push((format!("{n}.bin"), content));
            }
            let mut form = Form::new()
                .text("product", "Router 7")
                .text("description", &description)
                .text("name", "Rita Reporter")
                .text("once", &word(&mut self.random));
            for (name, content) in &files {
                form = form.file(name, content);
            }
            let body = form.body();
            let began = Instant::now();
            let Ok(page) = self.client.post("/report", &form::content_type(), &body) else {
                return self.leave(Some(body));
            };
            self.took.push(began.elapsed());
            let Some((receipt, reference)) = form::receipt(&page) else {
                panic!("a report was refused ({}): {}", page.status, page.text());
            };
            self.ledger.acknowledged(Entry::Report {
                reference,
                receipt: receipt.clone(),
                description,
            });
            if below(&mut self.random, 4) == 0 {
                let body = word(&mut self.random);
                let authorization = format!("Receipt {receipt}");
                let headers = [
                    ("authorization", authorization.as_str()),
                    ("content-type", "application/json"),
                ];
                let message = json!({ "body": body }).to_string();
                let Ok(answer) = self.client.send(
                    "POST",
                    "/api/v1/reports/thread",
                    &headers,
                    message.as_bytes(),
                ) else {
                    break;
                };
                assert_eq!(answer.status, 204, "{}", answer.text());
                self.ledger.acknowledged(Entry::Message {
                    receipt,
                    hash: sha256(body.as_bytes()),
                });
            }
        }
        self.leave(None)
    }

    /// Opens a case by the API and comments, decides and adds files, until the server is gone.
    fn work(mut self, token: &str) -> Left {
        self.client = self
            .client
            .with("authorization", &format!("Bearer {token}"));
        let form =
            json!({ "form": { "product": "Router 7", "description": word(&mut self.random) } });
        let Ok(answer) = self.client.post_json("/api/v1/reports", &form) else {
            return self.leave(None);
        };
        assert_eq!(answer.status, 201, "{}", answer.text());
        let case = answer.json()["case"].as_str().unwrap().to_owned();
        self.ledger.acknowledged(Entry::Case { case: case.clone() });
        let commands = format!("/api/v1/cases/{case}/commands");
        while self.goes_on() {
            let text = word(&mut self.random);
            let began = Instant::now();
            let (answer, entry) = match below(&mut self.random, 4) {
                0 => {
                    let priority = ["immediate", "scheduled", "defer"]
                        [usize::try_from(below(&mut self.random, 3)).unwrap()];
                    let command =
                        json!({ "command": "set_priority", "priority": priority, "reason": text });
                    (
                        self.client.post_json(&commands, &command),
                        Entry::Decision {
                            case: case.clone(),
                            reason: text,
                        },
                    )
                }
                1 => {
                    let length = 1 << below(&mut self.random, 17);
                    let content = bytes(&mut self.random, length);
                    let path = format!("/api/v1/cases/{case}/attachments?name={text}");
                    let entry = Entry::File {
                        case: case.clone(),
                        name: text,
                        hash: sha256(&content),
                    };
                    (
                        self.client
                            .post(&path, "application/octet-stream", &content),
                        entry,
                    )
                }
                _ => {
                    let command =
                        json!({ "command": "comment", "audience": "internal", "body": text });
                    let hash = sha256(text.as_bytes());
                    (
                        self.client.post_json(&commands, &command),
                        Entry::Comment {
                            case: case.clone(),
                            hash,
                        },
                    )
                }
            };
            let Ok(answer) = answer else { break };
            self.took.push(began.elapsed());
            assert!(
                matches!(answer.status, 200 | 201),
                "{entry:?}: {} {}",
                answer.status,
                answer.text()
            );
            self.ledger.acknowledged(entry);
        }
        self.leave(None)
    }
}
