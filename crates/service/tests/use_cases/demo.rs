//! The demonstration fills an empty instance, and shows what it promises to show.

use crate::support::World;
use entente_domain::access::{Role, Viewer};
use entente_domain::ids::UserId;
use entente_domain::kinds::{Publicity, Stage};
use entente_service::cases::{self, CaseFilter};
use entente_service::{ServiceError, accounts, advisories, demo, figures};

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_shows_every_stage() {
    let w = World::new().await;
    let now = w.app.now();
    let summary = demo::fill(&w.app, &w.clock).await.unwrap();
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

    // The figures count the same cases, for who may read them.
    let auditor = crate::support::staff(UserId(uuid::Uuid::from_u128(5)), &[Role::Auditor]);
    let support = crate::support::staff(UserId(uuid::Uuid::from_u128(6)), &[Role::Support]);
    assert!(matches!(
        figures::page(&w.app, &support).await,
        Err(ServiceError::NotFound)
    ));
    let f = figures::page(&w.app, &auditor).await.unwrap();
    assert_eq!(f, figures::page(&w.app, &lead).await.unwrap());
    assert_eq!(f.cases, summary.cases);
    assert_eq!(
        f.trend.iter().map(|m| m.opened).sum::<usize>(),
        summary.cases
    );
    assert_eq!(
        f.trend.iter().map(|m| m.published).sum::<usize>(),
        summary.published
    );
    let closed = cases.iter().filter(|c| c.stage == Stage::Closed).count();
    assert_eq!(
        (f.trend.iter().map(|m| m.closed).sum::<usize>(), f.open),
        (closed, summary.cases - closed)
    );
    // On purpose one report was acknowledged too late, and one waits for too long.
    assert_eq!(
        f.acknowledged_in_limit.of - f.acknowledged_in_limit.kept,
        2,
        "{f:?}"
    );
    assert!(f.updates.kept > 0 && f.updates.kept < f.updates.of, "{f:?}");
    assert_eq!(f.interim_remediations, 1);
    assert!(
        f.phases
            .iter()
            .all(|p| p.p50_hours <= p.p90_hours && p.count > 0)
    );
    let csv = figures::csv(&f);
    assert!(csv.lines().all(|l| l.split(',').count() == 5), "{csv}");
}

impl World {
    /// A viewer for the account of this address.
    pub async fn persona(&self, mail: &str, roles: &[Role]) -> Viewer {
        let admin = crate::support::staff(UserId(uuid::Uuid::nil()), &[Role::Administrator]);
        let people = accounts::people(&self.app, &admin).await.unwrap();
        let id = people.iter().find(|p| p.mail == mail).unwrap().person.id;
        crate::support::staff(id, roles)
    }
}
