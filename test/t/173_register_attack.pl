# Attacks of the protection's catalogue on the register: on every table and view of
# credit_register and on every function of schema credit that a duty may execute,
# over real connections.  Two worlds stand beside each other, alike in everything
# (a person, a firm, records, cases, a batch, inquiries, a list entry, a task ...),
# "a" in the mandates of the logins that attack and "b" in nobody's of them.  New
# tables and functions come in by themselves: from the catalogue of the database.
#
# Seen failing without the defence:
#   A8   add_list(), allow_context(), add_commitment_template() without their
#        EXCEPTION ("Failing row contains"); verify_audit() with its cast in
#        DECLARE (the word that was no JSON)
#   A10  take_down() and publish() without may_see(), review_inquiry() without
#        holds(): a publisher of one county took down what another had published,
#        a reviewer approved inquiries about files of another county
#   A24  push_fresh() and fetch_deliveries() without exchange_divisions() (numbers
#        of the other county)
#   A3   shown_record, public_record and board without
#        security_barrier (records told that are not shown)
#   outsider_holds_the_lock  push() with pg_advisory_xact_lock(hashtextextended('credit.push a', 0)):
#        whoever can log in holds it for ever
#   A30  my_records() with search_path = pg_temp, pg_catalog
#   A42  without the pinned standard_conforming_strings (other answers of report()
#        and my_report())
#   A8   grant_incentive() and publish() until infinity (a row in the error);
#        sign_commitment(), ask_extension() and consent_to_bonus() without
#        isfinite() (accepted, or a row in the error); add_licence() without
#        need_key() and need_provider(); add_list() without refuse_long() (54000)
#   XSS  html_text() that leaves < and > as they are
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use List::Util 'uniq';
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
my $dir = PostgreSQL::Test::Utils::tempdir;
chmod 0700, $dir;
my ($statements) = grep { -e $_ } map { chomp; "$_/pg_stat_statements.so" } `pg_config --pkglibdir`;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'credit" . ($statements ? ',pg_stat_statements' : '')
	  . "'\ncredit.key_file = '$dir/register.key'\nclient_min_messages = warning\njit = off\nautovacuum = off\nlog_statement = none\n");
$node->start;

# A script of psql as a login, in a session of its own: what it printed, and its errors.
sub as_login
{
	my ($login, $script) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-XqAt', '-h', $node->host, '-p', $node->port, '-U', $login, '-d', 'postgres', '-v', 'SHOW_CONTEXT=never' ],
		'<', \$script, '>', \$out, '2>', \$err);
	$out =~ s/^\s*\n//mg;
	chomp $out;
	return wantarray ? ($out, $err) : $out;
}
sub super { return $node->safe_psql('postgres', $_[0]); }
my $enter = "SELECT FROM (SELECT credit.enter() OFFSET 0) e;\n";

# A transaction of a login that has to succeed.
sub done_as
{
	my ($login, $script) = @_;
	my ($out, $err) = as_login($login, "\\set ON_ERROR_STOP 1\nBEGIN;\n$enter$script\nCOMMIT;\n");
	BAIL_OUT("fixture of $login: $err") if $err;
	return $out;
}

# --- Two worlds, alike, that have nothing to do with each other; and what is in neither. --
my %world = (
	a => { division => '370323', code => '370323199503129013', name => '欧阳沧海', firm => '914403001922038216', firm_name => '沧海贸易有限公司' },
	b => { division => '110101', code => '370323198503129019', name => '慕容秋水', firm => '91350203M0001QKT19?', firm_name => '秋水贸易有限公司' });
my ($absent, $absent_code) = ('cccccccc-0000-4000-8000-000000000001', '370323197001011112');
my $personal = join '|', map { my $w = $_; map { quotemeta $w->{$_} } qw(code name firm firm_name) } values %world;
super(q{
	CREATE EXTENSION credit;
	SELECT credit.create_key_file();
	SELECT credit.create_register();
	SELECT credit.adopt_rulebook('test', credit.with_plain_years(credit.shipped_rulebook('cn-370323'), 2099), '[2018-01-01,)');
	CREATE ROLE adm LOGIN; CREATE ROLE aud LOGIN; CREATE ROLE ana LOGIN; CREATE ROLE plain LOGIN;
	SELECT credit.grant_duty(l, 'credit_' || d, NULL, NULL, NULL, 'decision 1', '[2020-01-01,)') FROM (VALUES ('adm', 'admin'), ('aud', 'auditor')) v (l, d);
	SELECT credit.grant_duty('ana', 'credit_analyst', NULL, '{370323}', NULL, 'decision 1', '[2020-01-01,)');});
