//! A JSON tree that borrows its text from the input.
//!
//! The validator and the summary reader walk this tree instead of
//! `serde_json::Value`: it keeps the order of keys (test 6.2.13 asks for it),
//! shows duplicate keys, and allocates no strings unless they hold escapes.
//! Nothing here knows what CSAF is.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::pointer::Path;

/// The deepest nesting that is read. `serde_json` has the same bound; it is
/// repeated here for trees that come from a `serde_json::Value`.
const DEEPEST: usize = 128;

/// Objects up to this size are searched for duplicate keys pair by pair;
/// larger ones are sorted first, so that the cost stays linear in the document.
const FEW_KEYS: usize = 12;

/// The bytes that the tree of a document may take. A text of a few bytes is a
/// value of many: 200 MB of `[0,0,0]` would take gigabytes. Advisories take two
/// or three times their length, so that one of 200 MB fits; what takes more is
/// refused with the place where it became too much.
const MOST_MEMORY: usize = 768 << 20;

/// One JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Number(f64),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// What a document that is no JSON is refused with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    #[error("not JSON: {0}; save the document as UTF-8 JSON without comments")]
    Syntax(#[from] serde_json::Error),
    #[error("the document starts with a byte order mark; save it as UTF-8 without one")]
    ByteOrderMark,
    #[error(
        "the values up to line {line}, column {column} take more than {} MiB of memory; split the document",
        MOST_MEMORY >> 20
    )]
    TooMuch { line: usize, column: usize },
    #[error("values are nested deeper than {DEEPEST} levels; flatten the document")]
    TooDeep,
}

/// A read document: its tree, and whether some object gives a key twice.
pub(crate) struct Parsed<'a> {
    pub(crate) root: Node<'a>,
    pub(crate) has_duplicate_keys: bool,
}

/// Reads JSON bytes.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed<'_>, JsonError> {
    parse_within(bytes, MOST_MEMORY)
}

fn parse_within(bytes: &[u8], memory: usize) -> Result<Parsed<'_>, JsonError> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(JsonError::ByteOrderMark);
    }
    let state = State {
        duplicate: Cell::new(false),
        memory: Cell::new(Some(memory)),
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let root = Seed(&state)
        .deserialize(&mut reader)
        .map_err(|error| match state.memory.get() {
            Some(_) => JsonError::Syntax(error),
            None => JsonError::TooMuch {
                line: error.line(),
                column: error.column(),
            },
        })?;
    reader.end()?;
    Ok(Parsed {
        root,
        has_duplicate_keys: state.duplicate.get(),
    })
}

/// Views a `serde_json::Value` as a tree; strings stay borrowed.
pub(crate) fn from_value(value: &serde_json::Value) -> Result<Node<'_>, JsonError> {
    fn convert(value: &serde_json::Value, depth: usize) -> Result<Node<'_>, JsonError> {
        use serde_json::Value;
        if depth > DEEPEST {
            return Err(JsonError::TooDeep);
        }
        Ok(match value {
            Value::Null => Node::Null,
            Value::Bool(b) => Node::Bool(*b),
            Value::Number(n) => Node::Number(n.as_f64().unwrap_or(f64::NAN)),
            Value::String(s) => Node::String(Cow::Borrowed(s)),
            Value::Array(items) => Node::Array(
                items
                    .iter()
                    .map(|item| convert(item, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Node::Object(
                members
                    .iter()
                    .map(|(key, item)| Ok((Cow::Borrowed(key.as_str()), convert(item, depth + 1)?)))
                    .collect::<Result<_, JsonError>>()?,
            ),
        })
    }
    convert(value, 1)
}

impl<'a> Node<'a> {
    /// The member of an object; the last one if the key is given twice, as
    /// most readers have it. `None` for everything that is no object.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        match self {
            Node::Object(members) => members
                .iter()
                .rev()
                .find(|(name, _)| name.as_ref() == key)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The node below a chain of keys.
    pub(crate) fn at(&self, keys: &[&str]) -> Option<&Node<'a>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a string node.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a number node.
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Node::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text of a member.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_str)
    }

    /// The items of an array; none for anything else.
    pub(crate) fn items(&self) -> &[Node<'a>] {
        match self {
            Node::Array(items) => items,
            _ => &[],
        }
    }

    /// The items of an array member; none where there is no such array.
    pub(crate) fn list(&self, key: &str) -> &[Node<'a>] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The members of an object; none for anything else.
    pub(crate) fn members(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        match self {
            Node::Object(members) => members,
            _ => &[],
        }
    }

    /// What the value is, in JSON's words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::String(_) => "a string",
            Node::Array(_) => "an array",
            Node::Object(_) => "an object",
        }
    }
}

