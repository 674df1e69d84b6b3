# A register that has lived through pg_dump: restored into a database of another
# name, by another server and with a DBA's own things in it, it holds the same,
# answers the same and goes on.
#
# Seen failing: one row of audit_event cut out of the dump (the rows, the audit and
# the checkpoint); another key on the other server (nothing can be opened); and
# restored_without_its_key without key_check_noted() in site_begin() (the person
# who is there already was not found by number).
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = dirname(dirname(abs_path(__FILE__))) . '/data';
my $dir = PostgreSQL::Test::Utils::tempdir;
chmod 0755, $dir;

sub server
{
	my $node = PostgreSQL::Test::Cluster->new($_[0]);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', "credit.key_file = '$dir/register.key'\nshared_preload_libraries = 'credit'\nlog_parameter_max_length = 0\n");
	$node->start;
	return $node;
}
my $node = server('main');
sub at { my ($where) = @_; return ('-h', $where->host, '-p', $where->port, '-U', 'postgres'); }

# A script of test/data in a database: what it says.
sub said
{
	my ($where, $db, $script) = @_;
	my ($out, $err) = ('', '');
	local $ENV{PGOPTIONS} = '-c client_min_messages=error';
	IPC::Run::run([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', at($where), '-d', $db, '-f', "$data/$script.sql" ], '>', \$out, '2>', \$err) or die "$script: $err";
	return $out;
}

# The lines that differ, without the many that do not.
sub is_same
{
	my ($got, $expected, $name) = @_;
	# What was written by the server and read again has an AND of three where BETWEEN was an AND within one.
	s/^(constraint .*)/$1 =~ s{[()]}{}gr/gme for $got, $expected;
	my %in = map { $_ => 1 } split /\n/, $expected;
	my %of = map { $_ => 1 } split /\n/, $got;
	my @extra = grep { !$in{$_} } sort keys %of;
	my @missing = grep { !$of{$_} } sort keys %in;
	is(join("\n", (map { "- $_" } @missing), map { "+ $_" } @extra), '', $name);
}

# Works on as before: a record filed, an objection decided, a look, all of it sealed.
sub goes_on
{
	my ($where, $db, $name) = @_;
	my ($rc, $out, $err) = $where->psql($db, q{
		BEGIN; SELECT FROM credit.enter();
		SELECT length(credit.open_dispute((SELECT record FROM credit.my_records() WHERE state = 'active' AND item = 'administrative_penalty' LIMIT 1), 'again')::text); COMMIT;
	}, extra_params => [ '-U', 'life_citizen', '-q' ]);
	like($out, qr/36/, "$name: a citizen objects") or diag($err);
	($rc, $out, $err) = $where->psql($db, q{BEGIN; SELECT FROM credit.enter();
		SELECT length(credit.file_record(life.person(3)::credit.code, 'volunteer_hours', credit.today() - 1, happened_on => credit.today() - 2,
			amount => 3, fields => '{"hours": "3", "certificate_number": "new"}')::text); COMMIT;
	}, extra_params => [ '-U', 'life_p4', '-q' ]);
	like($out, qr/36/, "$name: an office files") or diag($err);
	$where->safe_psql($db, 'CALL credit.score_all()');
	$where->safe_psql($db, 'SELECT credit.seal_audit()');
	is($where->safe_psql($db, q{SELECT v.ok, v.finding FROM credit.verify_audit(life.note('checkpoint')) v}), 't|summary', "$name: what came after is sealed, and in line with the checkpoint");
	is($where->safe_psql($db, q{SELECT credit.create_register()}), $where->safe_psql($db, 'SELECT credit.register_version()'), "$name: create_register() finds nothing to do");
}

$node->safe_psql('postgres', 'CREATE EXTENSION credit; SELECT credit.create_key_file(); CREATE DATABASE source;');
said($node, 'source', 'register_life');
my $shape = said($node, 'source', 'register_shape');
my $content = said($node, 'source', 'register_content');
like($content, qr/^credit_register\.record\|2\d\d\|/m, 'there are records');
like($content, qr/^audit\|t\|summary$/m, 'and the audit verifies');
unlike($content, qr/^distribution/m, 'distribution_report() is empty');

# --- plain, by psql, into a database of another name --------------------------
$node->safe_psql('postgres', 'CREATE DATABASE plain');
command_ok([ 'pg_dump', at($node), '-f', "$dir/plain.sql", 'source' ], 'plain: pg_dump');
command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', at($node), '-f', "$dir/plain.sql", 'plain' ], 'plain: psql');
is_same(said($node, 'plain', 'register_shape'), $shape, 'plain: the same tables, policies, triggers, rights');
is_same(said($node, 'plain', 'register_content'), $content, 'plain: the same rows and answers');
goes_on($node, 'plain', 'plain');
is_same(said($node, 'plain', 'register_shape'), $shape, 'plain: create_register() changed nothing');

# --- the DBA has been at work ---------------------------------------------------
# An index, partitions, a trigger, a column, a view with its rows kept; what he wrote relies on his search_path.
$node->safe_psql('source', q{
	CREATE INDEX dba_month ON credit_register.record (credit.month_of(document_date), item);
	ALTER TABLE credit_register.record ADD COLUMN dba_note text CHECK (credit.division_listed(division, 1980, 2100) AND dba_note <> '');
	UPDATE credit_register.record SET dba_note = 'seen' WHERE item = 'court_defaulter';
	CREATE FUNCTION dba_stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.dba_note := coalesce(NEW.dba_note, 'new'); RETURN NEW; END $$;
	CREATE TRIGGER dba_stamp BEFORE INSERT ON credit_register.record FOR EACH ROW EXECUTE FUNCTION dba_stamp();
	CREATE TABLE dba_visit (subject credit.pseudonym, division text, provider text, on_day date, what text, PRIMARY KEY (subject, on_day)) PARTITION BY RANGE (on_day);
	CREATE TABLE dba_visit_old PARTITION OF dba_visit FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
	SELECT credit.protect_table('dba_visit', 'division', 'provider');
	CREATE TABLE dba_visit_new PARTITION OF dba_visit FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
	SELECT credit.extend_protection('dba_visit');
	INSERT INTO dba_visit SELECT subject, division, 'p1', day::date, 'visit' FROM credit_register.subject, (VALUES ('2025-05-05'), ('2026-05-05')) d (day);
	CREATE MATERIALIZED VIEW dba_shown AS SELECT item, count(*) FROM credit_register.shown_record GROUP BY item;
	SELECT credit.audit_months(6);
	SELECT credit.seal_audit();});
$shape = said($node, 'source', 'register_shape');
$content = said($node, 'source', 'register_content');
like($shape, qr/^trigger \| public\.dba_visit_new\.credit_audit_truncate/m, 'his partition is guarded');

my $n = 0;
for my $format ([ 'directory', '-Fd', '-j', '2' ], [ 'custom', '-Fc' ])
{
	my ($name, @how) = @$format;
	my $db = 'restored_' . ++$n;
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	command_ok([ 'pg_dump', at($node), @how, '-f', "$dir/$name", 'source' ], "$name: pg_dump");
	command_ok([ 'pg_restore', at($node), ($how[1] ? @how[ 1, 2 ] : ()), '--exit-on-error', '-d', $db, "$dir/$name" ], "$name: pg_restore");
	is_same(said($node, $db, 'register_shape'), $shape, "$name: the same, and what the DBA added");
	is_same(said($node, $db, 'register_content'), $content, "$name: the same rows and answers");
	goes_on($node, $db, $name);
}

# --- another server: other roles' oids, other transaction numbers -----------------
my $other = server('other');
command_ok([ 'pg_dumpall', at($node), '--roles-only', '-f', "$dir/roles.sql" ], 'another server: roles');
$other->psql('postgres', slurp_file("$dir/roles.sql"), on_error_stop => 0);
$other->safe_psql('postgres', 'CREATE DATABASE moved');
command_ok([ 'pg_restore', at($other), '-j', '2', '--exit-on-error', '-d', 'moved', "$dir/directory" ], 'another server: pg_restore');
is_same(said($other, 'moved', 'register_shape'), $shape, 'another server: the same shape');
is_same(said($other, 'moved', 'register_content'), $content, 'another server: the same rows and answers');
goes_on($other, 'moved', 'another server');

# --- and without its key file: nothing is filed and nobody found, whatever is tried ---
# What guard_report() says of keys; what the mends say is done, and makes no fresh keys.
sub of_keys { return $_[0]->safe_psql('moved', q{SELECT g.finding, g.mend FROM credit.guard_report() g WHERE g.finding ~ 'key( file|$)' ORDER BY 1, 2}); }
my $without = 'restored_without_its_key';
my $number = $node->safe_psql('source', q{SELECT o.code FROM credit_register.record r, credit.identity_open(r.subject) o WHERE r.item = 'volunteer_hours' LIMIT 1});
my $rows = q{SELECT (SELECT count(*) FROM credit_register.subject), (SELECT count(*) FROM credit_register.identity), (SELECT count(*) FROM credit_register.record)};
my $held = $other->safe_psql('moved', $rows);
my $known = $other->safe_psql('moved', "SELECT credit.pseudonym(credit.code '$number')");
sub key_file { $other->safe_psql('postgres', "ALTER SYSTEM SET credit.key_file = '$_[0]'"); $other->restart; }

key_file('');
my $said = of_keys($other);
like($said, qr/^no key file\|-- first copy the key file/, "$without: guard_report() asks for the file");
unlike($said, qr/create_key_file/, "$without: and proposes no fresh keys");
key_file("$dir/fresh.key");
$said = of_keys($other);
like($said, qr/^key file that cannot be used\|-- put the key file/, "$without: nor where there is none at its place");
unlike($said, qr/create_key_file/, "$without: and no fresh keys");
my ($rc, $out, $err) = $other->psql('moved', '\\set VERBOSITY verbose' . "\nSELECT credit.create_key_file()");
like($err, qr/ERROR:  55000: this database holds a register that was made with other keys\n.*\nHINT:  Put the key file that the register was made with/, "$without: create_key_file() refuses");
ok(!-e "$dir/fresh.key", "$without: and makes nothing");
# Another database of the server has no register yet, and makes them.
$other->safe_psql('postgres', 'CREATE EXTENSION credit; SELECT credit.create_key_file()');
like(of_keys($other), qr/^register made with another key\|-- put the key file.*\nregister made with another key/, "$without: guard_report() knows them for others");
for ([ 'life_p4', "SELECT credit.file_record('$number', 'volunteer_hours', credit.today() - 1, happened_on => credit.today() - 2,
		amount => 3, fields => '{\"hours\": \"3\", \"certificate_number\": \"second\"}')" ],
	[ 'life_p4', q{SELECT b, credit.add_batch_rows(b, (SELECT jsonb_agg(raw) FROM life.rows(4, 9))), credit.load_batch(b) FROM credit.open_batch(name => 'without') b} ],
	[ 'life_window', "SELECT credit.open_inquiry('$number', 'administration', 'counter 9')" ],
	[ 'postgres', "SELECT credit.identity_store('$number', 'x')" ],
	[ 'postgres', "SELECT credit.identity_lookup('$number')" ],
	[ 'postgres', "SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
		SELECT count(credit.reveal(subject)) FROM credit_register.subject" ],
	[ 'postgres', 'CALL credit.rotate_keys()' ])
{
	my ($login, $sql) = @$_;
	my ($what) = $sql =~ /credit\.(\w+)\((?!b)/;
	($rc, $out, $err) = $other->psql('moved', $login eq 'postgres' ? $sql : "BEGIN; SELECT FROM credit.enter(); $sql; COMMIT", extra_params => [ '-U', $login ]);
	like($err, qr/ERROR:  the register was made with another key file/, "$without: $what() as $login");
	unlike($err, qr/$number/, "$without: and names nobody");
}
is($other->safe_psql('moved', $rows), $held, "$without: nobody became a second subject");
key_file("$dir/register.key");
is(of_keys($other), '', "$without: with it guard_report() is content");
is($other->safe_psql('moved', "SELECT credit.pseudonym(credit.code '$number')"), $known, "$without: and the person is who he was");
($rc, $out, $err) = $other->psql('moved', "BEGIN; SELECT FROM credit.enter(); SELECT credit.file_record('$number', 'volunteer_hours', credit.today() - 1,
	happened_on => credit.today() - 2, amount => 3, fields => '{\"hours\": \"3\", \"certificate_number\": \"second\"}'); COMMIT", extra_params => [ '-U', 'life_p4' ]);
is($err . $other->safe_psql('moved', $rows), $held =~ s/(\d+)$/$1 + 1/er, "$without: an office files, about nobody new");

$other->stop;
$node->stop;
done_testing();
