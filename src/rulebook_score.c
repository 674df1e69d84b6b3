/*
 * rulebook_score.c
 *		The score section compiled.
 */
#include "credit_compat.h"

#include "rulebook_build.h"

static const char *const sum_words[] = {"all", "year", "record", NULL};

static bool
fail_rule(Build *b, int i, const char *key, const char *message)
{
	char		path[160];

	snprintf(path, sizeof(path), "$.score.rules[%d]%s%s", i, *key ? "." : "", key);
	return rulebook_json_fail(b->error, path, "%s", message);
}

static bool
build_grades(Build *b, const JsonNode *section, BookScore *score)
{
	const JsonNode *grades = rulebook_json_get(section, "grades");
	BookArray	array = build_array(b, grades->count, sizeof(BookGrade));

	for (int i = 0; i < grades->count; i++)
	{
		bool		last = i == grades->count - 1;
		BookGrade	grade;
		char		path[160];

		snprintf(path, sizeof(path), "$.score.grades[%d]", i);
		if (last != (rulebook_json_get(grades->nodes[i], "from") == NULL))
			return rulebook_json_fail(b->error, path,
									  "Every grade but the last says \"from\"; the last does not.");
		grade.grade = build_text(b, node_text(grades->nodes[i], "grade"));
		grade.from = node_points(grades->nodes[i], "from", PG_INT64_MIN);
		if (i > 0 && grade.from >= BUILD_AT(b, BookGrade, array)[i - 1].from)
			return rulebook_json_fail(b->error, path, "Grades go from best to worst.");
		BUILD_AT(b, BookGrade, array)[i] = grade;
	}
	score->grades = array;
	return true;
}

static bool
build_dimensions(Build *b, const JsonNode *section, BookScore *score)
{
	const JsonNode *dimensions = rulebook_json_get(section, "dimensions");
	int			count = dimensions ? dimensions->count : 0;
	BookArray	array = build_array(b, count, sizeof(BookDimension));

	if (!check_ids(b, "score.dimensions", dimensions, "id"))
		return false;
	for (int i = 0; i < count; i++)
	{
		const JsonNode *node = dimensions->nodes[i];
		BookDimension d = {0};
		char		path[160];

		d.id = build_text(b, node_text(node, "id"));
		d.most_plus = node_points(node, "most_plus", 0);
		d.most_minus = node_points(node, "most_minus", 0);
		d.per_year = node_text(node, "per") && strcmp(node_text(node, "per"), "year") == 0;
		snprintf(path, sizeof(path), "$.score.dimensions[%d]", i);
		if (d.most_plus < 0 || d.most_minus < 0)
			return rulebook_json_fail(b->error, path, "Bounds are positive numbers.");
		BUILD_AT(b, BookDimension, array)[i] = d;
	}
	score->dimensions = array;
	return true;
}

/* Months a minus of this size stays, by the table "validity"; 0: it has no answer. */
static int
validity_of(const JsonNode *section, int64 points)
{
	const JsonNode *validity = rulebook_json_get(section, "validity");

	for (int i = 0; validity && i < validity->count; i++)
		if (-points <= node_points(validity->nodes[i], "up_to", PG_INT64_MAX))
			return node_int(validity->nodes[i], "months", 0);
	return 0;
}

/* A direct grade: the score stays below the next better grade. */
static bool
build_direct(Build *b, const BookScore *score, int i, const char *word, BookScoreRule *rule)
{
	const BookGrade *grades = BUILD_AT(b, const BookGrade, score->grades);

	for (uint32 g = 0; g < score->grades.count; g++)
		if (grades[g].grade.length == strlen(word) &&
			memcmp(b->out.data + grades[g].grade.at, word, strlen(word)) == 0)
		{
			if (g == 0)
				return fail_rule(b, i, "direct", "The best grade is no downgrade.");
			rule->points = grades[g - 1].from - 1;
			rule->grade = grades[g].grade;
			return true;
		}
	return fail_rule(b, i, "direct", "There is no such grade.");
}

