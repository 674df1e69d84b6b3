/*
 * register.h
 *		The register's tables, read without SQL; and what guards them against
 *		DROP EXTENSION.
 */
#ifndef CREDIT_REGISTER_H
#define CREDIT_REGISTER_H

#include "postgres.h"

#include "utils/rel.h"

/* A column that a room reads; a site may have added others. */
typedef struct RegisterColumn
{
	const char *name;
	Oid			type;			/* 0: one of ours */
} RegisterColumn;

extern void register_define_setting(void);
extern Relation register_open(const char *table, const RegisterColumn *column, int count,
							  AttrNumber *number);
extern Relation register_try_open(const char *table, const RegisterColumn *column, int count,
								  AttrNumber *number);
extern Oid	register_index(Relation rel, AttrNumber first);

#endif							/* CREDIT_REGISTER_H */
