//! The commands of the domain as the API shows and reads them. The fields, their kinds and
//! which of them may be left out are asked of the domain's own reader, so that a new command
//! or field is in the API and in its schema without a word here.

use super::shape::Misshapen;
use super::time;
use entente_domain::command::{Command, CommandKind};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// A command as the API knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Described {
    /// Which.
    pub kind: CommandKind,
    /// Its fields.
    pub fields: Vec<Asked>,
}

/// A field of a command.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked {
    /// Its key.
    pub name: String,
    /// What it holds.
    pub kind: AskedKind,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it may be null.
    pub nullable: bool,
}

/// What a field of a command holds.
#[derive(Clone, PartialEq, Debug)]
pub enum AskedKind {
    /// Text.
    Text,
    /// A UUID.
    Id,
    /// An instant.
    Time,
    /// A whole number from 0.
    Count,
    /// True or false.
    Truth,
    /// A word of a closed list.
    Words(Vec<String>),
    /// A list of words of a closed list.
    SomeWords(Vec<String>),
    /// A list of texts.
    Texts,
    /// A list of UUIDs.
    Ids,
}

/// Every command, asked once.
pub fn all() -> &'static [Described] {
    static ALL: OnceLock<Vec<Described>> = OnceLock::new();
    ALL.get_or_init(|| {
        CommandKind::ALL
            .iter()
            .map(|kind| Described {
                kind: *kind,
                fields: fields(kind.as_str()),
            })
            .collect()
    })
}

const AN_ID: &str = "00000000-0000-7000-8000-000000000000";

/// What the domain says to one field alone: nothing (it is fine), or what it dislikes.
fn try_field(command: &str, name: &str, value: Value) -> Result<(), String> {
    match serde_json::from_value::<Command>(json!({"command": command, name: value})) {
        Ok(_) => Ok(()),
        Err(e) => {
            let e = e.to_string();
            // The field was read; another one is missing.
            if e.starts_with("missing field") {
                Ok(())
            } else {
                Err(e)
            }
        }
    }
}

fn fields(command: &str) -> Vec<Asked> {
    let names = match try_field(command, "\u{0}", Value::Null) {
        Ok(()) => Vec::new(),
        // unknown field `x`, expected one of `a`, `b`
        Err(e) => match e.split_once("expected") {
            Some((_, list)) => list
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect(),
            None => Vec::new(),
        },
    };
    let mut fields: Vec<Asked> = names
        .into_iter()
        .filter(|n| n != "command")
        .map(|name| {
            let fits = |value: Value| try_field(command, &name, value).is_ok();
            let kind = kind_of(command, &name);
            let nullable = fits(Value::Null);
            Asked {
                kind,
                nullable,
                name: name.clone(),
                optional: false,
            }
        })
        .collect();
    // A field may be left out when all the others make a command.
    for i in 0..fields.len() {
        let mut object: Map<String, Value> = Map::new();
        object.insert("command".into(), json!(command));
        for (j, field) in fields.iter().enumerate() {
            if i != j {
                object.insert(field.name.clone(), field.kind.sample());
            }
        }
        let optional = serde_json::from_value::<Command>(Value::Object(object)).is_ok();
        if let Some(field) = fields.get_mut(i) {
            field.optional = optional;
        }
    }
    fields
}

fn kind_of(command: &str, name: &str) -> AskedKind {
    let fits = |value: Value| try_field(command, name, value).is_ok();
    if fits(json!(true)) {
        AskedKind::Truth
    } else if fits(json!(-1)) {
        AskedKind::Time
    } else if fits(json!(1)) {
        AskedKind::Count
    } else if fits(json!([AN_ID])) {
        if fits(json!(["x"])) {
            AskedKind::Texts
        } else {
            AskedKind::Ids
        }
    } else if fits(json!("x")) {
        AskedKind::Text
    } else if fits(json!(AN_ID)) {
        AskedKind::Id
    } else {
        // not a Stage; use one of: a, b, c
        let words = |value: Value| {
            let said = try_field(command, name, value).err()?;
            let (_, words) = said.split_once("use one of: ")?;
            Some(words.split(", ").map(str::to_owned).collect::<Vec<_>>())
        };
        words(json!(["x"])).map_or_else(
            || AskedKind::Words(words(json!("x")).unwrap_or_default()),
            AskedKind::SomeWords,
        )
    }
}

