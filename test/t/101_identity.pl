# The identity vault on disk and under load: dumps, restores, rotation while
# others read and write, crashes, and what a thief of a dump finds.
#
# Seen failing: name_in_* with the name in a comment on the table; all of
# rotation_while_reading without the lstat() in key_ring(); rotation_killed
# without the commit after each chunk; stored_at_once without ON CONFLICT;
# renamed_while_forgotten without "data_key IS NOT NULL" in the update;
# budget_* with the count in a row of identity_budget.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir;
chmod 0755, $dir;
my $node = PostgreSQL::Test::Cluster->new('identity');
$node->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "credit.key_file = '$dir/register.key'\nsession_preload_libraries = 'credit'\nlog_min_messages = debug1");
$node->start;

# What create_register() makes before this step, where it is not there yet.
my $register = q{
	DO $$ BEGIN
		IF to_regprocedure('credit.create_register()') IS NOT NULL THEN
			EXECUTE 'SELECT credit.create_register()';
		ELSE
			IF to_regrole('credit_owner') IS NULL THEN CREATE ROLE credit_owner NOLOGIN; END IF;
			CREATE SCHEMA credit_register AUTHORIZATION credit_owner;
		END IF;
		PERFORM credit.create_register_identity();
	END $$};
my $count = 3000;
$node->safe_psql('postgres', "CREATE EXTENSION credit; SELECT credit.create_key_file(); $register;
	SELECT credit.set_identity_budget('" . $node->safe_psql('postgres', 'SELECT session_user') . "', 10000000);
	SELECT credit.identity_store(credit.assigned_code(i), '王小明' || i) FROM generate_series(1, $count) i;
	SELECT credit.identity_store('370323199503129013', 'Marker Person')");
$count++;

# Every identity opens to what was stored.
my $sound = q{SELECT count(*) || '|' || coalesce(bool_and(o.code = credit.reveal(i.subject) AND (o.name = 'Marker Person' OR o.name LIKE '王小明%'))::text, '')
	FROM credit_register.identity i, credit.identity_open(i.subject) o};
is($node->safe_psql('postgres', $sound), "$count|true", 'all that was stored opens');

# --- what a thief of a dump, a base backup or the log finds ------------------
$node->safe_psql('postgres', 'CHECKPOINT');
$node->command_ok([ 'pg_dump', '-f', "$dir/dump.sql", $node->connstr('postgres') ], 'dump');
$node->command_ok([ 'pg_basebackup', '-D', "$dir/backup", '-h', $node->host, '-p', $node->port, '-c', 'fast', '--no-sync' ], 'base backup');
for my $place ([ 'dump', "$dir/dump.sql" ], [ 'base_backup', "$dir/backup" ])
{
	my %found;
	for my $f (split /\n/, `find $place->[1] -type f`)
	{
		my $text = slurp_file($f);
		$found{name}++ if $text =~ /Marker Person|王小明/;
		$found{number}++ if $text =~ /370323199503129013/;
	}
	is($found{$_} // 0, 0, "${_}_in_$place->[0]: not there") for 'name', 'number';
}

# --- restore -------------------------------------------------------------------
# As it is; with other keys it does not open and says which key is missing; and
# a second restore into the same database adds nothing.
{
	$node->safe_psql('postgres', 'CREATE DATABASE second');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/dump.sql", '-d', $node->connstr('second') ], 'restore');
	is($node->safe_psql('second', $sound), "$count|true", 'restore: all opens');
	my $before = $node->safe_psql('second', 'SELECT md5(string_agg(i::text, chr(10) ORDER BY subject)) FROM credit_register.identity i');
	is($before, $node->safe_psql('postgres', 'SELECT md5(string_agg(i::text, chr(10) ORDER BY subject)) FROM credit_register.identity i'), 'restore: the same bytes, nothing encrypted twice');
	$node->psql('second', slurp_file("$dir/dump.sql"), on_error_stop => 0);
	is($node->safe_psql('second', 'SELECT md5(string_agg(i::text, chr(10) ORDER BY subject)) FROM credit_register.identity i'), $before, 'restored_twice: nothing added');
	is($node->safe_psql('second', 'SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = $$credit_register.identity$$::regclass'), 't', 'restore: row security');
	my ($rc, $out, $err) = $node->psql('second', "SET credit.key_file = '$dir/other.key'; SELECT credit.create_key_file()");
	like($err, qr/made with other keys/, 'restored_with_other_keys: makes none');
	$node->safe_psql('postgres', 'CREATE DATABASE empty');
	$node->safe_psql('empty', "CREATE EXTENSION credit; SET credit.key_file = '$dir/other.key'; SELECT credit.create_key_file()");
	($rc, $out, $err) = $node->psql('second', "SET credit.key_file = '$dir/other.key'; $sound", on_error_stop => 0);
	like($err, qr/ERROR:  an envelope of the identity vault cannot be opened/, 'restored_with_other_keys: does not open');
	unlike($out, qr/王小明/, 'restored_with_other_keys: shows nothing');
	($rc, $out, $err) = $node->psql('second', "SET credit.key_file = '$dir/gone.key'; $sound", on_error_stop => 0);
	like($err, qr/does not exist/, 'restored_without_keys: an error');
	$node->safe_psql('postgres', 'DROP DATABASE second');
}

# --- rotation while others read and write ------------------------------------------
sub busy
{
	my ($seconds, $sql) = @_;
	open my $f, '>', "$dir/busy.sql" or die; print $f $sql; close $f;
	my $pid = fork // die;
	if (!$pid)
	{
		exec "pgbench -n -c 2 -T $seconds -f $dir/busy.sql -h " . $node->host . ' -p ' . $node->port . " postgres >$dir/busy.out 2>&1" or die;
	}
	return $pid;
}
{
	my $pid = busy(4, <<'SQL');
\set i random(1, 3000)
SELECT 1 / (name LIKE '王小明%')::int FROM credit.identity_open(credit.pseudonym(credit.assigned_code(:i)));
SELECT credit.identity_store(credit.assigned_code(:i), '王小明' || :i || 'x' || (:i % 7));
SELECT 1 / (credit.identity_lookup(credit.assigned_code(:i)) IS NOT NULL)::int;
SQL
	for my $version (2 .. 5)
	{
		is($node->safe_psql('postgres', 'SELECT credit.add_key()'), $version, "rotation_while_reading: key $version");
		$node->safe_psql('postgres', 'CALL credit.rotate_keys(100)');
	}
	waitpid $pid, 0;
	my $out = slurp_file("$dir/busy.out");
	like($out, qr/number of transactions actually processed: [1-9]\d/, 'rotation_while_reading: readers and writers worked');
	unlike($out, qr/ERROR|aborted/, 'rotation_while_reading: without an error');
	is($node->safe_psql('postgres', 'SELECT DISTINCT credit.identity_key_version(data_key) FROM credit_register.identity'), '5', 'rotation_while_reading: all moved');
	is($node->safe_psql('postgres', $sound), "$count|true", 'rotation_while_reading: all opens');
}

# Older keys are no longer needed, and may be taken out of the file.
{
	my $text = slurp_file("$dir/register.key");
	$text =~ s/^identity [1-4] .*\n//mg;
	open my $f, '>', "$dir/register.key.new" or die; print $f $text; close $f;
	chmod 0600, "$dir/register.key.new";
	rename "$dir/register.key.new", "$dir/register.key";
	is($node->safe_psql('postgres', $sound), "$count|true", 'older keys taken out: all opens');
	# and so what an older backup holds opens no more: this is what makes forgetting final
	$node->safe_psql('postgres', 'CREATE DATABASE old');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/dump.sql", '-d', $node->connstr('old') ], 'the older dump restores');
	my ($rc, $out, $err) = $node->psql('old', $sound);
	like($err, qr/key version 1 is not in the key file/, 'forgotten_in_backup: with the older key destroyed the older dump opens no more');
	$node->safe_psql('postgres', 'DROP DATABASE old');
}

# --- a rotation that is killed goes on where it stopped -------------------------------
{
	$node->safe_psql('postgres', 'SELECT credit.add_key()');
	# a lock on one of the last rows holds it up there
	my $holder = $node->background_psql('postgres');
	$holder->query_safe('BEGIN; SELECT FROM credit_register.identity WHERE subject = (SELECT subject FROM credit_register.identity ORDER BY subject OFFSET 2000 LIMIT 1) FOR UPDATE');
	my $rotation = $node->background_psql('postgres', on_error_stop => 0);
	$rotation->query_until(qr//, "SET application_name = 'rotation';\nCALL credit.rotate_keys(100);\n");
	$node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'rotation' AND wait_event_type = 'Lock')}) or die;
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rotation'});
	$holder->query_safe('COMMIT'); $holder->quit;
	eval { $rotation->quit };
	is($node->safe_psql('postgres', 'SELECT count(*) FROM credit_register.identity WHERE credit.identity_key_version(data_key) = 6'), '2000', 'rotation_killed: the chunks before are done');
	is($node->safe_psql('postgres', $sound), "$count|true", 'rotation_killed: all opens in between');
	my ($rc, $out, $err) = $node->psql('postgres', 'CALL credit.rotate_keys()');
	like($err, qr/NOTICE:  1001 data keys were moved to key version 6/, 'rotation_killed: called again it does the rest, and no more');
}

