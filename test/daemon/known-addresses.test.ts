// The file of known addresses (src/daemon/known-addresses-file.ts), also where it can't be read or written.
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { KnownAddressesFile } from '../../src/daemon/known-addresses-file.js';
import { createLog } from '../../src/ops/log.js';
import { TestClock } from '../support/clock.js';
import { temporaryFolder } from '../support/daemon.js';

const name = 'salond.known-addresses';

/** Opens the file of that folder, with a log whose events are returned. */
function opened(folder: string): { readonly file: KnownAddressesFile; readonly events: readonly string[] } {
  const events: string[] = [];
  const log = createLog('info', {
    write: (line) => void events.push((JSON.parse(line) as { readonly event: string }).event),
  });
  return { file: new KnownAddressesFile(folder, () => 30, log), events };
}

function knows(t: Test, folder: string, addresses: readonly string[]): void {
  const { file, events } = opened(folder);
  t.same(
    ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].filter((address) => file.addresses.has(address)),
    addresses,
  );
  t.same(events, []);
  file.close();
}

t.test('logins of ten minutes are written together, those since then at a stop, for the owner alone', async (t) => {
  const clock = new TestClock(t);
  const folder = temporaryFolder(t);
  const { file } = opened(folder);
  file.addresses.add('192.0.2.1');
  await clock.pass(599_000);
  file.addresses.add('192.0.2.2');
  t.notOk(existsSync(join(folder, name)));
  await clock.pass(1000);
  knows(t, folder, ['192.0.2.1', '192.0.2.2']);
  t.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  file.addresses.add('192.0.2.3');
  file.close();
  knows(t, folder, ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  file.addresses.add('192.0.2.4');
  t.same(clock.running, [], 'after the stop nothing is written by itself');
  file.close();
  knows(t, folder, ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
});

t.test('a file that can not be read or written is told once, and tried again after the next login', async (t) => {
  const clock = new TestClock(t);
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, name));
  const { file, events } = opened(folder);
  t.same(events, ['known_addresses_failed']);
  for (const address of ['192.0.2.1', '192.0.2.2']) {
    file.addresses.add(address);
    await clock.pass(600_000);
  }
  t.same(events, ['known_addresses_failed'], 'once');
  t.ok(file.addresses.has('192.0.2.1'), 'they are known until the process ends');
  rmSync(join(folder, name), { recursive: true });
  await clock.pass(600_000);
  t.notOk(existsSync(join(folder, name)));
  file.addresses.add('192.0.2.3');
  await clock.pass(600_000);
  knows(t, folder, ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  rmSync(join(folder, name));
  mkdirSync(join(folder, name));
  file.addresses.add('192.0.2.4');
  file.close();
  t.same(events, ['known_addresses_failed', 'known_addresses_failed'], 'and again after it was written');
  t.notOk(existsSync(join(folder, `${name}-new`)));
});

t.test('a file of anything else makes nobody known, and is written over', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, name), 'a note');
  const { file, events } = opened(folder);
  t.same(events, []);
  file.addresses.add('192.0.2.1');
  file.close();
  knows(t, folder, ['192.0.2.1']);
});
