/*
 * credit.h
 *		What every room of the module shares: the backend's state and settings.
 */
#ifndef CREDIT_H
#define CREDIT_H

#include "postgres.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#include "utils/selfuncs.h"

/*
 * The module's only writable file-scope object.  Rooms keep their caches
 * behind a pointer here; each is built on first use and owns its memory
 * context, so that a room's header stays private to it.
 */
typedef struct CreditState
{
	struct DivisionCache *division;
	struct RulebookCache *rulebooks;
	struct NameTools *name;
	struct AccessState *access; /* access_context.c */
	struct KeyStore *keys;		/* pseudonym_key.c */
	struct AuditState *audit;
	struct _SPI_plan *take_row; /* collection_take.c */
	emit_log_hook_type next_emit_log_hook;	/* chained by redact.c */
	get_relation_stats_hook_type next_stats_hook;	/* these by access_hide.c */
	get_index_stats_hook_type next_index_stats_hook;
	get_relation_info_hook_type next_relation_info_hook;
	planner_hook_type next_planner_hook;	/* by access_whole.c */
	bool		minimum_defined;	/* the next one is, also if loading failed */
	int			minimum_server; /* setting credit.minimum_server */
	bool		allow_drop;		/* setting credit.allow_drop */
	bool		redact_errors;	/* setting credit.redact_errors */
	int			mac;			/* setting credit.mac: its place in access_context.c */
	char	   *key_file;		/* setting credit.key_file */
	char	   *context;		/* setting credit.context */
} CreditState;

extern CreditState credit_state;

#endif							/* CREDIT_H */
