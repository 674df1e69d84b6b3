-- What leaves the register: subscriptions, the outbox, the public, numbers.
--
-- Seen failing without the defence: pushed_twice without "d.kind IS NULL OR ..."
-- in push_fresh(); repaired_before_it_was_fetched without the UPDATE of
-- fetch_deliveries(); corrected_when_it_is_over with fan_out() that does not ask what is shown;
-- content_of_what_was_overtaken without the trigger of delivery;
-- changed_filter with is_outbox() that does not look at the filter;
-- another's_receiver without the provider in check_exchange(); a_person_on_the_portal with displayed_on() in place of
-- public_display() in public_record; total_minus_the_others with withhold_level()
-- that withholds small rows alone; mandate_for_no_division without
-- the coalesce in exchange_divisions(); the_erased_on_the_portal without the look into the vault.  Whether anything that is withheld can be
-- computed is tried in test/t/170_exchange.pl, with a second server as receiver.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT set_config('credit.key_file', format('/tmp/credit_regress_%s.key', gen_random_uuid()), false) IS NOT NULL AS set;
SELECT credit.create_key_file();
SELECT credit.create_register();
SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
CREATE ROLE regress_publisher LOGIN;
CREATE ROLE regress_gateway LOGIN;
CREATE ROLE regress_analyst LOGIN;
CREATE ROLE regress_window LOGIN;
INSERT INTO credit_register.provider VALUES ('a', 'Office A', '370323'), ('bank', 'A bank', '370323');
INSERT INTO credit_register.receiver (receiver, name, kind) VALUES ('city', '信用淄博', 'platform'), ('bank', 'A bank', 'bank');
SELECT credit.identity_store('370323198503129019', '赵青山') AS person, credit.identity_store('91350203M0001QKT19?', '一家公司') AS firm \gset
INSERT INTO credit_register.subject (subject, kind, division) VALUES (:'person', 'citizen', '370323001'), (:'firm', 'organisation', '370323');
SELECT credit.grant_duty('regress_publisher', 'credit_publisher', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_gateway', 'credit_publisher', 'bank', NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_analyst', 'credit_analyst', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AND
       credit.grant_duty('regress_window', 'credit_window', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AS granted;
INSERT INTO credit_register.record (subject, record, item, severity, document_date, happened_on, conduct_end, provider, division, stance, document_no, fields, amount,
                                    final_on, basis, basis_in_force, fingerprint)
  SELECT s, n::uuid, item, severity::credit.severity, credit.today() - days, credit.today() - days, credit.today() - days, 'a', '370323', stance::credit.stance, no, fields, 100,
         credit.today() - days, 'county opinion (9)', '[2018-05-21,)', sha256(no::bytea)
    FROM (VALUES
  (:'person'::credit.pseudonym, '00000000-0000-0000-0000-000000000001', 'administrative_penalty', 'general', 30, 'bad', 'p1',
   '{"violation": "v", "name": "赵青山", "subject_code": "370323198503129019"}'::jsonb),
  (:'person', '00000000-0000-0000-0000-000000000002', 'utility_arrears', NULL, 5, 'bad', 'u1', '{}'),
  (:'person', '00000000-0000-0000-0000-000000000003', 'administrative_penalty', 'minor', 2500, 'bad', 'ended', '{}'),
  (:'person', '00000000-0000-0000-0000-000000000004', 'court_defaulter', NULL, 5, 'bad', 'd1', '{}'),
  (:'firm', '00000000-0000-0000-0000-000000000005', 'administrative_penalty', 'general', 30, 'bad', 'f1', '{}'),
  (:'firm', '00000000-0000-0000-0000-000000000006', 'commendation', NULL, 30, 'good', 'c1', '{}')) AS v (s, n, item, severity, days, stance, no, fields);

-- Subscriptions: on a basis, between two days, for a purpose that may.
SET SESSION AUTHORIZATION regress_publisher;
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', 'GB/T 39443', daterange(credit.today(), credit.today() + 365));
BEGIN; SELECT FROM credit.enter();
SAVEPOINT s;
SELECT credit.subscribe('nobody', 'administrative_penalty', 'administration', 'b', daterange(credit.today(), credit.today() + 365)); ROLLBACK TO s;
SELECT credit.subscribe('city', 'administrative_penalty', 'consent', 'b', daterange(credit.today(), credit.today() + 365)); ROLLBACK TO s;
SELECT credit.subscribe('city', 'astrology', 'administration', 'b', daterange(credit.today(), credit.today() + 365)); ROLLBACK TO s;
SELECT credit.subscribe('city', 'administrative_penalty', 'none', 'b', daterange(credit.today(), credit.today() + 365)); ROLLBACK TO s;
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', ' ', daterange(credit.today(), credit.today() + 365)); ROLLBACK TO s;
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', 'b', daterange(credit.today(), NULL)); ROLLBACK TO s;
-- infinite_days, and what no index takes
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', 'b', '[-infinity,infinity]'); ROLLBACK TO s;
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', 'b', daterange(credit.today(), 'infinity')); ROLLBACK TO s;
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', repeat('b', 300000), daterange(credit.today(), credit.today() + 1)); ROLLBACK TO s;
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', 'GB/T 39443', daterange(credit.today(), credit.today() + 365));
SELECT * FROM credit.push('city');
SELECT * FROM credit.push('city');	-- pushed_twice: nothing more
COMMIT;
RESET SESSION AUTHORIZATION;
UPDATE credit_register.purpose SET categories = '{utility_arrears}', needs_review = false, delay = '0' WHERE purpose = 'judicial';
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT credit.subscribe('city', 'commendation', 'judicial', 'b', daterange(credit.today(), credit.today() + 365));
ROLLBACK;

-- another's_receiver: a mandate for the bank reaches the bank alone, and what is not there is refused in the same words.
SET SESSION AUTHORIZATION regress_gateway;
BEGIN; SELECT FROM credit.enter();
SAVEPOINT s;
SELECT * FROM credit.push('city'); ROLLBACK TO s;
SELECT * FROM credit.fetch_deliveries('city'); ROLLBACK TO s;
SELECT * FROM credit.fetch_deliveries('nobody'); ROLLBACK TO s;
SELECT * FROM credit.fetch_deliveries(NULL); ROLLBACK TO s;
SELECT credit.acknowledge('00000000-0000-0000-0000-000000000001', 'r'); ROLLBACK TO s;
SELECT * FROM credit.fetch_deliveries('bank');
SELECT * FROM credit.push('bank');
SELECT count(*) FROM credit_register.delivery; ROLLBACK;

-- Fetched again until it is acknowledged; the number, never the pseudonym; expiry travels; no score.
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT kind, number, record, record_version, purpose, basis, content - '{document_date,happened_on,conduct_end,final_on}'::text[] AS content, shown_until > credit.today() AS ends
  FROM credit.fetch_deliveries('city') ORDER BY record;
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT bool_and(d.shown_until = upper(credit.display_period(credit.shipped_rulebook('cn-370323'), r.item, r.severity, r.document_date, r.conduct_end,
                r.displayed_from)) - 1) AS same_end,
       bool_or(d.content::text ~ '青山|198503129019') AS identified
  FROM credit_register.delivery d JOIN credit_register.record r USING (subject, record);
\set VERBOSITY terse
INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, basis, content)
  VALUES (:'person', 'city', '00000000-0000-0000-0000-000000000001', 1, 'data', 'law 1', '{"score": 1}');
\set VERBOSITY default
SELECT delivery AS first FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000001' \gset
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT credit.acknowledge(:'first', 'receipt 1') AS now, credit.acknowledge(:'first', 'receipt 2') AS before;
SELECT count(*) AS left_over FROM credit.fetch_deliveries('city');
SAVEPOINT s;
SELECT credit.acknowledge(:'first', ' '); ROLLBACK TO s;
SELECT credit.acknowledge(:'first', 'overtaken'); ROLLBACK TO s;
SELECT count(*) FROM credit.fetch_deliveries('city', 0); ROLLBACK TO s;
COMMIT;

-- A change follows what was delivered; since limits what is looked at.
RESET SESSION AUTHORIZATION;
UPDATE credit_register.record SET amount = 50, version = version + 1, changed_at = clock_timestamp() WHERE document_no = 'p1';
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT * FROM credit.push('city', clock_timestamp() + interval '1 minute');
SELECT * FROM credit.push('city', clock_timestamp() - interval '1 hour');
SELECT kind, record, record_version, content -> 'amount' AS amount, reason FROM credit.fetch_deliveries('city') WHERE kind <> 'data';
COMMIT;

-- content_of_what_was_overtaken: nowhere in the outbox, though it was acknowledged; a late receipt is still taken.
RESET SESSION AUTHORIZATION;
SELECT kind, record_version, content ->> 'amount' AS amount, content = '{}' AS blank, receipt FROM credit_register.delivery
 WHERE record = '00000000-0000-0000-0000-000000000001' ORDER BY queued_at;
BEGIN;
SELECT delivery AS second FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000001' AND kind = 'correction' \gset
SELECT credit.fan_out(:'person', '00000000-0000-0000-0000-000000000001', 'dispute', 'case 0');
SELECT kind, content = '{}' AS blank, receipt FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000001' ORDER BY queued_at;
SET SESSION AUTHORIZATION regress_publisher;
SELECT FROM credit.enter();
SELECT kind FROM credit.fetch_deliveries('city') WHERE record = '00000000-0000-0000-0000-000000000001';
SELECT credit.acknowledge(:'second', 'late') AS now, credit.acknowledge(:'second', 'later') AS again;
ROLLBACK;
-- Over: no word follows, but the next push leaves nothing to copy.
BEGIN;
UPDATE credit_register.delivery SET shown_until = credit.today() - 1 WHERE record = '00000000-0000-0000-0000-000000000005';
UPDATE credit_register.record SET answer_due = credit.today() - 1 WHERE record = '00000000-0000-0000-0000-000000000005';
SET SESSION AUTHORIZATION regress_publisher;
SELECT FROM credit.enter();
SELECT * FROM credit.push('city');
RESET SESSION AUTHORIZATION;
SELECT kind, content = '{}' AS blank FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000005';
SELECT path FROM credit.everywhere_exchange(:'firm', '00000000-0000-0000-0000-000000000005');
ROLLBACK;
-- corrected_when_it_is_over: who still has it is told to stop, once, and gets no content; who knew the last day is told nothing.
BEGIN;
UPDATE credit_register.record SET document_date = document_date - 3000, happened_on = happened_on - 3000, conduct_end = conduct_end - 3000, final_on = final_on - 3000
 WHERE record = '00000000-0000-0000-0000-000000000005';
SAVEPOINT s;
SELECT credit.tell_again(:'firm', '00000000-0000-0000-0000-000000000005', 'statement');
SELECT credit.correct_record(:'firm', '00000000-0000-0000-0000-000000000005', '{"amount": 1}', 'case') AS told;
SELECT kind, content = '{}' AS blank, shown_until, reason FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000005' ORDER BY queued_at OFFSET 1;
ROLLBACK TO s;
SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000005', 'disputed', 'objection');
SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000005', 'active', 'withdrawn');
SELECT kind, content = '{}' AS blank, shown_until, reason FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000005' ORDER BY queued_at OFFSET 1;
ROLLBACK TO s;
UPDATE credit_register.delivery SET shown_until = credit.today() - 1 WHERE record = '00000000-0000-0000-0000-000000000005';
SELECT credit.tell_again(:'firm', '00000000-0000-0000-0000-000000000005', 'statement');
SELECT count(*) FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000005';
ROLLBACK;

-- Repair: one word to stop for each receiver, and the record is nowhere on these paths.
SELECT e.* FROM credit_register.record r, credit.everywhere_exchange(r.subject, r.record) e WHERE r.record = '00000000-0000-0000-0000-000000000001'
UNION ALL SELECT e.* FROM credit_register.record r, credit.everywhere_report(r.subject, r.record) e WHERE r.record = '00000000-0000-0000-0000-000000000001';
SELECT credit.change_record(:'person', '00000000-0000-0000-0000-000000000001', 'repaired', 'case 1');
SELECT kind, content FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000001' ORDER BY queued_at;
SELECT e.* FROM credit_register.record r, credit.everywhere_exchange(r.subject, r.record) e WHERE r.record = '00000000-0000-0000-0000-000000000001'
UNION ALL SELECT e.* FROM credit_register.record r, credit.everywhere_report(r.subject, r.record) e WHERE r.record = '00000000-0000-0000-0000-000000000001';
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT * FROM credit.push('city');
SELECT kind, record, record_version, content FROM credit.fetch_deliveries('city') WHERE record = '00000000-0000-0000-0000-000000000001';
COMMIT;

-- repaired_before_it_was_fetched: queued, but never sent; sent but not acknowledged: not sent again.
BEGIN; SELECT FROM credit.enter();
SELECT credit.subscribe('city', 'commendation', 'administration', 'GB/T 39443', daterange(credit.today(), credit.today() + 365));
SELECT * FROM credit.push('city');
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000006', 'withdrawn', 'case 2');
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT kind, content FROM credit.fetch_deliveries('city') WHERE record = '00000000-0000-0000-0000-000000000006';
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT kind, sent_at IS NULL AS never_sent, receipt FROM credit_register.delivery WHERE record = '00000000-0000-0000-0000-000000000006' ORDER BY queued_at;
SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000006', 'active', 'case 3');

-- A subscription that is over: what it brought must no longer be used; begun anew, it is sent anew.
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT credit.unsubscribe('city', 'administrative_penalty', 'administration');
SELECT * FROM credit.push('city');
SELECT * FROM credit.push('city');
SELECT kind, record, reason FROM credit.fetch_deliveries('city') WHERE reason ~ 'subscription';
COMMIT;
-- changed_after_the_subscription: no content for whom it no longer goes to.
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT credit.fan_out(:'firm', '00000000-0000-0000-0000-000000000005', 'correction', 'case 5', '{"amount": 1}');
SET SESSION AUTHORIZATION regress_publisher;
SELECT FROM credit.enter();
SELECT kind, content FROM credit.fetch_deliveries('city') WHERE reason = 'case 5';
ROLLBACK;
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT credit.subscribe('city', 'administrative_penalty', 'administration', 'GB/T 39443', daterange(credit.today(), credit.today() + 365));
SELECT * FROM credit.push('city');
SAVEPOINT s;
SELECT credit.unsubscribe('city', 'utility_arrears', 'administration'); ROLLBACK TO s;
COMMIT;
RESET SESSION AUTHORIZATION;
\set VERBOSITY terse
INSERT INTO credit_register.subscription VALUES ('city', 'commendation', 'judicial', 'b', '[2020-01-01,)', 'x');
INSERT INTO credit_register.subscription VALUES ('city', 'commendation', 'judicial', ' ', '[2020-01-01,2021-01-01)', 'x');
\set VERBOSITY default

-- The public: a_person_on_the_portal only where the item says so; nobody after his term; names masked.
SET SESSION AUTHORIZATION regress_publisher;
BEGIN; SELECT FROM credit.enter();
SELECT record, name, number, item, zh FROM credit.public_records() ORDER BY record;
SAVEPOINT s;
SELECT credit.publish('00000000-0000-0000-0000-000000000002', 'black', 'campaign', credit.today() + 10); ROLLBACK TO s;
SELECT credit.publish('00000000-0000-0000-0000-000000000003', 'black', 'campaign', credit.today() + 10); ROLLBACK TO s;
SELECT credit.publish('00000000-0000-0000-0000-000000000005', 'red', 'campaign', credit.today() + 10); ROLLBACK TO s;
SELECT credit.publish('00000000-0000-0000-0000-000000000005', 'black', 'campaign', NULL); ROLLBACK TO s;
SELECT credit.publish('00000000-0000-0000-0000-000000000005', 'black', ' ', credit.today() + 10); ROLLBACK TO s;
SELECT credit.publish('00000000-0000-0000-0000-000000000005', 'black', 'consumer day', credit.today() + 10);
SELECT record, name FROM credit.public_records('black');
SELECT credit.take_down('00000000-0000-0000-0000-000000000005', 'black', 'mistake');
SELECT count(*) FROM credit.public_records('black');
SELECT credit.publish('00000000-0000-0000-0000-000000000005', 'black', 'consumer day', credit.today() + 10);
COMMIT;
-- mandate_for_no_division: no division is none, where a mandate was written by hand.
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT credit.sign_context('regress_publisher', '', 60, '{credit_publisher}', '{NULL}', '{""}', '{t}', '{NULL}');
SELECT credit.exchange_divisions('city') AS divisions;
ROLLBACK;
-- the_erased_on_the_portal: whose name was erased is not there, nor put there.
RESET SESSION AUTHORIZATION;
BEGIN;
SELECT credit.forget(:'firm', 'test') AS erased;
SET SESSION AUTHORIZATION regress_publisher;
SELECT FROM credit.enter();
SELECT count(*) AS shown FROM credit.public_records() p WHERE p.name IS NULL OR p.record IN ('00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000006');
SELECT credit.publish('00000000-0000-0000-0000-000000000006', 'red', 'campaign', credit.today() + 10);
ROLLBACK;
-- It ends by itself, on its day or with the record.
RESET SESSION AUTHORIZATION;
SELECT e.* FROM credit_register.record r, credit.everywhere_exchange(r.subject, r.record) e WHERE r.record = '00000000-0000-0000-0000-000000000005' ORDER BY 1, 2;
BEGIN; UPDATE credit_register.publication SET published_on = '2020-01-01', ends_on = '2020-02-01'; SELECT count(*) AS after_its_day FROM credit_register.board; ROLLBACK;
BEGIN; SELECT credit.change_record(:'firm', '00000000-0000-0000-0000-000000000005', 'disputed', 'case 4'); SELECT count(*) AS while_disputed FROM credit_register.board;
SELECT e.* FROM credit_register.record r, credit.everywhere_exchange(r.subject, r.record) e WHERE r.record = '00000000-0000-0000-0000-000000000005'; ROLLBACK;
\set VERBOSITY terse
UPDATE credit_register.publication SET ends_on = published_on;
\set VERBOSITY default

-- Public status: lists, and nothing else.
INSERT INTO credit_register.notice (subject, notice, record, kind, reason, served_at) VALUES
  (:'firm', '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000005', 'list', 'r', now() - interval '40 days'),
  (:'person', '00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-000000000002', 'list', 'r', now() - interval '40 days');
DO $$
BEGIN
  -- Rooms that guard lists may ask for more than this; what is tried here is the reading.
  SET LOCAL session_replication_role = replica;
  INSERT INTO credit_register.list_entry (subject, entry, record, item, severity, list, basis, notice, served_at, heard_until, decided_by, evidence, entered_on, ends_on)
    SELECT r.subject, gen_random_uuid(), r.record, r.item, r.severity, l.list, 'basis', n.notice, n.served_at, credit.today() - 30, 'judge', 'file', credit.today() - 20, credit.today() + l.days
      FROM (VALUES ('00000000-0000-0000-0000-000000000005'::uuid, 'serious', 100), ('00000000-0000-0000-0000-000000000005', 'over', -1),
                   ('00000000-0000-0000-0000-000000000002', 'of a person', 100)) l (record, list, days)
      JOIN credit_register.record r ON r.record = l.record JOIN credit_register.notice n ON n.record = r.record AND n.kind = 'list';
END
$$;
SET SESSION AUTHORIZATION regress_window;
SELECT * FROM credit.public_status('91350203M0001QKT19?');
BEGIN; SELECT FROM credit.enter();
SELECT list, basis, listed_on = credit.today() - 20 AS listed_on, until = credit.today() + 100 AS until FROM credit.public_status('91350203M0001QKT19?');
SELECT count(*) AS of_a_person FROM credit.public_status('370323198503129019');
SELECT count(*) AS of_nobody FROM credit.public_status('370323199503129013');
ROLLBACK;

RESET SESSION AUTHORIZATION;
-- Numbers.  One small town: alone withheld, total_minus_the_others would give it.
SELECT w.key AS area, w.value FROM jsonb_each(credit.withhold('[
  {"area": "370323001", "good": 20, "neutral": 20, "bad": 3}, {"area": "370323002", "good": 30, "neutral": 30, "bad": 30},
  {"area": "370323003", "good": 40, "neutral": 40, "bad": 40}]', 9, 10)) w;
-- A small total, a lone town, and towns without anybody.
SELECT w.key AS area, w.value FROM jsonb_each(credit.withhold('[
  {"area": "370323001", "good": 1, "neutral": 0, "bad": 0}, {"area": "370323002", "good": 30, "neutral": 30, "bad": 30},
  {"area": "370323003", "good": 0, "neutral": 0, "bad": 0}, {"area": "370322001", "good": 7, "neutral": 20, "bad": 20}]', 9, 10)) w;
SELECT credit.withhold('[]', 9, 10);
-- differencing_by_cell_size: what the least size withholds stays withheld.
SELECT w.key AS area, w.value FROM jsonb_each(credit.withhold('[
  {"area": "370323001", "good": 20, "neutral": 20, "bad": 20}, {"area": "370323002", "good": 30, "neutral": 30, "bad": 30}]', 9, 10,
  '{"370323001": {"hidden": true, "total": false}}')) w;
INSERT INTO credit_register.subject (subject, kind, division)
  SELECT credit.pseudonym(c), 'citizen', '37032300' || (1 + n % 3) FROM (SELECT n, ('37032319900101' || lpad(n::text, 3, '0'))::text AS base FROM generate_series(1, 100) n) g,
         LATERAL (SELECT (g.base || substr('10X98765432',
                    (SELECT sum((substr(g.base, i, 1))::int * (2 ^ (18 - i))::int % 11)::int % 11 FROM generate_series(1, 17) i) + 1, 1))::credit.code AS c) x;
INSERT INTO credit_register.record (subject, item, document_date, happened_on, provider, division, stance, document_no, final_on, basis, basis_in_force, fingerprint)
  SELECT s.subject, CASE WHEN n % 10 = 0 THEN 'utility_arrears' ELSE 'commendation' END, credit.today() - 40, credit.today() - 40, 'a', '370323',
         (CASE WHEN n % 10 = 0 THEN 'bad' ELSE 'good' END)::credit.stance,
         'x' || n, credit.today() - 40, 'b', '[2018-05-21,)', sha256(('x' || n)::bytea)
    FROM (SELECT s.subject, row_number() OVER (ORDER BY credit.reveal(s.subject)::text) AS n FROM credit_register.subject s WHERE s.subject <> ALL (ARRAY[:'person', :'firm']::credit.pseudonym[])) s;
SET SESSION AUTHORIZATION regress_analyst;
SELECT * FROM credit.area_stats('town', credit.today() - 40);
BEGIN; SELECT FROM credit.enter();
SELECT count(*) AS towns, count(total) AS totals, bool_or(bad < 10) AS small_shown, bool_and(bad IS NULL OR bad >= 10) AS safe FROM credit.area_stats('town', credit.today() - 40);
SELECT area, name, total FROM credit.area_stats('county', credit.today() - 40);
SELECT count(*) FROM credit.area_stats('town', '2001-01-01');
SAVEPOINT s;
SELECT * FROM credit.area_stats('town', credit.today(), 4); ROLLBACK TO s;
SELECT * FROM credit.area_stats('street', credit.today()); ROLLBACK TO s;
SELECT * FROM credit.area_stats('town', NULL); ROLLBACK TO s;
SELECT * FROM credit.monthly_assessment(NULL); ROLLBACK TO s;
SELECT * FROM credit.monthly_assessment('infinity'); ROLLBACK TO s;
SELECT * FROM credit.area_stats('town', '5874897-12-31'); ROLLBACK TO s;
SELECT * FROM credit.usage_report(NULL); ROLLBACK TO s;
SELECT * FROM credit.usage_report('4713-01-01 BC'); ROLLBACK TO s;
SELECT credit.push('city'); ROLLBACK TO s;
SELECT provider, filed, corrected, stopped, upheld, tasks_due FROM credit.monthly_assessment(credit.today());
SELECT provider, filed, median_days FROM credit.monthly_assessment((credit.today() - interval '1 year')::date);
SELECT * FROM credit.usage_report(credit.today());
ROLLBACK;
SELECT credit.month_range('2026-02-28') = tstzrange('2026-02-01 00:00+08', '2026-03-01 00:00+08') AS a_month;

-- Duties are queries of live queues.
SET SESSION AUTHORIZATION regress_publisher;
SELECT * FROM credit.duty_list();
BEGIN; SELECT FROM credit.enter(); SELECT duty, owner, what, count, due = credit.today() + 1 AS due, overdue FROM credit.duty_list() WHERE duty <> 'credit_admin' ORDER BY what; ROLLBACK;

-- The outbox as a publication is made by a superuser.
SELECT credit.create_outbox_publication('city');
RESET SESSION AUTHORIZATION;
SELECT credit.create_outbox_publication('nobody');
SET client_min_messages = error;
SELECT credit.create_outbox_publication('city') = credit.create_outbox_publication('city') AS same;
SELECT p.pubinsert, p.pubupdate, p.pubdelete, t.rowfilter, t.attnames FROM pg_publication p JOIN pg_publication_tables t USING (pubname) WHERE p.pubname ~ '^credit_outbox';
SELECT credit.outbox_table();
-- guard_report() knows what the function makes, and nothing but that: changed_filter, another column, another command, by its name, beside it.
SELECT p.pubname AS outbox FROM pg_publication p WHERE p.pubname ~ '^credit_outbox' \gset
CREATE FUNCTION pg_temp.found(change text) RETURNS TABLE (object text, mend text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE change;
  RETURN QUERY SELECT g.object, g.mend FROM credit.guard_report() g WHERE g.finding = 'published' AND g.object ~ 'delivery|receiver' ORDER BY 1;
END $$;
SELECT count(*) AS as_it_is_made FROM pg_temp.found('SELECT');
BEGIN; SELECT * FROM pg_temp.found('ALTER PUBLICATION ' || :'outbox' || ' SET TABLE credit_register.delivery (subject, delivery, receiver, record, record_version, kind, purpose, basis, content, shown_until, reason, queued_at) WHERE (receiver = ''bank'')');
SAVEPOINT s; SELECT credit.create_outbox_publication('city'); ROLLBACK TO s; ROLLBACK;
BEGIN; SELECT count(*) AS without_filter FROM pg_temp.found('ALTER PUBLICATION ' || :'outbox' || ' SET TABLE credit_register.delivery'); ROLLBACK;
BEGIN; SELECT count(*) AS another_column FROM pg_temp.found('ALTER PUBLICATION ' || :'outbox' || ' SET TABLE credit_register.delivery (subject, delivery, receiver, record, record_version, kind, purpose, basis, content, shown_until, reason, queued_at, receipt) WHERE (receiver = ''city'')'); ROLLBACK;
BEGIN; SELECT count(*) AS another_command FROM pg_temp.found('ALTER PUBLICATION ' || :'outbox' || ' SET (publish = ''insert, delete'')'); ROLLBACK;
BEGIN; SELECT object, mend FROM pg_temp.found('ALTER PUBLICATION ' || :'outbox' || ' ADD TABLE credit_register.receiver'); ROLLBACK;
BEGIN; SELECT count(*) AS another_name FROM pg_temp.found('ALTER PUBLICATION ' || :'outbox' || ' RENAME TO credit_outbox_1'); ROLLBACK;
BEGIN; SELECT object, mend FROM pg_temp.found('CREATE PUBLICATION whole FOR TABLES IN SCHEMA credit_register'); ROLLBACK;
-- A name that a filter has to quote.
BEGIN; INSERT INTO credit_register.receiver VALUES (E'o''b\\', 'Odd', 'bank'); SELECT credit.create_outbox_publication(E'o''b\\') IS NOT NULL AS made; SELECT count(*) AS quoted FROM pg_temp.found('SELECT'); ROLLBACK;
SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication WHERE pubname ~ '^credit_outbox' \gexec
SET client_min_messages = warning;

SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_publisher, regress_gateway, regress_analyst, regress_window;
DROP ROLE regress_publisher, regress_gateway, regress_analyst, regress_window;
SELECT current_setting('credit.key_file') AS key_file \gset
COPY (SELECT WHERE false) TO :'key_file';
\setenv CREDIT_KEY_FILE :key_file
\! rm -f "$CREDIT_KEY_FILE" 2>/dev/null
