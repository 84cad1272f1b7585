-- The spine's tables. Clear columns are what lists, clocks and joins need, and none says what a
-- flaw is (decision 14); every `body` is sealed and authenticates the clear columns of its row.
--;
CREATE TABLE meta (name {TEXT} PRIMARY KEY, value {BYTES} NOT NULL) {COMPACT}
--;
CREATE TABLE streams (
    id {ID} PRIMARY KEY,
    kind {TEXT} NOT NULL,
    version {INT} NOT NULL,
    head {BYTES} NOT NULL,
    wrapped_key {BYTES},
    created_at {INT} NOT NULL
) {STRICT}
--;
CREATE TABLE journal (
    stream {ID} NOT NULL REFERENCES streams (id),
    seq {INT} NOT NULL,
    at {INT} NOT NULL,
    actor {TEXT} NOT NULL,
    kind {TEXT} NOT NULL,
    payload {BYTES} NOT NULL,
    prev {BYTES} NOT NULL,
    hash {BYTES} NOT NULL,
    PRIMARY KEY (stream, seq)
) {COMPACT}
--;
-- only: sqlite
CREATE TRIGGER journal_is_append_only_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
--;
-- only: sqlite
CREATE TRIGGER journal_is_append_only_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
--;
-- only: postgres
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
--;
-- only: postgres
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()
--;
CREATE TABLE unordered (stream {ID} NOT NULL, seq {INT} NOT NULL, PRIMARY KEY (stream, seq)) {COMPACT}
--;
CREATE TABLE leaves (
    n {INT} PRIMARY KEY,
    stream {ID} NOT NULL,
    seq {INT} NOT NULL,
    salt {BYTES} NOT NULL,
    hash {BYTES} NOT NULL
) {STRICT}
--;
CREATE UNIQUE INDEX leaves_by_entry ON leaves (stream, seq)
--;
CREATE TABLE nodes (level {INT} NOT NULL, n {INT} NOT NULL, hash {BYTES} NOT NULL, PRIMARY KEY (level, n)) {COMPACT}
--;
CREATE TABLE checkpoints (size {INT} PRIMARY KEY, at {INT} NOT NULL, root {BYTES} NOT NULL, note {TEXT} NOT NULL) {STRICT}
--;
CREATE TABLE snapshots (stream {ID} PRIMARY KEY, version {INT} NOT NULL, body {BYTES} NOT NULL) {STRICT}
--;
CREATE TABLE counters (name {TEXT} PRIMARY KEY, value {INT} NOT NULL) {COMPACT}
--;
CREATE TABLE cases (
    id {ID} PRIMARY KEY REFERENCES streams (id),
    number {INT} NOT NULL UNIQUE,
    version {INT} NOT NULL,
    stage {TEXT} NOT NULL,
    is_open {INT} NOT NULL,
    priority {TEXT} NOT NULL,
    source {TEXT} NOT NULL,
    owner {ID},
    restricted {INT} NOT NULL,
    next_step {TEXT} NOT NULL,
    next_due {INT} NOT NULL,
    opened_at {INT} NOT NULL,
    updated_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX cases_by_update ON cases (updated_at, id)
--;
CREATE INDEX cases_by_due ON cases (is_open, next_due, id)
--;
CREATE INDEX cases_by_owner ON cases (owner, is_open, next_due, id)
--;
CREATE TABLE case_members (account {ID} NOT NULL, case_id {ID} NOT NULL REFERENCES cases (id), PRIMARY KEY (account, case_id)) {COMPACT}
--;
CREATE INDEX case_members_by_case ON case_members (case_id)
--;
CREATE TABLE clocks (
    case_id {ID} NOT NULL REFERENCES cases (id),
    n {INT} NOT NULL,
    due_at {INT} NOT NULL,
    ours {INT} NOT NULL,
    paused {INT} NOT NULL,
    kind {TEXT} NOT NULL,
    alarmed_at {INT},
    PRIMARY KEY (case_id, n)
) {COMPACT}
--;
CREATE INDEX clocks_by_due ON clocks (due_at, case_id, n)
--;
CREATE TABLE reports (
    id {ID} PRIMARY KEY,
    number {INT} NOT NULL UNIQUE,
    case_id {ID} NOT NULL REFERENCES cases (id),
    reference {TEXT} NOT NULL UNIQUE,
    receipt {BYTES} UNIQUE,
    received_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX reports_by_case ON reports (case_id)
--;
CREATE TABLE messages (
    id {ID} PRIMARY KEY,
    case_id {ID} NOT NULL REFERENCES cases (id),
    report {ID},
    audience {TEXT} NOT NULL,
    at {INT} NOT NULL,
    wrapped_key {BYTES},
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX messages_by_case ON messages (case_id, at, id)
--;
CREATE INDEX messages_by_report ON messages (report, at, id) WHERE report IS NOT NULL
--;
CREATE TABLE vault (report {ID} PRIMARY KEY, case_id {ID} NOT NULL, wrapped_key {BYTES}, body {BYTES} NOT NULL) {STRICT}
--;
CREATE TABLE attachments (
    id {ID} PRIMARY KEY,
    case_id {ID} NOT NULL REFERENCES cases (id),
    at {INT} NOT NULL,
    wrapped_key {BYTES},
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX attachments_by_case ON attachments (case_id)
--;
-- The words of each case, keyed: those that the log of words has not taken up yet stand first, so
-- that a search reads them without the others.
CREATE TABLE case_words (
    case_number {INT} PRIMARY KEY,
    waiting {INT} NOT NULL,
    fresh {BYTES} NOT NULL,
    merged {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX case_words_waiting ON case_words (case_number) WHERE waiting = 1
--;
CREATE TABLE postings (token {BYTES} NOT NULL, first_case {INT} NOT NULL, cases {BYTES} NOT NULL, PRIMARY KEY (token, first_case)) {COMPACT}
--;
CREATE TABLE accounts (
    id {ID} PRIMARY KEY,
    login {BYTES} NOT NULL UNIQUE,
    disabled {INT} NOT NULL,
    roles {TEXT} NOT NULL,
    created_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE TABLE sessions (
    token {BYTES} PRIMARY KEY,
    id {ID} NOT NULL UNIQUE,
    account {ID},
    report {ID},
    created_at {INT} NOT NULL,
    seen_at {INT} NOT NULL,
    expires_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX sessions_by_account ON sessions (account)
--;
CREATE TABLE api_tokens (
    token {BYTES} PRIMARY KEY,
    id {ID} NOT NULL UNIQUE,
    account {ID} NOT NULL,
    scopes {TEXT} NOT NULL,
    created_at {INT} NOT NULL,
    expires_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX api_tokens_by_account ON api_tokens (account)
--;
CREATE TABLE links (
    token {BYTES} PRIMARY KEY,
    kind {TEXT} NOT NULL,
    account {ID} NOT NULL,
    expires_at {INT} NOT NULL,
    used_at {INT},
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE TABLE registers (
    kind {TEXT} NOT NULL,
    id {ID} NOT NULL,
    version {INT} NOT NULL,
    updated_at {INT} NOT NULL,
    body {BYTES} NOT NULL,
    PRIMARY KEY (kind, id)
) {STRICT}
--;
CREATE TABLE advisories (
    public_id {TEXT} NOT NULL,
    revision {INT} NOT NULL,
    is_current {INT} NOT NULL,
    case_id {ID} NOT NULL,
    file_name {TEXT} NOT NULL,
    imported {INT} NOT NULL,
    first_released_at {INT} NOT NULL,
    released_at {INT} NOT NULL,
    listing {BYTES} NOT NULL,
    document {BYTES} NOT NULL,
    signature {BYTES} NOT NULL,
    mac {BYTES} NOT NULL,
    PRIMARY KEY (public_id, revision)
) {STRICT}
--;
CREATE INDEX advisories_by_release ON advisories (is_current, released_at, public_id)
--;
CREATE INDEX advisories_by_file ON advisories (file_name)
--;
CREATE TABLE subscriptions (
    id {ID} PRIMARY KEY,
    address {BYTES} NOT NULL UNIQUE,
    confirmed_at {INT},
    token {BYTES} NOT NULL UNIQUE,
    created_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE TABLE jobs (
    id {ID} PRIMARY KEY,
    kind {TEXT} NOT NULL,
    dedupe {TEXT} UNIQUE,
    state {TEXT} NOT NULL,
    run_at {INT} NOT NULL,
    lease_until {INT} NOT NULL,
    attempts {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX jobs_by_due ON jobs (state, run_at, id)
--;
CREATE TABLE idempotency (key {BYTES} PRIMARY KEY, request {BYTES} NOT NULL, at {INT} NOT NULL, body {BYTES} NOT NULL) {COMPACT}
--;
CREATE INDEX idempotency_by_time ON idempotency (at)
--;
CREATE TABLE limits (key {BYTES} PRIMARY KEY, tokens {INT} NOT NULL, at {INT} NOT NULL) {COMPACT}
--;
CREATE INDEX limits_by_time ON limits (at)
