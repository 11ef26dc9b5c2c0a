/* The connection and the login (link.h). */
#include "link.h"

#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "proof.h"

#ifndef FIRST_WAIT
#define FIRST_WAIT 1000 /* milliseconds before the second attempt to connect; each next wait is twice as long */
#endif

enum { longest_wait = 60000, reply_wait = 30000, silence = 60000 };

int link_socket = -1;

/* What was asked last. */
static enum { nothing, format, challenge, proof, format_again, more } asked = nothing;

static const char *host, *port, *settings;
static struct token token;
static int is_waiting; /* for a reply */
static long long deadline; /* when to connect, to give a reply up, or to ask whether the server is still there */
static int next_wait = FIRST_WAIT;
static char line[line_size];
static unsigned filled;
static unsigned line_length; /* of the line that has come, in which zero bytes take the place of TABs */
static int is_cut; /* the rest of a line that is too long is being dropped */
static char nonce[23], expected[proof_size];

long long link_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

void link_random(unsigned char *bytes, unsigned length) {
  const int source = open("/dev/urandom", O_RDONLY);
  if (source < 0 || read(source, bytes, length) != (ssize_t)length) abort();
  close(source);
}

int link_to(const char *to_host, const char *to_port, char *text, const char *members) {
  char *dot = text == NULL ? NULL : strchr(text, '.');
  if (dot == NULL || strlen(dot + 1) > 64) return 0;
  *dot = 0;
  token.id = text;
  token.secret = dot + 1;
  host = to_host;
  port = to_port;
  settings = members;
  signal(SIGPIPE, SIG_IGN);
  return 1;
}

/* Closes the connection, and makes another one after so many milliseconds; 0: later than the last time. */
static void hang_up(const char *why, long wait) {
  unsigned char random;
  if (link_socket >= 0) close(link_socket);
  link_socket = -1;
  asked = nothing;
  is_waiting = is_cut = 0;
  filled = 0;
  link_random(&random, 1);
  if (wait <= 0) {
    wait = next_wait + next_wait * random / 512; /* a thousand devices should not come back at once */
    if (next_wait < longest_wait) next_wait *= 2;
  }
  fprintf(stderr, "%s: next attempt in %ld ms\n", why, wait);
  deadline = link_time() + wait;
}

void link_ask(const char *text, ...) {
  struct iovec pieces[8];
  int count = 0;
  size_t length = 0;
  va_list texts;
  va_start(texts, text);
  for (; text != NULL && count < 8; text = va_arg(texts, const char *)) {
    pieces[count].iov_base = (void *)text;
    length += pieces[count++].iov_len = strlen(text);
  }
  va_end(texts);
  is_waiting = 1;
  deadline = link_time() + reply_wait;
  if (writev(link_socket, pieces, count) != (ssize_t)length) hang_up("the server takes nothing", 0);
}

static void ask_format(void) {
  link_ask("{\"command\":\"set_session\",\"form\":\"tsv\",\"max_line\":512,\"keepalive\":0,\"ascii\":false", settings,
           "}\n", NULL);
}

static void call(void) {
  const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  const struct timeval most = {.tv_sec = 10};
  struct addrinfo *found = NULL;
  if (getaddrinfo(host, port, &hints, &found) != 0) found = NULL;
  for (struct addrinfo *each = found; each != NULL && link_socket < 0; each = each->ai_next) {
    link_socket = socket(each->ai_family, each->ai_socktype, 0);
    setsockopt(link_socket, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    if (link_socket < 0 || connect(link_socket, each->ai_addr, each->ai_addrlen) == 0) continue;
    close(link_socket);
    link_socket = -1;
  }
  if (found != NULL) freeaddrinfo(found);
  if (link_socket < 0) {
    hang_up("the server can't be reached", 0);
    return;
  }
  asked = format;
  ask_format();
}

const char *link_column(int number) {
  const char *column = line, *end = line + line_length;
  while (number-- > 0 && column < end) column += strlen(column) + 1;
  return column < end ? column : "";
}

/* Asks for what comes after this reply in a login. */
static void log_in(int code) {
  if (code != 1) {
    const long wait = atol(link_column(5));
    hang_up(link_column(3), wait > 0 ? wait : code == 2 ? 0 : longest_wait);
  } else if (asked == format) {
    unsigned char bytes[16];
    link_random(bytes, sizeof bytes);
    base64url(bytes, sizeof bytes, nonce);
    asked = challenge;
    link_ask("{\"command\":\"challenge_token\",\"token_id\":\"", token.id, "\",\"nonce\":\"", nonce, "\"}\n", NULL);
  } else if (asked == challenge) {
    char own[proof_size];
    client_proof(&token, nonce, link_column(3), own);
    server_proof(&token, nonce, link_column(3), expected);
    asked = proof;
    link_ask("{\"command\":\"authenticate_proof\",\"proof\":\"", own, "\"}\n", NULL);
  } else if (asked == format_again) {
    asked = more;
  } else if (same_proof(expected, link_column(4))) {
    next_wait = FIRST_WAIT;
    link_ready(link_column(3));
    asked = format_again; /* the token may have kept other settings */
    ask_format();
  } else if (strstr(link_column(1), expected) != NULL) {
    hang_up("the token was made in a session with another form than tsv: make another one", longest_wait);
  } else {
    hang_up("this is not the server: it does not know the token", longest_wait);
  }
}

/* Takes the line that the buffer begins with. */
static void take_line(void) {
  const int code = atoi(line);
  if (code < 1) return; /* no line of the protocol */
  for (char *end = line + line_length, *tab = line; (tab = memchr(tab, '\t', (size_t)(end - tab))) != NULL;) *tab = 0;
  if (code == 199) {
    hang_up(link_column(1), atol(link_column(2)));
    return;
  }
  if (code < 100) is_waiting = 0;
  if (!is_waiting) deadline = link_time() + silence;
  if (asked == more)
    link_line(code);
  else if (code < 100)
    log_in(code);
}

void link_read(void) {
  const ssize_t got = recv(link_socket, line + filled, sizeof line - filled, 0);
  if (got <= 0) {
    hang_up("the connection is gone", 0);
    return;
  }
  filled += (unsigned)got;
  for (char *lf; (lf = memchr(line, '\n', filled)) != NULL;) {
    line_length = (unsigned)(lf - line) + 1;
    *lf = 0;
    if (!is_cut) take_line();
    if (link_socket < 0) return; /* the line has ended the connection */
    is_cut = 0;
    filled -= line_length;
    memmove(line, line + line_length, filled);
  }
  /* Only a notice that comes before set_session is answered can be as long. */
  if (filled == sizeof line) {
    is_cut = 1;
    filled = 0;
  }
}

int link_is_free(void) { return asked == more && !is_waiting; }

int link_act(void) {
  if (link_time() >= deadline) {
    if (link_socket < 0)
      call();
    else if (is_waiting)
      hang_up("the server does not answer", 0);
    else
      link_ask("{\"command\":\"ping\"}\n", NULL);
  }
  const long long wait = deadline - link_time();
  return wait > 0 ? (int)wait : 0;
}
