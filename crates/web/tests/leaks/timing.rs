//! How long it takes to say "not found" of a case that is there and of one that is not (L2). Only
//! printed: a machine under load asserts nothing.

use crate::matrix::no_limits;
use crate::table::nowhere;
use crate::world::{Ask, World, form, staff_cookie};
use axum::http::{HeaderName, Method, StatusCode, header};
use entente_domain::access::Role;
use entente_domain::command::Command;
use std::net::Ipv4Addr;
use std::time::Instant;

/// Pairs of requests.
const PAIRS: usize = 2_000;

#[expect(
    clippy::disallowed_methods,
    reason = "measures the time that an answer takes"
)]
#[tokio::test]
async fn times_of_not_found_are_printed() {
    let world = World::new(no_limits()).await;
    let insider = world.person("insider", &[Role::Lead, Role::Analyst]).await;
    let outsider = world.person("outsider", &[Role::Analyst]).await;
    let thing = world
        .thing("secret", form("EdgeGate 4", "secret"), "")
        .await;
    world.draft(&insider, &thing, "secret").await;
    let reason = "Need to know".to_owned();
    world
        .act(&insider, thing.case, Command::Restrict { reason })
        .await;
    let absent = nowhere(&thing);
    let bearer = (header::AUTHORIZATION, format!("Bearer {}", outsider.token));
    let ask = |path: String, header: &(HeaderName, String)| Ask {
        method: Method::GET,
        path,
        headers: vec![header.clone()],
        body: Vec::new(),
        from: Ipv4Addr::LOCALHOST,
    };
    let cookie = staff_cookie(&outsider.session);
    for (what, there, not_there) in [
        (
            "console",
            ask(format!("/console/cases/{}", thing.number), &cookie),
            ask(format!("/console/cases/{}", absent.number), &cookie),
        ),
        (
            "API",
            ask(format!("/api/v1/cases/{}", thing.case), &bearer),
            ask(format!("/api/v1/cases/{}", absent.case), &bearer),
        ),
    ] {
        let mut times = [Vec::new(), Vec::new()];
        for pair in 0..PAIRS {
            // Which comes first changes, so that neither warms up for the other.
            for which in [pair % 2, 1 - pair % 2] {
                let begun = Instant::now();
                let answer = world.send([&there, &not_there][which]).await;
                times[which].push(begun.elapsed().as_secs_f64() * 1e6);
                assert_eq!(answer.status, StatusCode::NOT_FOUND);
            }
        }
        let [a, b] = times.map(Sample::of);
        let t = (a.mean - b.mean) / (a.variance / a.count + b.variance / b.count).sqrt();
        println!(
            "{what}: restricted {:.0} us, not there {:.0} us (medians of {PAIRS}), Welch t = {t:.2}",
            a.median, b.median
        );
    }
}

struct Sample {
    count: f64,
    median: f64,
    mean: f64,
    variance: f64,
}

impl Sample {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        // The slowest hundredth is the machine's, not ours.
        times.truncate(times.len() * 99 / 100);
        let mut count = 0.0;
        let mut sum = 0.0;
        for time in &times {
            count += 1.0;
            sum += time;
        }
        let mean = sum / count;
        let variance = times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self {
            count,
            median,
            mean,
            variance,
        }
    }
}
