//! Staff accounts: setting up, inviting, signing in, second factors, sessions, tokens, resets.
//!
//! Long file: one life of an account; its parts share the profile that they seal.

use crate::cases::Person;
use crate::error::ServiceError;
use crate::login::password::{self, HashingError};
use crate::login::recovery::RecoveryCode;
use crate::login::token::{self, Token, TokenKind};
use crate::login::totp::TotpSecret;
use crate::{App, ClientHint, Fault, jobs, known, look, transact};
use entente_domain::access::{Action, Resource, Role, Viewer, may};
use entente_domain::ids::UserId;
use entente_domain::kinds::UnknownWord;
use entente_domain::time::Timestamp;
use entente_store::accounts::{self as table, Account};
use entente_store::{Tx, limits, sessions};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Hours after which a session ends.
const SESSION_HOURS: i64 = 12;
/// Days for which an invitation counts.
const INVITATION_DAYS: i64 = 7;

/// What an account seals.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) mail: String,
    password: Option<String>,
    totp: Option<Vec<u8>>,
    totp_pending: Option<Vec<u8>>,
    totp_last_step: Option<i64>,
    recovery: Vec<[u8; 32]>,
}

/// What an API token may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Hand in reports.
    Report,
    /// Read.
    Read,
    /// Change.
    Write,
    /// Accounts and settings.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 4] = [Scope::Report, Scope::Read, Scope::Write, Scope::Admin];

    /// The word for the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Report => "report",
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = UnknownWord;
    fn from_str(s: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|v| v.as_str() == s)
            .ok_or_else(|| UnknownWord {
                what: "Scope",
                allowed: "report, read, write, admin".to_owned(),
            })
    }
}

/// What a try to sign in answers.
#[derive(Clone, PartialEq, Eq)]
pub enum SignIn {
    /// Signed in; the token is for the cookie.
    Done {
        /// The session's token.
        token: String,
    },
    /// The password is right and the account has a second factor.
    SecondFactorNeeded,
    /// Name, password or second factor is wrong; which one is not said.
    Refused,
    /// Too many people are signing in.
    Busy {
        /// Seconds to wait.
        retry_after_s: u32,
    },
}

/// A signed-in member of staff.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedIn {
    /// Who asks.
    pub viewer: Viewer,
    /// As others see them.
    pub person: Person,
    /// The session.
    pub session: Uuid,
    /// The token that forms carry.
    pub csrf: String,
}

/// An account as the administrator sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRow {
    /// As others see it.
    pub person: Person,
    /// The mail address.
    pub mail: String,
    /// Whether it is closed.
    pub disabled: bool,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Whether the invitation was accepted.
    pub active: bool,
}

/// A session as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// Its id.
    pub id: Uuid,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An API token as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRow {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it may.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

fn opened(account: &Account) -> Result<Profile, Fault> {
    serde_json::from_slice(&account.body).map_err(|e| Fault::Service(ServiceError::internal(e)))
}

fn saved(tx: &mut Tx<'_>, mut account: Account, profile: &Profile) -> Result<(), Fault> {
    account.body =
        serde_json::to_vec(profile).map_err(|e| Fault::Service(ServiceError::internal(e)))?;
    table::save(tx, &account)?;
    Ok(())
}

fn person(account: &Account, profile: &Profile) -> Person {
    Person {
        id: account.id,
        name: profile.name.clone(),
        roles: account.roles.clone(),
    }
}

pub(crate) fn profile(tx: &mut Tx<'_>, user: UserId) -> Result<Option<(Account, Profile)>, Fault> {
    match table::get(tx, user)? {
        Some(account) => {
            let profile = opened(&account)?;
            Ok(Some((account, profile)))
        }
        None => Ok(None),
    }
}

pub(crate) fn all_people(tx: &mut Tx<'_>) -> Result<Vec<Person>, Fault> {
    table::list(tx)?
        .iter()
        .map(|a| Ok(person(a, &opened(a)?)))
        .collect()
}

pub(crate) fn active_people(tx: &mut Tx<'_>) -> Result<Vec<Person>, Fault> {
    table::list(tx)?
        .iter()
        .filter(|a| !a.disabled)
        .map(|a| Ok(person(a, &opened(a)?)))
        .collect()
}

fn login_key(app: &App, mail: &str) -> [u8; 32] {
    app.db()
        .keys()
        .lookup("sign-in name", mail.trim().to_lowercase().as_bytes())
}

/// Whether the instance waits for its first account.
pub async fn needs_set_up(app: &App) -> Result<bool, ServiceError> {
    Ok(!app.db().read(table::any).await?)
}

fn check_name(name: &str) -> Result<(), ServiceError> {
    if name.trim().is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(ServiceError::invalid(
            "name",
            "A name is one line.",
            "Give the name that others should see.",
        ));
    }
    Ok(())
}

