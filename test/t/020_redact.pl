# No number of a person stands whole in an error or in the server's log, at the
# server's default settings.  Each case is an attack on that: seen failing with
# the hook of src/redact.c taken out, and redact_rethrow() for refused input.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('redact');
$node->init;
# The test framework logs every statement; the server's default is none.
$node->append_conf('postgresql.conf', "log_statement = none\nlog_replication_commands = off\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION credit;
	CREATE TABLE person (c credit.code PRIMARY KEY, name text NOT NULL, n int CHECK (n > 0));
	CREATE TABLE record (c credit.code REFERENCES person, n int);
	CREATE TABLE raw (t text CHECK (t !~ '013$'));
	CREATE TABLE parted (c credit.code) PARTITION BY RANGE (c);
	CREATE DOMAIN local_code AS credit.code CHECK (credit.division(VALUE) = '370323');
	INSERT INTO person VALUES ('370323199503129013', 'x', 1), ('91350203M0001QKT19?', 'y', 1);
	CREATE FUNCTION take(t text) RETURNS credit.code LANGUAGE plpgsql AS $$ BEGIN RETURN t::credit.code; END $$;
});

# [name, SQL, what must not be seen (whole), SQLSTATE expected]
my @attacks = (
	[ 'literal_with_wrong_check',   q{SELECT '370323199503129014'::credit.code},              '370323199503129014' ],
	[ 'hyphenated_literal',         q{SELECT '370323-19950312-9014'::credit.code},            '19950312-9014' ],
	[ 'full_width_literal',         q{SELECT '３７０３２３１９９５０３１２９０１４'::credit.code}, '１９９５０３１２９０１４' ],
	[ 'seventeen_digits',           q{SELECT '37032319950312901'::credit.code},               '37032319950312901' ],
	[ 'name_in_the_code_column',    q{SELECT '王小明'::credit.code},                            '王小明', 'client' ],
	[ 'parameter_of_a_function',    q{SELECT take('370323199503129014')},                     '370323199503129014' ],
	[ 'copied_value',               qq{COPY person FROM stdin;\n370323199503129014\tx\t1\n\\.\n}, '370323199503129014' ],
	[ 'copied_odd_value',           qq{COPY person FROM stdin;\n3703 2319 9503 1290 14\tx\t1\n\\.\n}, '9503 1290 14' ],
	[ 'copied_long_value',          "COPY person FROM stdin;\n370323199503129014" . ('9' x 200) . "\tx\t1\n\\.\n", '370323199503129014' ],
	[ 'unique_key',                 q{INSERT INTO person VALUES ('370323199503129013', 'x', 1)}, '370323199503129013' ],
	[ 'unique_key_irregular',       q{INSERT INTO person VALUES ('91350203M0001QKT19?', 'x', 1)}, '91350203M0001QKT19' ],
	[ 'foreign_key',                q{INSERT INTO record VALUES ('372828196503129010', 1)},    '372828196503129010' ],
	[ 'foreign_key_still_used',     q{INSERT INTO record VALUES ('370323199503129013', 1); DELETE FROM person}, '370323199503129013' ],
	[ 'check_failing_row',          q{INSERT INTO person VALUES ('372828196503129010', 'x', -1)}, '372828196503129010' ],
	[ 'not_null_failing_row',       q{INSERT INTO person VALUES ('372828196503129010', NULL, 1)}, '372828196503129010' ],
	[ 'text_failing_row',           q{INSERT INTO raw SELECT '370323199503129013' FROM person WHERE n = 1 LIMIT 1}, '370323199503129013' ],
	[ 'old_number_failing_row',     q{INSERT INTO raw SELECT '370323950312013' FROM person LIMIT 1}, '370323950312013' ],
	[ 'no_partition',               q{INSERT INTO parted VALUES ('370323199503129013')},       '370323199503129013' ],
	[ 'domain',                     q{SELECT '372828196503129010'::local_code},               '372828196503129010' ],
	[ 'cast_of_the_text_to_another_type', q{SELECT c::text::date FROM person},                 '370323199503129013' ],
	[ 'statement_of_another_error', q{SELECT 1 / (n - 1) FROM person WHERE c = '370323199503129013'}, '370323199503129013' ],
	[ 'full_width_in_another_error', q{SELECT 1 / (n - 1) FROM person WHERE c = '３７０３２３１９９５０３１２９０１３'}, '１９９５０３１２９０１３' ],
	[ 'statement_that_is_cancelled', q{SET statement_timeout = 50; SELECT pg_sleep(5) FROM person WHERE c = '370323199503129013'}, '370323199503129013' ],
	[ 'raised_by_a_function',       q{DO $$ DECLARE x text; BEGIN SELECT c INTO x FROM person WHERE n = 1 LIMIT 1; RAISE EXCEPTION 'no file of %', x USING HINT = x; END $$}, '370323199503129013' ],
	[ 'raised_as_a_warning',        q{DO $$ DECLARE x text; BEGIN SELECT c INTO x FROM person WHERE n = 1 LIMIT 1; RAISE WARNING 'no file of %', x; END $$; SELECT 1/0}, '370323199503129013' ],
	[ 'dynamic_statement',          q{DO $$ BEGIN EXECUTE format('SELECT %L::credit.code', '370323199503129014'); END $$}, '370323199503129014' ],
	[ 'prepared_statement',         q{PREPARE p AS SELECT take($1); EXECUTE p('370323199503129014')}, '370323199503129014' ],
	[ 'blanks_in_another_error',    q{SELECT 1 / (n - 1) FROM person WHERE c = '3703 2319 9503 1290 13'}, '9503 1290 13' ],
	[ 'roman_ten_in_another_error', q{SELECT '11010519491231002Ⅹ'::credit.code, 1 / (n - 1) FROM person}, '19491231002' ],
	[ 'glued_to_a_word',            q{DO $$ DECLARE x text; BEGIN SELECT c INTO x FROM person WHERE n = 1 ORDER BY c LIMIT 1; RAISE EXCEPTION 'no file ID%', x; END $$}, '370323199503129013' ],
	[ 'glued_to_a_date',            q{DO $$ DECLARE x text; BEGIN SELECT c INTO x FROM person WHERE n = 1 ORDER BY c LIMIT 1; RAISE EXCEPTION 'no file 2026-11-23-%-7', x; END $$}, '370323199503129013' ],
	[ 'array_of_numbers',           q{SELECT array_agg(c)::text::int FROM person}, '370323199503129013' ],
	[ 'unknown_column',             q{SELECT c, nobody FROM person WHERE c = '370323199503129013'; SELECT nobody FROM person WHERE c = '370323199503129013'}, '370323199503129013' ],
);

