//! A published advisory as VEX, for tools that match it against their SBOMs.
//!
//! It is read out of the published CSAF document each time and kept nowhere, so that it cannot say
//! anything else than what was signed. What cannot be said whole is not offered: a VEX that is
//! silent about a product would read as if there were nothing to say.

use crate::App;
use crate::advisories::{self, PublishedFile};
use crate::error::ServiceError;
use entente_documents::{csaf, cyclonedx_vex};
use entente_store::advisories::Published;

/// The document; `None` where it cannot say all that the advisory says of products.
pub(crate) fn of(p: &Published) -> Option<String> {
    let choices = csaf::Choices {
        drop_none_available: true,
        now: p.released_at.0.div_euclid(1_000_000),
        ..csaf::Choices::default()
    };
    let (records, left) = csaf::records(&p.document, choices).ok()?;
    let whole = left.iter().all(|l| !l.path.contains("/product_status/"));
    match records.as_slice() {
        [record] if whole && !record.products.is_empty() => {
            let document = cyclonedx_vex::write(record);
            let said = document.value().get("components")?.as_array()?.len();
            (said == record.products.len()).then(|| document.to_json())
        }
        // Several vulnerabilities are several documents.
        _ => None,
    }
}

/// The newest revision of an advisory as CycloneDX VEX.
///
/// # Errors
///
/// Not found where there is no such advisory, or where VEX cannot say all of it.
pub async fn cyclonedx(app: &App, public_id: &str) -> Result<PublishedFile, ServiceError> {
    let p = advisories::current(app, public_id).await?;
    Ok(PublishedFile {
        content_type: "application/vnd.cyclonedx+json; version=1.7",
        bytes: of(&p).ok_or(ServiceError::NotFound)?.into_bytes(),
        updated_at: p.released_at,
    })
}
