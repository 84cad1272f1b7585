//! From schema documents to a table of rules.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

/// The place of a rule in the table.
pub(super) type RuleId = usize;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(super) rules: Vec<Rule>,
    pub(super) root: RuleId,
}

/// A schema that cannot be compiled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaError {
    #[error("the schema {0} is not JSON: {1}")]
    Json(&'static str, serde_json::Error),
    #[error("the keyword `{0}` of the schema is not known; teach the compiler or drop it")]
    Keyword(String),
    #[error("the schema refers to `{0}`, which was not given")]
    Reference(String),
    #[error("`{0}` has a value of the wrong kind")]
    Value(&'static str),
    #[error("the pattern of the schema is no regular expression: {0}")]
    Pattern(#[from] regex::Error),
}

/// What an instance must be.
#[derive(Debug, Default)]
pub(super) struct Rule {
    pub(super) kind: Option<Kind>,
    pub(super) allowed: Option<Vec<Value>>,
    pub(super) pattern: Option<Pattern>,
    pub(super) format: Option<Format>,
    pub(super) min_length: usize,
    pub(super) max_length: Option<usize>,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    pub(super) multiple_of: Option<f64>,
    /// Sorted by name.
    pub(super) properties: Vec<(String, RuleId)>,
    pub(super) required: Vec<String>,
    pub(super) min_properties: usize,
    pub(super) max_properties: Option<usize>,
    /// `additionalProperties: false`.
    pub(super) closed: bool,
    /// `additionalProperties: true`: what is added is none of our business.
    pub(super) open: bool,
    /// `unevaluatedProperties`: what nested schemas name is allowed too.
    evaluates_more: bool,
    /// What nested schemas name.
    pub(super) also: Vec<String>,
    pub(super) items: Option<RuleId>,
    pub(super) min_items: usize,
    pub(super) unique: bool,
    /// `$ref`.
    pub(super) reference: Option<RuleId>,
    /// Exactly one is meant, told by a property with fixed values.
    pub(super) one_of: Vec<RuleId>,
    /// At least one must hold.
    pub(super) any_of: Vec<RuleId>,
    pub(super) all_of: Vec<RuleId>,
    /// Must not hold.
    pub(super) not: Option<RuleId>,
    /// If the first property is there, the others must be.
    pub(super) dependent: Vec<(String, Vec<String>)>,
    /// Which of the given schema documents the rule is from.
    pub(super) origin: usize,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
}

/// A regular expression with the text of the schema.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) regex: Regex,
}

/// A string format that is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Uri,
    DateTime,
    Email,
    Uuid,
}

/// Compiles the first document; the others are what it may refer to, by the
/// name it uses.
pub(crate) fn compile(
    main: &'static str,
    others: &[(&'static str, &'static str)],
) -> Result<Schema, SchemaError> {
    let read = |name: &'static str, text: &str| {
        serde_json::from_str::<Value>(text).map_err(|error| SchemaError::Json(name, error))
    };
    let mut documents = vec![("", read("", main)?)];
    for (name, text) in others {
        documents.push((name, read(name, text)?));
    }
    let mut compiler = Compiler {
        documents: &documents,
        rules: Vec::new(),
        known: BTreeMap::new(),
    };
    let root = compiler.resolve(0, "#")?;
    Ok(Schema {
        rules: compiler.rules,
        root,
    })
}

struct Compiler<'d> {
    documents: &'d [(&'static str, Value)],
    rules: Vec<Rule>,
    /// Rules of references, so that recursive schemas end.
    known: BTreeMap<(usize, String), RuleId>,
}

