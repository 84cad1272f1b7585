-- What products are made of. Packages and their versions are kept once, however many products have
-- them. Their names are public knowledge and stand in clear, because the question "who has this?"
-- is answered from an index; which product has them is sealed in the row of its document, and here
-- only a number. A list of packages is checked against the document that it came from.
--;
CREATE TABLE packages (
    n {INT} PRIMARY KEY,
    key {TEXT} NOT NULL UNIQUE,
    name {TEXT} NOT NULL
) {STRICT}
--;
CREATE INDEX packages_by_name ON packages (name)
--;
CREATE TABLE package_versions (
    n {INT} PRIMARY KEY,
    package {INT} NOT NULL REFERENCES packages (n),
    version {TEXT} NOT NULL,
    scope {TEXT} NOT NULL
) {STRICT}
--;
CREATE UNIQUE INDEX package_versions_by_package ON package_versions (package, version, scope)
--;
CREATE TABLE package_aliases (
    alias {TEXT} NOT NULL,
    package_version {INT} NOT NULL,
    PRIMARY KEY (alias, package_version)
) {COMPACT}
--;
CREATE TABLE sboms (
    n {INT} PRIMARY KEY,
    id {ID} NOT NULL UNIQUE,
    product {ID} NOT NULL,
    taken_at {INT} NOT NULL,
    body {BYTES} NOT NULL,
    graph {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX sboms_by_product ON sboms (product)
--;
CREATE TABLE contains (
    package_version {INT} NOT NULL,
    sbom {INT} NOT NULL,
    PRIMARY KEY (package_version, sbom)
) {COMPACT}
--;
-- Who uses a product: customers, segments, vendors that build it in. All but the product is sealed.
CREATE TABLE product_users (
    id {ID} PRIMARY KEY,
    product {ID} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX product_users_by_product ON product_users (product)
