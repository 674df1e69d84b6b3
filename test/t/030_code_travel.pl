# credit.code travels: binary and text COPY, dump and restore, replication in
# binary form; bytes that are no code are refused and nothing is stored.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('code');
$node->init(allows_streaming => 'logical', extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);

$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir;

# Codes of every kind, irregular ones included.
$node->safe_psql('postgres', q{
	CREATE EXTENSION credit;
	CREATE EXTENSION amcheck;
	CREATE TABLE code (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, c credit.code NOT NULL);
	INSERT INTO code (c)
	SELECT credit.suggest_code(d || to_char(date '1930-01-01' + i, 'YYYYMMDD') || lpad((i % 1000)::text, 3, '0'))
	  FROM generate_series(1, 30000, 97) AS i, unnest('{370323,372828,810000,911398}'::text[]) AS d;
	INSERT INTO code (c)
	SELECT (d || to_char(date '1930-01-01' + i, 'YYYYMMDD') || lpad((i % 1000)::text, 3, '0') || k || '?')::credit.code
	  FROM generate_series(1, 30000, 977) AS i, unnest('{370323,372828}'::text[]) AS d, unnest('{0,5,9,X}'::text[]) AS k;
	INSERT INTO code (c)
	SELECT (o || p || k || '?')::credit.code
	  FROM unnest('{9135020300000000,91350203M000YYYY,1210000099999999,A137032312345678,N2370323M0000000}'::text[]) AS o,
	       unnest('{0,5,X}'::text[]) AS p, unnest('{0,9,A,X,Y}'::text[]) AS k;
	INSERT INTO code (c) SELECT credit.suggest_code('9144O3001922038216');
	INSERT INTO code (c) SELECT credit.assigned_code(i * 37) FROM generate_series(0, 1000) AS i;

	-- everything that refers to the type and its operators from a dump
	CREATE TABLE file (
		c credit.code PRIMARY KEY,
		before credit.code,
		division text GENERATED ALWAYS AS (credit.division(c)) STORED,
		CHECK (c IS DISTINCT FROM before), CHECK (NULLIF(c, before) IS NOT NULL),
		CHECK (before NOT IN ('91350203M0001QKT19?', '370323199503129013'))
	);
	INSERT INTO file SELECT DISTINCT c FROM code;
	CREATE INDEX ON file (credit.mask(c));
	CREATE INDEX ON file USING hash (c);
	CREATE INDEX ON file USING brin (c credit.code_bloom_ops);
	CREATE INDEX ON file (c) WHERE NOT credit.is_regular(c);
	CREATE TABLE parted (c credit.code) PARTITION BY HASH (c);
	CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 0);
	CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 1);
	CREATE TABLE parted_2 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 2);
	INSERT INTO parted SELECT c FROM file;
	CREATE DOMAIN county_code AS credit.code CHECK (credit.division(VALUE) = '370323');
	CREATE MATERIALIZED VIEW kinds AS
		SELECT credit.code_kind(c) AS kind, min(c) AS least, count(DISTINCT c) FROM file GROUP BY 1;
	CREATE VIEW same AS SELECT * FROM code JOIN file USING (c) WHERE c BETWEEN '370323193001010001?' AND '372828199912319999?'
		OR CASE c WHEN '370323199503129013' THEN true ELSE c = ANY ('{91350203M0001QKT19?}'::credit.code[]) END;
	CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
	CREATE TRIGGER changed BEFORE UPDATE ON file FOR EACH ROW
		WHEN (OLD.c IS DISTINCT FROM NEW.c) EXECUTE FUNCTION keep();
	ALTER TABLE file ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON file USING (c IN ('370323199503129013', '370323199503129014?'));
});

my $digest = q{SELECT count(*), md5(string_agg(c::text, ',' ORDER BY c)), md5(string_agg(credit.code_send(c)::text, ',' ORDER BY c::text COLLATE "C")) FROM };
my $all = $node->safe_psql('postgres', "$digest code");
like($all, qr/^\d{4,}\|/, "codes to travel: $all");

