// The PROXY header, both versions: what is taken, what is refused, and that it makes no difference how the bytes come.
import fc from 'fast-check';
import t from 'tap';
import { parseProxyHeader } from '../../src/wire/proxy-header.js';

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

function version2({
  command = 0x21,
  family = 0x11,
  body,
}: {
  readonly command?: number;
  readonly family?: number;
  readonly body: Buffer;
}): Buffer {
  const head = Buffer.from([command, family, body.length >> 8, body.length & 255]);
  return Buffer.concat([signature, head, body]);
}

function extension(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 255]), value]);
}

const ipv4 = Buffer.from([192, 0, 2, 7, 10, 0, 0, 1, 0x1f, 0x90, 0x1c, 0x58]);
const ipv6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.alloc(15),
  Buffer.from([1, 0x1f, 0x90, 0x1c, 0x58]),
]);
const tls = extension(0x20, Buffer.from([1, 0, 0, 0, 0]));
const noTls = extension(0x20, Buffer.from([0, 0, 0, 0, 1]));
const authority = extension(2, Buffer.from('chat.example'));

const good: readonly (readonly [string, Buffer, string | undefined, boolean])[] = [
  ['version 1, IPv4', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 56324 7256\r\n'), '192.0.2.7', false],
  ['version 1, IPv6', Buffer.from('PROXY TCP6 2001:DB8:0:0::1 ::1 56324 7256\r\n'), '2001:db8::1', false],
  ['version 1, IPv4 in IPv6', Buffer.from('PROXY TCP6 ::ffff:192.0.2.7 ::1 56324 7256\r\n'), '192.0.2.7', false],
  ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), undefined, false],
  ['version 1, unknown, the longest', Buffer.from(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`), undefined, false],
  ['version 2, IPv4', version2({ body: ipv4 }), '192.0.2.7', false],
  ['version 2, IPv6', version2({ family: 0x21, body: ipv6 }), '2001:db8::1', false],
  ['version 2, over TLS', version2({ body: Buffer.concat([ipv4, authority, tls]) }), '192.0.2.7', true],
  ['version 2, not over TLS', version2({ body: Buffer.concat([ipv4, noTls, authority]) }), '192.0.2.7', false],
  ['version 2, the proxy itself', version2({ command: 0x20, family: 0, body: Buffer.alloc(0) }), undefined, false],
  ['version 2, a Unix socket', version2({ family: 0x31, body: Buffer.alloc(216) }), undefined, false],
];

for (const [name, bytes, address, encrypted] of good) {
  t.test(`${name}: whole and no byte more, and not before its last byte`, async (t) => {
    t.same(parseProxyHeader(Buffer.concat([bytes, Buffer.from('PROXY ')])), {
      length: bytes.length,
      address,
      encrypted,
    });
    for (let length = 0; length < bytes.length; length += 1) {
      if (parseProxyHeader(bytes.subarray(0, length)) !== 'incomplete') t.fail(`${length} bytes are taken for more`);
    }
  });
}

const bad: Readonly<Record<string, Buffer>> = {
  'a request': Buffer.from('{"command":"ping"}\n'),
  'one that only begins like one': Buffer.from('PROXY TCP4\r\n'),
  'a wrong family': Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n'),
  'a number that is no port': Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 65536 7256\r\n'),
  'a port with a zero before it': Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 01 7256\r\n'),
  'an address that is none': Buffer.from('PROXY TCP4 192.0.2.700 10.0.0.1 1 7256\r\n'),
  'two spaces': Buffer.from('PROXY  TCP4 192.0.2.7 10.0.0.1 1 7256\r\n'),
  'no end': Buffer.from(`PROXY UNKNOWN ${'f'.repeat(93)}`),
  'version 3': version2({ command: 0x31, body: ipv4 }),
  'a command that there is not': version2({ command: 0x22, body: ipv4 }),
  'too little for its family': version2({ family: 0x21, body: ipv4 }),
  'an extension longer than the header': version2({ body: Buffer.concat([ipv4, tls.subarray(0, -1)]) }),
  'an extension without its length': version2({ body: Buffer.concat([ipv4, Buffer.from([0x20, 0])]) }),
  'a header of 64 KiB': version2({ body: Buffer.alloc(65_535) }).subarray(0, 16),
};

t.test('what is none is refused', async (t) => {
  for (const [name, bytes] of Object.entries(bad)) t.equal(parseProxyHeader(bytes), 'invalid', name);
});

t.test(
  'whatever comes, more of it never takes a judgement back, and a header is no longer than what came',
  async () => {
    const begins = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from('PROXY '),
      Buffer.from('PROXY TCP4 '),
      signature,
      ...good.map(([, bytes]) => bytes),
    );
    const bytes = fc
      .tuple(begins, fc.uint8Array({ maxLength: 40 }), fc.nat(60))
      .map(([head, tail, less]) => Buffer.concat([head.subarray(0, Math.max(0, head.length - less)), tail]));
    fc.assert(
      fc.property(bytes, fc.nat(), (all, at) => {
        const [early, late] = [parseProxyHeader(all.subarray(0, at % (all.length + 1))), parseProxyHeader(all)];
        if (early !== 'incomplete' && JSON.stringify(early) !== JSON.stringify(late))
          throw new Error(`${JSON.stringify(early)}, then ${JSON.stringify(late)}`);
        if (typeof late === 'object' && late.length > all.length)
          throw new Error(`${late.length} of ${all.length} bytes`);
      }),
      { numRuns: 20_000 },
    );
  },
);
