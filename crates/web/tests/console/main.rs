//! The console as a browser meets it: the whole router on a real store, walked by HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod headers;
mod hostile;
mod inventory;
mod pages;
mod room;
mod walk;
mod watch;
mod world;
