/*
 * register.h
 *		What guards the register against DROP EXTENSION.
 */
#ifndef CREDIT_REGISTER_H
#define CREDIT_REGISTER_H

extern void register_define_setting(void);

#endif							/* CREDIT_REGISTER_H */
