# An inquiry outlives the reader, whatever the reader does: roll back, get
# killed, time out, prepare and abort, switch durability off and crash the server
# (U1 to U5 of the catalogue).
#
# Seen failing without the defence: prepared_and_aborted_reader and
# rollback_erases_read_trace with inquiry_settled() answering true (rows came,
# no trace stayed); asynchronous_commit_and_crash without XLogFlush() (the
# inquiry was gone after the restart).
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
# The log is written late, so that an unflushed commit is really lost.
$node->append_conf('postgresql.conf', "restart_after_crash = on\nmax_prepared_transactions = 5\nwal_writer_delay = 10s\nwal_writer_flush_after = 1GB\nautovacuum = off\n");
$node->start;

my $subject = 'P000000000000101';
$node->safe_psql('postgres', qq{
	CREATE EXTENSION credit;
	SELECT credit.create_register();
	CREATE ROLE clerk LOGIN;
	SELECT credit.adopt_rulebook('law', credit.shipped_rulebook('cn-370323'), '[2020-01-01,)');
	INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
	SELECT credit.grant_duty('clerk', 'credit_window', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)');
	INSERT INTO credit_register.record (subject, item, document_date, provider, division, stance, document_no)
		SELECT '$subject', 'commendation', credit.today() - 100, 'a', '370323', 'good', n::text FROM generate_series(1, 3) n;});

my $enter = "SELECT FROM (SELECT credit.enter() OFFSET 0) e;";
my $open = "SELECT credit.open_inquiry_on('$subject', 'administration', 'licence 5')";

# As the clerk; every statement in one script.
sub clerk
{
	my ($sql, $where) = @_;
	my ($rc, $out, $err) = ($where || $node)->psql('postgres', $sql, extra_params => [ '-U', 'clerk', '-q' ]);
	$out =~ s/^\s*\n//mg;
	return ($out, $err);
}

sub traces { return $node->safe_psql('postgres', 'SELECT count(*) FROM credit_register.inquiry'); }

my ($out, $err) = clerk("BEGIN; $enter $open AS i \\gset\nSELECT count(*) FROM credit.report_rows(:'i'); ROLLBACK;");
like($err, qr/not committed yet/, 'U1 rollback_erases_read_trace: refused');
is(traces(), 0, 'and nothing was read');

# PREPARE TRANSACTION hides the row; COMMIT PREPARED makes it an inquiry.
($out, $err) = clerk("BEGIN; $enter $open; PREPARE TRANSACTION 'p';");
my ($prepared) = $out =~ /([0-9a-f-]{36})/;
($out, $err) = clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$prepared'); COMMIT;");
like($err, qr/not open to you/, 'U2 prepared_and_aborted_reader: refused while prepared');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'p'");
($out, $err) = clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$prepared'); COMMIT;");
like($err, qr/not open to you/, 'prepared_and_aborted_reader: refused when aborted');
($out, $err) = clerk("BEGIN; $enter $open; PREPARE TRANSACTION 'p';");
($prepared) = $out =~ /([0-9a-f-]{36})/;
$node->safe_psql('postgres', "COMMIT PREPARED 'p'");
is((clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$prepared'); ROLLBACK;"))[0], 3, 'a prepared inquiry that was committed answers');
is(traces(), 1, 'one trace');

# U5: a reader that rolls back, is killed, times out, or prepares and aborts, leaves
# his inquiry in every case.
($out) = clerk("BEGIN; $enter $open; COMMIT;");
my ($inquiry) = $out =~ /([0-9a-f-]{36})/;
my %end = (
	rolled_back_reader => 'ROLLBACK;',
	terminated_reader => 'SELECT pg_terminate_backend(pg_backend_pid());',
	timed_out_reader => 'SET statement_timeout = 50; SELECT pg_sleep(10);',
	idle_timed_out_reader => "SET idle_in_transaction_session_timeout = 50;\n\\! sleep 0.3\nSELECT 1;",
	read_prepared_and_aborted => "PREPARE TRANSACTION 'r'; ROLLBACK PREPARED 'r';");
for my $name (sort keys %end)
{
	($out, $err) = clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$inquiry');\n$end{$name}");
	like($out, qr/^3$/m, "$name: read");
	is(traces(), 2, "$name: the trace stays");
}
{
	my $reader = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'clerk' ]);
	my $pid = $reader->query_safe('SELECT pg_backend_pid()');
	is((split /\n/, $reader->query_safe("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$inquiry');"))[-1], 3, 'U5 killed_reader: read');
	kill 'KILL', $pid;
	$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)") or die 'the server did not come back';
	eval { $reader->quit };
	is(traces(), 2, 'killed_reader: the trace stays');
}

