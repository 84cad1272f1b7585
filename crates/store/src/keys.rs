//! The instance key and what is derived from it. One key file opens everything; nothing else
//! does. Every purpose has its own key.

use crate::args;
use crate::engine::{Db, OpenOptions, Tx};
use crate::erasures::sync_folder_of;
use crate::error::StoreError;
use crate::random::Random;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// First line of a key file, so that it is recognised.
const KEY_FILE_HEAD: &str = "entente-instance-key-1";

/// The instance's keys. Never printed.
#[derive(Clone)]
pub struct Keyring {
    instance: Zeroizing<[u8; 32]>,
    wrap: Zeroizing<[u8; 32]>,
    index: Zeroizing<[u8; 32]>,
    lookup: Zeroizing<[u8; 32]>,
    public_mac: Zeroizing<[u8; 32]>,
    registers: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    /// Derives the keys of an instance.
    pub fn from_instance_key(key: [u8; 32]) -> Self {
        let derive = |purpose: &str| {
            let mut out = Zeroizing::new([0; 32]);
            // 32 bytes are a valid length for HKDF-SHA-256, so this cannot fail.
            let done = Hkdf::<Sha256>::new(None, &key).expand(purpose.as_bytes(), &mut *out);
            debug_assert!(done.is_ok());
            out
        };
        Self {
            wrap: derive("entente wrap"),
            index: derive("entente blind index"),
            lookup: derive("entente lookup"),
            public_mac: derive("entente public rows"),
            registers: derive("entente registers"),
            instance: Zeroizing::new(key),
        }
    }

    /// Makes a new key file, readable by its owner only. Refuses to overwrite one.
    pub fn create(path: &Path, random: &Random) -> Result<Self, StoreError> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let key = random.bytes::<32>();
        let text = format!(
            "{KEY_FILE_HEAD}\n{}\n",
            data_encoding::HEXLOWER.encode(&key)
        );
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| StoreError::file("creating the key file", e))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            // A key whose name is lost with the power opens nothing.
            .and_then(|()| sync_folder_of(path))
            .map_err(|e| StoreError::file("writing the key file", e))?;
        Ok(Self::from_instance_key(key))
    }

    /// Loads a key file; refuses one that others can read.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        use std::os::unix::fs::MetadataExt;
        let problem = |problem: &str| StoreError::KeyFile {
            path: path.display().to_string(),
            problem: problem.to_owned(),
        };
        let meta = std::fs::metadata(path).map_err(|_| {
            problem("it is not there; name the key file that the database was made with")
        })?;
        if meta.mode() & 0o077 != 0 {
            return Err(problem("others can read it; run chmod 600 on it"));
        }
        let text = Zeroizing::new(
            std::fs::read_to_string(path).map_err(|_| problem("it cannot be read"))?,
        );
        let mut lines = text.lines();
        let head = lines.next() == Some(KEY_FILE_HEAD);
        let key = lines
            .next()
            .and_then(|l| data_encoding::HEXLOWER.decode(l.trim().as_bytes()).ok())
            .and_then(|k| <[u8; 32]>::try_from(k).ok());
        match (head, key) {
            (true, Some(key)) => Ok(Self::from_instance_key(key)),
            _ => Err(problem("it holds no instance key")),
        }
    }

    /// The key that wraps stream and item keys.
    pub(crate) fn wrap(&self) -> &[u8; 32] {
        &self.wrap
    }

    /// The key of the registers that belong to no case.
    pub(crate) fn registers(&self) -> &[u8; 32] {
        &self.registers
    }

    /// A further key for a purpose that is named by the caller, such as the receipt codes.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        let done = Hkdf::<Sha256>::new(None, &*self.instance).expand(purpose.as_bytes(), &mut *out);
        debug_assert!(done.is_ok());
        out
    }

    /// A keyed hash for looking something up without storing it: sign-in names, addresses, codes.
    pub fn lookup(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        mac(&self.lookup, &[purpose.as_bytes(), value])
    }

    /// The token of a word in the blind index: 8 bytes, a compromise between the size of the
    /// index and false hits (2^-64 for each pair of words).
    pub(crate) fn word(&self, word: &str) -> [u8; 8] {
        let full = mac(&self.index, &[word.as_bytes()]);
        let mut token = [0; 8];
        token.copy_from_slice(full.first_chunk::<8>().unwrap_or(&[0; 8]));
        token
    }

    /// Authenticates a public row, which is not sealed.
    pub(crate) fn public_mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.public_mac, parts)
    }
}

