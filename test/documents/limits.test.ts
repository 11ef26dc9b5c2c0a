// Compares the section "Limits" of docs/operating.md with the program: each setting has its sentence, and each reason
// for which somebody is refused or closed its row.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { mostBans, mostRoles } from '../../src/chat/permissions.js';
import { setting, settingKeys } from '../../src/ops/settings/table.js';
import { maxEdits } from '../../src/store/log.js';
import { mostInvitationsOfOne } from '../../src/store/membership.js';
import { closedFor, refusedFor } from '../../src/wire/reasons.js';
import { inWords } from '../../src/wire/words.js';
import { root } from '../support/daemon.js';
import { protocol } from '../support/protocol.js';

const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8');
const section = guide.slice(guide.indexOf('\n## Limits\n'), guide.indexOf('\n## What to do when\n'));
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
  .join('\n');
/** What refusals say in English. */
const sentences = Object.values(protocol.words.en.errors).join('\n');

/** The rows of the section's table whose head begins with `head`, as their cells without backticks. */
function rows(head: string, nth = 0): readonly (readonly string[])[] {
  const table = section.split('\n\n').filter((part) => part.startsWith(`| ${head} |`))[nth] ?? '';
  const lines = table.split('\n').slice(2);
  return lines.map((line) =>
    line
      .replace(/^\| | \|$/g, '')
      .split(' | ')
      .map((cell) => cell.replace(/^`(.*)`$/, '$1')),
  );
}

t.test('each setting has a sentence in the guide', async (t) => {
  // In prose or in a table; or as a line of settings.
  const named = (key: string): boolean => new RegExp(`\`${key}(?: = [^\`]*)?\`|^${key} = `, 'm').test(guide);
  for (const key of settingKeys) t.ok(named(key), key);
});

t.test('each setting that is a number stands in the section on limits, or is no limit', async (t) => {
  const costs = ['password_log_n', 'password_r', 'password_p'];
  for (const key of settingKeys) {
    if (typeof setting(key).default !== 'number' || costs.includes(key)) continue;
    t.ok(section.includes(`\`${key}\``), key);
  }
});

t.test('each limit that refuses requests has a row, with the words that the client reads', async (t) => {
  const counted = [...sources.matchAll(/\.limit\('(\w+)'\)|setting: '(\w+)'/g)].map(([, one, other]) => one ?? other);
  const table = rows('`limit`');
  // A line that is too long is counted by its code.
  t.same(table.map(([limit]) => limit).sort(), [...new Set([...counted, 'max_line_bytes'])].sort());
  for (const [limit = '', , code, words = ''] of table) {
    t.match(code, /^1[2456]$/, limit);
    for (const part of words.split('…')) t.ok(sentences.includes(part), `${limit}: ${part}`);
  }
  const names = new Set<string>(settingKeys);
  t.same(
    table.map(([limit = '']) => limit).filter((limit) => !names.has(limit)),
    ['wrong_passwords', 'messages_waiting'],
  );
});

t.test('each fixed limit has a row, with its number and the words that the client reads', async (t) => {
  const table = rows('what is limited');
  t.same(
    table.map(([, most]) => Number(most)),
    [mostRoles, mostBans, mostInvitationsOfOne, maxEdits],
  );
  for (const [what = '', , words = ''] of table)
    for (const part of words.split('…')) t.ok(sentences.includes(part), `${what}: ${part}`);
});

for (const [what, nth, reasons] of [
  ['refused', 0, refusedFor],
  ['closed', 1, closedFor],
] as const) {
  t.test(`each reason for which connections are ${what} has a row`, async (t) => {
    t.same(
      rows('reason', nth).map(([reason]) => reason),
      Object.values(reasons).map((reason) => inWords(reason, 'en')),
    );
  });
}

t.test('no reason is written where it is counted', async (t) => {
  t.notMatch(sources, /\b(?:refuse|onRefused|onClosed|closeDropping|finishAfter)\((?:\w+, )?['`]/);
});
