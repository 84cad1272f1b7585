//! One pass over a document with a compiled schema.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use super::compile::{Format, Kind, Rule, RuleId, Schema};
use super::format;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;

/// What the pass meets.
pub(crate) enum Event {
    /// The schema does not hold here.
    Violation {
        /// What is wrong and what to do.
        message: Cow<'static, str>,
        /// Which of the given schema documents says so; 0 is the main one.
        origin: usize,
    },
    /// A key that the schema does not name, whether it permits that or not.
    Additional,
}

/// Long values are cut in messages.
const LONGEST_QUOTE: usize = 80;

/// Quotients this near a whole number count as one.
const NEAR: f64 = 1e-9;

/// Checks a tree; `report` hears of everything at once.
pub(crate) fn check(schema: &Schema, node: &Node<'_>, report: &mut dyn FnMut(&Path<'_>, Event)) {
    Pass { schema, report }.visit(schema.root, node, &Path::Root);
}

struct Pass<'s, 'r> {
    schema: &'s Schema,
    report: &'r mut dyn FnMut(&Path<'_>, Event),
}

impl Pass<'_, '_> {
    fn violation(&mut self, rule: &Rule, path: &Path<'_>, message: impl Into<Cow<'static, str>>) {
        (self.report)(
            path,
            Event::Violation {
                message: message.into(),
                origin: rule.origin,
            },
        );
    }

    fn visit(&mut self, id: RuleId, node: &Node<'_>, path: &Path<'_>) {
        let schema = self.schema;
        let Some(rule) = schema.rules.get(id) else {
            return;
        };
        if let Some(kind) = rule.kind
            && !is(node, kind)
        {
            self.violation(
                rule,
                path,
                format!("must be {}, is {}", kind_name(kind), node.kind()),
            );
            return;
        }
        if let Some(reference) = rule.reference {
            self.visit(reference, node, path);
        }
        if let Some(not) = rule.not
            && self.holds(not, node)
        {
            self.violation(rule, path, format!("must not be {}", quote(node)));
        }
        for branch in &rule.all_of {
            self.partial(*branch, node, path);
        }
        if !rule.any_of.is_empty() && !rule.any_of.iter().any(|branch| self.holds(*branch, node)) {
            self.violation(rule, path, "matches none of the permitted forms");
        }
        if !rule.one_of.is_empty() {
            self.one_of(&rule.one_of, node, path);
        }
        if let Some(allowed) = &rule.allowed
            && !allowed.iter().any(|value| equals(node, value))
        {
            let names: Vec<String> = allowed.iter().map(|value| value.to_string()).collect();
            self.violation(
                rule,
                path,
                format!("must be {}, is {}", names.join(" or "), quote(node)),
            );
        }
        match node {
            Node::String(text) => self.string(rule, text, path),
            Node::Number(number) => self.number(rule, *number, path),
            Node::Array(items) => self.array(rule, items, path),
            Node::Object(_) => self.object(rule, node, path),
            Node::Null | Node::Bool(_) => {}
        }
    }

    fn string(&mut self, rule: &Rule, text: &str, path: &Path<'_>) {
        if rule.min_length > 0 && text.chars().take(rule.min_length).count() < rule.min_length {
            let message = if rule.min_length == 1 {
                Cow::Borrowed("must not be empty; fill it in or leave the property out")
            } else {
                Cow::Owned(format!("must have at least {} characters", rule.min_length))
            };
            self.violation(rule, path, message);
        }
        if let Some(most) = rule.max_length
            && text.chars().nth(most).is_some()
        {
            self.violation(rule, path, format!("must have at most {most} characters"));
        }
        if let Some(pattern) = &rule.pattern
            && !pattern.regex.is_match(text)
        {
            self.violation(
                rule,
                path,
                format!(
                    "`{}` does not match the pattern {}",
                    cut(text),
                    pattern.text
                ),
            );
        }
        match rule.format {
            Some(Format::Uri) if !format::is_uri(text) => {
                self.violation(
                    rule,
                    path,
                    format!("`{}` is not an absolute URI (RFC 3986)", cut(text)),
                );
            }
            Some(Format::DateTime) if format::instant(text).is_none() => {
                self.violation(
                    rule,
                    path,
                    format!(
                        "`{}` is not a date and time with zone like 2026-01-31T10:00:00Z (RFC 3339)",
                        cut(text)
                    ),
                );
            }
            Some(Format::Email) if !format::is_email(text) => {
                self.violation(rule, path, format!("`{}` is no email address", cut(text)));
            }
            Some(Format::Uuid) if !format::is_uuid(text) => {
                self.violation(rule, path, format!("`{}` is no UUID", cut(text)));
            }
            _ => {}
        }
    }

