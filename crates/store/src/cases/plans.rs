//! How SQLite answers the lists: by walking an index, never by sorting the table.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::{Db, Keyring, Location, OpenOptions, Random};
use entente_domain::access::Role;
use rand::SeedableRng;

fn staff(role: Role) -> Viewer {
    Viewer::Staff {
        user: UserId(uuid::Uuid::from_u128(5)),
        roles: vec![role],
    }
}

/// What SQLite does for a statement.
fn plan(tx: &mut Tx<'_>, q: &Select) -> Result<String, StoreError> {
    let explained = Select {
        sql: format!("EXPLAIN QUERY PLAN {}", q.sql),
        args: q.args.clone(),
    };
    let rows = explained.all(tx)?;
    let steps: Result<Vec<&str>, _> = rows.iter().map(|r| r.text(3)).collect();
    Ok(steps?.join("; "))
}

#[tokio::test]
async fn a_page_costs_the_same_whatever_the_size_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(OpenOptions {
        location: Location::Sqlite(folder.path().join("entente.sqlite")),
        data_dir: folder.path().to_owned(),
        keys: Keyring::from_instance_key([7; 32]),
        random: Random::new(rand_chacha::ChaCha20Rng::seed_from_u64(1)),
        readers: 1,
        read_only: false,
    })
    .await
    .unwrap();
    db.read(|tx| {
        for (sort, cursor) in [(Sort::Due, "5"), (Sort::Updated, "5")] {
            for open in [None, Some(true)] {
                for owner in [None, Some(UserId(uuid::Uuid::from_u128(5)))] {
                    let filter = CaseFilter {
                        open,
                        owner,
                        sort,
                        cursor: Some(format!("{cursor}.{}", uuid::Uuid::nil())),
                        ..CaseFilter::default()
                    };
                    let office = list_query(tx, &staff(Role::Analyst), &filter, 25)?;
                    let steps = plan(tx, &office)?;
                    let walks = steps.contains("USING INDEX cases_by");
                    // The cases of one owner are few; to sort them is fine.
                    assert!(walks, "{filter:?}: {steps}");
                    assert!(
                        owner.is_some() || !steps.contains("TEMP B-TREE"),
                        "{filter:?}: {steps}"
                    );
                    let member = list_query(tx, &staff(Role::ProductContact), &filter, 25)?;
                    let steps = plan(tx, &member)?;
                    assert!(steps.starts_with("SEARCH m "), "{filter:?}: {steps}");
                    assert!(!steps.contains("SCAN"), "{filter:?}: {steps}");
                }
            }
        }
        let board = board_query(tx, &staff(Role::Analyst), None, 25)?;
        let steps = plan(tx, &board)?;
        assert!(steps.starts_with("SCAN k USING"), "{steps}");
        assert!(!steps.contains("TEMP B-TREE"), "{steps}");
        let board = board_query(tx, &staff(Role::ProductContact), None, 25)?;
        let steps = plan(tx, &board)?;
        assert!(
            steps.starts_with("SEARCH m ") && !steps.contains("SCAN"),
            "{steps}"
        );
        Ok(())
    })
    .await
    .unwrap();
}
