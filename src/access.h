/*
 * access.h
 *		The signed context: whose mandates a transaction runs under.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include "postgres.h"
#include "fmgr.h"

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
	const char *subject;		/* of a citizen, as text; empty without */
	int			duties;			/* bits: held at all */
	int			wide_divisions; /* bits: held for too many divisions to list */
	int			wide_providers; /* bits: held for every provider */
	int			grant_count;
	AccessGrant grants[FLEXIBLE_ARRAY_MEMBER];
} AccessContext;

#define ACCESS_DUTIES 8
#define ACCESS_MAC_LENGTH 32	/* SHA-256 */

/* An index condition over more divisions than this costs more than it saves. */
#define ACCESS_NARROW	1000

extern void access_define_setting(void);
extern const AccessContext *access_context(void);
extern int	access_duty(const char *name);
extern const char *access_duty_name(int duty);
extern void access_mac(const char *use, const char *text, uint8 *mac);
extern char *access_hmac_hex(const char *key, const char *text);
extern bool access_same_mac(const uint8 *a, const uint8 *b);
extern void access_bytes_to_hex(const uint8 *bytes, int count, char *hex);
extern char *access_transaction(void);
extern AccessContext *access_parse(const char *payload, MemoryContext where);
extern void access_note_plan(void);
extern void access_note_entry(void);
extern int	access_parse_division(const char *digit, int length);

#endif							/* ACCESS_H */
