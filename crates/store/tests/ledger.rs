//! The log on both engines, and its tree against the vectors and definitions of RFC 6962.
#![expect(clippy::unwrap_used, reason = "tests")]

mod both;

use entente_domain::time::Timestamp;
use entente_store::journal::{self, NewEntry};
use entente_store::merkle::{self, Edge, Hash, Question};
use entente_store::{Db, ledger};
use proptest::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

const T: Timestamp = Timestamp(1_794_820_320_000_000);
const ORIGIN: &str = "log.example.org/entente";

/// The inputs of the vectors of the Certificate Transparency project.
fn vector_leaves() -> Vec<Hash> {
    [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    .iter()
    .map(|h| merkle::leaf_hash(&[&data_encoding::HEXLOWER.decode(h.as_bytes()).unwrap()]))
    .collect()
}

fn tree(leaves: &[Hash]) -> (HashMap<merkle::Node, Hash>, Edge) {
    let mut nodes = HashMap::new();
    let mut edge = Edge::default();
    for (n, leaf) in leaves.iter().enumerate() {
        nodes.insert((0, u64::try_from(n).unwrap()), *leaf);
        edge.push(*leaf, |node, hash| {
            nodes.insert(node, hash);
        });
    }
    (nodes, edge)
}

#[test]
fn roots_are_those_of_the_vectors() {
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves = vector_leaves();
    let (nodes, _) = tree(&leaves);
    for (i, expected) in roots.iter().enumerate() {
        let size = u64::try_from(i + 1).unwrap();
        let root = Question::Root(size).answer(&nodes).unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(&root[0]), *expected);
        let mut edge = Edge::default();
        leaves[..=i].iter().for_each(|l| edge.push(*l, |_, _| {}));
        assert_eq!(edge.root(), root[0]);
    }
    assert_eq!(
        data_encoding::HEXLOWER.encode(&merkle::empty_root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn proofs_are_those_of_the_vectors() {
    let (nodes, _) = tree(&vector_leaves());
    let hex = |question: Question| -> Vec<String> {
        let found = question.answer(&nodes).unwrap();
        found
            .iter()
            .map(|h| data_encoding::HEXLOWER.encode(h))
            .collect()
    };
    assert_eq!(
        hex(Question::Inclusion { n: 0, size: 8 }),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        hex(Question::Inclusion { n: 5, size: 8 }),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
    assert_eq!(
        hex(Question::Consistency { old: 6, new: 8 }),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

/// RFC 6962, 2.1, word for word: the oracle.
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => merkle::empty_root(),
        [one] => *one,
        more => {
            let k = more.len().next_power_of_two() / 2;
            merkle::node_hash(&defined_root(&more[..k]), &defined_root(&more[k..]))
        }
    }
}

#[test]
fn every_proof_between_all_sizes_holds_and_no_other_does() {
    let leaves: Vec<Hash> = (0..40u8).map(|n| merkle::leaf_hash(&[&[n]])).collect();
    let (nodes, _) = tree(&leaves);
    for new in 0..=40usize {
        let new_root = defined_root(&leaves[..new]);
        let size = u64::try_from(new).unwrap();
        assert_eq!(Question::Root(size).answer(&nodes).unwrap(), [new_root]);
        for (n, leaf) in leaves[..new].iter().enumerate() {
            let n = u64::try_from(n).unwrap();
            let proof = Question::Inclusion { n, size }.answer(&nodes).unwrap();
            assert!(merkle::verify_inclusion(leaf, n, size, &proof, &new_root));
            assert!(!merkle::verify_inclusion(
                &[9; 32], n, size, &proof, &new_root
            ));
            assert!(!merkle::verify_inclusion(
                leaf,
                n + 1,
                size,
                &proof,
                &new_root
            ));
        }
        for old in 0..=new {
            let old_root = defined_root(&leaves[..old]);
            let old = u64::try_from(old).unwrap();
            let proof = Question::Consistency { old, new: size }
                .answer(&nodes)
                .unwrap();
            let holds = |old_root: &Hash, proof: &[Hash]| {
                merkle::verify_consistency(old, size, old_root, &new_root, proof)
            };
            assert!(holds(&old_root, &proof), "{old} to {size}");
            assert!(!holds(&[9; 32], &proof));
            if !proof.is_empty() {
                assert!(!holds(&old_root, &proof[1..]));
            }
        }
    }
}

proptest! {
    #[test]
    fn a_changed_leaf_breaks_consistency(
        old in 1usize..300, more in 0usize..300, changed in 0usize..300, seed in any::<u8>()
    ) {
        let new = old + more;
        let leaf = |i: usize, fork: bool| merkle::leaf_hash(&[&[seed, u8::from(fork)], &i.to_be_bytes()]);
        let honest: Vec<Hash> = (0..new).map(|i| leaf(i, false)).collect();
        let forked: Vec<Hash> = (0..new).map(|i| leaf(i, i == changed % old)).collect();
        let (old, size) = (u64::try_from(old).unwrap(), u64::try_from(new).unwrap());
        let (honest_nodes, honest_edge) = tree(&honest);
        let (forked_nodes, forked_edge) = tree(&forked);
        let witnessed = Question::Root(old).answer(&honest_nodes).unwrap()[0];
        let ask = Question::Consistency { old, new: size };
        let good = ask.answer(&honest_nodes).unwrap();
        let bad = ask.answer(&forked_nodes).unwrap();
        prop_assert!(merkle::verify_consistency(old, size, &witnessed, &honest_edge.root(), &good));
        prop_assert!(!merkle::verify_consistency(old, size, &witnessed, &forked_edge.root(), &bad));
    }
}

async fn append(db: &Db, stream: u128, entries: usize) {
    let stream = Uuid::from_u128(stream);
    db.write(move |tx| {
        let at = match journal::version(tx, stream)? {
            Some(v) => v,
            None => {
                journal::create_stream(tx, stream, "case", T)?;
                0
            }
        };
        let entry = NewEntry {
            kind: "case_opened",
            actor: "system:intake".to_owned(),
            at: T,
            payload: b"payload".to_vec(),
        };
        journal::append(tx, stream, at, &vec![entry; entries])
    })
    .await
    .unwrap();
}

async fn head(db: &Db) -> ledger::Checkpoint {
    db.write(|tx| {
        while ledger::order_new(tx, 7)? > 0 {}
        let key = ledger::signing_key(tx)?;
        ledger::checkpoint(tx, T, &key, ORIGIN)
    })
    .await
    .unwrap()
}

both!(entries_are_ordered_once_and_proved, |db| {
    append(&db, 1, 5).await;
    append(&db, 2, 8).await;
    let first = head(&db).await;
    assert_eq!(first.size, 14);
    append(&db, 1, 30).await;
    let second = head(&db).await;
    assert_eq!(second.size, 45);
    let (a, b) = (first.clone(), second.clone());
    db.read(move |tx| {
        assert_eq!(ledger::size(tx)?, b.size);
        assert_eq!(ledger::root(tx, a.size)?, a.root);
        let proof = ledger::consistency(tx, a.size, b.size)?;
        assert!(merkle::verify_consistency(
            a.size, b.size, &a.root, &b.root, &proof
        ));
        for seq in 1..=35 {
            let (n, _, leaf) = ledger::leaf_of(tx, Uuid::from_u128(1), seq)?.unwrap();
            let proof = ledger::inclusion(tx, n, b.size)?;
            assert!(merkle::verify_inclusion(&leaf, n, b.size, &proof, &b.root));
        }
        assert!(ledger::root(tx, b.size + 1).is_err());
        assert!(ledger::inclusion(tx, b.size, b.size).is_err());
        Ok(())
    })
    .await
    .unwrap();
});

both!(a_head_is_signed_and_tells_nothing, |db| {
    append(&db, 1, 3).await;
    let busy = head(&db).await;
    let idle = head(&db).await;
    assert_ne!(busy.root, idle.root, "an idle period must not show");
    assert_eq!(busy.note.len(), idle.note.len());
    let key = db.read(ledger::public_key).await.unwrap().unwrap();
    for c in [&busy, &idle] {
        let note = ledger::Note::parse(c.note.as_bytes()).unwrap();
        assert_eq!((note.origin.as_str(), note.root), (ORIGIN, c.root));
        assert!(note.signed_by(&key));
        let mut changed = c.note.clone().into_bytes();
        changed[0] ^= 1;
        assert!(!ledger::Note::parse(&changed).is_some_and(|n| n.signed_by(&key)));
    }
    let other = ed25519_dalek::SigningKey::from_bytes(&[3; 32]).verifying_key();
    let note = ledger::Note::parse(busy.note.as_bytes()).unwrap();
    assert!(!note.signed_by(&other));
    let again = db.write(ledger::signing_key).await.unwrap();
    assert_eq!(again.verifying_key(), key, "the key is made once");
});