    fn number(&mut self, rule: &Rule, number: f64, path: &Path<'_>) {
        if let Some(minimum) = rule.minimum
            && number < minimum
        {
            self.violation(rule, path, format!("must be at least {minimum}"));
        }
        if let Some(maximum) = rule.maximum
            && number > maximum
        {
            self.violation(rule, path, format!("must be at most {maximum}"));
        }
        if let Some(step) = rule.multiple_of {
            let steps = number / step;
            if (steps - steps.round()).abs() > NEAR {
                self.violation(rule, path, format!("must be a multiple of {step}"));
            }
        }
    }

    fn array(&mut self, rule: &Rule, items: &[Node<'_>], path: &Path<'_>) {
        if items.len() < rule.min_items {
            self.violation(
                rule,
                path,
                format!(
                    "must have at least {} item(s), has {}",
                    rule.min_items,
                    items.len()
                ),
            );
        }
        if rule.unique {
            for index in repeated(items) {
                self.violation(
                    rule,
                    &path.index(index),
                    "is in the list already; list it once",
                );
            }
        }
        if let Some(id) = rule.items {
            for (index, item) in items.iter().enumerate() {
                self.visit(id, item, &path.index(index));
            }
        }
    }

    fn object(&mut self, rule: &Rule, node: &Node<'_>, path: &Path<'_>) {
        let members = node.members();
        if members.len() < rule.min_properties {
            self.violation(
                rule,
                path,
                format!("must have at least {} properties", rule.min_properties),
            );
        }
        if let Some(most) = rule.max_properties
            && members.len() > most
        {
            self.violation(rule, path, format!("must have at most {most} properties"));
        }
        for name in &rule.required {
            if node.get(name).is_none() {
                self.violation(rule, path, format!("the property `{name}` is missing"));
            }
        }
        for (name, others) in &rule.dependent {
            if node.get(name).is_some() {
                for other in others {
                    if node.get(other).is_none() {
                        self.violation(
                            rule,
                            path,
                            format!("the property `{other}` is missing; `{name}` needs it"),
                        );
                    }
                }
            }
        }
        if rule.properties.is_empty() || rule.open {
            return;
        }
        for (name, value) in members {
            match rule
                .properties
                .binary_search_by(|(known, _)| known.as_str().cmp(name))
                .ok()
                .and_then(|index| rule.properties.get(index))
            {
                Some((_, id)) => self.visit(*id, value, &path.key(name)),
                None if rule.also.iter().any(|known| known == name) => {}
                None if rule.closed => {
                    self.violation(
                        rule,
                        &path.key(name),
                        "is not a property of this object; remove it",
                    );
                    (self.report)(&path.key(name), Event::Additional);
                }
                None => (self.report)(&path.key(name), Event::Additional),
            }
        }
    }

    /// Visits a schema that speaks of some properties only.
    fn partial(&mut self, id: RuleId, node: &Node<'_>, path: &Path<'_>) {
        let report = &mut *self.report;
        Pass {
            schema: self.schema,
            report: &mut |path, event| {
                if matches!(event, Event::Violation { .. }) {
                    report(path, event);
                }
            },
        }
        .visit(id, node, path);
    }

    fn holds(&self, id: RuleId, node: &Node<'_>) -> bool {
        let mut holds = true;
        Pass {
            schema: self.schema,
            report: &mut |_, event| holds &= matches!(event, Event::Additional),
        }
        .visit(id, node, &Path::Root);
        holds
    }

    /// The advisory schemas tell the forms of a value apart by a property with
    /// fixed values (`version`), so at most one branch can hold; its findings
    /// say more than "no branch holds". Without such a value the last branch,
    /// the newest form, is taken as meant.
    fn one_of(&mut self, branches: &[RuleId], node: &Node<'_>, path: &Path<'_>) {
        let meant = branches
            .iter()
            .find(|branch| self.is_told_by(**branch, node))
            .or(branches.last());
        if let Some(branch) = meant {
            self.visit(*branch, node, path);
        }
    }

    fn is_told_by(&self, branch: RuleId, node: &Node<'_>) -> bool {
        let rule = |id: RuleId| self.schema.rules.get(id);
        let Some(form) = rule(branch).map(|form| form.reference.and_then(rule).unwrap_or(form))
        else {
            return false;
        };
        form.properties.iter().any(|(name, id)| {
            form.required.contains(name)
                && rule(*id)
                    .and_then(|rule| rule.allowed.as_ref())
                    .is_some_and(|allowed| {
                        node.get(name)
                            .is_some_and(|value| allowed.iter().any(|a| equals(value, a)))
                    })
        })
    }
}

fn is(node: &Node<'_>, kind: Kind) -> bool {
    matches!(
        (node, kind),
        (Node::Object(_), Kind::Object)
            | (Node::Array(_), Kind::Array)
            | (Node::String(_), Kind::String)
            | (Node::Number(_), Kind::Number)
            | (Node::Bool(_), Kind::Boolean)
    )
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "an object",
        Kind::Array => "an array",
        Kind::String => "a string",
        Kind::Number => "a number",
        Kind::Boolean => "a boolean",
    }
}

