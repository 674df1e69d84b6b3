/*
 * collection_reserved.h
 *		Names of fields that no catalogue may ever ask for.
 */
#ifndef COLLECTION_RESERVED_H
#define COLLECTION_RESERVED_H

#include <stdbool.h>
#include <stddef.h>

/* Does this name of a field (UTF-8 or the server's encoding) speak of what may not be collected? */
extern bool collection_reserved(const char *name, size_t length);

#endif							/* COLLECTION_RESERVED_H */
