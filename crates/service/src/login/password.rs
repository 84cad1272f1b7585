//! Passwords: what is accepted, how they are hashed, and the room in which hashing happens.
//!
//! Hashing costs 19 MiB and tens of milliseconds on purpose. So at most two run at once and at
//! most 32 wait; whoever comes then is told when to come again, and every other page stays as
//! quick as before (reliability P10).

use argon2::password_hash::{PasswordHash, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Fewest characters.
pub const SHORTEST: usize = 12;
/// Most characters. Long enough for a passphrase, short enough to hash at once.
pub const LONGEST: usize = 128;

/// Argon2id with 19 MiB, two passes, one lane: the first recommendation of OWASP's cheat sheet.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A stored hash with greater costs is not one of ours and is not computed.
const MOST_MEMORY_KIB: u32 = 64 * 1024;
const MOST_PASSES: u32 = 10;

/// The most frequent leaked passwords: the first 5,000 of at least four characters, and of the
/// first 30,000 those of at least ten. Taken from the frequency lists of zxcvbn (MIT licence,
/// copyright 2012-2016 Dan Wheeler and Dropbox, Inc.).
const COMMON: &str = include_str!("common_passwords.txt");

static COMMON_SET: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON.lines().collect());

/// Why a password is not accepted. It never repeats the password.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordProblem {
    /// Too short.
    #[error(
        "the password is shorter than {SHORTEST} characters; several words in a row are easy to remember"
    )]
    TooShort,
    /// Too long.
    #[error("the password is longer than {LONGEST} characters")]
    TooLong,
    /// A character that cannot be typed everywhere.
    #[error("the password contains a control character; use letters, digits, signs and spaces")]
    Control,
    /// On the list of frequent passwords, or one of them with digits or signs added.
    #[error("the password is one of the first that attackers try; choose several unrelated words")]
    Common,
    /// Made of the person's or the organisation's name.
    #[error(
        "the password is made of your name, your address or the organisation; choose words that nobody connects with you"
    )]
    Context,
    /// A repetition or a row such as 1234.
    #[error("the password repeats itself or counts up; choose several unrelated words")]
    Pattern,
}

/// Whether the password may be set. `context` are the words that an attacker tries first: the
/// person's name and address, the organisation, the instance.
pub fn check(password: &str, context: &[&str]) -> Result<(), PasswordProblem> {
    let length = password.chars().take(LONGEST + 1).count();
    if length < SHORTEST {
        return Err(PasswordProblem::TooShort);
    }
    if length > LONGEST {
        return Err(PasswordProblem::TooLong);
    }
    if password.chars().any(char::is_control) {
        return Err(PasswordProblem::Control);
    }
    let lower = password.to_lowercase();
    if is_common(&lower) {
        return Err(PasswordProblem::Common);
    }
    if is_pattern(&lower) {
        return Err(PasswordProblem::Pattern);
    }
    let rest = without_context(&lower, context);
    if rest.len() < lower.len() && rest.chars().count() < SHORTEST - 4 {
        return Err(PasswordProblem::Context);
    }
    Ok(())
}

/// On the list, or the list's word with digits and signs around it or repeated.
fn is_common(lower: &str) -> bool {
    if COMMON_SET.contains(lower) {
        return true;
    }
    let mut words: Vec<&str> = lower
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(period)
        .collect();
    words.sort_unstable();
    words.dedup();
    match words.as_slice() {
        [one] => COMMON_SET.contains(one),
        _ => false,
    }
}

/// `abcabc` is `abc`: the shortest text whose repetition it is.
fn period(text: &str) -> &str {
    let shortest = text.char_indices().skip(1).find_map(|(at, _)| {
        let head = text.get(..at)?;
        let whole = text.len().is_multiple_of(at) && head.repeat(text.len() / at) == text;
        whole.then_some(head)
    });
    shortest.unwrap_or(text)
}

/// Few different characters, a short text repeated, or a row of neighbours.
fn is_pattern(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    let different: HashSet<char> = chars.iter().copied().collect();
    if different.len() < 5 || period(lower).chars().count() < 5 {
        return true;
    }
    let neighbours = chars
        .iter()
        .zip(chars.iter().skip(1))
        .filter(|(a, b)| u32::from(**a).abs_diff(u32::from(**b)) <= 1 || (**a == '9' && **b == '0'))
        .count();
    // Three of four steps lead to a neighbour: 123456789012, abcdefgh1234.
    neighbours * 4 >= (chars.len() - 1) * 3
}

