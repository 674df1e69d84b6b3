/*
 * credit_compat.h
 *		The only place that looks at PG_VERSION_NUM.
 */
#ifndef CREDIT_COMPAT_H
#define CREDIT_COMPAT_H

#ifdef FRONTEND					/* the fuzz targets */
#include "postgres_fe.h"
#else
#include "postgres.h"
#include "fmgr.h"
#endif

#if PG_VERSION_NUM < 150000
#error "credit needs PostgreSQL 15 or later"
#endif

/*
 * The oldest minor releases that we run on: older ones have known holes in row
 * security, extension scripts and pgcrypto (doc/dba-guide.md names some).
 */
#if PG_VERSION_NUM >= 190000
#define CREDIT_MINIMUM_SERVER 190000
#elif PG_VERSION_NUM >= 180000
#define CREDIT_MINIMUM_SERVER 180006
#elif PG_VERSION_NUM >= 170000
#define CREDIT_MINIMUM_SERVER 170012
#elif PG_VERSION_NUM >= 160000
#define CREDIT_MINIMUM_SERVER 160016
#else
#define CREDIT_MINIMUM_SERVER 150020
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#elif defined(FRONTEND)
#define SET_VARSIZE(ptr, size)	(((uint32 *) (ptr))[0] = (uint32) (size) << 2)
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

/*
 * The actions of the JSON parser return a result from 16 on, and its context is
 * made by the caller from 17 on.  A file defines CREDIT_WANT_JSON to get this.
 */
#ifdef CREDIT_WANT_JSON
#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#if PG_VERSION_NUM >= 160000
typedef JsonParseErrorType CreditJsonResult;
#define CREDIT_JSON_DONE	return JSON_SUCCESS
#else
typedef void CreditJsonResult;
#define CREDIT_JSON_DONE	return
#endif
#if PG_VERSION_NUM >= 170000
#define credit_json_lex(json, length) \
	makeJsonLexContextCstringLen(NULL, json, length, PG_UTF8, true)
#else
#define credit_json_lex(json, length) \
	makeJsonLexContextCstringLen(unconstify(char *, json), length, PG_UTF8, true)
#endif
#endif

/* 18 puts the mark of a function that does not return in front. */
#if PG_VERSION_NUM >= 180000
#define credit_noreturn pg_noreturn
#else
#define credit_noreturn pg_attribute_noreturn()
#endif

/* Where a process keeps the two halves of its virtual transaction id; and the
 * shared counters of transactions: both were renamed in 17. */
#if PG_VERSION_NUM >= 170000
#define credit_proc_number(proc) ((proc)->vxid.procNumber)
#define credit_proc_lxid(proc) ((proc)->vxid.lxid)
#define CREDIT_TRANSAM	TransamVariables
#else
#define credit_proc_number(proc) ((proc)->backendId)
#define credit_proc_lxid(proc) ((proc)->lxid)
#define CREDIT_TRANSAM	ShmemVariableCache
#endif

/* Index entries of a new row; 16 asks in addition whether only summaries are wanted. */
#if PG_VERSION_NUM >= 160000
#define credit_insert_index_tuples(result, slot, estate) \
	ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL, false)
#else
#define credit_insert_index_tuples(result, slot, estate) \
	ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL)
#endif

/* The type of a name that may not exist any more: InvalidOid. */
#if PG_VERSION_NUM >= 160000
#define credit_find_type(name, oid, typmod) \
	do { \
		ErrorSaveContext soft = {.type = T_ErrorSaveContext}; \
		if (!parseTypeString(name, oid, typmod, (Node *) &soft)) \
			*(oid) = InvalidOid; \
	} while (0)
#else
#define credit_find_type(name, oid, typmod)	parseTypeString(name, oid, typmod, true)
#endif

/* From 18 on a NOT NULL may be NOT VALID: rows from before it may hold NULL. */
#if PG_VERSION_NUM >= 180000
#define credit_is_not_null(tuples, column) \
	(TupleDescCompactAttr(tuples, (column) - 1)->attnullability == ATTNULLABLE_VALID)
#else
#define credit_is_not_null(tuples, column)	(TupleDescAttr(tuples, (column) - 1)->attnotnull)
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
