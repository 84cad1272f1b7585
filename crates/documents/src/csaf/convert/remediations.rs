//! Remediations, whose categories mean more in 2.1: who is fixed has a patch as
//! an option, and nothing stands beside the word that nothing is available.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::tree::Groups;
use super::{Choices, Notices, text, texts};
use crate::csaf::facts::{Standard, StatusGroup};
use crate::csaf::schema::format::{Instant, instant};

/// The products of a remediation, its groups opened.
fn products(remediation: &Value, groups: &Groups) -> BTreeSet<String> {
    texts(remediation, "product_ids")
        .map(str::to_owned)
        .chain(
            texts(remediation, "group_ids")
                .filter_map(|id| groups.get(id))
                .flatten()
                .cloned(),
        )
        .collect()
}

/// A remediation of another category, for some of its products.
fn changed(remediation: &Value, category: Option<&str>, products: &BTreeSet<String>) -> Value {
    let mut made = remediation.clone();
    if let Value::Object(made) = &mut made {
        made.remove("group_ids");
        made.insert("product_ids".to_owned(), json!(products));
        if let Some(category) = category {
            made.insert("category".to_owned(), category.into());
        }
    }
    made
}

/// How many products of groups are looked at in the remediations of a document;
/// past it they stay as they are.
const MOST_PRODUCTS: usize = 5_000_000;

pub(super) fn remediations(
    item: &mut Map<String, Value>,
    choices: Choices,
    groups: &Groups,
    path: &str,
    notices: &mut Notices,
) {
    let mut status: HashMap<String, StatusGroup> = HashMap::new();
    if let Some(node) = item.get("product_status") {
        for (key, group) in Standard::V2_0.statuses() {
            if let Some(group) = group {
                for id in texts(node, key) {
                    status.entry(id.to_owned()).or_insert(*group);
                }
            }
        }
    }
    let Some(Value::Array(list)) = item.get_mut("remediations") else {
        return;
    };
    let looked_at: usize = list
        .iter()
        .flat_map(|item| texts(item, "group_ids"))
        .filter_map(|id| groups.get(id).map(Vec::len))
        .sum();
    if looked_at > MOST_PRODUCTS {
        notices.add(
            format!("{path}/remediations"),
            "product groups are named too often to look into all of them; the remediations stay as they are",
        );
        return;
    }
    let mut made: Vec<(usize, Value)> = Vec::with_capacity(list.len());
    for (index, remediation) in std::mem::take(list).into_iter().enumerate() {
        let path = format!("{path}/remediations/{index}");
        if text(&remediation, "/category") != Some("vendor_fix") {
            made.push((index, remediation));
            continue;
        }
        let (done, rest): (BTreeSet<_>, BTreeSet<_>) =
            products(&remediation, groups).into_iter().partition(|id| {
                matches!(
                    status.get(id),
                    Some(StatusGroup::NotAffected | StatusGroup::Fixed)
                )
            });
        if done.is_empty() {
            made.push((index, remediation));
            continue;
        }
        notices.add(
            path,
            format!(
                "who is fixed or not affected needs no fix: `vendor_fix` became `optional_patch` for {}",
                named(&done)
            ),
        );
        if rest.is_empty() {
            let mut whole = remediation;
            if let Value::Object(whole) = &mut whole {
                whole.insert("category".to_owned(), "optional_patch".into());
            }
            made.push((index, whole));
        } else {
            made.push((index, changed(&remediation, None, &rest)));
            made.push((index, changed(&remediation, Some("optional_patch"), &done)));
        }
    }
    none_available(&mut made, choices.now(), groups, path, notices);
    if choices.drop_none_available {
        drop_none_available(&mut made, groups, path, notices);
    }
    *list = made.into_iter().map(|(_, item)| item).collect();
    if list.is_empty() {
        item.remove("remediations");
    }
}

fn named(products: &BTreeSet<String>) -> String {
    const MOST: usize = 20;
    let list: Vec<_> = products.iter().take(MOST).map(String::as_str).collect();
    let more = products.len().saturating_sub(MOST);
    if more > 0 {
        format!("{} and {more} more", list.join(", "))
    } else {
        list.join(", ")
    }
}

