/*
 * code_table.h
 *		The frozen slot table: which (registrar, category, province prefix) has
 *		which place in the order of organisation codes.
 *
 * On-disk format, frozen at 1.0.  What may change without touching a stored
 * value: CODE_PAIR_OPEN of a reserved pair (4 and 5 of registrars 1 and 9), the
 * spare prefix of a 40-prefix pair, and new pairs from slot 1960 on (118 left);
 * the text order of such a late pair is last.
 *
 * Registrars 1-9, A, N, Y with the categories of GB 32100-2015 and its
 * amendment of 2016; beyond them 99 (15 published codes), 54 and 55
 * (committees of villages and residents) are issued in practice.
 */
#ifndef CODE_TABLE_H
#define CODE_TABLE_H

#include <stdint.h>

#define CODE_PAIR_COUNT		43
#define CODE_PREFIX_COUNT	40	/* places of a pair, but for registrar 9 */
#define CODE_SLOTS_USED		1960

typedef struct CodePair
{
	char		text[2];
	uint8_t		wide;			/* all 100 prefixes: where unknown ones occur */
	uint8_t		open;			/* 0 reserved, 1 in the standard, 2 seen in use */
	uint16_t	base;			/* first slot */
} CodePair;

/*
 * Province prefixes of registrars other than 9, in text order; the 40th place
 * is spare.  The flag CODE_PROVINCE_PERSON marks those of citizen numbers.
 */
#define CODE_PROVINCE_ORG		1
#define CODE_PROVINCE_PERSON	2

typedef struct CodeTable
{
	CodePair	pair[CODE_PAIR_COUNT];
	int8_t		pair_of_slot20[CODE_SLOTS_USED / 20];	/* bases are multiples of 20 */
	int8_t		pair_of_index[310]; /* 10 * value of place 1 + place 2; -1 none */
	int8_t		rank_of_prefix[100];	/* among the 40; -1 none */
	uint8_t		prefix_of_rank[CODE_PREFIX_COUNT];
	uint8_t		province[100];	/* CODE_PROVINCE_ flags */
} CodeTable;

extern const CodeTable code_table;

#endif							/* CODE_TABLE_H */
