//! JSON as the API reads it: in one pass, bounded in depth and keys, and no key twice.
//!
//! Knows no route and no field; [`super::shape`] judges what the values mean.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// How deep a document may nest.
pub const DEEPEST: usize = 64;
/// How many keys and list items a document may have in all.
pub const MOST_KEYS: usize = 10_000;

/// Why a body is not accepted as JSON. Says where, and never repeats the body.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why} (line {line}, column {column})")]
pub struct NotJson {
    /// What is wrong.
    pub why: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// Parses `bytes`, refusing what is too deep, too many, or said twice.
pub fn parse(bytes: &[u8]) -> Result<Value, NotJson> {
    let budget = Cell::new(MOST_KEYS);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Node {
        deeper: DEEPEST,
        budget: &budget,
    }
    .deserialize(&mut reader)
    .map_err(explain)?;
    reader.end().map_err(explain)?;
    Ok(value)
}

fn explain(error: serde_json::Error) -> NotJson {
    use serde_json::error::Category;
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let why = match error.classify() {
        Category::Data => text.to_owned(),
        Category::Eof => "the document ends too early".to_owned(),
        Category::Io | Category::Syntax => format!("not valid JSON: {text}"),
    };
    NotJson {
        why,
        line: error.line(),
        column: error.column(),
    }
}

#[derive(Clone, Copy)]
struct Node<'b> {
    deeper: usize,
    budget: &'b Cell<usize>,
}

impl<'b> Node<'b> {
    fn inside<E: Error>(self) -> Result<Node<'b>, E> {
        let deeper = self
            .deeper
            .checked_sub(1)
            .ok_or_else(|| E::custom(format!("nested deeper than {DEEPEST} levels")))?;
        Ok(Node { deeper, ..self })
    }

    fn spend<E: Error>(self) -> Result<(), E> {
        let left = self
            .budget
            .get()
            .checked_sub(1)
            .ok_or_else(|| E::custom(format!("more than {MOST_KEYS} keys and items")))?;
        self.budget.set(left);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }
    fn visit_string<E: Error>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inside)? {
            self.spend()?;
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.spend()?;
            if object.contains_key(&key) {
                return Err(A::Error::custom("a key stands twice in one object"));
            }
            let value = map.next_value_seed(inside)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn depth_is_bounded_at_64() {
        assert!(parse(nested(63).as_bytes()).is_ok());
        assert!(parse(nested(64).as_bytes()).is_ok());
        let refused = parse(nested(65).as_bytes());
        assert!(refused.is_err_and(|e| e.why.contains("64")));
        // Far beyond it the stack must not be spent first.
        assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn keys_are_bounded_at_10_000() {
        let keys = |n: usize| {
            let inner: Vec<String> = (0..n).map(|i| format!("\"k{i}\":0")).collect();
            format!("{{{}}}", inner.join(","))
        };
        assert!(parse(keys(9_999).as_bytes()).is_ok());
        assert!(parse(keys(10_000).as_bytes()).is_ok());
        assert!(parse(keys(10_001).as_bytes()).is_err());
    }

    #[test]
    fn a_key_may_stand_once() {
        let refused = parse(br#"{"a":1,"b":{"c":1,"c":2}}"#);
        assert!(refused.is_err_and(|e| e.why.contains("twice") && e.line == 1));
        // Escapes do not hide it.
        assert!(parse(br#"{"a":1,"\u0061":2}"#).is_err());
    }

    #[test]
    fn what_is_cut_off_or_followed_by_more_is_refused() {
        for text in [
            "",
            "{",
            "{\"a\":",
            "{} {}",
            "[1,]",
            "nul",
            "\u{feff}{}",
            "1e999",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn it_reads_what_serde_json_reads(text in "\\PC{0,40}", n in proptest::num::i64::ANY) {
            let value = serde_json::json!({"t": text, "n": [n, null, true, {"x": text}]});
            proptest::prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
        }
    }
}