fn check_mail(mail: &str) -> Result<(), ServiceError> {
    crate::mail::Address::parse(mail)
        .map(|_| ())
        .map_err(|e| ServiceError::invalid("mail", "This is not a mail address.", e.to_string()))
}

async fn hashed(app: &App, name: &str, mail: &str, password: &str) -> Result<String, ServiceError> {
    let local = mail.split('@').next().unwrap_or_default();
    let names: Vec<&str> = name
        .split_whitespace()
        .chain([local, app.config().organisation.name.as_str()])
        .collect();
    password::check(password, &names).map_err(|e| {
        ServiceError::invalid("password", "This password is not taken.", e.to_string())
    })?;
    app.hashing()
        .hash(password.to_owned().into(), app.random().bytes())
        .await
        .map_err(hashing)
}

fn hashing(e: HashingError) -> ServiceError {
    match e {
        HashingError::Busy { retry_after_s } => ServiceError::TooMany { retry_after_s },
        other => ServiceError::internal(other),
    }
}

/// What whoever started the server hands to whoever sets the instance up: without it, the first
/// visitor of a fresh instance would be its administrator. It counts until there is an account.
pub fn set_up_code(app: &App) -> String {
    let mac = app.db().keys().lookup("set-up code", b"");
    // 80 bits, in groups that can be read out.
    let text = data_encoding::BASE32_NOPAD.encode(mac.get(..10).unwrap_or_default());
    let groups: Vec<&str> = (0..text.len())
        .step_by(4)
        .filter_map(|at| text.get(at..at + 4))
        .collect();
    groups.join("-")
}

/// [`set_up`] for whoever has the code.
pub async fn set_up_by_code(
    app: &App,
    code: &str,
    name: &str,
    mail: &str,
    password: &str,
) -> Result<UserId, ServiceError> {
    use subtle::ConstantTimeEq;
    let plain = |code: &str| -> String {
        code.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect()
    };
    let ours = plain(&set_up_code(app));
    if !bool::from(ours.as_bytes().ct_eq(plain(code).as_bytes())) {
        return Err(ServiceError::invalid(
            "code",
            "This is not the set-up code of this instance.",
            "Take it from where the server was started; it prints the code until there is an account.",
        ));
    }
    set_up(app, name, mail, password).await
}

/// Makes the first account: PSIRT lead and administrator. Only while there is none.
pub async fn set_up(
    app: &App,
    name: &str,
    mail: &str,
    password: &str,
) -> Result<UserId, ServiceError> {
    create(
        app,
        name,
        mail,
        password,
        &[Role::Lead, Role::Administrator],
        true,
    )
    .await
}

/// Makes an account with a password at once: for the set-up, the command line and the
/// demonstration.
pub async fn create(
    app: &App,
    name: &str,
    mail: &str,
    password: &str,
    roles: &[Role],
    first_only: bool,
) -> Result<UserId, ServiceError> {
    check_name(name)?;
    check_mail(mail)?;
    let hash = hashed(app, name, mail, password).await?;
    let now = app.now();
    let id = UserId(app.random().id(now));
    let account = Account {
        id,
        login: login_key(app, mail),
        disabled: false,
        roles: roles.to_vec(),
        created_at: now,
        body: Vec::new(),
    };
    let profile = Profile {
        name: name.trim().to_owned(),
        mail: mail.trim().to_owned(),
        password: Some(hash),
        ..Profile::default()
    };
    transact(app, move |tx| {
        if first_only && table::any(tx)? {
            return Err(Fault::Service(ServiceError::NotFound));
        }
        if table::by_login(tx, &account.login)?.is_some() {
            return Err(Fault::Service(taken()));
        }
        saved(tx, account.clone(), &profile)
    })
    .await?;
    Ok(id)
}

