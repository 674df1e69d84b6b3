-- credit.code: one key for persons and organisations.
-- Numbers are published organisation codes, published specimens of permits, or
-- synthetic.

-- ---------------------------------------------------------------------------
-- Text in, text out
-- ---------------------------------------------------------------------------
SELECT c, credit.code_kind(c), credit.division(c), credit.birth_date(c), credit.sex(c),
       credit.registrar(c) AS r, credit.category(c) AS k, credit.organisation_code(c) AS org,
       credit.is_regular(c) AS reg, credit.mask(c)
  FROM (VALUES ('370323199503129013'), ('372828196503129010'), ('370323198503129369'),
               ('810000199408230021'), ('820000199408230023'), ('830000199201300022'),
               ('911398199012310021'), ('914403001922038216'), ('92141127MA0KD1Y64A'),
               ('1210000040000983X8'), ('91350203M0001QKT19?'), ('370323199503129014?'),
               ('Z00000000000000195'), ('610104620927690')) AS v (t),
       LATERAL (SELECT t::credit.code AS c) AS x;

-- What forms hold is one code: case, blanks, hyphens, full width, invisible
-- characters, the Roman ten, and the mark on a regular code.
SELECT count(*) AS spellings, count(DISTINCT t::credit.code) AS codes
  FROM (VALUES ('11010519491231002X'), ('11010519491231002x'), (' 110105 19491231 002X '),
               ('110105-19491231-002X'), (E'\t11010519491231002X\r\n'), ('１１０１０５１９４９１２３１００２Ｘ'),
               (U&'11010519491231002\2169'), (U&'11010519491231002\2179'), (U&'\FEFF11010519491231002X'),
               (U&'110105\200B19491231\00A0002X'), (U&'110105\3000\30001949\201012\201331\2014002X'),
               (U&'11010519491231002X\00AD'), ('11010519491231002X?'), (U&'11010519491231002X\FF1F'),
               ('110105 1949 1231 002 x ?')) AS v (t);

-- Not folded: other scripts' digits, signs, look-alikes.
SELECT t, (credit.check_code(t, '2026-11-23')).*
  FROM (VALUES (U&'\0661\0661010519491231002X'), ('+1010519491231002X'), ('1101051949123100 2O'),
               ('11010519491231002?X'), ('1.10105194912310e17'), (U&'1101051949123100\06322'),
               (''), ('?'), ('X'), ('370323199503129013 370323199503129013')) AS v (t);

-- 15 digits: the century is 19, but 18 for the sequences 996-999.
SELECT t, t::credit.code, credit.age_on(t::credit.code, '2000-01-01')
  FROM (VALUES ('372828650312901'), ('372828010312996'), ('372828010312999'), ('372828010312995')) AS v (t);

-- A text that two kinds could read has one value: the first passes the check of
-- GB 32100 by chance, the others are organisation codes in every respect.
SELECT t, credit.code_kind(t::credit.code)
  FROM (VALUES ('370323198503129369'), ('511323196001017373'), ('511323196001019723'), ('511323196001021743')) AS v (t);