# --- two rotations at once ----------------------------------------------------
{
	$node->safe_psql('postgres', 'SELECT credit.add_key()');
	my @pid = map { my $p = fork // die; if (!$p) { exec 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-o', '/dev/null', '-c', 'SET client_min_messages = warning', '-c', 'CALL credit.rotate_keys(50)' } $p } 1 .. 3;
	my $bad = 0;
	for (@pid) { waitpid $_, 0; $bad++ if $? }
	is($bad, 0, 'rotations_at_once: no deadlock, no error');
	is($node->safe_psql('postgres', 'SELECT DISTINCT credit.identity_key_version(data_key) FROM credit_register.identity'), '7', 'rotations_at_once: all moved');
	is($node->safe_psql('postgres', $sound), "$count|true", 'rotations_at_once: all opens');
}

# --- the same person stored by two at once, and erased while renamed ----------------
{
	my $wait = q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'second' AND wait_event_type = 'Lock')};
	my $first = $node->background_psql('postgres');
	my $second = $node->background_psql('postgres', on_error_stop => 0);
	$second->query_safe(q{SET application_name = 'second'});
	$first->query_safe(q{BEGIN; SELECT credit.identity_store(credit.assigned_code(900000), '王小明')});
	$second->query_until(qr//, qq{SELECT credit.identity_store(credit.assigned_code(900000), '王小明');\n});
	$node->poll_query_until('postgres', $wait) or die;
	$first->query_safe('COMMIT');
	like($second->query('SELECT 1'), qr/^P\w{15}\n1$/, 'stored_at_once: both get the same answer');
	is($node->safe_psql('postgres', $sound), ($count + 1) . '|true', 'stored_at_once: one row');

	$first->query_safe(q{BEGIN; SELECT credit.forget(credit.pseudonym(credit.assigned_code(900000)), 'decision')});
	$second->query_until(qr//, qq{SELECT credit.identity_store(credit.assigned_code(900000), '王小红');\n});
	$node->poll_query_until('postgres', $wait) or die;
	$first->query_safe('COMMIT');
	is($second->query('SELECT 1'), '1', 'renamed_while_forgotten: no answer');
	is($node->safe_psql('postgres', q{SELECT num_nulls(data_key, number, name) FROM credit_register.identity WHERE forgotten_basis = 'decision'}), '3', 'renamed_while_forgotten: stays erased');
	$_->quit for $first, $second;
}

# --- the budget of a login (enumeration) -----------------------------------------------
{
	$node->safe_psql('postgres', q{CREATE ROLE clerk LOGIN; GRANT EXECUTE ON FUNCTION credit.identity_lookup(credit.code) TO clerk; SELECT credit.set_identity_budget('clerk', 20)});
	my @as = (extra_params => [ '-U', 'clerk' ], on_error_stop => 0);
	my $look = q{SELECT credit.identity_lookup('370323199503129013') IS NOT NULL};
	$node->psql('postgres', "BEGIN; $look; ROLLBACK;", @as) for 1 .. 5;
	$node->psql('postgres', "BEGIN; SAVEPOINT a; $look; ROLLBACK TO a; COMMIT;", @as) for 1 .. 5;
	$node->psql('postgres', "BEGIN; $look; SELECT pg_terminate_backend(pg_backend_pid());", @as) for 1 .. 4;
	$node->psql('postgres', "BEGIN; $look; SELECT 1/0; COMMIT;", @as) for 1 .. 4;
	my ($rc, $out, $err) = $node->psql('postgres', "$look; $look; $look;", @as);
	is($out, "t\nt", 'budget_undone: rolled back, killed and failed look-ups count');
	like($err, qr/budget of identity look-ups is spent/, 'budget_undone: then it is spent');
	($rc, $out, $err) = $node->psql('postgres', "SET ROLE clerk; SET SESSION AUTHORIZATION clerk; $look", @as);
	like($err, qr/is spent/, 'budget_by_another_session: the same login, the same budget');
	# a crash at once, before anything of it is flushed by a commit
	$node->safe_psql('postgres', q{SELECT credit.set_identity_budget('clerk', 40)});
	$node->psql('postgres', "SET synchronous_commit = off; $look;", @as) for 1 .. 10;
	$node->stop('immediate');
	$node->start;
	($rc, $out, $err) = $node->psql('postgres', join(';', ($look) x 40), @as);
	my $answers = () = $out =~ /^t$/mg;
	cmp_ok($answers, '<=', 20, "budget_after_crash: a crash gives nothing back that was on disk ($answers left)");
	like($err, qr/is spent/, 'budget_after_crash: and it ends');
}

# A standby answers nothing here: it could not count.
$node->stop;
done_testing();
