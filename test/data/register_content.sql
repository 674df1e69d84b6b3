-- What a register holds and answers, a line each.
SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET client_min_messages = error;
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")) FROM %s t', c.oid::regclass, c.oid::regclass)
  FROM pg_class c WHERE relnamespace IN ('credit_register'::regnamespace, to_regnamespace('life'), 'public'::regnamespace) AND relkind IN ('r', 'p', 'm') ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SELECT 'shown', count(*), md5(string_agg(r::text, E'\n' ORDER BY r::text COLLATE "C")) FROM credit_register.shown_record r;
SELECT 'public', count(*), md5(string_agg(r::text, E'\n' ORDER BY r::text COLLATE "C")) FROM credit_register.public_record r;
SELECT 'display', md5(string_agg(format('%s %s', r.record, credit.display_period(b, r.item, r.severity, r.document_date, r.conduct_end, r.displayed_from)), E'\n' ORDER BY r.record))
  FROM credit_register.record r, credit.rulebook_on(credit.today()) b WHERE r.stance = 'bad';
SELECT 'case', c.kind, c.state, c.due, r.state, r.answer_due, r.version FROM credit_register.case_file c JOIN credit_register.record r USING (subject, record) ORDER BY c.case_file;
SELECT 'replay', x.* FROM credit_register.scoring_job j, credit.replay(j.job) x;
SELECT 'audit', v.ok, v.finding FROM credit.verify_audit((SELECT value FROM life.note WHERE name = 'checkpoint')) v;
SELECT 'guard', md5(g::text), g.finding, g.object FROM credit.guard_report() g ORDER BY g::text COLLATE "C";
SELECT 'distribution', d.* FROM credit.distribution_report() d;
SELECT 'identity', count(*), md5(string_agg(o::text, E'\n' ORDER BY o::text COLLATE "C")), count(*) = count(DISTINCT i.subject) AND bool_and(credit.pseudonym(o.code) = i.subject)
  FROM credit_register.identity i, credit.identity_open(i.subject) o;
SELECT 'register', credit.register_version();
