/*
 * A sensor: takes readings from its standard input, one a line, and stores each in a room exactly once, whatever is
 * killed meanwhile: this program, the server, or the network between them.
 *
 *     SALON_TOKEN=5f0c….3xhK… sensor HOST PORT ROOM SPOOL
 *
 * It logs in by a proof of its token (proof.h), so it needs no TLS, and sends neither the token nor a password. It
 * writes a line `kept KEY` when a reading is on its disk, and `stored KEY ID` when it is on the server's. It ends with
 * its input, once all is stored. README.md beside this file says more.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link.h"
#include "proof.h"
#include "spool.h"

enum { minute = 60000 };

static const char *room;
static char *posted_key; /* of the reading that was sent last, while its reply is due */
static long long again;  /* when to post after a refusal */
static int input_ended;
static char reading[record_size]; /* the record of the reading that comes: key, space, text in JSON, LF */
static unsigned length;           /* of its text; beyond `text_most` where the reading is too long */

void link_ready(const char *username) {
  (void)username;
  posted_key = NULL;
  again = 0;
}

/* Sends the oldest reading. */
static void post(void) {
  posted_key = spool_oldest();
  if (posted_key == NULL) return;
  link_ask("{\"command\":\"post_message\",\"room\":\"", room, "\",\"message\":\"", posted_key + key_length + 1,
           "\",\"key\":\"", posted_key, "\"}\n", NULL);
}

/* A reply to a reading: code 1 stores it, some codes never will, and all others may later. */
void link_line(int code) {
  const long wait = atol(link_column(5));
  if (code >= 100 || posted_key == NULL) return;
  posted_key = spool_oldest();
  if (posted_key == NULL) return;
  if (code == 1)
    printf("stored %s %s\n", posted_key, link_column(4));
  else
    fprintf(stderr, "%s was answered %d: %s\n", posted_key, code, link_column(3));
  if (code == 1 || code == 3 || code == 5 || code == 7 || code == 15 || code == 18)
    spool_remove();
  else
    again = link_time() + (wait > 0 ? wait : minute);
  posted_key = NULL;
}

/* Keeps the reading that has come. */
static void keep(void) {
  unsigned char bytes[key_length * 3 / 4];
  if (length > text_most) fprintf(stderr, "a reading is too long\n");
  if (length > 0 && length <= text_most) {
    link_random(bytes, sizeof bytes);
    base64url(bytes, sizeof bytes, reading);
    reading[key_length] = ' ';
    reading[key_length + 1 + length] = '\n';
    if (spool_add(reading, key_length + 1 + length + 1)) {
      reading[key_length] = 0;
      printf("kept %s\n", reading);
    } else {
      fprintf(stderr, "a reading can't be kept: %s\n", strerror(errno));
    }
  }
  length = 0;
}

/* Adds a byte to the reading, as it stands in a JSON string. */
static void add(char byte) {
  char *text = reading + key_length + 1;
  const int is_escaped = byte == '"' || byte == '\\';
  if (length + 1 + is_escaped > text_most) {
    length = text_most + 1;
    return;
  }
  if (is_escaped) text[length++] = '\\';
  text[length++] = (unsigned char)byte < ' ' ? ' ' : byte;
}

static void take_input(void) {
  char bytes[64];
  const ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
  for (ssize_t at = 0; at < got; at++) {
    if (bytes[at] == '\n')
      keep();
    else
      add(bytes[at]);
  }
  if (got <= 0) {
    input_ended = 1;
    keep();
  }
}

int main(int count, char **words) {
  if (count != 5 || strpbrk(words[3], "\"\\") != NULL ||
      !link_to(words[1], words[2], getenv("SALON_TOKEN"), ",\"events\":\"none\"")) {
    fprintf(stderr, "usage: SALON_TOKEN=TOKEN sensor HOST PORT ROOM SPOOL <READINGS\n");
    return 2;
  }
  room = words[3];
  if (!spool_open(words[4])) {
    perror(words[4]);
    return 1;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (!input_ended || spool_oldest() != NULL) {
    if (link_is_free() && link_time() >= again) post();
    const int wait = link_act();
    const int input = input_ended ? -1 : STDIN_FILENO;
    struct pollfd both[] = {{.fd = link_socket, .events = POLLIN}, {.fd = input, .events = POLLIN}};
    const long long rest = again - link_time();
    poll(both, 2, link_is_free() && rest > 0 && rest < wait ? (int)rest : wait);
    if (both[1].revents != 0) take_input();
    if (link_socket >= 0 && both[0].revents != 0) link_read();
  }
  return 0;
}
