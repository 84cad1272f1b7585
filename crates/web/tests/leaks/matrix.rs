//! Every route x everybody x every relation to a case: what is answered follows from the domain's
//! `may` and from nothing else (L8). What one may not see is answered byte for byte as what is not
//! there.

use crate::table::{ENTRIES, Entry, Gate, Names, Needs, id_of, nowhere};
use crate::world::{
    Answer, Ask, Person, Thing, World, form, guest_cookie, reporter_cookie, staff_cookie,
};
use axum::http::{HeaderName, Method, StatusCode, header};
use entente_domain::access::{Action, Resource, Role, Viewer, may};
use entente_domain::command::Command;
use entente_domain::ids::UserId;
use entente_domain::policy::{Numbers, PolicyKind};
use entente_domain::time::WorkingCalendar;
use entente_service::accounts::{self, Scope};
use entente_service::config::Limits;
use entente_service::{ClientHint, policies, products, reports};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Limits that no test meets.
pub fn no_limits() -> Limits {
    Limits {
        reports_per_address_hour: 1_000_000,
        reports_per_hour: 1_000_000,
        codes_per_address_hour: 1_000_000,
        sign_ins_per_address_hour: 1_000_000,
        sign_ins_per_account_hour: 1_000_000,
        ..Limits::default()
    }
}

/// How somebody shows who they are.
enum Credential {
    None,
    Session,
    Token(Vec<Scope>),
    Reporter,
    Receipt,
    Guest,
    /// A session, token or code that does not count any more.
    Dead,
}

struct Caller {
    name: String,
    viewer: Viewer,
    me: UserId,
    credential: Credential,
    headers: Vec<(HeaderName, String)>,
    csrf: Option<String>,
}

/// A case with what decides about it.
struct Relation {
    name: &'static str,
    thing: Thing,
    restricted: bool,
    members: Vec<UserId>,
}

struct Stage {
    world: World,
    callers: Vec<Caller>,
    relations: Vec<Relation>,
    names: Names,
}

fn bearer(token: &str) -> Vec<(HeaderName, String)> {
    vec![(header::AUTHORIZATION, format!("Bearer {token}"))]
}

fn staff(name: &str, p: &Person, credential: Credential) -> Caller {
    let headers = match credential {
        Credential::Token(_) => bearer(&p.token),
        _ => vec![staff_cookie(&p.session)],
    };
    Caller {
        name: name.to_owned(),
        viewer: p.viewer.clone(),
        me: p.user,
        credential,
        headers,
        csrf: Some(p.csrf.clone()),
    }
}

async fn reporters(world: &World, name: &str, thing: &Thing) -> [Caller; 2] {
    let viewer = Viewer::Reporter {
        report: thing.report,
    };
    let session = reports::enter(&world.app, &thing.code, ClientHint([9; 32]))
        .await
        .unwrap()
        .token;
    let caller = |how: &str, credential, headers| Caller {
        name: format!("{name}, {how}"),
        viewer: viewer.clone(),
        me: id_of(None),
        credential,
        headers,
        csrf: Some(world.app.form_token(&session)),
    };
    let code = (header::AUTHORIZATION, format!("Receipt {}", thing.code));
    [
        caller(
            "session",
            Credential::Reporter,
            vec![reporter_cookie(&session)],
        ),
        caller("receipt", Credential::Receipt, vec![code]),
    ]
}

