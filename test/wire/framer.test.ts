// The framer by example, sentence by sentence of PROTOCOL.md §1: what becomes of bytes before they are a request.
// Telnet's part is in telnet.test.ts; that the answers do not depend on how TCP cuts the bytes is for
// framer-splits.test.ts.

import t from 'tap';
import { Framer, type Frame } from '../../src/wire/framer.js';
import { limits } from '../../src/wire/generated/limits.js';
import { worded } from '../support/sentences.js';

/** Two of telnet's sequences: no operation, and the begin and end of a subnegotiation. */
const NOP = '\xff\xf1';
const SB = '\xff\xfa';
const SE = '\xff\xf0';

/** A line as its text, a refusal as its code, an end as `closing` and the code of the last line. */
function shown(frame: Frame): string | number {
  if (typeof frame === 'string') return frame;
  if ('code' in frame) return frame.code;
  return `closing ${'refusal' in frame.closing ? frame.closing.refusal.code : 199}`;
}

function drained(framer: Framer): (string | number)[] {
  const seen: (string | number)[] = [];
  for (let frame = framer.next(); frame !== undefined || framer.interrupted; frame = framer.next())
    if (frame !== undefined) seen.push(shown(frame));
  return seen;
}

/** The frames of text sent in UTF-8, or of raw bytes. */
function frames(sent: string | Buffer, { ended = false }: { readonly ended?: boolean } = {}): (string | number)[] {
  const framer = new Framer();
  framer.push(Buffer.from(sent));
  if (ended) framer.end();
  return drained(framer);
}

/** Bytes written as the characters of the same numbers. */
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const x = (length: number): string => 'x'.repeat(length);

t.test('a line ends in LF, and its text is UTF-8 (§1.1)', async (t) => {
  t.strictSame(frames('ping\nping Éloïse 東京 🎈\n'), ['ping', 'ping Éloïse 東京 🎈']);
  t.strictSame(frames('ping'), [], 'what has no end yet is no line yet');
});

t.test('one CR before the LF is dropped, any other CR is data (§1.1)', async (t) => {
  t.strictSame(frames('ping\r\n'), ['ping']);
  t.strictSame(frames('ping\r\r\n'), ['ping\r']);
  t.strictSame(frames('a\rb\n\rc\n'), ['a\rb', '\rc']);
  t.strictSame(frames('ping\r\n', { ended: true }), ['ping']);
});

t.test('leading spaces and tabs are dropped, those at the end are data (§1.1)', async (t) => {
  t.strictSame(frames(' \t ping a \t\n'), ['ping a \t']);
  t.strictSame(frames('\u00a0ping\n\vping\n'), ['\u00a0ping', '\vping'], 'no other blank is');
});

t.test('a line with nothing left is ignored (§1.1)', async (t) => {
  t.strictSame(frames('\n\r\n \n\t\r\n \t \nping\n\n'), ['ping']);
  t.strictSame(frames('\r\r\n'), ['\r'], 'a second CR is something');
});

t.test("U+FEFF is dropped as a connection's first character (§1.1)", async (t) => {
  t.strictSame(frames('\ufeffping\n'), ['ping']);
  t.strictSame(frames('\ufeff \tping\n'), ['ping'], 'with the blanks after it');
  t.strictSame(frames('\ufeff\r\nping\n'), ['ping'], 'with nothing after it');
  t.strictSame(frames(bytes(`${NOP}\xef\xbb\xbfping\n`)), ['ping'], "telnet's sequences are no characters");
  t.strictSame(frames('\ufeff', { ended: true }), []);
  t.strictSame(frames('\u1effping\n'), ['\u1effping'], 'and nothing like it');
});

t.test('U+FEFF is data anywhere else (§1.1)', async (t) => {
  t.strictSame(frames('\ufeff\ufeffping\n'), ['\ufeffping'], 'a second one');
  t.strictSame(frames(' \ufeffping\n'), ['\ufeffping'], 'after a blank');
  t.strictSame(frames('\n\ufeffping\n'), ['\ufeffping'], 'after an empty line');
  t.strictSame(frames('ping\n\ufeffping\n'), ['ping', '\ufeffping'], 'in a later line');
});