fn taken() -> ServiceError {
    ServiceError::invalid(
        "mail",
        "This address has an account already.",
        "Use another address.",
    )
}

/// Tries to sign in. Unknown names take as long as known ones.
pub async fn sign_in(
    app: &App,
    name: &str,
    password: &str,
    second: Option<&str>,
    client: ClientHint,
) -> Result<SignIn, ServiceError> {
    let now = app.now();
    let login = login_key(app, name);
    let of = app.config().limits.clone();
    let found = transact(app, move |tx| {
        let by_client = tx.keys().lookup("sign-in of a client", &client.0);
        let by_account = tx.keys().lookup("sign-in of an account", &login);
        for (key, per_hour) in [
            (by_client, of.sign_ins_per_address_hour),
            (by_account, of.sign_ins_per_account_hour),
        ] {
            if let Err(retry_after_s) = limits::take(tx, &key, per_hour, now)? {
                return Err(Fault::Service(ServiceError::TooMany { retry_after_s }));
            }
        }
        match table::by_login(tx, &login)? {
            Some(account) if !account.disabled => {
                let profile = opened(&account)?;
                Ok(Some((account.id, profile)))
            }
            _ => Ok(None),
        }
    })
    .await?;
    let hash = found.as_ref().and_then(|(_, p)| p.password.clone());
    let right = match app.hashing().verify(password.to_owned().into(), hash).await {
        Ok(right) => right,
        Err(HashingError::Busy { retry_after_s }) => return Ok(SignIn::Busy { retry_after_s }),
        Err(e) => return Err(hashing(e)),
    };
    let Some((user, profile)) = found.filter(|_| right) else {
        return Ok(SignIn::Refused);
    };
    if profile.totp.is_some() {
        let Some(second) = second.filter(|s| !s.trim().is_empty()) else {
            return Ok(SignIn::SecondFactorNeeded);
        };
        if !second_factor(app, user, second).await? {
            return Ok(SignIn::Refused);
        }
    }
    Ok(SignIn::Done {
        token: begin_session(app, user).await?,
    })
}

/// Checks and uses up a one-time code or a recovery code.
async fn second_factor(app: &App, user: UserId, typed: &str) -> Result<bool, ServiceError> {
    let now = app.now();
    let typed = typed.to_owned();
    transact(app, move |tx| {
        let Some((account, mut profile)) = profile(tx, user)? else {
            return Ok(false);
        };
        let step = profile
            .totp
            .as_ref()
            .and_then(|secret| TotpSecret::from_bytes(secret))
            .and_then(|secret| secret.verify(&typed, now, profile.totp_last_step).ok());
        let place = RecoveryCode::parse(&typed)
            .ok()
            .and_then(|code| code.find(user, &profile.recovery));
        match (step, place) {
            (Some(step), _) => profile.totp_last_step = Some(step),
            (None, Some(place)) => {
                profile.recovery.remove(place);
            }
            (None, None) => return Ok(false),
        }
        saved(tx, account, &profile)?;
        Ok(true)
    })
    .await
}

/// Begins a session; answers its token.
pub async fn begin_session(app: &App, user: UserId) -> Result<String, ServiceError> {
    let now = app.now();
    let token = Token::new(TokenKind::Session, &mut app.random().clone());
    let (hash, id) = (token.hash(), app.random().id(now));
    app.db()
        .write(move |tx| {
            sessions::insert(
                tx,
                &sessions::Session {
                    token: hash,
                    id,
                    account: Some(user),
                    report: None,
                    created_at: now,
                    seen_at: now,
                    expires_at: now.plus_hours(SESSION_HOURS),
                    body: Vec::new(),
                },
            )
        })
        .await?;
    Ok(token.reveal().to_owned())
}

