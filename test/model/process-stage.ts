// The stage of a real daemon: a process of its own over SQLite, where nobody else writes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startDaemon, temporaryFolder, type Daemon, type Teardown } from '../support/daemon.js';
import { storedMessages } from '../support/stored-messages.js';
import { fold, undisturbed } from './chronicle.js';
import { openConnections } from './connections.js';
import type { EndDisturbance, Histories, Host, Stage } from './stage.js';

/** One real daemon over SQLite in a folder of its own. */
export class ProcessStage implements Stage {
  readonly hosts: readonly [Host];
  readonly conditions = undisturbed;
  readonly #daemon: Daemon;

  private constructor(daemon: Daemon, port: number) {
    this.#daemon = daemon;
    this.hosts = [{ port, connections: () => openConnections(daemon.log) }];
  }

  static async start(t: Teardown): Promise<ProcessStage> {
    const daemon = startDaemon(t, { data: temporaryFolder(t), env: { SALOND_LOG_LEVEL: 'debug' } });
    return new ProcessStage(daemon, await daemon.port());
  }

  disturb(): EndDisturbance {
    return () => Promise.resolve();
  }

  async end(rooms: Iterable<string>): Promise<Histories> {
    assert.deepEqual(await this.#daemon.stop(), { code: 0, signal: null });
    assert.deepEqual(
      this.#daemon.log.filter(({ level }) => level !== 'info' && level !== 'debug'),
      [],
    );
    const histories: Histories = new Map([...rooms].map((room) => [room, []]));
    for (const { room, id, username, text, time } of await storedMessages(join(this.#daemon.data, 'salond.db'))) {
      histories.get(fold(room))?.push({ id, username, text, time: new Date(time).toISOString() });
    }
    return histories;
  }
}
