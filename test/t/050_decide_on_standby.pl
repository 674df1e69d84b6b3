# Decisions need no write: rule cases and simulation answer on a hot standby as
# on its primary, although both run queries of their own.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$primary->start;
$primary->safe_psql('postgres', q{
	CREATE EXTENSION credit;
	CREATE TABLE law (name text, book credit.rulebook);
	INSERT INTO law SELECT n, format($json${
	  "format": 1, "id": "%s", "version": "1", "title": {"zh": "t", "en": "t"},
	  "documents": [{"id": "d", "zh": "d", "level": "law", "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
	  "items": [{"id": "penalty", "zh": "p", "en": "p", "stance": "bad", "subjects": ["person"], "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
	  "display": [{"id": "all", "months": %s, "anchor": "document_date", "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
	  "repair": [{"id": "all", "min_months": 3, "basis": {"document": "d"}, "in_force": {"from": "2000-01-01"}, "confidence": "C"}],
	  "score": {"id": "s", "basis": {"document": "d"}, "confidence": "C", "base": 100, "grades": [{"grade": "A", "from": 90}, {"grade": "B"}],
	            "rules": [{"id": "minus", "items": ["penalty"], "points": -20, "months": %s, "basis": {"document": "d"}, "confidence": "C"}]},
	  "cases": [{"name": "right", "article": "a", "ask": "displayed_on", "given": {"item": "penalty", "document_date": "2026-01-01", "day": "2026-02-01"}, "expect": true},
	            {"name": "an error", "article": "a", "ask": "displayed_on", "given": {"item": "nothing", "document_date": "2026-01-01", "day": "2026-02-01"}, "expect": {"error": "22023"}}]
	}$json$, n, m, m)::credit.rulebook FROM (VALUES ('long', 36), ('short', 12)) v (n, m);
	CREATE TABLE act AS SELECT n % 10 AS subject, 'penalty' AS item, '2024-01-01'::date + n AS document_date, 'active' AS state FROM generate_series(1, 900, 7) n;
});
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('flush'));
is($standby->safe_psql('postgres', 'SELECT pg_is_in_recovery()'), 't', 'it is a standby');

for my $query (
	q{SELECT c.* FROM law, credit.run_rule_cases(book) c ORDER BY 1},
	q{SELECT s.* FROM law a, law b, credit.simulate(a.book, b.book, '2026-06-01', 'act') s WHERE a.name = 'long' AND b.name = 'short'})
{
	my $answer = $standby->safe_psql('postgres', $query);
	isnt($answer, '', 'the standby answers');
	is($answer, $primary->safe_psql('postgres', $query), 'as the primary does');
}
like($standby->safe_psql('postgres', q{SELECT s.* FROM law a, law b, credit.simulate(a.book, b.book, '2026-06-01', 'act') s WHERE a.name = 'long' AND b.name = 'short'}),
	qr/^display_end\|penalty\|\|earlier\|129\|731$/m, 'and says what changes');

$standby->stop;
$primary->stop;
done_testing();
