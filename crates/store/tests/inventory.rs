//! What products are made of, on both engines: each package once, who has it, and an index that
//! cannot be changed unseen.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_domain::ids::{ProductId, SbomId};
use entente_domain::time::Timestamp;
use entente_store::inventory::{self, Graph, PackageVersion, Sbom};
use entente_store::verify::{VerifyOptions, verify};
use entente_store::{Db, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);

fn version(key: &str, version: &str) -> PackageVersion {
    PackageVersion {
        key: key.to_owned(),
        name: key.rsplit('/').next().unwrap().to_owned(),
        version: version.to_owned(),
        scope: String::new(),
    }
}

/// Takes a document of a product in: every component depends on the one after it.
async fn take(db: &Db, id: u128, product: u128, listed: Vec<PackageVersion>) -> Vec<i64> {
    db.write(move |tx| {
        let numbers = inventory::intern(tx, &listed)?;
        let by_number: BTreeMap<i64, PackageVersion> = numbers
            .iter()
            .copied()
            .zip(listed.iter().cloned())
            .collect();
        let graph = Graph::new(numbers.clone(), (0..numbers.len()).map(|i| (i, i + 1)));
        let sbom = Sbom {
            n: inventory::next_number(tx)?,
            id: SbomId(Uuid::from_u128(id)),
            product: ProductId(Uuid::from_u128(product)),
            taken_at: T,
            body: b"canary-made-of".to_vec(),
        };
        inventory::insert(tx, &sbom, &by_number, &graph)?;
        inventory::also_known_as(tx, &[("cpe:acme:tls".to_owned(), numbers[0])])?;
        inventory::also_known_as(tx, &[("cpe:acme:tls".to_owned(), numbers[0])])?;
        Ok(numbers)
    })
    .await
    .unwrap()
}

both!(a_package_is_kept_once_and_its_holders_are_found, |db| {
    // More than one statement holds, with one named twice.
    let mut listed: Vec<_> = (0..150)
        .map(|i| version(&format!("pkg:npm/p{i}"), "1.0"))
        .collect();
    let first = take(&db, 1, 10, listed.clone()).await;
    listed[3].version = "2.0".to_owned();
    let second = take(&db, 2, 20, listed).await;
    assert_eq!(first[4], second[4]);
    assert_ne!(first[3], second[3]);
    let (of_new, of_old, others) = db
        .read(move |tx| {
            let (package, _) = inventory::package(tx, "pkg:npm/p3")?.unwrap();
            assert_eq!(inventory::versions(tx, package)?.len(), 2);
            assert_eq!(inventory::packages_named(tx, "P3")?.len(), 1);
            assert_eq!(inventory::with_alias(tx, "cpe:acme:tls")?.len(), 1);
            assert_eq!(inventory::size(tx)?, [2, 150, 151]);
            Ok((
                inventory::holders(tx, &[second[3]])?,
                inventory::holders(tx, &[first[3]])?,
                inventory::holders(tx, &first)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!((of_new.len(), of_old.len(), others.len()), (1, 1, 299));
    let (sbom, graph) = db
        .read(|tx| inventory::get(tx, SbomId(Uuid::from_u128(2))))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sbom.body, b"canary-made-of");
    assert_eq!((graph.nodes().len(), graph.edges()), (150, 149 + 1));
});

both!(what_is_removed_is_in_no_answer, |db| {
    let held = take(&db, 1, 10, vec![version("pkg:cargo/a", "1.0")]).await;
    take(&db, 2, 20, vec![version("pkg:cargo/a", "1.0")]).await;
    db.write(|tx| inventory::remove(tx, SbomId(Uuid::from_u128(1))))
        .await
        .unwrap();
    let left = db
        .read(move |tx| inventory::holders(tx, &held))
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    let left = db.read(inventory::all).await.unwrap();
    assert_eq!(
        left.iter().map(|s| s.id.0.as_u128()).collect::<Vec<_>>(),
        [2]
    );
    // Twice is once.
    db.write(|tx| inventory::remove(tx, SbomId(Uuid::from_u128(1))))
        .await
        .unwrap();
});

both!(a_changed_index_is_found, |db| {
    take(
        &db,
        1,
        10,
        vec![version("pkg:cargo/a", "1.0"), version("pkg:cargo/b", "1.0")],
    )
    .await;
    let check = async || {
        let options = VerifyOptions {
            with_keys: true,
            refold: None,
            head: None,
        };
        verify(&db, options, Arc::new(|_, _| {})).await.unwrap()
    };
    assert!(check().await.ok);
    for (change, back) in [
        (
            "UPDATE packages SET key = 'pkg:cargo/c' WHERE key = 'pkg:cargo/a'",
            "UPDATE packages SET key = 'pkg:cargo/a' WHERE key = 'pkg:cargo/c'",
        ),
        (
            "UPDATE package_versions SET version = '9.0' WHERE n = 1",
            "UPDATE package_versions SET version = '1.0' WHERE n = 1",
        ),
        (
            "DELETE FROM contains WHERE package_version = 2",
            "INSERT INTO contains (package_version, sbom) VALUES (2, 1)",
        ),
    ] {
        db.write(move |tx| tx.execute(change, &[])).await.unwrap();
        let found = check().await;
        assert!(!found.ok, "{change}");
        assert!(found.first_broken.unwrap().reason.contains("sboms"));
        db.write(move |tx| tx.execute(back, &[])).await.unwrap();
        assert!(check().await.ok, "{back}");
    }
});

both!(a_document_names_what_its_graph_names, |db| {
    let refused = db
        .write(|tx| {
            let sbom = Sbom {
                n: inventory::next_number(tx)?,
                id: SbomId(Uuid::from_u128(1)),
                product: ProductId(Uuid::from_u128(2)),
                taken_at: T,
                body: Vec::new(),
            };
            inventory::insert(tx, &sbom, &BTreeMap::new(), &Graph::new(vec![1], []))
        })
        .await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))));
});
