/* Computes the proofs of a login (proof.h). */
#include "proof.h"

#include <string.h>

#include "sha256.h"

void base64url(const uint8_t *bytes, size_t length, char *text) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  uint32_t waiting = 0;
  int bits = 0;
  while (length-- > 0) {
    waiting = waiting << 8 | *bytes++;
    for (bits += 8; bits >= 6; bits -= 6) *text++ = letters[waiting >> (bits - 6) & 63];
  }
  if (bits > 0) *text++ = letters[waiting << (6 - bits) & 63];
  *text = 0;
}

/* Makes a key from the secret: ClientKey of "salond client", ServerKey of "salond server". */
static void make_key(const struct token *token, const char *what, uint8_t key[sha256_bytes]) {
  struct sha256 hash;
  hmac_begin(&hash, token->secret, strlen(token->secret));
  sha256_add(&hash, what, strlen(what));
  hmac_end(&hash, token->secret, strlen(token->secret), key);
}

/* Puts the HMAC of what both sides sign, with this key, in the key's place. */
static void sign(const struct token *token, const char *nonce, const char *server_nonce, uint8_t key[sha256_bytes]) {
  struct sha256 hash;
  hmac_begin(&hash, key, sha256_bytes);
  sha256_add(&hash, token->id, strlen(token->id));
  sha256_add(&hash, ",", 1);
  sha256_add(&hash, nonce, strlen(nonce));
  sha256_add(&hash, ",", 1);
  sha256_add(&hash, server_nonce, strlen(server_nonce));
  hmac_end(&hash, key, sha256_bytes, key);
}

void client_proof(const struct token *token, const char *nonce, const char *server_nonce, char proof[proof_size]) {
  uint8_t client_key[sha256_bytes], key[sha256_bytes];
  make_key(token, "salond client", client_key);
  sha256(client_key, sizeof client_key, key); /* StoredKey: the server has it */
  sign(token, nonce, server_nonce, key);
  for (int at = 0; at < sha256_bytes; at++) key[at] ^= client_key[at];
  base64url(key, sizeof key, proof);
}

void server_proof(const struct token *token, const char *nonce, const char *server_nonce, char proof[proof_size]) {
  uint8_t key[sha256_bytes];
  make_key(token, "salond server", key);
  sign(token, nonce, server_nonce, key);
  base64url(key, sizeof key, proof);
}

int same_proof(const char expected[proof_size], const char *given) {
  unsigned char difference = 0;
  if (strlen(given) != proof_size - 1) return 0;
  for (int at = 0; at < proof_size; at++) difference |= (unsigned char)(expected[at] ^ given[at]);
  return difference == 0;
}
