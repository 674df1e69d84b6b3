# The demo: it passes, what it prints names nobody, and it fails loudly when the
# intake and the manifest differ, whichever of the two is wrong.
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

system_or_bail('python3', "$top/demo/generate.py", "$dir/a");
system_or_bail('python3', "$top/demo/generate.py", "$dir/b", 7);
is(digest_of("$dir/a"), 'd850c0822b987ad4548d5d591bca0e03f09132293d0b9434faab69f9b8053fa8',
	'the generator writes the same bytes everywhere (a change of it changes this line)');
isnt(digest_of("$dir/b"), digest_of("$dir/a"), 'another seed gives another county');

# --- the demo, on a server of its own -------------------------------------------

my $node = PostgreSQL::Test::Cluster->new('demo');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->start;
my $runs = 0;

# Runs the demo of a tree in a database of its own: (status, all it printed).
sub run_demo
{
	my ($tree) = @_;
	my $name = 'run' . ++$runs;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	mkdir "$dir/$name" or die $!;
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => $name,
		CREDIT_TMP => "$dir/$name", CREDIT_DEMO_OUT => "$dir/$name/out");
	my $printed = `$tree/demo/run 2>&1`;
	return ($?, $printed);
}

my ($status, $printed) = run_demo($top);
is($status, 0, 'the demo passes') or diag($printed);
like($printed, qr/all files +│ +· +│ +40328 +│ +39826 +│ +502/, '40,328 rows read, 502 held');
like($printed, qr/police-2026-06 under another name +│ +\d+ +│ +0 /, 'a file handed in again files nothing');
is($node->safe_psql('run1', q{SELECT count(*) FROM credit_demo.batch_row
	WHERE raw ?| ARRAY(SELECT field FROM credit_demo.forbidden_field)}), '0',
	'what may not be collected is not kept, even in a held row');
is($node->safe_psql('run1', q{SELECT count(*) FROM credit_demo.record r JOIN credit_demo.item USING (item)
	WHERE stance = 'bad' AND to_char(conduct_end - interval '18 years', 'YYYYMMDD') < substr(subject::text, 7, 8)
	  AND credit.code_kind(subject) <> 'organisation'}), '0', 'no adverse record of an act before the 18th birthday');
like(slurp_file("$dir/run1/out/held-rows.csv"), qr/^batch,line,field,value,/, 'the held rows are written out');

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
	return run_demo($tree);
}

($status, $printed) = spoilt('generate.py', qr/one_digit_off, 18\)/, 'one_digit_off, 17)');
isnt($status, 0, 'a manifest that names another place fails');
like($printed, qr/ERROR: .* bad_check: 31 planted, 31 found, 1 at the right place/, '... and says which verdict');

($status, $printed) = spoilt('30-intake.sql', qr/r\.conduct_end\) < 18/, 'r.conduct_end) < 17');
isnt($status, 0, 'an intake that takes 17 for 18 fails');
like($printed, qr/ERROR: .* minors_act: 30 planted, \d+ found/, '... and says which verdict');

# --- the check of the output can fail too ------------------------------------------

my ($row) = slurp_file("$dir/a/rows/persons-2026-06.csv") =~ /^(persons-2026-06,1,.*)$/m;
my ($number, $name) = $row =~ /""subject"": ""([0-9X]{18})"", ""name"": ""([^"]+)""/;
ok(defined $number && defined $name, 'the first person has an 18-place number and a name');

sub leaks
{
	my ($text, $what) = @_;
	open my $out, '>', "$dir/leak.txt" or die $!;
	print $out "   $text\n";
	close $out;
	my $said = `python3 $top/demo/check_output.py $dir/a $top/data/organisation_examples.csv $dir/leak.txt 2>&1`;
	return ($? != 0 && $said =~ /shows a whole $what/ && index($said, $text) < 0) ? 1 : 0;
}

is(leaks("x $number y", 'number'), 1, 'a whole number in the output is found');
is(leaks(substr($number, 0, 6) . ' ' . substr($number, 6, 8) . '-' . substr($number, 14), 'number'), 1,
	'... also with blanks and hyphens');
is(leaks('a91440300' . '1922038216', 'number'), 1, '... also of an organisation, inside a word');
is(leaks($name, 'name'), 1, 'a whole name in the output is found');
is(leaks(substr($number, 0, 6) . '************', 'number'), 0, 'a masked number is none');

done_testing();