/// A fix that is there, and the word that there is none.
fn none_available(
    list: &mut Vec<(usize, Value)>,
    now: Instant,
    groups: &Groups,
    path: &str,
    notices: &mut Notices,
) {
    let of = |category: &'static str, list: &[(usize, Value)]| -> Vec<usize> {
        list.iter()
            .enumerate()
            .filter(|(_, (_, item))| text(item, "/category") == Some(category))
            .map(|(position, _)| position)
            .collect()
    };
    let none = of("none_available", list);
    let fixes = of("vendor_fix", list);
    if none.is_empty() || fixes.is_empty() {
        return;
    }
    let (mut past, mut future) = (HashSet::new(), HashSet::new());
    for (_, fix) in fixes.iter().filter_map(|position| list.get(*position)) {
        let is_past = text(fix, "/date")
            .and_then(instant)
            .is_some_and(|date| date <= now);
        let target = if is_past { &mut past } else { &mut future };
        target.extend(products(fix, groups));
    }
    let mut planned_for = HashSet::new();
    let mut result = Vec::with_capacity(list.len());
    for (position, (index, item)) in std::mem::take(list).into_iter().enumerate() {
        if !none.contains(&position) {
            result.push((index, item));
            continue;
        }
        let all = products(&item, groups);
        let fixed: BTreeSet<_> = all
            .iter()
            .filter(|id| past.contains(*id))
            .cloned()
            .collect();
        let planned: BTreeSet<_> = all
            .iter()
            .filter(|id| !past.contains(*id) && future.contains(*id))
            .cloned()
            .collect();
        if fixed.is_empty() && planned.is_empty() {
            result.push((index, item));
            continue;
        }
        let path = format!("{path}/remediations/{index}");
        let kept: BTreeSet<_> = all
            .iter()
            .filter(|id| !past.contains(*id) && !future.contains(*id))
            .cloned()
            .collect();
        if !fixed.is_empty() {
            notices.add(
                &path,
                format!(
                    "there is a fix, so `none_available` was removed for {}",
                    named(&fixed)
                ),
            );
        }
        if !planned.is_empty() {
            notices.add(
                &path,
                format!(
                    "a fix is to come, so `none_available` became `fix_planned` for {}",
                    named(&planned)
                ),
            );
            result.push((index, changed(&item, Some("fix_planned"), &planned)));
            planned_for.extend(planned);
        }
        if !kept.is_empty() {
            result.push((index, changed(&item, None, &kept)));
        }
    }
    if !planned_for.is_empty() {
        result.retain_mut(|(index, item)| {
            if text(item, "/category") != Some("vendor_fix") {
                return true;
            }
            let all = products(item, groups);
            let kept: BTreeSet<_> = all
                .iter()
                .filter(|id| !planned_for.contains(*id))
                .cloned()
                .collect();
            if kept.len() == all.len() {
                return true;
            }
            notices.add(
                format!("{path}/remediations/{index}"),
                "products whose fix is planned were taken out of `vendor_fix`",
            );
            *item = changed(item, None, &kept);
            !kept.is_empty()
        });
    }
    *list = result;
}

/// In 2.1 nothing else may be given to who is told that nothing is available.
fn drop_none_available(
    list: &mut Vec<(usize, Value)>,
    groups: &Groups,
    path: &str,
    notices: &mut Notices,
) {
    let is_none = |item: &Value| text(item, "/category") == Some("none_available");
    if !list.iter().any(|(_, item)| is_none(item)) {
        return;
    }
    let helped: HashSet<String> = list
        .iter()
        .filter(|(_, item)| !is_none(item))
        .flat_map(|(_, item)| products(item, groups))
        .collect();
    list.retain_mut(|(index, item)| {
        if !is_none(item) {
            return true;
        }
        let (gone, kept): (BTreeSet<_>, BTreeSet<_>) = products(item, groups)
            .into_iter()
            .partition(|id| helped.contains(id));
        if gone.is_empty() {
            return true;
        }
        notices.add(
            format!("{path}/remediations/{index}"),
            format!(
                "there is another remediation, so `none_available` was removed for {}: {}",
                named(&gone),
                text(item, "/details").unwrap_or_default()
            ),
        );
        *item = changed(item, None, &kept);
        !kept.is_empty()
    });
}
