// Tests what a new password and the end of a user end: all other sessions and tokens (src/session/end-sessions.ts).
import t from 'tap';
import { changeAndEndOthers, tokenEnded, tokenExpired } from '../../src/session/end-sessions.js';
import type { Client } from '../support/client.js';
import { startServer } from '../eviction/test-server.js';

async function tokenOf(client: Client): Promise<object> {
  const { body } = await client.ok('create_token');
  return { command: 'authenticate_token', token: body['token'] };
}

t.test('all other sessions and tokens end, and none of others', async (t) => {
  const { enter, connect, services, store, presence } = await startServer(t);
  const [alice, bob] = [await enter('alice'), await enter('bob')];
  const [one, two, bobs] = [await tokenOf(alice), await tokenOf(alice), await tokenOf(bob)];
  const [keeper, other, more] = [await connect(), await connect(), await connect()];
  await keeper.ok(one);
  await other.ok(two);
  const user = await store.directory.ungated.findUser('alice');
  const session = presence.sessionsOf('alice').find(({ state }) => state.kind === 'user' && state.token !== undefined);
  if (user === undefined || session === undefined) throw new Error('alice is not there');
  const eviction = { reason: 'your password was changed', because: 'server' } as const;
  t.equal(await changeAndEndOthers(user, { firstName: 'New' }, eviction, services, session), true);
  for (const client of [alice, other]) {
    t.match(await client.next(), { code: 199, body: { reason: 'your password was changed' } });
    await client.closed;
  }
  t.same([(await keeper.request('ping')).code, (await bob.request('ping')).code], [1, 1]);
  t.equal((await more.request(two)).code, 4);
  t.equal((await more.request(one)).code, 1, 'the token of the session that stays');
  t.match(await store.directory.ungated.findUser('alice'), { firstName: 'New' });

  const ended = { reason: 'your account was deleted', because: 'server' } as const;
  t.equal(await changeAndEndOthers(user, { state: 'deleted' }, ended, services), true);
  await Promise.all([keeper.closed, more.closed]);
  t.equal(await changeAndEndOthers(user, { firstName: 'x' }, ended, services), false, 'it is gone by then');
  const [late, last] = [await connect(), await connect()];
  t.same([(await late.request(one)).code, (await last.request(bobs)).code], [4, 1]);
});

t.test('what ends a session of a token is said as it is', (t) => {
  t.same(tokenEnded, { reason: 'the token of this session was deleted', because: 'server' });
  t.same(tokenExpired, { reason: 'the token of this session has expired', because: 'server' });
  t.end();
});