t.test('a line of 16,384 bytes is taken, its end not counted (§1.3)', async (t) => {
  for (const end of ['\n', '\r\n']) t.strictSame(frames(`${x(16_384)}${end}`), [x(16_384)]);
  t.strictSame(frames('é'.repeat(8192) + '\n'), ['é'.repeat(8192)], 'bytes, not characters');
  t.strictSame(frames(x(16_384), { ended: true }), [x(16_384)], 'without its end too');
  t.strictSame(
    frames(bytes(NOP + x(16_384) + NOP + '\r' + NOP + '\n')),
    [x(16_384)],
    "telnet's sequences do not count",
  );
});

t.test('a long run of empty lines is passed over in parts, so that its caller can see to others', async (t) => {
  const framer = new Framer();
  framer.push(Buffer.from(`${'\n \r\n'.repeat(5000)}ping\n`));
  let parts = 0;
  let frame = framer.next();
  for (; framer.interrupted; frame = framer.next()) parts += 1;
  t.equal(frame, 'ping');
  t.ok(parts > 30, `${parts} parts`);
  t.equal(framer.next(), undefined);
  t.notOk(framer.interrupted);
});

t.test('a longer line gets one 15, and the connection goes on (§1.3)', async (t) => {
  for (const end of ['\n', '\r\n', '\r\r\n']) t.strictSame(frames(`${x(16_385)}${end}ping\n`), [15, 'ping']);
  t.strictSame(frames(`${x(16_384)}\r\r\nping\n`), [15, 'ping'], 'only one CR is part of the end');
  t.strictSame(frames(`${x(100_000)}\nping\n`), [15, 'ping']);
  t.strictSame(frames(`${x(16_385)}\n\n${x(16_385)}\n`), [15, 15]);
  t.strictSame(frames('é'.repeat(8193) + '\n'), [15]);
  t.strictSame(frames(x(16_385), { ended: true }), [15]);
});

t.test('the 15 comes as soon as the line is too long, and no second one (§1.3)', async (t) => {
  const framer = new Framer();
  framer.push(bytes(x(16_384)));
  t.strictSame(drained(framer), []);
  framer.push(bytes('\r'));
  t.strictSame(drained(framer), [], 'this may be the end yet');
  framer.push(bytes('\r'));
  t.strictSame(drained(framer), [15]);
  framer.push(bytes(x(20_000)));
  t.strictSame(drained(framer), []);
  framer.push(bytes('\xff\xff \xfe \n ping\n'));
  t.strictSame(drained(framer), ['ping']);
});

t.test('the limit is configurable (§1.3)', async (t) => {
  const framer = new Framer(4);
  framer.push(bytes('12345\n1234\n1234\r\n123\n'));
  t.strictSame(drained(framer), [15, '1234', '1234', '123']);
});

t.test('a line of 1 MiB is discarded, after that without an LF the connection is closed (§1.3)', async (t) => {
  t.equal(limits.unterminated_bytes, 1024 * 1024);
  t.strictSame(frames(`${x(limits.unterminated_bytes)}\nping\n`), [15, 'ping']);
  t.strictSame(frames(`${x(limits.unterminated_bytes + 1)}\nping\n`), [15, 'closing 199']);
  t.strictSame(frames(x(limits.unterminated_bytes + 1)), [15, 'closing 199']);
  for (const length of [16_000, 16_385]) {
    t.equal(frames(`${x(length)}\n`.repeat(100)).length, 100, 'an LF starts the count again');
  }
});

t.test("what telnet's sequences hold counts for the 1 MiB (§1.3)", async (t) => {
  t.strictSame(frames(bytes(`${SB}${x(limits.unterminated_bytes - 4)}${SE}\nping\n`)), ['ping'], 'exactly so many');
  t.strictSame(frames(bytes(`${SB}${x(limits.unterminated_bytes - 3)}${SE}\nping\n`)), ['closing 199'], 'one more');
  t.strictSame(frames(bytes(`${SB}${x(limits.unterminated_bytes)}\nping\n`)), ['closing 199'], 'and an LF too late');
});

