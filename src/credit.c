/*
 * credit.c
 *		Module magic, settings and hooks; nothing else.
 */
#include "postgres.h"

#include <limits.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "access.h"
#include "credit.h"
#include "credit_compat.h"
#include "pseudonym_key.h"
#include "redact.h"
#include "register.h"

CREDIT_MODULE_MAGIC(CREDIT_VERSION);

CreditState credit_state = {.redact_errors = true};

void		_PG_init(void);

/*
 * Refuses a server whose own holes make ours worthless, unless a superuser took
 * it upon himself.  A failed load is tried again in the same process, where the
 * setting is there already; pg_upgrade only looks whether we can be loaded.
 */
static void
check_server(void)
{
	int			version = pg_strtoint32(GetConfigOption("server_version_num", false, false));

	if (!credit_state.minimum_defined)
		DefineCustomIntVariable("credit.minimum_server",
								"Oldest server_version_num on which the library loads.",
								NULL,
								&credit_state.minimum_server,
								CREDIT_MINIMUM_SERVER, 0, INT_MAX,
								PGC_SUSET,
								0,
								NULL, NULL, NULL);
	credit_state.minimum_defined = true;
	if (version < credit_state.minimum_server && !IsBinaryUpgrade)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this minor release of PostgreSQL is too old for credit"),
				 errdetail("It is %d; later ones, up to %d, closed holes in row security.",
						   version, credit_state.minimum_server),
				 errhint("Install the newest minor release, or set credit.minimum_server "
						 "in postgresql.conf and bear the risk.")));
}

void
_PG_init(void)
{
	check_server();
	DefineCustomBoolVariable("credit.redact_errors",
							 "Masks personal numbers in the errors of this session.",
							 NULL,
							 &credit_state.redact_errors,
							 true,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);
	key_define_setting();
	access_define_setting();
	register_define_setting();
	MarkGUCPrefixReserved("credit");
	access_hide_install();
	access_whole_install();
	redact_install();
}
