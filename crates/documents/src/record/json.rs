//! Reading JSON of others: strict, whole, and with the place of everything that is wrong.
//!
//! A document is kept as it came, unknown members too; [`Kind`] says as data what a format wants,
//! and one walk over both finds every departure. Nothing here knows a format.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Largest document that is read, in bytes.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// After this many problems the rest is left untold: the document is of another kind.
const MAX_PROBLEMS: usize = 100;

/// What is wrong at one place of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place, as a JSON pointer; empty for the document itself.
    pub path: String,
    /// What is wrong, and what is wanted instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() {
            "/"
        } else {
            &self.path
        };
        write!(f, "{path}: {}", self.message)
    }
}

/// Why a document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or ambiguous JSON.
    #[error("not readable as JSON: {0}; save it as UTF-8 JSON where every member is named once")]
    Json(#[from] serde_json::Error),
    /// It is larger than any such document.
    #[error("the document has {bytes} bytes, more than {MAX_BYTES}; split it")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is JSON, but not a document of the format.
    #[error("not a document of {format}: {}", told(problems))]
    Shape {
        /// The format that was expected.
        format: &'static str,
        /// Everything that is wrong, up to a bound.
        problems: Vec<Problem>,
    },
}

fn told(problems: &[Problem]) -> String {
    let first = problems.first().map(Problem::to_string).unwrap_or_default();
    match problems.len() {
        0 | 1 => first,
        more => format!("{first} (and {} more)", more - 1),
    }
}

/// What a format wants of a value.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A text with something in it.
    Filled,
    /// An instant of RFC 3339.
    Instant,
    /// A whole number that is not negative.
    Whole,
    /// Any number.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object of which nothing more is known.
    Open,
    /// A list.
    List(&'static Kind),
    /// An object.
    Object(&'static [Field]),
    /// The kind, or `null`, which says the same as no member at all.
    OrNull(&'static Kind),
}

/// A member an object may have.
#[derive(Debug)]
pub(crate) struct Field(pub(crate) &'static str, pub(crate) Need, pub(crate) Kind);

/// Whether a member must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Must,
    May,
}

/// Reads bytes as a document of a format.
pub(crate) fn read(bytes: &[u8], format: &'static str, kind: &Kind) -> Result<Value, ReadError> {
    let value = parse(bytes)?;
    check(value, format, kind)
}

/// Takes a value as a document of a format.
pub(crate) fn check(value: Value, format: &'static str, kind: &Kind) -> Result<Value, ReadError> {
    let mut problems = Vec::new();
    walk(&value, kind, &mut String::new(), &mut problems);
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(ReadError::Shape { format, problems })
    }
}

/// Reads JSON in which no object names a member twice. Depth is bounded by the parser.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooLarge { bytes: bytes.len() });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

fn walk(value: &Value, kind: &Kind, path: &mut String, problems: &mut Vec<Problem>) {
    if problems.len() >= MAX_PROBLEMS {
        return;
    }
    let mut wrong = |wanted: &str| {
        problems.push(Problem {
            path: path.clone(),
            message: format!("{} where {wanted} is wanted", described(value)),
        });
    };
    match (kind, value) {
        (Kind::Text, Value::String(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::Open, Value::Object(_))
        | (Kind::OrNull(_), Value::Null) => {}
        (Kind::OrNull(kind), value) => walk(value, kind, path, problems),
        (Kind::Filled, Value::String(text)) if !text.is_empty() => {}
        (Kind::Instant, Value::String(text)) if seconds(text).is_some() => {}
        (Kind::Whole, Value::Number(number)) if number.is_u64() => {}
        (Kind::Word(words), Value::String(text)) if words.contains(&text.as_str()) => {}
        (Kind::List(kind), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                below(path, &index.to_string(), |path| {
                    walk(item, kind, path, problems);
                });
            }
        }
        (Kind::Object(fields), Value::Object(members)) => {
            for Field(name, need, kind) in *fields {
                match members.get(*name) {
                    Some(member) => below(path, name, |path| walk(member, kind, path, problems)),
                    None if *need == Need::Must => problems.push(Problem {
                        path: path.clone(),
                        message: format!("the member {name:?} is missing"),
                    }),
                    None => {}
                }
            }
        }
        (Kind::Text, _) => wrong("text"),
        (Kind::Filled, _) => wrong("a text that says something"),
        (Kind::Instant, _) => wrong("an instant like 2026-01-31T12:00:00Z"),
        (Kind::Whole, _) => wrong("a whole number"),
        (Kind::Number, _) => wrong("a number"),
        (Kind::Word(words), _) => wrong(&format!("one of {}", words.join(", "))),
        (Kind::Open | Kind::Object(_), _) => wrong("an object"),
        (Kind::List(_), _) => wrong("a list"),
    }
}

fn below(path: &mut String, step: &str, visit: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push('/');
    path.push_str(&step.replace('~', "~0").replace('/', "~1"));
    visit(path);
    path.truncate(length);
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a truth value".to_owned(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.chars().count() > 60 => "a long text".to_owned(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// The seconds since 1970 of an instant of RFC 3339; `None` if it is none.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    instant(text).map(|(seconds, _)| seconds)
}

/// Seconds since 1970 and the fraction behind them in billionths, to compare instants by.
pub(crate) fn instant(text: &str) -> Option<(i64, u32)> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 20 {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        let all = digits.bytes().all(|b| b.is_ascii_digit());
        all.then(|| digits.parse().ok()).flatten()
    };
    let sign = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let shape = sign(4) == b'-'
        && sign(7) == b'-'
        && matches!(sign(10), b'T' | b't')
        && sign(13) == b':'
        && sign(16) == b':';
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let valid = shape && (1..=length).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !valid {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut billionths = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        for place in 0..9 {
            let digit = fraction.as_bytes().get(place).filter(|_| place < digits);
            billionths = billionths * 10 + digit.map_or(0, |b| u32::from(b - b'0'));
        }
        rest = fraction.get(digits..)?;
    }
    let offset = match rest.as_bytes() {
        [b'Z' | b'z'] => 0,
        [way @ (b'+' | b'-'), _, _, b':', _, _] => {
            let digits = |from: usize, to: usize| -> Option<i64> {
                let digits = rest.get(from..to)?;
                let all = digits.bytes().all(|b| b.is_ascii_digit());
                all.then(|| digits.parse().ok()).flatten()
            };
            let (hours, minutes) = (digits(1, 3)?, digits(4, 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            if *way == b'+' { seconds } else { -seconds }
        }
        _ => return None,
    };
    // Days since 1970 of the proleptic Gregorian calendar, with years that begin in March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((
        days * 86_400 + hour * 3600 + minute * 60 + second - offset,
        billionths,
    ))
}

