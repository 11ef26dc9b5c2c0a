// A part of step 7. The settings of a room (store/room-settings.ts), as JSON; the bans from rooms; and up to which id
// the messages of a deleted room were erased. The indexes find what a process that ended could not finish.
import type { MigrationPart } from './part.js';

/** The settings of rooms, the bans from them, and what deleted rooms leave. In a ban `by` is 0 for the operator. */
export const rooms = {
  sql: `ALTER TABLE rooms ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
   ALTER TABLE rooms ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE room_bans (
     room INTEGER NOT NULL,
     user INTEGER NOT NULL,
     by INTEGER NOT NULL,
     reason TEXT NOT NULL,
     created INTEGER NOT NULL,
     until INTEGER NOT NULL,
     crc INTEGER NOT NULL,
     PRIMARY KEY (room, user)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX room_bans_of_users ON room_bans (user);
   CREATE INDEX room_bans_by ON room_bans (by, room) WHERE by > 0;
   CREATE INDEX roles_by_user ON roles (user, room);
   CREATE INDEX deleted_rooms ON rooms (id) WHERE state = 'deleted';
   CREATE INDEX deleted_users ON users (id) WHERE state = 'deleted';`,
  tables: {
    room_bans: {
      place: ['room', 'user'],
      columns: { room: 'id', user: 'id', by: 'count', reason: 'text', created: 'time', until: 'time' },
    },
  },
  exported: ['room_bans'],
} as const satisfies MigrationPart;
