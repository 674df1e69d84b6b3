# The signed context behind a transaction pooler, and tokens of applications.
#
# Seen failing without the defence: token_twice and token_of_another_session
# with a constant challenge; pooled_context with GUC_ACTION_SET in place of
# GUC_ACTION_LOCAL and no transaction in what is signed (the next client of the
# connection saw the first one's rows); mac_sm3 with the setting not looked at;
# mandate_of_an_old_snapshot with the transaction's snapshot in enter().
# The MACs of tokens are Perl's and Python's, not ours.
use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $bouncer = '/usr/sbin/pgbouncer';
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION credit;
	SELECT credit.create_register();
	SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
	CREATE ROLE app LOGIN; CREATE ROLE other_app LOGIN; CREATE ROLE plain LOGIN;
	INSERT INTO credit_register.provider VALUES ('a', 'Department A', '370323'), ('b', 'Department B', '370323');
	SELECT credit.grant_duty('alice', 'credit_provider', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)', via => 'app');
	SELECT credit.grant_duty('bob', 'credit_provider', 'b', NULL, NULL, 'decision 1', '[2020-01-01,)', via => 'app');
	SELECT credit.grant_duty('carol', 'credit_provider', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)', via => 'other_app');
	INSERT INTO credit_register.record (subject, item, document_date, provider, division, stance, document_no)
		SELECT 'P000000000000101', 'commendation', '2026-03-01', CASE WHEN n % 3 = 0 THEN 'a' ELSE 'b' END, '370323', 'good', n::text FROM generate_series(1, 30) n;});
my $secret = $node->safe_psql('postgres', "SELECT credit.token_secret('app')");
like($secret, qr/^[0-9a-f]{64}$/, 'a secret of an application');
isnt($secret, $node->safe_psql('postgres', "SELECT credit.token_secret('other_app')"), 'each has its own');

my @to = ('-h', $node->host, '-p', $node->port);
my $hash = 'sha256';

# A script as a login; the words TOKEN(person, seconds) make a token for the challenge c.
sub as_login
{
	my ($login, $script) = @_;
	my ($out, $err);
	$script =~ s/CHALLENGE/SELECT credit.challenge() AS c \\gset/g;
	$script =~ s{TOKEN\((\w+), (-?\d+)\)}{\\set token `python3 -c 'import hmac, sys, time; t = "$1:%d" % (time.time() + $2); print(t + ":" + hmac.new(b"$secret", (sys.argv[1] + ":" + t).encode(), "$hash").hexdigest())' :'c'`}g;
	IPC::Run::run([ 'psql', '-XqAt', @to, '-U', $login, '-d', 'postgres', '-v', 'SHOW_CONTEXT=never' ], '<', \$script, '>', \$out, '2>', \$err);
	$out =~ s/^\s*\n//mg;
	chomp $out;
	return wantarray ? ($out, $err) : $out;
}
my $count = 'SELECT count(*) FROM credit_register.record;';

# mandate_of_an_old_snapshot: what was ended is ended for a transaction that began before.
{
	$node->safe_psql('postgres', q{CREATE ROLE twofold LOGIN;
		SELECT credit.grant_duty('twofold', 'credit_provider', 'a', NULL, NULL, 'x', '[2020-01-01,)'), credit.grant_duty('twofold', 'credit_reviewer', NULL, NULL, NULL, 'x', '[2020-01-01,)')});
	my $old = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'twofold' ]);
	$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
	$node->safe_psql('postgres', q{SELECT credit.revoke_duty('twofold', 'credit_reviewer', 'dismissed')});
	is((split /\n/, $old->query_safe(q{SELECT FROM credit.enter(); SELECT string_agg(duty, ',') FROM credit.grants()}))[-1], 'credit_provider', 'mandate_of_an_old_snapshot: what was ended is not entered');
	$old->quit;
	$node->safe_psql('postgres', 'DROP OWNED BY twofold; DROP ROLE twofold');
}

