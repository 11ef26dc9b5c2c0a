/* SHA-256 and HMAC-SHA-256 (sha256.h). The schedule has 16 words, not 64: each step makes the next one in place. */
#include "sha256.h"

#include <string.h>

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
};

static uint32_t rotate(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

static void add_block(struct sha256 *hash) {
  uint32_t words[16], now[8];
  for (int at = 0; at < 16; at++) {
    const uint8_t *bytes = hash->block + 4 * at;
    words[at] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
  }
  memcpy(now, hash->state, sizeof now);
  for (int at = 0; at < 64; at++) {
    if (at >= 16) {
      const uint32_t early = words[(at + 1) & 15], late = words[(at + 14) & 15];
      words[at & 15] += (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) + words[(at + 9) & 15] +
                        (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
    }
    const uint32_t a = now[0], e = now[4];
    const uint32_t first = now[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & now[5]) ^ (~e & now[6])) +
                           constants[at] + words[at & 15];
    const uint32_t second =
        (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & now[1]) ^ (a & now[2]) ^ (now[1] & now[2]));
    memmove(now + 1, now, 7 * sizeof *now);
    now[0] = first + second;
    now[4] += first;
  }
  for (int at = 0; at < 8; at++) hash->state[at] += now[at];
}

void sha256_begin(struct sha256 *hash) {
  static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(hash->state, initial, sizeof initial);
  hash->bytes = 0;
}

void sha256_add(struct sha256 *hash, const void *data, size_t length) {
  const uint8_t *bytes = data;
  while (length-- > 0) {
    hash->block[hash->bytes++ % 64] = *bytes++;
    if (hash->bytes % 64 == 0) add_block(hash);
  }
}

void sha256_end(struct sha256 *hash, uint8_t result[sha256_bytes]) {
  static const uint8_t one = 0x80, zero = 0;
  const uint32_t bytes = hash->bytes;
  sha256_add(hash, &one, 1);
  while (hash->bytes % 64 != 56) sha256_add(hash, &zero, 1);
  /* The length in bits, as eight bytes. */
  const uint8_t length[8] = {0, 0, 0, bytes >> 29, bytes >> 21, bytes >> 13, bytes >> 5, bytes << 3};
  sha256_add(hash, length, sizeof length);
  for (int at = 0; at < sha256_bytes; at++) result[at] = hash->state[at / 4] >> (24 - 8 * (at % 4));
}

void sha256(const void *data, size_t length, uint8_t result[sha256_bytes]) {
  struct sha256 hash;
  sha256_begin(&hash);
  sha256_add(&hash, data, length);
  sha256_end(&hash, result);
}

/* Adds the key, with all bits of `pad` changed, as one block. */
static void add_key(struct sha256 *hash, const uint8_t *key, size_t length, uint8_t pad) {
  sha256_begin(hash);
  for (size_t at = 0; at < 64; at++) {
    const uint8_t byte = (at < length ? key[at] : 0) ^ pad;
    sha256_add(hash, &byte, 1);
  }
}

void hmac_begin(struct sha256 *hash, const void *key, size_t length) { add_key(hash, key, length, 0x36); }

void hmac_end(struct sha256 *hash, const void *key, size_t length, uint8_t result[sha256_bytes]) {
  uint8_t inner[sha256_bytes];
  sha256_end(hash, inner);
  add_key(hash, key, length, 0x5c);
  sha256_add(hash, inner, sizeof inner);
  sha256_end(hash, result);
}
