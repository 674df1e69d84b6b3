\c - demo_analyst
BEGIN;
SELECT true AS entered FROM credit.enter() \gset
SELECT credit.dashboard_html(:'language');
COMMIT;
