-- Consents that the person himself gives and takes back.
--
-- Seen failing: after_withdrawal with the second UPDATE of withdraw_consent()
-- left out (the inquiry that was open went on answering); after_withdrawal with
-- the number as it was typed in open_inquiry_on() (one in capitals went on);
-- former_holder on the tree before (both answered).
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT credit.create_register();
SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
CREATE ROLE regress_bank LOGIN;
CREATE ROLE regress_citizen LOGIN;
CREATE ROLE regress_other LOGIN;
SELECT credit.grant_duty('regress_bank', 'credit_window', NULL, NULL, NULL, 'd', '[2020-01-01,)') IS NOT NULL AS granted;
SELECT credit.grant_duty('regress_citizen', 'credit_citizen', NULL, NULL, NULL, 'd', '[2020-01-01,)', subject => 'P000000000000101') IS NOT NULL AS granted;
SELECT credit.grant_duty('regress_other', 'credit_citizen', NULL, NULL, NULL, 'd', '[2020-01-01,)', subject => 'P000000000000202') IS NOT NULL AS granted;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_citizen; SELECT credit.enter();
SELECT credit.authorize('regress_bank', 'consent', credit.today() + 1) AS once, credit.authorize('regress_bank', 'consent', credit.today() + 1, false) AS often \gset
SAVEPOINT s; SELECT credit.authorize('regress_bank', 'administration', credit.today());
ROLLBACK TO s; SELECT credit.authorize(' ', 'consent', credit.today());
ROLLBACK TO s; SELECT credit.authorize('regress_bank', 'consent', credit.today() - 1);
ROLLBACK TO s; SELECT credit.authorize('regress_bank', 'consent', 'infinity');
ROLLBACK TO s; SELECT credit.authorize('regress_bank', 'consent', NULL);
ROLLBACK TO s; COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter();
SAVEPOINT s; SELECT credit.authorize('regress_bank', 'consent', credit.today());
ROLLBACK TO s; SELECT credit.open_inquiry_on('P000000000000202', 'consent', :'once');	-- another's file
ROLLBACK TO s; SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'once') IS NOT NULL AS opened;
SAVEPOINT s; SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'once');	-- twice
ROLLBACK TO s; SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'often') AS inquiry, credit.open_inquiry_on('P000000000000101', 'consent', upper(:'often')) AS capitals \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'inquiry') UNION ALL SELECT count(*) FROM credit.report_rows(:'capitals'); COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_other; SELECT credit.enter();
SELECT count(*) FROM credit.my_consents();
SELECT credit.withdraw_consent(:'often');	-- not his
ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_citizen; SELECT credit.enter();
SELECT credit.withdraw_consent(:'often');
SELECT given_to, purpose, uses, withdrawn_at IS NOT NULL AS withdrawn FROM credit.my_consents() ORDER BY 4;
SAVEPOINT s; SELECT credit.withdraw_consent(:'often');
ROLLBACK TO s; COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT count(*) AS after_withdrawal FROM credit.report_rows(:'inquiry'); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT count(*) AS after_withdrawal FROM credit.report_rows(:'capitals'); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'often'); ROLLBACK;
-- former_holder: what a clerk opened, and a consent that he was given, are not for whoever has his login's name later.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_citizen; SELECT credit.enter();
SELECT credit.authorize('regress_bank', 'consent', credit.today() + 1, false) AS his \gset
COMMIT;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter();
SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'his') AS opened \gset
COMMIT;
SELECT credit.revoke_duty('regress_bank', 'credit_window', 'has left');
DROP OWNED BY regress_bank; DROP ROLE regress_bank; CREATE ROLE regress_bank LOGIN;
SELECT credit.grant_duty('regress_bank', 'credit_window', NULL, NULL, NULL, 'd', '[2020-01-01,)') IS NOT NULL AS granted;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT count(*) FROM credit.report_rows(:'opened'); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'his'); ROLLBACK;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_citizen; SELECT credit.enter();
SELECT credit.authorize('regress_bank', 'consent', credit.today() + 1, false) AS new_ones \gset
COMMIT;
-- A mandate that is given anew takes nothing from the same person.
SELECT credit.revoke_duty('regress_bank', 'credit_window', 'another unit'), credit.grant_duty('regress_bank', 'credit_window', NULL, NULL, NULL, 'd', '[2020-01-01,)') IS NOT NULL AS granted;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'new_ones') IS NOT NULL AS opened; ROLLBACK;
-- lapsed_mandate: one that is over keeps nothing open.  And whom an application calls by a login's name is not taken for him.
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'new_ones') AS opened \gset
COMMIT;
SELECT credit.grant_duty('regress_bank', 'credit_provider', NULL, NULL, NULL, 'd', '[2020-01-01,2021-01-01)') IS NOT NULL AS granted, credit.revoke_duty('regress_bank', 'credit_window', 'has left');
SELECT credit.grant_duty('regress_bank', 'credit_window', NULL, NULL, NULL, 'd', '[2020-01-01,)') IS NOT NULL AS granted;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_bank; SELECT credit.enter(); SELECT count(*) FROM credit.open_inquiries(); SELECT count(*) FROM credit.report_rows(:'opened'); ROLLBACK;
BEGIN; SELECT credit.grant_duty('regress_bank', 'credit_window', NULL, NULL, NULL, 'd', '[2020-01-01,)', via => 'regress_other') IS NOT NULL AS granted;
SELECT credit.enter_as('regress_bank', 'regress_other'); SET LOCAL ROLE credit_window;
SELECT credit.open_inquiry_on('P000000000000101', 'consent', :'new_ones') IS NOT NULL AS opened; ROLLBACK;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_bank, regress_citizen, regress_other;
DROP ROLE regress_bank, regress_citizen, regress_other;
