# A record changes while somebody makes a list entry, a measure or an incentive of
# it: whoever comes second waits, and nothing is left that rests on nothing.  And a
# restored dump holds to the same rules.
#
# Seen failing: entered_meanwhile without FOR SHARE in check_list_entry(),
# assigned_meanwhile without FOR SHARE in assign_measure().
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $dir = PostgreSQL::Test::Utils::tempdir;
my $node = PostgreSQL::Test::Cluster->new('measure');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "session_preload_libraries = 'credit'");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION credit; SELECT credit.create_register(); CREATE ROLE reviewer LOGIN;
	SELECT credit.adopt_rulebook('test', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099), '[2018-01-01,)');
	INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
	SELECT credit.grant_duty('reviewer', 'credit_reviewer', NULL, '{370323}', NULL, 'decision 1', '[2020-01-01,)');
	INSERT INTO credit_register.record (subject, record, item, severity, document_date, provider, division, stance, document_no, final_on, happened_on)
	  SELECT 'P000000000000101', format('00000000-0000-0000-0000-00000000000%s', i)::uuid, 'debt_evasion', 'serious', credit.today() - 100, 'a', '370323', 'bad', 'doc ' || i, credit.today() - 90, credit.today() - 100
	    FROM generate_series(1, 3) i});
my $as = "SET SESSION AUTHORIZATION reviewer; BEGIN; SELECT credit.enter();";

# A notice about each record, and its number.
my %notice;
for my $i (1 .. 3)
{
	my $record = "00000000-0000-0000-0000-00000000000$i";
	($notice{$record}) = $node->safe_psql('postgres', "$as SELECT credit.serve_notice('$record', 'letter', credit.today() - 60); COMMIT") =~ /([0-9a-f-]{36})/;
}

sub enter { my $record = shift; return "SELECT credit.enter_list('$record', 'close_supervision', 'art 17', '$notice{$record}', 'file')" }
sub repair { my $record = shift; return "SELECT credit.change_record('P000000000000101', '$record', 'repaired', 'x')" }

# One session does the first, holds its transaction, and ends it once the second waits
# (without the lock it does not: so no longer than two seconds for it).
sub meanwhile
{
	my ($first, $second) = @_;
	my $holder = $node->background_psql('postgres');
	$holder->query_safe($first);
	my $pid = fork // die;
	if (!$pid)
	{
		exec "psql -X -q -d '" . $node->connstr('postgres') . "' -o /dev/null -c \"SET application_name = 'second'\" -c \"$second\" 2>$dir/second.err";
	}
	for (1 .. 40)
	{
		last if $node->safe_psql('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'second' AND wait_event_type = 'Lock')}) eq 't';
		usleep(50000);
	}
	$holder->query_safe('COMMIT');
	$holder->quit;
	waitpid $pid, 0;
	return slurp_file("$dir/second.err");
}
sub left { return $node->safe_psql('postgres', "SELECT count(*) FROM credit.everywhere_measure('P000000000000101', '$_[0]')") }

my $record = '00000000-0000-0000-0000-000000000001';
meanwhile($as . enter($record), repair($record));
is(left($record), '0', 'entered_meanwhile: the repair ends the entry that was made before it');

$record = '00000000-0000-0000-0000-000000000002';
my $said = meanwhile('BEGIN; ' . repair($record), $as . enter($record) . '; COMMIT');
like($said, qr/rests on a bad record that stands/, 'repaired_meanwhile: no entry comes after the repair');
is(left($record), '0', 'repaired_meanwhile: nothing is left');

$record = '00000000-0000-0000-0000-000000000003';
my ($entry) = $node->safe_psql('postgres', $as . enter($record) . '; COMMIT') =~ /([0-9a-f-]{36})/;
meanwhile($as . "SELECT credit.assign_measure('$entry', 'market_access')", repair($record));
is(left($record), '0', 'assigned_meanwhile: the repair releases the measure that was assigned before it');
is($node->safe_psql('postgres', q{SELECT string_agg(state, ' ') FROM credit_register.measure_task}), 'released', 'assigned_meanwhile: released');

# --- dump and restore ---------------------------------------------------------------
$node->safe_psql('postgres', 'CREATE DATABASE second');
$node->command_ok([ 'pg_dump', '-f', "$dir/dump.sql", $node->connstr('postgres') ], 'dump');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/dump.sql", '-d', $node->connstr('second') ], 'restore');
my $sum = 'SELECT count(*) || md5(string_agg(t::text, chr(10) ORDER BY task)) FROM credit_register.measure_task t';
is($node->safe_psql('second', $sum), $node->safe_psql('postgres', $sum), 'restored: the same tasks');
my ($rc, $out, $err) = $node->psql('second', q{INSERT INTO credit_register.list_entry SELECT (jsonb_populate_record(e, jsonb_build_object('entry', gen_random_uuid(), 'left_on', NULL, 'left_reason', NULL))).* FROM credit_register.list_entry e LIMIT 1});
like($err, qr/rests on a bad record that stands/, 'restored: and the same rules');

done_testing();