done_as('adm', "SELECT credit.add_commitment_template('pact', 1, 'Pact', 'I promise.', 'opinion (3)');");
super(q{INSERT INTO credit_register.subject (subject, kind, division) VALUES (credit.identity_store('11010519491231002X', '上官清风'), 'citizen', '370323');});
for my $w ('a', 'b')
{
	my $it = $world{$w};
	my ($d, $code, $firm) = @$it{qw(division code firm)};
	super(qq{
		CREATE ROLE pro_$w LOGIN; CREATE ROLE rev_$w LOGIN; CREATE ROLE win_$w LOGIN; CREATE ROLE pub_$w LOGIN; CREATE ROLE cit_$w LOGIN; CREATE ROLE rev2_$w LOGIN; CREATE ROLE pro2_$w LOGIN;
		INSERT INTO credit_register.provider VALUES ('$w', 'Department $w', '$d'), ('${w}2', 'Department ${w}2', '$d');
		INSERT INTO credit_register.receiver (receiver, name, kind) VALUES ('$w', 'Receiver $w', 'agency');
		INSERT INTO credit_register.subject (subject, kind, division) VALUES (credit.identity_store('$code', '$it->{name}'), 'citizen', '$d'),
			(credit.identity_store('$firm', '$it->{firm_name}'), 'organisation', '$d');
		SELECT credit.grant_duty('cit_$w', 'credit_citizen', NULL, NULL, NULL, 'real name', '[2020-01-01,)', subject => credit.pseudonym('$code'::credit.code)),
			credit.grant_duty('pro_$w', 'credit_provider', '$w', '{$d}', '{administration}', 'decision 1', '[2020-01-01,)'),
			credit.grant_duty('rev_$w', 'credit_reviewer', NULL, '{$d}', NULL, 'decision 1', '[2020-01-01,)'),
			credit.grant_duty('pro2_$w', 'credit_provider', '${w}2', '{$d}', '{administration}', 'decision 1', '[2020-01-01,)'),
			credit.grant_duty('rev2_$w', 'credit_reviewer', NULL, '{$d}', NULL, 'decision 1', '[2020-01-01,)'),
			credit.grant_duty('win_$w', 'credit_window', NULL, '{$d}', '{administration,consent}', 'decision 1', '[2020-01-01,)'),
			credit.grant_duty('pub_$w', 'credit_publisher', '$w', '{$d}', NULL, 'decision 1', '[2020-01-01,)');
		SELECT credit.set_identity_budget(l, 1000) FROM unnest('{pro_$w,rev_$w,win_$w}'::text[]) l;
		INSERT INTO credit_register.record (subject, record, item, severity, document_date, happened_on, final_on, conduct_end, provider, division, stance, document_no, amount, fields, basis, basis_in_force)
		SELECT credit.pseudonym(s::credit.code), ('$w$w$w$w$w$w$w$w-0000-4000-8000-00000000000' || n)::uuid, item, severity::credit.severity, credit.today() - 100, credit.today() - 120,
		       credit.today() - 90, credit.today() - 120, '$w', '$d', stance::credit.stance, 'No ' || n, 100, '{}', 'opinion (9)', '[2018-05-21,)'
		  FROM (VALUES ('$code', 1, 'administrative_penalty', 'general', 'bad'), ('$code', 2, 'court_defaulter', 'serious', 'bad'), ('$code', 3, 'commendation', NULL, 'good'),
		               ('$code', 4, 'administrative_penalty', 'general', 'bad'), ('$code', 5, 'administrative_penalty', 'general', 'bad'), ('$firm', 6, 'administrative_penalty', 'serious', 'bad')) v (s, n, item, severity, stance);});
	my %r = map { $_ => "$w$w$w$w$w$w$w$w-0000-4000-8000-00000000000$_" } 1 .. 6;
	$it->{record} = $r{1};
	$it->{repairable} = $r{4};
	$it->{serious} = $r{2};
	$it->{honour} = $r{3};
	$it->{firm_record} = $r{6};
	($it->{case_file}, $it->{repair}, $it->{statement}, $it->{consent}, $it->{scored}, $it->{commitment}, $it->{tip}) = split /\n/, done_as("cit_$w", qq{
		SELECT credit.open_dispute('$r{5}', 'it is paid'); SELECT credit.open_repair('$r{4}', '{"commitment": true}'); SELECT credit.add_statement('$r{1}', 'it was raining');
		SELECT credit.authorize('win_$w', 'consent', credit.today() + 10); SELECT credit.consent_to_score();
		SELECT credit.sign_commitment('pact', 1, 'I promise.', credit.today() + 100); SELECT credit.give_tip('$w', 'environment', 'smoke');});
	($it->{inquiry}, $it->{window_case}) = split /\n/, done_as("win_$w", qq{SELECT credit.open_inquiry('$code', 'administration', 'licence 5');
		SELECT credit.open_case('complaint', '$r{1}', 'nobody answers', to_jsonb(repeat('a', 64)));
		SELECT FROM credit.open_inquiry('$firm', 'administration', 'licence 6');});
	$it->{looked} = done_as("rev_$w", "SELECT credit.open_inquiry('$code', 'administration', 'case 5');");
	$it->{pending} = done_as("rev2_$w", "SELECT credit.open_inquiry('$code', 'judicial', 'case 6');");
	$it->{nomination} = done_as("pro2_$w", "SELECT credit.nominate('$code', 'moral_model', 'newspaper');");
	($it->{asked}, $it->{batch}, $it->{served}, $it->{correction}) = split /\n/, done_as("pro_$w", qq{
		SELECT credit.open_inquiry('$code', 'administration', 'fund 7'); SELECT credit.open_batch(name => 'batch $w');
		SELECT credit.serve_notice('$r{2}', 'letter', credit.today() - 60); SELECT credit.open_case('correction', '$r{1}', 'the amount is wrong');});
	done_as("pro_$w", qq{INSERT INTO credit_register.batch_in VALUES ('$it->{batch}', 1, '{"subject": "$code", "item": "rumour"}'), ('$it->{batch}', 2, '{}');
		SELECT * FROM credit.load_batch('$it->{batch}');});
	$it->{award} = done_as("pro_$w", "SELECT credit.grant_incentive('$it->{asked}', 'fund_priority', credit.today() + 100);");
	$it->{entry} = done_as("rev_$w", "SELECT credit.enter_list('$r{2}', 'court_judgment_defaulter', 'art 1', '$it->{served}', 'file 7');");
	$it->{task} = done_as("rev_$w", "SELECT credit.assign_measure('$it->{entry}', 'high_consumption', '$w', NULL, credit.today() + 90);");
	done_as("pub_$w", "SELECT credit.publish('$r{6}', 'black', 'campaign', credit.today() + 30);
		SELECT credit.subscribe('$w', 'administrative_penalty', 'administration', 'b', daterange(credit.today(), credit.today() + 365)); SELECT * FROM credit.push('$w');");
	super(qq{INSERT INTO credit_register.subject_link (subject, other, kind, reason, evidence, decided_by)
		VALUES (credit.pseudonym('$firm'::credit.code), credit.pseudonym('$code'::credit.code), 'split_into', 'r', 'e', 'x')});
	($it->{delivery}, $it->{notice}, $it->{link}) = split /\|/, super(qq{SELECT (SELECT delivery FROM credit_register.delivery WHERE receiver = '$w' LIMIT 1),
		(SELECT notice FROM credit_register.notice n WHERE subject = credit.pseudonym('$code'::credit.code) AND served_at IS NULL LIMIT 1),
		(SELECT link FROM credit_register.subject_link WHERE subject = credit.pseudonym('$firm'::credit.code))});
	$it->{person} = super("SELECT credit.pseudonym('$code'::credit.code)");
	$it->{organisation} = super("SELECT credit.pseudonym('$firm'::credit.code)");
}
$world{absent} = { map { $_ => $absent } keys %{ $world{a} } };
$world{a}{second} = super(q{SELECT credit.pseudonym('11010519491231002X'::credit.code)});
$world{absent}{code} = $world{absent}{firm} = $absent_code;
$world{absent}{person} = $world{absent}{organisation} = super("SELECT credit.pseudonym('$absent_code'::credit.code)");

# --- Every function that a duty may execute, with nothing, with what is another's, and with what is not there. --
super(q{
	CREATE FUNCTION probe(statement text, how text DEFAULT 't::pg_catalog.text') RETURNS text LANGUAGE plpgsql AS $$
	DECLARE answer text; state text; said text; detail text; hint text;
	BEGIN
	  EXECUTE pg_catalog.format('SELECT pg_catalog.concat(pg_catalog.count(*), pg_catalog.string_agg(pg_catalog.concat('' '', %s), '''')) FROM (%s) t', how, statement) INTO answer;
	  RAISE EXCEPTION USING ERRCODE = 'PROBE';	-- whatever it did is undone
	EXCEPTION WHEN OTHERS THEN
	  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	  RETURN CASE WHEN pg_catalog.texteq(state, 'PROBE') THEN pg_catalog.concat('00000 ', answer) ELSE pg_catalog.concat(state, ' ', said, ' | ', detail, ' | ', hint) END;
	END $$;
	CREATE VIEW callable AS
	SELECT p.proname::text AS name, g.duty, a.args
	  FROM pg_proc p
	  CROSS JOIN LATERAL (SELECT DISTINCT grantee::regrole::text AS duty FROM aclexplode(p.proacl) WHERE grantee <> p.proowner AND grantee <> 0) g
	  CROSS JOIN LATERAL (SELECT coalesce(string_agg(format('%s=%s.%s', p.proargnames[i], y.typnamespace::regnamespace, y.typname), ',' ORDER BY i), '') AS args
	                        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY t (t, i) JOIN pg_type y ON y.oid = t.t) a
	 WHERE p.pronamespace = 'credit'::regnamespace AND p.proname <> 'enter'});
my %login = (credit_provider => 'pro_a', credit_reviewer => 'rev_a', credit_window => 'win_a', credit_publisher => 'pub_a', credit_citizen => 'cit_a',
	credit_admin => 'adm', credit_auditor => 'aud', credit_analyst => 'ana');
# What each parameter gets: an object of a world, or a value that is good everywhere.
my %object = (map({ $_ => $_ } qw(delivery batch record case_file entry tip notice task award inquiry link nomination consent code organisation person)),
	org_record => 'firm_record', subject => 'person', student => 'person', duplicate => 'person', mixed => 'person', records => 'record');
my %object_for = ('credit_provider/report' => { inquiry => 'asked' }, 'credit_provider/report_rows' => { inquiry => 'asked' }, 'credit_provider/market_records' => { inquiry => 'asked' },
	'credit_reviewer/report' => { inquiry => 'looked' }, 'credit_reviewer/report_rows' => { inquiry => 'looked' }, 'credit_reviewer/market_records' => { inquiry => 'looked' }, 'credit_reviewer/review_inquiry' => { inquiry => 'pending' },
	'credit_window/withdraw_case' => { case_file => 'window_case' }, 'credit_provider/withdraw_case' => { case_file => 'correction' }, 'credit_reviewer/repair_conditions' => { case_file => 'repair' }, 'credit_citizen/open_repair' => { record => 'serious' });
my %value_for = ('credit_provider/open_case' => { kind => 'correction' });
my %object_of = (publish => { record => 'firm_record' }, take_down => { record => 'firm_record' }, enter_list => { record => 'serious', notice => 'served' }, serve_notice => { record => 'serious' }, revoke_honour => { record => 'honour' },
	repair_conditions => { case_file => 'repair' }, decide_repair => { case_file => 'repair' }, grant_incentive => { inquiry => 'asked' }, open_repair => { record => 'serious' }, org_bonus => { code => 'firm' },
	consent_to_bonus => { code => 'firm', organisation => 'firm' }, confirm_notice => { notice => 'notice' }, public_status => { code => 'firm' });
my %value = (certified_by => 'x', keep => '90 days', since => 0, until => undef, receipt => 'r', rows => '[{"line": 9, "raw": {}}]', template => 'pact', version => 1, licence => 'food', certificate => 'C 1', text => 'It was raining.', name => 'Nobody', reason => 'because', evidence => 'paper',
	outcome => 'no_finding', answer => 'correct', note => 'see file', ground => 'It is paid.', document_no => 'No 99', channel => 'letter', document => 'paper', letter => 'smoke', authorisation => 'licence 9', decision => 'dismissed',
	feedback => 'done', kind => 'objection', level => 'county', duty => 'credit_window', line => 1, raw => '{}', stance => 'good', item => 'moral_model', measure => 'high_consumption', list => 'court_judgment_defaulter', occupation => 'lawyer',
	role => 'legal_representative', finding => 'decision 7', field => 'environment', school => 'School', purpose => 'administration', given_to => 'win_a', board => 'black', association => 'bar', watermark => 'x', basis => 'law 1',
	provider => 'a', login => 'ana', division => '370323', context => 'honours', title => 'Title', content => 'I promise.', signed => 'I promise.', language => 'zh', leaves_when => 'paid', facts => '{"commitment": true}', evidence_seen => '{paper}',
	correction => undef, severity => 'general', survivor => $world{a}{second}, receiver => 'a', relation => 'credit_register.provider', earlier => undef, checkpoint => undef, asked_until => undef, fields => '{}',
	approve => 't', min_cell => 10, limit => 100, divisions => '{370323}', purposes => '{administration}', minors => 'f', via => undef, commitment => undef, single_use => 't', hearing_workdays => 5, job => $absent, book => undef, amount => 1,
	needs_consent => 'f', needs_review => 'f', break_glass => 'f', delay => '0', valid_for => '1 hour', daily_limit => undef, items => undef, categories => undef, per_hour => 10, withdraw => 'f');
my %value_of = (audit_changes => { subject => undef }, give_tip => {}, open_dispute => { evidence => '[]' }, open_repair => { evidence => '[]', ground => 'repair' }, open_case => { evidence => '[]', facts => '{}', subject => undef }, decide_repair => { decision => 'refused' }, report => { kind => 'general', occupation => undef },
	give_incentive_feedback => { feedback => 'used' }, grant_incentive => { measure => 'fund_priority' }, assign_subject => { kind => 'person' }, report_performance => { evidence => '[]' }, ask_extension => { evidence => '[]' },
	sign_commitment => {}, file_record => { item => 'commendation', name => undef }, rulebook_on => {}, add_provider => { provider => 'new', kind => 'department' }, add_receiver => { receiver => 'new', kind => 'platform' }, rename_receiver => { receiver => 'a' },
	add_purpose => { purpose => 'new_purpose' }, subscribe => { item => 'commendation', receiver => undef }, authorize => { purpose => 'consent' });
# Days as texts: no operator of the caller's path is needed.
sub day { return super("SELECT credit.today() + $_[0]"); }
my %of_type = ('pg_catalog.date' => day(0), 'pg_catalog.daterange' => '[' . day(0) . ',' . day(100) . ')', 'pg_catalog.timestamptz' => day(-1));
my %day = (until => day(10), ends_on => day(20), closes_on => day(300), valid_until => day(20), asked_until => undef, born_on => '1990-01-01', happened_on => day(-200), final_on => day(-100),
	document_date => day(-150), served_on => day(0), since => day(-1), conduct_end => undef, fulfilled_on => day(-10));
$world{a}{receiver} = 'a'; $world{b}{receiver} = 'b'; $world{absent}{receiver} = 'nobody';
$object{receiver} = 'receiver';

# The call with the objects of a world; undef when it takes none.
sub call
{
	my ($duty, $name, $args, $which) = @_;
	my ($objects, @with) = (0);
	my $kind = $which;
	# One's own, with a text that no index takes, with days without end, or with one thing missing.
	my ($how, $only) = split / /, $kind;
	$which = 'a' if $kind =~ /long|infinite/ || $only;
	for (split /,/, $args)
	{
		my ($parameter, $type) = split /=/;
		my $literal;
		my $object = exists(($value_of{$name} // {})->{$parameter}) ? undef : ($object_for{"$duty/$name"} // {})->{$parameter} // $object_of{$name}{$parameter} // $object{$parameter};
		$literal = "'$world{a}{second}'" if $parameter eq 'other';
		$object = undef if $type eq 'pg_catalog.text' && $parameter ne 'receiver' && $parameter ne 'code';
		if ($only && $only eq $parameter) { $literal = $how eq 'null' || $type ne 'pg_catalog.text' ? 'NULL' : "' '"; }
		elsif ($which =~ /null|blank|number/ && ($which eq 'null' || $type ne 'pg_catalog.text')) { $literal = 'NULL'; }
		elsif ($which eq 'blank') { $literal = "' '"; }
		elsif ($which eq 'number') { $literal = "'$world{b}{code} $world{b}{name}'"; }
		elsif ($kind eq 'long' && $type eq 'pg_catalog.text' && !$object) { $literal = "repeat('x', 300000)"; }
		elsif ($kind eq 'infinite' && $type eq 'pg_catalog.date') { $literal = "'infinity'"; }
		elsif ($kind eq 'infinite' && $type eq 'pg_catalog.daterange') { $literal = "'[" . day(0) . ",infinity)'"; }
		elsif ($literal) { }
		elsif ($object)
		{
			$objects++;
			my $o = $world{$which}{$object};
			$literal = $type =~ /\._/ ? "'{$o}'" : "'$o'";
		}
		elsif ($of_type{$type}) { my $d = exists $day{$parameter} && $type !~ /range/ ? $day{$parameter} : $of_type{$type}; $literal = defined $d ? "'$d'" : 'NULL'; }
		else
		{
			my $v = exists(($value_for{"$duty/$name"} // {})->{$parameter}) ? $value_for{"$duty/$name"}{$parameter} : exists(($value_of{$name} // {})->{$parameter}) ? $value_of{$name}{$parameter} : exists $value{$parameter} ? $value{$parameter} : BAIL_OUT("no value for $parameter of $name");
			$literal = defined $v ? "'$v'" : 'NULL';
		}
		push @with, qq{"$parameter" => ($literal)::$type};
	}
	return $which =~ /null|blank|number/ || $which eq 'a' || $objects ? "SELECT * FROM credit.$name(" . join(', ', @with) . ')' : undef;
}
my @callable = map { [ split /\|/, $_, -1 ] } split /\n/, super('SELECT name, duty, args FROM callable ORDER BY 2, 1, 3');
my (%said, %asked, $noise);
for my $f (@callable)
{
	my ($name, $duty, $args) = @$f;
	for my $which ('null', 'blank', 'number', 'long', 'infinite', 'absent', 'b', 'a', map { ("null $_", "blank $_") } $args =~ /(?:^|,)(\w+)=/g)
	{
		my $call = call($duty, $name, $args, $which) // next;
		$asked{$duty}{$name}{$which} = $call;
	}
}
# What a duty is answered to all its calls, each undone; $before is done once it entered.
sub answers
{
	my ($duty, $before, @which) = @_;
	my (@calls, $script);
	for my $name (sort keys %{ $asked{$duty} })
	{
		for my $which (grep { $asked{$duty}{$name}{$_} } @which)
		{
			push @calls, [ $name, $which ];
			$script .= "\\echo =\nSELECT public.probe(\$probe\$$asked{$duty}{$name}{$which}\$probe\$);\n";
		}
	}
	my ($out, $err) = as_login($login{$duty}, "BEGIN;\n${enter}SELECT FROM public.probe('SELECT');\n$before$script" . 'ROLLBACK;');
	my (undef, @answer) = split /^=\n/m, "\n$out\n";
	is(scalar(@answer), scalar(@calls), "$duty was answered " . @calls . ' times') or diag $err;
	my %answer;
	for my $i (0 .. $#calls)
	{
		$answer{ $calls[$i][0] }{ $calls[$i][1] } = ($answer[$i] // '') =~ s/\n+\z//r;
	}
	return (\%answer, $err);
}
for my $duty (sort keys %login)
{
	my $err;
	($said{$duty}, $err) = answers($duty, '', uniq(map { sort keys %$_ } values %{ $asked{$duty} }));
	$noise .= $err;
}

# What another's thing and no thing say is the same, but where a page says that it is not.
my %known = (
	# Whoever opens files learns whether a number is kept; each look is counted against a budget (identity.md).
	'credit_provider find_subject' => 1, 'credit_reviewer find_subject' => 1, 'credit_provider add_subject' => 1, 'credit_reviewer add_subject' => 1,
	# For the whole country: nothing is another's.
	map({ ("credit_auditor $_" => 1, "credit_admin $_" => 1) } qw(can_see everywhere who_is_answerable)));
# Where the same answer for one's own says that nothing was reached, or that it makes no difference whose it is.
my %equal = map { $_ => 1 } (map({ my $d = $_; map { "credit_$d $_" } qw(open_inquiry open_inquiry_on verify_identity public_status) } qw(provider reviewer window)),
	'credit_admin can_see', 'credit_admin grant_duty', 'credit_admin grant_citizen', 'credit_auditor can_see', 'credit_auditor everywhere', 'credit_publisher public_status', 'credit_citizen consent_to_bonus', 'credit_provider file_record', 'credit_provider nominate',
	'credit_provider add_subject', 'credit_reviewer add_subject', map({ "credit_provider $_" } qw(add_member file_market_record open_student_file end_licence end_occupation org_bonus)), 'credit_reviewer resume_attributed');
my (@oracle, @unreached, @leak, @internal);
for my $duty (sort keys %said)
{
	for my $name (sort keys %{ $said{$duty} })
	{
		my %s = map { $_ => $said{$duty}{$name}{$_} =~ s/[0-9a-f]{8}-[0-9a-f-]{27}/U/gr } keys %{ $said{$duty}{$name} };
		for (grep { $s{$_} !~ /^00000/ } sort keys %s)
		{
			push @leak, "$duty $name $_: $s{$_}" if $s{$_} =~ /$personal|Failing row|\d{17}/;
			push @internal, "$duty $name $_: $s{$_}" if $s{$_} =~ /^(XX|P0004|42601|42702|42703|42883|42P|21000|22004|2F|0A|23502|23514|54000)/ || $s{$_} =~ /does not exist|cannot cast|invalid input/;
		}
		next if !defined $s{b};
		push @oracle, "$duty $name: $s{b} <> $s{absent}" if $s{b} ne $s{absent} && !$known{"$duty $name"};
		push @unreached, "$duty $name: $s{a}" if $s{a} eq $s{b} && !$equal{"$duty $name"};
	}
}
is(join("\n", @oracle), '', 'A10 foreign_and_absent_say_the_same');
# A day without end is written nowhere: who takes one looks, and no more.
my @endless = map { my $d = $_; grep { ($asked{$d}{$_}{infinite} // '') =~ /infinity/ && $said{$d}{$_}{infinite} =~ /^00000/ } keys %{ $said{$d} } } keys %said;
is(join(' ', uniq(sort @endless)), 'occupations released_tasks rulebook_on', 'A8 errors_of_the_register: infinity is no day');
is(join("\n", @unreached), '', 'A10 foreign_and_absent_say_the_same: and one\'s own says something else');
is(join("\n", @internal), '', 'A8 errors_of_the_register: none from the inside');
is(join("\n", @leak), '', 'A8 errors_of_the_register: no number, no name, no row');
is($noise, '', 'A8 errors_of_the_register: no notice');

# --- The same calls uncaught: what stays of them in the log, in statistics of statements, in the audit. --
super('CREATE EXTENSION pg_stat_statements') if $statements;
my $log_before = -s $node->logfile;
for my $duty (sort keys %asked)
{
	as_login($login{$duty}, join '', map { "BEGIN;\n$enter$_;\nROLLBACK;\n" } map { my $calls = $asked{$duty}{$_}; map { $calls->{$_} } grep { $_ ne 'number' } sort keys %$calls } sort keys %{ $asked{$duty} });
}
my $log = substr(slurp_file($node->logfile), $log_before);
cmp_ok(scalar(() = $log =~ /ERROR:/g), '>', 300, 'A8 log_of_the_register: there were errors');
unlike($log, qr/$personal|\d{17}/, 'A8 log_of_the_register: no number, no name');
unlike($log, qr/Failing row|XX000|PANIC|terminated by signal/, 'A8 log_of_the_register: no row, nothing from the inside');
SKIP:
{
	skip 'pg_stat_statements is not installed', 2 if !$statements;
	cmp_ok(super('SELECT count(*) FROM pg_stat_statements'), '>', 100, 'A50 statistics_of_statements: there are some');
	is(super("SELECT string_agg(left(query, 200), E'\\n') FROM pg_stat_statements WHERE query ~ '$world{a}{name}|$world{b}{name}|[0-9]{17}'"), '', 'A50 statistics_of_statements: no number, no name');
}
my $images = super(qq{SELECT count(*), count(*) FILTER (WHERE e::text ~ '$world{a}{name}|$world{b}{name}|$world{a}{firm_name}|$world{b}{firm_name}|$world{a}{code}|$world{b}{code}'
	OR e::text ~ encode('$world{b}{code}', 'hex') OR e::text ~ encode(convert_to('$world{b}{name}', 'UTF8'), 'hex')) FROM credit_register.audit_event e});
like($images, qr/^[1-9]\d{2,}\|0$/, 'U9 audit_of_the_register: no number, no name');

# --- Every duty on every table and view. --
my @relations = split /\n/, super(q{SELECT c.oid::regclass::text || ' ' || relkind::text || ' ' || quote_ident((SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = 1)) FROM pg_class c
	WHERE relnamespace = 'credit_register'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') ORDER BY 1});
cmp_ok(scalar(@relations), '>', 60, 'A34 every table: there are some');
my %may;
for my $duty (sort keys %login, 'plain')
{
	my $script = "BEGIN;\n" . ($duty eq 'plain' ? '' : $enter);
	for (@relations)
	{
		my ($r, $kind, $column) = split ' ';
		my %try = (SELECT => "SELECT count(*) FROM $r", UPDATE => "UPDATE $r SET $column = $column", DELETE => "DELETE FROM $r WHERE false", INSERT => "INSERT INTO $r DEFAULT VALUES", COPY => "COPY $r TO STDOUT");
		%try = (%try, TRUNCATE => "TRUNCATE $r") if $kind ne 'v' && $kind ne 'S';
		$try{LOCK} = "LOCK TABLE $r IN SHARE MODE NOWAIT" if $kind ne 'S';
		$try{COPY} = "COPY (SELECT * FROM $r) TO STDOUT" if $kind ne 'r';
		$script .= "SAVEPOINT s;\n\\o /dev/null\n$try{$_};\n\\o\n\\echo '=$r $_ ' :SQLSTATE :LAST_ERROR_MESSAGE\nROLLBACK TO s;\n" for sort keys %try;
	}
	my ($out) = as_login($login{$duty} // 'plain', $script . "ROLLBACK;\n");
	for ($out =~ /^=(.*)/mg)
	{
		my ($r, $what, $state, $said) = /^credit_register\.(\S+) (\S+)\s+(\S+) ?(.*)/;
		$said = '' if $state eq '00000';	# psql keeps the last one
		push @{ $may{$duty}{$what} }, $r if ($state ne '42501' || $said =~ /row-level security/) && $said !~ /^cannot (insert|update|delete)/ && $r !~ /^audit_event_\d+$/;
	}
}

# Golden: what may be read, and the two tables that are written, as departments and reviewers hand rows in.
my $reference = 'layout provider purpose report_kind rulebook version';
my $cases = 'case_deadline case_kind case_step commitment_template incentive';
my $measures = 'duty_item finding_context list_type measure measure_context nil_return';
my %golden = (
	credit_window => "$reference $cases",
	credit_provider => "$reference $cases $measures batch batch_verdict discarded_row record shown_record",
	credit_reviewer => "$reference $cases $measures batch batch_verdict discarded_row receiver record shown_record subject subscription",
	credit_publisher => "$reference receiver record shown_record subscription",
	credit_analyst => "$reference record shown_record",
	credit_admin => "$reference $cases $measures job mandate practitioner protection receiver scoring_job subscription",
	credit_auditor => "$reference $cases $measures job mandate practitioner protection receiver scoring_job subscription audit_event audit_event_default audit_layout audit_seal case_event case_file "
	  . 'commitment consent delivery incentive_grant inquiry licence list_entry market_record measure_task member moved_row nomination notice occupation org_role publication student_file subject_link tip');
for my $duty (sort keys %login, 'plain')
{
	my %is = map { my $what = $_; $what => join ' ', sort @{ $may{$duty}{$what} } } keys %{ $may{$duty} // {} };
	my $read = join ' ', sort split ' ', $golden{$duty} // '';
	my %should = $read ? (SELECT => $read, COPY => $read) : ();
	$should{INSERT} = $duty eq 'credit_provider' ? 'batch_in record' : 'record' if $duty =~ /provider|reviewer/;
	is_deeply(\%is, \%should, "A34 no_more_than_the_list: $duty");
}
is(super(q{SELECT string_agg(DISTINCT attrelid::regclass || ' ' || attacl::text, ' ') FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN ('credit_register'::regnamespace, 'credit'::regnamespace))}),
	'credit_register.record {credit_provider=a/credit_owner,credit_reviewer=a/credit_owner}', 'A34 no_more_than_the_list: columns');
is(super(q{SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid = 'credit_register.record'::regclass}),
	'amount conduct_end division document_date document_no fields final_on fulfilled_on happened_on item provider severity subject', 'A34 no_more_than_the_list: which columns');
# Of what may be read, no row of the other world, but for those who look at the whole country.
for my $duty (grep { $_ ne 'credit_auditor' } sort keys %login)
{
	my $script = "BEGIN;\n$enter";
	for my $r (split /\n/, super(q{SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'subject' WHERE relnamespace = 'credit_register'::regnamespace AND relkind IN ('r', 'v')}))
	{
		$script .= "SAVEPOINT s;\nSELECT '$r', count(*) FROM $r WHERE subject IN ('$world{b}{person}', '$world{b}{organisation}') HAVING count(*) > 0;\nROLLBACK TO s;\n";
	}
	my ($out) = as_login($login{$duty}, $script);
	is($out, $duty eq 'credit_admin' ? 'credit_register.mandate|1' : '', "A24 no_row_of_the_other_world: $duty");
}
is(as_login('pub_b', "BEGIN;\n${enter}SELECT DISTINCT number FROM credit.fetch_deliveries('b') ORDER BY 1;\n"), "$world{b}{code}\n$world{b}{firm}", 'A24 outbox_ends_where_the_mandate_does');
like((as_login('pub_b', "BEGIN;\n${enter}SELECT DISTINCT number FROM credit.fetch_deliveries('a');\n"))[1], qr/no mandate for this exchange/, 'A24 outbox_ends_where_the_mandate_does: not another receiver\'s');

# --- Definer functions. --
is(super(q{SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p WHERE prosecdef AND pronamespace = 'credit'::regnamespace
	AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c = 'search_path=pg_catalog, pg_temp')}), '', 'A30 definer_pins_its_path');
is(super(q{SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p WHERE prosecdef AND pronamespace = 'credit'::regnamespace
	AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))}), '', 'A34 definer_is_not_public');
cmp_ok(super(q{SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'credit'::regnamespace}), '>', 120, 'A30 definer_pins_its_path: there are some');

# --- In a session where everything has another thing in front of it. --
# Each function and operator of pg_catalog that the extension's bodies use, the same and raising; each table of
# the register and of the catalogue that they name, as a temporary table; types as domains that take nothing.
super(q{
	CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
	DO $do$ DECLARE f record; made int := 0; body constant text := 'LANGUAGE plpgsql COST 0.0001 AS $b$ BEGIN RAISE EXCEPTION ''hijacked''; END $b$';
	BEGIN
	  FOR f IN SELECT p.proname, pg_get_function_identity_arguments(p.oid) AS args, pg_get_function_result(p.oid) AS result FROM pg_proc p
	            WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a') AND pg_get_function_identity_arguments(p.oid) !~ 'internal|cstring|ORDER BY|OUT|VARIADIC|any|trigger'
	              AND EXISTS (SELECT FROM pg_proc c WHERE c.pronamespace = 'credit'::regnamespace AND c.prosrc ~ ('\m' || p.proname || '\M')) LOOP
	    BEGIN EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s %s', f.proname, f.args, f.result, body); made := made + 1; EXCEPTION WHEN OTHERS THEN NULL; END;
	    BEGIN EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s %s', f.proname, replace(f.args, 'text', 'varchar'), f.result, body); EXCEPTION WHEN OTHERS THEN NULL; END;
	  END LOOP;
	  FOR f IN SELECT o.oprname, format_type(o.oprleft, NULL) AS l, format_type(o.oprright, NULL) AS r, format_type(o.oprresult, NULL) AS result, 'op_' || o.oid AS name FROM pg_operator o
	            WHERE o.oprnamespace IN ('pg_catalog'::regnamespace, 'credit'::regnamespace) AND o.oprleft <> 0 AND format_type(o.oprleft, NULL) !~ 'any' AND format_type(o.oprright, NULL) !~ 'any'
	              AND o.oprname IN ('=', '<>', '<', '>', '<=', '>=', '+', '-', '||', '~', '!~', '~~', '->', '->>', '#>>', '@>', '<@', '&&', '?', '*') LOOP
	    BEGIN
	      EXECUTE format('CREATE FUNCTION evil.%I(%s, %s) RETURNS %s %s', f.name, f.l, f.r, f.result, body);
	      EXECUTE format('CREATE OPERATOR evil.%s (FUNCTION = evil.%I, LEFTARG = %s, RIGHTARG = %s)', f.oprname, f.name, f.l, f.r); made := made + 1;
	    EXCEPTION WHEN OTHERS THEN NULL; END;
	  END LOOP;
	  IF made < 400 THEN RAISE EXCEPTION 'only %', made; END IF;
	END $do$});
my $hostile = join '', map({ "CREATE TEMP TABLE $_ (hijacked pg_catalog.int4);\n" } grep { !/identity_use|audit_event_/ } map { (split ' ')[0] =~ s/.*\.//r } @relations),
  map({ "CREATE TEMP TABLE $_ (hijacked pg_catalog.int4);\n" } qw(pg_class pg_proc pg_roles pg_settings pg_attribute pg_namespace pg_constraint pg_authid pg_type)),
  "SET LOCAL search_path = pg_temp, evil, credit, credit_register, pg_catalog;\n", map { "CREATE DOMAIN pg_temp.$_ AS pg_catalog.$_ CHECK (false);\n" } qw(text date uuid jsonb int4 daterange);
like((as_login('pro_a', "BEGIN;\n${enter}${hostile}SAVEPOINT s;\nSELECT 'a'::pg_catalog.text || 'b'::pg_catalog.text;\nROLLBACK TO s;\nSELECT 'a'::text;\nROLLBACK TO s;\nSELECT provider FROM record;\n"))[1],
	qr/hijacked.*text_check.*column "provider" does not exist/s, 'A30, A31 hostile_session: one\'s own words meet what is in front');
for my $duty (sort keys %login)
{
	my ($now, $err) = answers($duty, $hostile, 'absent', 'b', 'a');
	my @changed;
	for my $name (sort keys %$now)
	{
		for my $which (sort keys %{ $now->{$name} })
		{
			my ($x, $y) = map { s/[0-9a-f]{8}-[0-9a-f-]{27}/U/gr =~ s/\d\d:\d\d:\d\d(\.\d+)?/T/gr } $said{$duty}{$name}{$which}, $now->{$name}{$which};
			push @changed, "$name $which: $x => $y" if $x ne $y || $y =~ /hijacked/;
		}
	}
	is(join("\n", @changed), '', "A30, A31, A32 hostile_session: $duty is answered the same");
	unlike($err, qr/hijacked/, "A30, A31, A32 hostile_session: $duty, nothing in front was called");
}
super('DROP SCHEMA evil CASCADE');

# --- Settings: every one that a user has, set to what it takes at its ends. --
my @settings = split /\n/, super(q{SELECT name || ' = ' || quote_literal(v) FROM pg_settings s,
	LATERAL unnest(CASE vartype WHEN 'bool' THEN '{on,off}'::text[] WHEN 'enum' THEN enumvals WHEN 'integer' THEN ARRAY[min_val, max_val] WHEN 'real' THEN ARRAY[min_val, max_val] ELSE '{}' END) v
	WHERE context = 'user' AND name !~ '^(row_security|role|session_authorization|transaction_|credit\.|statement_timeout|lock_timeout|idle_|client_connection_check|trace_|debug_print|log_|client_min|maintenance_work_mem|temp_buffers|temp_file|vacuum_|tcp_|max_stack|transaction_timeout|post_auth|exit_on_error)'
	UNION ALL SELECT v FROM unnest(ARRAY['TimeZone = ''Pacific/Kiritimati''', 'TimeZone = ''Etc/GMT+12''', 'DateStyle = ''German, DMY''', 'DateStyle = ''SQL, MDY''', 'search_path = ''''', 'search_path = pg_temp, public', 'client_encoding = GB18030',
		'client_encoding = EUC_CN', 'lc_numeric = ''C''', 'lc_time = ''C''', 'default_text_search_config = ''pg_catalog.german''', 'temp_tablespaces = ''''', 'application_name = ''370323198503129019''']) v});
