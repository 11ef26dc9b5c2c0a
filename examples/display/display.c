/*
 * A display: shows the last five messages of a room, and then each one as it comes, with one buffer of 512 bytes.
 *
 *     SALON_TOKEN=5f0c….3xhK… display HOST PORT ROOM
 *
 * No line that the server sends it is longer than 512 bytes, because it asks for that (`max_line`). A text that would
 * not fit ends in an ellipsis. It logs in by a proof of its token, as ../sensor does, and comes back by itself when the
 * connection is gone. The Makefile beside this file builds it.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"

enum { name_size = 4 * 32 + 1, minute = 60000 };

static const char *room;
static char user[name_size];
static int is_in_room;
static long long again; /* when to join after a refusal */
static long long shown; /* the id of the newest message that was shown */

void link_ready(const char *username) {
  strncpy(user, username, name_size - 1);
  is_in_room = 0;
  again = 0;
}

static void join(void) {
  link_ask("{\"command\":\"join_chatroom\",\"username\":\"", user, "\",\"room\":\"", room, "\",\"newest\":5}\n", NULL);
}

/* Prints a column without its escapes (PROTOCOL.md, 8.2). White space becomes spaces, and a control a question mark. */
static void print(const char *text) {
  for (; *text != 0; text++) {
    if (*text != '\\') {
      putchar(*text);
    } else if (*++text == 'u') {
      putchar('?');
      for (int digits = 0; digits < 4 && text[1] != 0; digits++) text++;
    } else {
      putchar(*text == '\\' ? '\\' : ' ');
      if (*text == 0) return;
    }
  }
}

/* Shows a message: 100 as it comes, 110 of the last five, which may have been deleted. */
static void show(int code) {
  const long long id = atoll(link_column(2));
  const char *time = link_column(6), *kind = link_column(7);
  const int is_deleted = code == 110 && strcmp(link_column(10), "1") == 0;
  const int is_cut = *link_column(code == 110 ? 11 : 9) != 0;
  if (id <= shown) return; /* from before the connection was lost */
  shown = id;
  printf(strcmp(kind, "action") == 0 ? "%.5s * %s " : "%.5s %s: ", strlen(time) > 16 ? time + 11 : "", link_column(4));
  print(is_deleted ? "(deleted)" : link_column(5));
  puts(is_cut ? "..." : "");
}

void link_line(int code) {
  if (code == 100 || code == 110) {
    show(code);
  } else if (code == 106) {
    fprintf(stderr, "out of the room: %s\n", link_column(3));
    is_in_room = 0;
    again = link_time() + minute;
  } else if (code == 113) {
    puts("(a message with names that are too long for this display)");
  } else if (code < 100 && strcmp(link_column(1), "join_chatroom") == 0) {
    const long wait = atol(link_column(5));
    if (code == 1) {
      is_in_room = 1;
      shown = atoll(link_column(6)); /* which is less than before where the server has lost something */
    } else {
      fprintf(stderr, "%s was answered %d: %s\n", room, code, link_column(3));
      again = link_time() + (wait > 0 ? wait : minute);
    }
  }
}

int main(int count, char **words) {
  if (count != 4 || strpbrk(words[3], "\"\\") != NULL ||
      !link_to(words[1], words[2], getenv("SALON_TOKEN"), ",\"events\":\"messages\",\"names\":false")) {
    fprintf(stderr, "usage: SALON_TOKEN=TOKEN display HOST PORT ROOM\n");
    return 2;
  }
  room = words[3];
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (;;) {
    if (link_is_free() && !is_in_room && link_time() >= again) join();
    const int wait = link_act();
    const long long rest = again - link_time();
    struct pollfd server = {.fd = link_socket, .events = POLLIN};
    poll(&server, 1, rest > 0 && rest < wait ? (int)rest : wait);
    if (link_socket >= 0 && server.revents != 0) link_read();
  }
}
