-- Coordination with others: the thread of a participant beside the thread of a report, and the links
-- by which somebody of a party comes in.
--;
ALTER TABLE messages RENAME COLUMN report TO thread
--;
CREATE TABLE guest_links (
    token {BYTES} PRIMARY KEY,
    id {ID} NOT NULL UNIQUE,
    case_id {ID} NOT NULL REFERENCES cases (id),
    participant {ID} NOT NULL,
    created_at {INT} NOT NULL,
    expires_at {INT} NOT NULL,
    revoked_at {INT} NOT NULL,
    body {BYTES} NOT NULL
) {STRICT}
--;
CREATE INDEX guest_links_by_case ON guest_links (case_id, participant)
--;
-- only: postgres
ALTER TABLE guest_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE guest_links FORCE ROW LEVEL SECURITY;
CREATE POLICY all_guest_links ON guest_links USING ((SELECT current_setting('entente.scope', true)) = 'all');
CREATE POLICY visible_guest_links ON guest_links FOR SELECT USING (EXISTS (SELECT 1 FROM cases c WHERE c.id = guest_links.case_id))
--;
-- A participant: what went to all of them and its own thread. Whether the gate is open is asked
-- before; this is the lock behind it.
-- only: postgres
CREATE POLICY own_room ON messages FOR SELECT
USING ((SELECT current_setting('entente.scope', true)) = 'guest'
    AND case_id = (SELECT NULLIF(current_setting('entente.room', true), '')::uuid)
    AND (audience = 'participants'
        OR (audience = 'participant'
            AND thread = (SELECT NULLIF(current_setting('entente.thread', true), '')::uuid))))
