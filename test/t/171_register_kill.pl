# The whole server killed (SIGKILL to the postmaster and all its children) at ten
# moments that nobody chose, while two offices load batches, a reviewer decides
# cases and scores are computed; started again, and on.  What a client was told is
# there; a file whose fate it does not know is handed in again, and files nothing
# twice; cases are decided once, with every effect; scores are complete; the audit
# has every change and verifies.
#
# Seen failing: with synchronous_commit = off (what an office was told is lost);
# with the audit trigger of record disabled.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my ($rounds, $batches, $lines, $cases) = (10, 60, 120, 150);
my $dir = PostgreSQL::Test::Utils::tempdir;
chmod 0755, $dir;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "credit.key_file = '$dir/register.key'\nshared_preload_libraries = 'credit'\nclient_min_messages = warning\n\n");
$node->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }
my $day;

# Batch 0 of the second office brings the records that cases are about.
sql(qq{
	CREATE EXTENSION credit; SELECT credit.create_key_file(); SELECT credit.create_register();
	SELECT credit.adopt_rulebook('cn', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099), '[2018-01-01,)');
	INSERT INTO credit_register.provider VALUES ('p1', 'Office 1', '370323'), ('p2', 'Office 2', '370323');
	INSERT INTO credit_register.receiver VALUES ('city', 'City', 'platform');
	CREATE ROLE kill_p1 LOGIN; CREATE ROLE kill_p2 LOGIN; CREATE ROLE kill_judge LOGIN; CREATE ROLE kill_hall LOGIN;
	SELECT credit.grant_duty('kill_p1', 'credit_provider', 'p1', NULL, NULL, 'decision 1', '[2020-01-01,)'), credit.grant_duty('kill_p2', 'credit_provider', 'p2', NULL, NULL, 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('kill_judge', 'credit_reviewer', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)'), credit.grant_duty('kill_hall', 'credit_window', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)');
	CREATE FUNCTION person(i int) RETURNS text LANGUAGE sql IMMUTABLE AS \$\$
	  SELECT d || substr('10X98765432', (SELECT sum(substr(d, k, 1)::int * (2 ^ (18 - k))::int)::int % 11 FROM generate_series(1, 17) k) + 1, 1)
	    FROM (SELECT '370323' || to_char(date '1960-01-01' + i, 'YYYYMMDD') || '001') x (d) \$\$;
	CREATE FUNCTION file_rows(p int, b int) RETURNS TABLE (line int, raw jsonb) LANGUAGE sql AS \$\$
	  SELECT l, jsonb_build_object('subject', person((l * 3 + b * 17) % 200), 'document_date', d::text, 'happened_on', (d - 2)::text, 'fields', '{}'::jsonb)
	      || CASE p WHEN 1 THEN jsonb_build_object('item', 'volunteer_hours', 'amount', '2', 'fields', jsonb_build_object('hours', '2', 'certificate_number', format('V%s-%s', b, l)))
	         ELSE jsonb_build_object('item', 'administrative_penalty', 'severity', 'general', 'document_no', format('No %s-%s', b, l), 'conduct_end', (d - 2)::text,
	           'final_on', (d + 1)::text, 'fulfilled_on', (d + 2)::text, 'fields', jsonb_build_object('violation', 'v')) END
	      || CASE WHEN l = 1 THEN '{"item": "no_such_item"}' ELSE '{}'::jsonb END
	    FROM generate_series(1, CASE b WHEN 0 THEN $cases + 1 ELSE $lines END) l, LATERAL (SELECT credit.today() - 200 - l % 100) x (d) \$\$;
	CREATE TABLE work (record uuid, subject credit.pseudonym, case_file uuid, kind text);
	GRANT SELECT, UPDATE ON work TO kill_hall;});
$day = sql('SELECT credit.today() - 1');
my $enter = 'SELECT FROM credit.enter() \gset';
sub hand_in { my ($p, $b, $name) = @_; return "BEGIN;\n$enter\nSELECT credit.open_batch(name => '$name') AS batch \\gset\n"
	. "INSERT INTO credit_register.batch_in (batch, line, raw) SELECT :'batch', line, raw FROM file_rows($p, $b);\nCOMMIT;\n"
	. "BEGIN;\n$enter\nSELECT filed, already_there, held FROM credit.load_batch(:'batch') \\gset\nCOMMIT;\n\\echo loaded $b :batch :filed :already_there :held\n"; }
sub decide { my ($case, $kind) = @_; return "\\unset ok\nBEGIN;\n$enter\nSELECT credit.decide_" . ($kind eq 'repair' ? "repair('$case', 'granted', '{receipt}', '{\"commitment\": true, \"harm_removed\": true}')" : "dispute('$case', 'upheld', '{receipt}', '{\"fulfilled_on\": \"$day\"}')")
	. " IS NULL AS ok \\gset\nCOMMIT;\n\\if :{?ok}\n\\echo decided $case\n\\endif\n"; }

