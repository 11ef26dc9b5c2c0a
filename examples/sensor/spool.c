/* The file of readings that wait (spool.h). */
#include "spool.h"

#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int file = -1;
static off_t oldest; /* where the oldest record begins */
static off_t end;    /* where the newest one ends */
static char record[record_size];

/* Reads the line at a place of the file. Answers its length with the LF, 0 where there is no whole one. */
static unsigned read_line(off_t place) {
  const ssize_t length = pread(file, record, sizeof record, place);
  char *lf = length > 0 ? memchr(record, '\n', (size_t)length) : NULL;
  if (lf == NULL) return 0;
  *lf = 0;
  return (unsigned)(lf - record) + 1;
}

int spool_open(const char *path) {
  file = open(path, O_RDWR | O_CREAT, 0600);
  if (file < 0) return 0;
  for (unsigned length; (length = read_line(end)) > 0;) end += length;
  return ftruncate(file, end) == 0;
}

int spool_add(const char *line, unsigned length) {
  if (pwrite(file, line, length, end) != (ssize_t)length || fsync(file) != 0) return 0;
  end += length;
  return 1;
}

char *spool_oldest(void) {
  for (unsigned length; (length = read_line(oldest)) > 0; oldest += length) {
    if (length < key_length + 3 || record[key_length] != ' ') continue; /* what a failing disk has left */
    record[key_length] = 0;
    return record;
  }
  return NULL;
}

void spool_remove(void) {
  oldest += read_line(oldest);
  /* A crash before this reaches the disk brings records back, which are duplicates then. */
  if (oldest >= end && ftruncate(file, 0) == 0) oldest = end = 0;
}
