# Audit through what happens to servers: F1 and F2 (SIGKILL) keep events and
# seals consistent; a dump restored elsewhere verifies and goes on (U30); an
# older backup and a promoted twin are told by a checkpoint (U28, U29); a copied
# database is known as one (F35); eight clients with sealers make no fork.
#
# Seen failing without the defence: with audit_root() PARALLEL RESTRICTED the
# workers computed no root; with the same node everywhere the restored register
# did not seal its new events, and a copied database was not told.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', "fsync = on\nmax_prepared_transactions = 4\nrestart_after_crash = on\nclient_min_messages = warning\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION credit;
	SELECT credit.create_register_audit();
	CREATE TABLE way (id serial PRIMARY KEY, client int, v text);
	SELECT credit.audit_table('way');});

sub verdict
{
	my ($where, $checkpoint, $db) = @_;
	return $where->safe_psql($db // 'postgres', "SELECT ok, finding, seal FROM credit.verify_audit("
		  . (defined $checkpoint ? "\$c\$$checkpoint\$c\$" : '') . ')');
}

# Changes that are there, against changes that the audit has.
my $balance = q{SELECT (SELECT count(*) FROM way) -
	(SELECT coalesce(sum(changes), 0) FROM credit_register.audit_event WHERE operation = 'I' AND relation = 'public.way')};

# Eight clients and two sealers: no fork, nothing lost, no error.
my $script = $node->basedir . '/way.sql';
append_to_file($script, "INSERT INTO way (client, v) VALUES (:client_id, 'x');\n");
my $seal = $node->basedir . '/seal.sql';
append_to_file($seal, "SELECT credit.seal_audit();\n");
$node->command_ok([ 'pgbench', '-n', '-c', '10', '-j', '2', '-T', '3', '-f', "$script\@40", '-f', "$seal\@1", 'postgres' ],
	'clients and sealers at once');
$node->safe_psql('postgres', 'SELECT credit.seal_audit()');
is($node->safe_psql('postgres', $balance), '0', 'every change has its event');
like(verdict($node), qr/^t\|summary\|\d+$/, 'eight clients: the chain verifies');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM credit_register.audit_seal'), '>', 5, 'many seals');
is($node->safe_psql('postgres', 'SELECT count(*) FROM (SELECT previous FROM credit_register.audit_seal GROUP BY 1 HAVING count(*) > 1) f'),
	'0', 'eight clients: no fork');

# Verification shares the seals out among workers, and finds in them what it finds
# alone; and goes on from a seal.
my $parallel = q{LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
	SET auto_explain.log_analyze = on; SET auto_explain.log_verbose = on; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET max_parallel_workers_per_gather = 2;};
$node->safe_psql('postgres', 'ANALYZE credit_register.audit_seal');
my $log = -s $node->logfile;
my $serial = $node->safe_psql('postgres', 'SET max_parallel_workers_per_gather = 0; SELECT * FROM credit.verify_audit()');
is($node->safe_psql('postgres', "$parallel SELECT * FROM credit.verify_audit()"), $serial, 'workers verify as one does');
# What Gather only hands on stands in brackets.
ok($node->log_contains(qr/Gather [^\n]*\n\s*Output: [^\n]*\(credit\.audit_root\([^\n]*\n\s*Workers Planned: \d\n\s*Workers Launched: [12]/, $log),
	'and the workers computed the roots');
my $tamper = q{BEGIN; ALTER TABLE credit_register.audit_event DISABLE TRIGGER ALL;
	UPDATE credit_register.audit_event SET role = 'x' WHERE xid IN (SELECT xid FROM credit_register.audit_event WHERE relation = 'public.way' ORDER BY xid LIMIT 2 OFFSET 100);};
is($node->safe_psql('postgres', "$tamper $parallel SELECT ok, finding FROM credit.verify_audit(); ROLLBACK;"),
	"f|event changed\nf|event changed\nf|summary", 'workers find a changed event');
my $last = $node->safe_psql('postgres', 'SELECT max(number) FROM credit_register.audit_seal');
$node->safe_psql('postgres', q{INSERT INTO way (v) VALUES ('newer')});
$node->safe_psql('postgres', q{SELECT credit.seal_audit()});
like($node->safe_psql('postgres', "SELECT ok, detail FROM credit.verify_audit(since => $last)"), qr/^t\|1 sealed events checked/, 'from a seal on: only what is newer');

# A prepared transaction has its events when it is prepared, and is sealed after it ended.
$node->safe_psql('postgres', q{BEGIN; INSERT INTO way (v) VALUES ('prepared'); PREPARE TRANSACTION 'p';});
$node->safe_psql('postgres', q{SELECT credit.seal_audit()});

# F1, F2: everything is killed while clients write.
for my $victim ('backend', 'postmaster')
{
	my $bench = IPC::Run::start(
		[ 'pgbench', '-n', '-c', '4', '-T', '60', '-h', $node->host, '-p', $node->port, '-f', "$script\@20", '-f', "$seal\@1", 'postgres' ],
		'>', \my $out, '2>', \my $err);
	# A loaded machine takes its time to come so far; what each is at changes by the moment.
	$node->poll_query_until('postgres', q{SELECT count(*) = 4 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()}) or die 'no client came';
	sleep 1;
	if ($victim eq 'backend')
	{
		my $pid = $node->safe_psql('postgres',
			q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY pid LIMIT 1});
		kill 'KILL', $pid;
		$bench->finish;
		$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)") or die 'the server did not come back';
	}
	else
	{
		$node->kill9;
		$bench->finish;
		sleep 3;	# backends of a dead postmaster take a moment to notice
		$node->start;
	}
	is($node->safe_psql('postgres', $balance), '0', "SIGKILL of a $victim: every change that stayed has its event");
	like(verdict($node), qr/^t\|summary\|\d+$/, "SIGKILL of a $victim: the chain verifies");
}
my $before = $node->safe_psql('postgres', 'SELECT max(before_xid) FROM credit_register.audit_seal');
is($node->safe_psql('postgres', "COMMIT PREPARED 'p'; $balance"), '0', 'a prepared transaction keeps its event through a crash');
$node->safe_psql('postgres', 'SELECT credit.seal_audit()');
like(verdict($node), qr/^t\|summary\|\d+$/, 'and is sealed after it ended');

