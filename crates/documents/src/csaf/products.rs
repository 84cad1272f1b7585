//! Products by number.
//!
//! A big advisory names its products hundreds of thousands of times, and a
//! dozen tests ask of each of these references what was said of the product
//! before. Each reference is looked up by its text once; after that a product
//! is a number, and a set of products is a table by that number.

use std::collections::HashMap;

use super::json::Node;

/// A product that something refers to, by its number in [`Products`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Product(u32);

/// Stands for an item that is no text.
const NO_TEXT: Product = Product(u32::MAX);

impl Product {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The products that a document refers to.
#[derive(Default)]
pub(crate) struct Products<'d> {
    numbers: HashMap<&'d str, Product>,
    ids: Vec<&'d str>,
    /// The references of all lists, one list after the other.
    references: Vec<Product>,
    /// Where the references of a list begin and how many there are, by the
    /// list's address: while the document is held, it names the list.
    lists: HashMap<usize, (usize, usize)>,
}

impl<'d> Products<'d> {
    /// Gives a product its number.
    pub(crate) fn add(&mut self, id: &'d str) -> Product {
        if let Some(known) = self.numbers.get(id) {
            return *known;
        }
        let Some(next) = u32::try_from(self.ids.len())
            .ok()
            .map(Product)
            .filter(|next| *next != NO_TEXT)
        else {
            return NO_TEXT;
        };
        self.ids.push(id);
        self.numbers.insert(id, next);
        next
    }

    /// Numbers the products of a list.
    pub(crate) fn add_list(&mut self, list: &'d [Node<'d>]) {
        let begin = self.references.len();
        if list.is_empty() {
            return;
        }
        for item in list {
            let product = item.as_str().map_or(NO_TEXT, |id| self.add(id));
            self.references.push(product);
        }
        self.lists.insert(list.as_ptr().addr(), (begin, list.len()));
    }

    /// The products of a list with their places in it; what is no text is
    /// passed over.
    pub(crate) fn of(&self, list: &[Node<'_>]) -> impl Iterator<Item = (usize, Product)> {
        let known = self.lists.get(&list.as_ptr().addr());
        known
            .filter(|_| !list.is_empty())
            .and_then(|(begin, length)| self.references.get(*begin..)?.get(..*length))
            .unwrap_or_default()
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, product)| *product != NO_TEXT)
    }

    /// The number of a product, if anything refers to it.
    pub(crate) fn number(&self, id: &str) -> Option<Product> {
        self.numbers.get(id).copied()
    }

    /// The id of a product.
    pub(crate) fn id(&self, product: Product) -> &'d str {
        self.ids.get(product.index()).copied().unwrap_or_default()
    }

    /// How many products there are.
    pub(crate) fn count(&self) -> usize {
        self.ids.len()
    }
}

/// What is known of products, or of anything else that has numbers from 0 on.
/// Forgetting all of it costs nothing, so that one table serves all
/// vulnerabilities.
pub(crate) struct Marks<T> {
    round: u32,
    marks: Vec<(u32, T)>,
}

impl<T: Copy + Default> Marks<T> {
    /// A table for numbers below `count`.
    pub(crate) fn new(count: usize) -> Self {
        Marks {
            round: 1,
            marks: vec![(0, T::default()); count],
        }
    }

    pub(crate) fn clear(&mut self) {
        self.round = self.round.checked_add(1).unwrap_or_else(|| {
            self.marks.fill((0, T::default()));
            1
        });
    }

    pub(crate) fn get(&self, number: usize) -> Option<T> {
        self.marks
            .get(number)
            .filter(|(round, _)| *round == self.round)
            .map(|(_, mark)| *mark)
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.get(number).is_some()
    }

    pub(crate) fn set(&mut self, number: usize, mark: T) {
        if let Some(place) = self.marks.get_mut(number) {
            *place = (self.round, mark);
        }
    }

    /// The mark that was there, or this one, which then is.
    pub(crate) fn first(&mut self, number: usize, mark: T) -> T {
        match self.marks.get_mut(number) {
            Some((round, known)) if *round == self.round => *known,
            Some(place) => {
                *place = (self.round, mark);
                mark
            }
            None => mark,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::csaf::json;

    #[test]
    fn references_are_numbered_by_text_and_found_by_list() {
        let document = json::parse(br#"{"a":["x",1,"y"],"b":["y","z"],"c":[],"d":["x"]}"#).unwrap();
        let mut products = Products::default();
        for key in ["a", "b", "c"] {
            products.add_list(document.root.list(key));
        }
        let of = |key: &str| -> Vec<(usize, &str)> {
            let found = products.of(document.root.list(key));
            found.map(|(index, p)| (index, products.id(p))).collect()
        };
        assert_eq!(of("a"), [(0, "x"), (2, "y")]);
        assert_eq!(of("b"), [(0, "y"), (1, "z")]);
        assert_eq!(of("c"), []);
        assert_eq!(of("d"), [], "nobody asked to number it");
        assert_eq!(products.count(), 3);
        assert_eq!(products.number("w"), None);
    }

    #[test]
    fn marks_are_forgotten_at_once() {
        let mut marks = Marks::new(2);
        assert_eq!(marks.first(1, 7), 7);
        assert_eq!(marks.first(1, 8), 7);
        marks.set(1, 9);
        assert_eq!((marks.get(0), marks.get(1)), (None, Some(9)));
        marks.round = u32::MAX;
        assert!(!marks.has(1));
        marks.set(0, 1);
        marks.clear();
        assert!(!marks.has(0) && !marks.has(1));
        marks.set(5, 1);
        assert!(!marks.has(5), "beyond the table nothing is held");
    }
}
