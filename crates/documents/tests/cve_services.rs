//! The client's side of CVE Services, against recorded exchanges with a real one.

#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "tests")]

use std::path::{Path, PathBuf};

use entente_documents::cve::services::{
    self, Method, Quota, Refusal, Refused, Request, Reservation, ReservationStep, Update, answer,
};
use serde_json::{Value, json};

const ORG: &str = "window_1";
const USER: &str = "window_1_admin@window_1.com";

fn exchanges() -> Option<Vec<Value>> {
    let root = std::env::var_os("ENTENTE_TEST_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join("cve/cve-services/transcript.json");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    };
    let transcript: Value = serde_json::from_slice(&bytes).unwrap();
    Some(transcript["exchanges"].as_array().unwrap().clone())
}

fn noted<'e>(exchanges: &'e [Value], note: &str) -> &'e Value {
    exchanges
        .iter()
        .find(|exchange| exchange["note"] == note)
        .unwrap()
}

fn answered(exchange: &Value) -> Result<Value, Refused> {
    let status = u16::try_from(exchange["response"]["status"].as_u64().unwrap()).unwrap();
    let body = &exchange["response"]["body"];
    let bytes = if body == "" {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    answer(status, &bytes)
}

fn assert_same(request: &Request, exchange: &Value) {
    let recorded = &exchange["request"];
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
    };
    assert_eq!(recorded["method"], method, "{exchange}");
    assert_eq!(recorded["path"], json!(request.path));
    let told = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let wanted: Vec<(String, String)> = recorded["query"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), told(value)))
        .collect();
    let mut query: Vec<(String, String)> = request
        .query
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    query.sort();
    assert_eq!(query, wanted);
    assert_eq!(
        recorded["body"],
        request.body.clone().unwrap_or(Value::Null)
    );
}

#[test]
fn requests_are_those_the_service_took() {
    let Some(all) = exchanges() else { return };
    let id = "CVE-2024-20106";
    let container = |note: &str| noted(&all, note)["request"]["body"]["cnaContainer"].clone();
    let cases = [
        ("quota", services::quota_of(ORG)),
        ("reserve 3 sequential", services::reserve(ORG, 2024, 3)),
        ("reserve 1", services::reserve(ORG, 2024, 1)),
        ("get a reserved id", services::get_id(id)),
        ("get the record", services::get_record(id)),
        (
            "publish (create)",
            services::publish(id, &container("publish (create)")),
        ),
        (
            "update the record",
            services::replace(id, &container("update the record")),
        ),
        (
            "reject a reserved id with a record",
            services::reject(
                "CVE-2024-20107",
                &container("reject a reserved id with a record"),
            ),
        ),
        (
            "reject a published record",
            services::reject_again(id, &container("reject a published record")),
        ),
        (
            "id state to REJECTED without a record",
            services::set_state("CVE-2024-20108", "REJECTED"),
        ),
        (
            "transfer to another CNA",
            services::transfer("CVE-2024-20101", "church_2"),
        ),
        ("list RESERVED", services::list_ids("RESERVED", None, None)),
    ];
    for (note, request) in cases {
        assert_same(&request, noted(&all, note));
    }
}

#[test]
fn every_recorded_answer_is_understood() {
    let Some(all) = exchanges() else { return };
    assert_eq!(all.len(), 52);
    let mut refused = 0;
    for exchange in &all {
        let status = exchange["response"]["status"].as_u64().unwrap();
        match answered(exchange) {
            Ok(_) => assert_eq!(status, 200, "{exchange}"),
            Err(error) => {
                refused += 1;
                assert_eq!(u64::from(error.status), status);
                assert_eq!(exchange["response"]["body"]["error"], json!(error.code));
                assert!(!error.refusal.is_passing());
            }
        }
    }
    assert_eq!(refused, 25);
    let kinds = [
        ("missing auth headers", Refusal::Credentials),
        ("wrong key", Refusal::Credentials),
        ("reserve more than 1 without batch_type", Refusal::Input),
        ("reserve for another org", Refusal::NotPermitted),
        ("reserve beyond quota", Refusal::Quota),
        ("reserve in a year without a range", Refusal::Year),
        ("publish without descriptions", Refusal::Schema),
        ("publish an id that was not reserved", Refusal::NotOwner),
        ("publish again is refused", Refusal::RecordExists),
        ("reject again", Refusal::RecordExists),
        ("update a record that does not exist", Refusal::NoRecord),
        ("record of a reserved id does not exist", Refusal::NoRecord),
        ("unknown endpoint", Refusal::Other),
    ];
    for (note, refusal) in kinds {
        assert_eq!(
            answered(noted(&all, note)).unwrap_err().refusal,
            refusal,
            "{note}"
        );
    }
    let schema = answered(noted(&all, "publish without descriptions")).unwrap_err();
    assert_eq!(
        schema.places,
        [(
            "/cnaContainer".to_owned(),
            "must have required property 'descriptions'".to_owned()
        )]
    );
    let quota = services::quota(&answered(noted(&all, "quota")).unwrap());
    assert_eq!(
        quota,
        Some(Quota {
            quota: 1251,
            reserved: 8,
            available: 1243
        })
    );
}

