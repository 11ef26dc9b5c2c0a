// Tests the log: JSON lines for programs, readable lines for a terminal, and no value can control a terminal or break a
// line.

import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { readableLine } from '../../src/ops/log-line.js';
import { createLog, journalOutput, standardOutput, terminalOutput } from '../../src/ops/log.js';
import type { DestinationStream } from '../../src/ops/log.js';
import { printable } from '../../src/text/printable.js';
import { anyCharacter } from '../support/any-text.js';
import { temporaryFolder } from '../support/daemon.js';
import { skipUnlessPossible } from '../support/skip.js';

/** Matches the characters that can control a terminal or hide text. */
const ACTING = new RegExp(
  // eslint-disable-next-line no-misleading-character-class -- each character is meant alone, not combined with another
  '[\\0-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff' +
    '\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\u{13430}-\\u{1343f}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]',
  'u',
);
const TIME = '2026-11-22T12:34:56.007Z';

function collect(): DestinationStream & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return {
    lines,
    write: (line) => {
      lines.push(line);
    },
  };
}

/** The record as a terminal shows it, without the time. */
function shown(record: Record<string, unknown>, style = { colour: false, stack: false }): string {
  return readableLine({ level: 'info', time: TIME, event: 'e', ...record }, style).slice('12:34:56.007 '.length);
}

t.test('an entry is one line of JSON: level by name, ISO time, event, then the fields', async (t) => {
  const out = collect();
  createLog('info', out).info({ addresses: ['127.0.0.1:7256'] }, 'ready');
  t.match(out.lines, [
    /^\{"level":"info","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","event":"ready","addresses":\["127.0.0.1:7256"\]\}\n$/,
  ]);
});

t.test('an event needs no fields, and a child logger adds its own', async (t) => {
  const out = collect();
  const log = createLog('debug', out);
  log.warn('draining');
  log.child({ connection: 7 }).debug({ bytes: 5 }, 'closed');
  t.match(
    out.lines.map((line) => JSON.parse(line) as unknown),
    [
      { level: 'warn', event: 'draining' },
      { level: 'debug', event: 'closed', connection: 7, bytes: 5 },
    ],
  );
});

t.test(
  'an error in the field err is logged with type, message and stack, and does not replace the event',
  async (t) => {
    const out = collect();
    const log = createLog('info', out);
    log.error({ err: new RangeError('no space left') }, 'commit_failed');
    log.fatal(new TypeError('oops'), 'uncaught');
    log.fatal(new TypeError('oops'));
    t.match(
      out.lines.map((line) => JSON.parse(line) as unknown),
      [
        {
          event: 'commit_failed',
          err: { type: 'RangeError', message: 'no space left', stack: /RangeError: no space left\n/ },
        },
        { event: 'uncaught', err: { type: 'TypeError' } },
        { event: 'oops', err: { type: 'TypeError' } },
      ],
    );
  },
);

t.test('events below the level are not written, and silent writes none', async (t) => {
  const out = collect();
  const log = createLog('warn', out);
  log.info('a');
  log.warn('b');
  createLog('silent', out).fatal('c');
  t.equal(out.lines.length, 1);
});

t.test('no text in a JSON line can control a terminal, and a parser gets it back unchanged', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter, maxLength: 20 }),
      fc.constantFrom('\u009b2J', '\u202e', '\u2028', '\u007f', '\u001b[A', '\u{e0041}', '\u3164', '\ufe0f'),
      (text, evil) => {
        const out = collect();
        const value = JSON.parse(JSON.stringify(text + evil + text)) as string;
        createLog('info', out).info({ value }, 'e');
        const line = out.lines.join('');
        return (
          !ACTING.test(line.slice(0, -1)) &&
          line.endsWith('\n') &&
          (JSON.parse(line) as { value: string }).value === value
        );
      },
    ),
  );
});