sub attacks
{
	my $way = shift;
	my ($out, $err);
	is(as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(alice, 60)\nSELECT credit.enter(:'token');\n$count\nSELECT credit.person();\nCOMMIT;\n$count\n"), "10\nalice\n0", "$way: alice, for a transaction");
	is(as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(bob, 60)\nSELECT credit.enter(:'token');\n$count\nROLLBACK;\nBEGIN;\n$count\nROLLBACK;\n"), "20\n0", "$way: pooled_context: bob, then nobody");
	($out, $err) = as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(alice, 60)\nSELECT credit.enter(:'token');\nCOMMIT;\nBEGIN;\nSELECT credit.enter(:'token');\n$count\nCOMMIT;\n");
	like($err, qr/the token is refused/, "$way: token_twice");
	($out, $err) = as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(alice, -1)\nSELECT credit.enter(:'token');\n");
	like($err, qr/the token is refused/, "$way: token that has expired");
	($out, $err) = as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(alice, 9999999)\nSELECT credit.enter(:'token');\n");
	like($err, qr/the token is refused/, "$way: token for ever");
	($out, $err) = as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(alice, 60)\nSELECT credit.enter(replace(:'token', 'alice', 'bob'));\n");
	like($err, qr/the token is refused/, "$way: token with the person swapped");
	($out, $err) = as_login('other_app', "BEGIN;\nCHALLENGE\nTOKEN(alice, 60)\nSELECT credit.enter(:'token');\n");
	like($err, qr/the token is refused/, "$way: token of another application");
	($out, $err) = as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(carol, 60)\nSELECT credit.enter(:'token');\n");
	like($err, qr/no mandate is in force/, "$way: a person of another application");
	($out, $err) = as_login('app', "SELECT credit.enter();\n");
	like($err, qr/no mandate is in force/, "$way: the application has no duty of its own");
	for my $junk ('', ':', 'x', 'a:b:' . '0' x 64, ':' . '0' x 64, 'a' x 100000)
	{
		($out, $err) = as_login('app', "BEGIN;\nSELECT credit.enter('$junk');\n");
		like($err, qr/the token is refused/, "$way: junk of " . length($junk));
	}
}
attacks('direct');
my ($out, $err) = as_login('plain', "SELECT credit.enter();\n");
like($err, qr/permission denied/, 'without a duty not even the attempt');

# token_of_another_session: the challenge of one session, used in another.
my $challenge = as_login('app', "BEGIN;\nSELECT credit.challenge();\n");
my $token = 'alice:' . (time + 60);
$token .= ':' . hmac_sha256_hex("$challenge:$token", $secret);
($out, $err) = as_login('app', "BEGIN;\nSELECT credit.enter('$token');\n");
like($err, qr/the token is refused/, 'token_of_another_session');

# mac_sm3: contexts and tokens signed with SM3 (GB/T 32905); secrets are derived anew.
$node->safe_psql('postgres', "LOAD 'credit'; ALTER SYSTEM SET credit.mac = sm3; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', "SELECT current_setting('credit.mac', true) = 'sm3'");
my $old = $secret;
$secret = $node->safe_psql('postgres', "SELECT credit.token_secret('app')");
isnt($secret, $old, 'mac_sm3: another secret');
($out, $err) = as_login('app', "BEGIN;\nCHALLENGE\nTOKEN(alice, 60)\nSELECT credit.enter(:'token');\n");
like($err, qr/the token is refused/, 'mac_sm3: a token signed with SHA-256 is refused');
$hash = 'sm3';
attacks('mac_sm3');
($out, $err) = as_login('app', "SELECT credit.person();\nSET credit.mac = sha256;\n");
like($err, qr/cannot be changed now/, 'mac_sm3: nobody chooses it for himself');
$node->safe_psql('postgres', "LOAD 'credit'; ALTER SYSTEM RESET credit.mac; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', "SELECT coalesce(current_setting('credit.mac', true), '') <> 'sm3'");
($secret, $hash) = ($old, 'sha256');

# Nothing of it in the log.
my $log = slurp_file($node->logfile);
unlike($log, qr/\Q$secret\E/, 'no secret in the log');

SKIP:
{
	skip 'pgbouncer is not installed', 1 unless -x $bouncer;
	my $dir = PostgreSQL::Test::Utils::tempdir_short();
	my $ini = "$dir/pgbouncer.ini";
	append_to_file("$dir/users", qq{"app" ""\n"other_app" ""\n"plain" ""\n});
	append_to_file($ini, "[databases]\npostgres = host=" . $node->host . " port=" . $node->port . " pool_size=1\n"
		  . "[pgbouncer]\npool_mode = transaction\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = $dir\n"
		  . "auth_type = trust\nauth_file = $dir/users\nlogfile = $dir/log\npidfile = $dir/pid\n");
	my $pooler = IPC::Run::start([ $bouncer, '-q', $ini ], '>', '/dev/null', '2>&1');
	for (1 .. 100) { last if -S "$dir/.s.PGSQL.6432"; select(undef, undef, undef, 0.1); }
	@to = ('-h', $dir, '-p', '6432');
	attacks('pooled');
	# Two clients of one server connection, in turn.
	my @pids = map { scalar as_login('app', "BEGIN;\nCHALLENGE\nTOKEN($_, 60)\nSELECT credit.enter(:'token');\n$count\nSELECT pg_backend_pid();\nCOMMIT;\n") } ('alice', 'bob', 'alice');
	is(join(' ', map { (split /\n/)[0] } @pids), '10 20 10', 'clients in turn see their own');
	is((split /\n/, $pids[0])[1], (split /\n/, $pids[1])[1], 'through one server connection');
	# A session setting stays with the connection; it grants the next client nothing.
	as_login('app', "SET credit.context = 'x';\n");
	is(as_login('app', $count . "\n"), 0, 'a setting left in the pool grants nothing');
	$pooler->kill_kill;
}
$node->stop;
done_testing();
