# Jobs of scoring: killed at any moment, called twice, and people who leave or
# whose records change while they run; dump and restore.
#
# Seen failing: killed (one job, each person once) with a score_begin() that always
# begins a new job; left_meanwhile and repaired_meanwhile without FOR SHARE in
# score_chunk(), repaired_meanwhile also without the lock in drop_scores().
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $dir = PostgreSQL::Test::Utils::tempdir;
chmod 0755, $dir;
my $node = PostgreSQL::Test::Cluster->new('scoring');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "credit.key_file = '$dir/register.key'\nsession_preload_libraries = 'credit'\nrestart_after_crash = on");
$node->start;

my $count = 3000;
$node->safe_psql('postgres', qq{
	CREATE EXTENSION credit; SELECT credit.create_key_file(); SELECT credit.create_register();
	SELECT credit.adopt_rulebook('first', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
	INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
	CREATE TABLE person AS SELECT i, credit.pseudonym((d || substr('10X98765432',
		(SELECT sum(substr(d, k, 1)::int * (2 ^ (18 - k))::int)::int % 11 FROM generate_series(1, 17) k) + 1, 1))::text::credit.code) AS subject
	  FROM (SELECT i, '370323' || to_char(date '1960-01-01' + i, 'YYYYMMDD') || '001' AS d FROM generate_series(1, $count) i) x;
	INSERT INTO credit_register.record (subject, item, document_date, provider, division, stance, amount)
	  SELECT subject, (ARRAY['commendation', 'volunteer_hours', 'charity_donation'])[g], credit.today() - i % 300, 'a', '370323', 'good', i % 90
	    FROM person, generate_series(1, 3) g;
	INSERT INTO credit_register.consent (subject, given_to, purpose, document, single_use, valid)
	  SELECT subject, 'credit_register', 'scoring', 'paper', false, '[2020-01-01,)' FROM person});

# Computed by one query, without chunks: what must stand in the end.
my $wrong = q{SELECT count(*) FROM person p FULL JOIN credit_register.score s USING (subject)
	WHERE s.points IS DISTINCT FROM (SELECT credit.score((SELECT book FROM credit_register.rulebook), credit.today(), r.item, r.severity,
		r.document_date, r.amount, r.state) FROM credit_register.record r WHERE r.subject = p.subject)};
my $done = q{SELECT string_agg(concat_ws(' ', state, done, total), ', ') FROM credit_register.job};

sub start_job
{
	my $pid = fork // die;
	if (!$pid)
	{
		open STDERR, '>', "$dir/job.err";
		exec 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c', "SET application_name = 'scoring'", '-c', "CALL credit.score_all(NULL, $_[0])";
	}
	return $pid;
}

# --- killed: the process of the session, at moments that nobody chose --------------------
# The server falls with it, comes up again, and the job goes on.
{
	my $kills = 0;
	for my $round (1 .. 5)
	{
		my $job = start_job(25);
		$node->poll_query_until('postgres', "SELECT coalesce(sum(scored), 0) >= 400 * $round FROM credit_register.scoring_job") or die;
		usleep(rand 30000);
		my $backend = eval { $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'scoring'}) } // '';
		if ($backend)
		{
			kill 'KILL', $backend;
			$kills++;
		}
		waitpid $job, 0;
		# Until the server has fallen and come up: while it falls it still answers.
		$node->poll_query_until('postgres', 'SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ' . ($backend || 0) . ')') or die;
		my ($some, $of) = split /\|/, $node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM credit_register.score), coalesce(sum(done), 0) FROM credit_register.job});
		is($some, $of, "killed_$round: what is done is stored, and nothing else ($some)");
	}
	cmp_ok($kills, '>', 0, 'killed: some kills hit a job under way');
	waitpid start_job(100), 0;
	is($node->safe_psql('postgres', $done), "done $count $count", 'killed: one job, each person once');
	is($node->safe_psql('postgres', $wrong), '0', 'killed: nothing lost, nothing doubled, all as one query gives it');
	is($node->safe_psql('postgres', 'SELECT DISTINCT x FROM credit_register.scoring_job j, credit.replay(j.job) x'), "($count,0)", 'killed: it replays');
}

# --- called by three at once ----------------------------------------------------------------
{
	my @pid = map { start_job(40) } 1 .. 3;
	waitpid $_, 0 for @pid;
	is($node->safe_psql('postgres', 'SELECT count(*) FROM credit_register.job WHERE state <> $$done$$ OR done <> total'), '0', 'at_once: every job ends, with each person once');
	is($node->safe_psql('postgres', $wrong), '0', 'at_once: right');
}

# --- who leaves, or whose record changes, while a chunk is computed -----------------------------
for my $case ([ 'left_meanwhile', q{UPDATE credit_register.consent SET withdrawn_at = now() WHERE subject = '%s'; SELECT credit.drop_scores('%s')} ],
	[ 'repaired_meanwhile', q{SELECT credit.change_record(subject, record, 'repaired', 'x') FROM credit_register.record WHERE subject = '%s' AND item = 'commendation' AND state = 'active'} ])
{
	my ($name, $act) = @$case;
	my $subject = $node->safe_psql('postgres', q{SELECT max(subject) FROM credit_register.consent WHERE withdrawn_at IS NULL});
	$act =~ s/%s/$subject/g;
	# A row that is there already would hold the other one up by itself.
	$node->safe_psql('postgres', 'DELETE FROM credit_register.score');
	my $chunk = $node->background_psql('postgres');
	$chunk->query_safe("BEGIN; SELECT credit.score_chunk(credit.score_begin(NULL), 100000)");
	my $other = fork // die;
	if (!$other)
	{
		exec 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-o', '/dev/null', '-c', "SET application_name = 'other'", '-c', $act;
	}
	# Without the lock it does not wait: so no longer than a second for it.
	for (1 .. 20)
	{
		last if $node->safe_psql('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'other' AND wait_event_type = 'Lock')}) eq 't';
		usleep(50000);
	}
	$chunk->query_safe('COMMIT');
	$chunk->quit;
	waitpid $other, 0;
	is($node->safe_psql('postgres', "SELECT count(*) FROM credit_register.score WHERE subject = '$subject'"), '0', "$name: no stale score is left");
	# The first call ends the job under way, the second begins another.
	waitpid start_job(1000), 0 for 1 .. 2;
	is($node->safe_psql('postgres', "SELECT count(*) FROM credit_register.score WHERE subject = '$subject'"), $name eq 'left_meanwhile' ? '0' : '1', "$name: and the next job knows");
}

# --- dump and restore: the same scores, and they replay -------------------------------------------
{
	my $sum = 'SELECT count(*) || md5(string_agg(s::text, chr(10) ORDER BY subject, as_of)) FROM credit_register.score s';
	$node->safe_psql('postgres', 'CREATE DATABASE second');
	$node->command_ok([ 'pg_dump', '-f', "$dir/dump.sql", $node->connstr('postgres') ], 'dump');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/dump.sql", '-d', $node->connstr('second') ], 'restore');
	is($node->safe_psql('second', $sum), $node->safe_psql('postgres', $sum), 'restored: the same scores');
	is($node->safe_psql('second', 'SELECT sum(x.mismatches) FROM credit_register.scoring_job j, credit.replay(j.job) x'), '0', 'restored: they replay');
}

done_testing();