-- ---------------------------------------------------------------------------
-- Refusals: what, where, what would have fitted; never the number
-- ---------------------------------------------------------------------------
CREATE FUNCTION pg_temp.error_of(query text, OUT code text, OUT message text, OUT detail text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE query;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                          detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
\x on
SELECT t, e.* FROM unnest('{370323199503129014,370323199502309013,123456789012345678,91370323MA0000000H,
    91350203M0001QKT19,9S350203M0001QKT19,91 3502A3 M0001QKT19,96350203MA0001QKT1,12993702MA0001QKT1,12053702MA0001QKT1,
    160323199503129013,3703231995031290,CAN370195031290,370323A50312901,163231950312901,372828651312901,
    Z00000000000000196,Z0000000000000A195,张三}'::text[]) AS t,
  LATERAL pg_temp.error_of(format('SELECT %L::credit.code', t)) AS e;
SELECT q, e.* FROM unnest(ARRAY[$$SELECT credit.code('370323199503129014'::text)$$,
    $$SELECT credit.code(repeat('3', 100000000))$$, $$SELECT credit.code(repeat(' ', 1000) || '370323199503129014')$$,
    $$SELECT credit.assigned_code(-1)$$, $$SELECT credit.assigned_code(1000000000000000)$$,
    $$SELECT credit.age_on('370323199503129013', 'infinity')$$,
    $$SELECT credit.check_code('370323199503129013', '-infinity')$$]) AS q,
  LATERAL pg_temp.error_of(q) AS e;
\x off

-- A column's own error names row and column, not the value.
CREATE TABLE code_row (c credit.code PRIMARY KEY, n int NOT NULL);
COPY code_row FROM stdin;
370323199503129013	1
370323-19950312-9014	2
\.
COPY code_row FROM stdin;
３７０３２３１９９５０３１２９０１４	2
\.
INSERT INTO code_row VALUES ('370323199503129013', 1);
INSERT INTO code_row VALUES ('370323199503129013', 2);
INSERT INTO code_row VALUES ('11010519491231002X', NULL);
DO $$ BEGIN EXECUTE 'SELECT ''370323199503129014''::credit.code'; END $$;

-- ---------------------------------------------------------------------------
-- check_code: every verdict
-- ---------------------------------------------------------------------------
SELECT t, as_of, k.*
  FROM (VALUES ('370323199503129013', date '2026-11-23'), ('372828196503129010', '2026-11-23'),
               ('372828196503129010', '1985-06-01'), ('372828199503129014', '2026-11-23'),
               ('378888199503129016', '2026-11-23'), ('372828650312901', '2026-11-23'),
               ('91350203M0001QKT19?', '2026-11-23'), ('3703231995', '2026-11-23'),
               ('37032319950312901O', '2026-11-23'), ('3703231995031290A3', '2026-11-23'), ('370323199513129013', '2026-11-23'),
               ('370323201203129011', '2010-01-01'), ('370323199503129014', '2026-11-23'),
               ('123456789012345678', '2026-11-23'), ('96350203MA0001QKT1', '2026-11-23'), ('160323199503129013', '2026-11-23'), ('12053702MA0001QKT1', '2026-11-23'),
               ('810000199408230021', '2026-11-23'), ('911398199012310021', '2026-11-23'),
               ('Z00000000000000195', '2026-11-23'), ('12100000400000624D', '2026-11-23'),
               ('91330201MA282UF146', '2026-11-23'), (NULL, '2026-11-23')) AS v (t, as_of),
       LATERAL credit.check_code(t, as_of) AS k;

-- check_code and input agree on what is a code.
SELECT t FROM (VALUES ('370323199503129013'), ('372828650312901'), ('91350203M0001QKT19?')) AS v (t)
 WHERE (credit.check_code(t, '2026-11-23')).verdict LIKE 'bad%';

-- suggest_code: the meant code is among the suggestions for each kind of slip.
SELECT slip, t, '370323199503129013'::credit.code IN (SELECT credit.suggest_code(t)) AS found,
       (SELECT count(*) FROM credit.suggest_code(t)) AS suggestions
  FROM (VALUES ('none', '370323199503129013'), ('wrong', '370323199503129113'), ('swapped', '370323195903129013'),
               ('missing', '37032319950312013'), ('too many', '3703231995031299013'),
               ('letter', '37O323199503129013'), ('hopeless', '3703')) AS v (slip, t);
SELECT credit.suggest_code('9144O3001922038216'), credit.suggest_code('91350203M0001QKT19');

-- ---------------------------------------------------------------------------
-- Parts
-- ---------------------------------------------------------------------------
-- Years of life are completed on the day of the month, or the day after 28 February.
SELECT d, credit.age_on('370323199503129013', d) AS born_0312, credit.age_on('370323200002292010', d) AS born_0229
  FROM (VALUES (date '1994-12-31'), ('1995-03-11'), ('1995-03-12'), ('2013-03-11'), ('2013-03-12'),
               ('2018-02-28'), ('2018-03-01'), ('2020-02-28'), ('2020-02-29'), ('5874897-12-31')) AS v (d);
SELECT credit.assigned_code(0), credit.assigned_code(1), credit.assigned_code(999999999999999),
       credit.division(credit.assigned_code(1)), credit.age_on(credit.assigned_code(1), '2026-01-01');

-- ---------------------------------------------------------------------------
-- Binary form
-- ---------------------------------------------------------------------------
SELECT c, credit.code_send(c)
  FROM unnest('{370323199503129013,914403001922038216,91350203M0001QKT19?,Z00000000000000195}'::credit.code[]) AS c;

-- ---------------------------------------------------------------------------
-- Hash: frozen, for it decides where rows lie
-- ---------------------------------------------------------------------------
SELECT c, credit.code_hash(c), credit.code_hash_extended(c, 0) AS seed_0,
       credit.code_hash_extended(c, 8816678312871386365) AS partition_seed,
       credit.code_hash(c) = (credit.code_hash_extended(c, 0)::bit(64)::bit(64) << 32)::bit(32)::int AS same_low_half
  FROM unnest('{370323199503129013,372828196503129010,914403001922038216,92141127MA0KD1Y64A,Z00000000000000195}'::credit.code[]) AS c;

-- ---------------------------------------------------------------------------
-- Casts
-- ---------------------------------------------------------------------------
CREATE TABLE code_cast (c credit.code, t text, v varchar(20));
INSERT INTO code_cast (c) SELECT '370323199503129013'::text;
INSERT INTO code_cast (c) SELECT '370323199503129013'::varchar(18);
INSERT INTO code_cast (c) SELECT '370323199503129013'::char(30);
UPDATE code_cast SET t = c, v = c;
SELECT DISTINCT c, t, v, c::text = t AS same FROM code_cast;
SELECT castsource::regtype, casttarget::regtype, castcontext FROM pg_cast
 WHERE 'credit.code'::regtype IN (castsource, casttarget) ORDER BY 1, 2;

DROP TABLE code_row, code_cast;
