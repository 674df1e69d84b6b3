-- Mandates, the signed context and row policies, attacked.
--
-- Seen failing without the defence: forged_context with signature_holds()
-- answering true; context_of_another_transaction without the transaction in
-- what is signed; set_role_games with GetUserId() in place of the session's
-- user; cached_plan_across_entries without ResetPlanCache() (the narrow plan
-- raised 55000); parallel_workers with MyProcPid in place of the leader's (no
-- row in the workers); minor_shield with the test of minors taken out of
-- reaches(); moved_row without WITH CHECK; policy_of_partition with policies
-- made for the parent alone; self_by_application with the login of the role
-- alone compared; duty_of_a_group without is_group(); alone_by_person with the
-- mandates of one application looked at; expression_of_plpgsql (XX000) and
-- own_call_above_an_outer_join (true where NULL denies) while every call of
-- may_see() became true, not those of policies alone; kept_plan_after_leaving
-- (55000) while no plan was made anew when mandates went, plan_of_fewer_mandates
-- (55000) while none was when they came back, kept_plan_after_commit
-- (55000 each time) while none was when it had been refused; null_from_before (on
-- 18: no filter) with pg_attribute.attnotnull asked; another_single (no rows) with a
-- shape that does not tell the provider, and of an older value that was put back without
-- the comparison with the last one that was signed; sorted_cursor_of_another without
-- the node above plans that keep rows (all of them came); kept_beside_the_whole with a
-- node that asks for the one or the other (400 rows).
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT credit.create_register();
SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)') \gset

-- A pseudonym by its number, so that no key is needed here.
CREATE FUNCTION pseudonym_of(n int) RETURNS credit.pseudonym LANGUAGE sql IMMUTABLE AS $$
  SELECT ('P' || (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (n::bigint >> (5 * (12 - i)) & 31)::int + 1, 1), '' ORDER BY i)
                    FROM generate_series(0, 12) i)
              || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', n % 1021 / 32 + 1, 1)
              || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', n % 1021 % 32 + 1, 1))::credit.pseudonym $$;

-- Two departments, a reviewer of one county, a publisher, an admin, an auditor.
CREATE ROLE regress_coll_a LOGIN;
CREATE ROLE regress_coll_b LOGIN;
CREATE ROLE regress_reviewer LOGIN;
CREATE ROLE regress_publisher LOGIN;
CREATE ROLE regress_admin LOGIN;
CREATE ROLE regress_nobody LOGIN;
GRANT credit_provider TO regress_nobody;
INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323'), ('b', 'Department B', '370323');
SELECT credit.grant_duty(l, d, p, v, NULL, 'decision 1', '[2020-01-01,)') IS NOT NULL AS granted
  FROM (VALUES ('regress_coll_a', 'credit_provider', 'a', NULL::text[]), ('regress_coll_b', 'credit_provider', 'b', NULL),
               ('regress_reviewer', 'credit_reviewer', NULL, '{370323,3704}'), ('regress_publisher', 'credit_publisher', NULL, NULL),
               ('regress_admin', 'credit_admin', NULL, NULL)) m(l, d, p, v);
INSERT INTO credit_register.record (subject, item, document_date, provider, division, stance, minor)
SELECT pseudonym_of(n), 'commendation', '2026-01-01', CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END,
       (ARRAY['370323', '370401', '370499', '110101'])[n % 4 + 1], 'good', n % 10 = 0
  FROM generate_series(1, 400) n;
ANALYZE credit_register.record;

-- What everyone sees, against the same rule said otherwise.
CREATE FUNCTION seen() RETURNS TABLE (rows bigint, a bigint, b bigint, divisions text, minors bigint) LANGUAGE sql STABLE AS $$
  SELECT count(*), count(*) FILTER (WHERE provider = 'a'), count(*) FILTER (WHERE provider = 'b'),
         string_agg(DISTINCT division, ',' ORDER BY division), count(*) FILTER (WHERE minor)
    FROM credit_register.record $$;
SELECT * FROM seen();
\c - regress_coll_a
SELECT * FROM seen();	-- no context: nothing
BEGIN; SELECT credit.enter(); SELECT * FROM seen(); SELECT * FROM credit.grants(); SELECT credit.person(); COMMIT;
SELECT count(*) FILTER (WHERE credit.has_duty(d)) AS before_entering FROM unnest('{credit_provider,credit_reviewer,credit_owner,credit_,"",x}'::text[]) d;
BEGIN; SELECT credit.enter(); SELECT string_agg(d, ' ') FILTER (WHERE credit.has_duty(d)) AS held, bool_and(credit.has_duty(d) = EXISTS (SELECT FROM credit.grants() g WHERE g.duty = d)) AS as_the_grants_say
  FROM unnest('{credit_admin,credit_provider,credit_window,credit_reviewer,credit_publisher,credit_auditor,credit_citizen,credit_analyst,credit_owner,credit_provide,credit_providers,""}'::text[]) d; COMMIT;
SELECT * FROM seen();	-- gone at the end of the transaction
BEGIN; SELECT credit.enter(); SELECT credit.leave(); SELECT * FROM seen(); ROLLBACK;
BEGIN; SAVEPOINT s; SELECT credit.enter(); ROLLBACK TO s; SELECT * FROM seen(); ROLLBACK;
BEGIN; SAVEPOINT s; SELECT credit.enter(); RELEASE s; SELECT rows FROM seen(); ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT credit.enter(); ROLLBACK;	-- one entry a transaction
\c - regress_reviewer
BEGIN; SELECT credit.enter(); SELECT * FROM seen(); COMMIT;
\c - regress_publisher
BEGIN; SELECT credit.enter(); SELECT * FROM seen(); COMMIT;	-- minor_shield
\c - regress_nobody
SELECT credit.enter();
SELECT * FROM seen();
\c - regress_admin
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit_register.record; ROLLBACK;
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit_register.mandate; ROLLBACK;

