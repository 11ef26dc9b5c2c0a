// What every store must do, whatever it is made of: one suite over the interfaces of src/store (log.ts, directory.ts). Each
// adapter's test file runs it over its own. The clauses that the suite names are PROTOCOL.md's.
import t from 'tap';
import { awayContract } from './contract-away.js';
import { directoryContract } from './contract-directory.js';
import { failureContract } from './contract-failure.js';
import { followContract } from './contract-follow.js';
import { keyContract } from './contract-keys.js';
import { logContract } from './contract-log.js';
import { recordContract } from './contract-records.js';
import { retentionContract } from './contract-retention.js';
import { writerContract } from './contract-writers.js';
import type { Kind } from './contract-bench.js';

/** Runs the whole suite over stores of that kind. */
export function storeContract(kind: Kind): void {
  void t.test('users, rooms and bans', (t) => directoryContract(t, kind));
  void t.test('records that several change', (t) => recordContract(t, kind));
  void t.test('the log', (t) => logContract(t, kind));
  void t.test('retention', (t) => retentionContract(t, kind));
  void t.test('keys', (t) => keyContract(t, kind));
  void t.test('followed logs', (t) => followContract(t, kind));
  void t.test('failures', (t) => failureContract(t, kind));
  void t.test('several writers', (t) => writerContract(t, kind));
  void t.test('a store that is away', (t) => awayContract(t, kind));
}