async fn stage() -> Stage {
    let world = World::new(no_limits()).await;
    let lead = world.person("insider", &[Role::Lead, Role::Analyst]).await;
    let mut people = Vec::new();
    for role in Role::ALL.iter().copied() {
        people.push((role, world.person(role.as_str(), &[role]).await));
    }
    let everybody: Vec<UserId> = people.iter().map(|(_, p)| p.user).collect();
    let mut relations = Vec::new();
    for (name, restricted, joined) in [
        ("own case", false, true),
        ("unrestricted case", false, false),
        ("restricted case, as member", true, true),
        ("restricted case, not as member", true, false),
    ] {
        let mail = format!("{}@reporter.example", relations.len());
        let thing = world.thing(name, form("EdgeGate 4", name), &mail).await;
        world.draft(&lead, &thing, name).await;
        let mut members = vec![lead.user];
        if joined {
            for user in &everybody {
                world.join(&lead, thing.case, *user).await;
            }
            members.extend(&everybody);
        }
        if restricted {
            let reason = "Need to know".to_owned();
            world
                .act(&lead, thing.case, Command::Restrict { reason })
                .await;
        }
        relations.push(Relation {
            name,
            thing,
            restricted,
            members,
        });
    }
    let mut callers = vec![staff("insider, session", &lead, Credential::Session)];
    for (role, p) in &people {
        callers.push(staff(&format!("{role}, session"), p, Credential::Session));
        for scope in Scope::ALL {
            let token = accounts::create_token(&world.app, &p.viewer, "one", &[scope], 30)
                .await
                .unwrap();
            let name = format!("{role}, token for {}", scope.as_str());
            let mut caller = staff(&name, p, Credential::Token(vec![scope]));
            caller.headers = bearer(&token);
            callers.push(caller);
        }
    }
    for relation in relations.iter().take(3) {
        let name = format!("reporter of the {}", relation.name);
        callers.extend(reporters(&world, &name, &relation.thing).await);
    }
    let guest = world.guest(&lead, relations[0].thing.case).await;
    let party = guest.party;
    callers.push(Caller {
        name: "somebody of a party of the own case".to_owned(),
        viewer: guest.viewer,
        me: id_of(None),
        credential: Credential::Guest,
        headers: vec![guest_cookie(&guest.session)],
        csrf: Some(world.app.form_token(&guest.session)),
    });
    let ended = world.person("ended", &[Role::Lead]).await;
    accounts::sign_out(&world.app, &ended.session)
        .await
        .unwrap();
    let closed = world.person("closed", &[Role::Lead]).await;
    let office = world.person("office", &[Role::Administrator]).await;
    accounts::disable(&world.app, &office.viewer, closed.user, true)
        .await
        .unwrap();
    for (name, p) in [("ended session", &ended), ("disabled account", &closed)] {
        callers.push(staff(&format!("{name}, session"), p, Credential::Dead));
    }
    let mut caller = staff("disabled account, token", &closed, Credential::Dead);
    caller.headers = bearer(&closed.token);
    callers.push(caller);
    callers.push(Caller {
        name: "nobody".to_owned(),
        viewer: Viewer::Public,
        me: id_of(None),
        credential: Credential::None,
        headers: Vec::new(),
        csrf: None,
    });
    let spare = world.person("spare", &[Role::Support]).await;
    let text = vec![("Scope".to_owned(), "All of it.".to_owned())];
    let policy = policies::draft(
        &world.app,
        &lead.viewer,
        PolicyKind::Internal,
        text,
        Numbers::default(),
        WorkingCalendar::default(),
    )
    .await
    .unwrap();
    let product = products::list(&world.app, &lead.viewer).await.unwrap()[0].id;
    let there = &relations[0];
    let absent = Relation {
        name: "no case",
        thing: nowhere(&there.thing),
        restricted: false,
        members: Vec::new(),
    };
    relations.insert(0, absent);
    Stage {
        world,
        callers,
        relations,
        names: Names {
            spare: spare.user,
            product,
            party,
            policy,
        },
    }
}

/// What is to be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Want {
    /// Sent to the place where one says who one is.
    SignIn(&'static str),
    /// Exactly this status.
    Status(u16),
    /// Done, or refused for a reason that has nothing to do with access.
    Done,
    /// Seen, but not to be done by this caller.
    Refused,
    /// As if it were not there.
    Hidden,
}

