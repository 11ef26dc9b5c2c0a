// Tests logins by proof at the daemon: what is refused, at what cost, and that the token governs the session as it
// governs one that has sent the token.
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { newToken, tokenText } from '../../src/accounts/token-secret.js';
import { openSqliteStore } from '../../src/daemon/store.js';
import { Client, type Line } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon, startInProcess } from '../support/in-process.js';
import { challengeOf, proofsOf, prove, proving } from '../support/proofs.js';

async function start(t: Test, env: Readonly<Record<string, string>> = {}): Promise<ReturnType<typeof hostDaemon>> {
  const daemon = hostDaemon(t, { env });
  await daemon.port();
  return daemon;
}

async function tokenOf(client: Client): Promise<string> {
  return String((await client.ok('create_token')).body['token']);
}

const idOf = (token: string): string => token.split('.')[0] ?? '';

const wrong = '4\t{"command":"authenticate_proof","error":"wrong proof"}';

t.test('a proof logs in, the server proves itself, and the token governs the session', async (t) => {
  const daemon = await start(t);
  const port = await daemon.port();
  const alice = await (await Client.connect(port)).enter('alice');
  const token = await tokenOf(alice);
  const device = await Client.connect(port);
  const { reply, isMutual } = await prove(device, token);
  t.match(reply, { code: 1, body: { username: 'alice' } });
  t.ok(isMutual);
  t.equal(
    (await device.request({ command: 'challenge_token', token_id: idOf(token), nonce: 'n'.repeat(16) })).code,
    13,
  );
  t.equal((await device.request(proving('p'.repeat(43)))).code, 13);
  t.match((await alice.ok('list_tokens')).body, { tokens: [{ token_id: idOf(token), last_used: String }] });
  t.match(daemon.log.filter(({ event }) => event === 'authenticated').at(-1), {
    username: 'alice',
    by: 'proof',
    token_id: idOf(token),
  });
  const child = await tokenOf(device);
  await alice.ok({ command: 'delete_token', token_id: idOf(token) });
  t.match(await device.next(), { code: 199, body: { reason: 'the token of this session was deleted' } });
  await device.closed;
  const late = await Client.connect(port);
  for (const each of [token, child]) t.equal((await prove(late, each)).reply.raw, wrong);
  for (const client of [alice, late]) client.destroy();
});

/** A connection whose lines are read as they are, in whatever form. */
async function rawConnection(t: Test, port: number): Promise<(request: object) => Promise<string>> {
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return async (request) => {
    socket.write(`${JSON.stringify(request)}\n`);
    let text = '';
    while (!text.endsWith('\n')) text += String((await once(socket, 'data'))[0]);
    return text;
  };
}

t.test("the session's settings that were kept with the token are in force before the reply", async (t) => {
  const port = await (await start(t)).port();
  await (await Client.connect(port)).enter('alice');
  const ask = await rawConnection(t, port);
  await ask({ command: 'authenticate_user', username: 'alice', password: 'alice password' });
  await ask({ command: 'set_session', form: 'tsv' });
  const [, , , token = ''] = (await ask({ command: 'create_token' })).split('\t');
  const askOnDevice = await rawConnection(t, port);
  const challenge = await askOnDevice({ command: 'challenge_token', token_id: idOf(token), nonce: 'n'.repeat(16) });
  const { nonce } = JSON.parse(challenge.slice(2)) as { readonly nonce: string };
  const { proof, serverProof } = proofsOf(token, 'n'.repeat(16), nonce);
  t.equal(await askOnDevice(proving(proof)), `1\tauthenticate_proof\t\talice\t${serverProof}\n`);
});

t.test('a challenge is good for one try, of one session, and a newer one replaces it', async (t) => {
  const port = await (await start(t)).port();
  const alice = await (await Client.connect(port)).enter('alice');
  const token = await tokenOf(alice);
  const [device, other] = [await Client.connect(port), await Client.connect(port)];
  t.equal((await device.request(proving('p'.repeat(43)))).raw, wrong, 'no challenge');
  const first = await challengeOf(device, token);
  t.equal((await other.request(proving(first.proof))).raw, wrong, 'another session');
  const second = await challengeOf(device, token);
  t.equal((await device.request(proving(first.proof))).raw, wrong, 'it was replaced');
  t.equal((await device.request(proving(second.proof))).raw, wrong, 'that was its try');
  t.equal((await device.request(proving('short'))).code, 7);
  const third = await challengeOf(device, token);
  t.match(await device.request(proving('short')), { code: 7, body: { field: 'proof' } });
  t.match(await device.request('challenge_token short'), { code: 3 });
  t.equal((await device.request(proving(third.proof))).code, 1, 'a request that is not carried out takes nothing');
  await device.ok('log_out');
  t.equal((await device.request(proving(third.proof))).raw, wrong, 'a login has used it up');
  const fourth = await challengeOf(device, token);
  await device.ok('authenticate_user alice alice password');
  await device.ok('log_out');
  t.equal((await device.request(proving(fourth.proof))).raw, wrong, 'another login forgets it');
  for (const client of [alice, device, other]) client.destroy();
});