impl Compiler<'_> {
    fn resolve(&mut self, document: usize, reference: &str) -> Result<RuleId, SchemaError> {
        let unknown = || SchemaError::Reference(reference.to_owned());
        let (document, fragment) = match reference.strip_prefix('#') {
            Some(fragment) => (document, fragment),
            None => {
                let (target, fragment) = reference.split_once('#').unwrap_or((reference, ""));
                let position = self
                    .documents
                    .iter()
                    .position(|(name, _)| *name == target)
                    .ok_or_else(unknown)?;
                (position, fragment)
            }
        };
        let key = (document, fragment.to_owned());
        if let Some(id) = self.known.get(&key) {
            return Ok(*id);
        }
        let documents = self.documents;
        let value = documents
            .get(document)
            .and_then(|(_, value)| value.pointer(fragment))
            .ok_or_else(unknown)?;
        let id = self.reserve(document);
        self.known.insert(key, id);
        self.fill(id, document, value)?;
        Ok(id)
    }

    fn reserve(&mut self, document: usize) -> RuleId {
        self.rules.push(Rule {
            origin: document,
            ..Rule::default()
        });
        self.rules.len() - 1
    }

    fn nested(&mut self, document: usize, value: &Value) -> Result<RuleId, SchemaError> {
        let id = self.reserve(document);
        self.fill(id, document, value)?;
        Ok(id)
    }

    fn list(&mut self, document: usize, value: &Value) -> Result<Vec<RuleId>, SchemaError> {
        value
            .as_array()
            .ok_or(SchemaError::Value("a list of schemas"))?
            .iter()
            .map(|schema| self.nested(document, schema))
            .collect()
    }

    /// The properties that the nested schemas of a rule name. One that only a
    /// branch names which does not hold counts as evaluated all the same.
    fn names_below(&self, rule: &Rule, names: &mut Vec<String>) {
        let nested = rule.all_of.iter().chain(&rule.any_of).chain(&rule.one_of);
        for nested in nested.filter_map(|id| self.rules.get(*id)) {
            names.extend(nested.properties.iter().map(|(name, _)| name.clone()));
            self.names_below(nested, names);
        }
    }

    fn fill(&mut self, id: RuleId, document: usize, value: &Value) -> Result<(), SchemaError> {
        let members = value.as_object().ok_or(SchemaError::Value("a schema"))?;
        let mut rule = Rule {
            origin: document,
            ..Rule::default()
        };
        for (keyword, value) in members {
            match keyword.as_str() {
                "$schema" | "$id" | "id" | "title" | "description" | "examples" | "default"
                | "license" | "$defs" | "definitions" => {}
                "type" => rule.kind = Some(kind(value)?),
                "enum" => {
                    rule.allowed =
                        Some(value.as_array().ok_or(SchemaError::Value("enum"))?.to_vec());
                }
                "const" => rule.allowed = Some(vec![value.clone()]),
                "pattern" => rule.pattern = Some(pattern(value)?),
                "format" => {
                    rule.format = match value.as_str() {
                        Some("uri") => Some(Format::Uri),
                        Some("date-time") => Some(Format::DateTime),
                        Some("email") => Some(Format::Email),
                        Some("uuid") => Some(Format::Uuid),
                        _ => return Err(SchemaError::Value("format")),
                    }
                }
                "minLength" => rule.min_length = size(value, "minLength")?,
                "maxLength" => rule.max_length = Some(size(value, "maxLength")?),
                "multipleOf" => rule.multiple_of = value.as_f64(),
                "minimum" => rule.minimum = value.as_f64(),
                "maximum" => rule.maximum = value.as_f64(),
                "minItems" => rule.min_items = size(value, "minItems")?,
                "uniqueItems" => rule.unique = value == &Value::Bool(true),
                "minProperties" => rule.min_properties = size(value, "minProperties")?,
                "maxProperties" => rule.max_properties = Some(size(value, "maxProperties")?),
                "additionalProperties" => {
                    rule.closed = value == &Value::Bool(false);
                    rule.open = value == &Value::Bool(true);
                }
                "unevaluatedProperties" => {
                    rule.closed = value == &Value::Bool(false);
                    rule.evaluates_more = true;
                }
                // All items are evaluated by `items`, which is always beside it.
                "unevaluatedItems" => {}
                "dependentRequired" => {
                    for (name, others) in value
                        .as_object()
                        .ok_or(SchemaError::Value("dependentRequired"))?
                    {
                        rule.dependent.push((name.clone(), names(others)?));
                    }
                }
                "required" => rule.required = names(value)?,
                "items" => rule.items = Some(self.nested(document, value)?),
                "properties" => {
                    for (name, schema) in
                        value.as_object().ok_or(SchemaError::Value("properties"))?
                    {
                        let nested = self.nested(document, schema)?;
                        rule.properties.push((name.clone(), nested));
                    }
                    rule.properties.sort_by(|a, b| a.0.cmp(&b.0));
                }
                "oneOf" => rule.one_of = self.list(document, value)?,
                "anyOf" => rule.any_of = self.list(document, value)?,
                "not" => rule.not = Some(self.nested(document, value)?),
                "allOf" => rule.all_of = self.list(document, value)?,
                "$ref" => {
                    let target = value.as_str().ok_or(SchemaError::Value("$ref"))?;
                    rule.reference = Some(self.resolve(document, target)?);
                }
                other => return Err(SchemaError::Keyword(other.to_owned())),
            }
        }
        if rule.evaluates_more {
            let mut more = Vec::new();
            self.names_below(&rule, &mut more);
            rule.also = more;
        }
        if let Some(place) = self.rules.get_mut(id) {
            *place = rule;
        }
        Ok(())
    }
}