/// Whether the caller passes the gate; otherwise what is answered instead.
fn gate(entry: &Entry, caller: &Caller) -> Result<(), Want> {
    let sent_token = matches!(caller.headers.first(), Some((name, value))
        if *name == header::AUTHORIZATION && value.starts_with("Bearer"));
    match (entry.gate, &caller.credential) {
        (Gate::Open, _)
        | (Gate::Session, Credential::Session)
        | (Gate::Reporter, Credential::Reporter)
        | (Gate::Receipt, Credential::Receipt)
        | (Gate::Guest, Credential::Guest) => Ok(()),
        (Gate::Guest, _) => Err(Want::Status(403)),
        (Gate::Session, _) => Err(Want::SignIn("/console/sign-in")),
        (Gate::Reporter, _) => Err(Want::SignIn("/report/status")),
        (Gate::Receipt, _) => Err(Want::Status(401)),
        (Gate::OpenApi, Credential::Token(scopes)) if !scopes.contains(&Scope::Report) => {
            Err(Want::Status(403))
        }
        (Gate::OpenApi, Credential::Dead) if sent_token => Err(Want::Status(401)),
        (Gate::OpenApi, _) => Ok(()),
        (Gate::Token(scope), Credential::Token(scopes)) => {
            if scopes.contains(&scope) {
                Ok(())
            } else {
                Err(Want::Status(403))
            }
        }
        (Gate::Token(_), _) => Err(Want::Status(401)),
    }
}

/// What the domain says.
fn wanted(entry: &Entry, caller: &Caller, relation: &Relation) -> Want {
    if let Err(instead) = gate(entry, caller) {
        return instead;
    }
    let (restricted, members) = (relation.restricted, relation.members.as_slice());
    let case = Resource::Case {
        restricted,
        members,
    };
    let there = !members.is_empty();
    let on_case = |allowed: bool| match (there && may(&caller.viewer, Action::Read, case), allowed)
    {
        (false, _) => Want::Hidden,
        (true, true) => Want::Done,
        (true, false) => Want::Refused,
    };
    let or_hidden = |allowed: bool| if allowed { Want::Done } else { Want::Hidden };
    match entry.needs {
        Needs::Status(status) => Want::Status(status),
        Needs::Nothing => Want::Done,
        Needs::Case(action) => on_case(may(&caller.viewer, action, case)),
        Needs::Identity => {
            let identity = Resource::Identity {
                restricted,
                members,
            };
            on_case(may(&caller.viewer, Action::Read, identity))
        }
        Needs::OwnFile => {
            let thread = Resource::ReportThread(relation.thing.report);
            or_hidden(there && may(&caller.viewer, Action::Read, thread))
        }
        Needs::Products(action) => or_hidden(may(&caller.viewer, action, Resource::Products)),
        Needs::Watch(action) => or_hidden(may(&caller.viewer, action, Resource::Watch)),
        Needs::Parties(action) => or_hidden(may(&caller.viewer, action, Resource::Parties)),
        Needs::Policies(action) => or_hidden(may(&caller.viewer, action, Resource::Policies)),
        Needs::Accounts(action) => or_hidden(may(&caller.viewer, action, Resource::Accounts)),
        Needs::Figures => or_hidden(may(&caller.viewer, Action::Read, Resource::Figures)),
        Needs::Journal => or_hidden(may(&caller.viewer, Action::Read, Resource::Journal)),
    }
}

/// Whether the answer is what is wanted; `nothing` is the answer to what is not there.
fn is(want: Want, answer: &Answer, nothing: &Answer) -> bool {
    let status = answer.status;
    match want {
        Want::SignIn(to) => {
            status == StatusCode::SEE_OTHER && answer.header(header::LOCATION) == to
        }
        Want::Status(wanted) => status == wanted,
        Want::Done => {
            !matches!(status.as_u16(), 401 | 403 | 404)
                && !status.is_server_error()
                && !answer.header(header::LOCATION).ends_with("/sign-in")
        }
        Want::Refused => matches!(status.as_u16(), 403 | 409 | 422),
        Want::Hidden => status == StatusCode::NOT_FOUND && answer == nothing,
    }
}

