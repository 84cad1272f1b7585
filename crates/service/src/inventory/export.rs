//! What the inventory knows of a version of a product, as a document for others.

use super::ways::short_name;
use super::{head, identity};
use crate::error::ServiceError;
use crate::{App, Fault, look, products};
use entente_documents::sbom::write::{self, Written, WrittenComponent};
use entente_domain::access::{Action, Resource, Viewer, may};
use entente_domain::ids::{ProductId, SbomId};
use entente_store::inventory::{self, PackageVersion};

/// A format to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// CycloneDX 1.7 in JSON.
    CycloneDx,
    /// SPDX 2.3 in JSON.
    Spdx,
}

impl ExportFormat {
    /// The word by which it is asked for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "cyclonedx" => Some(Self::CycloneDx),
            "spdx" => Some(Self::Spdx),
            _ => None,
        }
    }

    /// How a file of it ends.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::CycloneDx => "cdx.json",
            Self::Spdx => "spdx.json",
        }
    }
}

/// Writes what the inventory knows by one document: identities, versions and what needs what.
///
/// # Errors
/// [`ServiceError::NotFound`] for who may not read the registry of products, or where there is no
/// such document of this product.
pub async fn export(
    app: &App,
    viewer: &Viewer,
    product: ProductId,
    id: SbomId,
    format: ExportFormat,
) -> Result<Vec<u8>, ServiceError> {
    if !may(viewer, Action::Read, Resource::Products) {
        return Err(ServiceError::NotFound);
    }
    let now = app.now();
    let (serial, at) = (app.random().id(now), now.rfc3339());
    let author = app.config().organisation.name.clone();
    let written = look(app, move |tx| {
        let not_found = || Fault::Service(ServiceError::NotFound);
        let of = products::one(tx, product)?.ok_or_else(not_found)?;
        let (sbom, graph) = inventory::get(tx, id)?.ok_or_else(not_found)?;
        if sbom.product != product {
            return Err(not_found());
        }
        let names = inventory::what(tx, graph.nodes())?;
        let places = 0..=graph.nodes().len();
        Ok(Written {
            subject: (of.form.name, head(&sbom)?.facts.product_version),
            id: serial.to_string(),
            at: at.clone(),
            author: author.clone(),
            components: names.values().map(component).collect(),
            needs: places
                .flat_map(|from| graph.on(from).iter().map(move |on| (from, *on)))
                .collect(),
        })
    })
    .await?;
    let document = match format {
        ExportFormat::CycloneDx => write::cyclonedx(&written),
        ExportFormat::Spdx => write::spdx(&written),
    };
    serde_json::to_vec_pretty(&document).map_err(ServiceError::internal)
}

fn component(is: &PackageVersion) -> WrittenComponent {
    WrittenComponent {
        name: short_name(is),
        version: is.version.clone(),
        purl: identity::package_url(is),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entente_documents::purl;

    #[test]
    fn the_package_url_comes_back_with_version_and_distribution() {
        let text = "pkg:deb/debian/openssl@3.0.15-1~deb12u1?distro=debian-12";
        let is = identity::of_purl(text);
        let again = is.as_ref().and_then(identity::package_url);
        let parsed = again.as_deref().and_then(|t| purl::parse_lenient(t).ok());
        let wanted = purl::parse_lenient(text).ok();
        assert_eq!(parsed.map(|p| p.0), wanted.map(|p| p.0));
        let nameless = PackageVersion {
            key: "name:Boot ROM".to_owned(),
            ..PackageVersion::default()
        };
        assert_eq!(identity::package_url(&nameless), None);
    }
}