fn equals(node: &Node<'_>, value: &Value) -> bool {
    match (node, value) {
        (Node::String(text), Value::String(other)) => text == other,
        (Node::Bool(a), Value::Bool(b)) => a == b,
        (Node::Number(a), Value::Number(b)) => b.as_f64() == Some(*a),
        (Node::Null, Value::Null) => true,
        _ => false,
    }
}

fn quote(node: &Node<'_>) -> String {
    match node {
        Node::String(text) => format!("\"{}\"", cut(text)),
        other => other.kind().to_owned(),
    }
}

fn cut(text: &str) -> String {
    if text.chars().nth(LONGEST_QUOTE).is_none() {
        return text.to_owned();
    }
    text.chars().take(LONGEST_QUOTE).chain(['…']).collect()
}

/// The indexes of items that equal an earlier one. Lists of texts, the long
/// lists of real documents, cost at most one hash a text; other lists are compared by
/// what is canonical of their items.
fn repeated<'d>(items: &'d [Node<'d>]) -> Vec<usize> {
    if items.len() < 2 {
        return Vec::new();
    }
    let texts: Vec<&str> = items.iter().map_while(Node::as_str).collect();
    if texts.len() == items.len() {
        if items.len() <= 8 {
            return texts
                .iter()
                .enumerate()
                .filter(|(index, text)| texts.iter().take(*index).any(|other| other == *text))
                .map(|(index, _)| index)
                .collect();
        }
        // Machines mostly write lists in order.
        if texts.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
            return Vec::new();
        }
        let mut seen = HashSet::with_capacity(texts.len());
        return texts
            .into_iter()
            .enumerate()
            .filter(|(_, text)| !seen.insert(*text))
            .map(|(index, _)| index)
            .collect();
    }
    let mut seen = HashSet::with_capacity(items.len());
    items
        .iter()
        .enumerate()
        .filter(|(_, item)| !seen.insert(Canonical::of(item)))
        .map(|(index, _)| index)
        .collect()
}

/// What two nodes share exactly if JSON schema holds them equal. Of lists that
/// were made to fill the memory nothing is copied.
#[derive(PartialEq, Eq, Hash)]
enum Canonical<'d> {
    Text(&'d str),
    Number(u64),
    Other(String),
}

impl<'d> Canonical<'d> {
    fn of(node: &'d Node<'d>) -> Self {
        match node {
            Node::String(text) => Canonical::Text(text),
            // Both zeros are one.
            Node::Number(number) => Canonical::Number((number + 0.0).to_bits()),
            other => Canonical::Other(canonical(other)),
        }
    }
}

/// A text that two nodes share exactly if JSON schema holds them equal.
fn canonical(node: &Node<'_>) -> String {
    fn write(node: &Node<'_>, out: &mut String) {
        match node {
            Node::Null => out.push('n'),
            Node::Bool(value) => out.push(if *value { 't' } else { 'f' }),
            Node::Number(value) => out.push_str(&(value + 0.0).to_string()),
            Node::String(text) => {
                out.push('"');
                out.push_str(&text.len().to_string());
                out.push(':');
                out.push_str(text);
            }
            Node::Array(items) => {
                out.push('[');
                for item in items {
                    write(item, out);
                    out.push(',');
                }
                out.push(']');
            }
            Node::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                out.push('{');
                for (key, item) in sorted {
                    out.push_str(&key.len().to_string());
                    out.push(':');
                    out.push_str(key);
                    write(item, out);
                    out.push(',');
                }
                out.push('}');
            }
        }
    }
    let mut out = String::new();
    write(node, &mut out);
    out
}