/// The member of staff behind a session token. Roles are read anew, so that a right that was
/// taken is gone with the next request.
pub async fn session(app: &App, session_token: &str) -> Result<Option<SignedIn>, ServiceError> {
    let now = app.now();
    let Some(hash) = token::hash(TokenKind::Session, session_token) else {
        return Ok(None);
    };
    let a = app.clone();
    look(app, move |tx| {
        let Some((s, account)) = sessions::with_account(tx, &hash, now)? else {
            return Ok(None);
        };
        if account.disabled {
            return Ok(None);
        }
        let (user, profile) = (account.id, opened(&account)?);
        let csrf = data_encoding::HEXLOWER.encode(&a.db().keys().lookup("form token", &hash));
        Ok(Some(SignedIn {
            viewer: Viewer::Staff {
                user,
                roles: account.roles.clone(),
            },
            person: person(&account, &profile),
            session: s.id,
            csrf,
        }))
    })
    .await
}

/// Ends a session.
pub async fn sign_out(app: &App, session_token: &str) -> Result<(), ServiceError> {
    let Some(hash) = token::hash(TokenKind::Session, session_token) else {
        return Ok(());
    };
    Ok(app.db().write(move |tx| sessions::end(tx, &hash)).await?)
}

fn own(viewer: &Viewer) -> Result<UserId, ServiceError> {
    viewer.user().ok_or(ServiceError::NotFound)
}

/// The caller's own sessions.
pub async fn own_sessions(app: &App, viewer: &Viewer) -> Result<Vec<SessionRow>, ServiceError> {
    let user = own(viewer)?;
    Ok(app
        .db()
        .read(move |tx| sessions::of_account(tx, user))
        .await?
        .into_iter()
        .map(|s| SessionRow {
            id: s.id,
            created_at: s.created_at,
            seen_at: s.seen_at,
            expires_at: s.expires_at,
        })
        .collect())
}

/// Ends one of the caller's own sessions.
pub async fn end_session(app: &App, viewer: &Viewer, id: Uuid) -> Result<(), ServiceError> {
    let user = own(viewer)?;
    if app
        .db()
        .write(move |tx| sessions::end_one(tx, user, id))
        .await?
    {
        Ok(())
    } else {
        Err(ServiceError::NotFound)
    }
}

fn allowed(viewer: &Viewer, action: Action) -> Result<(), ServiceError> {
    if may(viewer, action, Resource::Accounts) {
        Ok(())
    } else {
        Err(ServiceError::NotFound)
    }
}

/// Every account, for administrators and leads.
pub async fn people(app: &App, viewer: &Viewer) -> Result<Vec<PersonRow>, ServiceError> {
    allowed(viewer, Action::Read)?;
    look(app, |tx| {
        table::list(tx)?
            .iter()
            .map(|a| {
                let p = opened(a)?;
                Ok(PersonRow {
                    person: person(a, &p),
                    mail: p.mail.clone(),
                    disabled: a.disabled,
                    second_factor: p.totp.is_some(),
                    active: p.password.is_some(),
                })
            })
            .collect()
    })
    .await
}

/// Invites somebody; the link goes out by mail and is shown once.
pub async fn invite(
    app: &App,
    viewer: &Viewer,
    mail: &str,
    name: &str,
    roles: &[Role],
) -> Result<String, ServiceError> {
    allowed(viewer, Action::Write)?;
    check_name(name)?;
    check_mail(mail)?;
    if roles.is_empty() {
        return Err(ServiceError::invalid(
            "roles",
            "No role is chosen.",
            "Choose at least one.",
        ));
    }
    let now = app.now();
    let id = UserId(app.random().id(now));
    let account = Account {
        id,
        login: login_key(app, mail),
        disabled: false,
        roles: roles.to_vec(),
        created_at: now,
        body: Vec::new(),
    };
    let profile = Profile {
        name: name.trim().to_owned(),
        mail: mail.trim().to_owned(),
        ..Profile::default()
    };
    let link = Token::new(TokenKind::Link, &mut app.random().clone());
    let (hash, url) = (
        link.hash(),
        format!(
            "{}/console/welcome/{}",
            app.config().base_url,
            link.reveal()
        ),
    );
    let (a, shown) = (app.clone(), url.clone());
    transact(app, move |tx| {
        if table::by_login(tx, &account.login)?.is_some() {
            return Err(Fault::Service(taken()));
        }
        saved(tx, account.clone(), &profile)?;
        table::add_link(
            tx,
            &table::Link {
                token: hash,
                kind: "invitation".to_owned(),
                account: id,
                expires_at: now.plus_days(INVITATION_DAYS),
                used_at: None,
                body: Vec::new(),
            },
        )?;
        jobs::account_link(&a, tx, id, url.clone(), false, now)
    })
    .await?;
    app.wake();
    Ok(shown)
}

