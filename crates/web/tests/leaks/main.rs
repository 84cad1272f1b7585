//! What outsiders can learn: who may do what at every route (L8), and whether a secret case changes
//! a byte of what others get (L1). How long the two kinds of "not found" take is printed (L2).
#![expect(clippy::unwrap_used, reason = "tests")]

mod matrix;
mod table;
mod timing;
mod twins;
mod world;
