-- What the world says of vulnerabilities, and where it touches our products. What was published is
-- no secret, and is sealed all the same so that nobody changes it unseen; which package an advisory
-- is about stands in clear, because both are public. What it means for our products is sealed.
--;
CREATE TABLE world_advisories (
    n {INT} PRIMARY KEY,
    id {TEXT} NOT NULL,
    seen_at {INT} NOT NULL,
    is_current {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE UNIQUE INDEX world_advisories_current ON world_advisories (id) WHERE is_current = 1
--;
CREATE INDEX world_advisories_by_id ON world_advisories (id, seen_at)
--;
CREATE TABLE world_packages (
    package {TEXT} NOT NULL,
    advisory {INT} NOT NULL,
    PRIMARY KEY (package, advisory)
) {COMPACT}
--;
CREATE INDEX world_packages_by_advisory ON world_packages (advisory, package)
--;
CREATE TABLE findings (
    id {ID} PRIMARY KEY,
    product {ID} NOT NULL,
    state {TEXT} NOT NULL,
    found_at {INT} NOT NULL,
    changed_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX findings_by_product ON findings (product)
--;
CREATE TABLE finding_names (
    name {BYTES} NOT NULL,
    product {ID} NOT NULL,
    finding {ID} NOT NULL,
    PRIMARY KEY (name, product)
) {COMPACT}
--;
CREATE INDEX finding_names_by_finding ON finding_names (finding)
--;
-- Lists of what is exploited or likely to be, as they were on a day.
CREATE TABLE signal_lists (
    kind {TEXT} NOT NULL,
    day {TEXT} NOT NULL,
    seen_at {INT} NOT NULL,
    body {BYTES} NOT NULL,
    PRIMARY KEY (kind, day)
) {STRICT}
--;
CREATE TABLE watch_sources (
    id {ID} PRIMARY KEY,
    next_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
