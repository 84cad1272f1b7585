//! How many statements a request takes (P1, P2, P4): they do not grow with the data, and they are
//! the same on every machine, so a limit can stand in a test. Times stand in the benchmark.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "console/world.rs"]
#[expect(dead_code, reason = "shared with the tests of the console")]
mod world;

use entente_domain::command::ReportForm;
use entente_store::statements_executed;
use world::World;

// One test: the count is that of the process.
#[tokio::test]
async fn requests_take_few_statements() {
    let world = World::new().await;
    world.busy().await;
    let cookie = world.cookie(world.lead.0).await;
    let mut over = Vec::new();
    for (path, most) in [
        ("/console", 4),
        ("/console/cases", 4),
        ("/console/cases?q=firmware", 6),
        ("/console/board", 4),
        // Verified: nobody asks any more whether it is a duplicate.
        ("/console/cases/1", 6),
        // In triage: two statements find candidates, one for each kind of likeness shows those that
        // may be seen.
        ("/console/cases/2", 13),
        ("/", 3),
        ("/report", 2),
    ] {
        // The first one fills what is kept in memory.
        world.get(path, &cookie).await;
        let before = statements_executed();
        let page = world.get(path, &cookie).await;
        let took = statements_executed() - before;
        assert!(page.status.is_success(), "{path}");
        if took > most {
            over.push(format!("{path}: {took} statements, {most} at most"));
        }
    }
    let words: Vec<String> = (0..300).map(|n| format!("word{n}")).collect();
    let form = ReportForm {
        product: "EdgeGate 4".to_owned(),
        description: words.join(" "),
        ..ReportForm::default()
    };
    let before = statements_executed();
    world.report(form).await;
    let took = statements_executed() - before;
    if took > 60 {
        over.push(format!(
            "a report of 300 words: {took} statements, 60 at most"
        ));
    }
    assert!(over.is_empty(), "{over:#?}");
}
