// The floor of the bench: a bare relay on node:net. A connection's first line names its room; all bytes after it go to
// the other members unchanged. It parses, stores and answers nothing. It writes as salond does, once per turn of the
// event loop to each socket, so the difference between the two is the work that salond does.
import { createServer, type AddressInfo, type Socket } from 'node:net';

interface Chunk {
  readonly from: Socket;
  readonly bytes: Buffer;
}

class Room {
  readonly members = new Set<Socket>();
  #chunks: Chunk[] = [];

  /** Collects what came in this turn of the event loop, for all other members. */
  relay(from: Socket, bytes: Buffer): void {
    if (this.#chunks.push({ from, bytes }) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    const all = Buffer.concat(chunks.map(({ bytes }) => bytes));
    const speakers = new Set(chunks.map(({ from }) => from));
    for (const member of this.members) {
      if (!speakers.has(member)) member.write(all);
      else if (speakers.size > 1)
        member.write(Buffer.concat(chunks.filter(({ from }) => from !== member).map(({ bytes }) => bytes)));
    }
  }
}

const rooms = new Map<string, Room>();

const server = createServer({ noDelay: true }, (socket) => {
  let room: Room | undefined;
  socket.on('error', () => undefined);
  socket.on('close', () => room?.members.delete(socket));
  socket.on('data', (bytes: Buffer) => {
    if (room !== undefined) {
      room.relay(socket, bytes);
      return;
    }
    const name = bytes.toString('latin1');
    room = rooms.get(name) ?? new Room();
    rooms.set(name, room);
    room.members.add(socket);
    socket.write('in\n');
  });
});

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