-- forged_context (A22)
\c - regress_coll_b
BEGIN; SELECT credit.enter(); SELECT rows FROM seen(); COMMIT;
SELECT credit.sign_context('x', '', 10, '{credit_provider}', '{NULL}', '{NULL}', '{t}', '{NULL}');
SELECT credit.enter_as('regress_coll_a', NULL);
\set VERBOSITY sqlstate
SHOW credit.context;
\set VERBOSITY default
BEGIN; SET LOCAL credit.context = 'credit_admin'; SELECT rows FROM seen(); ROLLBACK;
SET credit.context = '0000000000000000000000000000000000000000000000000000000000000000;1:1';
SELECT rows FROM seen();
\set VERBOSITY sqlstate
SELECT set_config('credit.context', repeat('f', 64) || '10/5/1/1/1/1;16:999999999999999913:regress_coll_b0:1:1' || '1:01:*1:*1:t1:*', false) IS NOT NULL;
\set VERBOSITY default
SELECT rows FROM seen();
RESET credit.context;

-- context_of_another_transaction (A21, A22), another session, with one digit changed: the
-- value is shown to superusers only, so it is taken as one.
\c - postgres
GRANT pg_read_all_settings TO regress_coll_a;
\c - regress_coll_a
BEGIN; SELECT credit.enter(); SELECT current_setting('credit.context') AS stolen \gset
SELECT rows FROM seen();
SAVEPOINT s;
SELECT set_config('credit.context', translate(:'stolen', 'a', 'b'), true) IS NOT NULL AS changed; SELECT rows FROM seen();
ROLLBACK TO s; SELECT rows FROM seen();
SELECT set_config('credit.context', '', true); SELECT rows FROM seen();
SELECT set_config('credit.context', :'stolen', true) IS NOT NULL AS own; SELECT rows FROM seen();
COMMIT;
BEGIN; SELECT set_config('credit.context', :'stolen', true) IS NOT NULL AS again; SELECT rows FROM seen(); COMMIT;
SET credit.context = :'stolen'; SELECT rows FROM seen();
\c - regress_coll_b
SET credit.context = :'stolen'; SELECT rows FROM seen();
\c - postgres
REVOKE pg_read_all_settings FROM regress_coll_a;

-- set_role_games (A23): the login decides, whatever role it takes on.
GRANT regress_coll_a TO regress_coll_b;
\c - regress_coll_b
BEGIN; SELECT credit.enter(); SET LOCAL ROLE regress_coll_a; SELECT * FROM seen(); ROLLBACK;
BEGIN; SET LOCAL ROLE regress_coll_a; SELECT credit.enter(); SELECT * FROM seen(); ROLLBACK;
\c - postgres
REVOKE regress_coll_a FROM regress_coll_b;
BEGIN; SET LOCAL SESSION AUTHORIZATION regress_coll_a; SELECT credit.enter(); SELECT rows FROM seen();
SET LOCAL SESSION AUTHORIZATION regress_coll_b; SELECT rows FROM seen(); ROLLBACK;

-- cached_plan_across_entries (A25)
BEGIN;
CREATE TEMP TABLE plans (n int);
GRANT ALL ON plans TO PUBLIC;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL enable_seqscan = off;
PREPARE ask AS SELECT count(*), min(division), max(division) FROM credit_register.record;
SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); EXECUTE ask; EXECUTE ask; SELECT credit.leave(); EXECUTE ask;
SET LOCAL SESSION AUTHORIZATION regress_publisher; SELECT credit.enter(); EXECUTE ask; SELECT credit.leave();
SET LOCAL SESSION AUTHORIZATION regress_coll_a; SELECT credit.enter(); EXECUTE ask; SELECT credit.leave(); EXECUTE ask;
ROLLBACK;
DEALLOCATE ask;
-- The same for two persons behind one role, whose plan is not made anew for the role's sake.
BEGIN;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL enable_seqscan = off;
PREPARE ask AS SELECT count(*), min(division), max(division) FROM credit_register.record;
SELECT credit.enter_as('regress_reviewer', NULL); SET LOCAL ROLE credit_reviewer; EXECUTE ask;
SELECT credit.leave(); RESET ROLE; SELECT credit.enter_as('regress_publisher', NULL); SET LOCAL ROLE credit_reviewer; EXECUTE ask;
SELECT credit.leave(); RESET ROLE; SELECT credit.enter_as('regress_coll_b', NULL); SET LOCAL ROLE credit_reviewer; EXECUTE ask;
ROLLBACK;
DEALLOCATE ask;

-- cursor_across_entries (A26): rows of the one are not fetched under the other.
BEGIN;
SET LOCAL SESSION AUTHORIZATION regress_coll_a; SELECT credit.enter();
DECLARE c CURSOR FOR SELECT provider FROM credit_register.record;
FETCH 2 FROM c; SELECT credit.leave(); FETCH 2 FROM c;
SET LOCAL SESSION AUTHORIZATION regress_coll_b; SELECT credit.enter(); FETCH 2 FROM c;
ROLLBACK;