t.test('a last line without LF is a line (§1.4)', async (t) => {
  t.strictSame(frames('ping\nping 2', { ended: true }), ['ping', 'ping 2']);
  t.strictSame(frames('', { ended: true }), []);
  t.strictSame(frames('ping\n \t', { ended: true }), ['ping'], 'where something is left of it');
  t.strictSame(frames(bytes('ping \xc3'), { ended: true }), [5], 'and is checked like one');
});

t.test('the framer is exhausted when all that came before the FIN was taken (§1.4)', async (t) => {
  const framer = new Framer();
  framer.push(bytes('ping\nping 2'));
  framer.end();
  t.notOk(framer.exhausted);
  t.equal(framer.next(), 'ping');
  t.notOk(framer.exhausted);
  t.equal(framer.next(), 'ping 2');
  t.ok(framer.exhausted);
  t.equal(framer.next(), undefined);
  t.ok(framer.exhausted);
});

t.test('bytes that are not UTF-8 get code 5, never U+FFFD (§1.5)', async (t) => {
  const bad = [
    '\x80',
    '\xc3',
    '\xc3(',
    '\xe2\x82',
    '\xc0\xaf',
    '\xc1\xbf',
    '\xe0\x9f\xbf',
    '\xf0\x8f\xbf\xbf',
    '\xed\xa0\x80',
    '\xed\xbf\xbf',
    '\xf4\x90\x80\x80',
    '\xf5\x80\x80\x80',
    '\xfe',
  ];
  for (const each of bad) t.strictSame(frames(bytes(`ping ${each}\nping\n`)), [5, 'ping'], bytes(each).toString('hex'));
  t.strictSame(frames(bytes('ping \xc3\n\xa9\n')), [5, 5], 'a line end in a character');
  t.strictSame(frames('ping \ufffd\0\n'), ['ping \ufffd\0'], 'unless it was sent');
});

t.test('a TLS ClientHello gets one readable line, and nothing after it is read (§1.6)', async (t) => {
  const framer = new Framer();
  framer.push(bytes('\x16'));
  t.equal(framer.next(), undefined, 'one byte does not tell');
  framer.push(bytes('\x03\x01\x02\x00\nping\n'));
  t.match(worded(framer.next()), { closing: { refusal: { code: 5, error: /TLS/ } } });
  t.equal(framer.next(), undefined);
  t.ok(framer.exhausted);
  t.strictSame(frames('\x16', { ended: true }), ['\x16'], 'a lone 16 is a line');
  t.strictSame(frames('\x16\nping\n'), ['\x16', 'ping']);
  t.strictSame(frames('ping\n\x16\x03\n'), ['ping', '\x16\x03'], 'only the first bytes count');
});

t.test('a first line of HTTP gets one readable line, and nothing after it is read (§1.6)', async (t) => {
  for (const line of [
    'GET / HTTP/1.1',
    'CONNECT a:443 HTTP/1.0',
    'PRI * HTTP/2.0',
    'GET / HTTP/2',
    '\n \nGET / HTTP/1.1',
  ]) {
    const framer = new Framer();
    framer.push(bytes(`${line}\r\nHost: a\r\n\r\nping\n`));
    t.match(worded(framer.next()), { closing: { refusal: { code: 5, error: /HTTP/ } } }, line);
    t.equal(framer.next(), undefined);
  }
});

t.test('HTTP in a later line is text (§1.6)', async (t) => {
  for (const first of ['ping', '\xfe', x(16_385)]) t.equal(frames(bytes(`${first}\na HTTP/1.1\n`))[1], 'a HTTP/1.1');
  t.strictSame(frames('HTTP/1.1\na HTTP/1.1 b\n'), ['HTTP/1.1', 'a HTTP/1.1 b'], 'and so is what does not end so');
});