impl Stage {
    async fn ask(&self, entry: &Entry, caller: &Caller, thing: &Thing) -> Answer {
        let (kind, body) = entry.sent(thing, caller.me, caller.csrf.as_deref());
        let mut headers = caller.headers.clone();
        if !kind.is_empty() {
            headers.push((header::CONTENT_TYPE, kind.to_owned()));
        }
        if entry.method == "PUT" {
            headers.push((header::IF_MATCH, "\"1\"".to_owned()));
        }
        let mut path = entry.filled(&self.names, thing, caller.me);
        if entry.body == "file" {
            path.push_str("?name=a.txt");
        }
        let ask = Ask {
            method: entry.method.parse().unwrap(),
            path,
            headers,
            body,
            from: Ipv4Addr::LOCALHOST,
        };
        self.world.send(&ask).await
    }

    /// The answer to an address that has nothing.
    async fn nothing(&self, api: bool) -> Answer {
        let path = if api { "/api/v1/nothing" } else { "/nothing" };
        let ask = Ask {
            method: Method::GET,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            from: Ipv4Addr::LOCALHOST,
        };
        self.world.send(&ask).await
    }
}

#[test]
fn every_route_is_in_the_table() {
    let mut there = BTreeMap::new();
    for entry in ENTRIES {
        let before = there.insert(
            (entry.method.to_owned(), entry.path.to_owned()),
            entry.needs,
        );
        assert_eq!(before, None, "{} {} stands twice", entry.method, entry.path);
    }
    let table: BTreeSet<_> = there.into_keys().collect();
    let server: BTreeSet<_> = entente_web::server::routes().into_iter().collect();
    let missing: Vec<_> = server.difference(&table).collect();
    let gone: Vec<_> = table.difference(&server).collect();
    assert!(missing.is_empty(), "say who may use these: {missing:?}");
    assert!(gone.is_empty(), "these are no routes any more: {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_do_what() {
    let stage = stage().await;
    let nothing = [stage.nothing(false).await, stage.nothing(true).await];
    let mut wrong = Vec::new();
    let mut cells = 0;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for entry in ENTRIES {
        let nothing = &nothing[usize::from(entry.path.starts_with("/api/"))];
        let relations = if entry.of_a_case() {
            &stage.relations[..]
        } else {
            &stage.relations[1..2]
        };
        for caller in &stage.callers {
            for relation in relations {
                let want = wanted(entry, caller, relation);
                let answer = stage.ask(entry, caller, &relation.thing).await;
                cells += 1;
                *seen.entry(format!("{want:?}")).or_default() += 1;
                if !is(want, &answer, nothing) {
                    wrong.push(format!(
                        "{} {} by {} on {}: wanted {want:?}, got {} {}",
                        entry.method,
                        entry.path,
                        caller.name,
                        relation.name,
                        answer.status,
                        answer
                            .text()
                            .chars()
                            .take(160)
                            .collect::<String>()
                            .replace('\n', " "),
                    ));
                }
            }
        }
    }
    println!("{cells} cells: {seen:?}");
    assert!(
        wrong.is_empty(),
        "{} of {cells} cells are wrong:\n{}",
        wrong.len(),
        wrong
            .iter()
            .take(60)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(cells > 5_000, "{cells}");
}

/// A report or file of a hidden case, asked for below a case that one sees, is not there either.
#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_hidden_case_is_not_found_below_another() {
    let stage = stage().await;
    let (seen, hidden) = (&stage.relations[1].thing, &stage.relations[4].thing);
    let absent = nowhere(hidden);
    let below = |part: &Thing| Thing {
        case: seen.case,
        number: seen.number,
        report: part.report,
        attachment: part.attachment,
        code: String::new(),
    };
    for entry in ENTRIES {
        let parts = entry.needs == Needs::Identity
            || entry.path.contains("attachments/{")
            || entry.needs == Needs::OwnFile;
        if !parts {
            continue;
        }
        for caller in stage.callers.iter().skip(1) {
            let one = stage.ask(entry, caller, &below(hidden)).await;
            let other = stage.ask(entry, caller, &below(&absent)).await;
            assert!(
                !one.status.is_success(),
                "{} by {}",
                entry.path,
                caller.name
            );
            assert_eq!(one, other, "{} by {}", entry.path, caller.name);
        }
    }
}