static bool
build_tiers(Build *b, int i, const JsonNode *tiers, const char *from, BookScoreRule *rule)
{
	BookArray	array = build_array(b, tiers->count, sizeof(BookTier));

	for (int t = 0; t < tiers->count; t++)
	{
		BookTier   *tier = &BUILD_AT(b, BookTier, array)[t];

		tier->from = node_points(tiers->nodes[t], from, 0);
		tier->per = node_points(tiers->nodes[t], "per", 0);
		tier->points = node_points(tiers->nodes[t], "points", 0);
		if (tier->from < 0 || (t > 0 && tier->from <= tier[-1].from) ||
			(rule->kind == SCORE_TIERS && tier->per <= 0))
			return fail_rule(b, i, from[0] == 'f' ? "tiers" : "steps",
							 "Amounts ascend, begin at 0 or more, and \"per\" is positive.");
		/* So that more of a merit never gives less. */
		if (tier->points < 0 || (rule->kind == SCORE_STEPS && t > 0 &&
								 tier->points < tier[-1].points))
			return fail_rule(b, i, from[0] == 'f' ? "tiers" : "steps",
							 "Points are not negative and never fall.");
	}
	rule->tiers = array;
	return true;
}

static bool
build_kind(Build *b, const JsonNode *section, const BookScore *score, int i, const JsonNode *node,
		   BookScoreRule *rule)
{
	const JsonNode *points = rulebook_json_get(node, "points");
	const JsonNode *tiers = rulebook_json_get(node, "tiers");
	const JsonNode *steps = rulebook_json_get(node, "steps");
	const char *direct = node_text(node, "direct");

	if (!points + !tiers + !steps + !direct != 3)
		return fail_rule(b, i, "",
						 "A rule has one of \"points\", \"tiers\", \"steps\" and \"direct\".");
	rule->months = node_int(node, "months", 0);
	if (points)
	{
		rule->kind = SCORE_POINTS;
		rule->points = node_points(node, "points", 0);
		if (rule->months == 0 && rule->points < 0)
			rule->months = validity_of(section, rule->points);
	}
	else if (direct)
	{
		rule->kind = SCORE_DIRECT;
		if (!build_direct(b, score, i, direct, rule))
			return false;
	}
	else
	{
		rule->kind = tiers ? SCORE_TIERS : SCORE_STEPS;
		if (!build_tiers(b, i, tiers ? tiers : steps, tiers ? "from" : "at", rule))
			return false;
	}
	return rule->months > 0 ||
		fail_rule(b, i, "months",
				  "Without an end: neither \"months\" nor the table \"validity\" "
				  "says how long it counts.");
}

/* Overlap ids get numbers in the order of their first rule. */
static int
overlap_number(const JsonNode *rules, int i)
{
	const char *id = node_text(rules->nodes[i], "overlap");

	if (id == NULL)
		return BOOK_NONE;
	for (int r = 0; r < i; r++)
		if (node_text(rules->nodes[r], "overlap") && strcmp(node_text(rules->nodes[r], "overlap"),
															id) == 0)
			return r;
	return i;
}

static bool
has_bound(Build *b, const BookScore *score, int dimension)
{
	const BookDimension *d = &BUILD_AT(b, const BookDimension, score->dimensions)[dimension];

	return d->most_plus > 0 || d->most_minus > 0;
}

static bool
build_rule(Build *b, const JsonNode *section, const BookScore *score, int i, BookScoreRule *rule)
{
	const JsonNode *rules = rulebook_json_get(section, "rules");
	const JsonNode *node = rules->nodes[i];
	const char *dimension = node_text(node, "dimension");
	char		path[160];
	int			d = -1;

	snprintf(path, sizeof(path), "$.score.rules[%d]", i);
	if (!build_basis(b, node, path, &rule->basis) || !build_kind(b, section, score, i, node, rule))
		return false;
	rule->id = build_text(b, node_text(node, "id"));
	rule->cap = node_points(node, "cap", 0);
	if (rule->cap < 0)
		return fail_rule(b, i, "cap", "A cap is a positive number.");
	if (dimension && (d = find_id(rulebook_json_get(section, "dimensions"), dimension)) < 0)
		return fail_rule(b, i, "dimension", "There is no such dimension.");
	rule->dimension = d < 0 ? BOOK_NONE : d;
	rule->overlap = overlap_number(rules, i);
	rule->relapse = node_int(node, "relapse", 0);
	rule->sum = node_word(node, "sum", sum_words, SCORE_SUM_ALL);
	/* Twice as much of a merit is no relapse; a ceiling cannot be doubled. */
	if (rule->relapse && (rule->kind != SCORE_POINTS || rule->points >= 0))
		return fail_rule(b, i, "relapse", "Only a minus is multiplied on relapse.");
	rule->simple = rule->kind == SCORE_POINTS && !rule->relapse && rule->overlap == BOOK_NONE &&
		rule->cap == 0 && (d < 0 || !has_bound(b, score, d));
	return true;
}

