//! The Merkle tree of RFC 6962, pure: hashes, growth, proofs and their verification. Knows no
//! table; [`crate::ledger`] keeps its nodes.

use sha2::{Digest, Sha256};

/// A hash in the tree.
pub type Hash = [u8; 32];

/// A complete subtree: its level (0 = leaf) and its place among those of its level.
pub type Place = (u32, u64);

/// The hash of a leaf.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(data)
        .finalize()
        .into()
}

/// The hash of an inner node.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root of the empty tree.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The right edge of a tree: enough to make it grow and to know its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees from the left, the largest first.
    peaks: Vec<(u32, Hash)>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves from the hashes at [`complete`]`(0, size)`.
    pub fn of(size: u64, hashes: &[(Place, Hash)]) -> Self {
        Self {
            size,
            peaks: hashes.iter().map(|((level, _), h)| (*level, *h)).collect(),
        }
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; answers the nodes above it that became complete.
    pub fn push(&mut self, leaf: Hash) -> Vec<(Place, Hash)> {
        let mut done = Vec::new();
        let (mut level, mut hash, mut at) = (0, leaf, self.size);
        while let Some((peak_level, left)) = self.peaks.last().copied()
            && peak_level == level
        {
            self.peaks.pop();
            hash = node(&left, &hash);
            level += 1;
            at /= 2;
            done.push(((level, at), hash));
        }
        self.peaks.push((level, hash));
        self.size += 1;
        done
    }

    /// The root.
    pub fn root(&self) -> Hash {
        join(self.peaks.iter().map(|(_, h)| *h))
    }
}

/// The root over complete subtrees, from the left.
fn join(hashes: impl DoubleEndedIterator<Item = Hash>) -> Hash {
    hashes
        .rev()
        .reduce(|right, left| node(&left, &right))
        .unwrap_or_else(empty_root)
}

/// The complete subtrees that make up `len` leaves from `start` on, which is a multiple of the
/// largest of them.
pub fn complete(start: u64, len: u64) -> Vec<Place> {
    let (mut at, mut left) = (start, len);
    let mut places = Vec::new();
    while left > 0 {
        let level = left.ilog2();
        places.push((level, at >> level));
        at += 1 << level;
        left -= 1 << level;
    }
    places
}

/// The hash over a range from the hashes of its complete subtrees.
pub fn over(hashes: &[Hash]) -> Hash {
    join(hashes.iter().copied())
}

/// The largest power of two below `n`, for `n` of at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The ranges (start, length) whose hashes prove that leaf `index` is in a tree of `size`.
pub fn inclusion(index: u64, size: u64) -> Vec<(u64, u64)> {
    let (mut start, mut len) = (0, size);
    let mut path = Vec::new();
    while len > 1 {
        let k = split(len);
        if index < start + k {
            path.push((start + k, len - k));
            len = k;
        } else {
            path.push((start, k));
            start += k;
            len -= k;
        }
    }
    path.reverse();
    path
}

/// The ranges whose hashes prove that the tree of `new` leaves begins with the tree of `old`.
pub fn consistency(old: u64, new: u64) -> Vec<(u64, u64)> {
    if old == 0 || old >= new {
        return Vec::new();
    }
    let (mut start, mut len, mut whole) = (0, new, true);
    let mut path = Vec::new();
    while start + len != old {
        let k = split(len);
        if old <= start + k {
            path.push((start + k, len - k));
            len = k;
        } else {
            path.push((start, k));
            start += k;
            len -= k;
            whole = false;
        }
    }
    if !whole {
        path.push((start, len));
    }
    path.reverse();
    path
}