# What the server sent: all but the client's own echo of the statement.
sub attack
{
	my ($sql, @options) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', "\\set SHOW_CONTEXT always\n\\set VERBOSITY verbose\n$sql",
		on_error_stop => 0, @options);
	$err =~ s/^LINE .*\n\s*\^?\n?//mg;
	return $err;
}

for (@attacks)
{
	my ($name, $sql, $secret) = @$_;
	my $from = -s $node->logfile;
	# the module is in the session already, as in any that has looked at a code
	my $err = attack("SELECT count(*) FROM (SELECT c FROM person WHERE c > 'Z00000000000000195') AS x;\n$sql");
	my $log = slurp_file($node->logfile, $from);
	like($err, qr/ERROR/, "$name: is an error");
	like($log, qr/ERROR/, "$name: is logged");
	unlike($err, qr/\Q$secret\E/, "$name: not in the error");
	unlike($log, qr/\Q$secret\E/, "$name: not in the log");
}

# A deadlock's detail quotes the statements of both sides.
{
	my $from = -s $node->logfile;
	$node->safe_psql('postgres', "INSERT INTO person VALUES ('372828196503129010', 'z', 1)");
	my $a = $node->background_psql('postgres', on_error_stop => 0);
	my $b = $node->background_psql('postgres', on_error_stop => 0);
	my $lock = "UPDATE person SET name = 'l' WHERE c = ";
	$a->query_safe("BEGIN; $lock '370323199503129013'");
	$b->query_safe("BEGIN; $lock '372828196503129010'");
	$a->query_until(qr//, "$lock '372828196503129010';\n");
	$b->query("$lock '370323199503129013'");
	$node->wait_for_log(qr/deadlock detected/, $from);
	$a->quit; $b->quit;
	my $log = slurp_file($node->logfile, $from);
	like($log, qr/Process \d+: UPDATE person/, 'deadlock: the statements are in the detail');
	unlike($log, qr/370323199503129013|372828196503129010/, 'deadlock_detail: not in the log');
}

# Before the session has met a code the module is not there; preloaded, it is.
{
	my $bad = "SELEC '370323199503129013'";
	my $from = -s $node->logfile;
	attack($bad);
	like(slurp_file($node->logfile, $from), qr/370323199503129013/, 'without preloading a syntax error is logged whole (documented)');
	$node->safe_psql('postgres', "ALTER DATABASE postgres SET session_preload_libraries = 'credit'");
	$from = -s $node->logfile;
	attack($bad);
	my $log = slurp_file($node->logfile, $from);
	like($log, qr/syntax error/, 'preloaded: is logged');
	unlike($log, qr/370323199503129013/, 'first_statement_of_a_session: not in the log when preloaded');
	# the same for what an administrator may ask to be logged
	$from = -s $node->logfile;
	$node->safe_psql('postgres', "SET log_min_duration_statement = 0; SELECT credit.mask('370323199503129013')");
	$log = slurp_file($node->logfile, $from);
	like($log, qr/duration: .*370323\*{12}/, 'duration_log: masked');
	unlike($log, qr/370323199503129013/, 'duration_log: not whole');
}

# A line of a batch that cannot be read holds names, which no pattern finds: it is not quoted,
# and where it stands is said.  names_in_a_copy_error: seen failing without redact_line().
{
	my $key = PostgreSQL::Test::Utils::tempdir . '/credit.key';
	$node->append_conf('postgresql.conf', "credit.key_file = '$key'\nsession_preload_libraries = 'credit'");
	$node->reload;
	$node->safe_psql('postgres', q{ALTER DATABASE postgres RESET session_preload_libraries; SELECT credit.create_key_file(); SELECT credit.create_register();
		SELECT credit.adopt_rulebook('2018', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
		INSERT INTO credit_register.provider VALUES ('police', 'Police', '370323'); CREATE ROLE desk LOGIN;
		SELECT credit.grant_duty('desk', 'credit_provider', 'police', NULL, NULL, 'decision 1', '[2020-01-01,)');
		SELECT credit.identity_store('370323199503129013', '张三');
		INSERT INTO credit_register.batch (batch, provider, division, person) VALUES ('e0000000-0000-4000-8000-000000000000', 'police', '370323', 'x')});
	my $b = 'e0000000-0000-4000-8000-000000000000';
	my $enter = "SET SESSION AUTHORIZATION desk;\nBEGIN; SELECT credit.enter(); SELECT credit.open_batch() AS b \\gset\n";
	my $copy = "COPY credit_register.batch_in FROM STDIN";
	my @lines = (
		[ 'a token that is no string', "$copy;\n$b\\t1\\t{}\n$b\\t2\\t{\"name\": 张三}\n\\.\n", qr/line 2, column raw/ ],
		[ 'a name where a colon has to be', "$copy;\n$b\\t2\\t{\"name\" \"张三\"}\n\\.\n", qr/line 1, column raw/ ],
		[ 'cut', "$copy;\n$b\\t1\\t{\"name\": \"张三\", \"item\n\\.\n", qr/line 1, column raw/ ],
		[ 'columns in another order', "$copy;\n$b\\t张三\\t{}\n\\.\n", qr/line 1, column line/ ],
		[ 'a column too many', "$copy;\n$b\\t1\\t{}\\t张三\n\\.\n", qr/extra data after last expected column/ ],
		[ 'a column too few', "$copy;\n张三\n\\.\n", qr/column batch|missing data/ ],
		[ 'CSV', "$copy (FORMAT csv);\n$b,1,\"{\"\"name\"\": \"\"张三\"\" \"\"item\"\"}\"\n\\.\n", qr/line 1, column raw/ ],
		[ 'a line twice', "$copy;\n$b\\t1\\t{\"name\": \"张三\"}\n$b\\t1\\t{\"name\": \"张三\"}\n\\.\n", qr/the batch has this line already.*COPY batch_in, line 2/s ],
		[ 'a batch that is not there', "$copy;\nf0000000-0000-4000-8000-000000000000\\t1\\t{\"name\": \"张三\"}\n\\.\n", qr/there is no such batch.*COPY batch_in, line 1/s ],
		[ 'INSERT', "INSERT INTO credit_register.batch_in VALUES (:'b', 1, '{\"name\": 张三}');\n", qr/invalid input syntax for type json/ ],
		[ 'an array of lines', "SELECT credit.add_batch_rows(:'b', '[{\"name\": \"李四\", 张三}]');\n", qr/invalid input syntax for type json/ ],
		[ 'a correction', "SELECT credit.correct_row(:'b', 1, '{\"name\" \"张三\"}');\n", qr/invalid input syntax for type json/ ]);
	for (@lines)
	{
		my ($name, $sql, $said) = @$_;
		$sql =~ s/\\t/\t/g;
		my $from = -s $node->logfile;
		my $err = attack($enter . $sql);
		my $log = slurp_file($node->logfile, $from);
		like($err, $said, "names_in_a_copy_error, $name: what and where is said");
		like($log, $said, "names_in_a_copy_error, $name: in the log, too");
		unlike($err, qr/张三|李四/, "names_in_a_copy_error, $name: nobody is named in the error");
		unlike($log, qr/张三|李四/, "names_in_a_copy_error, $name: nor in the log");
	}
	# Of other tables and statements nothing is kept back.
	like(attack("SELECT '{\"a\": x1y2}'::jsonb"), qr/Token "x1y2" is invalid/, 'other JSON is quoted as ever');

	# Whoever tries a name and takes it back is found in the log, without name and number.
	my $from = -s $node->logfile;
	attack($enter . "SELECT credit.add_batch_rows(:'b', '[{\"subject\": \"370323199503129013\", \"name\": \"李四\", \"item\": \"commendation\", \"document_date\": \"2026-03-01\"}]');\n"
		. "SELECT credit.load_batch(:'b'); ROLLBACK");
	my $log = slurp_file($node->logfile, $from);
	like($log, qr/provider "police" handed in 1 line\(s\) with another name than the one that is kept/, 'names_tried_and_rolled_back: logged');
	unlike($log, qr/李四|370323199503129013/, 'names_tried_and_rolled_back: nobody is named');
}

# Only a superuser may switch it off.
$node->safe_psql('postgres', 'CREATE ROLE clerk');
my ($rc, $out, $err) = $node->psql('postgres', "SET ROLE clerk; SELECT '370323199503129013'::credit.code; SET credit.redact_errors = off");
like($err, qr/permission denied to set parameter "credit.redact_errors"/, 'reader_switches_redaction_off');

# What is no number stays readable.
$err = attack(q{SELECT 'Z00000000000000195'::credit.code; SELECT 'order-2026-000123456789012345678 at 20261123104500'::int});
like($err, qr/order-2026-000123456789012345678 at 20261123104500/, 'other text is left alone');

$node->stop;
done_testing();
