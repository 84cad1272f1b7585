//! The answer becomes rows of a case: which products are affected, in which versions.

use super::{Answer, ProductAnswer};
use crate::error::ServiceError;
use crate::{App, cases};
use entente_documents::versions::{Comparator, Range};
use entente_domain::access::Viewer;
use entente_domain::command::Command;
use entente_domain::ids::{CaseId, ProductId};
use entente_domain::kinds::Affectedness;

/// Notes in a case what the answer says of the chosen products: affected where it is certain,
/// under investigation where it is not. Answers how many rows were written.
///
/// # Errors
/// As for [`cases::act`]; rows that were written before stay.
pub async fn into_case(
    app: &App,
    viewer: &Viewer,
    case: CaseId,
    answer: &Answer,
    chosen: &[ProductId],
) -> Result<usize, ServiceError> {
    let mut rows = 0;
    for product in answer.products.iter().filter(|p| chosen.contains(&p.id)) {
        cases::act(app, viewer, case, None, row(product)).await?;
        rows += 1;
    }
    Ok(rows)
}

fn row(product: &ProductAnswer) -> Command {
    let certain = product.affected();
    // Where anything is certain, what is not would only blur it; the note names it.
    let versions: Vec<&str> = product
        .versions
        .iter()
        .filter(|v| v.affected() == certain)
        .map(|v| v.version.as_str())
        .collect();
    let mut components: Vec<String> = product
        .versions
        .iter()
        .flat_map(|v| &v.components)
        .map(|c| format!("{} {}", c.is.key, c.is.version).trim().to_owned())
        .collect();
    components.sort_unstable();
    components.dedup();
    let unsure: Vec<&str> = product
        .versions
        .iter()
        .filter(|v| certain && !v.affected())
        .map(|v| v.version.as_str())
        .collect();
    let mut note = format!("By its bill of materials: {}.", components.join(", "));
    if !unsure.is_empty() {
        note.push_str(&format!(" Not certain for {}.", unsure.join(", ")));
    }
    Command::SetAffected {
        product: product.id,
        versions: these(&versions),
        status: if certain {
            Affectedness::Affected
        } else {
            Affectedness::UnderInvestigation
        },
        justification: None,
        fixed_versions: String::new(),
        note: note.chars().take(2_000).collect(),
    }
}

/// These versions and no others: a machine reads it, and pages say it in words.
pub(crate) fn these(versions: &[&str]) -> String {
    match versions {
        [only] => (*only).to_owned(),
        several => {
            let each = several.iter().map(|v| (Comparator::Equal, (*v).to_owned()));
            Range::new("generic", each.collect()).canonical()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::these;
    use crate::versions_text::words;

    #[test]
    fn several_versions_are_a_range_that_reads_as_a_list() {
        assert_eq!(these(&["4.2"]), "4.2");
        let several = these(&["4.2", "4.1"]);
        assert_eq!(several, "vers:generic/4.1|4.2");
        assert_eq!(words(&several), "4.1 or 4.2");
    }
}
