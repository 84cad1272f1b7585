//! The OpenAPI document, made from the route table. Committed as `docs/openapi.json`; a test
//! compares.

use super::command;
use super::shape::{Kind, Shape};
use super::shapes;
use super::table::{Access, Answer, Body, Endpoint};
use serde_json::{Map, Value, json};

/// The document of `endpoints`.
pub fn document(endpoints: &[Endpoint]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut named: Vec<&'static Shape> = vec![&shapes::Problem];
    for endpoint in endpoints {
        endpoint.shapes(&mut named);
        let item = paths
            .entry(format!("/api/v1{}", endpoint.path))
            .or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(
                endpoint.method.as_str().to_ascii_lowercase(),
                operation(endpoint),
            );
        }
    }
    let mut schemas: Map<String, Value> = named
        .iter()
        .map(|shape| (shape.name.to_owned(), shape.schema()))
        .collect();
    schemas.insert("Command".to_owned(), command::schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Entente",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "Vulnerability handling from report to advisory. Instants are RFC 3339. Lists are `items` and `next`; give `next` back as `cursor`. What a caller may not see is 404.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A scoped API token, made in the console." },
                "receipt": { "type": "apiKey", "in": "header", "name": "Authorization", "description": "`Receipt` and the receipt code of a report." },
            },
            "responses": {
                "Problem": {
                    "description": "What went wrong, under which rule, and what would satisfy it.",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                },
            },
        },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut parameters: Vec<Value> = path_parameters(endpoint.path)
        .map(|name| {
            let schema = if endpoint.text_ids {
                json!({ "type": "string" })
            } else {
                json!({ "type": "string", "format": "uuid" })
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    for p in endpoint.query {
        parameters.push(json!({
            "name": p.name, "in": "query", "required": false, "description": p.what, "schema": p.kind.schema(),
        }));
    }
    if let Answer::Page(_) = endpoint.answer {
        parameters.push(json!({
            "name": "cursor", "in": "query", "required": false,
            "description": "The `next` of the page before.", "schema": { "type": "string" },
        }));
        parameters.push(json!({
            "name": "limit", "in": "query", "required": false, "description": "How many at most.",
            "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 25 },
        }));
    }
    if endpoint.writes() && !endpoint.never_kept {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A text of your own, 16 to 128 characters: a repetition within 24 hours has one effect and the same answer.",
            "schema": { "type": "string", "minLength": 16, "maxLength": 128 },
        }));
    }
    if endpoint.versioned {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": false,
            "description": "The version of the case that you looked at; a change in between answers 412.",
            "schema": { "type": "string" },
        }));
    }
    let mut operation = json!({
        "operationId": endpoint.id,
        "summary": endpoint.what,
        "tags": [endpoint.tag],
        "parameters": parameters,
        "responses": responses(endpoint),
        "security": match endpoint.access {
            Access::Public => json!([]),
            Access::Receipt => json!([{ "receipt": [] }]),
            Access::Token(scope) => json!([{ "token": [scope.as_str()] }]),
        },
    });
    if let (Some(body), Some(operation)) = (request(endpoint.body), operation.as_object_mut()) {
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn request(body: Body) -> Option<Value> {
    let content = match body {
        Body::None => return None,
        Body::Json(kind) => json!({ "application/json": { "schema": kind.schema() } }),
        Body::Form(kind) => json!({
            "application/json": { "schema": kind.schema() },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "json": kind.schema(),
                        "attachments": {
                            "type": "array",
                            "items": { "type": "string", "format": "binary" },
                        },
                    },
                    "required": ["json"],
                },
                "encoding": { "json": { "contentType": "application/json" } },
            },
        }),
        Body::File => {
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
        }
    };
    Some(json!({ "required": true, "content": content }))
}

fn responses(endpoint: &Endpoint) -> Value {
    let json_of = |what: &str, schema: Value| json!({ "description": what, "content": { "application/json": { "schema": schema } } });
    let (status, answer) = match endpoint.answer {
        Answer::Json(status, kind) => (status, json_of("Done.", kind.schema())),
        Answer::Page(kind) => (200, json_of("A page.", page(kind))),
        Answer::File => (
            200,
            json!({ "description": "The file.", "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } } }),
        ),
        Answer::Empty => (204, json!({ "description": "Done." })),
    };
    json!({
        status.to_string(): answer,
        "default": { "$ref": "#/components/responses/Problem" },
    })
}

fn page(kind: Kind) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "items": { "type": "array", "maxItems": 100, "items": kind.schema() },
            "next": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
        },
        "required": ["items", "next"],
    })
}
