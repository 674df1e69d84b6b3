\c - demo_citizen_2
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.open_repair(demo.note('arrears')::uuid, '{"commitment": true}') AS repair \gset
INSERT INTO demo.note VALUES ('repair', :'repair');
COMMIT;
\c - demo_reviewer
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT condition, met, earliest, left(basis, 40) AS basis FROM credit.repair_conditions(:'repair', '{"commitment": true, "harm_removed": true}');
SELECT credit.decide_repair(:'repair', 'granted', '{承诺书,缴款书}', '{"commitment": true, "harm_removed": true}') \gset
SELECT demo.holds('after the repair the record is nowhere', count(*) = 0, string_agg(path, ', ')) FROM credit.everywhere(demo.note('arrears')::uuid) \g (tuples_only=on format=unaligned)
COMMIT;