# Dump and restore: valid, decoded, and it goes on as another node.
my $checkpoint = $node->safe_psql('postgres', 'SELECT credit.checkpoint()');
my $dump = $node->basedir . '/dump';
$node->safe_psql('postgres', q{CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE feel (id int PRIMARY KEY, m mood);
	SELECT credit.audit_table('feel'); INSERT INTO feel VALUES (1, 'bad');});	# not sealed yet
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, 'postgres' ], 'pg_dump');
my $other = PostgreSQL::Test::Cluster->new('other');
$other->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$other->start;
$other->safe_psql('postgres', 'CREATE ROLE credit_owner; CREATE DATABASE restored;');
$other->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'restored', $dump ], 'pg_restore on another server');
like(verdict($other, $checkpoint, 'restored'), qr/^t\|summary\|\d+$/, 'U30: the restored audit verifies against the checkpoint');
is($other->safe_psql('restored', q{SELECT new_value FROM credit.audit_changes('feel') WHERE column_name = 'm'}), 'bad',
	'U30: and reads');
is($other->safe_psql('restored', $balance), '0', 'F20: restoring wrote no events of its own');
$other->safe_psql('restored', q{INSERT INTO feel VALUES (2, 'good'); SELECT credit.seal_audit();});
$other->safe_psql('restored', q{SELECT credit.seal_audit();});
is($other->safe_psql('restored', q{SELECT count(DISTINCT node) FROM credit_register.audit_seal}), '2', 'it goes on as another node');
like(verdict($other, $checkpoint, 'restored'), qr/^t\|summary\|\d+$/, 'U30: and still verifies');
is($other->safe_psql('restored', q{SELECT (SELECT count(*) FROM credit_register.audit_event) - (SELECT sum(events) FROM credit_register.audit_seal)}),
	'0', 'all events are sealed, those of the dump too');

# F35: a database copied within the server.
$node->safe_psql('template1', 'CREATE DATABASE copy TEMPLATE postgres');
isnt($node->safe_psql('copy', 'SELECT credit.audit_node()'), $node->safe_psql('postgres', 'SELECT credit.audit_node()'),
	'F35: a copied database is another node');

# U29: two primaries go on from one state.
$node->backup('b');
my $twin = PostgreSQL::Test::Cluster->new('twin');
$twin->init_from_backup($node, 'b', has_streaming => 1);
$twin->start;
$node->wait_for_catchup($twin);
$twin->promote;
for my $n ($node, $twin)
{
	$n->safe_psql('postgres', q{INSERT INTO way (v) VALUES ('after')});
	$n->safe_psql('postgres', q{SELECT credit.seal_audit()});
}
my $theirs = $twin->safe_psql('postgres', 'SELECT credit.checkpoint()');
like(verdict($node, $checkpoint), qr/^t\|summary\|\d+$/, 'U29: both are in line with what was before');
like(verdict($twin, $checkpoint), qr/^t\|summary\|\d+$/, 'U29: both are in line with what was before');
like(verdict($node, $theirs), qr/^f\|not the history of the checkpoint/m, 'U29: the fork is told');
like($node->safe_psql('postgres', "SELECT detail FROM credit.verify_audit(\$c\$$theirs\$c\$) WHERE finding LIKE 'not%'"),
	qr/timeline 1 here, 2 in the checkpoint/, 'U29: with both timelines');

# U28: an older backup.
my $newest = $node->safe_psql('postgres', q{SELECT credit.checkpoint()});
my $old = PostgreSQL::Test::Cluster->new('old');
$old->init_from_backup($node, 'b');
$old->start;
like(verdict($old), qr/^t\|summary\|\d+$/, 'U28: an older backup is whole in itself');
like(verdict($old, $newest), qr/^f\|log ends before the checkpoint/m, 'U28: and ends before the checkpoint');

done_testing();
