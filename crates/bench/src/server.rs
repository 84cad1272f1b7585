//! The release binary as a child, and what its processes use.

use crate::client::{Connection, Request};
use crate::process;
use anyhow::{Context, bail};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first page.
    pub(crate) first_page: Duration,
    /// Processor time until then.
    pub(crate) first_page_cpu: Duration,
}

impl Server {
    /// Starts the server on an instance's folder and waits for its first page.
    pub(crate) fn start(binary: &Path, folder: &Path, probe: &Request) -> anyhow::Result<Self> {
        let address: SocketAddr = {
            let free = std::net::TcpListener::bind("127.0.0.1:0")?;
            free.local_addr()?
        };
        let begun = Instant::now();
        let log = std::fs::File::create(folder.join("server.log"))?;
        let child = Command::new(binary)
            .args(["serve", "--data"])
            .arg(folder)
            .args(["--listen", &address.to_string()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("starting the server")?;
        let mut server = Self {
            child,
            address,
            first_page: Duration::ZERO,
            first_page_cpu: Duration::ZERO,
        };
        loop {
            let answer = Connection::open(address).and_then(|mut c| c.send(probe));
            match answer {
                Ok((200, _)) => break,
                Ok((status, _)) => bail!("{} answers {status}", probe.path),
                Err(_) => {}
            }
            if let Some(status) = server.child.try_wait()? {
                bail!(
                    "the server ended with {status}: {}",
                    std::fs::read_to_string(folder.join("server.log")).unwrap_or_default()
                );
            }
            if begun.elapsed() > Duration::from_secs(120) {
                bail!("the server did not answer within two minutes");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        server.first_page = begun.elapsed();
        server.first_page_cpu = server.cpu();
        Ok(server)
    }

    /// Processor time so far.
    pub(crate) fn cpu(&self) -> Duration {
        process::cpu(self.child.id(), false)
    }

    /// Resident memory now, and at its highest, in KiB.
    pub(crate) fn memory_kib(&self) -> (u64, u64) {
        let pid = self.child.id();
        (
            process::memory_kib(pid, "VmRSS"),
            process::memory_kib(pid, "VmHWM"),
        )
    }

    /// Waits until the server's background work uses next to nothing.
    pub(crate) fn settle(&self) {
        for _ in 0..240 {
            let before = self.cpu();
            std::thread::sleep(Duration::from_millis(500));
            if self.cpu() - before < Duration::from_millis(15) {
                return;
            }
        }
    }

    /// Kills it at once, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
