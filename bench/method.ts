// The text in docs/bench.md about how the figures are measured.

/** Markdown. */
export const method = `\
Every measurement has a server process of its own, on loopback, with its limits off (\`bench/peers/\`). salond starts with the same
data each time: 5,000 users, on the disk that holds the project. The servers take turns, round by round, so that disturbances on the
host affect all of them. A figure is the median of the rounds. The generator, \`bench/load/\`, runs on the same machine.

- **In flight.** A message is in flight from its sending until all the other members of its room have it. The given number of messages
  is in flight in each room all the time. The next message is sent only then, whether or not the server has answered. Latency is that
  time too. At a fixed rate it counts from the moment when the message was due, so a late generator or a full socket makes it longer.
  Figures from before 2026-11-26 counted a message as complete when the room had as many deliveries of it and later ones as it has
  other members, even if some members had several messages and others none.
- **A delivery** is one message that has reached one other member. The generator counts a mark byte of the text in what it reads, and
  looks at nothing else. Other lines, above all salond's replies, are read and not counted. After the last message everybody must have
  exactly what was sent, and each sender to salond must also have as many replies as it sent messages. Otherwise the measurement has
  failed and shows \`–\`.
- **Gathered and single.** The generator sends in one of two modes, and (a), (b), (c) and (f) are measured in both.
  *Gathered*: it looks at all its sockets every 0.3 ms and then sends everything that is due. A sender with several messages to
  send writes them at once. A server pays little for waking the generator and finds much to read at a time. But what arrives
  together then is the work of the generator's rhythm, not of the server.
  *Single*: it sleeps in epoll until a socket is ready. As soon as everybody has a message, its sender sends one message in its
  place, with a write of its own, before the generator looks at the next socket. Nothing gathers unless the server is slower than
  its senders. A message costs the generator more in this mode, so the line below the workloads says where it took more than
  half of the server's processor time.
- (d) has one message in flight, so nothing can gather; it is measured in the single mode only. (e) and (i) are measured in
  the gathered mode, so their smallest latencies are accurate to 0.3 ms only. Figures without the name of a mode are
  gathered ones, except those of (d).
- **Bytes** of a delivered line differ between the protocols. For a text of 100 bytes, a line has about 200 bytes with salond (it
  carries room, id and time), about 130 with nats-server and with IRC, and 101 with the bare relay.
- **The bare relay** (\`bench/relay.ts\`) parses nothing, stores nothing and answers nothing. It is not a server. The difference between
  it and salond is the work that salond does.
- **Server CPU** is the time of all threads, in processors kept busy. Servers with several threads share the two cores with the
  generator.
- **(e)** sends each message from the next room in turn, on the same connections for all rates of a round.
- **(g)** is the growth of VmRSS from 1,000 connections to 10,000, divided by 9,000. Each reading is taken three seconds after the last
  connection is in its room of 10. What a server loads once, however many connections it has, is not counted, nor is the kernel's
  memory. KB are 1,024 bytes.
- **(h)** lets 16 connections log in and out again and again, at the default cost of scrypt (N 2^15, r 8, p 3), and compares that with a
  process that only verifies hashes, two at a time as the daemon does.
- **(i)** lets 8 connections ask for one page of 100 messages after another, from two rooms of 10,000 messages each, while
  2,000 messages a second are sent in 100 other rooms of 12.
- **(j)** is the time from the spawn to the log's \`ready\`. The files are in the system's cache, as they are when a daemon is
  restarted.`;
