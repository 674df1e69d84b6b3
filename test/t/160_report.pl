# The report in a browser: nothing overflows on a phone, nothing is missing,
# nothing is asked from elsewhere and no script runs; on paper every page bears
# the watermark.  And the JSON against its schema.
#
# Seen failing: "the shape" without unit in report_shape(); "nothing sticks out" with min-width: 60rem on main; "the number
# of records" with LIMIT 2 in report_html_records(); "no alert" with html_text()
# that does not escape; "not blank" with body { display: none }; "the schema"
# with a score in report().
use strict;
use warnings;

use File::Temp qw(tempdir);
use Cwd qw(abs_path);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
my $dir = tempdir(CLEANUP => 1);
chmod 0700, $dir;
$node->append_conf('postgresql.conf', "credit.key_file = '$dir/credit.key'\nshared_preload_libraries = 'credit'\n");
$node->start;

my $hostile = q{<script>document.title = "alert"</script>};
$node->safe_psql('postgres', qq{
	CREATE EXTENSION credit;
	SELECT credit.create_key_file();
	SELECT credit.create_register();
	SELECT credit.adopt_rulebook('cn-370323', credit.shipped_rulebook('cn-370323'), '[2018-01-01,)');
	CREATE ROLE clerk LOGIN;
	CREATE ROLE citizen LOGIN;
	INSERT INTO credit_register.provider VALUES ('hall', 'Service hall of Yiyuan', '370323'),
		('market', '沂源县市场监督管理局（食品药品、特种设备、安全生产和消防安全综合执法大队）', '370323');
	SELECT credit.grant_duty('clerk', 'credit_window', 'hall', NULL, NULL, 'decision 1', '[2020-01-01,)');
	INSERT INTO credit_register.subject (subject, kind, division)
		SELECT credit.identity_store('370323198503129019', '买买提·艾买提\xe2\x80\xae'), 'citizen', '370323';
	SELECT credit.grant_duty('citizen', 'credit_citizen', NULL, NULL, NULL, 'real name', '[2020-01-01,)', subject => (SELECT subject FROM credit_register.subject));
	INSERT INTO credit_register.record (subject, item, severity, document_date, happened_on, conduct_end, final_on, provider, division, stance, document_no, amount,
			fields, basis, basis_in_force, fingerprint)
		SELECT s.subject, item, severity::credit.severity, d, d, d, d, provider, '370323', stance::credit.stance, no, amount, fields, 'county opinion (9)', '[2018-05-21,)', sha256(no::bytea)
		  FROM credit_register.subject s, (SELECT credit.today() AS t) t, LATERAL (VALUES
			('administrative_penalty', 'general', t - 100, 'market', 'bad', 'p1', 200, jsonb_build_object('violation', '$hostile', 'penalty_kind', repeat('很长的处罚种类', 20))),
			('key_field_penalty', 'serious', t - 400, 'market', 'bad', 'p2', 5000, jsonb_build_object('violation', repeat('W', 300))),
			('commendation_national', NULL, t - 50, 'hall', 'good', 'c1', NULL, '{"honour": "h"}'),
			('qualification', NULL, t - 20, 'hall', 'neutral', 'q1', NULL, '{"certificate": "c"}')) AS v (item, severity, d, provider, stance, no, amount, fields);
});

