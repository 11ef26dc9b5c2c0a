// The schema of the database, as the steps that led to it. A step is numbered by its place, which `PRAGMA user_version`
// keeps. A released step is never changed: new ones are appended.
import { step7 } from './migrations/7.js';

/** `SALO` in ASCII, in the file's header (`PRAGMA application_id`): tells a salond database from any other. */
export const applicationId = 0x53414c4f;

/**
 * The step since which the table of skeletons has what text/names.ts makes of the names. In an older database the
 * table is filled again. When the tables of Unicode change, append a step, even an empty one, and name it here.
 */
export const skeletonsOf = 5;

/** Step 6, up to where the rows of `new_runs` are made from those of `runs` (convert.ts). */
export const beginBytes = `ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
   ALTER TABLE rooms ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
   CREATE TABLE new_runs (
     seq INTEGER PRIMARY KEY,
     room INTEGER NOT NULL,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     time INTEGER NOT NULL,
     messages BLOB NOT NULL,
     crc INTEGER NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX runs_by_log ON new_runs (room, first);`;

/** The end of step 6, but that the old runs stay. */
export const endBytes = `DROP VIEW messages;
   ALTER TABLE runs RENAME TO old_runs;
   ALTER TABLE new_runs RENAME TO runs;`;

/** Removes the old runs, as the last thing of all steps (migrate.ts). */
export const dropOldRuns = 'DROP TABLE old_runs;';

/** The steps, in SQL. */
export const migrations: readonly string[] = [
  // 1: users, rooms and the log of messages. `key` and `skeleton` are a name as it is compared and as it looks.
  `CREATE TABLE users (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     key TEXT NOT NULL UNIQUE,
     skeleton TEXT NOT NULL UNIQUE,
     first_name TEXT NOT NULL,
     last_name TEXT NOT NULL,
     password BLOB NOT NULL,
     created INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE rooms (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     key TEXT NOT NULL UNIQUE,
     skeleton TEXT NOT NULL UNIQUE,
     topic TEXT NOT NULL DEFAULT '',
     created INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE roles (
     room INTEGER NOT NULL REFERENCES rooms,
     user INTEGER NOT NULL REFERENCES users,
     role TEXT NOT NULL,
     PRIMARY KEY (room, user)
   ) STRICT, WITHOUT ROWID;
   -- In the order of arrival, so that a batch is appended to the last pages; a room finds its own by the index.
   CREATE TABLE messages (
     seq INTEGER PRIMARY KEY,
     room INTEGER NOT NULL,
     id INTEGER NOT NULL,
     author INTEGER NOT NULL,
     time INTEGER NOT NULL,
     message TEXT NOT NULL,
     key TEXT
   ) STRICT;
   CREATE UNIQUE INDEX messages_by_room ON messages (room, id);
   CREATE UNIQUE INDEX messages_by_key ON messages (room, author, key) WHERE key IS NOT NULL;`,
  // 2: the messages of one commit to one room are one row, not a row each: a third of the work and half of the
  // bytes. Ids are dense in a room, so a message is found by its place in the row's JSON: [[author, "text"], …]. Every
  // such run is cut at 100 messages, so that a page of history reads little else. The view shows messages as they were.
  `CREATE TABLE runs (
     seq INTEGER PRIMARY KEY,
     room INTEGER NOT NULL,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     time INTEGER NOT NULL,
     messages TEXT NOT NULL
   ) STRICT;
   CREATE TABLE keys (
     room INTEGER NOT NULL,
     author INTEGER NOT NULL,
     key TEXT NOT NULL,
     id INTEGER NOT NULL,
     PRIMARY KEY (room, author, key)
   ) STRICT, WITHOUT ROWID;
   INSERT INTO runs (room, first, last, time, messages)
     SELECT room, min(id), max(id), time, json_group_array(json_array(author, message) ORDER BY id)
     FROM messages GROUP BY room, time, id / 100 ORDER BY min(seq);
   INSERT INTO keys SELECT room, author, key, id FROM messages WHERE key IS NOT NULL;
   DROP TABLE messages;
   CREATE UNIQUE INDEX runs_by_room ON runs (room, first);
   CREATE VIEW messages AS
     SELECT r.room, r.first + m.key AS id, m.value ->> 0 AS author, r.time, m.value ->> 1 AS message,
       (SELECT k.key FROM keys k WHERE k.room = r.room AND k.author = m.value ->> 0 AND k.id = r.first + m.key) AS key
     FROM runs r, json_each(r.messages) m;`,
  // 3: a checksum in every row (sums.ts), filled in after the last step; and the states of users and rooms.
  `ALTER TABLE users ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
   ALTER TABLE users ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE rooms ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
   ALTER TABLE rooms ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE roles ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE runs ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE keys ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;`,
  // 4: bans. `until` is 0 where a ban does not end by itself.
  `CREATE TABLE bans (
     kind TEXT NOT NULL,
     target TEXT NOT NULL,
     reason TEXT NOT NULL,
     created INTEGER NOT NULL,
     until INTEGER NOT NULL,
     crc INTEGER NOT NULL,
     PRIMARY KEY (kind, target)
   ) STRICT, WITHOUT ROWID;`,
  // 5: a name has two skeletons, and those that are there may share one: so they are no longer a unique column of the
  // name's row. The new table is filled after the last step. The index finds the costs of hashes that are in use.
  `CREATE TABLE skeletons (
     kind TEXT NOT NULL,
     skeleton TEXT NOT NULL,
     id INTEGER NOT NULL,
     crc INTEGER NOT NULL,
     PRIMARY KEY (kind, skeleton, id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE new_users (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     key TEXT NOT NULL UNIQUE,
     first_name TEXT NOT NULL,
     last_name TEXT NOT NULL,
     password BLOB NOT NULL,
     created INTEGER NOT NULL,
     state TEXT NOT NULL,
     crc INTEGER NOT NULL
   ) STRICT;
   INSERT INTO new_users SELECT id, name, key, first_name, last_name, password, created, state, crc FROM users;
   DROP TABLE users;
   ALTER TABLE new_users RENAME TO users;
   CREATE INDEX users_by_hash ON users (substr(password, 1, 16));
   CREATE TABLE new_rooms (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL,
     key TEXT NOT NULL UNIQUE,
     topic TEXT NOT NULL,
     created INTEGER NOT NULL,
     state TEXT NOT NULL,
     crc INTEGER NOT NULL
   ) STRICT;
   INSERT INTO new_rooms SELECT id, name, key, topic, created, state, crc FROM rooms;
   DROP TABLE rooms;
   ALTER TABLE new_rooms RENAME TO rooms;`,
  // 6: the messages of a run are bytes (run-format.ts), which no SQL reads, so that the view goes. A user and a room
  // have a version, which moves on with every change.
  `${beginBytes} ${endBytes} ${dropOldRuns}`,
  // 7: accounts, roles, private messages and history, in parts.
  step7,
];