impl AskedKind {
    fn sample(&self) -> Value {
        match self {
            Self::Text => json!("x"),
            Self::Id => json!(AN_ID),
            Self::Time | Self::Count => json!(1),
            Self::Truth => json!(true),
            Self::Words(words) => json!(words.first()),
            Self::SomeWords(words) => json!(words.first().into_iter().collect::<Vec<_>>()),
            Self::Texts | Self::Ids => json!([]),
        }
    }

    fn schema(&self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Id => json!({ "type": "string", "format": "uuid" }),
            Self::Time => json!({ "type": "string", "format": "date-time" }),
            Self::Count => json!({ "type": "integer", "minimum": 0 }),
            Self::Truth => json!({ "type": "boolean" }),
            Self::Words(words) => json!({ "type": "string", "enum": words }),
            Self::SomeWords(words) => {
                json!({ "type": "array", "items": { "type": "string", "enum": words } })
            }
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Ids => {
                json!({ "type": "array", "items": { "type": "string", "format": "uuid" } })
            }
        }
    }

    fn fits(&self, value: &Value) -> bool {
        let id = |v: &Value| v.as_str().is_some_and(|s| s.parse::<uuid::Uuid>().is_ok());
        match self {
            Self::Text => value.is_string(),
            Self::Id => id(value),
            Self::Time => value.as_str().and_then(time::parse).is_some(),
            Self::Count => value.is_u64(),
            Self::Truth => value.is_boolean(),
            Self::Words(words) => value.as_str().is_some_and(|s| words.iter().any(|w| w == s)),
            Self::SomeWords(words) => value.as_array().is_some_and(|all| {
                let known = |v: &Value| v.as_str().is_some_and(|s| words.iter().any(|w| w == s));
                all.iter().all(known)
            }),
            Self::Texts => value
                .as_array()
                .is_some_and(|a| a.iter().all(Value::is_string)),
            Self::Ids => value.as_array().is_some_and(|a| a.iter().all(id)),
        }
    }

    fn remedy(&self) -> String {
        match self {
            Self::Text => "Send text.".to_owned(),
            Self::Id => "Send an id as other answers give it.".to_owned(),
            Self::Time => "Send an instant such as 2026-11-16T09:12:00Z.".to_owned(),
            Self::Count => "Send a whole number from 0.".to_owned(),
            Self::Truth => "Send true or false.".to_owned(),
            Self::Words(words) => format!("Send one of: {}.", words.join(", ")),
            Self::SomeWords(words) => format!("Send a list of some of: {}.", words.join(", ")),
            Self::Texts => "Send a list of texts.".to_owned(),
            Self::Ids => "Send a list of ids.".to_owned(),
        }
    }
}

fn no(at: &str, name: &str, why: &str, remedy: String) -> Misshapen {
    let field = if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    };
    Misshapen {
        field,
        why: why.to_owned(),
        remedy,
    }
}

/// Checks a command of a request and translates it to what the domain reads.
pub fn read(at: &str, value: Value) -> Result<Value, Misshapen> {
    let Value::Object(mut given) = value else {
        return Err(no(
            at,
            "command",
            "A command is an object.",
            "Send an object.".into(),
        ));
    };
    let word = given.remove("command");
    let word = word.as_ref().and_then(Value::as_str).unwrap_or_default();
    let Some(described) = all().iter().find(|d| d.kind.as_str() == word) else {
        let words: Vec<&str> = CommandKind::ALL.iter().map(|k| k.as_str()).collect();
        return Err(no(
            at,
            "command",
            "No command is named.",
            format!("Send one of: {}.", words.join(", ")),
        ));
    };
    let mut read = Map::new();
    read.insert("command".into(), json!(word));
    for field in &described.fields {
        match given.remove(&field.name) {
            None if field.optional => {}
            None => {
                return Err(no(
                    at,
                    &field.name,
                    "This field is missing.",
                    field.kind.remedy(),
                ));
            }
            Some(Value::Null) if field.nullable => {
                read.insert(field.name.clone(), Value::Null);
            }
            Some(value) if field.kind.fits(&value) => {
                let value = match (&field.kind, value.as_str().and_then(time::parse)) {
                    (AskedKind::Time, Some(at)) => json!(at.0),
                    _ => value,
                };
                read.insert(field.name.clone(), value);
            }
            Some(_) => {
                return Err(no(
                    at,
                    &field.name,
                    "This value is of the wrong kind.",
                    field.kind.remedy(),
                ));
            }
        }
    }
    if let Some(unknown) = given.keys().next() {
        let unknown: String = unknown.chars().take(60).collect();
        let known: Vec<&str> = described.fields.iter().map(|f| f.name.as_str()).collect();
        return Err(no(
            at,
            &unknown,
            "This command has no such field.",
            format!("Send only: command, {}.", known.join(", ")),
        ));
    }
    Ok(Value::Object(read))
}

