/*
 * code_part.h
 *		Parts of a code as C values; see code_part.c.
 */
#ifndef CODE_PART_H
#define CODE_PART_H

#include "utils/date.h"

#include "code.h"

extern DateADT code_birth(CreditCode code);	/* persons only */
extern int	code_age(CreditCode code, DateADT day);	/* persons only */
extern int	code_division_number(CreditCode code);	/* -1: none */

#endif							/* CODE_PART_H */
