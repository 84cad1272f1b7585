//! An instance in a folder of its own: made, started, killed, looked at from outside.

use crate::form::between;
use crate::http::{Client, connect};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The password of every account here.
pub const PASSWORD: &str = "seven quiet lanterns drift";

/// A folder with an instance, and the binary that runs it.
#[derive(Debug)]
pub struct Instance {
    binary: PathBuf,
    folder: tempfile::TempDir,
    address: SocketAddr,
    environment: Vec<(String, String)>,
}

/// A running server; killed with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident now.
    pub now: u64,
    /// The most that was ever resident.
    pub peak: u64,
}

impl Instance {
    /// An instance that is not started yet. `settings` are lines of its configuration, tables last.
    ///
    /// # Panics
    ///
    /// Where the folder cannot be made.
    #[must_use]
    pub fn new(binary: &Path, settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = free_address();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("the data folder can be created");
        // Closed to others, as the server makes it itself.
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700))
            .expect("the data folder can be closed");
        let config = format!("base_url = \"http://{address}\"\nlisten = \"{address}\"\n{settings}");
        std::fs::write(data.join("entente.toml"), config).expect("the configuration is written");
        Self {
            binary: binary.to_owned(),
            folder,
            address,
            environment: Vec::new(),
        }
    }

    /// The same instance with a variable in the environment of its processes.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder of the data.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A place beside the data, for ledgers, archives and logs.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the log of every server of this instance goes.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.beside("server.log")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("ENTENTE_DATA", self.data())
            .envs(self.environment.iter().map(|(n, v)| (n, v)));
        command
    }

    /// Runs a command of the binary on this instance.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read its input may have ended already.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output().expect("the command ends")
    }

    /// Runs a command that has to succeed, and gives what it printed.
    ///
    /// # Panics
    ///
    /// Where it fails.
    pub fn succeed(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} failed: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Makes an account with [`PASSWORD`].
    pub fn account(&self, name: &str, mail: &str, roles: &str) {
        let arguments = [
            "user", "create", "--name", name, "--mail", mail, "--roles", roles,
        ];
        self.succeed(&arguments, PASSWORD);
    }

    /// Starts the server and waits until it accepts connections.
    ///
    /// # Panics
    ///
    /// Where it ends, or does not listen within a minute.
    #[must_use]
    pub fn start(&self) -> Server {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("the log can be opened");
        let output = log.try_clone().expect("the log can be shared");
        let child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut server = Server {
            child,
            address: self.address,
        };
        let began = Instant::now();
        loop {
            if connect(self.address).is_ok() {
                return server;
            }
            let ended = server.child.try_wait().expect("the server can be watched");
            if ended.is_some() || began.elapsed() > Duration::from_secs(60) {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(20).collect();
                panic!("the server does not listen ({ended:?}): {tail:#?}");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether `entente verify` finds everything sound; what it printed.
    ///
    /// # Panics
    ///
    /// Where it does not.
    pub fn verify(&self) -> String {
        let output = self.run(&["verify"], "");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "verify: {printed}{error}");
        printed.trim().to_owned()
    }
}

/// A port that is free, below those that connections are given: while the server is down nobody else may sit there,
/// and a client that knocks must not meet itself.
fn free_address() -> SocketAddr {
    let first = 15_000 + u16::try_from(std::process::id() % 15_000).unwrap_or_default();
    (first..32_000)
        .map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
        .find(|address| TcpListener::bind(address).is_ok())
        .expect("a free port")
}

impl Server {
    /// A client.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Ends it as a crash does: SIGKILL.
    ///
    /// # Panics
    ///
    /// Where it had ended before.
    pub fn kill(mut self) {
        let ended = self.child.try_wait().expect("the server can be watched");
        assert!(ended.is_none(), "the server had ended by itself: {ended:?}");
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server ends");
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.child.id()))
    }

    /// Its memory.
    ///
    /// # Panics
    ///
    /// Where the process is gone.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(self.process().join("status"))
            .expect("the server is still there");
        let kib = |name: &str| {
            between(&status, name, "kB")
                .and_then(|value| value.trim().parse().ok())
                .unwrap_or_else(|| panic!("no {name} in {status}"))
        };
        Memory {
            now: kib("VmRSS:"),
            peak: kib("VmHWM:"),
        }
    }

    /// Forgets the peak of the memory, so that the next one is that of what follows.
    ///
    /// # Panics
    ///
    /// Where the process is gone.
    pub fn forget_peak(&self) {
        std::fs::write(self.process().join("clear_refs"), "5").expect("the peak can be forgotten");
    }

    /// Signs in with [`PASSWORD`] by the form and makes an API token there, as a person does.
    ///
    /// # Panics
    ///
    /// Where that does not work.
    #[must_use]
    pub fn token(&self, mail: &str) -> String {
        let urlencoded = "application/x-www-form-urlencoded";
        let fields = format!(
            "name={}&password={}",
            mail.replace('@', "%40"),
            PASSWORD.replace(' ', "+")
        );
        let signed_in = self
            .client()
            .post("/console/sign-in", urlencoded, fields.as_bytes())
            .expect("signing in answers");
        let cookie = signed_in
            .header("set-cookie")
            .and_then(|cookie| cookie.split(';').next())
            .unwrap_or_else(|| panic!("not signed in: {}", signed_in.status));
        let mut client = self.client().with("cookie", cookie);
        let profile = client.get("/console/profile").expect("the profile").text();
        let csrf = between(&profile, "name=\"csrf\" value=\"", "\"").expect("a token of the form");
        let fields = format!(
            "csrf={csrf}&name=harness&days=2&scope_report=1&scope_read=1&scope_write=1&scope_admin=1"
        );
        let made = client
            .post("/console/profile/tokens", urlencoded, fields.as_bytes())
            .expect("making a token answers")
            .text();
        let token = between(&made, "shown only now</strong><p class=\"secret\">", "<");
        token.expect("the token is shown").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended where it was killed on purpose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
