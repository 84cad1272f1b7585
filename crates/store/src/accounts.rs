//! Staff accounts, API tokens and one-time links. Names and addresses are sealed; sign-in finds
//! an account by the keyed hash of its name.

use crate::args;
use crate::engine::{Row, Tx, Val};
use crate::error::StoreError;
use crate::seal;
use entente_domain::access::Role;
use entente_domain::ids::UserId;
use entente_domain::time::Timestamp;
use uuid::Uuid;

/// A staff account.
#[derive(Clone, PartialEq, Debug)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// Keyed hash of the sign-in name in lower case.
    pub login: [u8; 32],
    /// Whether it is closed.
    pub disabled: bool,
    /// The offices.
    pub roles: Vec<Role>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Sealed: name, address, password hash, second factor.
    pub body: Vec<u8>,
}

/// An API token.
#[derive(Clone, PartialEq, Debug)]
pub struct ApiToken {
    /// Hash of the token.
    pub token: [u8; 32],
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub account: UserId,
    /// What it may, as words divided by blanks.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// Sealed: its name.
    pub body: Vec<u8>,
}

/// A one-time link: an invitation or a reset.
#[derive(Clone, PartialEq, Debug)]
pub struct Link {
    /// Hash of the token in the link.
    pub token: [u8; 32],
    /// What it is for.
    pub kind: String,
    /// Whose account.
    pub account: UserId,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Sealed: what the kind needs.
    pub body: Vec<u8>,
}

crate::statements! {
    SAVE = "INSERT INTO accounts (id, login, disabled, roles, created_at, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET login = excluded.login, disabled = excluded.disabled, roles = excluded.roles, created_at = excluded.created_at, body = excluded.body";
    GET = "SELECT id, login, disabled, roles, created_at, body FROM accounts WHERE id = $1";
    BY_LOGIN = "SELECT id, login, disabled, roles, created_at, body FROM accounts WHERE login = $1";
    LIST = "SELECT id, login, disabled, roles, created_at, body FROM accounts ORDER BY id LIMIT 10000";
    ANY = "SELECT id FROM accounts ORDER BY id LIMIT 1";
    ADD_TOKEN = "INSERT INTO api_tokens (token, id, account, scopes, created_at, expires_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    GET_TOKEN = "SELECT token, id, account, scopes, created_at, expires_at, body FROM api_tokens WHERE token = $1";
    TOKENS_OF = "SELECT token, id, account, scopes, created_at, expires_at, body FROM api_tokens WHERE account = $1 ORDER BY id";
    END_TOKEN = "DELETE FROM api_tokens WHERE account = $1 AND id = $2";
    END_TOKENS = "DELETE FROM api_tokens WHERE account = $1";
    ADD_LINK = "INSERT INTO links (token, kind, account, expires_at, used_at, body) VALUES ($1, $2, $3, $4, $5, $6)";
    GET_LINK = "SELECT token, kind, account, expires_at, used_at, body FROM links WHERE token = $1";
    USE_LINK = "UPDATE links SET used_at = $2, body = $3 WHERE token = $1 AND used_at IS NULL";
    LINKS_OF = "SELECT token, kind, account, expires_at, used_at, body FROM links WHERE kind = $1 AND used_at IS NULL ORDER BY expires_at";
    DROP_LINKS = "DELETE FROM links WHERE account = $1 AND kind = $2";
}