/// HMAC-SHA-256 over parts, each with its length, so that no two lists of parts collide.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // Any length is a valid key for HMAC.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

crate::statements! {
    GET_META = "SELECT value FROM meta WHERE name = $1";
    PUT_META = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// Reads the root key of the database with the instance key; a fresh database gets one.
///
/// The instance key (the file) wraps one root key (in the database), from which all others are
/// derived: changing the instance key is one small write, whatever the size of the database.
pub(crate) fn root(
    tx: &mut Tx<'_>,
    instance: &Keyring,
    create: bool,
) -> Result<Option<Keyring>, StoreError> {
    if tx.one(GET_META, args![crate::backup::RESTORING])?.is_some() {
        return Err(StoreError::Unavailable(
            "its restore broke off; restore again into an empty place".to_owned(),
        ));
    }
    if let Some(row) = tx.one(GET_META, args!["root_key"])? {
        let key = crate::seal::open(instance.wrap(), b"root", row.bytes(0)?)
            .ok_or(StoreError::WrongKey)?;
        let key = <[u8; 32]>::try_from(key).map_err(|_| StoreError::WrongKey)?;
        return Ok(Some(Keyring::from_instance_key(key)));
    }
    if !create {
        return Ok(None);
    }
    let key = tx.random().bytes::<32>();
    let wrapped = crate::seal::seal(instance.wrap(), b"root", &key, tx.random())?;
    tx.execute(PUT_META, args!["root_key", wrapped])?;
    Ok(Some(Keyring::from_instance_key(key)))
}

/// Where a new key waits until the database knows it.
fn waiting(key_file: &Path) -> PathBuf {
    key_file.with_extension("key.new")
}

/// Whether a rotation broke off; [`open`] settles it.
pub fn rotation_waits(key_file: &Path) -> bool {
    waiting(key_file).exists()
}

/// Opens a store with its key file, and settles a rotation that broke off: finished where the
/// database knows the new key already, undone where it does not. What is opened for reading only
/// changes no file.
pub async fn open(
    key_file: &Path,
    options: impl Fn(Keyring) -> OpenOptions,
) -> Result<Db, StoreError> {
    let new = waiting(key_file);
    let old = Keyring::load(key_file);
    if !new.exists() {
        return Db::open(options(old?)).await;
    }
    let opened = match old {
        Ok(key) => {
            let options = options(key);
            let read_only = options.read_only;
            let db = Db::open(options).await;
            if db.is_ok() && !read_only {
                std::fs::remove_file(&new)
                    .and_then(|()| sync_folder_of(key_file))
                    .map_err(|e| StoreError::file("undoing the rotation of the key", e))?;
            }
            db
        }
        Err(e) => Err(e),
    };
    match (opened, Keyring::load(&new)) {
        (Err(StoreError::WrongKey | StoreError::KeyFile { .. }), Ok(key)) => {
            let options = options(key);
            let read_only = options.read_only;
            let db = Db::open(options).await?;
            if !read_only {
                exchange(key_file)?;
            }
            Ok(db)
        }
        (opened, _) => opened,
    }
}

/// Gives the new key file its name; the old one is put aside, and its place is answered.
fn exchange(key_file: &Path) -> Result<PathBuf, StoreError> {
    let old = key_file.with_extension("key.old");
    let renamed = if key_file.exists() {
        std::fs::rename(key_file, &old)
    } else {
        Ok(())
    };
    renamed
        .and_then(|()| std::fs::rename(waiting(key_file), key_file))
        .and_then(|()| sync_folder_of(key_file))
        .map_err(|e| StoreError::file("naming the new key", e))?;
    Ok(old)
}

/// Makes a new instance key and wraps the root key with it; answers where the old one lies. If it
/// breaks off, [`open`] finishes or undoes it.
pub async fn rotate_file(db: &Db, key_file: &Path) -> Result<PathBuf, StoreError> {
    let new = Keyring::create(&waiting(key_file), db.random())?;
    db.write(move |tx| rotate(tx, &new)).await?;
    exchange(key_file)
}

/// Wraps the root key with a new instance key. From then on only the new key file opens the
/// database.
pub fn rotate(tx: &mut Tx<'_>, new_instance: &Keyring) -> Result<(), StoreError> {
    let root = *tx.keys().instance;
    let wrapped = crate::seal::seal(new_instance.wrap(), b"root", &root, tx.random())?;
    tx.execute(PUT_META, args!["root_key", wrapped])?;
    Ok(())
}