#[test]
fn what_is_no_answer_of_the_service_is_not_taken_for_one() {
    for (status, body, passing) in [
        (200, &b"<html>Sign in</html>"[..], true),
        (502, b"bad gateway", true),
        (429, b"{}", true),
        (403, b"\xff\xff", false),
        (404, b"[[[[", false),
    ] {
        let refused = answer(status, body).unwrap_err();
        assert_eq!(refused.refusal.is_passing(), passing, "{status}");
    }
    // A CVE id from a form never changes the path.
    let request = services::get_record("../org/mitre?x=1");
    assert_eq!(request.path, "/api/cve/..%2Forg%2Fmitre%3Fx%3D1");
}

// A service with a memory, whose answers can be lost.
struct Service {
    ids: Vec<(String, String)>,
    requests: usize,
}

impl Service {
    fn take(&mut self, request: &Request) -> Result<Value, Refused> {
        self.requests += 1;
        let page: usize = request
            .query
            .iter()
            .find(|(name, _)| *name == "page")
            .map_or(1, |(_, page)| page.parse().unwrap());
        let told = |ids: &[(String, String)]| -> Vec<Value> {
            ids.iter()
                .map(|(id, user)| {
                    json!({"cve_id": id, "state": "RESERVED", "requested_by": {"user": user}})
                })
                .collect()
        };
        if request.method == Method::Post {
            let amount = request.query.iter().find(|(name, _)| *name == "amount");
            let amount: usize = amount.unwrap().1.parse().unwrap();
            for _ in 0..amount {
                let id = format!("CVE-2026-{}", 1000 + self.ids.len());
                self.ids.push((id, USER.to_owned()));
            }
            return Ok(json!({"cve_ids": told(&self.ids[self.ids.len() - amount..])}));
        }
        // Two ids on each page.
        let from = (2 * (page - 1)).min(self.ids.len());
        let to = (from + 2).min(self.ids.len());
        let next = if to < self.ids.len() {
            json!(page + 1)
        } else {
            Value::Null
        };
        Ok(json!({"cve_ids": told(&self.ids[from..to]), "nextPage": next}))
    }
}

fn run(
    service: &mut Service,
    amount: u32,
    mut fate: impl FnMut(usize, &Request, &mut Service) -> Option<Result<Value, Refused>>,
) -> ReservationStep {
    let mut reservation = Reservation::new(ORG, USER, 2026, amount);
    let mut step = reservation.begin();
    for turn in 0..100 {
        let ReservationStep::Send(request) = step else {
            return step;
        };
        let outcome = fate(turn, &request, service);
        step = reservation.told(outcome);
    }
    unreachable!("a reservation ends")
}

fn service() -> Service {
    let known = (0..5)
        .map(|n| (format!("CVE-2026-{}", 1000 + n), USER.to_owned()))
        .collect();
    Service {
        ids: known,
        requests: 0,
    }
}

#[test]
fn a_reservation_lists_first_and_reserves_once() {
    let mut service = service();
    let done = run(&mut service, 3, |_, request, service| {
        Some(service.take(request))
    });
    let expected = ["CVE-2026-1005", "CVE-2026-1006", "CVE-2026-1007"].map(str::to_owned);
    assert_eq!(done, ReservationStep::Done(expected.to_vec()));
    assert_eq!(service.requests, 4, "three pages and the reservation");
    assert_eq!(service.ids.len(), 8);
}

#[test]
fn a_lost_answer_loses_no_id_and_reserves_none_twice() {
    let mut service = service();
    let mut lost = false;
    let done = run(&mut service, 3, |_, request, service| {
        let answer = service.take(request);
        if request.method == Method::Post && !lost {
            lost = true;
            // Meanwhile a colleague reserves too: not ours.
            service
                .ids
                .push(("CVE-2026-9000".to_owned(), "other@window_1.com".to_owned()));
            return None;
        }
        Some(answer)
    });
    let expected = ["CVE-2026-1005", "CVE-2026-1006", "CVE-2026-1007"].map(str::to_owned);
    assert_eq!(done, ReservationStep::Done(expected.to_vec()));
    assert_eq!(service.ids.len(), 9);
}