/// The schema of all commands.
pub fn schema() -> Value {
    let variants: Vec<Value> = all()
        .iter()
        .map(|d| {
            let mut properties = Map::new();
            properties.insert("command".into(), json!({ "const": d.kind.as_str() }));
            let mut required = vec!["command".to_owned()];
            for field in &d.fields {
                let schema = if field.nullable {
                    json!({ "anyOf": [field.kind.schema(), { "type": "null" }] })
                } else {
                    field.kind.schema()
                };
                properties.insert(field.name.clone(), schema);
                if !field.optional {
                    required.push(field.name.clone());
                }
            }
            json!({
                "type": "object",
                "title": d.kind.label(),
                "additionalProperties": false,
                "properties": properties,
                "required": required,
            })
        })
        .collect();
    json!({
        "description": "A request to change a case. Which of them are open, and why the others are not, stands in the case's `actions`.",
        "oneOf": variants,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(command: &str, field: &str) -> Option<Asked> {
        let described = all().iter().find(|d| d.kind.as_str() == command)?;
        described.fields.iter().find(|f| f.name == field).cloned()
    }

    #[test]
    fn every_command_can_be_made_from_its_description() {
        for d in all() {
            for with_optional in [true, false] {
                let mut object = Map::new();
                object.insert("command".into(), json!(d.kind.as_str()));
                for field in d.fields.iter().filter(|f| with_optional || !f.optional) {
                    object.insert(field.name.clone(), field.kind.sample());
                }
                let made: Result<Command, _> = serde_json::from_value(Value::Object(object));
                assert!(made.is_ok_and(|c| c.kind() == d.kind), "{d:?}");
            }
        }
    }

    #[test]
    fn the_fields_of_the_domain_are_found() {
        assert!(
            asked("set_embargo_date", "until")
                .is_some_and(|f| f.kind == AskedKind::Time && f.nullable)
        );
        assert!(asked("assign", "owner").is_some_and(|f| f.kind == AskedKind::Id && !f.optional));
        assert!(asked("add_attachment", "bytes").is_some_and(|f| f.kind == AskedKind::Count));
        assert!(
            asked("set_tlp", "reason").is_some_and(|f| f.optional && f.kind == AskedKind::Text)
        );
        assert!(asked("decide_remediation", "products").is_some_and(|f| f.kind == AskedKind::Ids));
        assert!(asked("invite_party", "roles").is_some_and(
            |f| matches!(f.kind, AskedKind::SomeWords(w) if w.contains(&"vendor".to_owned()))
        ));
        assert!(asked("draft_advisory", "references").is_some_and(|f| f.kind == AskedKind::Texts));
        assert!(asked("exit", "reason").is_some_and(
            |f| matches!(f.kind, AskedKind::Words(w) if w.contains(&"junk".to_owned()))
        ));
        assert!(
            all()
                .iter()
                .any(|d| d.fields.is_empty() && d.kind == CommandKind::Publish)
        );
        // A field without a kind would be a kind that this file does not know yet.
        for d in all() {
            for f in &d.fields {
                assert_ne!(
                    f.kind,
                    AskedKind::Words(Vec::new()),
                    "{} {}",
                    d.kind,
                    f.name
                );
            }
        }
    }

    #[test]
    fn a_wrong_command_names_the_field() {
        let field = |v| read("", v).map_err(|e| e.field);
        assert_eq!(field(json!({"command": "nothing"})), Err("command".into()));
        assert_eq!(field(json!({"command": "assign"})), Err("owner".into()));
        assert_eq!(
            field(json!({"command": "assign", "owner": 5})),
            Err("owner".into())
        );
        assert_eq!(
            field(json!({"command": "assign", "owner": AN_ID, "x": 5})),
            Err("x".into())
        );
        assert_eq!(
            read(
                "",
                json!({"command": "set_embargo_date", "until": "1970-01-01T00:00:01Z", "reason": "r"})
            ),
            Ok(json!({"command": "set_embargo_date", "until": 1_000_000, "reason": "r"}))
        );
    }
}
