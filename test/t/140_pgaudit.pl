# pgaudit beside credit, with the lines that doc/dba-guide.md gives, taken from the
# page as they stand (both pages say the same): DDL of the owner is told (A36), no number of a
# person stands in the log, policies, inquiries and the audit work as without it.
#
# Seen failing: with the page as it was (it gave no such lines); without
# redact_install() (the number stood in the log, twice).
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $library = `pg_config --pkglibdir`;
chomp $library;
plan skip_all => 'pgaudit is not installed (postgresql-*-pgaudit)' unless -f "$library/pgaudit.so";

my @lines = map { (slurp_file($_) =~ /```text\n# pgaudit beside credit\n(.*?)```/s)[0] } 'doc/dba-guide.md', 'doc/dba-guide.zh-CN.md';
is($lines[0], $lines[1], 'both pages give the same lines');
like($lines[0], qr/shared_preload_libraries = 'pgaudit, credit'/, 'with both libraries');

my $node = PostgreSQL::Test::Cluster->new('pgaudit');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "log_statement = none\n$lines[0]");
$node->start;
my $number = '370323199503129013';
$node->safe_psql('postgres', q{
	CREATE EXTENSION pgaudit; CREATE EXTENSION credit;
	SELECT credit.create_register();
	SELECT credit.adopt_rulebook('law', credit.shipped_rulebook('cn-370323'), '[2000-01-01,)');
	CREATE ROLE coll_a LOGIN;
	INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323'), ('b', 'Department B', '370323');
	SELECT credit.grant_duty('coll_a', 'credit_provider', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)');
	INSERT INTO credit_register.record (subject, item, document_date, provider, division, stance)
	  SELECT 'P000000000000101', 'commendation', '2026-01-01', p, '370323', 'good' FROM unnest('{a,b}'::text[]) p;});
my $audited = sub { my $before = shift; return join "\n", grep { /AUDIT:/ } split /\n/, substr(slurp_file($node->logfile), $before); };

my $at = -s $node->logfile;
$node->safe_psql('postgres', 'SET ROLE credit_owner; ALTER TABLE credit_register.record DISABLE TRIGGER credit_audit_row');
like($audited->($at), qr/DDL,ALTER TABLE,TABLE,credit_register\.record,.*DISABLE TRIGGER credit_audit_row/, 'A36 ddl_by_the_owner is told');
is($node->safe_psql('postgres', q{SELECT finding FROM credit.guard_report() WHERE object ~ 'credit_audit_row'}), 'trigger disabled', 'and is in the report');
$node->safe_psql('postgres', 'ALTER TABLE credit_register.record ENABLE ALWAYS TRIGGER credit_audit_row');

$at = -s $node->logfile;
$node->safe_psql('postgres', q{GRANT credit_owner TO coll_a; REVOKE credit_owner FROM coll_a});
like($audited->($at), qr/ROLE,GRANT.*GRANT credit_owner TO coll_a/s, 'grants are told');
$at = -s $node->logfile;
my ($rc, $out, $err) = $node->psql('postgres', "SET pgaudit.log = 'none'; SET TimeZone = 'UTC'", extra_params => [ '-U', 'coll_a' ], on_error_stop => 0);
like($err, qr/permission denied to set parameter "pgaudit.log"/, 'a login does not switch it off');
like($audited->($at), qr/MISC,SET.*TimeZone/, 'settings are told');

# The same answers as without it.
($rc, $out) = $node->psql('postgres', "BEGIN; SELECT FROM credit.enter(); SELECT provider FROM credit_register.record; COMMIT", extra_params => [ '-U', 'coll_a', '-q' ]);
like($out, qr/^\s*a$/, 'policies work beside it');
($rc, $out, $err) = $node->psql('postgres', "BEGIN; SELECT credit.enter(); SELECT credit.open_inquiry_on('P000000000000101', 'administration', 'licence'); COMMIT", extra_params => [ '-U', 'coll_a', '-q' ]);
like($out, qr/[0-9a-f-]{36}/, 'inquiries work beside it');
is($node->safe_psql('postgres', 'SELECT count(*) FROM credit_register.inquiry'), 1, 'and stay');
$node->safe_psql('postgres', 'SELECT credit.seal_audit()');
is($node->safe_psql('postgres', q{SELECT ok FROM credit.verify_audit() WHERE finding = 'summary'}), 't', 'the audit verifies beside it');

# No number of a person in its lines: not of DDL, nor when a site logs more than the page says.
$at = -s $node->logfile;
$node->safe_psql('postgres', "CREATE TABLE person AS SELECT '$number'::credit.code AS c; COMMENT ON TABLE person IS 'of $number'");
like($audited->($at), qr/CREATE TABLE AS/, 'DDL with a number in it is told');
unlike($audited->($at), qr/19950312901/, 'without the number');
$at = -s $node->logfile;
$node->safe_psql('postgres', "SET pgaudit.log = 'all'; SET pgaudit.log_parameter = on; PREPARE p AS SELECT count(*) FROM person WHERE c = \$1; EXECUTE p('$number'); SELECT count(*) FROM person WHERE c = '$number'");
like($audited->($at), qr/READ,SELECT/, 'reading is told where a site wants it');
unlike($audited->($at), qr/19950312901/, 'without the number');

# The library list in the other form: two words, not one quoted string.
$node->safe_psql('postgres', 'ALTER SYSTEM SET shared_preload_libraries = pgaudit, credit');
$node->restart;
is($node->safe_psql('postgres', 'SHOW shared_preload_libraries'), 'pgaudit, credit', 'ALTER SYSTEM as the page gives it');
$node->stop;
done_testing();