static bool
is_merit(const BookScoreRule *rule)
{
	return rule->kind == SCORE_TIERS || rule->kind == SCORE_STEPS ||
		(rule->kind == SCORE_POINTS && rule->points >= 0);
}

static bool
has_yearly_bound(Build *b, const BookScore *score, int dimension)
{
	const BookDimension *d = BUILD_AT(b, const BookDimension, score->dimensions);

	return dimension != BOOK_NONE && d[dimension].per_year && d[dimension].most_plus > 0;
}

/*
 * Of merits under one overlap the greatest counts.  If it could then be cut by a
 * cap that the lesser one would have escaped, or leave a sum of amounts that
 * the lesser one was part of, one more merit would lower a score.
 */
static bool
check_merits(Build *b, const BookScore *score)
{
	const BookScoreRule *rules = BUILD_AT(b, const BookScoreRule, score->rules);

	for (int i = 0; i < (int) score->rules.count; i++)
	{
		/* An earlier year would use up the good tiers, and its bound cut them off. */
		if (rules[i].tiers.count > 0 && rules[i].sum == SCORE_SUM_ALL &&
			(rules[i].cap > 0 || has_yearly_bound(b, score, rules[i].dimension)))
			return fail_rule(b, i, "sum",
							 "Under a bound of a year amounts are added by year or record: "
							 "else one more merit could lower a score.");
		for (int j = 0; j < i && rules[i].overlap != BOOK_NONE && is_merit(&rules[i]); j++)
			if (rules[j].overlap == rules[i].overlap && is_merit(&rules[j]) &&
				(rules[i].kind != SCORE_POINTS || rules[j].kind != SCORE_POINTS ||
				 rules[i].cap || rules[j].cap ||
				 rules[i].dimension != rules[j].dimension))
				return fail_rule(b, i, "overlap",
								 "Merits of one overlap have fixed points, no cap of their own and "
								 "the same dimension: "
								 "else one more merit could lower a score.");
	}
	return true;
}

bool
build_score(Build *b)
{
	const JsonNode *section = rulebook_json_get(b->root, "score");
	const JsonNode *rules;
	BookScore	score = {.least = PG_INT64_MIN,.most = PG_INT64_MAX};
	Selection  *selections;

	if (section == NULL)
		return true;
	rules = rulebook_json_get(section, "rules");
	if (!build_basis(b, section, "$.score", &score.basis) || !check_ids(b, "score.rules", rules,
																		"id") ||
		!build_grades(b, section, &score) || !build_dimensions(b, section, &score))
		return false;
	score.id = build_text(b, node_text(section, "id"));
	score.base = node_points(section, "base", 0);
	score.least = node_points(section, "least", PG_INT64_MIN);
	score.most = node_points(section, "most", PG_INT64_MAX);
	if (score.least > score.base || score.most < score.base)
		return rulebook_json_fail(b->error, "$.score.base",
								  "The base lies between \"least\" and \"most\".");
	score.consent = node_bool(section, "consent", true);
	score.least_age = node_int(section, "least_age", 18);
	score.simple = score.least == PG_INT64_MIN && score.most == PG_INT64_MAX;
	score.rules = build_array(b, rules->count, sizeof(BookScoreRule));
	selections = palloc0((rules->count + 1) * sizeof(Selection));
	for (int i = 0; i < rules->count; i++)
	{
		BookScoreRule rule = {0};
		char		path[160];

		snprintf(path, sizeof(path), "$.score.rules[%d]", i);
		if (!build_rule(b, section, &score, i, &rule) || !build_selection(b, rules->nodes[i],
																		  path, &selections[i]))
			return false;
		score.simple &= rule.simple;
		BUILD_AT(b, BookScoreRule, score.rules)[i] = rule;
	}
	if (!check_merits(b, &score))
		return false;
	BUILD_BOOK(b)->score = score;
	build_uses(b, selections, rules->count, offsetof(BookItem, score));
	return true;
}