#[test]
fn a_lost_request_is_made_again() {
    let mut service = service();
    let mut lost = false;
    let done = run(&mut service, 2, |_, request, service| {
        if request.method == Method::Post && !lost {
            lost = true;
            return None;
        }
        Some(service.take(request))
    });
    let expected = ["CVE-2026-1005", "CVE-2026-1006"].map(str::to_owned);
    assert_eq!(done, ReservationStep::Done(expected.to_vec()));
}

#[test]
fn a_service_that_never_answers_is_given_up() {
    let mut service = service();
    let done = run(&mut service, 2, |_, _, _| None);
    assert_eq!(done, ReservationStep::GivenUp(Vec::new()));
}

#[test]
fn a_refusal_ends_it() {
    let Some(all) = exchanges() else { return };
    let refused = answered(noted(&all, "reserve beyond quota"));
    let mut service = service();
    let done = run(&mut service, 2, |_, request, service| {
        Some(if request.method == Method::Post {
            refused.clone()
        } else {
            service.take(request)
        })
    });
    let ReservationStep::Refused(refused, got) = done else {
        unreachable!("{done:?}")
    };
    assert_eq!((refused.refusal, got), (Refusal::Quota, Vec::new()));
    assert!(
        refused.to_string().contains("ask for a higher quota"),
        "{refused}"
    );
}

#[test]
fn an_update_keeps_what_others_wrote_and_overwrites_nobody() {
    let Some(all) = exchanges() else { return };
    let current = answered(noted(&all, "get the record")).unwrap();
    let seen = services::dated(&current).unwrap().to_owned();
    let ours = json!({
        "providerMetadata": {"orgId": "2f203128-96ad-4110-8835-f5a4a3f9fe34"},
        "title": "A better title",
        "descriptions": [{"lang": "en", "value": "It breaks."}],
        "affected": [{"vendor": "a", "product": "b", "defaultStatus": "affected"}],
        "references": [{"url": "https://example.org"}],
    });
    let id = "CVE-2024-20106";
    let Update::Send(request) = services::merged(id, &current, &ours, Some(&seen)).unwrap() else {
        unreachable!("something changes")
    };
    assert_eq!(
        (request.method, request.path.as_str()),
        (Method::Put, "/api/cve/CVE-2024-20106/cna")
    );
    assert!(request.may_be_repeated());
    let sent = &request.body.as_ref().unwrap()["cnaContainer"];
    assert_eq!(sent["title"], "A better title");
    let theirs = &current["containers"]["cna"];
    for kept in ["impacts", "timeline", "taxonomyMappings", "source"] {
        assert_eq!(sent[kept], theirs[kept], "{kept}");
        assert!(!sent[kept].is_null(), "{kept}");
    }
    // What is ours and not said any more is gone.
    assert_eq!(sent.get("workarounds"), None);

    let conflict = services::merged(id, &current, &ours, Some("2020-01-01T00:00:00.000Z"));
    assert_eq!(conflict.unwrap_err().theirs, seen);

    // The answer was lost and the request is made again: the service has it already.
    let mut after = current.clone();
    after["containers"]["cna"] = sent.clone();
    after["containers"]["cna"]["providerMetadata"]["dateUpdated"] = json!("2026-11-22T00:00:00Z");
    after["cveMetadata"]["dateUpdated"] = json!("2026-11-22T00:00:00Z");
    assert_eq!(
        services::merged(id, &after, &ours, Some(&seen)),
        Ok(Update::Done)
    );
}

#[test]
fn publishing_again_leaves_no_rejection_behind() {
    let current = json!({
        "cveMetadata": {"dateUpdated": "2026-01-01T00:00:00Z"},
        "containers": {"cna": {
            "rejectedReasons": [{"lang": "en", "value": "No."}],
            "replacedBy": ["CVE-2026-1"],
            "x_ours": 1,
        }},
    });
    let update = services::merged(
        "CVE-2026-2",
        &current,
        &json!({"title": "T"}),
        Some("2026-01-01T00:00:00Z"),
    );
    let Update::Send(request) = update.unwrap() else {
        unreachable!("something changes")
    };
    assert_eq!(
        request.body.unwrap()["cnaContainer"],
        json!({"title": "T", "x_ours": 1})
    );
}
