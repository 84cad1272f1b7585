//! A person's way through the console: set up, sign in, and take a case on, by its own forms.

use crate::world::{Page, World, encoded, send};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use entente_service::accounts;

fn cookie_of(page: &Page) -> String {
    let set = page
        .headers
        .get(header::SET_COOKIE)
        .unwrap()
        .to_str()
        .unwrap();
    for attribute in ["Secure", "HttpOnly", "SameSite=", "Path=/"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(
        set.starts_with("__Host-") && !set.contains("SameSite=None"),
        "{set}"
    );
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_person_sets_the_instance_up() {
    let (app, _clock, _folder) = World::bare().await;
    let get = |path: &str| {
        send(
            &app,
            Request::get(path.to_owned()).body(Body::empty()).unwrap(),
        )
    };
    assert_eq!(get("/console/sign-in").await.location(), "/console/setup");
    assert!(
        get("/console/setup")
            .await
            .text
            .contains("Set this instance up")
    );
    let code = accounts::set_up_code(&app);
    assert!(
        get(&format!("/console/setup?code={code}"))
            .await
            .text
            .contains(&format!("value=\"{code}\"")),
        "the link that the server prints fills the code in"
    );
    let post = |code: &str, password: &str| {
        let form = encoded(&[
            ("code", code),
            ("name", "Mara"),
            ("mail", "mara@psirt.example"),
            ("password", password),
        ]);
        let request = Request::post("/console/setup")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        send(&app, request)
    };
    // Whoever comes by first is not the administrator of the instance.
    for code in ["", "AAAA-AAAA-AAAA-AAAA"] {
        let refused = post(code, "correct horse battery staple 7").await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text.contains("not the set-up code"));
        assert!(accounts::needs_set_up(&app).await.unwrap());
    }
    let weak = post(&code, "password").await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        weak.text.contains("mara@psirt.example"),
        "what was typed is kept"
    );
    let done = post(&code.to_lowercase(), "correct horse battery staple 7").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let cookie = cookie_of(&done);
    let request = Request::get("/console")
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    let inbox = send(&app, request).await;
    assert_eq!(inbox.status, StatusCode::OK);
    assert!(
        inbox.text.contains("Trial mode"),
        "without an approved policy the mode is seen"
    );
    assert_eq!(get("/console/setup").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_out() {
    let w = World::new().await;
    let sign_in = |password: &'static str| {
        let form = encoded(&[("name", "jonas@psirt.example"), ("password", password)]);
        let request = Request::post("/console/sign-in")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        send(&w.app, request)
    };
    let wrong = sign_in("not the password at all").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(
        !wrong.text.contains("not the password"),
        "a password never comes back"
    );
    let cookie = cookie_of(&sign_in("correct horse battery staple 7").await);
    let inbox = w.get("/console", &cookie).await;
    assert_eq!(inbox.status, StatusCode::OK);
    let out = w
        .post("/console/sign-out", &cookie, &[("csrf", &inbox.token())])
        .await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(out.headers.contains_key("clear-site-data"));
    assert_eq!(
        w.get("/console", &cookie).await.status,
        StatusCode::SEE_OTHER,
        "the old cookie opens nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_taken_on_by_its_forms() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.lead.0).await;
    let page = w.get("/console/cases/2", &cookie).await;
    assert!(
        page.text.contains("Acknowledge the report"),
        "the next step is said"
    );
    let token = page.token();
    let (_, after) = page.text.split_once("name=\"report\"").unwrap();
    let report = after
        .split_once("value=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    type Step<'a> = (&'a str, &'a [(&'a str, &'a str)], StatusCode);
    let steps: &[Step<'_>] = &[
        ("start_remediation", &[], StatusCode::CONFLICT),
        (
            "acknowledge",
            &[("report", &report), ("body", "Thank you, we look at it.")],
            StatusCode::SEE_OTHER,
        ),
        ("start_verification", &[], StatusCode::SEE_OTHER),
        (
            "record_verification",
            &[
                ("environment", "Lab"),
                ("build", "4.2.7"),
                ("steps", "As told."),
                ("verdict", "confirmed"),
                ("note", ""),
            ],
            StatusCode::SEE_OTHER,
        ),
        (
            "assess_priority",
            &[
                ("exploitation", "none"),
                ("utility", "efficient"),
                ("technical_impact", "total"),
                ("public_safety", "minimal"),
            ],
            StatusCode::SEE_OTHER,
        ),
        (
            "tick_checklist",
            &[("item", "supported"), ("done", "1"), ("note", "")],
            StatusCode::SEE_OTHER,
        ),
    ];
    for (command, fields, expected) in steps {
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        let answer = w
            .post(&format!("/console/cases/2/do/{command}"), &cookie, &fields)
            .await;
        assert_eq!(answer.status, *expected, "{command}: {}", answer.text);
    }
    let page = w.get("/console/cases/2?said=done", &cookie).await;
    assert!(page.text.contains("Thank you, we look at it.") && page.text.contains("Confirmed"));
    let unknown = w
        .post("/console/cases/2/do/no_such", &cookie, &[("csrf", &token)])
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_cases_are_closed_in_one_go_and_each_on_its_own() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.lead.0).await;
    let token = w.get("/console", &cookie).await.token();
    let fields = [
        ("csrf", token.as_str()),
        ("reason", "junk"),
        ("note", "Advertising"),
        ("notice", "We could not find a report in it."),
    ];
    let none = w.post("/console/batch", &cookie, &fields).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut chosen = fields.to_vec();
    chosen.extend([("case_2", "1"), ("case_5", "1"), ("case_999", "1")]);
    let done = w.post("/console/batch", &cookie, &chosen).await;
    assert!(done.text.contains("2 of 3 closed"), "{}", done.text);
    let page = w.get("/console/cases/2", &cookie).await;
    assert!(page.text.contains("We could not find a report in it."));
    let again = w.post("/console/batch", &cookie, &chosen).await;
    assert!(again.text.contains("0 of 3 closed") && again.text.contains("PRO-3"));
}

/// The button pressed twice, or a page left open while others worked: the second one changes
/// nothing, says what happened, and keeps what was typed.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_an_older_page_changes_nothing() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.analyst.0).await;
    let page = w.get("/console/cases/1", &cookie).await;
    let at = page.text.find("name=\"seen\" value=\"").unwrap() + 19;
    let seen = page.text[at..].split('"').next().unwrap().to_owned();
    let csrf = page.token();
    let comment = |text: &'static str, seen: String| {
        let (w, cookie, csrf) = (&w, &cookie, &csrf);
        async move {
            let fields = [
                ("csrf", csrf.as_str()),
                ("seen", seen.as_str()),
                ("audience", "internal"),
                ("body", text),
            ];
            w.post("/console/cases/1/do/comment", cookie, &fields).await
        }
    };
    let first = comment("Seen once", seen.clone()).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let second = comment("Seen twice", seen.clone()).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(
        second
            .text
            .contains("The case changed after this page was opened")
    );
    assert!(second.text.contains("Seen twice"), "what was typed is kept");
    let page = w.get("/console/cases/1", &cookie).await;
    assert!(page.text.contains("Seen once") && !page.text.contains("Seen twice"));
    let newer = (seen.parse::<u64>().unwrap() + 1).to_string();
    let third = comment("Seen twice", newer).await;
    assert_eq!(third.status, StatusCode::SEE_OTHER);
}

