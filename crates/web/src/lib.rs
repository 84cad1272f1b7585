//! The faces: public portal, staff console, REST API.
//!
//! **Invariant:** no SQL and no rule; a handler is extract → one service call → template or JSON.
//! No inline script or style anywhere; the template engine escapes everything.

pub mod api;
pub mod assets;
pub mod client;
pub mod console;
pub mod headers;
pub mod incident;
pub mod metrics;
pub mod parts;
pub mod patience;
pub mod portal;
pub mod problem;
pub mod reading;
pub mod server;
mod session;
pub mod time_text;
