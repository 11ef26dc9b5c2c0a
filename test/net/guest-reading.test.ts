// Tests in which order guests' sockets are read while their input waits, and how many of them in a turn.
import t from 'tap';
import { GuestReading, type UnreadGuest } from '../../src/net/guest-reading.js';

class Guest implements UnreadGuest {
  readonly session;
  reads = 0;

  constructor(payerAddress: string) {
    this.session = { payerClass: 'guest', payerAddress, payerUser: '' } as const;
  }

  read(): void {
    this.reads += 1;
  }
}

function begin(guestsHaveRoom: boolean) {
  const memory = { guestsHaveRoom };
  const due: (() => void)[] = [];
  const reading = new GuestReading(memory, (run) => void due.push(run));
  const wait = (count: number, address: string): Guest[] =>
    Array.from({ length: count }, () => {
      const guest = new Guest(address);
      reading.wait(guest);
      return guest;
    });
  const turn = (): void => due.splice(0).forEach((run) => run());
  return { memory, reading, wait, turn };
}

const readOf = (guests: readonly Guest[]): number => guests.reduce((sum, { reads }) => sum + reads, 0);

t.test(
  'while guests have no room one is read in a turn, and a newcomer does not wait for a crowd of one address',
  async (t) => {
    const { memory, reading, wait, turn } = begin(false);
    t.ok(reading.mustWait);
    const crowd = wait(100, '192.0.2.1');
    for (let each = 0; each < 10; each += 1) turn();
    t.equal(readOf(crowd), 10);
    const [newcomer] = wait(1, '192.0.2.2');
    turn();
    t.equal(newcomer?.reads, 1);
    memory.guestsHaveRoom = true;
    t.ok(reading.mustWait, 'others wait');
    turn();
    t.equal(readOf(crowd), 26);
    for (let each = 0; each < 10; each += 1) turn();
    t.equal(readOf(crowd), 100, 'each is read once');
    t.notOk(reading.mustWait);
  },
);

t.test('who is gone is not read', async (t) => {
  const { reading, wait, turn } = begin(true);
  t.notOk(reading.mustWait);
  const [one, other] = wait(2, '192.0.2.1') as [Guest, Guest];
  reading.remove(one);
  reading.remove(new Guest('192.0.2.3'));
  turn();
  t.same([one.reads, other.reads], [0, 1]);
});