# Clients: psql each, with what they were told in a file.
my $client = 0;
sub start
{
	my ($login, $script, $stop) = @_;
	my $file = "$dir/client" . ++$client;
	append_to_file("$file.sql", $script);
	my $pid = fork // die;
	if (!$pid)
	{
		open STDOUT, '>', "$file.out"; open STDERR, '>', "$file.err";
		exec 'psql', '-XqAt', '-v', "ON_ERROR_STOP=$stop", '-U', $login, '-d', $node->connstr('postgres'), '-f', "$file.sql";
	}
	return { pid => $pid, file => $file };
}
sub told { my ($who) = @_; waitpid $who->{pid}, 0; return split /\n/, slurp_file("$who->{file}.out"); }

told(start('kill_p2', hand_in(2, 0, 'first'), 1));
sql(q{INSERT INTO work SELECT record, subject, NULL, CASE WHEN row_number() OVER (ORDER BY document_no) % 3 = 0 THEN 'objection' ELSE 'repair' END FROM credit_register.record;
	INSERT INTO credit_register.delivery (subject, receiver, record, record_version, kind, basis) SELECT subject, 'city', record, 1, 'data', 'article 8' FROM work;
	INSERT INTO credit_register.consent (subject, given_to, purpose, document, single_use, valid)
		SELECT credit.pseudonym(person(i)::credit.code), 'credit_register', 'scoring', 'paper', false, '[2020-01-01,)' FROM generate_series(0, 199) i;});
told(start('kill_hall', "BEGIN;\n$enter\nUPDATE work SET case_file = credit.open_case(kind, record, 'paid', to_jsonb(repeat('a', 64)), CASE kind WHEN 'repair' THEN '{\"commitment\": true}' ELSE '{}' END::jsonb);\nCOMMIT;\n", 1));
is(sql(q{SELECT count(*) FROM credit_register.case_file WHERE state = 'open'}), $cases, 'cases are open');

