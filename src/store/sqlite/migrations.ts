// The database's shape, as the steps that led to it. A step is numbered by its place, kept in `PRAGMA user_version`, and
// never changed once released: new ones are appended.

/** `SALO` in ASCII, in the file's header (`PRAGMA application_id`): tells a salond database from any other. */
export const applicationId = 0x53414c4f;

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
];