# U4: a transaction that may not write reads what was registered before, and registers nothing.
($out, $err) = clerk("BEGIN READ ONLY; $enter SELECT count(*) FROM credit.report_rows('$inquiry'); COMMIT;");
like($out, qr/^3$/m, 'U4 read_only_reader: read');
($out, $err) = clerk("BEGIN READ ONLY; $enter $open AS i \\gset\nSELECT count(*) FROM credit.report_rows(:'i'); COMMIT;");
like($err, qr/read-only transaction/, 'U4 read_only_reader: nothing is opened');
unlike($out, qr/^\d+$/m, 'U4 read_only_reader: and nothing is answered');
is(traces(), 2, 'U4 read_only_reader: no other trace');

# U3, no durability: committed only in memory, then the server is lost.
$node->safe_psql('postgres', 'CHECKPOINT');
($out, $err) = clerk(<<"SQL");
SET synchronous_commit = off;
BEGIN; $enter $open AS i \\gset
COMMIT;
BEGIN; $enter SELECT count(*) FROM credit.report_rows(:'i'); COMMIT;
SELECT :'i';
SQL
like($out, qr/^3$/m, 'U3 asynchronous_commit_and_crash: read');
($inquiry) = $out =~ /([0-9a-f-]{36})/;
$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', "SELECT count(*) FROM credit_register.inquiry WHERE inquiry = '$inquiry'"), 1,
	'asynchronous_commit_and_crash: the inquiry is still there');
is((clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$inquiry'); COMMIT;"))[0], 3, 'and it answers after the crash');

# An old inquiry, frozen.
$node->safe_psql('postgres', 'VACUUM (FREEZE) credit_register.inquiry');
is((clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$inquiry'); COMMIT;"))[0], 3, 'frozen rows answer');

# A hot standby: opened on the primary, read there.
$node->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'b', has_streaming => 1);
$standby->start;
($out) = clerk("BEGIN; $enter $open; COMMIT;");
($inquiry) = $out =~ /([0-9a-f-]{36})/;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is((clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$inquiry'); COMMIT;", $standby))[0], 3, 'hot_standby: read');
($out, $err) = clerk("BEGIN; $enter $open; COMMIT;", $standby);
like($err, qr/read-only transaction/, 'hot_standby: nothing is opened there');
$standby->stop;

# Dump and restore: tables, policies, rights and owner come back.
$node->safe_psql('postgres', 'CREATE DATABASE restored');
my $shape = q{SELECT md5(string_agg(x, E'\n' ORDER BY x)) FROM (
	SELECT format('%s %s %s %s %s', c.relname, c.relacl, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner)) FROM pg_class c WHERE relnamespace = 'credit_register'::regnamespace
	UNION ALL SELECT format('%s %s %s', polrelid::regclass, polname, pg_get_expr(coalesce(polqual, polwithcheck), polrelid)) FROM pg_policy
	UNION ALL SELECT i::text FROM credit_register.inquiry i
	UNION ALL SELECT p.oid::regprocedure || p.proacl::text FROM pg_proc p WHERE p.pronamespace = 'credit'::regnamespace AND proname ~ 'enter|inquir|report') s(x)};
my $dump = $node->basedir . '/dump';
command_ok([ 'pg_dump', '-Fc', '-h', $node->host, '-p', $node->port, '-f', $dump, 'postgres' ], 'pg_dump');
command_ok([ 'pg_restore', '--exit-on-error', '-h', $node->host, '-p', $node->port, '-d', 'restored', $dump ], 'pg_restore');
is($node->safe_psql('restored', $shape), $node->safe_psql('postgres', $shape), 'the restored register is the same');
is($node->safe_psql('restored', 'SELECT credit.create_register() = credit.library_version()'), 't', 'create_register() over it');

$node->stop;
done_testing();
