//! The use cases on a store in a temporary folder, as one program: it links once.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod at_rest;
mod demo;
mod erasures;
mod given_up;
mod import;
mod inventory;
mod rooms;
mod scenario;
mod secrets;
mod signing_keys;
mod subscriptions;
mod support;
mod watch;
mod watch_provider;
mod watch_sources;
mod whole_way;
mod wrong_hands;
