/*
 * credit.c
 *		Module magic, settings and hooks; nothing else.
 */
#include "postgres.h"

#include "fmgr.h"
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

void
_PG_init(void)
{
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
	redact_install();
}
