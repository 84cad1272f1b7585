//! What the readers of JSON formats share: reading a document quickly where it is small and within
//! bounds where it is not, passing over what is not wanted, holding what is, and refusing what is
//! said twice. Knows no format.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::bounds::Bounded;
use super::{Format, SbomError};

/// Most members of one object.
const MEMBERS: usize = 10_000;
/// Names of members that are compared one by one; more are hashed.
const FEW: usize = 24;
/// Longest document that is held whole, in bytes: reading from memory takes half the time of
/// reading from a stream.
const HELD: u64 = 8 << 20;

/// Reads a document by its outermost value. A longer one is read as a stream.
///
/// # Errors
/// It is not readable as a document of the format, or could not be read on.
pub(super) fn document<V>(source: impl Read, format: Format, outermost: V) -> Result<(), SbomError>
where
    V: for<'de> DeserializeSeed<'de, Value = ()>,
{
    let mut source = source;
    let mut first = Vec::new();
    source.by_ref().take(HELD).read_to_end(&mut first)?;
    if u64::try_from(first.len()).is_ok_and(|length| length < HELD) {
        let mut reader = serde_json::Deserializer::from_slice(&first);
        outermost
            .deserialize(&mut reader)
            .and_then(|()| reader.end())
    } else {
        let source = BufReader::new(Bounded::new(first.as_slice().chain(source)));
        let mut reader = serde_json::Deserializer::from_reader(source);
        outermost
            .deserialize(&mut reader)
            .and_then(|()| reader.end())
    }
    .map_err(|cause| SbomError::Json { format, cause })
}

/// The name of a member, borrowed from a document that is held.
pub(super) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }
    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
    fn visit_string<E>(self, name: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name))
    }
}

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
        let mut seen = Seen::default();
        while let Some(name) = members.next_key_seed(Name)? {
            seen.once(name)?;
            members.next_value_seed(Skipped)?;
        }
        Ok(())
    }
}

/// The names of an object's members so far.
#[derive(Default)]
pub(super) struct Seen<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Seen<'de> {
    /// Whether a member of that name was there.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.few.iter().any(|seen| seen == name) || self.many.contains(name)
    }

    /// Notes a member's name; an object has each once, and not too many.
    pub(super) fn once<E: serde::de::Error>(&mut self, name: Cow<'de, str>) -> Result<(), E> {
        if self.few.len() + self.many.len() >= MEMBERS {
            return Err(E::custom("an object with too many members"));
        }
        if self.contains(&name) {
            return Err(E::custom(format!("the member {name:?} is there twice")));
        }
        if self.few.len() < FEW {
            self.few.push(name);
        } else {
            self.many.insert(name);
        }
        Ok(())
    }
}

/// A value that is wanted. Its texts are borrowed where they can be, and of numbers and truth
/// values no reader wants more than that they are no text.
pub(super) enum Kept<'de> {
    Other,
    Text(Cow<'de, str>),
    List(Vec<Kept<'de>>),
    Object(Vec<(Cow<'de, str>, Kept<'de>)>),
}

impl<'de> Kept<'de> {
    /// A member of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Kept<'de>> {
        match self {
            Kept::Object(members) => {
                let found = members.iter().find(|(name, _)| name == key);
                found.map(|(_, value)| value)
            }
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Kept::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none if it is no list.
    pub(super) fn items(&self) -> &[Kept<'de>] {
        match self {
            Kept::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list member; none where there is no such list.
    pub(super) fn list(&self, key: &str) -> &[Kept<'de>] {
        self.get(key).map_or(&[], Kept::items)
    }

    /// The text of a member, if it is one.
    pub(super) fn owned(&self, key: &str) -> Option<String> {
        self.get(key).and_then(Kept::as_str).map(str::to_owned)
    }

    /// The texts of a list member.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        let texts = self.list(key).iter().filter_map(Kept::as_str);
        texts.map(str::to_owned).collect()
    }

    /// A text, if there is one. Something else in its place is a mistake, and not the same as
    /// nothing.
    pub(super) fn text<E: serde::de::Error>(&self, key: &str) -> Result<Option<String>, E> {
        match self.get(key) {
            None => Ok(None),
            Some(Kept::Text(text)) => Ok(Some(text.as_ref().to_owned())),
            Some(_) => Err(E::custom(format!("{key:?} is no text"))),
        }
    }
}

/// Reads a value that is wanted.
pub(super) struct Keep;

impl<'de> DeserializeSeed<'de> for Keep {
    type Value = Kept<'de>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keep {
    type Value = Kept<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Kept::Other)
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Kept::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Kept::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Keep)? {
            all.push(item);
        }
        Ok(Kept::List(all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut all: Vec<(Cow<'de, str>, Kept<'de>)> = Vec::new();
        let mut many = HashSet::new();
        while let Some(key) = members.next_key_seed(Name)? {
            let is_known = if all.len() < FEW {
                all.iter().any(|(known, _)| *known == key)
            } else {
                if many.is_empty() {
                    many.extend(all.iter().map(|(known, _)| known.clone()));
                }
                !many.insert(key.clone())
            };
            if is_known {
                return Err(A::Error::custom(format!(
                    "the member {key:?} is there twice"
                )));
            }
            if all.len() >= MEMBERS {
                return Err(A::Error::custom("an object with too many members"));
            }
            all.push((key, members.next_value_seed(Keep)?));
        }
        Ok(Kept::Object(all))
    }
}