t.test('no sentence shows what was read for a proof', async (t) => {
  const port = await (await start(t)).port();
  const device = await Client.connect(port);
  for (const request of [proving('s3cret!'), 'authenticate_proof s3cret!', '/PROVE s3cret!', 'prove "s3cret!']) {
    const { code, raw } = await device.request(request);
    t.ok(code === 7 || code === 5, raw);
    t.notMatch(raw, 's3cret');
  }
  device.destroy();
});

t.test('a challenge can be answered for 60 seconds', async (t) => {
  const { daemon, port } = await startInProcess(temporaryFolder(t), openSqliteStore, { SALOND_LOGIN_SECONDS: '600' });
  const alice = await (await Client.connect(port)).enter('alice');
  const token = await tokenOf(alice);
  const device = await Client.connect(port);
  const now = performance.now.bind(performance);
  let ahead = 0;
  t.intercept(performance, 'now', { value: () => now() + ahead });
  const late = await challengeOf(device, token);
  ahead = 60_000;
  t.equal((await device.request(proving(late.proof))).raw, wrong);
  const early = await challengeOf(device, token);
  ahead += 50_000;
  t.equal((await device.request(proving(early.proof))).code, 1);
  for (const client of [alice, device]) client.destroy();
  await daemon.stop('test');
});

t.test(
  'an unknown token is challenged and refused as a known one, and each failure is a password attempt',
  async (t) => {
    const daemon = await start(t, {
      SALOND_EXEMPT_ADDRESSES: '',
      SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '4',
      SALOND_METRICS_LISTEN: '127.0.0.1:0',
    });
    const port = await daemon.port();
    const alice = await (await Client.connect(port)).enter('alice');
    const token = await tokenOf(alice);
    const device = await Client.connect(port);
    for (let each = 0; each < 8; each += 1) {
      t.equal((await prove(device, token)).reply.code, 1);
      await device.ok('log_out');
    }
    const known = tokenText(idOf(token), newToken().secret);
    const unknown = tokenText(newToken().id, newToken().secret);
    const replies: Line[] = [];
    for (let each = 0; each < 50 && replies.at(-1)?.code !== 14; each += 1)
      replies.push((await prove(device, each % 2 === 0 ? known : unknown)).reply);
    t.match(replies.pop(), { code: 14, body: { error: 'too many password attempts from your address' } });
    t.ok(replies.length >= 2);
    t.same([...new Set(replies.map(({ raw }) => raw))], [wrong]);
    const failed = daemon.log.filter(({ event }) => event === 'authentication_failed');
    t.match(failed.slice(0, 2), [
      { by: 'proof', username: 'alice' },
      { by: 'proof', username: undefined },
    ]);
    t.equal((await prove(device, token)).reply.code, 14, 'a flood is refused whatever it sends');
    t.match(await daemon.metrics(), /limit="password_attempts_per_minute"\} 2\n/);
    for (const client of [alice, device]) client.destroy();
  },
);

t.test('a user who is kept out reads 12 for a right proof, without a proof of the server', async (t) => {
  const daemon = await start(t);
  const port = await daemon.port();
  const operator = await Client.connect(join(daemon.data, 'control'));
  const alice = await (await Client.connect(port)).enter('alice');
  const token = await tokenOf(alice);
  const device = await Client.connect(port);
  await operator.ok({ command: 'ban', target: 'alice', duration: 100 });
  const banned = { command: 'authenticate_proof', error: 'you are banned', retry_after: Number };
  t.match((await prove(device, token)).reply, { code: 12, body: banned });
  t.equal((await prove(device, `${token}x`)).reply.raw, wrong);
  await operator.ok({ command: 'unban', target: 'alice' });
  await operator.ok({ command: 'disable_account', user: 'alice' });
  const disabled = { command: 'authenticate_proof', error: 'an operator has disabled this account' };
  t.same((await prove(device, token)).reply.body, disabled);
  await operator.ok({ command: 'enable_account', user: 'alice' });
  t.equal((await prove(device, token)).reply.code, 1, 'the token has outlasted it');
  for (const client of [operator, alice, device]) client.destroy();
});

t.test('a proof needs no encryption, where a token does', async (t) => {
  const daemon = await start(t, { SALOND_PROXY_PROTOCOL: '127.0.0.1:0', SALOND_TRUSTED_PROXIES: '127.0.0.1' });
  const port = await daemon.port();
  const connect = async (from: string): Promise<Client> => {
    const client = await Client.connect(port);
    client.send(`PROXY TCP4 ${from} 127.0.0.1 40000 7256\r`);
    return client;
  };
  const alice = await (await connect('127.0.0.1')).enter('alice');
  const token = await tokenOf(alice);
  const far = await connect('203.0.113.7');
  t.equal((await far.request({ command: 'authenticate_token', token })).code, 17);
  const { reply, isMutual } = await prove(far, token);
  t.match([reply.code, isMutual], [1, true]);
  for (const client of [alice, far]) client.destroy();
});
