//! The product tree: branches, product paths, identification helpers.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::ranges::{self, Name};
use super::{Notices, items_mut, texts, unique};
use crate::csaf::plain_text::plain;
use crate::csaf::v2_1::is_known_algorithm;

/// Products by what a note may call them: the name of a product, or of a branch
/// above it, in lower case without blanks.
pub(super) type Labels = HashMap<String, Vec<String>>;

/// The products of each product group.
pub(super) type Groups = HashMap<String, Vec<String>>;

pub(super) fn groups(root: &Value) -> Groups {
    let list = root.pointer("/product_tree/product_groups");
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|group| {
            let id = group.get("group_id")?.as_str()?.to_owned();
            Some((id, texts(group, "product_ids").map(str::to_owned).collect()))
        })
        .collect()
}

pub(super) fn labels(root: &Value) -> Labels {
    fn walk(branch: &Value, labels: &mut Labels) -> Vec<String> {
        let mut found = Vec::new();
        found.extend(branch.get("product").and_then(|p| product(p, labels)));
        for branch in array(branch, "branches") {
            found.extend(walk(branch, labels));
        }
        if let (
            Some("legacy" | "product_name" | "product_family" | "product_version"),
            Some(name),
        ) = (
            branch.get("category").and_then(Value::as_str),
            branch.get("name").and_then(Value::as_str),
        ) {
            labels.entry(plain(name)).or_default().extend(found.clone());
        }
        found
    }
    fn product(product: &Value, labels: &mut Labels) -> Option<String> {
        let id = product.get("product_id")?.as_str()?.to_owned();
        if let Some(name) = product.get("name").and_then(Value::as_str) {
            labels.entry(plain(name)).or_default().push(id.clone());
        }
        Some(id)
    }
    let mut labels = Labels::new();
    if let Some(tree) = root.get("product_tree") {
        for branch in array(tree, "branches") {
            walk(branch, &mut labels);
        }
        for name in array(tree, "full_product_names") {
            product(name, &mut labels);
        }
        for item in array(tree, "relationships") {
            item.get("full_product_name")
                .and_then(|name| product(name, &mut labels));
        }
    }
    for ids in labels.values_mut() {
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
    }
    labels
}

fn array<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

pub(super) fn convert(root: &mut Value, notices: &mut Notices) {
    let Some(Value::Object(tree)) = root.get_mut("product_tree") else {
        return;
    };
    if let Some(Value::Array(branches)) = tree.get_mut("branches") {
        self::branches(branches, false, "/product_tree/branches", notices);
    }
    for (index, name) in items_mut(tree, "full_product_names").iter_mut().enumerate() {
        let path = format!("/product_tree/full_product_names/{index}");
        product(name, &path, notices);
    }
    if let Some(Value::Array(relationships)) = tree.remove("relationships") {
        let paths = relationships
            .into_iter()
            .enumerate()
            .map(|(index, item)| product_path(item, index, notices))
            .collect();
        tree.insert("product_paths".to_owned(), Value::Array(paths));
    }
}

fn product_path(item: Value, index: usize, notices: &mut Notices) -> Value {
    let Value::Object(mut item) = item else {
        return item;
    };
    if let Some(name) = item.get_mut("full_product_name") {
        let path = format!("/product_tree/relationships/{index}/full_product_name");
        product(name, &path, notices);
    }
    let mut made = Map::new();
    let mut subpath = Map::new();
    for (from, to) in [
        ("category", "category"),
        ("relates_to_product_reference", "next_product_reference"),
    ] {
        if let Some(value) = item.remove(from) {
            subpath.insert(to.to_owned(), value);
        }
    }
    for (from, to) in [
        ("product_reference", "beginning_product_reference"),
        ("full_product_name", "full_product_name"),
    ] {
        if let Some(value) = item.remove(from) {
            made.insert(to.to_owned(), value);
        }
    }
    made.insert("subpaths".to_owned(), json!([subpath]));
    Value::Object(made)
}

