// The parsers that the coverage-guided fuzzer (tools/coverage-fuzz) gives bytes to, each with what must hold for any
// bytes. Pure: no daemon runs.
import { encodeRefusal } from '../../src/wire/encode.js';
import { parseProxyHeader } from '../../src/wire/proxy-header.js';
import { isRequest, parseGeneral, parseRequest, type Request } from '../../src/wire/request.js';
import { parseLine } from '../support/client.js';
import { protocol } from '../support/protocol.js';
import { framed, model } from '../wire/framer-model.js';

/** A parser to fuzz. */
export interface ParserTarget {
  /** Throws where something does not hold for these bytes. */
  readonly run: (bytes: Buffer) => void;
  /** Inputs to begin with, as Latin-1. */
  readonly seeds: readonly string[];
}

function same(got: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one} is not ${other}`);
}

/**
 * However the bytes are cut, the frames are those of the model. The first byte says how, and how long a line may be.
 */
function framer(bytes: Buffer): void {
  const [how = 0] = bytes;
  const rest = bytes.subarray(1);
  const [most, ended] = [1 + (how & 31), how > 127];
  const expected = model(rest, most, ended);
  for (const size of [1, 2 + (how % 7), Infinity]) {
    same(framed(rest, most, ended, [{ size, pulls: 1 + (how & 3) }]), expected, `cut every ${size} bytes`);
  }
}

function comparable(request: Request): unknown {
  return [request.command, request.parameters, request.ref];
}

/**
 * The fast path agrees with the general parser, a refusal is one line, and a request that is written again stays the
 * same.
 */
function request(bytes: Buffer): void {
  const line = bytes
    .toString('utf8')
    .replace(/^[ \t]+/, '')
    .replaceAll('\n', ' ')
    .trimStart();
  if (line === '') return;
  const parsed = parseRequest(line, 'alice');
  if (!isRequest(parsed)) {
    same(parsed, parseGeneral(line, 'alice'), 'in general');
    const reply = encodeRefusal(parsed);
    if (Buffer.byteLength(reply) > 4096) throw new Error(`a refusal of ${reply.length} units`);
    parseLine(reply.replace(/\n$/, ''));
    return;
  }
  const general = parseGeneral(line, 'alice');
  same(comparable(parsed), isRequest(general) ? comparable(general) : general, 'in general');
  const again = parseGeneral(JSON.stringify({ ...parsed.parameters, command: parsed.command, ref: parsed.ref }));
  same(
    isRequest(again) ? [again.command, sorted(again.parameters), again.ref] : again,
    [parsed.command, sorted(parsed.parameters), parsed.ref],
    'written again',
  );
}

function sorted(parameters: object): unknown {
  return Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** More bytes never change a verdict, and a header is no longer than what came. */
function proxyHeader(bytes: Buffer): void {
  const judged = parseProxyHeader(bytes);
  if (typeof judged === 'object' && judged.length > bytes.length)
    throw new Error(`${judged.length} of ${bytes.length} bytes`);
  for (let length = 0; length < bytes.length; length += 1) {
    const early = parseProxyHeader(bytes.subarray(0, length));
    if (early !== 'incomplete') same(judged, early, `after ${length} bytes`);
  }
}

/** By name: that of the file below src/wire and of the corpus. */
export const targets: Readonly<Record<string, ParserTarget>> = {
  framer: { run: framer, seeds: ['', '\x10ping\nping\n'] },
  request: {
    run: request,
    seeds: protocol.commands.flatMap(({ name, short = name, example }) => [
      name,
      `${short} lobby`,
      JSON.stringify(example.request),
    ]),
  },
  'proxy-header': {
    run: proxyHeader,
    seeds: ['PROXY TCP4 192.0.2.7 10.0.0.1 5000 7256\r\n', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0cabcdefghijkl'],
  },
};
