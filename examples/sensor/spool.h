/*
 * A spool: a file of readings that are not known to be stored yet. Each has a key, by which the server tells it from
 * others (PROTOCOL.md, 5.3). So the file needs no mark of what was sent: whatever is in it after a crash is sent again,
 * and the server answers a key that it has stored as a duplicate.
 */
#ifndef SPOOL_H
#define SPOOL_H

/* The characters of a key, the most bytes of a text, and the size of a record: key, space, text, LF. */
enum { key_length = 16, text_most = 128, record_size = key_length + 1 + text_most + 1 };

/* Opens the file, or creates it. Removes a record that a crash has cut short. Answers 0 where it can't. */
int spool_open(const char *path);

/* Adds a record, which ends in LF. Answers 1 once it is on disk, 0 where it can't be. */
int spool_add(const char *record, unsigned length);

/*
 * Reads the oldest record that was not removed. Answers its key, behind whose zero byte its text stands, with a zero
 * byte too; NULL where there is none. Both are good until the next call of a function of the spool.
 */
char *spool_oldest(void);

/* Removes the oldest record. The file shrinks when the last one is removed. */
void spool_remove(void);

#endif
