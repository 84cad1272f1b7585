//! What the readers of JSON formats share: passing over what is not wanted, and refusing what is
//! said twice. Knows no format.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Most members of one object.
const MEMBERS: usize = 10_000;

/// Reads over a value and keeps nothing of it, so that what is not wanted costs no memory. Members
/// named twice are refused here as well: a document is either sound or not.
pub(super) struct Skipped;

impl<'de> DeserializeSeed<'de> for Skipped {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skipped {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Skipped)?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            once(&mut seen, key)?;
            members.next_value_seed(Skipped)?;
        }
        Ok(())
    }
}

/// Notes a member's name; an object has each once, and not too many.
pub(super) fn once<E: serde::de::Error>(seen: &mut HashSet<String>, key: String) -> Result<(), E> {
    if seen.len() >= MEMBERS {
        return Err(E::custom("an object with too many members"));
    }
    if let Some(key) = seen.replace(key) {
        return Err(E::custom(format!("the member {key:?} is there twice")));
    }
    Ok(())
}

/// A text, if there is one. Something else in its place is a mistake, and not the same as nothing.
pub(super) fn text<E: serde::de::Error>(value: &Value, key: &str) -> Result<Option<String>, E> {
    match value.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(E::custom(format!("{key:?} is no text"))),
    }
}