/// The password without the words of the context.
fn without_context(lower: &str, context: &[&str]) -> String {
    let mut words: Vec<String> = context
        .iter()
        .flat_map(|text| {
            let words = text.split(|c: char| !c.is_alphanumeric());
            words.chain(std::iter::once(*text))
        })
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 4)
        .collect();
    // Longer words first, so that a word within a word does not break it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
        .iter()
        .fold(lower.to_owned(), |rest, word| rest.replace(word, ""))
}

/// A password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// All places and the waiting room are taken.
    #[error("too many people are signing in; try again in {retry_after_s} seconds")]
    Busy {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// What is stored is not a hash that this program made.
    #[error("the stored password hash cannot be read; reset the password")]
    Unreadable,
    /// A fault of ours.
    #[error("hashing failed: {0}")]
    Failed(String),
}

fn argon2() -> Result<Argon2<'static>, HashingError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|e| HashingError::Failed(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash in PHC's notation, for the store. Takes long: use [`HashingRoom`] in a server.
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, HashingError> {
    let failed = |e: argon2::password_hash::Error| HashingError::Failed(e.to_string());
    let salt = SaltString::encode_b64(salt).map_err(failed)?;
    let hash = argon2()?
        .hash_password(password.as_bytes(), &salt)
        .map_err(failed)?;
    Ok(hash.to_string())
}

/// Whether the password has this hash. Takes long: use [`HashingRoom`] in a server.
pub fn verify(password: &str, stored: &str) -> Result<bool, HashingError> {
    let parsed = PasswordHash::new(stored).map_err(|_| HashingError::Unreadable)?;
    let params = Params::try_from(&parsed).map_err(|_| HashingError::Unreadable)?;
    let ours = parsed.algorithm.as_str() == "argon2id";
    if !ours || params.m_cost() > MOST_MEMORY_KIB || params.t_cost() > MOST_PASSES {
        return Err(HashingError::Unreadable);
    }
    match argon2()?.verify_password(password.as_bytes(), &parsed) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(_) => Err(HashingError::Unreadable),
    }
}

/// Does the work of [`verify`] for a name that does not exist, so that the time does not tell.
fn verify_nothing(password: &str) -> Result<bool, HashingError> {
    let mut out = [0u8; 32];
    argon2()?
        .hash_password_into(password.as_bytes(), b"nobody has this.", &mut out)
        .map_err(|e| HashingError::Failed(e.to_string()))?;
    // The result is used, so that the work is not optimised away.
    std::hint::black_box(out);
    Ok(false)
}

/// Whether the hash was made with other costs than today's; then hash again after a sign-in.
pub fn needs_rehash(stored: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(stored) else {
        return true;
    };
    let Ok(params) = Params::try_from(&parsed) else {
        return true;
    };
    parsed.algorithm.as_str() != "argon2id"
        || parsed.version != Some(Version::V0x13.into())
        || (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY_KIB, PASSES, LANES)
}

/// Where passwords are hashed: two at a time, 32 waiting. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HashingRoom {
    inside: Arc<Semaphore>,
    desks: Arc<Semaphore>,
}

/// Hashes computed at once: 38 MiB.
pub const DESKS: usize = 2;
/// Callers that wait for a desk.
pub const WAITING: usize = 32;
/// A full room is empty again after this many seconds, on slow machines too.
const RETRY_AFTER_S: u32 = 3;

impl Default for HashingRoom {
    fn default() -> Self {
        Self {
            inside: Arc::new(Semaphore::new(DESKS + WAITING)),
            desks: Arc::new(Semaphore::new(DESKS)),
        }
    }
}

impl HashingRoom {
    /// Hashes a password that [`check`] accepted; `salt` is random.
    pub async fn hash(
        &self,
        password: SecretString,
        salt: [u8; 16],
    ) -> Result<String, HashingError> {
        self.run(move || hash(password.expose_secret(), &salt))
            .await
    }

    /// Whether the password fits; with `None`, for a name that does not exist, it takes as long
    /// and is false.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<bool, HashingError> {
        self.run(move || {
            let password = password.expose_secret();
            // A password that could not have been set is not worth a hash of megabytes, but it
            // takes the same time.
            let password = match password.char_indices().nth(LONGEST) {
                Some(_) => "",
                None => password,
            };
            match stored {
                Some(stored) => verify(password, &stored),
                None => verify_nothing(password),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let busy = || HashingError::Busy {
            retry_after_s: RETRY_AFTER_S,
        };
        let place = Arc::clone(&self.inside)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let desk = Arc::clone(&self.desks)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        // The permits go with the work: a caller that hangs up does not free a desk at which
        // hashing goes on.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop((desk, place));
            result
        })
        .await
        .map_err(|e| HashingError::Failed(e.to_string()))?
    }
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
