//! What depends on what within one document, packed: some bytes for each edge. It is opened only to
//! say by which way a product has a component.

/// What depends on what within one document. Place 0 is the product itself; place `i + 1` is the
/// package version with the number `nodes()[i]`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Graph {
    nodes: Vec<i64>,
    edges: Vec<Vec<usize>>,
}

impl Graph {
    /// A graph over package versions, by their numbers, each of them once, with pairs of places.
    /// Pairs that name no place are left out.
    #[must_use]
    pub fn new(mut nodes: Vec<i64>, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        nodes.sort_unstable();
        nodes.dedup();
        let mut edges = vec![Vec::new(); nodes.len() + 1];
        for (from, on) in pairs {
            if on <= nodes.len()
                && from != on
                && let Some(of_from) = edges.get_mut(from)
            {
                of_from.push(on);
            }
        }
        for of in &mut edges {
            of.sort_unstable();
            of.dedup();
        }
        Self { nodes, edges }
    }

    /// Numbers of the package versions, rising.
    #[must_use]
    pub fn nodes(&self) -> &[i64] {
        &self.nodes
    }

    /// The place of a package version.
    #[must_use]
    pub fn place(&self, node: i64) -> Option<usize> {
        self.nodes.binary_search(&node).ok().map(|i| i + 1)
    }

    /// The package version at a place; none at the product's own.
    #[must_use]
    pub fn node(&self, place: usize) -> Option<i64> {
        self.nodes.get(place.checked_sub(1)?).copied()
    }

    /// The places that this one depends on.
    #[must_use]
    pub fn on(&self, place: usize) -> &[usize] {
        self.edges.get(place).map_or(&[], Vec::as_slice)
    }

    /// How many edges there are.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.edges.iter().map(Vec::len).sum()
    }

    /// The shortest way from the product to each place: for every place the one before it. What
    /// no way leads to is not there: the document lists it and does not say what needs it.
    #[must_use]
    pub fn shortest_ways(&self) -> Vec<Option<usize>> {
        let mut before: Vec<Option<usize>> = vec![None; self.edges.len()];
        let mut queue = std::collections::VecDeque::from([0_usize]);
        while let Some(place) = queue.pop_front() {
            for &next in self.on(place) {
                if next != 0
                    && let Some(slot @ None) = before.get_mut(next)
                {
                    *slot = Some(place);
                    queue.push_back(next);
                }
            }
        }
        before
    }

    pub(super) fn encode(&self, into: &mut Vec<u8>) {
        put(into, self.nodes.len());
        let mut last = 0;
        for n in &self.nodes {
            put(into, usize::try_from(n - last).unwrap_or(0));
            last = *n;
        }
        for of in &self.edges {
            put(into, of.len());
            let mut last = 0;
            for on in of {
                put(into, on - last);
                last = *on;
            }
        }
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let count = take(&mut bytes)?;
        // Every node has a byte at least, so a count that lies takes no memory.
        if count > bytes.len() {
            return None;
        }
        let mut nodes = Vec::with_capacity(count);
        let mut last = 0_i64;
        for _ in 0..count {
            last = last.checked_add(i64::try_from(take(&mut bytes)?).ok()?)?;
            nodes.push(last);
        }
        let mut edges = Vec::with_capacity(count + 1);
        for _ in 0..=count {
            let of = take(&mut bytes)?;
            if of > bytes.len() {
                return None;
            }
            let mut on = Vec::with_capacity(of);
            let mut last = 0_usize;
            for _ in 0..of {
                last = last.checked_add(take(&mut bytes)?)?;
                if last > count {
                    return None;
                }
                on.push(last);
            }
            edges.push(on);
        }
        bytes.is_empty().then_some(Self { nodes, edges })
    }
}

/// Seven bits a byte, the last without the high one.
fn put(into: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            into.push(low);
            return;
        }
        into.push(low | 0x80);
    }
}

fn take(bytes: &mut &[u8]) -> Option<usize> {
    let (mut value, mut shift) = (0_usize, 0_u32);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift += 7;
        if shift > 56 {
            return None;
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_graph_comes_back_as_it_was(
            nodes in prop::collection::vec(0_i64..1_000_000, 0..60),
            pairs in prop::collection::vec((0_usize..70, 0_usize..70), 0..200),
        ) {
            let graph = Graph::new(nodes, pairs);
            let mut bytes = Vec::new();
            graph.encode(&mut bytes);
            prop_assert_eq!(Graph::decode(&bytes).unwrap(), graph);
        }

        #[test]
        fn damaged_bytes_are_refused_or_make_some_graph(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            if let Some(graph) = Graph::decode(&bytes) {
                prop_assert!(graph.nodes().len() <= bytes.len());
            }
        }
    }

    #[test]
    fn the_shortest_way_is_found_and_a_circle_ends() {
        // The product needs 10 and 20; 10 needs 30; 30 needs 10 again; nobody needs 40.
        let graph = Graph::new(vec![40, 10, 20, 30], [(0, 1), (0, 2), (1, 3), (3, 1)]);
        assert_eq!(graph.place(30), Some(3));
        assert_eq!(graph.node(3), Some(30));
        assert_eq!(graph.node(0), None);
        assert_eq!(
            graph.shortest_ways(),
            [None, Some(0), Some(0), Some(1), None]
        );
    }
}
