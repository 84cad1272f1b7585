//! The demonstration fills an empty instance, and shows what it promises to show.

use crate::support::World;
use entente_domain::access::{Role, Viewer};
use entente_domain::kinds::{Publicity, Stage};
use entente_service::cases::{self, CaseFilter};
use entente_service::{accounts, advisories, demo};

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_shows_every_stage() {
    let w = World::new().await;
    let now = w.app.now();
    let begun = std::time::Instant::now();
    let summary = demo::fill(&w.app, &w.clock).await.unwrap();
    eprintln!("{summary}; {} ms", begun.elapsed().as_millis());
    assert_eq!(w.app.now(), now);
    assert!(summary.cases >= 36 && summary.published >= 8, "{summary}");
    assert!(demo::fill(&w.app, &w.clock).await.is_err());

    let lead = w.persona("ada.lind@alder.example", &[Role::Lead]).await;
    let mut cases = Vec::new();
    let mut filter = CaseFilter {
        limit: 100,
        ..CaseFilter::default()
    };
    loop {
        let page = cases::list(&w.app, &lead, &filter).await.unwrap();
        for line in page.items {
            cases.push(cases::open(&w.app, &lead, line.id).await.unwrap().case);
        }
        filter.cursor = page.next;
        if filter.cursor.is_none() {
            break;
        }
    }
    assert_eq!(cases.len(), summary.cases);
    for stage in Stage::ALL {
        assert!(cases.iter().any(|c| c.stage == *stage), "{stage}");
    }
    assert!(cases.iter().any(|c| c.merged_into.is_some()));
    assert!(cases.iter().any(|c| c.restricted));
    assert!(
        cases
            .iter()
            .any(|c| c.publicity == Publicity::Partial && c.publicity_pending)
    );
    assert!(
        cases
            .iter()
            .any(|c| c.reports.iter().any(|r| r.reporter_waits))
    );
    assert!(
        cases
            .iter()
            .any(|c| c.clocks.iter().any(|k| k.is_open() && k.paused.is_some()))
    );
    assert!(
        cases
            .iter()
            .any(|c| c.clocks.iter().any(|k| k.is_breached(now) && k.is_open()))
    );
    assert!(
        cases
            .iter()
            .any(|c| c.advisory.as_ref().is_some_and(|a| a.revisions.len() == 2))
    );
    assert!(
        cases
            .iter()
            .all(|c| c.opened_at <= c.updated_at && c.updated_at <= now)
    );
    let published = advisories::published(&w.app, None, 100)
        .await
        .unwrap()
        .items;
    assert_eq!(published.len(), summary.published);
}

impl World {
    /// A viewer for the account of this address.
    pub async fn persona(&self, mail: &str, roles: &[Role]) -> Viewer {
        let admin = crate::support::staff(
            entente_domain::ids::UserId(uuid::Uuid::nil()),
            &[Role::Administrator],
        );
        let people = accounts::people(&self.app, &admin).await.unwrap();
        let id = people.iter().find(|p| p.mail == mail).unwrap().person.id;
        crate::support::staff(id, roles)
    }
}