-- wide_cursor_across_entries (A26): neither the cursor of one who sees all rows.
-- null_denies: nor does he see a row of which the policy's columns are unknown.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE TABLE public.regress_null (division text, provider text NOT NULL, minor bool NOT NULL);
INSERT INTO public.regress_null VALUES (NULL, 'a', false), ('370323', 'a', false);
SELECT credit.protect_table('public.regress_null', 'division', 'provider', 'minor', '{credit_reviewer}', '{credit_reviewer}');
SELECT credit.grant_duty('regress_reviewer', 'credit_reviewer', NULL, NULL, NULL, 'decision 2', '[2020-01-01,)', minors => true) IS NOT NULL AS granted;
SELECT credit.enter_as('regress_reviewer', NULL); SET LOCAL ROLE credit_reviewer;
SELECT count(*) FROM public.regress_null;
DECLARE c CURSOR FOR SELECT provider FROM credit_register.record;
FETCH 2 FROM c; SET LOCAL credit.context = ''; FETCH 2 FROM c;
RESET ROLE; SELECT credit.enter_as('regress_coll_b', NULL); SET LOCAL ROLE credit_provider;
SELECT count(*) FROM credit_register.record WHERE provider = 'a'; FETCH 2 FROM c;
ROLLBACK;

-- whole_plan_meets_other_mandates (A25, A26): who sees all rows has plans without a
-- filter, under a guard that asks before each row.  Seen failing without the guard.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE TABLE public.regress_null (division text, provider text NOT NULL, minor bool NOT NULL);
CREATE TABLE public.regress_parent (division text NOT NULL, provider text NOT NULL, minor bool NOT NULL, n int);
INSERT INTO public.regress_null VALUES (NULL, 'a', false), ('370323', 'a', true);
INSERT INTO public.regress_parent VALUES ('370323', 'a', false, 1), ('370323', 'b', true, 2);
CREATE TABLE public.regress_split (division text NOT NULL, provider text NOT NULL, minor bool NOT NULL) PARTITION BY LIST (provider);
CREATE TABLE public.regress_split_a PARTITION OF public.regress_split FOR VALUES IN ('a');
SELECT credit.protect_table(t, 'division', 'provider', 'minor', '{credit_reviewer}', '{credit_reviewer}')
  FROM unnest('{public.regress_null,public.regress_parent,public.regress_split}'::regclass[]) t;
CREATE TABLE public.regress_child () INHERITS (public.regress_parent);
DO $$ BEGIN
  ALTER TABLE public.regress_child ALTER division DROP NOT NULL;
  INSERT INTO public.regress_child VALUES (NULL, 'a', false, 3);
EXCEPTION WHEN invalid_table_definition THEN NULL;	-- from 18 on
END $$;
-- null_from_before: a NOT NULL that was never looked at is none.
DO $$ BEGIN
  EXECUTE 'ALTER TABLE public.regress_null ADD CONSTRAINT filled NOT NULL division NOT VALID';
