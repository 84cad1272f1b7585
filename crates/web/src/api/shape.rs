//! The shape of what goes in and out of the API: one declaration that checks requests, trims
//! and translates answers, and prints the schema, so that the three cannot disagree.
//!
//! Instants are RFC 3339 outside (decision 32) and microseconds inside; pairs are objects
//! outside and tuples inside. Fields that are not declared never leave.

use super::time;
use serde_json::{Map, Value, json};

/// An object with a name of its own in the schema.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the schema.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// One field of a [`Shape`].
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a request may leave it out.
    pub optional: bool,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// A UUID.
    Id,
    /// An instant.
    Time,
    /// A whole number from 0.
    Count,
    /// A whole number.
    Whole,
    /// True or false.
    Truth,
    /// Anything that another format defines.
    Json,
    /// A word of a closed list: its name and its words.
    Words(&'static str, fn() -> Vec<&'static str>),
    /// A list.
    List(&'static Kind),
    /// A value or null.
    Maybe(&'static Kind),
    /// A tuple inside, an object outside.
    Pair(&'static [Field]),
    /// An object by name.
    Of(&'static Shape),
    /// A command of the domain.
    Command,
}

/// A field that must be there.
pub const fn f(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        optional: false,
    }
}

/// A field that a request may leave out.
pub const fn opt(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        optional: true,
    }
}

/// Why a request does not have its shape.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {why} {remedy}")]
pub struct Misshapen {
    /// The field, as a path with dots.
    pub field: String,
    /// What is wrong.
    pub why: String,
    /// What would be accepted.
    pub remedy: String,
}

impl Misshapen {
    fn new(field: &str, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }
}

impl Shape {
    /// Checks a request and translates it to what the domain reads.
    pub fn read(&self, value: Value) -> Result<Value, Misshapen> {
        read_object(self.fields, "", value).map(Value::Object)
    }

    /// Its JSON schema.
    pub fn schema(&self) -> Value {
        let mut schema = object_schema(self.fields);
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".into(), json!(self.what));
        }
        schema
    }
}

fn read_object(fields: &[Field], at: &str, value: Value) -> Result<Map<String, Value>, Misshapen> {
    let Value::Object(mut given) = value else {
        return Err(Misshapen::new(
            at,
            "This is not an object.",
            "Send an object.",
        ));
    };
    let mut read = Map::new();
    for field in fields {
        let path = join(at, field.name);
        match given.remove(field.name) {
            Some(value) => {
                read.insert(field.name.to_owned(), field.kind.read(&path, value)?);
            }
            None if field.optional => {}
            None => {
                return Err(Misshapen::new(&path, "This field is missing.", "Send it."));
            }
        }
    }
    if let Some(unknown) = given.keys().next() {
        let known: Vec<&str> = fields.iter().map(|f| f.name).collect();
        // The key comes from outside: bounded before it is repeated.
        let unknown: String = unknown.chars().take(60).collect();
        return Err(Misshapen::new(
            &join(at, &unknown),
            "This field is not known here.",
            format!("Send only: {}.", known.join(", ")),
        ));
    }
    Ok(read)
}

fn write_object(fields: &[Field], value: Value) -> Value {
    let Value::Object(mut given) = value else {
        return Value::Null;
    };
    let written = fields
        .iter()
        .filter_map(|field| {
            let value = given.remove(field.name);
            match value {
                Some(value) => Some((field.name.to_owned(), field.kind.write(value))),
                None if field.optional => None,
                None => Some((field.name.to_owned(), Value::Null)),
            }
        })
        .collect();
    Value::Object(written)
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

fn object_schema(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|f| (f.name.to_owned(), f.kind.schema()))
        .collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|f| !f.optional)
        .map(|f| f.name)
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

impl Kind {
    /// Checks a value of a request and translates it to what the domain reads.
    pub fn read(&self, at: &str, value: Value) -> Result<Value, Misshapen> {
        let no = |remedy: &str| {
            Err(Misshapen::new(
                at,
                "This value is of the wrong kind.",
                remedy,
            ))
        };
        match (self, value) {
            (Kind::Text, Value::String(s)) => Ok(Value::String(s)),
            (Kind::Text, _) => no("Send text."),
            (Kind::Id, Value::String(s)) if s.parse::<uuid::Uuid>().is_ok() => Ok(Value::String(s)),
            (Kind::Id, _) => no("Send an id as other answers give it."),
            (Kind::Time, Value::String(s)) => match time::parse(&s) {
                Some(at) => Ok(json!(at.0)),
                None => no("Send an instant such as 2026-11-16T09:12:00Z."),
            },
            (Kind::Time, _) => no("Send an instant such as 2026-11-16T09:12:00Z."),
            (Kind::Count, v) if v.is_u64() => Ok(v),
            (Kind::Count, _) => no("Send a whole number from 0."),
            (Kind::Whole, v) if v.is_i64() || v.is_u64() => Ok(v),
            (Kind::Whole, _) => no("Send a whole number."),
            (Kind::Truth, v) if v.is_boolean() => Ok(v),
            (Kind::Truth, _) => no("Send true or false."),
            (Kind::Json, v) => Ok(v),
            (Kind::Words(_, words), Value::String(s)) if words().contains(&s.as_str()) => {
                Ok(Value::String(s))
            }
            (Kind::Words(_, words), _) => no(&format!("Send one of: {}.", words().join(", "))),
            (Kind::List(kind), Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .map(|(i, item)| kind.read(&format!("{at}[{i}]"), item))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Array),
            (Kind::List(_), _) => no("Send a list."),
            (Kind::Maybe(_), Value::Null) => Ok(Value::Null),
            (Kind::Maybe(kind), value) => kind.read(at, value),
            (Kind::Pair(fields), value) => {
                let mut object = read_object(fields, at, value)?;
                let items = fields
                    .iter()
                    .map(|f| object.remove(f.name).unwrap_or_default())
                    .collect();
                Ok(Value::Array(items))
            }
            (Kind::Of(shape), value) => read_object(shape.fields, at, value).map(Value::Object),
            (Kind::Command, value) => super::command::read(at, value),
        }
    }

