// What the tests of the data folder share: a picture of its files, and what the daemon says when it can't use it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, type Daemon, type RunningDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

export const start = (t: Test, data: string): Daemon => startDaemon(t, { data });

/** A daemon in this process, for folders that no other process uses. */
export const host = (t: Test, data: string): RunningDaemon => hostDaemon(t, { data });

/** Every file and folder below, with its mode, its size and a digest of its bytes. */
export function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    const stats = statSync(path);
    const digest = stats.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'a folder';
    found[name] = `${stats.mode.toString(8)} ${stats.size} ${digest}`;
  }
  return found;
}

/** A daemon's end with nothing but one line that begins with `says`. */
export function isRefusal(t: Test, code: number | null, text: string, says: string): void {
  t.equal(code, 65);
  t.ok(text.startsWith(`salond: ${says}`), `it says: ${text.trim()}`);
  t.match(text, /^[^\n]+\n$/, 'in one line');
}

/** Alice says something; answers the id under which the daemon keeps it. */
export async function works(daemon: RunningDaemon): Promise<number> {
  const client = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  const { body } = await client.ok({ command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'hello' });
  client.destroy();
  return Number(body['id']);
}
