//! A coordination by its forms alone: the register, the terms, the link in a mail, the signature,
//! and what is read before and after it.

use crate::pages::check;
use crate::world::{Page, World};
use axum::http::{StatusCode, header};
use entente_domain::command::ReportForm;
use entente_domain::coordination::room::Standing;
use entente_service::{cases, jobs};

/// The value of a hidden field or of the first choice of a list.
fn value_of(page: &Page, name: &str) -> String {
    let at = page
        .text
        .find(&format!("name=\"{name}\" value=\""))
        .unwrap();
    let rest = page.text[at..].split("value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn choice(page: &Page, label: &str) -> String {
    let before = page
        .text
        .split(&format!(">{label}</option>"))
        .next()
        .unwrap();
    let at = before.rfind("<option value=\"").unwrap();
    before[at + 15..].split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_is_brought_in_by_forms_and_reads_what_it_signed_for() {
    let w = World::new().await;
    let lead = w.cookie(w.lead.0).await;
    let report = ReportForm {
        product: "EdgeGate 4".to_owned(),
        title: "Rollback over the management port".to_owned(),
        description: "An older image is accepted.".to_owned(),
        ..ReportForm::default()
    };
    let case = w.report(report).await.case;
    let number = cases::open(&w.app, &w.lead.1, case)
        .await
        .unwrap()
        .case
        .number;
    let room = format!("/console/cases/{number}/room");
    let act = |word: &str| format!("/console/cases/{number}/do/{word}");

    // A wrong contact is named and nothing that was typed is lost.
    let page = w.get("/console/parties", &lead).await;
    let csrf = page.token();
    let mut fields = vec![
        ("csrf", csrf.as_str()),
        ("name", "Nordwind Routers"),
        ("contacts", "somebody"),
        ("notes", "Ships it since 2021."),
    ];
    let page = w.post("/console/parties", &lead, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Ships it since 2021."));
    assert!(page.text.contains("“somebody”"));
    fields[2].1 = "Gail Ost <gail@nordwind.example>";
    let page = w.post("/console/parties", &lead, &fields).await;
    assert_eq!(page.location(), "/console/parties?said=saved");

    let page = w.get(&room, &lead).await;
    assert!(page.text.contains("Nobody from outside takes part"));
    let token = page.token();
    let seen = value_of(&page, "seen");
    let terms = [
        ("csrf", token.as_str()),
        ("seen", seen.as_str()),
        ("ends_at", "2026-12-20 09:00"),
        ("reason", "They ship the loader, too"),
        ("revisions_allowed", "1"),
        ("lead_rules", "1"),
        ("carve_outs", "Duties under law"),
    ];
    let page = w.post(&act("propose_embargo"), &lead, &terms).await;
    assert_eq!(
        page.location(),
        format!("{room}?said=done"),
        "{}",
        page.text
    );

    let page = w.get(&room, &lead).await;
    let (token, seen) = (page.token(), value_of(&page, "seen"));
    let party = choice(&page, "Nordwind Routers");
    let mut invitation = vec![
        ("csrf", token.as_str()),
        ("seen", seen.as_str()),
        ("party", party.as_str()),
        ("roles", "vendor,deployer"),
        ("need", "shared_component"),
        ("reason", "The same loader"),
        ("component", "EdgeGate"),
        ("versions", "4.2"),
        ("note", "A rollback overflow"),
        ("reply_by", ""),
    ];
    // A word that could tell of the flaw comes back beside its field.
    let page = w.post(&act("invite_party"), &lead, &invitation).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(
        page.text.contains("could tell of the flaw"),
        "{}",
        page.text
    );
    invitation[8].1 = "Please answer soon";
    let page = w.post(&act("invite_party"), &lead, &invitation).await;
    assert_eq!(
        page.location(),
        format!("{room}?said=done"),
        "{}",
        page.text
    );

    // The link, from the mail.
    jobs::run_due(&w.app).await.unwrap();
    let mail = w.mail_to("gail@nordwind.example");
    let link = mail.split("https://psirt.example").nth(1).unwrap();
    let link: String = link.chars().take_while(|c| !c.is_whitespace()).collect();
    let page = w.get(&link, "").await;
    assert_eq!(page.status, StatusCode::OK);
    let token = value_of(&page, "token");
    let page = w.post("/join", "", &[("token", "nonsense")]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let page = w.post("/join", "", &[("token", &token)]).await;
    assert_eq!(page.location(), "/room");
    let cookie = page.headers[header::SET_COOKIE].to_str().unwrap();
    let guest = cookie.split(';').next().unwrap().to_owned();

    let page = w.get("/room", &guest).await;
    assert!(page.text.contains("shown as soon as you have signed"));
    assert!(page.text.contains("Duties under law"));
    check("guest before", &page.text);
    for word in [
        "Rollback",
        "older image",
        "The same loader",
        "They ship the loader",
    ] {
        assert!(!page.text.contains(word), "{word}");
    }
    let csrf = page.token();
    let terms = value_of(&page, "terms");
    let unticked = [
        ("csrf", csrf.as_str()),
        ("terms", terms.as_str()),
        ("signer", "Gail Ost"),
    ];
    let page = w.post("/room/do/sign_terms", &guest, &unticked).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut signed = unticked.to_vec();
    signed.push(("agreed", "1"));
    let page = w.post("/room/do/sign_terms", &guest, &signed).await;
    assert_eq!(page.location(), "/room?said=done", "{}", page.text);

    // Staff share and write; the party reads and answers.
    for (word, field, text) in [
        ("share_brief", "text", "The loader never reads the counter."),
        (
            "write_to_participants",
            "body",
            "A patch follows on Friday.",
        ),
    ] {
        let page = w.get(&room, &lead).await;
        let (token, seen) = (page.token(), value_of(&page, "seen"));
        let fields = [
            ("csrf", token.as_str()),
            ("seen", seen.as_str()),
            (field, text),
        ];
        let page = w.post(&act(word), &lead, &fields).await;
        assert_eq!(
            page.location(),
            format!("{room}?said=done"),
            "{}",
            page.text
        );
    }
    let page = w.get("/room", &guest).await;
    assert!(page.text.contains("The loader never reads the counter."));
    assert!(page.text.contains("A patch follows on Friday."));
    check("guest after", &page.text);
    let fields = [("csrf", csrf.as_str()), ("body", "<b>We see it, too</b>")];
    let page = w.post("/room/do/participant_writes", &guest, &fields).await;
    assert_eq!(page.location(), "/room?said=done");
    let page = w.get(&room, &lead).await;
    assert!(page.text.contains("We see it, too") && !page.text.contains("<b>We see it"));
    assert!(
        page.text
            .contains("1 asked, 1 may read content, 0 owe an answer")
    );

    // A form of another visit is refused; after the visit the link opens another one.
    let foreign = [("csrf", "other"), ("reason", "x")];
    let page = w.post("/room/do/leave_case", &guest, &foreign).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let page = w.post("/room/leave", &guest, &[("csrf", &csrf)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(w.get("/room", &guest).await.status, StatusCode::FORBIDDEN);
    let file = cases::open(&w.app, &w.lead.1, case).await.unwrap();
    assert_eq!(file.case.room.participants[0].standing, Standing::Joined);
}
