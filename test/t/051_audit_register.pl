# The audit of a whole register: a full disk (U8), every function that is granted
# (U13), whom an event names (U14), beside pgaudit (U10), erasure of a person (E22).
# U6, U7 and U11 do not arise as written: there is no writer process, no ring and
# no executor hook; what SIGKILL does is in 050_audit.pl.
#
# Seen failing without the defence: U8 with errors of write_packs() caught (the
# row stayed, its event did not); U13 with identity_open() granted to credit_window,
# and with the inquiries not audited; U14 with the first person of a session kept
# for all; E22 with the images of identity emptied at the erasure, and with a name
# in an audited table.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir;
chmod 0755, $dir;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8', '--wal-segsize=1' ]);
my $pgaudit = -e $node->config_data('--pkglibdir') . '/pgaudit.so';
$node->append_conf('postgresql.conf', "credit.key_file = '$dir/register.key'\nsession_preload_libraries = 'credit'\nclient_min_messages = warning\n");
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pgaudit'\npgaudit.log = 'read, write'\n") if $pgaudit;
$node->start;

my $number = '370323199503129013';
$node->safe_psql('postgres', qq{
	CREATE EXTENSION credit;
	SELECT credit.create_key_file();
	SELECT credit.create_register();
	SELECT credit.adopt_rulebook('law', credit.shipped_rulebook('cn-370323'), '[2020-01-01,)');
	CREATE ROLE clerk LOGIN;
	INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323');
	SELECT credit.grant_duty('clerk', 'credit_window', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)');
	SELECT credit.set_identity_budget(session_user, 1000);
	SELECT credit.identity_store('$number', 'Marker Person');
	INSERT INTO credit_register.record (subject, item, document_date, provider, division, stance, document_no)
		SELECT credit.pseudonym(credit.code '$number'), 'commendation', '2026-03-01', 'a', '370323', 'good', n::text FROM generate_series(1, 3) n;});

sub sql { return $node->safe_psql('postgres', @_); }

my $enter = 'SELECT FROM (SELECT credit.enter() OFFSET 0) e;';

