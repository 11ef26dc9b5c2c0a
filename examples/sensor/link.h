/*
 * A connection that is made again whenever it is gone (PROTOCOL.md, section 9), with the login by proof (8.6). It keeps
 * one line in memory. The program asks one thing at a time, and has a loop: link_act, poll for link_socket, link_read.
 */
#ifndef LINK_H
#define LINK_H

/* The size of a line, its LF included. */
enum { line_size = 512 };

/* The socket, -1 while there is none. */
extern int link_socket;

/*
 * Says where to connect to. `token` is changed: its dot becomes a zero byte. `settings` are members of a set_session
 * request, which begin with a comma. Answers 0 where it is no token.
 */
int link_to(const char *host, const char *port, char *token, const char *settings);

/* Does what is due. Answers the milliseconds until something is due again, if nothing comes before. */
int link_act(void);

/* Reads what has come. Calls link_ready and link_line. */
void link_read(void);

/* Whether the user is logged in, and nothing waits for its reply. */
int link_is_free(void);

/* Sends a request that consists of these texts; NULL is the last. To be called while the link is free. */
void link_ask(const char *text, ...);

/* Milliseconds of a clock that nobody sets. */
long long link_time(void);

/* Fills the bytes with random ones. */
void link_random(unsigned char *bytes, unsigned length);

/* The program's: the user is logged in, and the server has proved that it is the server. */
void link_ready(const char *username);

/*
 * A column of the line that has come, in which escapes stand as they are; empty where there are not so many. 0 is the
 * code. Those of a reply are its command, its ref, then its results, or `error`, `field` and `retry_after`.
 */
const char *link_column(int number);

/* The program's: a line has come, a reply or an event, that it did not ask for at the login (PROTOCOL.md, 8.2). */
void link_line(int code);

#endif