/// Whether the proof shows that `leaf` is the leaf `index` of the tree with this size and root
/// (RFC 9162, 2.1.3.2).
pub fn includes(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for p in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(p, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, p);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the proof shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2).
pub fn consistent(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) -> bool {
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    if old > new {
        return false;
    }
    // An older tree that is a complete subtree stands for itself.
    let own = [*old_root];
    let mut path = if old.is_power_of_two() { &own[..] } else { &[] }
        .iter()
        .chain(proof);
    let Some(first) = path.next().copied() else {
        return false;
    };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut from_old, mut from_new) = (first, first);
    for p in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            from_old = node(p, &from_old);
            from_new = node(p, &from_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node(&from_new, p);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use std::collections::HashMap;

    /// The inputs and roots that every implementation of RFC 6962 is tested with.
    const VECTORS: [(&str, &str); 8] = [
        (
            "",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        ),
        (
            "00",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        ),
        (
            "10",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ),
        (
            "2021",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
        (
            "3031",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        ),
        (
            "40414243",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        ),
        (
            "5051525354555657",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        ),
        (
            "606162636465666768696a6b6c6d6e6f",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ];

    struct Tree {
        nodes: HashMap<Place, Hash>,
        leaves: Vec<Hash>,
        roots: Vec<Hash>,
    }

    impl Tree {
        fn of(leaves: Vec<Hash>) -> Self {
            let mut tree = Self {
                nodes: HashMap::new(),
                leaves: leaves.clone(),
                roots: vec![empty_root()],
            };
            let mut frontier = Frontier::default();
            for (n, l) in leaves.into_iter().enumerate() {
                tree.nodes.insert((0, n as u64), l);
                tree.nodes.extend(frontier.push(l));
                tree.roots.push(frontier.root());
            }
            tree
        }

        fn hashes(&self, ranges: &[(u64, u64)]) -> Vec<Hash> {
            ranges
                .iter()
                .map(|(start, len)| {
                    let parts: Vec<Hash> = complete(*start, *len)
                        .iter()
                        .map(|p| self.nodes[p])
                        .collect();
                    over(&parts)
                })
                .collect()
        }
    }

    /// The definition in the RFC's section 2.1, word for word, as the oracle.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            many => {
                let k = many.len().next_power_of_two() / 2;
                node(&by_definition(&many[..k]), &by_definition(&many[k..]))
            }
        }
    }

    fn hundred() -> Tree {
        Tree::of((0..100u32).map(|n| leaf(&n.to_be_bytes())).collect())
    }

    #[test]
    fn roots_are_those_of_the_vectors() {
        let leaves: Vec<Hash> = VECTORS
            .iter()
            .map(|(input, _)| leaf(&HEXLOWER.decode(input.as_bytes()).unwrap()))
            .collect();
        let tree = Tree::of(leaves);
        assert_eq!(
            HEXLOWER.encode(&empty_root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        for (n, (_, root)) in VECTORS.iter().enumerate() {
            assert_eq!(HEXLOWER.encode(&tree.roots[n + 1]), *root, "size {}", n + 1);
        }
    }

    #[test]
    fn roots_are_those_of_the_definition() {
        let tree = hundred();
        for n in 0..=100 {
            assert_eq!(tree.roots[n], by_definition(&tree.leaves[..n]), "size {n}");
        }
    }

    #[test]
    fn every_inclusion_proof_holds_and_for_no_other_leaf_or_root() {
        let tree = hundred();
        for size in 1..=100u64 {
            for index in 0..size {
                let proof = tree.hashes(&inclusion(index, size));
                let root = &tree.roots[usize::try_from(size).unwrap()];
                let own = tree.leaves[usize::try_from(index).unwrap()];
                assert!(
                    includes(own, index, size, &proof, root),
                    "{index} of {size}"
                );
                assert!(!includes(leaf(b"x"), index, size, &proof, root));
                assert!(!includes(own, index, size, &proof, &tree.roots[0]));
                assert!(!includes(own, index + 1, size, &proof, root) || size == 1);
            }
        }
    }

    #[test]
    fn every_consistency_proof_holds_and_for_no_other_history() {
        let tree = hundred();
        for new in 1..=100u64 {
            for old in 0..=new {
                let proof = tree.hashes(&consistency(old, new));
                let (a, b) = (
                    tree.roots[usize::try_from(old).unwrap()],
                    tree.roots[usize::try_from(new).unwrap()],
                );
                assert!(consistent(old, new, &a, &b, &proof), "{old} to {new}");
                assert!(
                    !consistent(old, new, &leaf(b"x"), &b, &proof),
                    "{old} to {new}"
                );
                assert!(old == 0 || !consistent(old, new, &a, &leaf(b"x"), &proof));
            }
        }
    }
}
