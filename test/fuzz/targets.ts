// What the coverage-guided fuzzer (tools/coverage-fuzz) gives bytes to, and what has to hold whatever they are. Pure: no daemon.
import { encodeRefusal } from '../../src/wire/encode.js';
import { parseProxyHeader } from '../../src/wire/proxy-header.js';
import { isRequest, parseGeneral, parseRequest, type Request } from '../../src/wire/request.js';
import { protocol } from '../support/protocol.js';
import { framed, model } from '../wire/framer-model.js';

export interface Target {
  /** Throws where something does not hold. */
  readonly run: (bytes: Buffer) => void;
  /** What the search begins with. */
  readonly seeds: readonly string[];
}

function same(got: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one} is not ${other}`);
}

/** The first byte says how the others are cut, and how long a line may be. The frames are those of the model all the same. */
function framer(bytes: Buffer): void {
  const [how = 0] = bytes;
  const rest = bytes.subarray(1);
  const [most, ended] = [1 + (how & 31), how > 127];
  const expected = model(rest, most, ended);
  for (const size of [1, 2 + (how % 7), Infinity]) {
    same(framed(rest, most, ended, [{ size, pulls: 1 + (how & 3) }]), expected, `cut every ${size} bytes`);
  }
}

function plainly(request: Request): unknown {
  return [request.command, request.parameters, request.ref];
}

/** The short way is the general one, a refusal is one line, and a request that is written again is the same. */
function request(bytes: Buffer): void {
  const line = bytes
    .toString('utf8')
    .replace(/^[ \t]+/, '')
    .replaceAll('\n', ' ')
    .trimStart();
  if (line === '') return;
  const parsed = parseRequest(line);
  if (!isRequest(parsed)) {
    same(parsed, parseGeneral(line), 'in general');
    const reply = encodeRefusal(parsed);
    if (!/^[1-9]\d?\t\{[^\t\n\u007f-\u009f\u2028\u2029]*\}\n$/.test(reply))
      throw new Error(`the reply is ${JSON.stringify(reply)}`);
    JSON.parse(reply.slice(reply.indexOf('\t')));
    return;
  }
  const general = parseGeneral(line);
  same(plainly(parsed), isRequest(general) ? plainly(general) : general, 'in general');
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

/** More bytes never take a judgement back, and a header is no longer than what came. */
function proxyHeader(bytes: Buffer): void {
  const judged = parseProxyHeader(bytes);
  if (typeof judged === 'object' && judged.length > bytes.length)
    throw new Error(`${judged.length} of ${bytes.length} bytes`);
  for (let length = 0; length < bytes.length; length += 1) {
    const early = parseProxyHeader(bytes.subarray(0, length));
    if (early !== 'incomplete') same(judged, early, `after ${length} bytes already`);
  }
}

/** By their names: the file below src/wire, and the corpus. */
export const targets: Readonly<Record<string, Target>> = {
  framer: { run: framer, seeds: ['', '\x10ping\nping\n'] },
  request: {
    run: request,
    seeds: protocol.commands.flatMap(({ name, example }) => [name, JSON.stringify(example.request)]),
  },
  'proxy-header': {
    run: proxyHeader,
    seeds: ['PROXY TCP4 192.0.2.7 10.0.0.1 5000 7256\r\n', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0cabcdefghijkl'],
  },
};