sub as_login
{
	my ($login, $sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', $login, '-q' ]);
	die $err if $rc;
	$out =~ s/\A\s+//;
	return $out;
}
my $enter = 'SELECT FROM credit.enter();';
my $subject = $node->safe_psql('postgres', 'SELECT subject FROM credit_register.subject');
my ($inquiry) = as_login('clerk', "BEGIN; $enter SELECT credit.open_inquiry_on('$subject', 'administration', 'licence 5'); COMMIT;") =~ /([0-9a-f-]{36})/;
my $report = as_login('clerk', "BEGIN; $enter SELECT credit.report('$inquiry'); COMMIT;");
my $occupational = as_login('clerk', "BEGIN; $enter SELECT credit.report('$inquiry', 'occupational', 'teacher'); COMMIT;");
my $own = as_login('citizen', "BEGIN; $enter SELECT credit.my_report(); COMMIT;");

# The schema, by another program.
SKIP:
{
	my ($python) = grep { system("$_ -c 'import jsonschema' 2>/dev/null") == 0 } qw(python3 /usr/bin/python3);
	skip 'python3-jsonschema is not installed', 6 if !$python;
	my ($schema) = map { abs_path($_) } grep { -f $_ } qw(doc/report.schema.json ../doc/report.schema.json);
	my $validate = sub {
		append_to_file("$dir/instance", '');
		open my $file, '>', "$dir/instance" or die $!;
		print $file $_[0];
		close $file;
		return system($python, '-W', 'ignore', '-c', 'import json, sys, jsonschema as j; s = json.load(open(sys.argv[1])); '
			. 'j.Draft202012Validator.check_schema(s); j.Draft202012Validator(s).validate(json.load(open(sys.argv[2])))', $schema, "$dir/instance") == 0;
	};
	ok($validate->($report), 'the schema: a report');
	ok($validate->($occupational), 'the schema: an occupational report');
	ok($validate->($own), 'the schema: the person\'s own');
	# What report_html() asks for is what the schema says, key by key.
	open my $compare, '>', "$dir/compare.py" or die $!;
	print $compare <<'PYTHON';
import json, sys
schema, shape = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
def reduced(node):
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].split("/")[-1]]
    kinds = node.get("type", [])
    kinds = set(kinds if isinstance(kinds, list) else [kinds])
    for value in [*node.get("enum", []), *([node["const"]] if "const" in node else [])]:
        kinds.add("null" if value is None else "string" if isinstance(value, str) else "integer")
    if kinds == {"object"}:
        return {key + ("" if key in node.get("required", []) else "?"): reduced(part) for key, part in node.get("properties", {}).items() if part is not False}
    if kinds == {"array"}:
        return [reduced(node["items"])]
    return "|".join(sorted("count" if k == "integer" else k for k in kinds))
def sorted_shape(node):
    if isinstance(node, dict):
        return {k: sorted_shape(v) for k, v in node.items()}
    return [sorted_shape(v) for v in node] if isinstance(node, list) else "|".join(sorted(node.split("|")))
wanted, got = reduced(schema), sorted_shape(shape)
for key in sorted({*wanted, *got}):
    if wanted.get(key) != got.get(key):
        print(key, wanted.get(key), got.get(key))
PYTHON
	close $compare;
	open my $instance, ">", "$dir/shape" or die $!;
	print $instance $node->safe_psql("postgres", "SELECT credit.report_shape()");
	close $instance;
	is(`$python $dir/compare.py $schema $dir/shape`, '', 'the shape that report_html() asks for is that of the schema');
	open my $old, '>&', \*STDERR or die $!;
	open STDERR, '>', "$dir/refused" or die $!;
	my $scored = $validate->($report =~ s/\}\z/, "score": {"as_of": "2026-01-01", "points": "1", "grade": null, "lines": []}}/r);
	my $counted = $validate->($report =~ s/("reason": "law")/"count": 1, $1/r);
	open STDERR, '>&', $old or die $!;
	ok(!$scored, 'the schema has no place for a score in a report to others');
	ok(!$counted, 'nor for counts of what is left out');
}

