/*
 * code_pack.h
 *		Between the parser and the packing: how a text fits each kind.
 */
#ifndef CODE_PACK_H
#define CODE_PACK_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum CodeFault
{
	CODE_FAULT_NONE,
	CODE_FAULT_CHARACTER,		/* not of the 31 letters, or no digit */
	CODE_FAULT_REGISTRAR,
	CODE_FAULT_PROVINCE
} CodeFault;

typedef struct CodePacked
{
	uint64_t	value;			/* if structure */
	bool		structure;		/* can be packed as it stands */
	bool		regular;		/* every check character holds */
	int			day;			/* persons: birth day, -1 if no real date */
	CodeFault	fault;			/* organisations: before the checks */
	bool		check17_holds;
	bool		check18_holds;
	unsigned	sum17;			/* from which follow what the check characters */
	unsigned	sum18;			/* should be: code_word.h */
} CodePacked;

/* Each takes 18 bytes, needs no NUL, and never reads beyond them. */
extern void code_pack_person(const char *s, CodePacked *fit);
extern void code_pack_organisation(const char *s, CodePacked *fit);
extern void code_pack_assigned(const char *s, CodePacked *fit);
extern bool code_pack_regular(const char *s, uint64_t *value);

#endif							/* CODE_PACK_H */
