// Replays protocol/dialogues against the daemon, checks that they cover all of protocol/, and tests the replayer: it
// notices whatever does not go as written.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import t, { type Test } from 'tap';
import { skeleton } from '../../src/text/names.js';
import { parseDialogue, Values } from '../../tools/dialogue.js';
import { formsOf, jsonForm, otherForm, type ReplayForm } from '../../tools/replay-forms.js';
import { dialogueFiles, replay, type Failure } from '../../tools/replay.js';
import { root, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { checks, protocol } from '../support/protocol.js';
import { unbuiltEvents } from '../support/unbuilt.js';

const dialogues = dialogueFiles().map((file) => ({ name: basename(file), text: readFileSync(file, 'utf8') }));
const host = '127.0.0.1';

/**
 * Codes and events that need a fault, an operator or other settings, and commands that need a computation. Tests
 * elsewhere meet them.
 */
const exceptions = { commands: ['authenticate_proof'], codes: [2, 16, 17], events: [107, 190, 191] };

const forms = [
  jsonForm(checks.client),
  otherForm('tsv', protocol, checks.client),
  otherForm('text', protocol, checks.client),
];

t.test('the daemon', async (t) => {
  const port = await hostDaemon(t).port();
  const outcome = async ({ name, text }: (typeof dialogues)[number], form: ReplayForm): Promise<string> => {
    const failure = await replay(text, { host, port, timeout: 30_000, form });
    return failure === undefined
      ? 'as written'
      : `${name}:${failure.at}\nexpected ${failure.expected}\ncame ${failure.came}`;
  };
  for (const form of forms) {
    for (const dialogue of dialogues) {
      if (!formsOf(dialogue.text).includes(form.name)) continue;
      await t.test(`answers ${dialogue.name} as written, in ${form.name}`, async (t) => {
        t.equal(await outcome(dialogue, form), 'as written');
      });
    }
  }
  t.test('answers all dialogues as written once more, on the same data and all at once', async (t) => {
    t.same(
      await Promise.all(dialogues.map((dialogue) => outcome(dialogue, jsonForm(checks.client)))),
      dialogues.map(() => 'as written'),
    );
  });
});

t.test('the dialogues meet every command, code and event but those that need more than a client', async (t) => {
  const { commands, codes, events } = protocol;
  const met = new Set<unknown>();
  for (const { text } of dialogues) {
    for (const step of parseDialogue(text)) {
      if (step.kind !== 'line') continue;
      met.add(step.code);
      if (step.code === 1) met.add(new Values().members(step.text, step.at)['command']);
    }
  }
  const unmet = (all: readonly { readonly code: number }[]): number[] =>
    all.map(({ code }) => code).filter((code) => !met.has(code));
  t.same(
    commands.map(({ name }) => name).filter((name) => !met.has(name)),
    exceptions.commands,
    'commands that succeed nowhere',
  );
  t.same(unmet(codes), exceptions.codes, 'codes');
  t.same(
    unmet(events).filter((code) => !unbuiltEvents.includes(code)),
    exceptions.events,
    'events',
  );
});

interface Answer {
  readonly bytes: string;
  readonly closes?: boolean;
  readonly timeout?: number;
}

/** Replays a dialogue against a server that sends `bytes` to whoever sends anything, and then closes if told to. */
async function replayed(t: Test, text: string, answer: Answer): Promise<Failure | undefined> {
  const { bytes, closes = false, timeout = 30_000 } = answer;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined).once('data', () => (closes ? socket.end(bytes) : socket.write(bytes)));
    t.teardown(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.teardown(() => server.close());
  return replay(text, { host, port: (server.address() as AddressInfo).port, timeout, form: jsonForm() });
}

const nothingElse = '11\t{"command":"help","ref":"nothing else came","error":"there is no such command"}\n';

t.test('the replayer', async (t) => {
  t.jobs = 8;
  t.test('takes members in any order, any value for "*", and one value for a name wherever it stands', async (t) => {
    const text = 'a > x\na < 1 {"n":[$id,{"x":"*","y":$id}],"m":"100%25"}\na closed\n';
    t.equal(await replayed(t, text, { bytes: '1\t{"m":"100%","n":[5,{"y":5,"x":null}]}\n', closes: true }), undefined);
  });
  t.test('makes names new by a tag that looks like no other tag', async (t) => {
    const [one = '', two = ''] = [new Values(), new Values()].map((values) => values.bytes('$tag', 1).toString());
    t.match(one, /^[bcdfghjkpqstvxz]{8}$/);
    t.not(one, two);
    t.equal(skeleton('bcdfghjkpqstvxz'), 'bcdfghjkpqstvxz', 'each letter looks like itself alone');
  });

  type Wrong = readonly [title: string, steps: string, bytes: string, came: RegExp | string, closes?: boolean];
  const wrong: readonly Wrong[] = [
    ['another code', 'a < 1 {}', '2\t{"error":"no"}\n', /code differs/],
    ['another value', 'a < 1 {"x":{"y":1}}', '1\t{"x":{"y":2}}\n', /x\.y differs/],
    ['another captured value', 'a < 1 {"x":$x,"y":$x}', '1\t{"x":1,"y":2}\n', /y differs/],
    ['a list of another length', 'a < 1 {"x":[1]}', '1\t{"x":[1,2]}\n', /x\.1 was not expected/],
    ['an object in place of a list', 'a < 1 {"x":[]}', '1\t{"x":{}}\n', /x differs/],
    ['a member more', 'a < 1 {}', '1\t{"x":null}\n', /x was not expected/],
    ['a member less', 'a < 1 {"x":"*"}', '1\t{}\n', /x is missing/],
    ['a line that does not come', 'a < 1 {}', '', 'nothing for 1500 ms'],
    ['half a line', 'a < 1 {}', '1\t{', '"1\\t{", then nothing for 1500 ms'],
    ['a line more', 'a < 1 {}', `1\t{}\n100\t{}\n${nothingElse}`, /100.*code differs/],
    ['a close in place of a line', 'a < 1 {}', '', 'the server closed the connection', true],
    ['a close that nobody expected', 'a < 1 {}', '1\t{}\n', 'the server closed the connection', true],
    ['a connection that stays open', 'a < 1 {}\na closed', '1\t{}\n', 'nothing for 1500 ms'],
    ['a connection that stays open after FIN', 'a < 1 {}\na fin', '1\t{}\n', 'nothing for 1500 ms'],
    ['a word more before the close', 'a < 1 {}\na closed', '1\t{}\n199\t{}\n', '"199\\t{}\\n"', true],
    ['another field', 'a <= 1%09x%09*', '1\ty\tz\n', /field 2 differs/],
    ['another captured field', 'a <= 1%09$x%09$x', '1\ty\tz\n', /field 3 differs/],
    ['a field more', 'a <= 1%09x', '1\tx\t\n', /3 fields came/],
    ['other bytes', 'a << %01%02', '\x01\x03', '"\\u0001\\u0003"'],
    ['a line that is none', 'a < 1 {}', '1 {}\n', /not a code, one tab/],
    ['a line that is not JSON', 'a < 1 {}', '1\t{x}\n', /not JSON/],
    ['a raw C1 control', 'a < 1 {"x":"*"}', '1\t{"x":"\x85"}\n', /one line of JSON/],
    ['a raw tab', 'a < 1 {"x":"*"}', '1\t{"x":\t1}\n', /one line of JSON/],
    ['a line beyond 32,768 bytes', 'a < 1 {"x":"*"}', `1\t{"x":"${'x'.repeat(32_768)}"}\n`, /longer than/],
    ['a ref that is not in front', 'a < 1 {"x":1,"ref":2}', '1\t{"x":1,"ref":2}\n', /come first/],
    ['a failure without its sentence', 'a < 4 {"error":"*"}', '4\t{"error":""}\n', /error does not fit/],
    ['a time without milliseconds', 'a < 100 {"time":"*"}', '100\t{"time":"2026-11-22T12:00:00Z"}\n', /RFC 3339/],
    ['a time of another zone', 'a < 100 {"time":"*"}', '100\t{"time":"2026-11-22T12:00:00.000+01:00"}\n', /RFC 3339/],
    ['an id not beyond its prev', 'a < 100 {"id":"*","prev":"*"}', '100\t{"id":3,"prev":3}\n', /id and prev/],
  ];
  for (const [title, steps, bytes, came, closes = false] of wrong) {
    // Only where it is the time that must run out is it short.
    const timeout = String(came).includes('1500') ? 1500 : 30_000;
    t.test(`finds out ${title}`, { buffered: true }, async (t) => {
      const failure = await replayed(t, `# 1\na > x\n${steps}\n`, { bytes, closes, timeout });
      t.match(failure, { at: 2 + steps.split('\n').length, came });
    });
  }

  t.test('passes over what the operator says', async (t) => {
    const bytes = `190\t{"text":"hi"}\n1\t{}\n190\t{"text":"hi"}\n${nothingElse}`;
    t.equal(await replayed(t, 'a > x\na < 1 {}\n', { bytes }), undefined);
  });

  t.test('tells a dialogue that is none from a server that is wrong', async (t) => {
    const steps = [
      'alice',
      'alice says x',
      'alice < 1',
      'alice < 1 {',
      'alice < x {}',
      'alice fin now',
      'alice > $nothing',
    ];
    for (const step of steps) {
      const failure = await replay(`\n${step}\n`, { host, port: 9, timeout: 30_000, form: jsonForm() });
      t.match(failure, { at: 2, expected: 'a dialogue that can be replayed' }, step);
    }
  });

  t.test('says in one line what went well, names file and line of what did not, and exits with 1 then', async (t) => {
    const port = await hostDaemon(t).port();
    const [good, bad] = ['good.txt', 'bad.txt'].map((name) => join(temporaryFolder(t), name));
    writeFileSync(good ?? '', 'a > ping\na < 1 {"command":"ping"}\n');
    writeFileSync(bad ?? '', 'a > ping\na < 3 {"command":"ping"}\n');
    const replayer = join(root, 'dist/tools/replay.js');
    const run = (...args: readonly string[]): Promise<readonly [unknown, string]> =>
      new Promise((resolve) => {
        execFile(process.execPath, [replayer, ...args], (error, stdout) => resolve([error?.code ?? 0, stdout]));
      });
    const [code, text] = await run(`${host}:${port}`, '--timeout', '30', good ?? '');
    t.equal(code, 0);
    t.match(text, /^ok +\S*good\.txt\n$/);
    const [badCode, badText] = await run(`${host}:${port}`, bad ?? '', good ?? '');
    t.equal(badCode, 1);
    t.match(
      badText,
      /^FAILED +\S*bad\.txt:2\n +expected +a < 3 \{"command":"ping"\}\n +came .*differs.*\nok +\S*good\.txt\n$/,
    );
  });
});
