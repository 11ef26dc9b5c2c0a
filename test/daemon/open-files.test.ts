// Tests more clients than the process may open files: connections beyond the limit get a 199, and the others are not
// affected.
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

const limit = 300;

t.test(
  'the number of open files limits connections, whatever max_connections says',
  { skip: noPrograms('prlimit') },
  async (t) => {
    const daemon = startDaemon(t, { under: ['prlimit', `--nofile=${limit}:${limit}`] });
    const port = await daemon.port();
    const { room_for: room } = await daemon.logged('open_files_limit_connections');
    t.ok(Number(room) > 0 && Number(room) < limit);
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const accepted = [];
    for (let each = 1; each < Number(room); each += 1) accepted.push(await Client.connect(port));
    await Promise.all(accepted.map((client) => client.ok('ping')));

    // More connections at once than files are left.
    const beyond = await Promise.all(Array.from({ length: 2 * limit }, () => Client.connect(port)));
    await Promise.all(beyond.map((client) => client.closed));
    const told = beyond.filter(({ lines }) => lines.length > 0);
    t.ok(told.length > 0);
    for (const { lines } of told) {
      t.match(lines, [{ code: 199, body: { reason: 'the server has too many connections', retry_after: Number } }]);
      t.equal(lines.length, 1);
    }
    t.comment(`${told.length} of ${beyond.length} were told why`);
    t.equal((await alice.say('alice', 'lobby', 'still here')).code, 1);
    for (const client of accepted.splice(0, 10)) client.destroy();
    for (let tries = 0; ; tries += 1) {
      const client = await Client.connect(port);
      if (
        await client.ok('ping').then(
          () => true,
          () => false,
        )
      )
        break;
      if (tries === 100) throw new Error('no connection is accepted any more');
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  },
);
