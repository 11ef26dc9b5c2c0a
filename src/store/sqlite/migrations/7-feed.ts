// A part of step 7. Which rows were made, changed or removed, in which order: for the feed (feed.ts). Triggers write it
// in the transaction of the change. A row of a table has at most two rows here, so that they don't grow with every
// change. One that was removed keeps one, until thousands of others were removed after it (feed.ts).

/** The columns of the tables of earlier steps that are lines of the feed: their place, and what else may change. */
const earlier = {
  users: { place: ['id'], others: ['first_name', 'last_name', 'password', 'state', 'version', 'status'] },
  rooms: { place: ['id'], others: ['topic', 'state', 'version', 'settings', 'erased'] },
  roles: { place: ['room', 'user'], others: ['role', 'seq'] },
  bans: { place: ['kind', 'target'], others: ['reason', 'created', 'until'] },
} as const;

/**
 * The places of rows as the feed has them, where they differ from those of their tables: a change stays when its row
 * goes, and must not keep the name of an erased user.
 */
export const placesInFeed: Readonly<Record<string, readonly string[]>> = { members: ['room', 'user'] };

/**
 * SQL: the greatest number that a run has had. A number is never given twice, though the newest run may be removed:
 * whoever has read up to it must not miss the next one. No trigger sees to that, because each commit of messages would
 * pay for it: transaction.ts does.
 */
export const lastRun = 'max(coalesce((SELECT max(seq) FROM runs), 0), (SELECT run FROM feed))';

/** What `changes.made` says of a row: it was changed, made or removed. */
export const changeKinds = { changed: 0, made: 1, removed: 2 } as const;

/** A table whose rows are lines of the feed. */
interface FedTable {
  readonly place: readonly string[];
  /** The columns besides the place whose changes are told. */
  readonly others: readonly string[];
}

function triggersOf(table: string, { place, others }: FedTable): string {
  const placeIn = (row: string): string => `json_array(${place.map((column) => `${row}.${column}`).join(', ')})`;
  const forget = (row: string, which = ''): string =>
    `DELETE FROM changes WHERE tab = '${table}' AND place = ${placeIn(row)}${which};`;
  const add = (row: string, kind: keyof typeof changeKinds): string =>
    `INSERT INTO changes (run, made, tab, place) VALUES (${lastRun}, ${changeKinds[kind]}, '${table}', ${placeIn(row)});`;
  // DELETE and INSERT, because an OR clause of the statement that fires the trigger would replace one in here.
  const changed =
    others.length === 0
      ? ''
      : `CREATE TRIGGER ${table}_changed AFTER UPDATE OF ${others.join(', ')} ON ${table}
      BEGIN ${forget('NEW', ' AND made = 0')} ${add('NEW', 'changed')} END;`;
  return `CREATE TRIGGER ${table}_made AFTER INSERT ON ${table} BEGIN ${forget('NEW')} ${add('NEW', 'made')} END;
    ${changed}
    CREATE TRIGGER ${table}_removed AFTER DELETE ON ${table} BEGIN ${forget('OLD')} ${add('OLD', 'removed')} END;
    INSERT INTO changes (run, made, tab, place) SELECT 0, 1, '${table}', ${placeIn(table)} FROM ${table}
      ORDER BY ${place.join(', ')};`;
}

/**
 * SQL: makes the tables and triggers of the feed. Comes last, and adds the rows that are there.
 * @param made the tables that the other parts make, and which are lines of an export
 */
export function feedSql(
  made: Readonly<Record<string, { readonly place: readonly string[]; readonly columns: object }>>,
): string {
  const tables: readonly (readonly [string, FedTable])[] = [
    ...Object.entries(earlier),
    ...Object.entries(made).map(([name, { place, columns }]): [string, FedTable] => [
      name,
      { place: placesInFeed[name] ?? place, others: Object.keys(columns).filter((column) => !place.includes(column)) },
    ]),
  ];
  return `CREATE TABLE changes (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL,
      made INTEGER NOT NULL,
      tab TEXT NOT NULL,
      place TEXT NOT NULL,
      UNIQUE (tab, place, made)
    ) STRICT;
    CREATE INDEX changes_removed ON changes (seq) WHERE made = ${changeKinds.removed};
    CREATE TABLE feed (run INTEGER NOT NULL, forgotten INTEGER NOT NULL) STRICT;
    INSERT INTO feed VALUES (0, 0);
    CREATE TRIGGER runs_removed AFTER DELETE ON runs WHEN OLD.seq > ${lastRun}
      BEGIN UPDATE feed SET run = OLD.seq; END;
    ${tables.map(([table, columns]) => triggersOf(table, columns)).join('\n')}`;
}