fn roles_text(roles: &[Role]) -> String {
    roles
        .iter()
        .map(|r| r.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn clear(a: &Account) -> [Val; 5] {
    [
        a.id.into(),
        a.login.to_vec().into(),
        a.disabled.into(),
        roles_text(&a.roles).into(),
        a.created_at.into(),
    ]
}

/// Saves an account.
pub fn save(tx: &mut Tx<'_>, a: &Account) -> Result<(), StoreError> {
    let mut values = clear(a).to_vec();
    let sealed = seal::seal_row(
        tx.keys().registers(),
        "accounts",
        &values,
        &a.body,
        tx.random(),
    )?;
    values.push(sealed.into());
    tx.execute(SAVE, &values)?;
    crate::counters::accounts_changed(tx)
}

fn opened(tx: &Tx<'_>, row: &Row) -> Result<Account, StoreError> {
    let roles = row
        .text(3)?
        .split_whitespace()
        .map(|w| {
            w.parse()
                .map_err(|_| StoreError::Damaged("a role of an account".to_owned()))
        })
        .collect::<Result<Vec<Role>, _>>()?;
    let mut a = Account {
        id: UserId(row.id(0)?),
        login: row.hash(1)?,
        disabled: row.int(2)? != 0,
        roles,
        created_at: row.time(4)?,
        body: Vec::new(),
    };
    a.body = seal::open_row(tx.keys().registers(), "accounts", &clear(&a), row.bytes(5)?)?;
    Ok(a)
}

/// One account.
pub fn get(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Account>, StoreError> {
    tx.one(GET, args![id])?.map(|r| opened(tx, &r)).transpose()
}

/// The account in the columns of a join, from `first` on.
pub(crate) fn joined(tx: &Tx<'_>, row: &Row, first: usize) -> Result<Account, StoreError> {
    opened(
        tx,
        &Row(row.values().get(first..).unwrap_or_default().to_vec()),
    )
}

/// The account behind the keyed hash of a sign-in name.
pub fn by_login(tx: &mut Tx<'_>, login: &[u8; 32]) -> Result<Option<Account>, StoreError> {
    tx.one(BY_LOGIN, args![login.to_vec()])?
        .map(|r| opened(tx, &r))
        .transpose()
}

/// Every account, oldest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Account>, StoreError> {
    let rows = tx.all(LIST, args![])?;
    rows.iter().map(|r| opened(tx, r)).collect()
}

/// Whether there is any account: without one, the instance is not set up.
pub fn any(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(tx.one(ANY, args![])?.is_some())
}

fn token_clear(t: &ApiToken) -> [Val; 6] {
    [
        t.token.to_vec().into(),
        t.id.into(),
        t.account.into(),
        t.scopes.as_str().into(),
        t.created_at.into(),
        t.expires_at.into(),
    ]
}

/// Adds an API token.
pub fn add_token(tx: &mut Tx<'_>, t: &ApiToken) -> Result<(), StoreError> {
    let mut values = token_clear(t).to_vec();
    let sealed = seal::seal_row(
        tx.keys().registers(),
        "api_tokens",
        &values,
        &t.body,
        tx.random(),
    )?;
    values.push(sealed.into());
    tx.execute(ADD_TOKEN, &values)?;
    Ok(())
}

fn opened_token(tx: &Tx<'_>, row: &Row) -> Result<ApiToken, StoreError> {
    let mut t = ApiToken {
        token: row.hash(0)?,
        id: row.id(1)?,
        account: UserId(row.id(2)?),
        scopes: row.text(3)?.to_owned(),
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
        body: Vec::new(),
    };
    t.body = seal::open_row(
        tx.keys().registers(),
        "api_tokens",
        &token_clear(&t),
        row.bytes(6)?,
    )?;
    Ok(t)
}

/// The API token behind a hash.
pub fn token(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<ApiToken>, StoreError> {
    tx.one(GET_TOKEN, args![hash.to_vec()])?
        .map(|r| opened_token(tx, &r))
        .transpose()
}

/// The API tokens of an account.
pub fn tokens_of(tx: &mut Tx<'_>, account: UserId) -> Result<Vec<ApiToken>, StoreError> {
    let rows = tx.all(TOKENS_OF, args![account])?;
    rows.iter().map(|r| opened_token(tx, r)).collect()
}

/// Ends an API token.
pub fn end_token(tx: &mut Tx<'_>, account: UserId, id: Uuid) -> Result<bool, StoreError> {
    Ok(tx.execute(END_TOKEN, args![account, id])? > 0)
}

/// Ends every API token of an account.
pub fn end_tokens(tx: &mut Tx<'_>, account: UserId) -> Result<(), StoreError> {
    tx.execute(END_TOKENS, args![account])?;
    Ok(())
}

fn link_clear(l: &Link) -> [Val; 5] {
    [
        l.token.to_vec().into(),
        l.kind.as_str().into(),
        l.account.into(),
        l.expires_at.into(),
        l.used_at.into(),
    ]
}

fn sealed_link(tx: &Tx<'_>, l: &Link) -> Result<Vec<u8>, StoreError> {
    seal::seal_row(
        tx.keys().registers(),
        "links",
        &link_clear(l),
        &l.body,
        tx.random(),
    )
}

/// Adds a one-time link, which nobody used yet.
pub fn add_link(tx: &mut Tx<'_>, l: &Link) -> Result<(), StoreError> {
    let fresh = Link {
        used_at: None,
        ..l.clone()
    };
    let mut values = link_clear(&fresh).to_vec();
    values.push(sealed_link(tx, &fresh)?.into());
    tx.execute(ADD_LINK, &values)?;
    Ok(())
}

fn opened_link(tx: &Tx<'_>, row: &Row) -> Result<Link, StoreError> {
    let mut l = Link {
        token: row.hash(0)?,
        kind: row.text(1)?.to_owned(),
        account: UserId(row.id(2)?),
        expires_at: row.time(3)?,
        used_at: row.opt_time(4)?,
        body: Vec::new(),
    };
    l.body = seal::open_row(
        tx.keys().registers(),
        "links",
        &link_clear(&l),
        row.bytes(5)?,
    )?;
    Ok(l)
}

/// The link behind the hash of its token.
pub fn link(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<Link>, StoreError> {
    tx.one(GET_LINK, args![hash.to_vec()])?
        .map(|r| opened_link(tx, &r))
        .transpose()
}

/// Links of a kind that nobody used yet.
pub fn open_links(tx: &mut Tx<'_>, kind: &str) -> Result<Vec<Link>, StoreError> {
    let rows = tx.all(LINKS_OF, args![kind])?;
    rows.iter().map(|r| opened_link(tx, r)).collect()
}

/// Uses a link up; `false` if somebody was faster.
pub fn use_link(tx: &mut Tx<'_>, hash: &[u8; 32], at: Timestamp) -> Result<bool, StoreError> {
    let Some(mut l) = link(tx, hash)?.filter(|l| l.used_at.is_none()) else {
        return Ok(false);
    };
    l.used_at = Some(at);
    let body = sealed_link(tx, &l)?;
    Ok(tx.execute(USE_LINK, args![hash.to_vec(), at, body])? > 0)
}

/// Drops the links of a kind for an account.
pub fn drop_links(tx: &mut Tx<'_>, account: UserId, kind: &str) -> Result<(), StoreError> {
    tx.execute(DROP_LINKS, args![account, kind])?;
    Ok(())
}

/// For the verification: whether a row of the table opens.
pub(crate) fn check_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened(tx, row).map(drop)
}

/// For the verification: whether a row of the API tokens opens.
pub(crate) fn check_token_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened_token(tx, row).map(drop)
}

/// For the verification: whether a row of the one-time links opens.
pub(crate) fn check_link_row(tx: &mut Tx<'_>, row: &Row) -> Result<(), StoreError> {
    opened_link(tx, row).map(drop)
}
