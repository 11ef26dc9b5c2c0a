// Tests which sockets are taken from a service manager, by its environment variables.
import t from 'tap';
import { InheritedSocketError, inheritedSockets } from '../../src/ops/systemd/sockets.js';

const LISTEN_PID = String(process.pid);

t.test('sockets are returned with their names, in order', async (t) => {
  t.same(inheritedSockets({ LISTEN_PID, LISTEN_FDS: '3', LISTEN_FDNAMES: 'plain:plain:tls' }), {
    clients: [
      { fd: 3, name: 'plain' },
      { fd: 4, name: 'plain' },
      { fd: 5, name: 'tls' },
    ],
    control: [],
  });
});

t.test('sockets for operators, as in 0.1.0, are listed separately', async (t) => {
  t.same(inheritedSockets({ LISTEN_PID, LISTEN_FDS: '3', LISTEN_FDNAMES: 'plain:control:tls' }), {
    clients: [
      { fd: 3, name: 'plain' },
      { fd: 5, name: 'tls' },
    ],
    control: [4],
  });
});

t.test('there are no sockets without a manager, or if they are for another process', async (t) => {
  for (const env of [
    {},
    { LISTEN_FDS: '1', LISTEN_FDNAMES: 'plain' },
    { LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'plain' },
    { LISTEN_PID, LISTEN_FDS: '0' },
  ]) {
    t.same(inheritedSockets(env), { clients: [], control: [] });
  }
});

t.test('child processes do not get the variables, even if the sockets are refused', async (t) => {
  const own = { PATH: '/bin', LISTEN_PID, LISTEN_FDS: '1', LISTEN_FDNAMES: 'plain' };
  inheritedSockets(own);
  t.same(own, { PATH: '/bin' });
  const foreign = { ...own, LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'plain' };
  inheritedSockets(foreign);
  t.same(foreign, { PATH: '/bin' });
  const unknown = { ...own, LISTEN_PID, LISTEN_FDS: '1', LISTEN_FDNAMES: 'http' };
  t.throws(() => inheritedSockets(unknown));
  t.same(unknown, { PATH: '/bin' });
});

t.test('an unknown name, a missing name and a count that is not a number are reported in one line', async (t) => {
  const hint = 'FileDescriptorName= of its unit has to be plain or tls';
  const wrong = [
    [
      { LISTEN_FDS: '2', LISTEN_FDNAMES: 'plain:salond.socket' },
      `a socket named "salond.socket" was handed over: ${hint}`,
    ],
    [{ LISTEN_FDS: '2', LISTEN_FDNAMES: 'plain' }, `a socket named "unknown" was handed over: ${hint}`],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: 'plain:tls' }, `a socket named "unknown" was handed over: ${hint}`],
    [{ LISTEN_FDS: '1' }, `a socket named "unknown" was handed over: ${hint}`],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: '' }, `a socket named "" was handed over: ${hint}`],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: 'a\nb' }, `a socket named "a\\nb" was handed over: ${hint}`],
    [{ LISTEN_FDS: '-1' }, 'LISTEN_FDS is "-1", which is no number of sockets'],
    [{ LISTEN_FDS: '99999999' }, 'LISTEN_FDS is "99999999", which is no number of sockets'],
    [{}, 'LISTEN_FDS is "", which is no number of sockets'],
  ] as const;
  for (const [env, says] of wrong) {
    t.throws(() => inheritedSockets({ LISTEN_PID, ...env }), new InheritedSocketError(says));
  }
});
