/*
 * credit_compat.h
 *		The only place that looks at PG_VERSION_NUM.
 */
#ifndef CREDIT_COMPAT_H
#define CREDIT_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

#if PG_VERSION_NUM < 150000
#error "credit needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * Soft errors came with 16.  Before it the context is always NULL, ereturn()
 * raises, and the same source serves both.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#define credit_soft_context(fcinfo) ((fcinfo)->context)
#else
#define credit_soft_context(fcinfo) NULL
#define ereturn(context, dummy, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy; \
	} while (0)
#endif

/* 18 puts the mark of a function that does not return in front. */
#if PG_VERSION_NUM >= 180000
#define credit_noreturn pg_noreturn
#else
#define credit_noreturn pg_attribute_noreturn()
#endif

/* Skip scans of btree indexes came with 18. */
#if PG_VERSION_NUM >= 180000
#include "utils/skipsupport.h"
#define CREDIT_HAVE_SKIPSUPPORT
#endif

/* Name and version in the module block came with 18. */
#ifdef PG_MODULE_MAGIC_EXT
#define CREDIT_MODULE_MAGIC(v) PG_MODULE_MAGIC_EXT(.name = "credit", .version = v)
#else
#define CREDIT_MODULE_MAGIC(v) PG_MODULE_MAGIC
#endif

#endif							/* CREDIT_COMPAT_H */
