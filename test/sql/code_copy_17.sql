-- COPY can leave bad rows out (PostgreSQL 17 and later).
CREATE TABLE code_copied (c credit.code, n int);
COPY code_copied FROM stdin (ON_ERROR ignore);
370323199503129013	1
370323199503129014	2
91350203M0001QKT19?	3
张三	4
\.
SELECT * FROM code_copied ORDER BY n;
DROP TABLE code_copied;