/// Everything that is wrong with a form stands beside its field.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_names_every_field_that_is_wrong() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.analyst.0).await;
    let csrf = w.get("/console/cases/1", &cookie).await.token();
    let fields = [("csrf", csrf.as_str()), ("title", "Ask the supplier")];
    let page = w
        .post("/console/cases/1/do/add_task", &cookie, &fields)
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("Correct the fields that are marked."));
    for problem in ["add_task-kind-problem", "add_task-due-problem"] {
        assert!(
            page.text.contains(&format!("id=\"{problem}\"")),
            "{problem}"
        );
    }
    assert!(page.text.contains("Ask the supplier"));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_narrowed_and_stay_so_from_page_to_page() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.lead.0).await;
    let rows = |page: &Page| page.text.matches("<tr data-row>").count();
    let all = w.get("/console/cases", &cookie).await;
    assert!(rows(&all) >= 2, "{}", all.text);
    for (query, some) in [
        ("priority=unset", true),
        ("priority=immediate", false),
        ("source=external", true),
        ("source=coordinator", false),
        ("owner=me&stage=receipt", false),
    ] {
        let page = w.get(&format!("/console/cases?{query}"), &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(rows(&page) > 0, some, "{query}");
        for pair in query.split('&') {
            let value = pair.split_once('=').unwrap().1;
            assert!(
                page.text.contains(&format!("value=\"{value}\" selected")),
                "{query}: what was chosen stays chosen"
            );
        }
    }
    let both = w
        .get("/console/cases?q=firmware&stage=receipt", &cookie)
        .await;
    assert!(both.text.contains("did not narrow"), "{}", both.text);
    let wrong = w.get("/console/cases?stage=recipt", &cookie).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("receipt"), "{}", wrong.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_hand_a_file_in() {
    let w = World::new().await;
    w.busy().await;
    let cookie = w.cookie(w.analyst.0).await;
    let page = w.get("/console/cases/1", &cookie).await;
    let csrf = page.token();
    let send_parts = |parts: Vec<(&str, &str)>, path: &str| {
        let body: String = parts
            .iter()
            .map(|(head, value)| {
                format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
            })
            .collect();
        let request = Request::post(path.to_owned())
            .header(header::COOKIE, &cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(format!("{body}--b--\r\n")))
            .unwrap();
        send(&w.app, request)
    };
    let to = "/console/cases/1/attachments";
    let file = ("name=\"file\"; filename=\"core dump.txt\"", "sealed words");
    let token = ("name=\"csrf\"", csrf.as_str());

    let done = send_parts(vec![token, ("name=\"report\"", ""), file], to).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = w.get("/console/cases/1", &cookie).await;
    let link = page
        .text
        .split("href=\"")
        .map(|s| s.split('"').next().unwrap())
        .find(|l| l.starts_with("/console/cases/1/attachments/"))
        .unwrap()
        .to_owned();
    assert!(page.text.contains("core dump.txt"), "{}", page.text);
    assert_eq!(w.get(&link, &cookie).await.text, "sealed words");

    // Nothing of what is refused stays.
    for (parts, to, status) in [
        (vec![file, token], to, StatusCode::FORBIDDEN),
        (
            vec![("name=\"csrf\"", "x"), file],
            to,
            StatusCode::FORBIDDEN,
        ),
        (vec![token], to, StatusCode::UNPROCESSABLE_ENTITY),
        (
            vec![token, ("name=\"file\"; filename=\"\"", "")],
            to,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            vec![token, ("name=\"report\"", "nobody"), file],
            to,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            vec![token, file],
            "/console/cases/77/attachments",
            StatusCode::NOT_FOUND,
        ),
    ] {
        let answer = send_parts(parts, to).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let after = w.get("/console/cases/1", &cookie).await;
    assert_eq!(after.text.matches("core dump.txt").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_of_the_journal_are_saved_by_those_who_may() {
    let w = World::new().await;
    let cookie = w.cookie(w.lead.0).await;
    let page = w.get("/console/journal", &cookie).await;
    assert!(page.text.contains("No head is signed yet"), "{}", page.text);
    for _ in 0..2 {
        w.hours(2);
        entente_service::jobs::run_due(&w.app).await.unwrap();
    }
    let heads = entente_service::heads::list(&w.app, &w.lead.1, None, 50)
        .await
        .unwrap();
    assert_eq!(heads.items.len(), 2);
    let second = &heads.items[1];
    let page = w.get("/console/journal", &cookie).await;
    assert!(page.text.contains(&heads.keys[0]) && page.text.contains(&second.root));
    let file = w
        .get(&format!("/console/journal/{}", second.size), &cookie)
        .await;
    assert_eq!(file.text, second.note);
    let older = w
        .get(
            &format!("/console/journal?before={}", heads.items[0].size),
            &cookie,
        )
        .await;
    assert_eq!(older.text.matches("<tr data-row").count(), 1);
    for (path, status) in [
        ("/console/journal/1", StatusCode::NOT_FOUND),
        (
            "/console/journal/18446744073709551615",
            StatusCode::NOT_FOUND,
        ),
        ("/console/journal?before=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(w.get(path, &cookie).await.status, status, "{path}");
    }
    let analyst = w.cookie(w.analyst.0).await;
    for path in [
        "/console/journal".to_owned(),
        format!("/console/journal/{}", second.size),
    ] {
        let hidden = w.get(&path, &analyst).await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(
        !w.get("/console", &analyst)
            .await
            .text
            .contains("/console/journal")
    );
}
