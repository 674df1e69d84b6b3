# Odd arguments: every function of schema credit that somebody may execute, each
# parameter in turn with every odd value of its type while the others are good, and
# then all of them odd.  As each duty, and as a login without one for what is open to
# all.  What comes back is an answer or an error in words of the register: nothing
# from the inside, no constraint with the row in it, no cast that a body made.
#
# New functions come in by themselves, from the catalogue; a new type of a parameter
# needs values here.  What is tried is the same in each run.
#
# Seen failing: month_of() by a timestamp (22008), answer_case() that casts what it is
# given (22007, 22008, 22P02), audit_proves() with XX001 for a stranger's bytes,
# subscribe() without need_day() (23514 with the row).
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# What may be answered though it looks like the inside: function, SQLSTATE, why.
my @accepted = (
	[ qr/./, qr/22P02 invalid (credit code|division code|rulebook at)/, 'texts of our own types, in our own words' ],
	[ qr/^(rulebook|moved_calendar)$/, qr/54000 invalid rulebook/, 'a rulebook that is nested too deep, in our own words' ],
	[ qr/./, qr/22008 (day .* is outside the calendar|working day number .* is outside the calendar|\w+ is out of range \| It must be a finite day)/, 'how a rulebook says that it cannot count or show on this day' ],
	[ qr/^age_on$/, qr/22008 age on an infinite date is not defined/, 'our own words' ],
	[ qr/^check_code$/, qr/22008 the day of a check must not be infinite/, 'our own words' ],
	[ qr/^simulate/, qr/42703 relation "(pg_class|-)" has no column/, 'a table of the caller, in our own words' ],
);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
my $dir = PostgreSQL::Test::Utils::tempdir;
chmod 0700, $dir;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'credit'\ncredit.key_file = '$dir/register.key'\nclient_min_messages = error\n"
	  . "jit = off\nautovacuum = off\nlog_statement = none\nfsync = off\n");
$node->start;
sub super { return $node->safe_psql('postgres', $_[0]); }

sub as_login
{
	my ($login, $script) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-XqAt', '-h', $node->host, '-p', $node->port, '-U', $login, '-d', 'postgres', '-v', 'SHOW_CONTEXT=never' ],
		'<', \$script, '>', \$out, '2>', \$err);
	return ($out, $err);
}
my $enter = "SELECT FROM (SELECT credit.enter() OFFSET 0) e;\n";
sub done_as
{
	my ($login, $script) = @_;
	my ($out, $err) = as_login($login, "\\set ON_ERROR_STOP 1\nBEGIN;\n$enter$script\nCOMMIT;\n");
	BAIL_OUT("fixture of $login: $err") if $err;
	return grep { /\S/ } split /\n/, $out;
}