/// Calls `found` for every key that an object gives more than once.
pub(crate) fn each_duplicate_key(
    node: &Node<'_>,
    path: &Path<'_>,
    found: &mut dyn FnMut(&Path<'_>),
) {
    match node {
        Node::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                each_duplicate_key(item, &path.index(index), found);
            }
        }
        Node::Object(members) => {
            let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
            keys.sort_unstable();
            let mut last = None;
            for pair in keys.windows(2) {
                if let [a, b] = pair
                    && a == b
                    && last != Some(*a)
                {
                    found(&path.key(a));
                    last = Some(*a);
                }
            }
            for (key, item) in members {
                each_duplicate_key(item, &path.key(key), found);
            }
        }
        _ => {}
    }
}

fn has_duplicates(members: &[(Cow<'_, str>, Node<'_>)]) -> bool {
    if members.len() <= FEW_KEYS {
        return members.iter().enumerate().any(|(index, (key, _))| {
            members
                .iter()
                .skip(index + 1)
                .any(|(other, _)| other == key)
        });
    }
    let mut keys: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// What is known while a document is read.
struct State {
    /// Some object gave a key twice.
    duplicate: Cell<bool>,
    /// The bytes that values may still take; `None` once they took more.
    memory: Cell<Option<usize>>,
}

impl State {
    fn take<E: serde::de::Error>(&self, bytes: usize) -> Result<(), E> {
        let left = self.memory.get().and_then(|left| left.checked_sub(bytes));
        self.memory.set(left);
        match left {
            Some(_) => Ok(()),
            None => Err(E::custom("too many values")),
        }
    }

    /// Adds to a list; what it takes is counted when it grows.
    fn push<T, E: serde::de::Error>(&self, list: &mut Vec<T>, item: T) -> Result<(), E> {
        if list.len() == list.capacity() {
            let more = list.len().max(FIRST);
            self.take(more.saturating_mul(size_of::<T>()).saturating_add(OVERHEAD))?;
            list.reserve_exact(more);
        }
        list.push(item);
        Ok(())
    }

    fn owned<E: serde::de::Error>(&self, text: &str) -> Result<String, E> {
        self.take(text.len().saturating_add(OVERHEAD))?;
        Ok(text.to_owned())
    }
}

/// Places of a list that holds something.
const FIRST: usize = 2;
/// What the allocator takes for a piece of memory, about.
const OVERHEAD: usize = 16;

#[derive(Clone, Copy)]
struct Seed<'c>(&'c State);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node<'de>;
    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Node<'de>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value))
    }
    // Whole numbers beyond 2^53 lose digits; no CSAF field holds such numbers.
    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value as f64))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value as f64))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Borrowed(value)))
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::String(Cow::Owned(self.0.owned(value)?)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            self.0.push(&mut items, item)?;
        }
        Ok(Node::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Node<'de>)> = Vec::new();
        let mut ascending = true;
        while let Some(key) = map.next_key_seed(KeySeed(self.0))? {
            if let Some((last, _)) = members.last()
                && *last >= key
            {
                ascending = false;
            }
            let value = map.next_value_seed(self)?;
            self.0.push(&mut members, (key, value))?;
        }
        if !ascending && has_duplicates(&members) {
            self.0.duplicate.set(true);
        }
        Ok(Node::Object(members))
    }
}

struct KeySeed<'c>(&'c State);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Cow<'de, str>;
    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = Cow<'de, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(self.0.owned(value)?))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn values_beyond_the_memory_are_refused_with_the_place() {
        let within = |text: &str, memory| parse_within(text.as_bytes(), memory).map(|_| ());
        for unit in [
            "0",
            "[0]",
            "{\"\":0}",
            "\"\\u0061\"",
            "{\"\\u0061\":{}}",
            "[[],[]]",
        ] {
            let text = format!("{{\"x\":[\n{unit}{}]}}", format!(",{unit}").repeat(9_999));
            within(&text, 1 << 24).unwrap();
            let error = within(&text, 100_000).unwrap_err();
            assert!(
                matches!(error, JsonError::TooMuch { line: 2, column } if column > 1000),
                "{unit}: {error}"
            );
            let error = error.to_string();
            assert!(
                error.starts_with("the values up to line 2, column ") && error.contains("; split"),
                "{error}"
            );
        }
        // What is long and holds few values is no harm.
        within(&format!("[\"{}\"]", "a".repeat(200_000)), 1000).unwrap();
        assert!(
            within("[0,", 1000)
                .unwrap_err()
                .to_string()
                .contains("not JSON")
        );
    }
}