sub kill_server
{
	my $pid = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
	kill 'STOP', $pid;	# no child more while they are looked for
	my @children = grep { (eval { slurp_file("/proc/$_/stat") } // '') =~ /\) \S $pid / } map { m{/proc/(\d+)} } glob '/proc/[0-9]*';
	kill 'KILL', @children;
	$node->kill9;
	for (1 .. 500)
	{
		last if !kill 0, @children;
		usleep(10_000);
	}
	return scalar @children;
}

# --- what must hold at every moment ------------------------------------------------
my $torn_batch = q{SELECT count(*) FROM credit_register.batch b, LATERAL (SELECT count(*) AS n FROM credit_register.record r WHERE r.batch = b.batch) r,
		LATERAL (SELECT count(*) FILTER (WHERE held) AS held, count(*) AS n FROM credit_register.batch_row w WHERE w.batch = b.batch) w
	WHERE NOT CASE WHEN b.loaded_at IS NULL THEN r.n = 0 AND w.held = 0 AND b.read_rows = 0 ELSE r.n = b.filed_rows AND w.n = w.held AND w.held = 1 AND b.read_rows = b.filed_rows + b.there_rows + 1 END};
my $effects = qq{SELECT w.case_file, w.kind, CASE w.kind
		WHEN 'repair' THEN ARRAY[c.state = 'granted', r.state = 'repaired', r.version = 2,
			(SELECT count(*) FROM credit_register.delivery d WHERE d.subject = w.subject AND d.record = w.record AND d.kind = 'stop_use') = 1,
			(SELECT count(*) FROM credit_register.notice n WHERE n.subject = w.subject AND n.record = w.record AND n.kind = 'case_decided') = 1]
		ELSE ARRAY[c.state = 'upheld', r.state = 'active', r.fulfilled_on = '$day', r.version = 3,
			(SELECT count(*) FROM credit_register.delivery d WHERE d.subject = w.subject AND d.record = w.record AND d.kind = 'correction') = 1,
			(SELECT count(*) FROM credit_register.notice n WHERE n.subject = w.subject AND n.record = w.record AND n.kind = 'case_decided') = 1] END AS done
	FROM work w JOIN credit_register.record r USING (subject, record) JOIN credit_register.case_file c USING (subject, case_file)};
my $torn_case = "SELECT count(*) FROM ($effects) x WHERE true = ANY (done) AND false = ANY (done)";
my $torn_job = q{SELECT count(*) FROM credit_register.scoring_job j JOIN credit_register.job USING (job) WHERE j.scored <> job.done};
my $doubled = q{SELECT count(*) FROM (SELECT provider, coalesce(document_no, fields ->> 'certificate_number') FROM credit_register.record GROUP BY 1, 2 HAVING count(*) > 1) x};
my $audit = q{SELECT (SELECT count(*) FROM credit_register.record) - (SELECT coalesce(sum(changes), 0) FROM credit_register.audit_event WHERE operation = 'I' AND relation = 'credit_register.record')};

my %todo = map { ($_ => { map { $_ => 0 } 1 .. $batches }) } 1, 2;	# batch: how often it was handed in
my %case = map { split /\|/ } split /\n/, sql('SELECT case_file, kind FROM work');
my (%decided, %filed, $again, $at_work);
sub work_on
{
	my @script;
	for my $p (1, 2)
	{
		push @script, start("kill_p$p", join('', map { my $n = $todo{$p}{$_}++; $again++ if $n; hand_in($p, $_, "file $_, time $n") } sort { $a <=> $b } keys %{ $todo{$p} }), 1);
	}
	push @script, start('kill_judge', join('', map { decide($_, $case{$_}) } grep { !$decided{$_} } sort keys %case), 0);
	push @script, start('postgres', "CALL credit.score_all(NULL, 20);\n" x 3, 1);
	return @script;
}
sub listen_to
{
	my ($one, $two, $judge, $scores) = @_;
	for my $p (1, 2)
	{
		for (told($p == 1 ? $one : $two))
		{
			my ($b, $batch, $filed) = /^loaded (\d+) (\S+) (\d+)/ or next;
			$filed{$batch} = $filed;
			delete $todo{$p}{$b};
		}
	}
	/^decided (\S+)/ and $decided{$1} = 1 for told($judge);
	told($scores);
}

for my $round (1 .. $rounds)
{
	my @clients = work_on();
	usleep(100_000 + int rand 600_000);
	my $left = (scalar keys %{ $todo{1} }) + (scalar keys %{ $todo{2} }) + (grep { !$decided{$_} } keys %case);
	kill_server();
	listen_to(@clients);
	my $now = (scalar keys %{ $todo{1} }) + (scalar keys %{ $todo{2} }) + (grep { !$decided{$_} } keys %case);
	$at_work++ if $now > 0;
	$node->start;
	my $told = 'SELECT count(*) FROM (VALUES ' . join(', ', "('00000000-0000-0000-0000-000000000000'::uuid, 0)", map { "('$_'::uuid, $filed{$_})" } keys %filed)
		. ') k (batch, n) WHERE n <> (SELECT count(*) FROM credit_register.record r WHERE r.batch = k.batch)';
	my $undecided = "SELECT count(*) FROM work JOIN credit_register.case_file c USING (subject, case_file) WHERE c.state = 'open' AND case_file IN ('00000000-0000-0000-0000-000000000000'"
		. join('', map { ", '$_'" } keys %decided) . ')';
	is(sql("SELECT 'batch ' || ($torn_batch), 'case ' || ($torn_case), 'chunk ' || ($torn_job), 'twice ' || ($doubled), 'told ' || ($told), 'undecided ' || ($undecided), 'audit ' || ($audit)"),
		'batch 0|case 0|chunk 0|twice 0|told 0|undecided 0|audit 0', "killed_$round: all or nothing, what was told is there, nothing is there twice ($now of $left steps are left)");
	sql('SELECT credit.seal_audit()') if $round % 3 == 0;
}
cmp_ok($at_work // 0, '>=', 3, 'kills hit work under way');

# --- and on, to the end --------------------------------------------------------------
listen_to(work_on());
is(join(' ', map { keys %{ $todo{$_} } } 1, 2), '', 'every file is in');
cmp_ok($again // 0, '>', 0, 'some were handed in again');
is(sql(q{SELECT count(*) FROM credit_register.record}), $cases + 2 * $batches * ($lines - 1), 'nothing is lost, nothing doubled');
is(sql($doubled) . sql($torn_case), '00', 'not one');
is(sql("SELECT count(*) FROM ($effects) x WHERE true = ALL (done)"), $cases, 'every case is decided once, with every effect');
sql('CALL credit.score_all()') for 1 .. 2;
is(sql('SELECT count(*) FROM credit_register.score'), 200, 'everybody who consented has a score');
is(sql(q{SELECT count(*) FROM credit_register.score s WHERE s.points IS DISTINCT FROM (SELECT x.points FROM credit.compute_scores('cn', s.as_of, ARRAY[s.subject], NULL) x)}), 0, 'and it is that of the records');
is(sql('SELECT x.mismatches FROM credit_register.score s, credit.replay(s.job) x LIMIT 1'), 0, 'and replays');
is(sql($audit), 0, 'every record has its event');
sql('SELECT credit.seal_audit()');
is(sql('SELECT ok, finding FROM credit.verify_audit()'), 't|summary', 'the audit verifies');

$node->stop;
done_testing();
