// Tests proofs: both sides compute what the contract says, as an independent program does too, and nothing else is
// right.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { isProofOf, newChallenge, noChallenge, serverProof, tokenOf } from '../../src/accounts/token-proof.js';
import { keysOf, newToken, tokenText } from '../../src/accounts/token-secret.js';
import { root } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { proofsOf, type Proofs } from '../support/proofs.js';

const run = promisify(execFile);
const page = readFileSync(join(root, 'PROTOCOL.md'), 'utf8');

/** What OpenSSL computes (tools/proof.sh). */
async function bySsl(token: string, nonce: string, serverNonce: string): Promise<Proofs> {
  const { stdout } = await run('sh', [join(root, 'tools/proof.sh'), token, nonce, serverNonce]);
  const [, proof = '', server = ''] = /^proof (\S+)\nserver_proof (\S+)\n$/.exec(stdout) ?? [];
  return { proof, serverProof: server };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Texts of base64url. */
const base64url = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.nat(63).map((at) => letters.charAt(at)), minLength: min, maxLength: max });

t.test('a proof of the token is right, and every other one is wrong', (t) => {
  fc.assert(
    fc.property(base64url(16, 64), base64url(1, 256), fc.nat(255), (nonce, other, at) => {
      const [{ id, secret }, stranger] = [newToken(), newToken()];
      const { storedKey, serverKey } = keysOf(secret);
      const made = newChallenge(id, nonce, 0);
      const { proof, serverProof: expected } = proofsOf(tokenText(id, secret), nonce, made.nonce);
      t.equal(tokenOf(made.challenge), id);
      t.equal(isProofOf(storedKey, proof, made.challenge), true);
      t.equal(serverProof(serverKey, made.challenge), expected);

      const next = newChallenge(id, nonce, 0).challenge;
      const flipped = Buffer.from(proof, 'base64url');
      flipped.writeUInt8((flipped[at >> 3] ?? 0) ^ (1 << (at & 7)), at >> 3);
      t.equal(isProofOf(storedKey, flipped.toString('base64url'), made.challenge), false, 'one bit differs');
      t.equal(isProofOf(storedKey, `${proof}AA`, made.challenge), false, 'more bytes');
      t.equal(isProofOf(storedKey, proof.slice(0, -2), made.challenge), false, 'fewer bytes');
      t.equal(isProofOf(storedKey, other, made.challenge), false, 'anything else');
      t.equal(isProofOf(storedKey, proof, next), false, 'another challenge');
      t.equal(isProofOf(storedKey, proof, noChallenge), false, 'no challenge');
      t.equal(isProofOf(keysOf(stranger.secret).storedKey, proof, made.challenge), false, 'another token');
      for (const key of [undefined, '', 'AAAA']) t.equal(isProofOf(key, proof, made.challenge), false, 'no token');
    }),
  );
  t.end();
});

t.test('a challenge has a new nonce of 144 bits each time, lasts 60 seconds, and keeps bytes of its own', (t) => {
  const challenges = Array.from({ length: 100 }, () => newChallenge('a'.repeat(256), 'b'.repeat(64), 5));
  t.equal(new Set(challenges.map(({ nonce }) => nonce)).size, 100);
  for (const { nonce, challenge } of challenges) {
    t.match(nonce, /^[A-Za-z0-9_-]{24}$/);
    t.equal(challenge.expires, 60_005);
    t.equal(challenge.signed.toString(), `${'a'.repeat(256)},${'b'.repeat(64)},${nonce}`);
    t.equal(challenge.signed.buffer.byteLength, challenge.signed.length);
  }
  t.end();
});

t.test('OpenSSL computes the same', { skip: noPrograms('openssl') }, async (t) => {
  for (const nonce of ['-'.repeat(16), 'x'.repeat(64), 'rOprNGfwEbeRWgbNEkqO7Q']) {
    const { id, secret } = newToken();
    const made = newChallenge(id, nonce, 0);
    const computed = await bySsl(tokenText(id, secret), nonce, made.nonce);
    t.same(computed, proofsOf(tokenText(id, secret), nonce, made.nonce));
    t.equal(isProofOf(keysOf(secret).storedKey, computed.proof, made.challenge), true);
    t.equal(serverProof(keysOf(secret).serverKey, made.challenge), computed.serverProof);
  }
});

t.test(
  'the example in PROTOCOL.md is what OpenSSL and our client compute',
  { skip: noPrograms('openssl') },
  async (t) => {
    const [, rows = ''] = /^\| of the example \| value \|\n.*\n((?:\| .*\n)+)/m.exec(page) ?? [];
    const values = Object.fromEntries(
      [...rows.matchAll(/^\| `?([^|`]*?)`? \| `(.*)` \|$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    const { token = '', proof } = values;
    const [nonce = '', serverNonce = ''] = [values["the client's nonce"], values["the server's nonce"]];
    const expected = { proof, serverProof: values['server_proof'] };
    t.same(await bySsl(token, nonce, serverNonce), expected);
    t.same(proofsOf(token, nonce, serverNonce), expected);
    const [, secret = ''] = token.split('.');
    t.same([values['StoredKey'], values['ServerKey']], [keysOf(secret).storedKey, keysOf(secret).serverKey]);
  },
);
