/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), in a few hundred bytes of memory. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { sha256_bytes = 32 };

/* A hash that is being computed. */
struct sha256 {
  uint32_t state[8];
  uint32_t bytes; /* that were added; 512 MiB at most */
  uint8_t block[64];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t length);
void sha256_end(struct sha256 *hash, uint8_t result[sha256_bytes]);

/* The three of them in one. `result` may be the data. */
void sha256(const void *data, size_t length, uint8_t result[sha256_bytes]);

/*
 * An HMAC is a hash between these two: add the message by sha256_add. Both are given the same key, of at most 64 bytes.
 * `result` may be the key.
 */
void hmac_begin(struct sha256 *hash, const void *key, size_t length);
void hmac_end(struct sha256 *hash, const void *key, size_t length, uint8_t result[sha256_bytes]);

#ifdef __cplusplus
}
#endif

#endif
