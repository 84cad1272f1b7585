//! What is published: the first page, the policy, advisories, their files and the feed.

use super::pages::{self, Keep, Site};
use super::words;
use crate::problem::Problem;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use entente_service::advisories::{self, PublicAdvisory};
use entente_service::signing_keys;
use entente_service::{App, ServiceError, policies};
use serde::Deserialize;
use std::fmt::Write as _;

/// Advisories on one page.
const PAGE: u32 = 25;
/// Advisories on the first page.
const LATEST: u32 = 5;
/// Advisories in the feed.
const FEED: u32 = 50;

/// The first page.
pub async fn home(State(app): State<App>) -> Result<Response, Problem> {
    let in_force = policies::in_force(&app).await?;
    let page = pages::Home {
        site: Site::of(&app),
        promises: words::promises(&in_force, None),
        has_policy: policies::public_page(&app).await?.is_some(),
        latest: advisories::published(&app, None, LATEST).await?.items,
    };
    Ok(pages::render(&page, StatusCode::OK, Keep::Minute)?)
}

/// The disclosure policy (29147 clause 9); its numbers are the clocks' settings.
pub async fn policy(State(app): State<App>) -> Result<Response, Problem> {
    let policy = policies::public_page(&app)
        .await?
        .ok_or(ServiceError::NotFound)?;
    let n = &policy.numbers;
    let promises = vec![
        (
            "A person acknowledges your report within (working days; 7 calendar days at most)",
            n.acknowledgement_working_days.to_string(),
        ),
        (
            "You hear the result of verification within (working days)",
            n.verification_working_days.to_string(),
        ),
        (
            "You get an update at least every (days)",
            n.update_days.to_string(),
        ),
        (
            "We answer your messages within (working days)",
            n.reply_working_days.to_string(),
        ),
        ("Embargo, as a rule (days)", n.embargo_days.to_string()),
        ("Embargo, at most (days)", n.embargo_cap_days.to_string()),
    ];
    let page = pages::Policy {
        site: Site::of(&app),
        version: policy.version,
        approved_at: policy.approved.map(|(_, at)| at),
        sections: policy.sections,
        promises,
    };
    Ok(pages::render(&page, StatusCode::OK, Keep::Minute)?)
}

/// Where a page of the list begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct From {
    cursor: Option<String>,
}

/// The list of advisories, newest first.
pub async fn list(State(app): State<App>, Query(from): Query<From>) -> Result<Response, Problem> {
    let found = advisories::published(&app, from.cursor.as_deref(), PAGE).await?;
    let page = pages::Advisories {
        site: Site::of(&app),
        items: found.items,
        first: from.cursor.is_none(),
        next: found.next,
    };
    Ok(pages::render(&page, StatusCode::OK, Keep::FiveMinutes)?)
}

/// One advisory, with the parts of 29147 7.4.
pub async fn page(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let a = advisories::page(&app, &id).await?;
    let page = pages::Advisory {
        site: Site::of(&app),
        // The newest key that there was when it was signed.
        fingerprint: signing_keys::all(&app)
            .await?
            .into_iter()
            .find(|key| key.made_at <= a.current_release)
            .map(|key| key.fingerprint),
        a,
    };
    Ok(pages::render(&page, StatusCode::OK, Keep::FiveMinutes)?)
}

/// Text for an XML document: escaped, and without the characters that no XML may hold.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c < ' ' || ('\u{fffe}'..='\u{ffff}').contains(&c) => {}
            c => out.push(c),
        }
    }
    out
}

/// The Atom feed.
pub async fn feed(State(app): State<App>) -> Result<Response, Problem> {
    let items = advisories::published(&app, None, FEED).await?.items;
    let body = atom(
        &app.config().base_url,
        &app.config().organisation.name,
        &items,
        app.now(),
    );
    Ok((
        [
            (
                header::CONTENT_TYPE,
                "application/atom+xml; charset=utf-8"
                    .parse()
                    .map_err(ServiceError::internal)?,
            ),
            (header::CACHE_CONTROL, Keep::FiveMinutes.header()),
        ],
        body,
    )
        .into_response())
}

fn atom(
    base: &str,
    organisation: &str,
    items: &[PublicAdvisory],
    now: entente_domain::time::Timestamp,
) -> String {
    let updated = items.iter().map(|a| a.updated_at).max().unwrap_or(now);
    let mut feed = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n",
    );
    let _ = writeln!(
        feed,
        " <id>{0}/advisories</id>\n <title>Security advisories of {1}</title>\n <updated>{2}</updated>\n <author><name>{1}</name></author>\n <link rel=\"self\" href=\"{0}/advisories/feed.atom\"/>\n <link href=\"{0}/advisories\"/>",
        xml(base),
        xml(organisation),
        updated.rfc3339(),
    );
    for a in items {
        let mut summary = format!("Severity: {}. Revision {}.", a.severity, a.revision);
        if !a.cves.is_empty() {
            let _ = write!(summary, " {}.", a.cves.join(", "));
        }
        let _ = writeln!(
            feed,
            " <entry>\n  <id>{0}/advisories/{1}</id>\n  <title>{2}</title>\n  <published>{3}</published>\n  <updated>{4}</updated>\n  <link href=\"{0}/advisories/{1}\"/>\n  <summary>{5}</summary>\n </entry>",
            xml(base),
            xml(&a.public_id),
            xml(&a.title),
            a.published_at.rfc3339(),
            a.updated_at.rfc3339(),
            xml(&summary),
        );
    }
    feed.push_str("</feed>\n");
    feed
}

#[cfg(test)]
mod tests {
    use super::*;
    use entente_domain::time::Timestamp;

    #[test]
    fn a_hostile_title_stays_text_in_the_feed() {
        let item = PublicAdvisory {
            public_id: "EX-2026-0001".into(),
            title: "</title><script>&\u{1}".into(),
            revision: 1,
            published_at: Timestamp(0),
            updated_at: Timestamp(0),
            severity: "High".into(),
            cves: vec!["CVE-2026-1".into()],
            imported: false,
        };
        let feed = atom("https://example.org", "A & B", &[item], Timestamp(0));
        assert!(
            feed.contains("<title>&lt;/title&gt;&lt;script&gt;&amp;</title>"),
            "{feed}"
        );
        assert!(feed.contains("A &amp; B") && feed.contains("CVE-2026-1."));
    }
}
