// What every store must do, whatever it is made of: one suite over the interfaces of src/store (log.ts, directory.ts).
// Each adapter's test file runs it over its own. The clauses that the suite names are PROTOCOL.md's.
import t from 'tap';
import { awayContract } from './contract-away.js';
import { conversationContract } from './contract-conversations.js';
import { directoryContract } from './contract-directory.js';
import { editContract } from './contract-edits.js';
import { erasureContract } from './contract-erasures.js';
import { failureContract } from './contract-failure.js';
import { followContract } from './contract-follow.js';
import { invitationContract } from './contract-invitations.js';
import { keyContract } from './contract-keys.js';
import { logContract } from './contract-log.js';
import { membershipContract } from './contract-memberships.js';
import { recordContract } from './contract-records.js';
import { tokenContract } from './contract-tokens.js';
import { roomContract } from './contract-rooms.js';
import { retentionContract } from './contract-retention.js';
import { writerContract } from './contract-writers.js';
import { searchContract } from './contract-search.js';
import type { Kind } from './contract-bench.js';

/** Runs the whole suite over stores of that kind. */
export function storeContract(kind: Kind): void {
  void t.test('users, rooms and bans', (t) => directoryContract(t, kind));
  void t.test('records that several change', (t) => recordContract(t, kind));
  void t.test('private conversations', (t) => conversationContract(t, kind));
  void t.test('tokens', (t) => tokenContract(t, kind));
  void t.test('rooms that owners keep', (t) => roomContract(t, kind));
  void t.test('the log', (t) => logContract(t, kind));
  void t.test('invitations', (t) => invitationContract(t, kind));
  void t.test('memberships', (t) => membershipContract(t, kind));
  void t.test('retention', (t) => retentionContract(t, kind));
  void t.test('keys', (t) => keyContract(t, kind));
  void t.test('edits and deletions', (t) => editContract(t, kind));
  void t.test('followed logs', (t) => followContract(t, kind));
  void t.test('failures', (t) => failureContract(t, kind));
  void t.test('users who are deleted', (t) => erasureContract(t, kind));
  void t.test('searches', (t) => searchContract(t, kind));
  void t.test('several writers', (t) => writerContract(t, kind));
  void t.test('a store that is away', (t) => awayContract(t, kind));
}
