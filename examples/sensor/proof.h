/* Logging in by the proof of a token (PROTOCOL.md, 8.6): the token itself never crosses the network. */
#ifndef PROOF_H
#define PROOF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A proof in base64url, and a zero byte. */
enum { proof_size = 44 };

/* A token: `create_token` answers its id, a dot, and its secret. The secret has at most 64 characters. */
struct token {
  const char *id, *secret;
};

/* Writes bytes in base64url without padding, and a zero byte: 4 characters for 3 bytes. */
void base64url(const uint8_t *bytes, size_t length, char *text);

/* Computes what the client sends to prove that it knows the token. `server_nonce` is what challenge_token answered. */
void client_proof(const struct token *token, const char *nonce, const char *server_nonce, char proof[proof_size]);

/* Computes what the server has to answer, to prove that it knows the token too. */
void server_proof(const struct token *token, const char *nonce, const char *server_nonce, char proof[proof_size]);

/* Whether the server's proof is the expected one. Takes the same time whatever else of that length was given. */
int same_proof(const char expected[proof_size], const char *given);

#ifdef __cplusplus
}
#endif

#endif