/// Accepts an invitation or a granted reset: sets the password, and the link is used up.
pub async fn accept(app: &App, link: &str, new_password: &str) -> Result<UserId, ServiceError> {
    let now = app.now();
    let hash = token::hash(TokenKind::Link, link).ok_or(ServiceError::NotFound)?;
    let (user, name, mail) = look(app, move |tx| {
        let link = table::link(tx, &hash)?
            .filter(|l| {
                l.used_at.is_none()
                    && l.expires_at > now
                    && matches!(l.kind.as_str(), "invitation" | "reset")
            })
            .ok_or(Fault::Service(ServiceError::NotFound))?;
        let (_, p) = profile(tx, link.account)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        Ok((link.account, p.name, p.mail))
    })
    .await?;
    let password = hashed(app, &name, &mail, new_password).await?;
    transact(app, move |tx| {
        if !table::use_link(tx, &hash, now)? {
            return Err(Fault::Service(ServiceError::NotFound));
        }
        let (account, mut p) = profile(tx, user)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        p.password = Some(password.clone());
        saved(tx, account, &p)?;
        // Whoever held a session with the old password is out.
        sessions::end_all(tx, user)?;
        Ok(user)
    })
    .await
}

/// Changes the caller's own password; other sessions end.
pub async fn change_password(
    app: &App,
    viewer: &Viewer,
    old: &str,
    new: &str,
) -> Result<String, ServiceError> {
    let user = own(viewer)?;
    let (_, p) = look(app, move |tx| {
        profile(tx, user)?.ok_or(Fault::Service(ServiceError::NotFound))
    })
    .await?;
    if !app
        .hashing()
        .verify(old.to_owned().into(), p.password.clone())
        .await
        .map_err(hashing)?
    {
        return Err(ServiceError::invalid(
            "old_password",
            "The old password is not right.",
            "Type it again.",
        ));
    }
    let password = hashed(app, &p.name, &p.mail, new).await?;
    transact(app, move |tx| {
        let (account, mut p) = profile(tx, user)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        p.password = Some(password.clone());
        saved(tx, account, &p)?;
        sessions::end_all(tx, user)?;
        Ok(())
    })
    .await?;
    begin_session(app, user).await
}

/// Begins to set up a second factor; answers the secret as text and the address for a picture.
pub async fn totp_begin(app: &App, viewer: &Viewer) -> Result<(String, String), ServiceError> {
    let user = own(viewer)?;
    let secret = TotpSecret::generate(&mut app.random().clone());
    let kept = secret.as_bytes().to_vec();
    let mail = transact(app, move |tx| {
        let (account, mut p) = profile(tx, user)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        p.totp_pending = Some(kept.clone());
        saved(tx, account, &p)?;
        Ok(p.mail)
    })
    .await?;
    let uri = secret.otpauth_uri(
        &format!("Entente {}", app.config().organisation.name),
        &mail,
    );
    Ok((secret.expose_base32(), uri))
}

/// Confirms the second factor with a code; answers the recovery codes, shown once.
pub async fn totp_confirm(
    app: &App,
    viewer: &Viewer,
    code: &str,
) -> Result<Vec<String>, ServiceError> {
    let user = own(viewer)?;
    let now = app.now();
    let code = code.to_owned();
    let made = RecoveryCode::new_set(&mut app.random().clone());
    let codes: Vec<String> = made.iter().map(|c| c.grouped().to_string()).collect();
    let hashes: Vec<[u8; 32]> = made.iter().map(|c| c.hash(user)).collect();
    transact(app, move |tx| {
        let (account, mut p) = profile(tx, user)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        let step = p
            .totp_pending
            .as_ref()
            .and_then(|s| TotpSecret::from_bytes(s))
            .and_then(|s| s.verify(&code, now, None).ok());
        let Some(step) = step else {
            return Err(Fault::Service(ServiceError::invalid(
                "code",
                "This code is not right.",
                "Type the code that the authenticator shows now.",
            )));
        };
        p.totp = p.totp_pending.take();
        p.totp_last_step = Some(step);
        p.recovery.clone_from(&hashes);
        saved(tx, account, &p)
    })
    .await?;
    Ok(codes)
}

