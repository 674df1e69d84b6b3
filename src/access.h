/*
 * access.h
 *		The signed context: whose mandates a transaction runs under.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include "postgres.h"
#include "access/xact.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pathnodes.h"
#include "storage/proc.h"

#include "credit.h"
#include "credit_compat.h"

/* Divisions from low to high, both within. */
typedef struct DivisionRange
{
	int			low;
	int			high;
} DivisionRange;

/* One mandate as policies need it. */
typedef struct AccessGrant
{
	int			duty;			/* its place in access_duty_names */
	bool		any_provider;
	bool		any_division;
	bool		minors;			/* reaches records of minors */
	int			provider_length;
	int			range_count;
	const char *provider;
	DivisionRange *ranges;		/* ascending, apart from each other */
	const char *divisions;		/* as granted, with commas */
	const char *purposes;		/* with commas; "*" is all */
} AccessGrant;

/* What a verified setting says. */
typedef struct AccessContext
{
	int64		expires;		/* TimestampTz */
	const char *person;
	bool		own;			/* is the login that is connected */
	int64		inquires_since; /* TimestampTz: by mandates that are in force */
	int64		holds_since;	/* and by any that this role was given */
	const char *subject;		/* of a citizen, as text; empty without */
	int			duties;			/* bits: held at all */
	int			wide_divisions; /* bits: held for too many divisions to list */
	int			wide_providers; /* bits: held for every provider */
	int			unlimited;		/* bits: held for everything, minors included */
	int			single_divisions;	/* bits: held for one division alone */
	int			single_providers;	/* bits: held for one provider alone */
	uint64		shape;			/* by what of all this a plan may be kept */
	int			grant_count;
	AccessGrant grants[FLEXIBLE_ARRAY_MEMBER];
} AccessContext;

#define ACCESS_DUTIES 8
#define ACCESS_MAC_LENGTH 32	/* SHA-256, SM3 */

/* What a backend knows of the setting. */
typedef struct AccessState
{
	MemoryContext memory;		/* of the verified value */
	bool		checked;		/* the value of the setting was looked at */
	const AccessContext *context;	/* NULL: it grants nothing */
	Oid			user;			/* whom it was verified for */
	LocalTransactionId lxid;	/* and in which transaction */
	uint64		planned;		/* shape of the grants at the last planning */
	uint64		entered;		/* shape when plans were last made anew */
	Oid			may_see;		/* the function, once a plan had it */
	uint8		key[ACCESS_MAC_LENGTH];	/* that signs contexts, */
	int			key_mac;		/* by this setting of credit.mac and 1 */
	char		last[2 * ACCESS_MAC_LENGTH];	/* signature that was made last */
	char		taken[2 * ACCESS_MAC_LENGTH];	/* and that of the context */
	bool		whole;			/* a plan without filters may be kept */
} AccessState;

/* Arguments of may_see. */
enum
{
	SEE_DUTIES, SEE_DIVISION, SEE_PROVIDER, SEE_MINOR
};

/* An index condition over more divisions than this costs more than it saves. */
#define ACCESS_NARROW	1000

extern Datum access_may_see_support(PG_FUNCTION_ARGS);
extern AccessState *access_state(void);
extern void access_define_setting(void);
extern int	access_duty(const char *name);
extern const char *access_duty_name(int duty);
extern bool access_inquires(int duty);
extern void access_mac(const char *use, const char *text, uint8 *mac);
extern void access_context_mac(const char *text, uint8 *mac);
extern char *access_hmac_hex(const char *key, const char *text);
extern bool access_same_mac(const uint8 *a, const uint8 *b);
extern void access_bytes_to_hex(const uint8 *bytes, int count, char *hex);
extern char *access_transaction(void);
extern AccessContext *access_parse(const char *payload, MemoryContext where);
extern void access_add_grant(StringInfo value, const char *duty, const char *provider,
							 const char *divisions, const char *minors, const char *purposes);
extern void access_sign(const char *person, bool own, int64 inquires_since, int64 holds_since,
						const char *subject, int seconds, int count, const char *grants);
extern Datum access_token_person(PG_FUNCTION_ARGS);
extern void access_note_plan(void);
extern void access_note_whole(void);
extern void access_plan_anew(void);
extern void access_note_entry(const char *context);
extern int	access_parse_division(const char *digit, int length);
extern AccessState *access_verified(void);
extern bool access_is_narrow(const AccessContext *context, int duties, int argument);
extern bool access_is_may_see(Oid function);
extern void access_hide_indexes(PlannerInfo *root, List *arguments);
extern void access_hide_install(void);
extern void access_whole_install(void);

/* The process whose transaction this is: in a parallel worker, its leader. */
static inline PGPROC *
access_leader(void)
{
	return MyProc->lockGroupLeader ? MyProc->lockGroupLeader : MyProc;
}

/*
 * The mandates of this transaction, or NULL, which denies.  Runs once a row:
 * what can change without an assignment (the transaction, the session's user,
 * the time) is compared, nothing more.
 */
static inline const AccessContext *
access_context(void)
{
	AccessState *state = credit_state.access;

	if (unlikely(!state || !state->checked ||
				 state->lxid != credit_proc_lxid(access_leader()) ||
				 state->user != GetSessionUserId()))
		state = access_verified();
	if (unlikely(state->context &&
				 GetCurrentStatementStartTimestamp() > state->context->expires))
		return NULL;
	return state->context;
}

#endif							/* ACCESS_H */