fn kind(value: &Value) -> Result<Kind, SchemaError> {
    Ok(match value.as_str() {
        Some("object") => Kind::Object,
        Some("array") => Kind::Array,
        Some("string") => Kind::String,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Boolean,
        _ => return Err(SchemaError::Value("type")),
    })
}

fn pattern(value: &Value) -> Result<Pattern, SchemaError> {
    let text = value.as_str().ok_or(SchemaError::Value("pattern"))?;
    Ok(Pattern {
        text: text.to_owned(),
        regex: Regex::new(&translated(text))?,
    })
}

/// An ECMA regular expression in this crate's words: they differ in what `\d`,
/// `\s`, `\S` and `.` cover, and slashes may be escaped there.
fn translated(ecma: &str) -> String {
    const SPACE: &str = r"\t\n\x0B\f\r\x20\xA0\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
    let mut out = String::with_capacity(ecma.len() * 2);
    let mut in_class = false;
    let mut chars = ecma.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('s') => {
                    out.push('[');
                    out.push_str(SPACE);
                    out.push(']');
                }
                Some('S') => {
                    out.push_str("[^");
                    out.push_str(SPACE);
                    out.push(']');
                }
                Some('/') => out.push('/'),
                Some(escaped) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            '.' if !in_class => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            _ => {
                match c {
                    '[' => in_class = true,
                    ']' => in_class = false,
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    out
}

fn size(value: &Value, keyword: &'static str) -> Result<usize, SchemaError> {
    value
        .as_u64()
        .and_then(|size| usize::try_from(size).ok())
        .ok_or(SchemaError::Value(keyword))
}

fn names(value: &Value) -> Result<Vec<String>, SchemaError> {
    value
        .as_array()
        .and_then(|items| {
            items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect()
        })
        .ok_or(SchemaError::Value("required"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_ecma_script() -> Result<(), SchemaError> {
        let category = pattern(&Value::from(r"^[^\s\-_\.](.*[^\s\-_\.])?$"))?.regex;
        for text in ["a", "a b", "\u{85}"] {
            assert!(category.is_match(text), "{text:?}");
        }
        for text in [
            "",
            "\u{feff}",
            " a",
            "a\u{3000}",
            "a\nb",
            "a\u{2028}b",
            "a.",
        ] {
            assert!(!category.is_match(text), "{text:?}");
        }
        assert!(!pattern(&Value::from(r"^\d$"))?.regex.is_match("٣"));
        assert!(pattern(&Value::from(r"^\/[\S]$"))?.regex.is_match("/a"));
        Ok(())
    }
}
