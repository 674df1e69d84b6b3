# crowd: 24 sessions of all duties at once, compared with what is known without
# the extension: nothing seen outside a mandate, no fork, no event and no inquiry
# lost.  test/crowd --seconds 300 is the long run (bench/RESULTS-inquiry.md).
#
# Seen failing, each within 8 seconds: without row security on records, with a policy
# that lets one row in 300 through, without the audit trigger of records or of
# cases, with one inquiry in ten thrown away, with fan_out() telling nobody,
# case_subject() locking nothing, report_rows() asking for no state, drop_scores()
# dropping nothing.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(dirname(dirname(abs_path(__FILE__))));
my $node = PostgreSQL::Test::Cluster->new('crowd');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->start;
local $ENV{PGHOST} = $node->host;
local $ENV{PGPORT} = $node->port;
local $ENV{PGDATABASE} = 'postgres';
my ($out, $err);
my $ok = IPC::Run::run([ "$top/test/crowd", '--here', '--seconds', '20' ], '>', \$out, '2>', \$err);
ok($ok, 'crowd: nothing differs') or diag("$out\n$err");
my %of = $out =~ /^(.*): (\d+)$/mg;
is($of{'seen or done outside a mandate, lost or strange'}, 0, 'crowd: nothing seen or done outside a mandate');
is($of{'events lost'}, 0, 'crowd: no event lost');
is($of{'inquiries lost'}, 0, 'crowd: no inquiry lost');
is($of{forks}, 0, 'crowd: no fork');
is($of{'cases decided twice'}, 0, 'crowd: no case decided twice');
# Each duty was at work.
for my $what ('attacks refused', 'batches loaded', 'cases opened', 'cases decided: correction', 'cases decided: objection', 'cases decided: repair',
	'deliveries acknowledged', 'inquiries', 'lines filed', 'lines held', 'lines that were there already', 'looks everywhere', 'looks of citizens',
	'mandates given or taken', 'records filed one by one', 'repaired', 'rows compared in whole tables', 'rows compared one by one', 'rows of reports',
	'rows of the portal', 'scores', 'scoring jobs', 'seals', 'transactions rolled back', 'verifications', 'withdrawn')
{
	cmp_ok($of{$what} // 0, '>', 0, "crowd: $what");
}
$node->stop;
done_testing();