sub clerk
{
	my ($sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', 'clerk', '-q' ]);
	$out =~ s/^\s*\n//mg;
	return ($out, $err);
}

sub entries { return sql('SELECT count(*) FROM credit_register.audit_event'); }

# --- U13: every function that a duty may call ---------------------------------
# A new one has to be put here, and to leave an entry or not to be about a person.
my %granted = (
	'open_inquiry' => 'entry', 'open_inquiry_on' => 'entry', 'review_inquiry' => 'entry',
	'grant_duty' => 'entry', 'grant_citizen' => 'entry', 'revoke_duty' => 'entry', 'set_identity_budget' => 'entry',
	'open_inquiries' => 'what one opened oneself, and not about whom',
	'report_rows' => 'has its entry already: the inquiry',
	'inquiry_subject' => 'has its entry already: the inquiry',
	'my_inquiries' => 'of the person, for the person', 'inquiry_risks' => 'counts', 'can_see' => 'policies',
	'guard_report' => 'catalogues', 'enter' => 'own mandates',
	'audit_changes' => 'the audit itself', 'verify_audit' => 'the audit itself', 'seal_audit' => 'the audit itself',
	'checkpoint' => 'the audit itself');
# Of the register's rooms: each of these writes to audited tables.
$granted{$_} = 'entry' for qw(acknowledge add_batch_rows add_commitment_template add_duty_item add_licence add_list add_member add_occupation add_org_role
	add_practitioner add_provider add_purpose add_receiver add_statement add_subject adopt_rulebook allow_context answer_case ask_extension assign_measure assign_measures assign_subject
	attribute_to_person authorize change_provider close_tip confirm_notice consent_to_bonus consent_to_score correct_row decide_case decide_dispute decide_repair
	discard_batch discard_old_rows discard_row end_duty_item end_licence end_occupation end_org_role end_practitioner end_rulebook enter_list fetch_deliveries file_market_record file_record follow_link
	forward_case give_feedback give_incentive_feedback give_tip grant_incentive leave_bonus leave_list leave_score load_batch merge_subjects nil_return
	nominate open_batch open_case open_dispute open_repair open_student_file prolong_case publish push refresh_minors refuse_nomination rename_receiver
	report_performance resume_attributed revoke_honour serve_notice sign_commitment split_subject subscribe take_down undo_link unsubscribe
	verify_nomination withdraw_case withdraw_consent);
$granted{$_} = 'has its entry already: the inquiry' for qw(report green_channel org_bonus market_records);
$granted{$_} = 'of the person, for the person' for qw(my_cases my_commitments my_consents my_incentives my_measures my_notices my_records my_report my_score);
$granted{$_} = 'counts' for qw(area_stats coverage dashboard dashboard_html duty_list late_records monthly_assessment overdue_feedback provider_scorecard usage_report);
$granted{$_} = 'the work of those whose duty it is' for qw(case_queue everywhere open_nominations open_tasks open_tips overdue_cases released_tasks
	repair_conditions who_is_answerable leak_trace replay);
$granted{$_} = 'what is public' for qw(public_records public_status occupations rulebook_on);
$granted{$_} = 'spends a budget that no rollback gives back' for qw(verify_identity find_subject);
my $found = sql(q{SELECT DISTINCT p.proname FROM pg_proc p, aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee
	WHERE p.pronamespace = 'credit'::regnamespace AND r.rolname LIKE 'credit\_%' AND r.rolname <> 'credit_owner' ORDER BY 1});
is(join(' ', grep { !$granted{$_} } split /\n/, $found), '', 'U13: every granted function is known here');

my $events = entries();
my ($out, $err) = clerk("BEGIN; $enter SELECT credit.open_inquiry('$number', 'administration', 'licence 5'); COMMIT;");
my ($inquiry) = $out =~ /([0-9a-f-]{36})/;
is(entries() - $events, 1, 'U13: open_inquiry leaves one entry');
$events = entries();
($out) = clerk("BEGIN; $enter SELECT credit.open_inquiry(credit.assigned_code(7), 'administration', 'licence 6'); COMMIT;");
like($out, qr/[0-9a-f-]{36}/, 'U13: nobody is known by this number');
is(entries() - $events, 1, 'U13: and the inquiry leaves one entry all the same');
$events = entries();
my ($absent) = $out =~ /([0-9a-f-]{36})/;
is((clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$absent'); COMMIT;"))[0], '0', 'U13: zero rows');
is((clerk("BEGIN; $enter SELECT count(*) FROM credit.report_rows('$inquiry'); COMMIT;"))[0], '3', 'U13: a report rests on the entry of its inquiry');
for my $call ("open_inquiry(NULL, 'administration', 'x')", "open_inquiry('$number', NULL, 'x')", "open_inquiry('$number', 'administration', NULL)",
	"open_inquiry_on(NULL, 'administration', 'x')", "open_inquiry('$number', 'no such purpose', 'x')",
	'report_rows(NULL)', "report_rows('00000000-0000-0000-0000-000000000000')", 'inquiry_subject(NULL)')
{
	my $before = entries();
	($out, $err) = clerk("BEGIN; $enter SELECT t::text FROM credit.$call t; COMMIT;");
	my $after = entries();
	my $ok = $out eq '' && ($after == $before) || $out =~ /^[0-9a-f-]{36}$/ && $after == $before + 1;
	ok($ok, "U13: credit.$call: an entry, or no answer") or diag("$out / $err / $before -> $after");
}

# --- U14: whom an event names -------------------------------------------------
# One session user, eight clients, a person in each transaction, as behind a pool.
sql(q{CREATE TABLE pool (id serial PRIMARY KEY, told text); SELECT credit.audit_table('pool');});
my $script = "$dir/pool.sql";
append_to_file($script, q{\set person random(1, 50)
BEGIN;
SELECT credit.sign_context('person ' || :client_id || '-' || :person, '', 60, '{credit_window}', '{NULL}', '{NULL}', '{f}', '{NULL}');
INSERT INTO pool (told) VALUES ('person ' || :client_id || '-' || :person);
COMMIT;
INSERT INTO pool (told) VALUES ('nobody');
});
$node->command_ok([ 'pgbench', '-n', '-c', '8', '-j', '2', '-t', '60', '-f', $script, 'postgres' ], 'U14: eight clients of one pool');
is(sql(q{SELECT count(*), count(DISTINCT person) > 100, count(*) FILTER (WHERE new_value <> coalesce(person, 'nobody')),
		count(*) FILTER (WHERE (application = session_role) IS DISTINCT FROM (person IS NOT NULL)) FROM credit.audit_changes('pool') WHERE column_name = 'told'}),
	'960|t|0|480', 'U14: every event names its person, and the pool as the application');

# --- U10: beside pgaudit ------------------------------------------------------
SKIP:
{
	skip 'pgaudit is not installed', 2 unless $pgaudit;
	my $log = -s $node->logfile;
	$node->command_ok([ 'psql', '-XqAt', '-U', 'clerk', '-d', $node->connstr('postgres'), '-c', 'BEGIN', '-c', 'SELECT credit.enter()',
		'-c', "PREPARE r(uuid) AS SELECT count(*) FROM credit.report_rows(\$1)", '-c', "EXECUTE r('$inquiry')", '-c', 'COMMIT' ], 'U10: a report under pgaudit');
	my $text = slurp_file($node->logfile, $log);
	ok($text =~ /AUDIT: .*report_rows/ && $text !~ /$number/ && index($text, sql("SELECT credit.pseudonym(credit.code '$number')")) < 0
		  && sql("SELECT subject = credit.pseudonym(credit.code '$number') FROM credit_register.inquiry WHERE inquiry = '$inquiry'") eq 't',
		'U10: pgaudit tells that there was a report, the inquiry whom it was about');
}

# --- E22: a person is erased, and all that was sealed stays valid -------------
sql('SELECT credit.seal_audit()');
my $before = sql('SELECT credit.checkpoint()');
is(sql("SELECT credit.forget(credit.pseudonym(credit.code '$number'), 'decision 9')"), 't', 'E22: forgotten');
sql('SELECT credit.seal_audit()');
is(sql("SELECT ok, finding FROM credit.verify_audit(\$c\$$before\$c\$)"), 't|summary', 'E22: the seals of before are valid');
my $after = sql("SELECT credit.checkpoint((\$c\$$before\$c\$::json ->> 'seal')::bigint)");
is(sql("SELECT credit.check_checkpoint(\$c\$$after\$c\$, \$c\$$before\$c\$)"), 't', 'E22: one history');
is(sql("SELECT count(*) FROM credit_register.audit_event e WHERE e::text LIKE '%$number%' OR e::text LIKE '%Marker Person%'
		OR position('$number'::bytea IN e.image) > 0 OR position('Marker Person'::bytea IN e.image) > 0"), '0', 'E22: the audit never had number or name');
cmp_ok(sql("SELECT count(*) FROM credit.audit_changes('credit_register.identity') WHERE operation = 'U' AND column_name = 'data_key'"), '>', 0,
	'E22: the erasure itself is an event');

# --- U8: no room for the audit ------------------------------------------------
# The server's files may not grow beyond what the largest one has, as on a full disk.
SKIP:
{
	skip 'prlimit is not installed', 8 unless grep { -x "$_/prlimit" } split /:/, $ENV{PATH};
	my $pid = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
	sql(q{CREATE TABLE full_disk (id int PRIMARY KEY); SELECT credit.audit_table('full_disk');
		SET synchronous_commit = off;
		DO $$ BEGIN FOR i IN 1..40000 LOOP UPDATE pool SET told = i WHERE id = 1; COMMIT; END LOOP; END $$;});
	my $size = sql(q{SELECT max(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'credit_register.audit_event'::regclass});
	cmp_ok($size, '>', sql('SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relfilenode > 0 AND relname NOT LIKE $$audit%$$ AND relname <> $$pool$$'),
		'U8: the audit has the largest file');
	$events = entries();
	my $inquiries = sql('SELECT count(*) FROM credit_register.inquiry');
	# Free space in the last pages is used up first.
	system_or_bail('prlimit', '--pid', $pid, "--fsize=$size:unlimited");
	my $failed;
	for my $i (1 .. 400)
	{
		my ($rc, $o, $e) = $node->psql('postgres', "INSERT INTO full_disk SELECT $i");
		$failed = "$i $e" if $rc;
		last if $failed;
	}
	like($failed // '', qr/could not extend file/, 'U8: full: a change is refused, with a clear error');
	my ($last) = ($failed // '') =~ /^(\d+)/;
	is(sql('SELECT coalesce(max(id), 0) FROM full_disk'), ($last // 0) - 1, 'U8: and did not happen');
	# An event of another size may still find room in a page or two.
	my $opened = 0;
	for my $i (1 .. 100)
	{
		($out, $err) = clerk("BEGIN; $enter SELECT credit.open_inquiry('$number', 'administration', 'licence 7'); COMMIT;");
		last if $err ne '';
		$opened++;
	}
	like($err, qr/could not extend file/, 'U8: full: no inquiry, so no report');
	is(sql('SELECT count(*) FROM credit_register.inquiry'), $inquiries + $opened, 'U8: none was left half done');
	system_or_bail('prlimit', '--pid', $pid, '--fsize=unlimited:unlimited');
	($out, $err) = clerk("BEGIN; $enter SELECT credit.open_inquiry('$number', 'administration', 'licence 8'); COMMIT;");
	like($out, qr/[0-9a-f-]{36}/, 'U8: with room again it works, without a restart');
	sql('SELECT credit.seal_audit()');
	is(sql(q{SELECT (SELECT count(*) FROM full_disk) - (SELECT coalesce(sum(changes), 0) FROM credit_register.audit_event WHERE relation = 'public.full_disk' AND operation = 'I')}),
		'0', 'U8: every change has its event');
	is(sql("SELECT ok, finding FROM credit.verify_audit(\$c\$$after\$c\$)"), 't|summary', 'U8: and all verifies');
}

$node->stop;
done_testing();
