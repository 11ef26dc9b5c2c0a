// Step 7 of the migrations: accounts, roles, private messages and history. It has not been released, so that its parts
// may still change.
import { accounts } from './7-accounts.js';
import { conversations } from './7-conversations.js';
import { feedSql } from './7-feed.js';
import { history } from './7-history.js';
import { membership } from './7-membership.js';
import { messages } from './7-messages.js';
import { operators } from './7-operators.js';
import { roles } from './7-roles.js';
import { rooms } from './7-rooms.js';
import { tokens } from './7-tokens.js';

/** The tables that the parts make. */
export const newTables = {
  ...roles.tables,
  ...rooms.tables,
  ...accounts.tables,
  ...tokens.tables,
  ...membership.tables,
  ...messages.tables,
  ...conversations.tables,
  ...history.tables,
  ...operators.tables,
} as const;

/** Those of them that an export has, in its order. */
export const newExported = [
  ...roles.exported,
  ...rooms.exported,
  ...accounts.exported,
  ...tokens.exported,
  ...membership.exported,
  ...messages.exported,
  ...conversations.exported,
  ...history.exported,
  ...operators.exported,
] as const;

/** The SQL of all parts, in the order in which they run, and that of the feed, which is over all of their tables. */
export const step7 = [
  ...[roles, rooms, accounts, tokens, membership, messages, conversations, history, operators].map(({ sql }) => sql),
  feedSql(fedTables()),
].join('\n');

function fedTables(): Parameters<typeof feedSql>[0] {
  const all: Parameters<typeof feedSql>[0] = newTables;
  return Object.fromEntries(Object.entries(all).filter(([name]) => (newExported as readonly string[]).includes(name)));
}