# --- A register with one of each thing. ------------------------------------------
my ($code, $firm) = ('370323199503129013', '914403001922038216');
my %login = map { ("credit_$_" => substr($_, 0, 3)) } qw(provider reviewer window publisher citizen admin auditor analyst);
super(qq{
	CREATE EXTENSION credit;
	SELECT credit.create_key_file(), credit.create_register();
	SELECT credit.adopt_rulebook('test', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099), '[2018-01-01,)');
	INSERT INTO credit_register.provider VALUES ('a', 'Department a', '370323', 'department'), ('b', 'Department b', '370323', 'department'), ('bar', 'Association', '370323', 'association');
	INSERT INTO credit_register.receiver (receiver, name, kind) VALUES ('a', 'Receiver a', 'agency');
	CREATE ROLE plain LOGIN;
	DO \$\$ DECLARE l text; BEGIN FOREACH l IN ARRAY '{@{[join ',', sort values %login]},rev2,pro2}'::text[] LOOP EXECUTE format('CREATE ROLE %I LOGIN', l); END LOOP; END \$\$;
	INSERT INTO credit_register.subject (subject, kind, division) VALUES (credit.identity_store('$code', '欧阳沧海'), 'citizen', '370323'),
		(credit.identity_store('$firm', '沧海贸易有限公司'), 'organisation', '370323'), (credit.identity_store('11010519491231002X', '上官清风'), 'citizen', '370323');
	SELECT credit.grant_duty('cit', 'credit_citizen', NULL, NULL, NULL, 'real name', '[2020-01-01,)', subject => credit.pseudonym('$code'::credit.code)),
		credit.grant_duty('pro', 'credit_provider', 'a', '{370323}', '{administration}', 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('pro2', 'credit_provider', 'b', '{370323}', '{administration}', 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('rev', 'credit_reviewer', NULL, '{370323}', NULL, 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('rev2', 'credit_reviewer', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('win', 'credit_window', NULL, '{370323}', NULL, 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('pub', 'credit_publisher', 'a', NULL, NULL, 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('ana', 'credit_analyst', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)'),
		credit.grant_duty('adm', 'credit_admin', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)'), credit.grant_duty('aud', 'credit_auditor', NULL, NULL, NULL, 'decision 1', '[2020-01-01,)');
	SELECT credit.set_identity_budget(l, 100000) FROM unnest('{pro,rev,win}'::text[]) l;
	INSERT INTO credit_register.record (subject, record, item, severity, document_date, happened_on, final_on, conduct_end, provider, division, stance, document_no, amount, fields, basis, basis_in_force)
	SELECT credit.pseudonym(s::credit.code), ('aaaaaaaa-0000-4000-8000-00000000000' || n)::uuid, item, severity::credit.severity, credit.today() - 100, credit.today() - 120,
	       credit.today() - 90, credit.today() - 120, 'a', '370323', stance::credit.stance, 'No ' || n, 100, '{}', 'opinion (9)', '[2018-05-21,)'
	  FROM (VALUES ('$code', 1, 'administrative_penalty', 'general', 'bad'), ('$code', 2, 'court_defaulter', 'serious', 'bad'), ('$code', 3, 'commendation', NULL, 'good'),
	               ('$code', 4, 'administrative_penalty', 'general', 'bad'), ('$code', 5, 'administrative_penalty', 'general', 'bad'), ('$firm', 6, 'administrative_penalty', 'serious', 'bad')) v (s, n, item, severity, stance);});
my %r = map { $_ => "aaaaaaaa-0000-4000-8000-00000000000$_" } 1 .. 6;
done_as('adm', "SELECT FROM credit.add_commitment_template('pact', 1, 'Pact', 'I promise.', 'opinion (3)');");
my ($dispute, $repair, undef, $consent, undef, undef, $tip) = done_as('cit', qq{
	SELECT credit.open_dispute('$r{5}', 'it is paid'); SELECT credit.open_repair('$r{4}', '{"commitment": true}'); SELECT credit.add_statement('$r{1}', 'it was raining');
	SELECT credit.authorize('win', 'consent', credit.today() + 10); SELECT credit.consent_to_score();
	SELECT credit.sign_commitment('pact', 1, 'I promise.', credit.today() + 100); SELECT credit.give_tip('a', 'environment', 'smoke');});
my ($window_asks) = done_as('win', "SELECT credit.open_inquiry('$code', 'administration', 'licence 5');");
my ($reviewer_asks) = done_as('rev', "SELECT credit.open_inquiry('$code', 'administration', 'case 5');");
my ($pending) = done_as('rev2', "SELECT credit.open_inquiry('$code', 'judicial', 'case 6');");
my ($nomination) = done_as('pro2', "SELECT credit.nominate('$code', 'moral_model', 'newspaper');");
my ($provider_asks, $batch, $served) = done_as('pro', "SELECT credit.open_inquiry('$code', 'administration', 'fund 7'); SELECT credit.open_batch(name => 'one'); SELECT credit.serve_notice('$r{2}', 'letter', credit.today() - 60);");
done_as('pro', qq{INSERT INTO credit_register.batch_in VALUES ('$batch', 1, '{"subject": "$code", "item": "rumour"}'); SELECT FROM credit.load_batch('$batch');});
my ($award) = done_as('pro', "SELECT credit.grant_incentive('$provider_asks', 'fund_priority', credit.today() + 100);");
my ($entry) = done_as('rev', "SELECT credit.enter_list('$r{2}', 'court_judgment_defaulter', 'art 1', '$served', 'file 7');");
my ($task) = done_as('rev', "SELECT credit.assign_measure('$entry', 'high_consumption', 'a', NULL, credit.today() + 90);");
done_as('pub', "SELECT credit.publish('$r{6}', 'black', 'campaign', credit.today() + 30);
	SELECT credit.subscribe('a', 'administrative_penalty', 'administration', 'b', daterange(credit.today(), credit.today() + 365)); SELECT FROM credit.push('a'); SELECT FROM credit.fetch_deliveries('a');");
my ($person, $organisation, $other, $delivery, $notice, $today) = split /\|/, super(qq{SELECT credit.pseudonym('$code'::credit.code), credit.pseudonym('$firm'::credit.code), credit.pseudonym('11010519491231002X'::credit.code),
	(SELECT delivery FROM credit_register.delivery LIMIT 1), (SELECT notice FROM credit_register.notice WHERE served_at IS NULL ORDER BY notice LIMIT 1), credit.today()});

# --- Good values, by name of the parameter, by function.name, by duty/function.name, and by type. --
sub days { return "date '$today' + $_[0]"; }
my %good = (
	map({ $_ => "'$person'" } qw(subject person student duplicate mixed)), map({ $_ => "'$r{1}'" } qw(record)), map({ $_ => "'$other'" } qw(other survivor)), organisation => "'$organisation'", org_record => "'$r{6}'",
	'consent_to_bonus.organisation' => "'$firm'", 'org_bonus.code' => "'$firm'", map({ ("$_.record" => "'$r{2}'") } qw(enter_list serve_notice open_repair)), map({ ("$_.record" => "'$r{6}'") } qw(publish take_down)), 'revoke_honour.record' => "'$r{3}'",
	map({ ("credit_provider/$_.inquiry" => "'$provider_asks'", "credit_reviewer/$_.inquiry" => "'$reviewer_asks'") } qw(report report_rows market_records)),
	'review_inquiry.inquiry' => "'$pending'", 'grant_incentive.inquiry' => "'$provider_asks'", inquiry => "'$window_asks'", case_file => "'$dispute'", 'decide_repair.case_file' => "'$repair'", 'repair_conditions.case_file' => "'$repair'",
	consent => "'$consent'", tip => "'$tip'", nomination => "'$nomination'", batch => "'$batch'", award => "'$award'", entry => "'$entry'", task => "'$task'", delivery => "'$delivery'", notice => "'$notice'", 'enter_list.notice' => "'$served'",
	code => "'$code'", records => "ARRAY['$r{1}']", book => "credit.shipped_rulebook('cn-370323')", provider => "'a'", receiver => "'a'", school => "'a'", association => "'bar'", division => "'370323'", divisions => "'{370323}'", purposes => "'{administration}'",
	purpose => "'administration'", 'authorize.purpose' => "'consent'", 'add_purpose.purpose' => "'new_purpose'", item => "'administrative_penalty'", 'nominate.item' => "'moral_model'", 'subscribe.item' => "'commendation'", 'file_record.item' => "'commendation'",
	measure => "'high_consumption'", 'grant_incentive.measure' => "'fund_priority'", list => "'court_judgment_defaulter'", template => "'pact'", signed => "'I promise.'", board => "'black'", kind => "'objection'", 'report.kind' => "'general'", 'add_provider.kind' => "'department'",
	'add_receiver.kind' => "'platform'", 'add_provider.provider' => "'new'", 'add_receiver.receiver' => "'new'", 'assign_subject.kind' => "'person'", role => "'legal_representative'", decision => "'dismissed'", 'decide_repair.decision' => "'refused'", answer => "'wrong'",
	outcome => "'no_finding'", feedback => "'done'", 'give_incentive_feedback.feedback' => "'used'", field => "'environment'", language => "'zh'", level => "'county'", duty => "'credit_window'", login => "'ana'", given_to => "'win'", facts => "'{}'", evidence => "'[]'",
	correction => 'NULL', fields => "'{}'", raw => "'{}'", 'add_batch_rows.rows' => "'[]'", evidence_seen => "'{paper}'", context => "'honours'", licence => "'food'", occupation => "'lawyer'", severity => "'general'", stance => "'good'", ask => "'repair'", given => "'{}'",
	until => days(10), ends_on => days(20), closes_on => days(300), valid_until => days(20), asked_until => 'NULL', happened_on => days(-200), final_on => days(-100), document_date => days(-150), conduct_end => 'NULL', fulfilled_on => days(-10), born_on => "date '1990-01-01'",
	via => 'NULL', earlier => 'NULL', checkpoint => 'NULL', approve => 'true', limit => '100', min_cell => '10', relation => "'credit_register.provider'", month => "date '$today'");
my %good_type = ('text' => "'x'", 'date' => "date '$today'", 'daterange' => "daterange('$today', '$today'::date + 100)", 'timestamptz' => "timestamptz '$today'", 'int4' => '1', 'int8' => '1', 'int2' => '1', 'numeric' => '1', 'bool' => 'true', 'jsonb' => "'{}'", 'json' => "'{}'",
	'uuid' => "'$r{1}'", 'interval' => "'1 day'", 'bytea' => "'\\x00'", '_text' => "'{x}'", '_uuid' => "ARRAY['$r{1}']", '_bytea' => "ARRAY['\\x00'::bytea]", '_date' => "ARRAY['$today'::date]", '_name' => "'{x}'", 'name' => "'x'", 'regclass' => "'credit_register.provider'", 'oid' => '1', '_int4' => "'{1}'", 'tstzrange' => "'[2020-01-01,2021-01-01)'",
	'code' => "'$code'", 'pseudonym' => "'$person'", 'rulebook' => "credit.shipped_rulebook('cn-370323')", 'severity' => "'general'", 'stance' => "'bad'", 'points' => "'1'", '_pseudonym' => "ARRAY['$person']", 'char' => "'x'", 'xid' => "'1'", 'pg_lsn' => "'0/0'", 'regtype' => "'text'", '_regtype' => "'{text}'", 'datemultirange' => "'{[2026-01-01,2026-02-01)}'");

# --- Odd values. -------------------------------------------------------------------
my @days = map { "date '$_'" } '-infinity', 'infinity', '4713-01-01 BC', '0001-01-01', '5874897-12-31';
my @wrong = (map { "'$_'" } 'null', '1', '"x"', '[]', '{}', '[null]', '[1, "x", [], {}]', '{"a": {"b": []}}', '[{"line": "x", "raw": 1}]', '[{"line": 1e40, "raw": {"subject": [], "amount": {}}}]',
	'{"fulfilled_on": {}}', '{"fulfilled_on": "2026-02-30", "commitment": 1}', '{"document_date": "infinity", "amount": "NaN", "item": 1, "severity": "x"}', '{"format": 1, "records": 1, "figures": [{"count": "x"}]}', '{"as_of": "x", "records": [1]}', '{"a": 1e400}');
push @wrong, "(repeat('[', 2000) || repeat(']', 2000))", "(to_json(repeat('x', 300000))::text)";
my %odd = (
	text => [ "''", "' '", "repeat('x', 300000)", "repeat('字', 400)", "E'\\x01\\t\\n'", "'infinity'", "'2026-02-30'", "'{'", "'[1'", "'%s%n'", "'../../etc/passwd'", "'\"'", "''''", "'-1'", "'99999999999999999999'" ],
	date => \@days, _date => [ "'{}'", "'{NULL}'", "'{{2026-01-01},{2026-01-02}}'", "'{infinity,-infinity}'" ],
	daterange => [ map { "'$_'" } 'empty', '(,)', '[-infinity,infinity]', '[4713-01-01 BC,5874897-12-30]', '[2026-01-01,infinity)', '(,2026-01-01)', '[0001-01-01,)' ],
	timestamptz => [ map { "'$_'" } '-infinity', 'infinity', '4713-01-01 BC', '294276-12-31' ], tstzrange => [ "'empty'", "'(,)'", "'[-infinity,infinity]'" ],
	int4 => [ '0', '-1', '2147483647', '-2147483648' ], int8 => [ '0', '-1', '9223372036854775807', "'-9223372036854775808'" ], int2 => [ '0', '-1', '32767' ],
	numeric => [ "'NaN'", "'Infinity'", "'-Infinity'", '-1', '1e30', '10::numeric ^ 1000', '0.000000000000000000001' ], bool => [ 'true', 'false' ],
	jsonb => \@wrong, json => \@wrong, uuid => [ "'00000000-0000-0000-0000-000000000000'" ], interval => [ "'-1 year'", "'178000000 years'", "'0'", "'100000000 days'" ],
	bytea => [ "''", "sha256('a')", "decode(repeat('00', 300000), 'hex')" ], _bytea => [ "'{}'", "'{NULL}'", "ARRAY[sha256('a')]", "ARRAY[ARRAY[sha256('a')], ARRAY[sha256('b')]]" ],
	_text => [ "'{}'", "'{NULL}'", "'{{a,b},{c,d}}'", "ARRAY[repeat('x', 300000)]", "'{\"\"}'", "array_fill('x'::text, '{3000}')" ], _uuid => [ "'{}'", "'{NULL}'", "ARRAY[ARRAY['$r{1}']]", "array_fill('$r{1}'::uuid, '{3000}')" ],
	_name => [ "'{}'", "'{NULL}'", "'{{a},{b}}'" ], name => [ "''", "'%s'" ], _int4 => [ "'{}'", "'{NULL}'", "'{{1},{2}}'", "'{-1,2147483647}'" ], regclass => [ "'pg_catalog.pg_class'", "'0'" ], oid => [ '0', '4294967295' ], 'char' => [ "''" ], xid => [ "'0'" ], pg_lsn => [ "'FFFFFFFF/FFFFFFFF'" ], regtype => [ "'text'", "'0'" ], _regtype => [ "'{}'", "'{NULL}'", "'{{text},{int4}}'" ], datemultirange => [ "'{}'", "'{(,)}'", "'{[-infinity,infinity]}'" ],
	code => [ "'$firm'", "'11010519491231002X'" ], pseudonym => [ "'$organisation'", "'P000000000000000'" ], _pseudonym => [ "'{}'", "'{NULL}'" ], severity => [ "'minor'", "'serious'" ], stance => [ "'neutral'", "'good'" ], points => [ "'-1'", "'99999999'" ], rulebook => []);
push @{ $odd{$_} }, 'NULL' for keys %odd;

# --- The functions. ----------------------------------------------------------------
super(q{
	CREATE FUNCTION probe(statement text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE n bigint; state text; said text; detail text;
	BEGIN
	  EXECUTE statement;
	  RAISE EXCEPTION USING ERRCODE = 'PROBE';	-- whatever it did is undone
	EXCEPTION WHEN OTHERS THEN
	  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	  RETURN CASE WHEN state = 'PROBE' THEN '00000' ELSE left(translate(concat(state, ' ', said, ' | ', detail), E'\n', ' '), 200) END;
	END $$;});
my @functions = map { [ split /\|/, $_, -1 ] } split /\n/, super(q{
	SELECT p.proname, g.duty, coalesce(a.args, '')
	  FROM pg_proc p
	  CROSS JOIN LATERAL (SELECT DISTINCT CASE grantee WHEN 0 THEN 'plain' ELSE grantee::regrole::text END AS duty
	                        FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee <> p.proowner AND privilege_type = 'EXECUTE') g
	  LEFT JOIN LATERAL (SELECT string_agg(coalesce(p.proargnames[i], '') || '=' || y.typnamespace::regnamespace || '.' || y.typname, ',' ORDER BY i) AS args
	                        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY t (t, i) JOIN pg_type y ON y.oid = t.t) a ON true
	 WHERE p.pronamespace = 'credit'::regnamespace AND p.prokind = 'f' AND p.proname NOT IN ('enter', 'leave')
	   AND NOT EXISTS (SELECT FROM unnest(p.proargtypes::oid[] || p.prorettype) t WHERE t IN ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype, 'credit.score_state'::regtype))
	 ORDER BY 2, 1, 3});
cmp_ok(scalar(@functions), '>', 300, 'there are functions');

# What takes a quarter of a second when it succeeds gets a fifth of the values.
my %long = map { $_ => 1 } qw(merge_subjects split_subject);
# Seeded by the name, as perl's rand() is another in each release.
my $state;
sub choose { $state = ($state * 1103515245 + 12345) % 2147483648; return $_[0][ int($state / 65536) % @{ $_[0] } ]; }
my (%calls, %no_value);
for (@functions)
{
	my ($name, $duty, $args) = @$_;
	my (@base, @odd, @type);
	for (split /,/, $args)
	{
		my ($parameter, $type) = split /=/;
		my $short = $type =~ s/.*\.//r;
		$no_value{$short} = 1, next if !$odd{$short};
		push @base, $good{"$duty/$name.$parameter"} // $good{"$name.$parameter"} // ($good{$parameter} // $good_type{$short});
		push @odd, $odd{$short};
		push @type, $type;
	}
	# What is good by its name may be of another type.
	$base[$_] = $type[$_] =~ /\.(text|uuid|code|pseudonym|jsonb|date|bool|int4|_text|_uuid|rulebook|severity|stance|regclass)$/ ? $base[$_] : $good_type{ $type[$_] =~ s/.*\.//r } for 0 .. $#type;
	my $call = sub { my @with = @_; return "SELECT * FROM credit.$name(" . join(', ', map { "($with[$_])::$type[$_]" } 0 .. $#with) . ')' };
	push @{ $calls{$duty} }, [ $name, $call->(@base) ];
	for my $i (0 .. $#base)
	{
		my $n = 0;
		for my $value (grep { !$long{$name} || $n++ % 5 == 0 } reverse @{ $odd[$i] })
		{
			push @{ $calls{$duty} }, [ $name, $call->(map { $_ == $i ? $value : $base[$_] } 0 .. $#base) ];
		}
	}
	$state = unpack '%31C*', "$duty $name $args";
	push @{ $calls{$duty} }, map { [ $name, $call->(map { choose($_) } @odd) ] } 1 .. 4 if @base > 1;
}
is(join(' ', sort keys %no_value), '', 'every type of a parameter has values');

# --- What they answer. ----------------------------------------------------------------
my $personal = join '|', $code, $firm, '11010519491231002X', '欧阳沧海', '沧海贸易', '上官清风';
my $inside = qr/^(XX|P0001|P0003|P0004|22P02|42883|42703|42702|42P|21000|22004|22007|22008|2F|0A|54|57|23502|23514)|^23505.*\| Key|Failing row|$personal/;
my ($asked, %answered) = (0);
for my $duty (sort keys %calls)
{
	my @bad;
	my $script = "SET statement_timeout = '20s';\nBEGIN;\n" . ($duty eq 'plain' ? '' : $enter) . join('', map { "\\echo =\nSELECT public.probe(\$probe\$$_->[1]\$probe\$);\n" } @{ $calls{$duty} }) . "ROLLBACK;\n";
	my ($out, $err) = as_login($login{$duty} // 'plain', $script);
	my (undef, @answer) = split /^=\n/m, "\n$out\n";
	is(scalar(@answer), scalar(@{ $calls{$duty} }), "$duty was answered each time") or diag substr($err, -2000);
	for my $i (0 .. $#answer)
	{
		my ($name, $call) = @{ $calls{$duty}[$i] };
		my $said = $answer[$i] =~ s/\s+\z//r;
		$asked++;
		$answered{ substr $said, 0, 5 }++;
		next if $said !~ $inside || grep { $name =~ $_->[0] && $said =~ /^$_->[1]/ } @accepted;
		push @bad, "$said\n    " . (length $call > 300 ? substr($call, 0, 300) . '...' : $call);
	}
	is(join("\n", @bad), '', "odd_arguments: $duty is told nothing from the inside");
}
cmp_ok($answered{'00000'}, '>', $asked / 20, "odd_arguments: $asked were tried, and some were taken") or diag join ' ', map { "$_=$answered{$_}" } sort keys %answered;
is(super('SELECT 1'), 1, 'the server is there');
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal|TRAP/, 'and never was not');

$node->stop;
done_testing();
