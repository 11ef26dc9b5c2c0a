// Telnet's sequences (PROTOCOL.md §1.5), as the framer's lines show them, and the filter by itself.

import t from 'tap';
import { Framer } from '../../src/wire/framer.js';
import { TelnetFilter, wontTimingMark } from '../../src/wire/telnet.js';

const IAC = '\xff';
const NOP = '\xff\xf1';
const doTimingMark = '\xff\xfd\x06';

/** Bytes written as the characters of the same numbers. */
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The lines' texts and the refusals' codes. */
function drained(framer: Framer): (string | number)[] {
  const seen: (string | number)[] = [];
  for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
    seen.push(typeof frame === 'string' ? frame : 'code' in frame ? frame.code : 'closing');
  }
  return seen;
}

function frames(sent: Buffer, { ended = false }: { readonly ended?: boolean } = {}): (string | number)[] {
  const framer = new Framer();
  framer.push(sent);
  if (ended) framer.end();
  return drained(framer);
}

t.test("telnet's sequences are removed wherever they stand (§1.5)", async (t) => {
  t.strictSame(
    frames(bytes(`${IAC}\xfb\x1f${IAC}\xfa\x1f\x00\x50\x00\x18${IAC}\xf0ping\n`)),
    ['ping'],
    'before a line',
  );
  t.strictSame(
    frames(bytes(`pi${NOP}ng \xc3${NOP}\xa9${NOP}\r${NOP}\n${NOP}\n`)),
    ['ping é'],
    'in a line, a letter, its end',
  );
  const framer = new Framer();
  for (const piece of ['pi\xff', '\xfd', '\x03n\xff\xfaabc\xff', '\xf0g\n']) framer.push(bytes(piece));
  t.strictSame(drained(framer), ['ping'], 'across packets');
});

t.test('an LF always ends the line: a sequence that it cuts short makes it code 5 (§1.5)', async (t) => {
  for (const cut of [IAC, `${IAC}\xfd`, `${IAC}\xfb`, `${IAC}\xfaabc`, `${IAC}\xfaabc${IAC}`]) {
    t.strictSame(frames(bytes(`ping ${cut}\nping\n`)), [5, 'ping'], Buffer.from(cut, 'latin1').toString('hex'));
    t.strictSame(frames(bytes(`${cut}\nping\n`)), [5, 'ping'], 'though nothing else stands in the line');
    t.strictSame(frames(bytes(cut), { ended: true }), [5], 'and so does the FIN');
  }
});

t.test('IAC IAC makes the line code 5, but not inside SB (§1.5)', async (t) => {
  t.strictSame(frames(bytes(`a${IAC}${IAC}b\nping\n`)), [5, 'ping']);
  t.strictSame(frames(bytes(`ping ${IAC}\xfa${IAC}${IAC}${IAC}\xf0a\n`)), ['ping a']);
});

t.test(
  'an IAC before what is no command of telnet is not UTF-8: code 5, and no text is swallowed (§1.5)',
  async (t) => {
    t.strictSame(frames(bytes('ping Lou\xffs\nping\n')), [5, 'ping'], 'ÿ in Latin-1');
  },
);

t.test('DO TIMING-MARK is told as soon as it has come, outside any line (§1.5)', async (t) => {
  const framer = new Framer();
  framer.push(bytes(`pi${IAC}\xf4${doTimingMark}`));
  t.strictSame(drained(framer), []);
  t.equal(framer.telnet.takeTimingMarks(), 1);
  framer.push(bytes(`ng\n${doTimingMark}${doTimingMark}`));
  t.strictSame(drained(framer), ['ping'], 'the line is whole all the same');
  t.equal(framer.telnet.takeTimingMarks(), 2);
  framer.push(bytes(`${'x'.repeat(16_385)}${doTimingMark}`));
  t.strictSame(drained(framer), [15]);
  t.equal(framer.telnet.takeTimingMarks(), 1, 'in what is discarded too');
});

t.test('the answer to DO TIMING-MARK is WONT TIMING-MARK (§1.5)', async (t) => {
  t.strictSame([...wontTimingMark], [255, 252, 6]);
});

t.test('only DO TIMING-MARK wants an answer', async (t) => {
  const filter = new TelnetFilter();
  for (const other of [
    '\xff\xfb\x06',
    '\xff\xfc\x06',
    '\xff\xfe\x06',
    '\xff\xfd\x01',
    `\xff\xfa${doTimingMark}\xff\xf0`,
  ]) {
    t.equal(filter.strip(bytes(other)).length, 0);
    t.ok(filter.atRest);
    t.equal(filter.takeTimingMarks(), 0, bytes(other).toString('hex'));
  }
});

t.test('every command of telnet has its length', async (t) => {
  for (let command = 236; command < 255; command += 1) {
    const filter = new TelnetFilter();
    const option = command >= 251 ? 'o' : '';
    const sequence = command === 250 ? `${IAC}\xfa\x1fo${IAC}\xf0` : `${IAC}${String.fromCharCode(command)}${option}`;
    t.equal(filter.strip(bytes(`a${sequence}b`)).toString(), 'ab', `IAC ${command}`);
    t.ok(filter.endLine());
  }
});

t.test('an option may have any number, and a subnegotiation may hold any byte but LF', async (t) => {
  const filter = new TelnetFilter();
  for (const option of ['\0', '\xf0', '\xfa', IAC])
    t.equal(filter.strip(bytes(`a${IAC}\xfb${option}b`)).toString(), 'ab');
  t.equal(filter.strip(bytes(`a${IAC}\xfa\xf0\0${IAC}\xfd${IAC}${IAC}\xf0${IAC}\xf0b`)).toString(), 'ab');
  t.ok(filter.endLine());
});

t.test('bytes without a sequence are not copied', async (t) => {
  const line = bytes('ping');
  t.equal(new TelnetFilter().strip(line), line);
});

t.test('the filter keeps its place in a sequence until the line ends', async (t) => {
  const filter = new TelnetFilter();
  t.equal(filter.strip(bytes(`a${IAC}`)).toString(), 'a');
  t.notOk(filter.atRest);
  t.equal(filter.strip(bytes('\xfa')).length, 0);
  t.equal(filter.strip(bytes('abc')).length, 0);
  t.notOk(filter.endLine(), 'which is then not whole');
  t.ok(filter.atRest);
  t.equal(filter.strip(bytes('abc')).toString(), 'abc', 'and the next line begins at rest');
  t.ok(filter.endLine());
});
