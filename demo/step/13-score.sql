-- Three adults in ten gave their consent on paper; the clerk entered it.
INSERT INTO credit_register.consent (subject, given_to, purpose, document, single_use, valid)
  SELECT s.subject, 'credit_register', 'scoring', '纸质授权书', false, daterange(credit.today() - 1, NULL) FROM credit_register.subject s
   WHERE s.kind = 'citizen' AND NOT s.minor AND abs(hashtext(s.subject::text)) % 10 < 3 AND credit.age_on(credit.reveal(s.subject), credit.today()) >= 18
  ON CONFLICT DO NOTHING;
\c - demo_citizen
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.consent_to_score() AS consent \gset
COMMIT;
\c - postgres
CALL credit.score_all();
SELECT grade, count(*) AS persons, min(points), max(points) FROM credit_register.score GROUP BY grade ORDER BY min(points) DESC;
SELECT demo.holds('the lines of each score add up to it', bool_and(points::numeric = (SELECT sum((l ->> 'points')::numeric) FROM jsonb_array_elements(lines) l)), count(*) || ' scores') FROM credit_register.score \g (tuples_only=on format=unaligned)
SELECT demo.holds('a score for everybody who asked, and for nobody else', count(*) = 0)
  FROM credit_register.score s FULL JOIN (SELECT * FROM credit_register.consent WHERE purpose = 'scoring' AND withdrawn_at IS NULL) c USING (subject)
 WHERE s.subject IS NULL OR c.subject IS NULL \g (tuples_only=on format=unaligned)
INSERT INTO demo.note SELECT 'job', job::text FROM credit_register.scoring_job ORDER BY scored DESC LIMIT 1;
\c - demo_citizen
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT line_points, reason, left(article, 40) AS article, counts_until FROM credit.my_score();
COMMIT;
