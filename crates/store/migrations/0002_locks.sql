-- The second lock (decision 20), what was erased on purpose (decision 13), and the orders that
-- lists need.
--;
CREATE TABLE erasures (kind {TEXT} NOT NULL, id {ID} NOT NULL, PRIMARY KEY (kind, id)) {COMPACT}
--;
CREATE INDEX vault_by_case ON vault (case_id)
--;
CREATE INDEX cases_by_due_of_all ON cases (next_due, id)
--;
CREATE INDEX cases_by_update_of_open ON cases (is_open, updated_at, id)
--;
-- only: postgres
ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE cases FORCE ROW LEVEL SECURITY;
ALTER TABLE case_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_members FORCE ROW LEVEL SECURITY;
ALTER TABLE clocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE clocks FORCE ROW LEVEL SECURITY;
ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
ALTER TABLE reports FORCE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachments FORCE ROW LEVEL SECURITY;
ALTER TABLE vault ENABLE ROW LEVEL SECURITY;
ALTER TABLE vault FORCE ROW LEVEL SECURITY
--;
-- Writers and named system viewers: everything. The setting is empty until a transaction states it.
-- only: postgres
CREATE POLICY all_cases ON cases USING ((SELECT current_setting('entente.scope', true)) = 'all');
CREATE POLICY all_members ON case_members USING ((SELECT current_setting('entente.scope', true)) = 'all');
CREATE POLICY all_clocks ON clocks USING ((SELECT current_setting('entente.scope', true)) = 'all');
CREATE POLICY all_reports ON reports USING ((SELECT current_setting('entente.scope', true)) = 'all');
CREATE POLICY all_messages ON messages USING ((SELECT current_setting('entente.scope', true)) = 'all');
CREATE POLICY all_attachments ON attachments USING ((SELECT current_setting('entente.scope', true)) = 'all');
CREATE POLICY all_vault ON vault USING ((SELECT current_setting('entente.scope', true)) = 'all')
--;
-- only: postgres
CREATE POLICY own_membership ON case_members FOR SELECT
USING (account = (SELECT NULLIF(current_setting('entente.account', true), '')::uuid))
--;
-- only: postgres
CREATE POLICY visible_cases ON cases FOR SELECT USING (
    ((SELECT current_setting('entente.scope', true)) = 'office' AND restricted = 0)
    OR ((SELECT current_setting('entente.scope', true)) IN ('office', 'member')
        AND EXISTS (SELECT 1 FROM case_members m WHERE m.case_id = cases.id
            AND m.account = (SELECT NULLIF(current_setting('entente.account', true), '')::uuid)))
)
--;
-- A row of a case is visible where its case is: the policy of `cases` applies inside.
-- only: postgres
CREATE POLICY visible_clocks ON clocks FOR SELECT USING (EXISTS (SELECT 1 FROM cases c WHERE c.id = clocks.case_id));
CREATE POLICY visible_reports ON reports FOR SELECT USING (EXISTS (SELECT 1 FROM cases c WHERE c.id = reports.case_id));
CREATE POLICY visible_messages ON messages FOR SELECT USING (EXISTS (SELECT 1 FROM cases c WHERE c.id = messages.case_id));
CREATE POLICY visible_attachments ON attachments FOR SELECT USING (EXISTS (SELECT 1 FROM cases c WHERE c.id = attachments.case_id));
CREATE POLICY visible_vault ON vault FOR SELECT USING (EXISTS (SELECT 1 FROM cases c WHERE c.id = vault.case_id))
--;
-- A reporter: the own report and its thread, nothing else.
-- only: postgres
CREATE POLICY own_report ON reports FOR SELECT
USING ((SELECT current_setting('entente.scope', true)) = 'reporter'
    AND id = (SELECT NULLIF(current_setting('entente.report', true), '')::uuid));
CREATE POLICY own_thread ON messages FOR SELECT
USING ((SELECT current_setting('entente.scope', true)) = 'reporter' AND audience = 'reporter'
    AND report = (SELECT NULLIF(current_setting('entente.report', true), '')::uuid))
