/*
 * redact.h
 *		Keeps numbers of people out of errors and the server's log.
 */
#ifndef REDACT_H
#define REDACT_H

#include "postgres.h"

#include "credit_compat.h"

/* Chains the hook that masks credit codes in what is sent and logged. */
extern void redact_install(void);

/*
 * For PG_CATCH: raises the caught error again, with the refused input value
 * masked wherever the callers quoted it.
 */
credit_noreturn extern void redact_rethrow(const char *value, size_t length,
										   MemoryContext caller);

#endif							/* REDACT_H */