fn category(node: &Value) -> &str {
    node.get("category")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn name(node: &Value) -> &str {
    node.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn set(node: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(members) = node {
        members.insert(key.to_owned(), value.into());
    }
}

/// Whether some branch below has one of the categories.
fn has_below(node: &Value, categories: &[&str]) -> bool {
    array(node, "branches")
        .iter()
        .any(|branch| categories.contains(&category(branch)) || has_below(branch, categories))
}

/// Vendors that are none.
fn is_placeholder(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "opensource" | "noassertion" | "undefined" | "unknown"
    )
}

fn branches(list: &mut Vec<Value>, below_vendor: bool, path: &str, notices: &mut Notices) {
    let mut converted = Vec::with_capacity(list.len());
    for (index, mut node) in std::mem::take(list).into_iter().enumerate() {
        let path = format!("{path}/{index}");
        let vendor = category(&node) == "vendor";
        branch(&mut node, below_vendor || vendor, &path, notices);
        if vendor
            && is_placeholder(name(&node))
            && (below_vendor || has_below(&node, &["vendor"]))
            && node.get("product").is_none()
            && let Value::Object(members) = &mut node
            && let Some(Value::Array(inner)) = members.remove("branches")
        {
            notices.add(
                path,
                "two vendors stood above one another: the one that names nobody was removed",
            );
            converted.extend(inner);
        } else {
            converted.push(node);
        }
    }
    *list = converted;
}

fn branch(node: &mut Value, below_vendor: bool, path: &str, notices: &mut Notices) {
    if category(node) == "legacy" {
        set(node, "category", "product_name");
        notices.add(
            path,
            "the category `legacy` is no more: it became `product_name`, check whether another fits better",
        );
    }
    versions_above_versions(node, path, notices);
    if category(node) == "product_version_range" {
        let original = name(node).to_owned();
        let place = format!("{path}/name");
        match ranges::convert(&original) {
            Name::Kept => {}
            Name::Range(range, why) => {
                notices.add(place, format!("`{original}` became `{range}`: {why}"));
                set(node, "name", range);
            }
            Name::Version(version, why) => {
                notices.add(
                    place,
                    format!("`{original}` became the product version `{version}`: {why}"),
                );
                set(node, "category", "product_version");
                set(node, "name", version);
            }
            Name::Unreadable => notices.add(
                place,
                format!("`{original}` could not be read as a range of versions; write it as one"),
            ),
        }
    }
    if let Value::Object(members) = node {
        if let Some(made) = members.get_mut("product") {
            product(made, &format!("{path}/product"), notices);
        }
        if let Some(Value::Array(list)) = members.get_mut("branches") {
            branches(list, below_vendor, &format!("{path}/branches"), notices);
        }
    }
}

/// A version above a version, or above a range, is a part of the product's name.
fn versions_above_versions(node: &mut Value, path: &str, notices: &mut Notices) {
    let below: &[&str] = match category(node) {
        "product_name" => &["product_version", "product_version_range"],
        "product_family" => &["product_version_range"],
        _ => return,
    };
    let own = name(node).to_owned();
    let mut changed = false;
    if let Value::Object(members) = node {
        for (index, child) in items_mut(members, "branches").iter_mut().enumerate() {
            if category(child) == "product_version" && has_below(child, below) {
                let joined = format!("{own} {}", name(child));
                notices.add(
                    format!("{path}/branches/{index}"),
                    format!(
                        "a version stood above versions: it became the product name `{joined}`"
                    ),
                );
                set(child, "category", "product_name");
                set(child, "name", joined);
                changed = true;
            }
        }
    }
    if changed && category(node) == "product_name" {
        set(node, "category", "product_family");
        notices.add(
            path,
            "the product name above versions of versions became a product family",
        );
    }
}

/// What helps to identify a product.
fn product(product: &mut Value, path: &str, notices: &mut Notices) {
    let Value::Object(product) = product else {
        return;
    };
    let Some(Value::Object(helper)) = product.get_mut("product_identification_helper") else {
        return;
    };
    let path = format!("{path}/product_identification_helper");
    if let Some(purl) = helper.remove("purl") {
        helper.insert("purls".to_owned(), json!([purl]));
    }
    for (index, file) in items_mut(helper, "hashes").iter_mut().enumerate() {
        if let Value::Object(file) = file {
            let path = format!("{path}/hashes/{index}/file_hashes");
            for (index, hash) in items_mut(file, "file_hashes").iter_mut().enumerate() {
                self::hash(hash, &format!("{path}/{index}"), notices);
            }
            if let Some(Value::Array(list)) = file.get_mut("file_hashes") {
                unique(list);
            }
        }
    }
    for key in ["model_numbers", "serial_numbers", "skus"] {
        if let Some(Value::Array(list)) = helper.get_mut(key) {
            let path = format!("{path}/{key}");
            let mut index = 0;
            list.retain_mut(|item| {
                index += 1;
                number(item, &format!("{path}/{}", index - 1), notices)
            });
        }
    }
    for key in [
        "hashes",
        "model_numbers",
        "sbom_urls",
        "serial_numbers",
        "skus",
        "x_generic_uris",
    ] {
        if let Some(Value::Array(list)) = helper.get_mut(key) {
            unique(list);
            if list.is_empty() {
                helper.remove(key);
            }
        }
    }
    if helper.is_empty() {
        product.remove("product_identification_helper");
    }
}

fn hash(hash: &mut Value, path: &str, notices: &mut Notices) {
    if let Some(value) = hash.get("value").and_then(Value::as_str) {
        let lower = value.to_lowercase();
        set(hash, "value", lower);
    }
    let Some(algorithm) = hash.get("algorithm").and_then(Value::as_str) else {
        return;
    };
    let lower = algorithm.to_lowercase();
    let spellings = [
        lower.clone(),
        lower.replace(['-', '_', '/', ' '], ""),
        lower.replace(['_', '/', ' '], "-"),
        lower.replacen('-', "", 1).replace(['_', '/', ' '], "-"),
    ];
    match spellings.into_iter().find(|name| is_known_algorithm(name)) {
        Some(known) => set(hash, "algorithm", known),
        None => {
            notices.add(
                format!("{path}/algorithm"),
                format!(
                    "the hash algorithm `{algorithm}` is not known; it was written in lower case"
                ),
            );
            set(hash, "algorithm", lower);
        }
    }
}

/// A model number, serial number or stock keeping unit; false to remove it.
fn number(item: &mut Value, path: &str, notices: &mut Notices) -> bool {
    let Value::String(text) = item else {
        return true;
    };
    let mut escaped = text.replace('\\', "\\\\");
    if !escaped.ends_with('*') {
        escaped.push('*');
        notices.add(
            path,
            format!("`{text}` could mean the beginning of a number; it became `{escaped}`, which says so"),
        );
    }
    if escaped.matches('*').count() > 1 {
        notices.add(path, format!("`{text}` has several stars; it was removed"));
        return false;
    }
    *text = escaped;
    true
}