/// Sets the offices of an account. The last administrator stays one.
pub async fn set_roles(
    app: &App,
    viewer: &Viewer,
    user: UserId,
    roles: &[Role],
) -> Result<(), ServiceError> {
    allowed(viewer, Action::Write)?;
    let roles = roles.to_vec();
    transact(app, move |tx| {
        let (mut account, p) = profile(tx, user)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        account.roles.clone_from(&roles);
        saved(tx, account, &p)?;
        keep_an_administrator(tx)
    })
    .await
}

/// Closes an account: sessions and tokens end at once.
pub async fn disable(
    app: &App,
    viewer: &Viewer,
    user: UserId,
    disabled: bool,
) -> Result<(), ServiceError> {
    allowed(viewer, Action::Write)?;
    transact(app, move |tx| {
        let (mut account, p) = profile(tx, user)?.ok_or(Fault::Service(ServiceError::NotFound))?;
        account.disabled = disabled;
        saved(tx, account, &p)?;
        if disabled {
            sessions::end_all(tx, user)?;
            table::end_tokens(tx, user)?;
        }
        keep_an_administrator(tx)
    })
    .await
}

fn keep_an_administrator(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let any = table::list(tx)?
        .iter()
        .any(|a| !a.disabled && a.roles.contains(&Role::Administrator));
    if any {
        return Ok(());
    }
    Err(Fault::Service(ServiceError::invalid(
        "roles",
        "Nobody would be administrator any more.",
        "Give the role to somebody else first.",
    )))
}

/// Asks for a reset; it waits for a second person. The answer is the same for unknown names.
pub async fn reset_request(app: &App, mail: &str, client: ClientHint) -> Result<(), ServiceError> {
    let now = app.now();
    let login = login_key(app, mail);
    let per_hour = app.config().limits.sign_ins_per_account_hour;
    let hash = app.random().bytes::<32>();
    transact(app, move |tx| {
        let key = tx.keys().lookup("reset of a client", &client.0);
        if let Err(retry_after_s) = limits::take(tx, &key, per_hour, now)? {
            return Err(Fault::Service(ServiceError::TooMany { retry_after_s }));
        }
        if let Some(account) = table::by_login(tx, &login)?.filter(|a| !a.disabled) {
            table::drop_links(tx, account.id, "reset-request")?;
            table::add_link(
                tx,
                &table::Link {
                    token: hash,
                    kind: "reset-request".to_owned(),
                    account: account.id,
                    expires_at: now.plus_days(1),
                    used_at: None,
                    body: Vec::new(),
                },
            )?;
        }
        Ok(())
    })
    .await
}

/// Resets that wait for a second person.
pub async fn reset_requests(
    app: &App,
    viewer: &Viewer,
) -> Result<Vec<(UserId, String, Timestamp)>, ServiceError> {
    allowed(viewer, Action::Read)?;
    let now = app.now();
    look(app, move |tx| {
        let mut found = Vec::new();
        for link in table::open_links(tx, "reset-request")? {
            if link.expires_at > now
                && let Some((_, p)) = profile(tx, link.account)?
            {
                found.push((link.account, p.name, link.expires_at));
            }
        }
        Ok(found)
    })
    .await
}