my ($chromium) = grep { -x $_ } map { ("$_/chromium", "$_/chromium-browser") } split /:/, $ENV{PATH} . ':/usr/bin';
SKIP:
{
	skip 'chromium is not installed', 29 if !$chromium;

	my @browser = ($chromium, qw(--headless --no-sandbox --disable-gpu --hide-scrollbars --disable-background-networking --disable-component-update
		--disable-sync --no-first-run --disable-dev-shm-usage --virtual-time-budget=2000), "--user-data-dir=$dir/profile");
	my $browse = sub {
		my ($out, $err) = ('', '');
		my $ok = eval { IPC::Run::run([ @browser, @_ ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(120)) };
		diag($@ || $err) if !$ok;
		utf8::decode($out);
		return ($out, $err);
	};
	my $write = sub {
		my ($name, $text) = @_;
		open my $file, '>', "$dir/$name" or die $!;
		print $file $text;
		close $file;
		return "file://$dir/$name";
	};
	# What the page itself forbids, a test copy allows: a script that measures.
	my $measure = q{<script>window.onload = function () {
		var wide = [];
		document.querySelectorAll('main *, footer *').forEach(function (e) {
			var r = e.getBoundingClientRect();
			if (r.right > window.innerWidth + 1 && !e.closest('thead') && !e.closest('svg')) wide.push(e.tagName + ':' + Math.round(r.right)); });
		document.documentElement.setAttribute('data-facts', ['width', window.innerWidth, 'scroll', document.documentElement.scrollWidth,
			'articles', document.querySelectorAll('article').length, 'bars', document.querySelectorAll('svg[role=img]').length, 'requests', performance.getEntriesByType('resource').length,
			'out', wide.length].join(' ')); };</script>};

	for my $case ([ 'report_zh', $report, 'zh' ], [ 'report_en', $report, 'en' ], [ 'own_zh', $own, 'zh' ])
	{
		my ($name, $json, $language) = @$case;
		open my $file, '>', "$dir/$name.sql" or die $!;
		print $file "SELECT credit.report_html(\$json\$$json\$json\$, '$language')";
		close $file;
		my ($page, $stderr) = ('', '');
		IPC::Run::run([ 'psql', '-XAtq', '-h', $node->host, '-p', $node->port, '-d', 'postgres', '-f', "$dir/$name.sql" ], '>', \$page) or die;
		my $url = $write->("$name.html", $page);

		# The DOM as a browser builds it of the page as it is.
		my ($dom) = $browse->('--dump-dom', $url);
		unlike($dom, qr/<title>alert|<script/i, "$name: no alert, no script");
		is(scalar(() = $dom =~ /<article /g), 4, "$name: the number of records");
		like($dom, qr/&lt;script&gt;document\.title/, "$name: what was written is read");
		unlike($page, qr{(?:src|href)=|url\(|https?://}, "$name: names no address");

		my $copy = $page =~ s/<meta http-equiv[^>]*>//r =~ s{</head>}{$measure</head>}r;
		for my $width (1280, 390)
		{
			# A window has a least width; a frame has none.
			my $framed = $write->("$name.$width.html", qq{<!DOCTYPE html><html><body style="margin: 0"><iframe id="f" srcdoc="} . ($copy =~ s/&/&amp;/gr =~ s/"/&quot;/gr)
				. qq{" style="border: 0; width: ${width}px; height: 6000px" onload="document.documentElement.setAttribute('data-facts', this.contentDocument.documentElement.getAttribute('data-facts'))"></iframe></body></html>});
			my ($facts) = ($browse->("--window-size=1400,900", '--dump-dom', $framed))[0] =~ /data-facts="([^"]*)"/;
			like($facts || '', qr/^width $width scroll $width articles 4 bars 4 requests 0 out 0$/, "$name: nothing sticks out at $width, nothing is loaded");
			$browse->("--window-size=$width,2400", "--screenshot=$dir/$name.$width.png", $url);
			ok(-s "$dir/$name.$width.png" > 20000, "$name: the picture at $width is not blank");
		}
	}

	# On paper.
	$browse->('--print-to-pdf-no-header', '--no-pdf-header-footer', "--print-to-pdf=$dir/report.pdf", "file://$dir/report_zh.html");
	my ($mark) = $report =~ /"watermark": "([0-9a-f-]+)"/;
	ok(-s "$dir/report.pdf" > 10000, 'it is printed');
  SKIP:
	{
		skip 'pdftotext is not installed', 2 if system('command -v pdftotext >/dev/null') != 0;
		my $text = `pdftotext -layout $dir/report.pdf -`;
		my @pages = grep { /\S/ } split /\f/, $text;
		is(scalar(grep { index(s/\s//gr, $mark) >= 0 } @pages), scalar(@pages), 'every page bears the watermark');
		cmp_ok(scalar(@pages), '<=', 4, 'four records take no more than four pages');
	}
	if ($ENV{CREDIT_KEEP_PAGES})
	{
		system("cp $dir/*.html $dir/*.png $dir/*.pdf $ENV{CREDIT_KEEP_PAGES}/");
	}
}

$node->stop;
done_testing();