EXCEPTION WHEN syntax_error THEN NULL;	-- before 18
END $$;
SELECT credit.grant_duty('regress_reviewer', 'credit_reviewer', NULL, NULL, NULL, 'decision 2', '[2020-01-01,)', minors => true) IS NOT NULL AS granted;
CREATE FUNCTION pg_temp.filters(q text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || q LOOP
    IF line ~ 'Filter|Custom|Output' THEN RETURN NEXT left(trim(line), 100); END IF;
  END LOOP; END $$;
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE whole AS SELECT count(*) FROM credit_register.record;
PREPARE each AS SELECT provider FROM credit_register.record;
CREATE FUNCTION pg_temp.half(change text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint := 0; r record; BEGIN
  FOR r IN EXECUTE 'SELECT provider FROM credit_register.record' LOOP
    n := n + 1;
    IF n = 5 THEN EXECUTE change; END IF;
  END LOOP;
  RETURN n; END $$;
SELECT credit.enter_as('regress_reviewer', NULL); SET LOCAL ROLE credit_reviewer;
SELECT pg_temp.filters('SELECT minor AS m, count(*) FROM credit_register.record GROUP BY 1 ORDER BY 2, min(provider)');
SELECT minor AS m, count(*) FROM credit_register.record GROUP BY 1 ORDER BY 2, min(provider);
SELECT pg_temp.filters('SELECT minor FROM public.regress_null');
SELECT minor FROM public.regress_null;
SELECT pg_temp.filters('SELECT minor FROM public.regress_split');
SELECT pg_temp.filters('SELECT n FROM public.regress_parent');	-- a child may have lost its NOT NULL
SELECT n FROM public.regress_parent ORDER BY 1;
SELECT pg_temp.filters('DECLARE c CURSOR FOR SELECT minor FROM credit_register.record');
SELECT pg_temp.filters('WITH x AS (INSERT INTO public.regress_parent SELECT division, provider, minor, 4 FROM public.regress_parent RETURNING 1) SELECT * FROM x');
SELECT count(*) FROM (SELECT FROM credit_register.record r WHERE EXISTS (SELECT FROM credit_register.record s WHERE s.subject = r.subject) OFFSET 1 LIMIT 500) x;
EXECUTE whole; SELECT pg_temp.half('SELECT 1');
SAVEPOINT s; SELECT pg_temp.half('SELECT credit.leave()'); ROLLBACK TO s;
SELECT pg_temp.half('SET LOCAL credit.context = $$$$'); ROLLBACK TO s;
SELECT pg_temp.half('RESET credit.context'); ROLLBACK TO s;
SELECT credit.leave(); SAVEPOINT t; EXECUTE whole; ROLLBACK TO t; EXECUTE each; ROLLBACK TO t; SELECT count(*) FROM credit_register.record;
-- Somebody else: the plan is made anew, and is no wider for who comes back.
RESET ROLE; SELECT credit.enter_as('regress_coll_a', NULL); SET LOCAL ROLE credit_provider; EXECUTE whole;
RESET ROLE; SELECT current_setting('credit.context') AS narrow \gset
SELECT credit.leave(); SELECT credit.enter_as('regress_reviewer', NULL); SET LOCAL ROLE credit_reviewer; EXECUTE whole;
SAVEPOINT u; SET LOCAL credit.context = :'narrow'; EXECUTE whole; ROLLBACK TO u;
EXECUTE whole;
ROLLBACK;
DEALLOCATE whole; DEALLOCATE each;

-- Plans without a filter take it from policies alone.
CREATE ROLE regress_all LOGIN;
SELECT credit.grant_duty('regress_all', 'credit_reviewer', NULL, NULL, NULL, 'decision 3', '[2020-01-01,)', minors => true) IS NOT NULL AS granted;
INSERT INTO credit_register.provider VALUES ('idle', 'Department without records', '370323');
\c - regress_all
SET client_min_messages = warning;
PREPARE kept AS SELECT count(*) FROM credit_register.record;
CREATE FUNCTION pg_temp.kept() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM credit_register.record); END';
CREATE FUNCTION pg_temp.sees(division text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN credit.may_see(8, division, ''a'', false); END';
CREATE FUNCTION pg_temp.sees_constant() RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN credit.may_see(8, ''370323'', ''a'', false); END';
CREATE FUNCTION pg_temp.drawn_in() RETURNS SETOF bool LANGUAGE sql STABLE AS 'SELECT minor FROM credit_register.record';
CREATE FUNCTION pg_temp.filters(q text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || q LOOP
    IF line ~ 'Filter|Custom' THEN RETURN NEXT trim(line); END IF;
  END LOOP; END $$;
CREATE VIEW pg_temp.offices AS SELECT p.provider, credit.may_see(8, r.division, r.provider, r.minor) AS sees
  FROM credit_register.provider p LEFT JOIN credit_register.record r ON r.provider = p.provider;

-- expression_of_plpgsql: no table, so no guard.
BEGIN; SELECT credit.enter();
DO $$ DECLARE b bool; BEGIN b := credit.may_see(8, '370323', 'a', false); IF b IS NOT TRUE THEN RAISE 'not seen'; END IF; END $$;
SELECT pg_temp.sees('370323'), pg_temp.sees(NULL), pg_temp.sees_constant(), credit.may_see(8, '370323', 'a', false);
SELECT credit.leave();
SELECT pg_temp.sees('370323'), pg_temp.sees(NULL), pg_temp.sees_constant(), credit.may_see(8, '370323', 'a', false);
ROLLBACK;

-- own_call_above_an_outer_join, and above a grouping: NULL denies there as in a cursor.
BEGIN; SELECT credit.enter();
SELECT p.provider, credit.may_see(8, r.division, r.provider, r.minor) AS sees, count(*)
  FROM credit_register.provider p LEFT JOIN credit_register.record r ON r.provider = p.provider GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) FROM credit_register.provider p LEFT JOIN credit_register.record r ON r.provider = p.provider
 WHERE p.provider = 'idle' AND credit.may_see(8, r.division, r.provider, r.minor);
SELECT count(*) FROM credit_register.record r RIGHT JOIN credit_register.provider p ON r.provider = p.provider
 WHERE p.provider = 'idle' AND credit.may_see(154, r.division, r.provider, r.minor);
SELECT provider, sees, count(*) FROM pg_temp.offices GROUP BY 1, 2 ORDER BY 1;
DECLARE c CURSOR FOR SELECT sees FROM pg_temp.offices WHERE provider = 'idle'; FETCH ALL FROM c;
SELECT credit.may_see(8, division, provider, minor) AS sees, count(*) FROM credit_register.record GROUP BY GROUPING SETS ((division, provider, minor), ()) HAVING GROUPING(minor) = 1;
-- The policy of the table that is joined has gone all the same.
SELECT pg_temp.filters('SELECT p.provider, r.record FROM credit_register.provider p LEFT JOIN credit_register.record r ON r.provider = p.provider');
-- A function that is drawn into the query brings its policies along too late.
SELECT pg_temp.filters('SELECT * FROM pg_temp.drawn_in()');
ROLLBACK;

-- kept_plan_after_leaving: where the mandates go within a transaction, plans are made anew.
BEGIN; SELECT credit.enter(); EXECUTE kept; SELECT pg_temp.kept();
SELECT credit.leave(); EXECUTE kept; SELECT pg_temp.kept();
SELECT credit.enter(); EXECUTE kept; SELECT pg_temp.kept(); SELECT credit.leave(); ROLLBACK;
BEGIN; SAVEPOINT s; SELECT credit.enter(); EXECUTE kept; SELECT pg_temp.kept();
ROLLBACK TO s; EXECUTE kept; SELECT pg_temp.kept(); ROLLBACK;
-- plan_of_fewer_mandates: where they come back, too; its list of divisions would be too short for them.
SET enable_seqscan = off;
BEGIN; SELECT credit.enter(); SAVEPOINT s; EXECUTE kept; SELECT credit.leave(); EXECUTE kept; ROLLBACK TO s; EXECUTE kept; COMMIT;
RESET enable_seqscan;
-- kept_plan_after_commit: it waits for the next entry; who does not enter is told, once.
BEGIN; SELECT credit.enter(); EXECUTE kept; SELECT pg_temp.kept(); COMMIT;
EXECUTE kept; EXECUTE kept; SELECT pg_temp.kept();
BEGIN; SELECT credit.enter(); EXECUTE kept; SELECT pg_temp.kept(); ROLLBACK;
SELECT pg_temp.kept(); SELECT pg_temp.kept(); EXECUTE kept;
BEGIN; SELECT credit.enter(); EXECUTE kept; COMMIT;
BEGIN; SELECT credit.enter(); EXECUTE kept; COMMIT;
\c - postgres
SET client_min_messages = warning;
DELETE FROM credit_register.provider WHERE provider = 'idle';
SELECT credit.revoke_duty('regress_all', 'credit_reviewer', 'end of the test') IS NOT NULL AS revoked;
DROP OWNED BY regress_all;
DROP ROLE regress_all;

-- The planner takes what is granted as an index condition, without help (A2).
BEGIN;
CREATE FUNCTION pg_temp.condition(q text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || q LOOP
    IF line ~ 'Index Cond' THEN RETURN NEXT trim(line); END IF;
  END LOOP; END $$;
SET LOCAL enable_seqscan = off;
SET LOCAL SESSION AUTHORIZATION regress_reviewer; SELECT credit.enter(); SELECT pg_temp.condition('SELECT * FROM credit_register.record'); SELECT credit.leave();
SET LOCAL SESSION AUTHORIZATION regress_coll_a; SELECT credit.enter(); SELECT pg_temp.condition('SELECT * FROM credit_register.record');
SELECT pg_temp.condition('SELECT * FROM credit_register.record WHERE subject = ''P000000000000Z0Z''');
-- Through an application the next one is somebody else: his provider is in no plan.
RESET SESSION AUTHORIZATION; SELECT credit.leave();
SELECT credit.grant_duty('somebody', 'credit_provider', 'a', NULL, NULL, 'x', '[2020-01-01,)', via => 'regress_coll_a') IS NOT NULL AS granted;
SELECT credit.enter_as('somebody', 'regress_coll_a'); SET LOCAL ROLE credit_provider; SELECT pg_temp.condition('SELECT * FROM credit_register.record');
ROLLBACK;
-- sorted_cursor_of_another: what a plan keeps before it hands it out ends with the mandates under which it was read.
CREATE FUNCTION pg_temp.rest(cursor text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE row record; n int := 0; got int; BEGIN
  LOOP EXECUTE 'FETCH ' || cursor INTO row; GET DIAGNOSTICS got = ROW_COUNT; EXIT WHEN got = 0; n := n + 1; END LOOP;
  RETURN n || ' rows';
EXCEPTION WHEN object_not_in_prerequisite_state THEN RETURN SQLERRM; END $$;
CREATE FUNCTION pg_temp.reads(q text, change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE row record; cursor refcursor; rest text; BEGIN
  PERFORM credit.leave(); PERFORM credit.enter_as('regress_coll_b', NULL); SET LOCAL ROLE credit_provider;
  OPEN cursor FOR EXECUTE q; FETCH cursor INTO row;
  RESET ROLE; EXECUTE change; SET LOCAL ROLE credit_provider;
  rest := pg_temp.rest(quote_ident(cursor::text));
  RESET ROLE;
  RETURN rest;
END $$;
SELECT c.what, q.what AS query, pg_temp.reads(q.query, c.change) AS rest
  FROM (VALUES (1, 'the same', 'SELECT 1'), (2, 'left', 'SELECT credit.leave()'), (3, 'another', $$SELECT credit.leave(), credit.enter_as('regress_coll_a', NULL)$$)) c (n, what, change),
       (VALUES (1, 'plain', 'SELECT provider FROM credit_register.record WHERE provider = ''b'''), (2, 'sorted', 'SELECT provider FROM credit_register.record ORDER BY document_no DESC'),
               (3, 'grouped', 'SELECT subject FROM credit_register.record GROUP BY 1'),
               (4, 'joined', 'SELECT a.provider FROM credit_register.record a JOIN generate_series(1, 1) ON true'),
               (5, 'a sum beside', 'SELECT (SELECT count(*) FROM credit_register.record), n FROM generate_series(1, 3) n')) q (n, what, query)
 ORDER BY q.n, c.n;
-- kept_beside_the_whole: where one table has lost its filter and another kept it, that one's rows end, too.
BEGIN; CREATE TABLE public.regress_whole (id int NOT NULL, place text COLLATE "C" NOT NULL, office text COLLATE "C" NOT NULL, kid bool NOT NULL);
CREATE TABLE public.regress_half (LIKE public.regress_whole INCLUDING ALL);
INSERT INTO public.regress_whole SELECT n, '370323', 'a', false FROM generate_series(1, 20) n; INSERT INTO public.regress_half SELECT * FROM public.regress_whole;
SELECT credit.protect_table('public.regress_whole', 'place', 'office', 'kid', '{credit_analyst}', audit => false), credit.protect_table('public.regress_half', 'place', 'office', 'kid', '{credit_provider}', audit => false);
CREATE FUNCTION pg_temp.holds_all_and(office text) RETURNS void LANGUAGE sql AS
  $$ SELECT credit.sign_context('x', '', 100, '{credit_analyst,credit_provider}', ARRAY[NULL, office], '{NULL,NULL}', '{t,f}', '{NULL,NULL}') $$;
CREATE FUNCTION pg_temp.loop(tables text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE row record; n int := 0; BEGIN
  PERFORM credit.leave(); PERFORM pg_temp.holds_all_and('a'); SET LOCAL ROLE regress_of_both;
  FOR row IN EXECUTE format('SELECT 1 FROM %s ORDER BY random()', tables) LOOP
    n := n + 1;
    IF n = 1 THEN RESET ROLE; PERFORM credit.leave(); PERFORM pg_temp.holds_all_and('b'); SET LOCAL ROLE regress_of_both; END IF;
  END LOOP;
  RESET ROLE; RETURN n || ' rows';
EXCEPTION WHEN object_not_in_prerequisite_state THEN RESET ROLE; RETURN SQLERRM; END $$;
CREATE ROLE regress_of_both IN ROLE credit_analyst, credit_provider;
-- More rows than PL/pgSQL fetches ahead.
SELECT t, pg_temp.loop(t) FROM unnest('{regress_whole a CROSS JOIN regress_whole b,regress_half a CROSS JOIN regress_half b,regress_whole a CROSS JOIN regress_half b}'::text[]) t;
ROLLBACK;
-- another_single: one provider is a part of plans, so none of them meets another's mandates, whichever way those come.
SELECT count(*) FILTER (WHERE provider = 'a' AND NOT minor) AS of_a, count(*) FILTER (WHERE provider = 'b' AND NOT minor) AS of_b FROM credit_register.record;
SET enable_seqscan = off;
PREPARE single AS SELECT min(provider), max(provider), count(*) FROM credit_register.record;
BEGIN; SELECT credit.enter_as('regress_coll_a', NULL); SELECT current_setting('credit.context') AS as_a \gset
SET LOCAL ROLE credit_provider; EXECUTE single; RESET ROLE; SAVEPOINT s; SELECT credit.leave();
SELECT credit.enter_as('regress_coll_b', NULL); SET LOCAL ROLE credit_provider; EXECUTE single; RESET ROLE;
SAVEPOINT t; SET LOCAL credit.context = :'as_a'; SET LOCAL ROLE credit_provider; EXECUTE single; ROLLBACK TO t;
SET LOCAL ROLE credit_provider; EXECUTE single; ROLLBACK TO s; SET LOCAL ROLE credit_provider; EXECUTE single; COMMIT;
BEGIN; SELECT credit.enter_as('regress_coll_b', NULL); SET LOCAL ROLE credit_provider; EXECUTE single; COMMIT;
BEGIN; SELECT credit.enter_as('regress_coll_a', NULL); SET LOCAL ROLE credit_provider; EXECUTE single; COMMIT;
DEALLOCATE single;
RESET enable_seqscan;

-- parallel_workers (A20) see what their leader sees; so does a leader that waits.
BEGIN;
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
ALTER TABLE credit_register.record SET (parallel_workers = 2);
SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off;
SET LOCAL SESSION AUTHORIZATION regress_coll_a; SELECT credit.enter();
SELECT count(*) FROM credit_register.record;
SET LOCAL parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM credit_register.record;
SELECT count(*) FROM credit_register.record;
ROLLBACK;

-- leaky_operator_under_rls (A3)
\c - regress_coll_a
CREATE FUNCTION pg_temp.leak(text, text) RETURNS bool LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN IF $2 <> 'a' THEN RAISE NOTICE 'leaked %', $1; END IF; RETURN true; END $$;
SET client_min_messages = notice;
BEGIN; SELECT credit.enter(); SELECT count(*) FROM credit_register.record WHERE pg_temp.leak(division, provider);
SELECT count(*) FROM credit_register.record WHERE 1 / (CASE provider WHEN 'a' THEN 1 ELSE 0 END) = 1; COMMIT;
SET client_min_messages = warning;

-- moved_row (A12, A14, A39): neither in, nor over to another department, nor away.
BEGIN; SELECT credit.enter();
INSERT INTO credit_register.record (subject, item, document_date, provider, division) VALUES ('P000000000000101', 'commendation', '2026-01-01', 'a', '370323');
SAVEPOINT s; UPDATE credit_register.record SET provider = 'b'; ROLLBACK TO s;
INSERT INTO credit_register.record (subject, item, document_date, provider, division) VALUES ('P000000000000101', 'commendation', '2026-01-01', 'b', '370323'); ROLLBACK TO s;
MERGE INTO credit_register.record r USING (VALUES ('b')) v(p) ON r.provider = v.p WHEN MATCHED THEN UPDATE SET provider = 'a'; ROLLBACK TO s;
SELECT * FROM seen();
DELETE FROM credit_register.record; ROLLBACK TO s;
TRUNCATE credit_register.record; ROLLBACK TO s;
SET LOCAL row_security = off; SELECT count(*) FROM credit_register.record; ROLLBACK TO s;
ROLLBACK;

-- search_path_of_definer (A30): a table, a type and an operator of the attacker in front.
\c - regress_nobody
CREATE TEMP TABLE mandate AS SELECT gen_random_uuid() AS mandate, 'regress_nobody' AS login;
SET search_path = pg_temp, pg_catalog;
SELECT credit.enter();
RESET search_path;

-- Mandates: what is refused.
\c - regress_admin
BEGIN; SELECT credit.enter();
\set VERBOSITY terse
SELECT credit.grant_duty('regress_admin', 'credit_admin', NULL, NULL, NULL, 'x', '[2020-01-01,)');
ROLLBACK;
-- self_by_application: nor through an application, whoever vouches for him there.
BEGIN; SELECT credit.enter();
SELECT credit.grant_duty('regress_admin', 'credit_citizen', NULL, NULL, NULL, 'x', '[2020-01-01,)', via => 'regress_coll_a', subject => 'P000000000000101');
ROLLBACK;
BEGIN; SELECT credit.enter();
SELECT credit.grant_duty('somebody', 'credit_reviewer', NULL, NULL, NULL, 'x', '[2020-01-01,)', via => 'regress_admin');
ROLLBACK;
-- expired_admin: the role alone, without a mandate that was entered and is in force, gives and takes nothing.
SELECT credit.grant_duty('regress_nobody', 'credit_reviewer', NULL, NULL, NULL, 'x', '[2020-01-01,)');
SELECT credit.revoke_duty('regress_coll_a', 'credit_provider', 'out of spite');
-- duty_of_a_group: what a role has, its members have.
BEGIN; SELECT credit.enter();
SELECT credit.grant_duty('credit_admin', 'credit_reviewer', NULL, NULL, NULL, 'x', '[2020-01-01,)');
ROLLBACK;
BEGIN; SELECT credit.enter();
SELECT credit.grant_duty('credit_owner', 'credit_reviewer', NULL, NULL, NULL, 'x', '[2020-01-01,)');
ROLLBACK;
BEGIN; SELECT credit.enter();
SELECT credit.grant_duty('somebody', 'credit_reviewer', NULL, NULL, NULL, 'x', '[2020-01-01,)', via => 'pg_monitor');
ROLLBACK;
\c - postgres
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT credit.grant_duty('regress_coll_a', 'credit_king', 'a', NULL, NULL, 'x', '[2020-01-01,)');
SELECT credit.grant_duty('regress_coll_a', 'credit_auditor', NULL, NULL, NULL, 'x', '[2020-01-01,)');
-- alone_by_person: nor may one person have both through an application; but his own file he sees.
SELECT credit.grant_duty('regress_admin', 'credit_reviewer', NULL, NULL, NULL, 'x', '[2020-01-01,)', via => 'regress_coll_a');
BEGIN;
GRANT regress_coll_b TO regress_coll_a;
SELECT credit.grant_duty('regress_coll_b', 'credit_provider', 'b', NULL, NULL, 'x', '[2020-01-01,)');
ROLLBACK;
BEGIN;
SELECT credit.grant_duty('regress_admin', 'credit_citizen', NULL, NULL, NULL, 'real name', '[2020-01-01,)', via => 'regress_coll_a', subject => 'P000000000000101') IS NOT NULL AS own_file;
ROLLBACK;
SELECT credit.grant_duty('regress_coll_a', 'credit_provider', 'c', NULL, NULL, 'x', '[2020-01-01,)');
SELECT credit.grant_duty('regress_coll_a', 'credit_provider', 'a', '{沂源}', NULL, 'x', '[2020-01-01,)');
SELECT credit.grant_duty('regress_coll_a', 'credit_provider', 'a', NULL, NULL, ' ', '[2020-01-01,)');
SELECT credit.grant_duty('regress_coll_a', 'credit_provider', 'a', NULL, NULL, 'x', 'empty');
SELECT credit.grant_duty('regress_coll_a', 'credit_provider', 'a', NULL, '{nosuch}', 'x', '[2020-01-01,)');
SELECT credit.grant_duty('nosuch', 'credit_provider', 'a', NULL, NULL, 'x', '[2020-01-01,)');
SELECT credit.grant_duty('postgres', 'credit_provider', 'a', NULL, NULL, 'x', '[2020-01-01,)');
-- One duty, and no element of a list; a citizen's mandate says whose file.
SELECT credit.grant_duty('regress_coll_a', 'provider', 'a', NULL, NULL, 'x', '[2020-01-01,)');
SELECT credit.grant_duty('regress_coll_a', NULL, 'a', NULL, NULL, 'x', '[2020-01-01,)');
SELECT credit.revoke_duty('regress_coll_a', 'provider', 'x');
SELECT credit.grant_duty('regress_nobody', 'credit_citizen', NULL, NULL, NULL, 'x', '[2020-01-01,)');
\c - regress_coll_a
SELECT credit.grant_duty('regress_coll_b', 'credit_provider', 'a', NULL, NULL, 'x', '[2020-01-01,)');
SELECT credit.create_register();
\c - postgres

-- can_see explains.
SELECT r.record AS of_b FROM credit_register.record r WHERE r.provider = 'b' AND r.division = '110101' LIMIT 1 \gset
SELECT l, visible, reason FROM unnest('{regress_coll_a,regress_coll_b,regress_reviewer,regress_publisher,regress_admin,regress_nobody}'::text[]) l, credit.can_see(l, NULL, :'of_b');

-- revoke_duty ends at the next entry; a mandate that is over gives nothing.
SELECT credit.revoke_duty('regress_coll_b', 'credit_provider', 'left the office');
SELECT pg_has_role('regress_coll_b', 'credit_provider', 'member') AS member;
UPDATE credit_register.mandate SET valid = '[2020-01-01,2021-01-01)' WHERE login = 'regress_coll_a';
SELECT l, visible, reason FROM unnest('{regress_coll_a,regress_coll_b}'::text[]) l, credit.can_see(l, NULL, :'of_b');
\c - regress_coll_a
SELECT credit.enter();
\c - postgres
UPDATE credit_register.mandate SET valid = '[2020-01-01,)' WHERE login = 'regress_coll_a';

-- protect_table: a user's own table, partitioned.  policy_of_partition (A18)
CREATE TABLE fine (id int, place varchar(6), office text, amount numeric, code credit.code) PARTITION BY RANGE (id);
CREATE TABLE fine_1 PARTITION OF fine FOR VALUES FROM (0) TO (100);
INSERT INTO fine SELECT n, CASE WHEN n % 2 = 0 THEN '370323' ELSE '110101' END, CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END, n, '370323199503129013' FROM generate_series(1, 50) n;
SELECT credit.protect_table('fine', 'place', 'office', masked => '{code}', audit => false);
GRANT SELECT ON fine_1 TO credit_provider;
SELECT polrelid::regclass, polname, polcmd, polpermissive, pg_get_expr(polqual, polrelid) AS using FROM pg_policy WHERE polrelid::regclass::text LIKE 'fine%' ORDER BY 1, 2;
\c - regress_coll_a
BEGIN; SELECT credit.enter(); SELECT count(*), sum(amount) FROM fine_masked; SELECT count(*) FROM fine_1; SELECT code FROM fine; ROLLBACK;
SELECT count(*) FROM fine_masked;
\c - postgres
SELECT finding, object FROM credit.guard_report() WHERE object ~ 'fine';
SELECT credit.protect_table('pg_views'::regclass, 'x');
CREATE TABLE own (d text);
CREATE POLICY all_rows ON own USING (true);
SELECT credit.protect_table('own', 'd');
SELECT credit.unprotect_table('fine', ' ');
SELECT credit.unprotect_table('own', 'x');
SELECT credit.unprotect_table('fine', 'moved to another database');
SELECT table_name, protected_by, ended_by, end_reason FROM credit_register.protection;
SELECT count(*) FROM pg_policy WHERE polrelid::regclass::text LIKE 'fine%';
\c - regress_coll_a
SELECT count(*) FROM fine_masked;
\c - postgres
DROP VIEW fine_masked;
-- An owner who is no superuser, with the one grant that the page names.  Seen: no set of grants let him write the protection.
CREATE ROLE regress_owner LOGIN;
CREATE SCHEMA regress_owner AUTHORIZATION regress_owner;
\c - regress_owner
CREATE TABLE regress_owner.bill (place text COLLATE "C", office text COLLATE "C", code credit.code);
SELECT credit.protect_table('regress_owner.bill', 'place', 'office');
\c - postgres
GRANT EXECUTE ON FUNCTION credit.protect_table(regclass, name, name, name, text[], text[], name[], bool), credit.unprotect_table(regclass, text) TO regress_owner;
\c - regress_owner
SELECT credit.protect_table('regress_owner.bill', 'place', 'office', masked => '{code}');
SELECT relname, pg_get_userbyid(relowner) AS owner, relforcerowsecurity FROM pg_class WHERE relname ~ '^bill' AND relkind IN ('r', 'v') ORDER BY 1;
SELECT credit.protect_table('credit_register.subject', 'division');
SELECT credit.protect_table('public.own', 'd');
SELECT credit.unprotect_table('credit_register.subject', 'mine');
SELECT credit.unprotect_table('regress_owner.bill', 'paid');
-- Neither by a part that is another's, nor a view where one may not make any.
CREATE TABLE regress_owner.split (place text COLLATE "C") PARTITION BY LIST (place);
CREATE TABLE regress_owner.part PARTITION OF regress_owner.split DEFAULT;
CREATE TABLE regress_owner.moved (place text COLLATE "C", code credit.code);
\c - postgres
ALTER TABLE regress_owner.part OWNER TO postgres;
ALTER TABLE regress_owner.moved SET SCHEMA public;
\c - regress_owner
SELECT credit.protect_table('regress_owner.split', 'place');
SELECT credit.protect_table('public.moved', 'place', masked => '{code}');
\c - postgres
SELECT table_name, protected_by, ended_by FROM credit_register.protection WHERE table_name = 'bill';
DROP OWNED BY regress_owner;
DROP ROLE regress_owner;

-- Every table of the register (A15): RLS, FORCE, permissive, one policy a command, no
-- sub-query, a comment on each column, a place in the layout, subject first.
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced, pg_get_userbyid(c.relowner) AS owner, l.kind,
       (SELECT string_agg(p.polcmd::text, '' ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid) AS commands,
       (SELECT bool_and(p.polpermissive) AND NOT bool_or(concat(p.polqual, p.polwithcheck) ~ 'SUBLINK') FROM pg_policy p WHERE p.polrelid = c.oid) AS plain,
       l.kind <> 'subject' OR (SELECT a.attname = 'subject' FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                                WHERE i.indrelid = c.oid AND i.indisprimary) AS keyed,
       (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL) AS silent
  FROM pg_class c LEFT JOIN credit_register.layout l ON l.table_name = c.relname
 WHERE c.relnamespace = 'credit_register'::regnamespace AND c.relkind IN ('r', 'p') AND l.room IN ('access', 'register', 'inquiry', 'rulebook') ORDER BY 1;
SELECT count(*) AS members FROM pg_depend d WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'credit_register'::regnamespace);

-- guard_report (A15, A16, A17, A34, A35): each finding is planted, and its mending command mends it.
CREATE TEMP VIEW report AS SELECT finding, object FROM credit.guard_report() WHERE finding NOT IN ('setting', 'no key file', 'login without a password', 'calendar ends', 'plain weeks');
SELECT * FROM report;
BEGIN;
ALTER TABLE credit_register.record NO FORCE ROW LEVEL SECURITY;
ALTER TABLE credit_register.inquiry DISABLE ROW LEVEL SECURITY;
CREATE POLICY extra ON credit_register.record USING (true);
CREATE POLICY hard ON credit_register.consent AS RESTRICTIVE USING (true);
GRANT SELECT ON credit_register.subject TO PUBLIC;
GRANT TRIGGER ON credit_register.subject TO credit_reviewer;
ALTER TABLE credit_register.job OWNER TO regress_coll_a;
CREATE VIEW all_records AS SELECT * FROM credit_register.record;
CREATE MATERIALIZED VIEW copied AS SELECT 1 AS x FROM credit_register.record;
CREATE FUNCTION peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM credit_register.record';
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER off BEFORE INSERT ON credit_register.record FOR EACH ROW EXECUTE FUNCTION noop();
ALTER TABLE credit_register.record DISABLE TRIGGER off;
GRANT credit_owner TO regress_coll_b;
GRANT credit_auditor TO regress_coll_a;
ALTER ROLE regress_coll_b BYPASSRLS CREATEROLE REPLICATION;
ALTER ROLE credit_window LOGIN;
GRANT pg_read_server_files TO regress_coll_b;
GRANT CREATE ON SCHEMA credit_register TO regress_coll_b;
ALTER ROLE regress_coll_b SET application_name = 'x.secret=1';
SELECT * FROM report;
DO $$
DECLARE mend text; BEGIN
  FOR mend IN SELECT r.mend FROM credit.guard_report() r WHERE r.mend !~ '…|credit.revoke_duty' AND r.finding <> 'setting' LOOP
    EXECUTE mend;
  END LOOP; END $$;
SELECT * FROM report;
ROLLBACK;

SET client_min_messages = warning;
SET credit.allow_drop = on; DROP SCHEMA credit_register CASCADE;
DROP OWNED BY regress_coll_a, regress_coll_b, regress_reviewer, regress_publisher, regress_admin, regress_nobody;
DROP ROLE regress_coll_a, regress_coll_b, regress_reviewer, regress_publisher, regress_admin, regress_nobody;
DROP TABLE fine, own;
DROP FUNCTION seen(), pseudonym_of(int);
