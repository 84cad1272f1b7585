//! `/product_tree`: products, by branches, in flat lists and in relation.

use serde::Serialize;

/// The id of a product inside one document.
pub type ProductId = String;

/// The products of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProductTree {
    /// By vendor, product, version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
    /// Without a tree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub full_product_names: Vec<FullProductName>,
    /// Products under one id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub product_groups: Vec<ProductGroup>,
    /// Products made of others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<Relationship>,
}

/// A node of the tree: it has either branches or a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// The nodes below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<Branch>,
    /// What the name is.
    pub category: BranchCategory,
    /// The name.
    pub name: String,
    /// The product here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<FullProductName>,
}

impl Branch {
    /// A node with nodes below.
    pub fn inner(category: BranchCategory, name: impl Into<String>, branches: Vec<Branch>) -> Self {
        Branch {
            branches,
            category,
            name: name.into(),
            product: None,
        }
    }

    /// A node with a product.
    pub fn leaf(
        category: BranchCategory,
        name: impl Into<String>,
        product: FullProductName,
    ) -> Self {
        Branch {
            branches: Vec::new(),
            category,
            name: name.into(),
            product: Some(product),
        }
    }
}

/// What the name of a branch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BranchCategory {
    /// Processor architecture.
    Architecture,
    /// Host, for services.
    HostName,
    /// Language of the product.
    Language,
    /// From an older format.
    Legacy,
    /// Patch level.
    PatchLevel,
    /// Family of products.
    ProductFamily,
    /// Product.
    ProductName,
    /// One version.
    ProductVersion,
    /// Several versions; the name should be a vers specifier.
    ProductVersionRange,
    /// Service pack.
    ServicePack,
    /// A specification.
    Specification,
    /// Vendor.
    Vendor,
}

/// A product with its id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FullProductName {
    /// Its full name.
    pub name: String,
    /// Its id in this document.
    pub product_id: ProductId,
    /// What machines know it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_identification_helper: Option<Helper>,
}

/// What machines know a product by; at least one part must be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Helper {
    /// CPE name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpe: Option<String>,
    /// Files of the product.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<FileHashes>,
    /// Model numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub model_numbers: Vec<String>,
    /// Package URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Where its bills of materials are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sbom_urls: Vec<String>,
    /// Serial numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub serial_numbers: Vec<String>,
    /// Stock keeping units.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skus: Vec<String>,
    /// Any other identifier.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub x_generic_uris: Vec<GenericUri>,
}

impl Helper {
    /// The helper, or none if nothing in it is given.
    pub fn if_any(self) -> Option<Self> {
        (self != Helper::default()).then_some(self)
    }
}

/// The hashes of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileHashes {
    /// One hash an algorithm.
    pub file_hashes: Vec<FileHash>,
    /// The file.
    pub filename: String,
}

/// A hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileHash {
    /// As `sha256`.
    pub algorithm: String,
    /// Hexadecimal.
    pub value: String,
}

/// An identifier of another scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GenericUri {
    /// The scheme.
    pub namespace: String,
    /// The identifier.
    pub uri: String,
}

/// Products under one id; at least two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductGroup {
    /// The group's id in this document.
    pub group_id: String,
    /// Its products.
    pub product_ids: Vec<ProductId>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// A product made of two others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relationship {
    /// How they relate.
    pub category: RelationshipCategory,
    /// The product that it makes.
    pub full_product_name: FullProductName,
    /// The component.
    pub product_reference: ProductId,
    /// What it is in or on.
    pub relates_to_product_reference: ProductId,
}

/// How a component relates to what it is in or on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationshipCategory {
    /// Comes with it.
    DefaultComponentOf,
    /// Comes from elsewhere.
    ExternalComponentOf,
    /// Is installed on it.
    InstalledOn,
    /// Is installed beside it.
    InstalledWith,
    /// Can be chosen.
    OptionalComponentOf,
}