/// The text of a member.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

/// The text of a member, owned.
pub(crate) fn owned(value: &Value, key: &str) -> Option<String> {
    text(value, key).map(str::to_owned)
}

/// The items of a list member; none where there is no such list.
pub(crate) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts of a list member.
pub(crate) fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = list(value, key).iter();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Items without repetitions, in order: the schemas want lists so, and what is said twice is said
/// once.
pub(crate) fn unique(items: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut seen = HashSet::new();
    let fresh = |item: &Value| seen.insert(item.clone());
    items.into_iter().filter(fresh).collect()
}

/// An object under construction: members that say nothing are left out.
#[derive(Debug, Default)]
pub(crate) struct Builder(Map<String, Value>);

impl Builder {
    /// A member that is always there.
    pub(crate) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// A member that is there if it has a value.
    pub(crate) fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// A list that is there if it has items.
    pub(crate) fn list<T: Into<Value>>(&mut self, key: &str, items: impl IntoIterator<Item = T>) {
        let items: Vec<Value> = items.into_iter().map(Into::into).collect();
        if !items.is_empty() {
            self.put(key, items);
        }
    }

    /// The object.
    pub(crate) fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// A document of a format: what was read, whole, or what was written.
macro_rules! document {
    ($format:literal, $kind:expr) => {
        /// A document of the format, as it was read or written. Members that the format or this
        /// program does not know are kept.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Document(serde_json::Value);

        impl Document {
            /// Reads a document.
            ///
            /// # Errors
            /// It is no JSON, or not of this format; every place that is wrong is named.
            pub fn read(bytes: &[u8]) -> Result<Self, $crate::record::ReadError> {
                $crate::record::json::read(bytes, $format, $kind).map(Self)
            }

            /// Takes a JSON value as a document.
            ///
            /// # Errors
            /// It is not of this format; every place that is wrong is named.
            pub fn from_value(value: serde_json::Value) -> Result<Self, $crate::record::ReadError> {
                $crate::record::json::check(value, $format, $kind).map(Self)
            }

            /// The document as JSON.
            #[must_use]
            pub fn value(&self) -> &serde_json::Value {
                &self.0
            }

            /// The document as text, indented, with a newline at its end.
            #[must_use]
            pub fn to_json(&self) -> String {
                format!("{:#}\n", self.0)
            }
        }
    };
}
pub(crate) use document;

/// Builds the tree itself, because the library's own takes the last of two members of one name.
pub(crate) struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(Self)?;
            if all.contains_key(&key) {
                return Err(A::Error::custom(format!(
                    "the member {key:?} is there twice"
                )));
            }
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_rfc_3339() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2024-02-29T12:00:00.5+01:30"), Some(1_709_202_600));
        assert_eq!(seconds("2026-11-23T03:36:40Z"), Some(1_795_405_000));
        assert_eq!(seconds("1600-03-01T00:00:00Z"), Some(-11_670_912_000));
        for wrong in [
            "",
            "2023-02-29T12:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+0100",
            "+024-01-01T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01-01T00:00:00Zé",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_said_twice_or_too_deep_is_refused() {
        let twice = parse(br#"{"a":{"b":1,"b":2}}"#).unwrap_err().to_string();
        assert!(twice.contains("\"b\" is there twice"), "{twice}");
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
        assert!(parse(b"\xff").is_err());
        assert!(parse(br#""\ud800""#).is_err());
        assert!(parse(b"{} {}").is_err());
    }
}