/// Grants a reset: the link goes to the account's address. Never to oneself.
pub async fn reset_approve(app: &App, viewer: &Viewer, user: UserId) -> Result<(), ServiceError> {
    allowed(viewer, Action::Approve)?;
    if viewer.user() == Some(user) {
        return Err(ServiceError::invalid(
            "user",
            "A reset takes a second person.",
            "Ask a colleague.",
        ));
    }
    let now = app.now();
    let link = Token::new(TokenKind::Link, &mut app.random().clone());
    let (hash, url) = (
        link.hash(),
        format!(
            "{}/console/welcome/{}",
            app.config().base_url,
            link.reveal()
        ),
    );
    let a = app.clone();
    transact(app, move |tx| {
        let request = table::open_links(tx, "reset-request")?
            .into_iter()
            .find(|l| l.account == user && l.expires_at > now)
            .ok_or(Fault::Service(ServiceError::NotFound))?;
        table::use_link(tx, &request.token, now)?;
        table::add_link(
            tx,
            &table::Link {
                token: hash,
                kind: "reset".to_owned(),
                account: user,
                expires_at: now.plus_hours(1),
                used_at: None,
                body: Vec::new(),
            },
        )?;
        jobs::account_link(&a, tx, user, url.clone(), true, now)
    })
    .await?;
    app.wake();
    Ok(())
}

/// Makes an API token; shown once.
pub async fn create_token(
    app: &App,
    viewer: &Viewer,
    name: &str,
    scopes: &[Scope],
    days: u32,
) -> Result<String, ServiceError> {
    let user = own(viewer)?;
    check_name(name)?;
    if scopes.is_empty() {
        return Err(ServiceError::invalid(
            "scopes",
            "No scope is chosen.",
            "Choose at least one.",
        ));
    }
    if !(1..=366).contains(&days) {
        return Err(ServiceError::invalid(
            "days",
            "A token counts for 1 to 366 days.",
            "Choose a number of days.",
        ));
    }
    let now = app.now();
    let token = Token::new(TokenKind::Api, &mut app.random().clone());
    let row = table::ApiToken {
        token: token.hash(),
        id: app.random().id(now),
        account: user,
        scopes: scopes
            .iter()
            .map(|s| s.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        created_at: now,
        expires_at: now.plus_days(i64::from(days)),
        body: name.trim().as_bytes().to_vec(),
    };
    app.db().write(move |tx| table::add_token(tx, &row)).await?;
    Ok(token.reveal().to_owned())
}

/// The caller's own API tokens.
pub async fn tokens(app: &App, viewer: &Viewer) -> Result<Vec<TokenRow>, ServiceError> {
    let user = own(viewer)?;
    Ok(app
        .db()
        .read(move |tx| table::tokens_of(tx, user))
        .await?
        .into_iter()
        .map(|t| TokenRow {
            id: t.id,
            name: String::from_utf8_lossy(&t.body).into_owned(),
            scopes: t.scopes,
            created_at: t.created_at,
            expires_at: t.expires_at,
        })
        .collect())
}

/// Ends one of the caller's own API tokens.
pub async fn end_token(app: &App, viewer: &Viewer, id: Uuid) -> Result<(), ServiceError> {
    let user = own(viewer)?;
    if app
        .db()
        .write(move |tx| table::end_token(tx, user, id))
        .await?
    {
        Ok(())
    } else {
        Err(ServiceError::NotFound)
    }
}

/// The member of staff behind an API token, with what the token may.
pub async fn api_token(
    app: &App,
    bearer: &str,
) -> Result<Option<(Viewer, Vec<Scope>)>, ServiceError> {
    let now = app.now();
    let Some(hash) = token::hash(TokenKind::Api, bearer) else {
        return Ok(None);
    };
    look(app, move |tx| {
        let Some(t) = table::token(tx, &hash)?.filter(|t| t.expires_at > now) else {
            return Ok(None);
        };
        let Some(account) = table::get(tx, t.account)?.filter(|a| !a.disabled) else {
            return Ok(None);
        };
        let scopes = t
            .scopes
            .split_whitespace()
            .filter_map(|s| s.parse().ok())
            .collect();
        Ok(Some((
            Viewer::Staff {
                user: account.id,
                roles: account.roles,
            },
            scopes,
        )))
    })
    .await
}

/// Names of active staff, for screens that show who does what.
pub async fn names(app: &App) -> Result<Vec<Person>, ServiceError> {
    let a = app.clone();
    look(app, move |tx| {
        Ok(Vec::clone(&*known::generations(tx)?.people(&a, tx)?))
    })
    .await
}
