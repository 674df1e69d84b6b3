# Divisions and registrars through dump and restore: a dump carries the DBA's
# rows and no shipped one, in every format, and the restored table is the same.
# Also: DROP EXTENSION and CREATE EXTENSION within a session.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->start;

sub fingerprint
{
	my $db = shift;
	return $node->safe_psql($db,
		q{SELECT count(*), md5(string_agg(h::text, E'\n' ORDER BY h::text COLLATE "C"))
		    FROM credit.division_history h
		  UNION ALL
		  SELECT count(*), md5(string_agg(r::text, E'\n' ORDER BY r::text COLLATE "C"))
		    FROM credit.registrar_category r
		  UNION ALL
		  SELECT count(*), string_agg(format('%s %s', tgname, tgenabled), ' ' ORDER BY tgname, tgrelid::regclass::text)
		    FROM pg_trigger WHERE tgrelid IN ('credit.division_history'::regclass, 'credit.registrar_category'::regclass)});
}

my $dump = $node->basedir . '/dump';
my @psql = ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', $node->host, '-p', $node->port);
my @with = ('-h', $node->host, '-p', $node->port);
my $number = 0;

# Dumps database $from in a format and restores it in a new database.
sub restored_is_same
{
	my ($from, $format, $what) = @_;
	my $to = 'restored' . ++$number;

	$node->safe_psql('postgres', "CREATE DATABASE $to");
	if ($format eq 'plain')
	{
		command_ok([ 'pg_dump', @with, '-f', "$dump$number", $from ], "$what: pg_dump");
		command_ok([ @psql, '-f', "$dump$number", $to ], "$what: psql");
	}
	else
	{
		command_ok([ 'pg_dump', @with, "-F$format", '-f', "$dump$number", $from ],
			"$what: pg_dump -F$format");
		command_ok([ 'pg_restore', @with, '--exit-on-error', '-d', $to, "$dump$number" ],
			"$what: pg_restore -F$format");
	}
	is(fingerprint($to), fingerprint($from), "$what: the same table ($format)");
	return $to;
}

$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', 'CREATE EXTENSION credit');
my $fresh = fingerprint('source');
like($fresh, qr/^77\d\d\|/, 'the shipped rows are there');
restored_is_same('source', 'plain', 'nothing local');

$node->safe_psql('source', q{
	INSERT INTO credit.division_history (code, name, first_year, last_year, note) VALUES
		('370323', '沂源县', 1989, 2024, 'closed'),
		('370323', '沂源市', 2025, NULL, E'a note\twith a tab'),
		('370399', '新县', 2021, 2022, NULL),
		('370399', '新新县', 2023, NULL, '');
	INSERT INTO credit.registrar_category (registrar, category, registrar_zh, registrar_en, category_zh, category_en)
		VALUES ('5', '4', '民政', 'Civil affairs', '居民委员会', 'Residents'' committee');
	UPDATE credit.division_history SET name = '再新县' WHERE code = '370399' AND first_year = 2023;
	DELETE FROM credit.division_history WHERE code = '370399' AND first_year = 2021;
	-- What a site builds on the functions must restore under an empty search_path.
	CREATE TABLE place (code text CHECK (credit.division_listed(code, 1980, 2100)));
	INSERT INTO place VALUES ('370323'), ('370399');
	CREATE MATERIALIZED VIEW place_name AS SELECT code, credit.division_name(code, '2026-01-01') AS name FROM place;
});
isnt(fingerprint('source'), $fresh, 'local rows make a difference');

for my $format ('plain', 'c', 'd', 't')
{
	my $db = restored_is_same('source', $format, 'local rows');
	is($node->safe_psql($db, q{SELECT credit.division_name('370323', '2026-01-01'), credit.division_name('370399', '2026-01-01'),
		credit.category_name('5', '4'), (SELECT string_agg(name, ',' ORDER BY code) FROM place_name)}),
		'沂源市|再新县|居民委员会|沂源市,再新县', 'they answer');
}
my $plain = slurp_file($dump . '2');
is(scalar(() = $plain =~ /^37\d{4}(\t|$)/mg), 3 + 2, 'the dump has the local rows (and the two places)');
unlike($plain, qr/\tshipped/, 'the dump has no shipped row');

# Data alone, into a database that has the extension; with triggers off.
$node->safe_psql('postgres', 'CREATE DATABASE alone');
$node->safe_psql('alone', 'CREATE EXTENSION credit');
command_ok([ 'pg_dump', @with, '-Fc', '-a', '-f', "$dump.a", '-t', 'credit.*', '-T', 'place', '--extension=credit', 'source' ],
	'pg_dump -a');
command_ok([ 'pg_restore', @with, '--exit-on-error', '--disable-triggers', '-d', 'alone', "$dump.a" ],
	'pg_restore --disable-triggers');
is($node->safe_psql('alone', q{SELECT credit.division_name('370399', '2026-01-01')}), '再新县', 'data alone');
# --disable-triggers switches ALWAYS to the ordinary state; the trigger still fires.
is($node->safe_psql('alone', q{
	SELECT credit.division_name('370399', '2026-01-01');
	UPDATE credit.division_history SET name = 'x' WHERE code = '370399';
	SELECT credit.division_name('370399', '2026-01-01');}), "再新县\nx", 'and changes are seen');

# A dump of the restored database is a dump of the first.
restored_is_same('restored3', 'c', 'second generation');

# Out and in again while a session holds a cache and a plan.
is($node->safe_psql('restored1', q{
	PREPARE ask AS SELECT credit.division_name('370399', '2026-01-01'), credit.division_name('370323', '2026-01-01');
	INSERT INTO credit.division_history (code, name, first_year) VALUES ('370399', 'first', 2021);
	EXECUTE ask;
	DROP EXTENSION credit;
	CREATE EXTENSION credit;
	EXECUTE ask;
	BEGIN;
	DROP EXTENSION credit;
	CREATE EXTENSION credit;
	INSERT INTO credit.division_history (code, name, first_year) VALUES ('370399', 'second', 2021);
	EXECUTE ask;
	ROLLBACK;
	EXECUTE ask;}), "first|沂源县\n|沂源县\nsecond|沂源县\n|沂源县", 'DROP and CREATE EXTENSION');
my ($rc, $out, $err) = $node->psql('restored1', q{SELECT credit.division_name('370399', '2026-01-01'); DROP EXTENSION credit;
	SELECT credit.division_name('370399', '2026-01-01')});
like($err, qr/schema "credit" does not exist|function credit\.division_name\(unknown, unknown\) does not exist/, 'gone with the extension');

# Two databases of one server do not know of each other.
is($node->safe_psql('restored2', q{SELECT credit.division_name('370399', '2026-01-01')}), '再新县', 'another database');

$node->stop;
done_testing();