t.test('a terminal shows local time, level, event and fields', async (t) => {
  t.match(
    readableLine({ level: 'info', time: TIME, event: 'ready', port: 7256 }, { colour: false, stack: false }),
    /^\d\d:34:56\.007 info {2}ready port=7256\n$/,
  );
  t.equal(
    shown({ name: 'alice', ok: true, none: null, list: ['a', 1] }),
    'info  e name=alice ok=true none=null list=["a",1]\n',
  );
  t.equal(
    shown({ a: 'two words', b: '', c: 'x=y', d: 'say "hi"', e: 'a\\u0007', f: 'é👍' }),
    'info  e a="two words" b="" c="x=y" d="say \\"hi\\"" e="a\\\\u0007" f=é👍\n',
  );
});

t.test('a terminal shows the time of the local time zone', async (t) => {
  const at = new Date(TIME);
  const two = (part: number): string => String(part).padStart(2, '0');
  t.ok(
    readableLine({ level: 'info', time: TIME, event: 'e' }, { colour: false, stack: false }).startsWith(
      `${two(at.getHours())}:${two(at.getMinutes())}:`,
    ),
  );
});

t.test('the level is coloured if the style asks for colour', async (t) => {
  t.equal(shown({ level: 'error' }, { colour: true, stack: false }), '\u001b[31merror\u001b[0m e\n');
  t.equal(
    shown({ level: 'odd\u001b' }, { colour: true, stack: false }),
    'odd\\u001b e\n',
    'an unknown level has no colour',
  );
});

t.test('an error shows its message, and its stack if the style asks for it', async (t) => {
  const err = { type: 'Error', message: 'disk\nfull', stack: 'Error: disk\nfull\n    at \u001bx' };
  t.equal(shown({ err, path: '/x' }), 'info  e path=/x err="disk\\nfull"\n');
  t.equal(
    shown({ err }, { colour: false, stack: true }),
    'info  e err="disk\\nfull"\n    Error: disk\n    full\n        at \\u001bx\n',
  );
  t.equal(shown({ err: 'text' }, { colour: false, stack: true }), 'info  e err=text\n');
  t.equal(shown({ err: null }, { colour: false, stack: true }), 'info  e err=null\n');
});

t.test('no field, key or event can control a terminal or begin a second line', async () => {
  const evil = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.string({
      unit: fc.constantFrom(
        '\u001b',
        '[',
        '2',
        'J',
        '\n',
        '\r',
        '\u009b',
        '\u202e',
        '\u2029',
        '\u0000',
        '\u200f',
        '"',
        ' ',
      ),
    }),
  );
  const records = fc.dictionary(evil, fc.oneof(evil, fc.array(evil), fc.dictionary(evil, evil)));
  fc.assert(
    fc.property(records, evil, (fields, event) => {
      const line = shown({ ...fields, level: 'info', time: TIME, event });
      return line.endsWith('\n') && !ACTING.test(line.slice(0, -1));
    }),
  );
});

t.test('printable escapes every character that can control a terminal, and changes no other text', async () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      const escaped = printable(text);
      return !ACTING.test(escaped) && (ACTING.test(text) || escaped === text);
    }),
  );
});

