// A part of step 7. Who belongs to a room or is invited, and how far they have read.
import type { MigrationPart } from './part.js';

/**
 * Members of rooms. `key` is the user's: a list of members is in the order of their keys. `invited` is 1 until the user
 * has joined, `by` is who has invited it until then and 0 from then on, `password` is the version of the room's
 * password that the user gave, and `read` is the last message that the user has marked as read.
 */
export const membership = {
  sql: `CREATE TABLE members (
      room INTEGER NOT NULL,
      key TEXT NOT NULL,
      user INTEGER NOT NULL,
      since INTEGER NOT NULL,
      invited INTEGER NOT NULL,
      by INTEGER NOT NULL,
      password INTEGER NOT NULL,
      read INTEGER NOT NULL,
      crc INTEGER NOT NULL,
      PRIMARY KEY (room, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX members_by_user ON members (user, invited, room);
    CREATE INDEX members_by_time ON members (room, since);
    CREATE INDEX invitations_of ON members (user, by) WHERE invited = 1;
    CREATE INDEX invitations_by ON members (by, room) WHERE invited = 1;`,
  tables: {
    members: {
      place: ['room', 'key'],
      columns: {
        room: 'id',
        key: 'name',
        user: 'id',
        since: 'time',
        invited: 'flag',
        by: 'count',
        password: 'count',
        read: 'count',
      },
    },
  },
  exported: ['members'],
} as const satisfies MigrationPart;
