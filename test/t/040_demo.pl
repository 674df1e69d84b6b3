# The demo: a small county from files to reports; what it prints names nobody;
# and it fails loudly when the gate and what was planted differ, whichever of the
# two is wrong.
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(dirname(dirname(abs_path(__FILE__))));
my $dir = PostgreSQL::Test::Utils::tempdir;

# --- the generator: the same bytes on every machine -----------------------------

sub digest_of
{
	my ($out) = @_;
	my $sha = Digest::SHA->new(256);
	$sha->addfile($_) for sort glob("$out/*.csv"), sort glob("$out/rows/*.csv");
	return $sha->hexdigest;
}

system_or_bail('python3', "$top/demo/generate.py", "$dir/a", '2026-11-27', 1000);
system_or_bail('python3', "$top/demo/generate.py", "$dir/b", '2026-11-27', 1000, 7);
is(digest_of("$dir/a"), '94392de41e0bb08c76ffc6c7b39a3470152fbc57b4b1e17a7cd5457192376259',
	'the generator writes the same bytes everywhere (a change of it changes this line)');
isnt(digest_of("$dir/b"), digest_of("$dir/a"), 'another seed gives another county');

# --- the demo, on a server of its own -------------------------------------------

my $runs = 0;

# Runs the demo of a tree: (status, all it printed, the node).
sub run_demo
{
	my ($tree) = @_;
	my $name = 'run' . ++$runs;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', "fsync = on\nshared_preload_libraries = 'credit'\n");
	$node->start;
	mkdir "$dir/$name" or die $!;
	my $printed;
	{
		local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres', CREDIT_TMP => "$dir/$name",
			CREDIT_DEMO_OUT => "$dir/$name/out", CREDIT_DEMO_PERSONS => 1000);
		$printed = `$tree/demo/run 2>&1`;
	}
	return ($?, $printed, $node);
}

my ($status, $printed, $node) = run_demo($top);
is($status, 0, 'the demo passes') or diag($printed);
like($printed, qr/✓ exactly the planted lines are held/, 'what was planted is held');
my @asserted = $printed =~ /✓/g;
cmp_ok(scalar @asserted, '>=', 45, 'it asserts much of what it shows');
for my $page (qw(report.zh report.en dashboard.zh dashboard.en))
{
	like(slurp_file("$dir/run1/out/$page.html"), qr/<svg.*<\/html>/s, "$page.html is a page with a drawing");
}
$node->stop('immediate');

# --- it can fail ------------------------------------------------------------------

# A copy of the demo with one substitution in one file.
sub spoilt
{
	my ($file, $from, $to) = @_;
	my $tree = "$dir/spoilt" . ($runs + 1);
	mkdir $tree or die $!;
	symlink("$top/data", "$tree/data") or die $!;
	system_or_bail('cp', '-R', "$top/demo", "$tree/demo");
	my $text = slurp_file("$tree/demo/$file");
	$text =~ s/$from/$to/ or die "$file has no $from";
	open my $out, '>', "$tree/demo/$file" or die $!;
	print $out $text;
	close $out;
	my ($rc, $said, $server) = run_demo($tree);
	$server->stop('immediate');
	return ($rc, $said);
}

($status, $printed) = spoilt('generate.py', qr/return raw, day, 'CR105'/, "return raw, day, 'CR101'");
isnt($status, 0, 'a generator that planted something else fails');
like($printed, qr/does not hold: exactly the planted lines are held/, '... at the gate');

# --- the check of the output can fail too ------------------------------------------

my ($number) = slurp_file("$dir/a/rows/police.csv") =~ /""subject"":""([0-9X]{18})""/;
ok(defined $number, 'somebody has a number of 18 places');

sub leaks
{
	my ($text) = @_;
	open my $out, '>', "$dir/leak.txt" or die $!;
	print $out "   $text\n";
	close $out;
	my $said = `python3 $top/demo/check_output.py $dir/a $dir/leak.txt 2>&1`;
	return ($? != 0 && index($said, $number) < 0) ? 1 : 0;
}

is(leaks("x $number y"), 1, 'a whole number in the output is found');
is(leaks(substr($number, 0, 6) . ' ' . substr($number, 6, 8) . '-' . substr($number, 14)), 1, '... also with blanks and hyphens');
is(leaks("a${number}b"), 1, '... also inside a word');
is(leaks(substr($number, 0, 6) . '************'), 0, 'a masked number is none');
is(leaks('<img src="http://example.org/x.png">'), 1, 'a page that asks for something from outside is found');

done_testing();