t.test('visible characters are shown, and invisible ones are escaped', async (t) => {
  for (const visible of ['é', 'e\u0301', '👍', '日本', 'עברית', '\u0600', '\u110bd', '\u00a0', '\u3000'])
    t.equal(printable(visible), visible, JSON.stringify(visible));
  const escaped: readonly (readonly [string, string])[] = [
    ['\u001b[2J', '\\u001b[2J'],
    ['\u009b', '\\u009b'],
    ['\u202e', '\\u202e'],
    ['\u2028', '\\u2028'],
    ['\u200d', '\\u200d'],
    ['\u00ad', '\\u00ad'],
    ['\ufeff', '\\ufeff'],
    ['\u3164', '\\u3164'],
    ['\ufe0f', '\\ufe0f'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['\ud800x', '\\ud800x'],
    ['x\udc00', 'x\\udc00'],
    ['\n', '\\u000a'],
  ];
  for (const [text, as] of escaped) t.equal(printable(text), as);
});

t.test('a terminal shows stacks while the level of the logger is debug', async (t) => {
  const out = collect();
  const log = createLog('info', terminalOutput(out, false));
  log.error({ err: new Error('a') }, 'failed');
  log.level = 'debug';
  log.error({ err: new Error('b') }, 'failed');
  t.match(out.lines, [/ error failed err=a\n$/, / error failed err=b\n {4}Error: b\n {8}at /]);
  terminalOutput(out, false).write('{"level":"info"}\n');
  t.match(out.lines[2], /info {2}\n$/, 'a line that no logger wrote is accepted');
});

t.test(
  'standard output gets JSON, a terminal gets readable lines, in colour unless NO_COLOR is set or the terminal is dumb',
  async (t) => {
    const dir = t.testdir({});
    const written = (options: { readonly terminal?: boolean; readonly env?: NodeJS.ProcessEnv }): string => {
      const fd = openSync(`${dir}/log`, 'w');
      createLog('info', standardOutput({ fd, ...options })).info('ready');
      closeSync(fd);
      return readFileSync(`${dir}/log`, 'utf8');
    };
    t.match(written({}), /^\{"level":"info",.*\}\n$/);
    t.match(written({ terminal: true, env: {} }), /^[\d:.]{12} \u001b\[32minfo \u001b\[0m ready\n$/);
    t.match(written({ terminal: true, env: { NO_COLOR: '1' } }), /^[\d:.]{12} info {2}ready\n$/);
    t.match(written({ terminal: true, env: { TERM: 'dumb' } }), /^[\d:.]{12} info {2}ready\n$/);
    t.ok(createLog('silent'), 'standard output is the default');
  },
);

t.test(
  'a log on a full disk neither ends nor delays the program, not even at a fatal event',
  { skip: skipUnlessPossible(process.platform === 'linux', 'needs /dev/full') },
  async () => {
    const fd = openSync('/dev/full', 'w');
    const log = createLog('info', standardOutput({ fd }));
    for (let count = 0; count < 3; count += 1) log.info('lost');
    log.fatal('lost too');
    closeSync(fd);
  },
);

t.test('lines that could not be written are written later, before the next line', async (t) => {
  const path = `${t.testdir({})}/log`;
  const fd = openSync(path, 'a');
  const log = createLog('info', standardOutput({ fd }));
  log.info('before');
  closeSync(fd);
  log.info('meanwhile');
  t.equal(openSync(path, 'a'), fd, 'the file has the same descriptor again');
  log.info('after');
  closeSync(fd);
  t.match(
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [{ event: 'before' }, { event: 'meanwhile' }, { event: 'after' }],
  );
});

t.test('each line for the journal begins with the number of its level', async (t) => {
  const lines: string[] = [];
  const log = createLog(
    'trace',
    journalOutput({
      write: (line) => {
        lines.push(line);
      },
    }),
  );
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const)
    log[level]({ level: 'x' }, 'happened');
  t.same(
    lines.map((line) => line.slice(0, 3)),
    ['<2>', '<3>', '<4>', '<6>', '<7>', '<7>'],
  );
  for (const line of lines) t.match(JSON.parse(line.slice(3)), { event: 'happened' });
});

t.test('a descriptor counts as the journal only if JOURNAL_STREAM names it', async (t) => {
  const path = join(temporaryFolder(t), 'out');
  const fd = openSync(path, 'w');
  t.teardown(() => closeSync(fd));
  const { dev, ino } = fstatSync(fd);
  for (const [stream, begins] of [
    [`${dev}:${ino}`, '<4>{"level":"warn"'],
    [`${dev}:${ino + 1}`, '{"level":"warn"'],
    [undefined, '{"level":"warn"'],
  ] as const) {
    ftruncateSync(fd);
    const env = stream === undefined ? {} : { JOURNAL_STREAM: stream };
    createLog('info', standardOutput({ fd, terminal: false, env })).warn('happened');
    t.ok(readFileSync(path, 'utf8').replaceAll('\0', '').startsWith(begins), begins);
  }
});
