// An independent model of the framer (PROTOCOL.md §1): it is given all bytes of a connection at once and reads them
// line by line. The framer beside it is given them cut anywhere, and pulled at any time.
import { Framer, type Frame } from '../../src/wire/framer.js';

export const mebibyte = 1024 * 1024;
export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Where the telnet sequence that begins at `at` ends; undefined where the line ends before it. */
function sequenceEnd(line: Buffer, at: number): number | undefined {
  const second = line[at + 1] ?? 0;
  if (second === 0xfa) {
    for (let i = at + 2; i + 1 < line.length; i += line[i] === 0xff ? 2 : 1) {
      if (line[i] === 0xff && line[i + 1] === 0xf0) return i + 2;
    }
    return undefined;
  }
  const end = at + (second >= 0xfb && second <= 0xfe ? 3 : 2);
  return end <= line.length ? end : undefined;
}

/** What is seen of one line before its end, and its data where it is neither too long nor broken. */
function readLine(
  line: Buffer,
  most: number,
): { readonly seen: string[]; readonly tooLong: boolean; readonly data?: Buffer } {
  const seen: string[] = [];
  const data: number[] = [];
  let tooLong = false;
  let broken = false;
  for (let at = 0; at < line.length; ) {
    const byte = line[at] ?? 0;
    let end: number | undefined = at + 1;
    if (byte !== 0xff) {
      data.push(byte);
      const mayBeEnd = data.length === most + 1 && byte === 13;
      if (data.length > most && !mayBeEnd && !tooLong) {
        tooLong = true;
        seen.push('15');
      }
    } else {
      end = sequenceEnd(line, at);
      const command = line[at + 1] ?? 255;
      // 236 to 254 are telnet's commands (RFC 854, 885, 1184); what else follows an IAC makes it a byte that is not
      // UTF-8.
      if (end === undefined || command === 255 || command < 236) broken = true;
      if (end !== undefined && command === 0xfd && line[at + 2] === 6) seen.push('mark');
    }
    at = end ?? line.length;
  }
  return broken ? { seen, tooLong } : { seen, tooLong, data: Buffer.from(data) };
}

function textOf(data: Buffer | undefined, first: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data ?? latin1('\xff'));
    return text
      .replace(first ? /^\ufeff/ : /^(?!)/, '')
      .replace(/\r$/, '')
      .replace(/^[ \t]+/, '');
  } catch {
    return undefined;
  }
}

/** The frames and timing marks of a connection's bytes, in words; `most` bytes may be in a line. */
export function model(bytes: Buffer, most: number, ended: boolean): string[] {
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return ['closing 5'];
  const all: string[] = [];
  let quiet = true;
  for (let from = 0; from < bytes.length; ) {
    const lf = bytes.indexOf(10, from);
    const line = bytes.subarray(from, lf === -1 ? bytes.length : lf);
    const { seen, tooLong, data } = readLine(line.subarray(0, mebibyte + 1), most);
    for (const each of seen) all.push(each);
    if (line.length > mebibyte) return [...all, 'closing 199'];
    if (lf === -1 && !ended) return all;
    const text = textOf(data, from === 0);
    from += line.length + 1;
    if (!tooLong && text === '') continue;
    if (!tooLong && quiet && / HTTP\/\d(\.\d)?$/.test(text ?? '')) return [...all, 'closing 5'];
    if (!tooLong) all.push(text === undefined ? '5' : `line ${text}`);
    quiet = false;
  }
  return all;
}

function shown(frame: Frame): string {
  if (typeof frame === 'string') return `line ${frame}`;
  if ('code' in frame) return String(frame.code);
  return `closing ${'refusal' in frame.closing ? frame.closing.refusal.code : 199}`;
}

export interface Cut {
  readonly size: number;
  /** How many frames are pulled at most before the next bytes come. */
  readonly pulls: number;
}

/** What is seen of `bytes` that come in pieces, `cuts` over and over again. Throws where the end is not noticed. */
export function framed(bytes: Buffer, most: number, ended: boolean, cuts: readonly Cut[]): string[] {
  const framer = new Framer(most);
  const all: string[] = [];
  const isClosed = (): boolean => all.at(-1)?.startsWith('closing') === true;
  const pull = (pulls: number): void => {
    for (let left = pulls; left > 0 && !isClosed(); left -= 1) {
      const frame = framer.next();
      for (let marks = framer.telnet.takeTimingMarks(); marks > 0; marks -= 1) all.push('mark');
      if (frame === undefined && framer.interrupted) continue;
      if (frame === undefined) return;
      all.push(shown(frame));
    }
  };
  for (let at = 0, turn = 0; at < bytes.length && !isClosed(); turn += 1) {
    const { size, pulls } = cuts[turn % cuts.length] ?? { size: 1, pulls: 1 };
    framer.push(bytes.subarray(at, at + size));
    at += size;
    pull(pulls);
  }
  if (ended && !isClosed()) framer.end();
  pull(Infinity);
  if ((ended || isClosed()) && !framer.exhausted) throw new Error('the framer does not notice its end');
  return all;
}