cmp_ok(scalar(@settings), '>', 150, 'A42 no_setting_moves_an_answer: ' . @settings . ' settings');
is(super(q{SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = 'credit'::regnamespace AND l.lanname IN ('sql', 'plpgsql')
	AND p.prosqlbody IS NULL AND strpos(p.prosrc, '\\') > 0 AND NOT coalesce(proconfig @> '{standard_conforming_strings=on}', false)}), '', 'A42 no_setting_moves_an_answer: no backslash is left to the caller');
# Texts of which the session has no say; the moment of a report, the digest of which is all that is compared, does not count.
my %question = (
	win_a => [ "SELECT credit.report('$world{a}{inquiry}') - '{made_at,watermark}'::text[]", "SELECT * FROM credit.green_channel('$world{a}{code}')" ],
	cit_a => [ 'SELECT * FROM credit.my_records()', "SELECT credit.my_report() - '{made_at}'::text[]" ],
	pub_a => [ 'SELECT * FROM credit.public_records()' ]);
for my $who (sort keys %question)
{
	my $ask = join '', map { "SELECT pg_catalog.md5(public.probe(\$q\$$_\$q\$, 'pg_catalog.to_jsonb(t)'));\n" } @{ $question{$who} };
	my ($plain, $failed) = as_login($who, "BEGIN;\n$enter" . join('', map { "SELECT pg_catalog.left(public.probe(\$q\$$_\$q\$, 'pg_catalog.to_jsonb(t)'), 7);\n" } @{ $question{$who} }));
	is($plain, join("\n", map { $_ =~ /^00000 [1-9]/ ? $_ : 'an answer with rows' } split /\n/, $plain), "A42 no_setting_moves_an_answer: $who is answered");
	my $should = as_login($who, "BEGIN;\n$enter$ask");
	my ($out) = as_login($who, join '', map { "BEGIN;\nSET LOCAL $_;\n\\echo =$_ :ERROR\n${enter}$ask" . "ROLLBACK;\n" } @settings);
	my (%answer, @order);
	for (split /^=/m, $out)
	{
		my ($setting, $is) = /^(.*?) (?:true|false)\n(.*)/s or next;
		my $refused = /^.*? true\n/;
		push @order, $setting if !$refused;
		$answer{$setting} = $is =~ s/\n+\z//r;
	}
	cmp_ok(scalar(@order), '>', 0.9 * @settings, "A42 no_setting_moves_an_answer: $who, most could be set");
	is(join(', ', grep { $answer{$_} ne $should } @order), '', "A42 no_setting_moves_an_answer: $who");
}
# Not even at the most talkative does a session hear of anybody.
for my $duty (sort keys %login)
{
	my (undef, $err) = as_login($login{$duty}, "\\o /dev/null\nSET client_min_messages = debug5;\nBEGIN;\n$enter" . join '', map { "SAVEPOINT s;\n$_;\nROLLBACK TO s;\n" } map { my $f = $_; map { $asked{$duty}{$f}{$_} // () } qw(null absent a) } sort keys %{ $asked{$duty} });
	$err =~ s/^LINE \d+:.*\n.*\n//mg;	# psql repeats the line that it sent itself
	unlike($err, qr/$world{b}{code}|$world{a}{name}|$world{b}{name}|$world{a}{firm_name}|\d{17}/, "A8 debug_messages: $duty");
}

# --- A reader who rolls back. --
my $trace = "SELECT count(*) FROM credit.my_inquiries();\n";
my $seen = as_login('cit_a', "BEGIN;\n$enter$trace");
my $fresh = done_as('win_a', "SELECT credit.open_inquiry('$world{a}{code}', 'administration', 'licence 7');");
like(as_login('win_a', "BEGIN;\n${enter}SAVEPOINT s;\nSELECT credit.report('$fresh') ? 'records';\nROLLBACK TO s;\nROLLBACK;\n"), qr/^t$/, 'U1 rollback_erases_read_trace: the reader reads, and rolls back');
is(as_login('cit_a', "BEGIN;\n$enter$trace"), $seen + 1, 'U1 rollback_erases_read_trace: the person sees it');
# Nor can what is read first be registered in what is rolled back.
for my $read ('report', 'report_rows', 'market_records')
{
	for my $way ([ 'the same transaction', '', '' ], [ 'a part of it', "SAVEPOINT s;\n", '' ], [ 'a part that ended', "SAVEPOINT s;\n", "RELEASE s;\n" ])
	{
		my ($out, $err) = as_login('win_a', "\\set VERBOSITY verbose\nBEGIN;\n${enter}$way->[1]SELECT credit.open_inquiry('$world{a}{code}', 'administration', 'licence 8') AS i \\gset\n$way->[2]SELECT '!' || count(*) FROM credit.$read(:'i') r;\nROLLBACK;\n");
		like($err, qr/ERROR:  55000/, "U1 rollback_erases_read_trace: $read after open_inquiry in $way->[0]");
		unlike($out, qr/!/, "U1 rollback_erases_read_trace: $read in $way->[0] says nothing");
	}
}
like((as_login('win_a', "\\set VERBOSITY verbose\nBEGIN;\n${enter}SELECT credit.open_inquiry('370323197001011112', 'administration', 'licence 8');\nSELECT * FROM credit.green_channel('370323197001011112');\nROLLBACK;\n"))[1], qr/ERROR:  55000/,
	'U1 rollback_erases_read_trace: nor by the green channel');
is(as_login('cit_a', "BEGIN;\n$enter$trace"), $seen + 1, 'U1 rollback_erases_read_trace: and nothing was left of those');

# --- A cheap function that tells what it is given, under each view and table. --
super(q{CREATE FUNCTION leak(t text) RETURNS bool LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE WARNING '%', t; RETURN true; END $$;
	CREATE FUNCTION leak(u uuid) RETURNS bool LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE WARNING '%', u; RETURN true; END $$;
	CREATE OPERATOR public.#~# (FUNCTION = leak, RIGHTARG = text);
	CREATE FUNCTION raise_it(t text) RETURNS int LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE EXCEPTION 'saw %', t; END $$;});
my %of_b = map { $_ => 1 } map { $world{b}{$_} } grep { $_ ne 'division' } keys %{ $world{b} };
delete $of_b{b};
my $hidden = join '|', map { quotemeta } sort keys %of_b;
for my $duty (grep { $_ !~ /auditor|admin/ } sort keys %login)
{
	my ($err, $got, $rows) = ('', 0, 0);
	for my $r (split ' ', $golden{$duty} // '')
	{
		next if $r =~ /^(layout|version|report_kind|rulebook|purpose|provider|receiver|subscription|case_|commitment_template|incentive$|duty_item|finding_context|list_type|measure|nil_return)/;
		my ($out, $e) = as_login($login{$duty}, "BEGIN;\n${enter}\\echo =\nSELECT count(*) FROM credit_register.$r x WHERE leak(x::text);\nSELECT count(*) FROM credit_register.$r x WHERE #~# x::text;\n"
			. "SELECT count(*) FROM (SELECT x::text AS t FROM credit_register.$r x OFFSET 0) y WHERE leak(t);\nSELECT count(*) FROM credit_register.$r x JOIN (VALUES (1)) v (n) ON leak(x::text) OR n = 2;\n"
			. "SAVEPOINT s;\nSELECT CASE WHEN raise_it(x::text) = 1 THEN 1 END FROM credit_register.$r x;\nROLLBACK TO s;\nSELECT count(*) FROM credit_register.$r x WHERE 1 / nullif(length(x::text), 0) = 1 OR leak(x::text);\n");
		$err .= $e;
		$got += () = $e =~ /WARNING/g;
	}
	unlike($err, qr/$hidden/, "A3 leaky_operator_under_rls: $duty");
	cmp_ok($got, '>', 0, "A3 leaky_operator_under_rls: $duty was told of its own") if $duty !~ /window|citizen/;
}
# The views keep to themselves what they do not show even before those whom no policy holds: a record that is
# disputed or over, a publication that is over, a person where firms alone are public.
super("UPDATE credit_register.publication SET ended_at = now(), end_reason = 'x' WHERE subject = '$world{b}{organisation}'; UPDATE credit_register.list_entry SET left_on = credit.today(), left_reason = 'paid' WHERE subject = '$world{b}{person}'")
  if super(q{SELECT count(*) FROM information_schema.columns WHERE table_schema = 'credit_register' AND table_name = 'list_entry' AND column_name = 'left_reason'});
super(qq{INSERT INTO credit_register.record (subject, item, severity, document_date, happened_on, final_on, conduct_end, provider, division, stance, document_no, basis, basis_in_force)
	SELECT subject, item, 'minor', document_date - 1800, happened_on - 1800, final_on - 1800, conduct_end - 1800, provider, division, stance, 'No 9', basis, basis_in_force FROM credit_register.record WHERE record = '$world{b}{firm_record}'});
for my $view (split /\n/, super(q{SELECT oid::regclass FROM pg_class WHERE relnamespace = 'credit_register'::regnamespace AND relkind = 'v' AND relname <> 'batch_in' ORDER BY 1}))
{
	my ($rc, $out, $err) = $node->psql('postgres', "SELECT count(*) FROM $view x WHERE leak(x::text);");
	my $told = () = $err =~ /WARNING/g;
	is($told, $out, "A3 leaky_operator_under_rls: $view tells of what it shows");
	($rc, $out, $err) = $node->psql('postgres', "SELECT count(*) FROM $view x WHERE leak(x.record);");
	is(scalar(() = $err =~ /WARNING/g), $out, "A3 leaky_operator_under_rls: $view by its columns");
}
is(super(q{SELECT string_agg(oid::regclass::text, ' ') FROM pg_class WHERE relnamespace = 'credit_register'::regnamespace AND relkind = 'v' AND relname <> 'batch_in'
	AND NOT (reloptions @> '{security_invoker=true}' AND reloptions @> '{security_barrier=true}')}), '', 'A16 views_run_as_who_asks');

# --- EXPLAIN as an oracle, for a department. --
super('VACUUM ANALYZE');
# By the subject, by what a document says, by the fingerprint.  Not by the number of a record or a batch: those
# are random, and who has one from elsewhere may learn that it is there.
super("UPDATE credit_register.record SET fingerprint = sha256('known') WHERE record = '$world{b}{record}'");
my @explained = map { ("SELECT 1 FROM credit_register.$_ WHERE subject = 'person'", "SELECT max(record::text) FROM credit_register.$_ WHERE subject = 'person' AND item = 'administrative_penalty' AND provider = 'b'",
	"SELECT 1 FROM credit_register.$_ WHERE provider = 'b' AND division = '110101' AND document_no = 'document'", "SELECT 1 FROM credit_register.$_ WHERE fingerprint = sha256('document')") } qw(record shown_record);
for my $off ('', 'SET LOCAL enable_seqscan = off;', 'SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off;')
{
	my (@plan, $none);
	for my $which ('b', 'absent', 'b', 'absent')
	{
		my $script = "BEGIN;\n$enter$off\n" . join '', map { my $q = $_; $q =~ s/'person'/'$world{$which}{person}'/g; $q =~ s/'document'/$which eq 'b' ? "'No 1'" : "'No 77'"/ge; $q =~ s/sha256\('No (\d+)'\)/$1 == 1 ? "sha256('known')" : "sha256('other')"/ge; "EXPLAIN (ANALYZE, COSTS, BUFFERS off, TIMING off, SUMMARY off) $q;\n" } @explained;
		my ($out, $err) = as_login('pro_a', $script);
		diag $err if $err;
		$out =~ s/'(P[0-9A-Z]{15}|No \d+|\\x[0-9a-f]{32,64})'/'S'/g;
		push @plan, $out;
	}
	is($plan[2], $plan[3], 'A1 explain_does_not_tell_foreign_from_absent: ' . ($off || 'as planned'));
	like($plan[2], qr/actual rows=0(\.00)? loops/, 'A1 explain_does_not_tell_foreign_from_absent: there are plans');
}

# --- Cursors and prepared statements from one context to another. --
is(as_login('pro_a', "PREPARE q AS SELECT count(*) FROM credit_register.shown_record;\nBEGIN;\n${enter}EXECUTE q;\nSELECT FROM credit.leave();\nEXECUTE q;\nCOMMIT;\nEXECUTE q;\nSET plan_cache_mode = force_generic_plan;\nBEGIN;\n${enter}EXECUTE q;\nCOMMIT;\nEXECUTE q;\n"),
	join("\n", 4, 0, 0, 4, 0), 'A25 prepared_statement_across_contexts');
my ($out, $err) = as_login('pro_a', "BEGIN;\n${enter}DECLARE c CURSOR FOR SELECT record FROM credit_register.shown_record;\nFETCH 1 FROM c;\nSELECT FROM credit.leave();\nFETCH ALL FROM c;\nROLLBACK;\n");
is(() = $out =~ /aaaaaaaa/g, 1, 'A26 cursor_across_contexts: left');
($out, $err) = as_login('pro_a', "BEGIN;\nDECLARE c CURSOR FOR SELECT record FROM credit_register.shown_record;\n${enter}FETCH ALL FROM c;\nROLLBACK;\n");
unlike($out, qr/bbbbbbbb/, 'A26 cursor_across_contexts: entered after it was opened, one\'s own alone');
($out, $err) = as_login('pro_a', "BEGIN;\n${enter}DECLARE c CURSOR WITH HOLD FOR SELECT record FROM credit_register.shown_record;\nSELECT FROM credit.leave();\nCOMMIT;\nFETCH ALL FROM c;\n");
unlike($out, qr/aaaaaaaa|bbbbbbbb/, 'A26 cursor_across_contexts: held, after leaving');

# --- Texts that people enter, in pages. --
# Read by a parser of HTML: the elements and attributes of a page are those of the same page with harmless text.
my ($python) = grep { system("$_ -c 'import html.parser' 2>/dev/null") == 0 } qw(python3 /usr/bin/python3);
SKIP:
{
	skip 'python3 is not installed', 9 if !$python;
	my $parse = q{
import base64, html.parser, sys
class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.shape, self.said, self.bad = [], '', []
        self.feed(text)
        self.close()
    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, tuple(a for a, _ in attrs)))
        if tag in ('script', 'img', 'iframe', 'object', 'embed', 'a', 'link', 'form', 'base', 'b') and (tag, attrs[:1]) != ('b', []) or any(a.startswith('on') or a in ('href', 'src') for a, _ in attrs):
            self.bad.append((tag, attrs))
    def handle_comment(self, data): self.bad.append(('comment', data))
    def unknown_decl(self, data): self.bad.append(('declaration', data))
    def handle_pi(self, data): self.bad.append(('instruction', data))
    def handle_data(self, data): self.said += data
pages = shown = 0
for line in sys.stdin:
    where, hostile, harmless = (line.rstrip('\n') + '||').split('|')[:3]
    a = Page(base64.b64decode(hostile).decode())
    b = Page(base64.b64decode(harmless).decode()) if harmless else a
    pages += 1
    shown += '<script>alert(1)</script>' in a.said
    if a.shape != b.shape or a.bad:
        print(where, a.bad[:1], [x for x, y in zip(a.shape, b.shape) if x != y][:1])
print(pages, shown)
};
	my $hostile = q{<script>alert(1)</script>"><img src=x onerror=alert(1)>' onmouseover='x()' </title></style></svg><!-- ]]> <?php <![CDATA[ &lt;b&gt; &#60;i&#62; \\\\u003cscript %1$s %s javascript:alert(1) <a href=//x>};
	my $harmless = 'x' x length $hostile;
	my $check = sub {
		my ($in, $out, $err) = ($_[0], '', '');
		IPC::Run::run([ $python, '-c', $parse ], '<', \$in, '>', \$out, '2>', \$err);
		diag $err if $err;
		$out =~ s/\n\z//;
		return $out;
	};
	# Each text of a report and of the dashboard by itself, whoever may or may not enter it.
	super(q{
		CREATE FUNCTION leaves(j jsonb) RETURNS SETOF text[] LANGUAGE sql IMMUTABLE AS $$
		  WITH RECURSIVE t (path, v) AS (SELECT '{}'::text[], j UNION ALL
		    SELECT t.path || x.k, x.w FROM t, LATERAL (
		      SELECT key, value FROM jsonb_each(CASE WHEN jsonb_typeof(t.v) = 'object' THEN t.v ELSE '{}' END) UNION ALL
		      SELECT (n - 1)::text, e FROM jsonb_array_elements(CASE WHEN jsonb_typeof(t.v) = 'array' THEN t.v ELSE '[]' END) WITH ORDINALITY a (e, n) WHERE n <= 3) x (k, w))
		  SELECT path FROM t WHERE jsonb_typeof(v) NOT IN ('object', 'array') $$;
		CREATE FUNCTION page(what text, j jsonb, language text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
		  RETURN translate(encode(convert_to(CASE what WHEN 'report' THEN credit.report_html(j, language) ELSE credit.dashboard_page(j, language) END, 'UTF8'), 'base64'), E'\n', '');
		EXCEPTION WHEN OTHERS THEN RETURN 'eA==';
		END $$;
		CREATE TABLE drawn (what text, j jsonb); GRANT INSERT ON drawn TO PUBLIC;
		UPDATE credit_register.record SET fields = '{"violation": "speed", "penalty_kind": "fine", "unknown": "u"}' WHERE provider = 'a'});
	done_as('win_a', "INSERT INTO drawn SELECT 'report', credit.report('$world{a}{inquiry}');");
	done_as('cit_a', "INSERT INTO drawn SELECT 'report', credit.my_report();");
	done_as('ana', "INSERT INTO drawn SELECT 'dashboard', credit.dashboard();");
	for my $language ('zh', 'en')
	{
		my $out = $check->(super(qq{SELECT d.what || ':' || array_to_string(p, '.'), page(d.what, jsonb_set(d.j, p, to_jsonb(\$h\$$hostile\$h\$::text)), '$language'), page(d.what, jsonb_set(d.j, p, to_jsonb('$harmless'::text)), '$language')
			FROM drawn d, leaves(d.j) p}) . "\n");
		like($out, qr/^\d{3,} \d{2,}$/, "XSS in_each_text_of_a_page: $language ($out)");
	}
	# The names of fields, too.
	like($check->(super(qq{SELECT 'fields', page(d.what, jsonb_set(d.j, '{records,0,fields}', jsonb_build_object(\$h\$$hostile\$h\$, 1)), 'zh'), page(d.what, jsonb_set(d.j, '{records,0,fields}', jsonb_build_object('$harmless', 1)), 'zh')
		FROM drawn d WHERE what = 'report'}) . "\n"), qr/^2 \d$/, 'XSS in_the_name_of_a_field');
	# And what a user really enters, all the way.
	my $quoted = "\$h\$$hostile\$h\$";
	super(qq{UPDATE credit_register.provider SET name = $quoted WHERE provider = 'a'; UPDATE credit_register.purpose SET name = $quoted WHERE purpose = 'administration';
		UPDATE credit_register.record SET document_no = left($quoted, 60), fields = jsonb_build_object('violation', $quoted, 'penalty_kind', $quoted) WHERE record = '$world{a}{serious}'});
	my ($inquiry, undef) = split /\n/, done_as('win_a', "SELECT credit.open_inquiry('$world{a}{code}', 'administration', left($quoted, 100));");
	done_as('cit_a', "SELECT credit.add_statement('$world{a}{serious}', left($quoted, 200));");
	done_as('cit_a', "SELECT credit.open_dispute('$world{a}{honour}', left($quoted, 200));");
	my $line = sub { my ($login, $page) = @_; return "$login|" . done_as($login, "SELECT translate(encode(convert_to($page, 'UTF8'), 'base64'), E'\\n', '');") . "\n" };
	for my $language ('zh', 'en')
	{
		like($check->($line->('win_a', "credit.report_html(credit.report('$inquiry'), '$language')") . $line->('cit_a', "credit.report_html(credit.my_report(), '$language')")), qr/^2 2$/, "XSS entered_by_a_user: reports, $language");
		like($check->($line->('ana', "credit.dashboard_html('$language')") . $line->('adm', "credit.dashboard_html('$language')")), qr/^2 \d$/, "XSS entered_by_a_user: dashboard, $language");
	}
}

# --- Locks: none that an outsider could hold, and what they were for they still do. --
# A session of a login that has done a script and stays as it is until it is let go.
sub hold
{
	my ($login, $script) = @_;
	my ($in, $out) = ("$script\n\\echo held\n", '');
	my $session = IPC::Run::start([ 'psql', '-XqAt', '-h', $node->host, '-p', $node->port, '-U', $login, '-d', 'postgres' ], '<', \$in, '>', \$out, '2>&1', IPC::Run::timeout(60));
	$session->pump until $out =~ /^held$|ERROR/m;
	BAIL_OUT("$login holds nothing: $out") if $out =~ /ERROR/;
	return sub { $in .= "$_[0]\n\\q\n"; $session->finish };
}
{
	my $soon = "SET lock_timeout = '2s';\n";
	my $release = hold('plain', join '', map { "SELECT pg_advisory_lock(hashtextextended('credit.$_', 0));\n" } 'push a', 'score_all', 'create_register', 'inquiry win_a administration');
	super("UPDATE credit_register.purpose SET daily_limit = 1000 WHERE purpose = 'administration'");
	is((as_login('pub_a', "${soon}BEGIN;\n${enter}SELECT FROM credit.push('a');\n"))[1], '', 'outsider_holds_the_lock: a push');
	is((as_login('win_a', "${soon}BEGIN;\n${enter}SELECT FROM credit.open_inquiry('$world{a}{code}', 'administration', 'licence 5');\n"))[1], '', 'outsider_holds_the_lock: an inquiry that is counted');
	is(super("${soon}SELECT credit.create_register() = credit.library_version(); SELECT FROM credit.score_begin(NULL)"), 't', 'outsider_holds_the_lock: scores, and the register itself');
	$release->('');
	is(super(q{SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'credit'::regnamespace AND prosrc ~ 'advisory'}), '', 'outsider_holds_the_lock: no advisory lock at all');
	# What stands for them: nobody can take it who has no business with it.
	for my $login (sort(values %login), 'plain')
	{
		my $try = join '', map { "SELECT FROM $_;\n" } map({ "credit_register.$_ FOR KEY SHARE" } qw(receiver purpose mandate)), 'credit.division_history FOR KEY SHARE';
		my (undef, $err) = as_login($login, ($login eq 'plain' ? '' : $enter) . $try . "BEGIN; LOCK TABLE credit.division_history IN ROW SHARE MODE;\n");
		is(scalar(() = $err =~ /permission denied for (?:table|schema)/g), 5, "outsider_holds_the_lock: $login takes none of the new ones") or diag $err;
	}
	# And they are locks.
	my $busy = "SET lock_timeout = '300ms';\n";
	$release = hold('pub_a', "BEGIN;\n${enter}SELECT FROM credit.push('a');");
	like((as_login('pub_a', "${busy}BEGIN;\n${enter}SELECT FROM credit.push('a');\n"))[1], qr/lock timeout/, 'outsider_holds_the_lock: two pushes to a receiver take turns');
	is((as_login('pub_b', "${busy}BEGIN;\n${enter}SELECT FROM credit.push('b');\n"))[1], '', 'outsider_holds_the_lock: to two receivers they do not');
	is(join('|', as_login('cit_a', "${busy}BEGIN;\n${enter}SELECT FROM credit.add_statement('$world{a}{record}', 'it was raining again');\n")), '|', 'outsider_holds_the_lock: nor does what else is delivered wait');
	$release->('ROLLBACK;');
	$release = hold('win_a', "BEGIN;\n${enter}SELECT FROM credit.open_inquiry('$world{a}{code}', 'administration', 'licence 5');");
	like((as_login('win_a', "${busy}BEGIN;\n${enter}SELECT FROM credit.open_inquiry('$world{a}{firm}', 'administration', 'licence 5');\n"))[1], qr/lock timeout/, 'outsider_holds_the_lock: counted inquiries of a person take turns');
	is((as_login('pro_a', "${busy}BEGIN;\n${enter}SELECT FROM credit.open_inquiry('$world{a}{code}', 'administration', 'licence 5');\n"))[1], '', 'outsider_holds_the_lock: those of two do not');
	$release->('ROLLBACK;');
	super("UPDATE credit_register.purpose SET daily_limit = NULL WHERE purpose = 'administration'");
}

$node->stop;
done_testing();