    /// Trims and translates a value of an answer.
    pub fn write(&self, value: Value) -> Value {
        match (self, value) {
            (_, Value::Null) => Value::Null,
            (Kind::Time, value) => match value.as_i64() {
                Some(us) => json!(entente_domain::time::Timestamp(us).rfc3339()),
                None => value,
            },
            (Kind::List(kind), Value::Array(items)) => {
                Value::Array(items.into_iter().map(|v| kind.write(v)).collect())
            }
            (Kind::Maybe(kind), value) => kind.write(value),
            (Kind::Pair(fields), Value::Array(items)) => {
                let named = fields
                    .iter()
                    .map(|f| f.name.to_owned())
                    .zip(items)
                    .collect();
                write_object(fields, Value::Object(named))
            }
            (Kind::Of(shape), value) => write_object(shape.fields, value),
            (_, value) => value,
        }
    }

    /// Its JSON schema.
    pub fn schema(&self) -> Value {
        match self {
            Kind::Text => json!({ "type": "string" }),
            Kind::Id => json!({ "type": "string", "format": "uuid" }),
            Kind::Time => json!({ "type": "string", "format": "date-time" }),
            Kind::Count => json!({ "type": "integer", "minimum": 0 }),
            Kind::Whole => json!({ "type": "integer" }),
            Kind::Truth => json!({ "type": "boolean" }),
            Kind::Json => json!({}),
            Kind::Words(name, words) => json!({ "title": name, "type": "string", "enum": words() }),
            Kind::List(kind) => json!({ "type": "array", "items": kind.schema() }),
            Kind::Maybe(kind) => json!({ "anyOf": [kind.schema(), { "type": "null" }] }),
            Kind::Pair(fields) => object_schema(fields),
            Kind::Of(shape) => reference(shape.name),
            Kind::Command => reference("Command"),
        }
    }

    /// The named shapes inside.
    pub fn shapes(&self, found: &mut Vec<&'static Shape>) {
        match self {
            Kind::List(kind) | Kind::Maybe(kind) => kind.shapes(found),
            Kind::Pair(fields) => fields.iter().for_each(|f| f.kind.shapes(found)),
            Kind::Of(shape) if !found.iter().any(|s| std::ptr::eq(*s, *shape)) => {
                found.push(shape);
                shape.fields.iter().for_each(|f| f.kind.shapes(found));
            }
            _ => {}
        }
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: Shape = Shape {
        name: "Inner",
        what: "Inner.",
        fields: &[f("at", Kind::Time), opt("note", Kind::Text)],
    };
    static OUTER: Shape = Shape {
        name: "Outer",
        what: "Outer.",
        fields: &[
            f("inner", Kind::List(&Kind::Of(&INNER))),
            f("until", Kind::Maybe(&Kind::Time)),
            f(
                "stages",
                Kind::List(&Kind::Pair(&[
                    f("stage", Kind::Text),
                    f("since", Kind::Time),
                ])),
            ),
        ],
    };

    #[test]
    fn times_and_pairs_are_translated_both_ways() {
        let inside = json!({"inner": [{"at": 0, "note": "x"}], "until": null, "stages": [["receipt", 1_000_000]]});
        let outside = json!({"inner": [{"at": "1970-01-01T00:00:00Z", "note": "x"}], "until": null,
            "stages": [{"stage": "receipt", "since": "1970-01-01T00:00:01Z"}]});
        assert_eq!(Kind::Of(&OUTER).write(inside.clone()), outside);
        assert_eq!(OUTER.read(outside), Ok(inside));
    }

    #[test]
    fn a_refused_request_names_the_field() {
        let at = |value| OUTER.read(value).map_err(|e| e.field);
        assert_eq!(
            at(json!({"inner": [{"at": 5}], "until": null, "stages": []})),
            Err("inner[0].at".into())
        );
        assert_eq!(
            at(json!({"until": null, "stages": []})),
            Err("inner".into())
        );
        assert_eq!(
            at(json!({"inner": [], "until": null, "stages": [], "x": 1})),
            Err("x".into())
        );
    }

    #[test]
    fn what_is_not_declared_never_leaves() {
        let out = Kind::Of(&OUTER).write(
            json!({"inner": [{"at": 0, "secret": 1}], "secret": 2, "until": null, "stages": []}),
        );
        assert!(!out.to_string().contains("secret"));
    }
}
