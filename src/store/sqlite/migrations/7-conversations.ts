// A part of step 7. Private conversations, how far their users have read, and whom users block.
import type { MigrationPart } from './part.js';

/**
 * Private conversations, how far their users have read, and whom users block. A conversation's `id` is that of its log,
 * `one` is the user with the smaller id. `newest` is the time of its newest message, 0 for none, by which lists are
 * ordered: each commit to the conversation writes it (newest-times.ts).
 */
export const conversations = {
  sql: `CREATE TABLE conversations (
     id INTEGER PRIMARY KEY,
     one INTEGER NOT NULL,
     other INTEGER NOT NULL,
     created INTEGER NOT NULL,
     newest INTEGER NOT NULL,
     crc INTEGER NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX conversations_by_pair ON conversations (one, other);
   CREATE INDEX conversations_of_one ON conversations (one, newest) WHERE newest > 0;
   CREATE INDEX conversations_of_other ON conversations (other, newest) WHERE newest > 0;
   CREATE TABLE direct_marks (
     user INTEGER NOT NULL,
     conversation INTEGER NOT NULL,
     read INTEGER NOT NULL,
     crc INTEGER NOT NULL,
     PRIMARY KEY (user, conversation)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE blocks (
     user INTEGER NOT NULL,
     blocked INTEGER NOT NULL,
     created INTEGER NOT NULL,
     crc INTEGER NOT NULL,
     PRIMARY KEY (user, blocked)
   ) STRICT, WITHOUT ROWID;`,
  tables: {
    conversations: {
      place: ['id'],
      columns: { id: 'conversation', one: 'id', other: 'id', created: 'time', newest: 'count' },
    },
    direct_marks: {
      place: ['user', 'conversation'],
      columns: { user: 'id', conversation: 'conversation', read: 'count' },
    },
    blocks: { place: ['user', 'blocked'], columns: { user: 'id', blocked: 'id', created: 'time' } },
  },
  exported: ['conversations', 'direct_marks', 'blocks'],
} as const satisfies MigrationPart;
