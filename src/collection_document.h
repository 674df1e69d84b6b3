/*
 * collection_document.h
 *		The number of a document, so that its spellings are one.
 */
#ifndef COLLECTION_DOCUMENT_H
#define COLLECTION_DOCUMENT_H

#include "postgres.h"

/* Folded as names are, without blanks, with round brackets; palloc'd. */
extern text *collection_document(text *document_no);

#endif							/* COLLECTION_DOCUMENT_H */
