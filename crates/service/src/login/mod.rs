//! What proves who somebody is: passwords, second factors, recovery codes, tokens.
//!
//! Pure functions and small types. They may not touch the store, the clock or a random source
//! of their own: times and randomness are passed in.

pub mod crockford;
pub mod password;
pub mod recovery;
pub mod token;
pub mod totp;
