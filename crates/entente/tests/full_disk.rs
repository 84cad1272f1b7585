//! R3, on the binary itself: while the disk is full, text reports are taken from the reserve and
//! reads go on, every other write is a 507 that changes nothing, nothing acknowledged is lost, and
//! writing goes on when there is space again. And decision 18: no core file, whoever starts it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that drives a process from outside"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const FILLS: u32 = 5;
/// Far more reports than fit beside the reserve in what the database has left.
const MOST: u32 = 2_000;

/// A disk of 256 MiB, gone with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256m,mode=0700", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|s| s.success()) {
            return Some(Self(folder));
        }
        entente_testkit::skip::missing("the right to mount a tmpfs", "run it as root");
        None
    }

    /// Takes the last byte.
    fn fill(&self) -> PathBuf {
        let path = self.0.path().join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        for size in [1 << 20, 4_096, 1] {
            let block = vec![7; size];
            while file.write_all(&block).is_ok() {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn entente(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_entente"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

struct Server {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Server {
    fn start(data: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let child = Command::new(env!("CARGO_BIN_EXE_entente"))
            .args(["serve", "--listen", &address, "--data"])
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            child,
            url: format!("http://{address}"),
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build()
                .into(),
        };
        let up = until(|| server.agent.get(server.at("/")).call().is_ok());
        assert!(up, "the server did not start");
        server
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// A report in words alone; its receipt code.
    fn report(&self, text: &str) -> String {
        let body = serde_json::json!({ "form": { "product": "Router 7", "description": text } });
        let mut answer = self
            .agent
            .post(self.at("/api/v1/reports"))
            .send_json(body)
            .unwrap();
        let status = answer.status();
        let body: serde_json::Value = answer.body_mut().read_json().unwrap();
        assert_eq!(status, 201, "{body}");
        body["receipt_code"].as_str().unwrap().to_owned()
    }

    /// What its reporter reads.
    fn thread(&self, code: &str) -> (u16, String) {
        let mut answer = self
            .agent
            .get(self.at("/api/v1/reports/thread"))
            .header("authorization", format!("Receipt {code}"))
            .call()
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }

    fn say(&self, code: &str, text: &str) -> u16 {
        let answer = self
            .agent
            .post(self.at("/api/v1/reports/thread"))
            .header("authorization", format!("Receipt {code}"))
            .send_json(serde_json::json!({ "body": text }))
            .unwrap();
        answer.status().as_u16()
    }

    /// A write that is no report.
    fn subscribe(&self) -> u16 {
        let answer = self
            .agent
            .post(self.at("/subscribe"))
            .send_form([("mail", "reader@example.org")])
            .unwrap();
        answer.status().as_u16()
    }

    /// The public form with a file.
    fn form_with_file(&self) -> (u16, String) {
        let mut body = String::new();
        for (name, value) in [("product", "Router 7"), ("description", "See the file.")] {
            body.push_str(&format!(
                "--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str("--x\r\ncontent-disposition: form-data; name=\"attachments\"; filename=\"a.txt\"\r\ncontent-type: text/plain\r\n\r\n");
        body.push_str(&"log line\n".repeat(10_000));
        body.push_str("\r\n--x--\r\n");
        let mut answer = self
            .agent
            .post(self.at("/report"))
            .content_type("multipart/form-data; boundary=x")
            .send(body)
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

fn until(mut holds: impl FnMut() -> bool) -> bool {
    (0..600).any(|_| {
        holds() || {
            std::thread::sleep(Duration::from_millis(100));
            false
        }
    })
}

fn given_up(data: &Path) -> bool {
    std::fs::metadata(data.join("ballast")).unwrap().len() == 0
}

#[test]
fn a_full_disk_still_takes_reports_and_loses_nothing() {
    let Some(disk) = Disk::mount() else { return };
    let data = disk.0.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(
        data.join("entente.toml"),
        "reserve_mib = 8\n[limits]\nreports_per_address_hour = 1000000\nreports_per_hour = 1000000\ncodes_per_address_hour = 1000000\n",
    )
    .unwrap();
    let server = Server::start(&data);
    let mut codes = vec![server.report("Before.")];
    for fill in 0..FILLS {
        let filler = disk.fill();
        // What the database has left goes first; none of it may be refused on the way.
        let before = codes.len();
        for n in 0..MOST {
            codes.push(server.report(&format!("Fill {fill}, report {n}.")));
            if given_up(&data) {
                break;
            }
        }
        assert!(given_up(&data), "fill {fill}");
        let code = codes.last().unwrap().clone();
        assert_eq!(server.subscribe(), 507, "fill {fill}");
        assert_eq!(server.say(&code, "And more words."), 204, "fill {fill}");
        let (status, thread) = server.thread(&code);
        assert_eq!(status, 200, "fill {fill}: {thread}");
        assert!(thread.contains("And more words."), "{thread}");
        let (status, page) = server.form_with_file();
        assert_eq!(status, 201, "fill {fill}: {page}");
        assert!(page.contains("Your files could not be taken"), "{page}");
        if fill == 0 {
            let said = entente(&data, &["doctor"]).stdout;
            let said = String::from_utf8_lossy(&said).into_owned();
            assert!(said.contains("the space in reserve was given up"), "{said}");
        }
        std::fs::remove_file(filler).unwrap();
        assert!(until(|| server.subscribe() == 200), "fill {fill}");
        assert!(!given_up(&data), "fill {fill}");
        println!("fill {fill}: {} reports while full", codes.len() - before);
    }
    drop(server);
    let server = Server::start(&data);
    for code in &codes {
        assert_eq!(server.thread(code).0, 200, "an acknowledged report is lost");
    }
    drop(server);
    let verified = entente(&data, &["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn the_server_leaves_no_core_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.child.id())).unwrap();
    let core = limits
        .lines()
        .find_map(|l| l.strip_prefix("Max core file size"))
        .unwrap();
    let values: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(values.get(..2), Some(&["0", "0"][..]), "{limits}");
}