# --- binary and text COPY ---------------------------------------------------
for my $format ('binary', 'text', 'csv')
{
	$node->safe_psql('postgres', "CREATE TABLE back_$format (c credit.code);
		\\copy (SELECT c FROM code) TO '$dir/code.$format' (FORMAT $format)
		\\copy back_$format FROM '$dir/code.$format' (FORMAT $format)");
	is($node->safe_psql('postgres', "$digest back_$format"), $all, "COPY $format brings every code back");
}

# --- hostile bytes ------------------------------------------------------------
sub refused
{
	my ($name, $length, $bytes, $state) = @_;
	my $file = "$dir/hostile";
	open my $f, '>:raw', $file or die;
	print $f "PGCOPY\n\377\r\n\0", pack('N N n N', 0, 0, 1, $length & 0xFFFFFFFF), $bytes, pack('n', 0xFFFF);
	close $f;
	my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n\\copy hostile FROM '$file' (FORMAT binary)");
	like($err, qr/ERROR:  $state/, "$name: $state");
}
$node->safe_psql('postgres', 'CREATE TABLE hostile (c credit.code)');
refused('text_bytes_as_binary', 18, "\xff\xfe\0abcdefghijklmno", '22P03');
refused('too_short', 7, 'x' x 7, '08P01');
refused('too_long', 9, "\0\2\x1d\x45\x95\xd0\xda\xc2" . 'x', '22P03');
refused('empty', 0, '', '08P01');
refused('huge_length', 0x7fffffff, 'x' x 8, '(22P03|54000)');
refused('negative_length', -2, 'x' x 8, '22P04');
my %value = (
	no_person_zero           => pack('Q>', 0),                              # 000000 18000101 000 0
	unknown_province         => pack('Q>', ((160323 * 146097 + 71293) * 1000 + 901) * 11 + 3),
	person_that_is_a_company => undef,
	reserved_pair            => pack('Q>', 1607067000000000 + 120 * 10000 * 887205034581),
	unused_slot              => pack('Q>', 1607067000000000 + 1960 * 10000 * 887205034581 + 5),
	spare_prefix             => pack('Q>', 1607067000000000 + 39 * 10000 * 887205034581 + 7),
	gap_below_the_assigned   => pack('Q>', 18446744073709551615 - 1000000000000000),
);
delete $value{person_that_is_a_company};
refused($_, 8, $value{$_}, '22P03') for sort keys %value;
srand(370323);
my $accepted = 0;
for my $i (1 .. 40)
{
	# random numbers may be codes: then they must come back as the same bytes
	my $bytes = join '', map { chr int rand 256 } 1 .. 8;
	open my $f, '>:raw', "$dir/random" or die;
	print $f "PGCOPY\n\377\r\n\0", pack('N N n N', 0, 0, 1, 8), $bytes, pack('n', 0xFFFF);
	close $f;
	my ($rc, $out, $err) = $node->psql('postgres', "\\copy hostile FROM '$dir/random' (FORMAT binary)
		SELECT encode(credit.code_send(c), 'hex') || (c::text::credit.code = c) FROM hostile; TRUNCATE hostile");
	if ($err) { like($err, qr/invalid credit code in binary form/, "random $i refused") }
	else { $accepted++; is($out, unpack('H*', $bytes) . 'true', "random $i is a code, the same again") }
}
note "$accepted of 40 random numbers were codes";
is($node->safe_psql('postgres', 'SELECT count(*) FROM hostile'), '0', 'nothing hostile was stored');

# --- dump and restore --------------------------------------------------------
for my $format ('plain', 'custom', 'inserts')
{
	my @how = $format eq 'plain' ? () : $format eq 'custom' ? ('-Fc') : ('--inserts', '--rows-per-insert=100');
	$node->command_ok([ 'pg_dump', @how, '-f', "$dir/dump.$format", $node->connstr('postgres') ], "dump $format");
	$node->safe_psql('postgres', "CREATE DATABASE $format TEMPLATE template0 ENCODING UTF8");
	my @restore = $format eq 'custom'
		? ('pg_restore', '-j', '2', '--exit-on-error', '-d', $node->connstr($format), "$dir/dump.$format")
		: ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/dump.$format", '-d', $node->connstr($format));
	$node->command_ok(\@restore, "restore $format");
	is($node->safe_psql($format, "$digest code"), $all, "restore $format: every code");
	is($node->safe_psql($format, "$digest parted"), $node->safe_psql('postgres', "$digest parted"), "restore $format: partitions");
	is($node->safe_psql($format, 'SELECT * FROM kinds ORDER BY kind'), $node->safe_psql('postgres', 'SELECT * FROM kinds ORDER BY kind'),
		"restore $format: materialized view");
	is($node->safe_psql($format, 'SELECT count(*) FROM same'), $node->safe_psql('postgres', 'SELECT count(*) FROM same'), "restore $format: view");
	is($node->safe_psql($format, q{SELECT tgname FROM pg_trigger WHERE tgrelid = 'file'::regclass}), 'changed', "restore $format: trigger");
}

# --- every index is sound ----------------------------------------------------
$node->command_ok([ 'pg_amcheck', '--heapallindexed', '--rootdescend', '-d', 'postgres', '-p', $node->port, '-h', $node->host ], 'pg_amcheck');
is($node->safe_psql('postgres', q{SELECT bool_and(amvalidate(oid)) FROM pg_opclass WHERE opcintype = 'credit.code'::regtype}), 't', 'amvalidate');

# --- replication in binary form ------------------------------------------------
my $town = PostgreSQL::Test::Cluster->new('town');
$town->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$town->start;
$town->safe_psql('postgres', 'CREATE EXTENSION credit; CREATE TABLE code (id bigint PRIMARY KEY, c credit.code NOT NULL)');
$node->safe_psql('postgres', 'CREATE PUBLICATION codes FOR TABLE code');
$town->safe_psql('postgres', sprintf(
	'CREATE SUBSCRIPTION codes CONNECTION $$%s$$ PUBLICATION codes WITH (binary = true)', $node->connstr('postgres')));
$town->wait_for_subscription_sync($node, 'codes');
is($town->safe_psql('postgres', "$digest code"), $all, 'replication: the first copy');
$node->safe_psql('postgres', q{INSERT INTO code (c) VALUES ('91350203M0001QKT19?'); UPDATE code SET c = '370323199503129013' WHERE id = 1});
$node->wait_for_catchup('codes');
is($town->safe_psql('postgres', "$digest code"), $node->safe_psql('postgres', "$digest code"), 'replication: changes');

$town->stop;
$node->stop;
done_testing();
