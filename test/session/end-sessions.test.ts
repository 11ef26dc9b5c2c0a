// Tests what a new password ends: all other sessions and tokens of the user (src/session/end-sessions.ts).
import t from 'tap';
import { tokenEnded, tokenExpired } from '../../src/session/end-sessions.js';
import type { Client } from '../support/client.js';
import { startServer } from '../eviction/test-server.js';
import { worded } from '../support/sentences.js';

async function tokenOf(client: Client): Promise<object> {
  const { body } = await client.ok('create_token');
  return { command: 'authenticate_token', token: body['token'] };
}

t.test('a new password ends all other sessions and tokens of its user, and none of others', async (t) => {
  const { enter, connect } = await startServer(t);
  const [alice, bob] = [await enter('alice'), await enter('bob')];
  const [one, two, bobs] = [await tokenOf(alice), await tokenOf(alice), await tokenOf(bob)];
  const [keeper, other, more] = [await connect(), await connect(), await connect()];
  await keeper.ok(one);
  await other.ok(two);
  await keeper.ok({ command: 'change_password', password: 'alice password', new_password: 'another password' });
  for (const client of [alice, other]) {
    t.match(await client.next(), { code: 199, body: { reason: 'your password was changed' } });
    await client.closed;
  }
  t.same([(await keeper.request('ping')).code, (await bob.request('ping')).code], [1, 1]);
  t.equal((await more.request(two)).code, 4);
  t.equal((await more.request(one)).code, 1, 'the token of the session that stays');
  t.equal((await (await connect()).request(bobs)).code, 1);
  const login = { command: 'authenticate_user', username: 'alice' };
  const late = await connect();
  t.equal((await late.request({ ...login, password: 'alice password' })).code, 4);
  t.equal((await late.request({ ...login, password: 'another password' })).code, 1);
});

t.test('what ends a session of a token is said as it is', (t) => {
  t.same(worded(tokenEnded), { reason: 'the token of this session was deleted', because: 'server' });
  t.same(worded(tokenExpired), { reason: 'the token of this session has expired', because: 'server' });
  t.end();
});
