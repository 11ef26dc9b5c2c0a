// Tests which addresses exclude one another, and which addresses a host name has.
import t from 'tap';
import {
  AddressConflict,
  resolveAddresses,
  checkAddressConflicts,
  type ConfiguredAddress,
} from '../../src/net/listen-addresses.js';
import { ListenError } from '../../src/net/listen-error.js';

/** What the settings are refused with; empty where they are not. */
function refusal(...places: readonly ConfiguredAddress[]): string {
  try {
    checkAddressConflicts(places);
    return '';
  } catch (error) {
    return error instanceof AddressConflict ? error.message : String(error);
  }
}

const place = (setting: string, host: string, port = 7256): ConfiguredAddress => ({ setting, host, port });

t.test('addresses that exclude one another are named with their settings', async (t) => {
  const wrong: readonly (readonly [ConfiguredAddress, ConfiguredAddress, string])[] = [
    [place('listen', '127.0.0.1'), place('tls_listen', '127.0.0.1'), 'listen and tls_listen both have 127.0.0.1:7256'],
    [place('listen', '127.0.0.1'), place('listen', '127.0.0.1'), 'listen has 127.0.0.1:7256 twice'],
    [
      place('listen', '0.0.0.0'),
      place('listen', '::'),
      "listen has 0.0.0.0:7256 and [::]:7256, which can't both be listened on: one includes the other",
    ],
    [
      place('listen', '::'),
      place('metrics_listen', '127.0.0.1'),
      "listen has [::]:7256 and metrics_listen has 127.0.0.1:7256, which can't both be listened on: one includes the other",
    ],
  ];
  for (const [one, other, message] of wrong) t.equal(refusal(place('listen', '192.0.2.1', 7257), one, other), message);
  const also: readonly (readonly [string, string])[] = [
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['localhost', '::1'],
    ['LOCALHOST', 'localhost'],
    ['localhost', '::'],
    ['2001:DB8::1', '2001:db8:0::1'],
    ['0.0.0.0', '::ffff:10.0.0.1'],
    ['chat.example', 'CHAT.example'],
  ];
  for (const [one, other] of also) {
    t.match(
      refusal(place('listen', one), place('tls_listen', other)),
      /^listen and tls_listen both|^listen has .* and tls_listen has /,
      `${one} and ${other}`,
    );
    t.not(refusal(place('listen', other), place('tls_listen', one)), '', `${other} and ${one}`);
  }
});

t.test('addresses that do not exclude one another are accepted', async (t) => {
  for (const [one, other] of [
    ['127.0.0.1', '127.0.0.2'],
    ['0.0.0.0', '::1'],
    ['::1', '127.0.0.1'],
    ['fe80::1%lo', 'fe80::1%eth0'],
  ] as const) {
    t.equal(refusal(place('listen', one), place('listen', other)), '', `${one} and ${other}`);
  }
  t.equal(refusal(place('listen', '::', 0), place('listen', '::', 0)), '', 'any free port is another one');
  t.equal(refusal(place('listen', '::', 7256), place('listen', '::', 7257)), '');
});

t.test(
  'localhost has an address of each family whatever the hosts file says, and an unknown name is an error',
  async (t) => {
    t.match(await resolveAddresses([place('listen', 'localhost')]), [
      { host: 'localhost', addresses: ['127.0.0.1', '::1'] },
    ]);
    const failed: unknown = await resolveAddresses([place('listen', 'nowhere.invalid')]).catch(
      (error: unknown) => error,
    );
    t.ok(failed instanceof ListenError);
    t.match(failed, { message: /^can't listen on nowhere\.invalid:7256: / });
  },
);
