/*
 * audit.h
 *		What the files of the room audit share.
 *
 * An event is what one statement did to one table: up to some 8 kB of packed
 * row changes, one row of credit_register.audit_event, one SHA-256.
 */
#ifndef CREDIT_AUDIT_H
#define CREDIT_AUDIT_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/hsearch.h"
#include "utils/rel.h"
#include "utils/uuid.h"

#include "credit.h"
#include "credit_compat.h"

#define AUDIT_SCHEMA		"credit_register"
#define AUDIT_DIGEST_LENGTH	32

/* Columns of audit_event, in order; the events are written without SQL. */
enum
{
	EVENT_NODE,
	EVENT_XID,
	EVENT_N,
	EVENT_CHANGES,
	EVENT_AT,
	EVENT_OPERATION,
	EVENT_SESSION_ROLE,
	EVENT_ROLE,
	EVENT_PERSON,
	EVENT_DUTY,
	EVENT_CLIENT,
	EVENT_RELATION,
	EVENT_LAYOUT,
	EVENT_SUBJECT,
	EVENT_IMAGE,
	EVENT_HASH,
	EVENT_COLUMNS
};

/* How the values of a column are kept. */
typedef enum AuditHow
{
	AUDIT_SKIP = 0,				/* dropped, or computed on reading */
	AUDIT_PLAIN = 'p',			/* the bytes of the value */
	AUDIT_TEXT = 't',			/* its text, as the bytes hold an OID */
	AUDIT_SECRET = 's'			/* only that it is there, or changed */
} AuditHow;

/* In the catalogue the subject column has a letter of its own; other keys have capitals. */
#define AUDIT_SUBJECT_PLAIN	'U'
#define AUDIT_SUBJECT_TEXT	'V'

typedef struct AuditColumn
{
	AuditHow	how;
	bool		is_key;
	bool		byval;
	int16		length;
	FmgrInfo	output;			/* of AUDIT_TEXT and of the subject */
} AuditColumn;

/* One relation as the trigger sees it now; kept until the relation changes. */
typedef struct AuditLayout
{
	Oid			relid;			/* key of the hash table */
	bool		valid;
	Oid			known_in;		/* audit_layout that has it for good, or none */
	MemoryContext context;
	char	   *relation;		/* name given to the trigger */
	pg_uuid_t	id;
	int			natts;
	AuditColumn *column;
	int			subject;		/* attribute number, or 0 */
	Datum		names;			/* text[] of live columns */
	Datum		types;			/* text[] */
	Datum		flags;			/* text, one letter a column */
} AuditLayout;

/* What is hashed, and nothing else; strings may be NULL. */
typedef struct AuditBytes
{
	const char *data;
	int			length;
} AuditBytes;

#define EVENT_PARTS			(EVENT_IMAGE - EVENT_OPERATION + 1)
#define EVENT_PART(column)	((column) - EVENT_OPERATION)

typedef struct AuditEvent
{
	int64		node;
	int64		xid;
	int32		n;
	int32		changes;
	TimestampTz at;
	AuditBytes	part[EVENT_PARTS];	/* from operation to image */
} AuditEvent;

/* What is known of a partition's indexes; more, or unlike, and the executor does it. */
#define AUDIT_INDEXES	4

/* The partition that events were written to last; of no relation if it is not known. */
typedef struct AuditPlace
{
	Oid			root;
	Oid			leaf;
	MemoryContext context;		/* of what the indexes are */
	int			indexes;		/* or -1 */
	Oid			index[AUDIT_INDEXES];
	struct IndexInfo *info[AUDIT_INDEXES];
	TimestampTz from;			/* the times it holds */
	TimestampTz before;
} AuditPlace;

/* Behind credit_state.audit. */
typedef struct AuditState
{
	struct AuditPack *first;	/* packs of this transaction, oldest first */
	struct AuditPack *last;
	MemoryContext context;		/* of the packs */
	int32		next_n;			/* number of the next event in the transaction */
	char	   *client;			/* address, or NULL */
	bool		client_known;
	AuditPlace	place;
	Oid			layout_relid;	/* of audit_layout, or none */
	int64		node;			/* or 0 */
	HTAB	   *layouts;
	AuditLayout *layout;		/* the last one asked for; entries stay */
	void	   *digest;			/* EVP_MD_CTX */
	void	   *method;			/* EVP_MD */
	struct _SPI_plan *walk_plan;	/* audit_seal.c */
} AuditState;

/* audit.c */
extern AuditState *audit_state(void);
extern Oid	audit_relid(const char *name);
extern int64 audit_this_node(void);

/* audit_hash.c */
extern void audit_digest(const AuditBytes *part, int count, uint8 *result);
extern void audit_event_digest(const AuditEvent *event, uint8 *result);
extern pg_uuid_t audit_layout_digest(AuditBytes relation, ArrayType *names, ArrayType *types,
									 text *flags);

/* audit_layout.c */
extern AuditLayout *audit_find_layout(Relation rel, int nargs, char **args);
extern void audit_keep_layout(AuditLayout *layout);
extern void audit_install_layout_callbacks(void);

/* audit_image.c */
extern void audit_put_row(StringInfo image, const AuditLayout *layout, char operation,
						  TupleTableSlot *slot);
extern void audit_put_update(StringInfo image, const AuditLayout *layout,
							 TupleTableSlot *old, TupleTableSlot *new);
extern bool audit_same_value(const AuditColumn *column, TupleTableSlot *old, TupleTableSlot *new,
							 int i);
extern uint32 audit_get_number(const uint8 **at, const uint8 *end);

/* audit_seal.c: a tree of RFC 6962 that grows leaf by leaf */
typedef struct MerkleStack
{
	int			depth;
	uint64		leaves;
	uint8		hash[64][AUDIT_DIGEST_LENGTH];
} MerkleStack;

extern void audit_add_leaf(MerkleStack *stack, const uint8 *hash);
extern void audit_close_tree(MerkleStack *stack);

/* audit_insert.c */
typedef struct AuditInsert
{
	Relation	rel;
	const AuditPlace *place;	/* of rel, if its indexes are known */
	Relation	index[AUDIT_INDEXES];
	struct EState *estate;		/* these two otherwise */
	struct ResultRelInfo *result;
	TupleTableSlot *slot;
	struct BulkInsertStateData *bulk;
} AuditInsert;

extern void audit_insert_begin(AuditInsert *insert, Relation rel);
extern void audit_insert_row(AuditInsert *insert, const Datum *value, const bool *isnull);
extern void audit_insert_end(AuditInsert *insert);
extern Relation audit_open_partition(TimestampTz at);

/* audit_pack.c */
extern StringInfo audit_begin_change(const char *relation, AuditLayout *layout, char operation);
extern void audit_end_change(const AuditLayout *layout, TupleTableSlot *slot,
							 TupleTableSlot *old);
extern void audit_install_callbacks(void);

#endif							/* CREDIT_AUDIT_H */
