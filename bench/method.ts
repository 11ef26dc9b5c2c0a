// How the figures come about, for docs/bench.md: what they mean is in this, not in their names.

export const method = `\
Every measurement has a server process of its own, on loopback, with its limits off (\`bench/peers/\`); salond starts with the same
data each time: 5,000 users on the disk that the project lies on. The servers take turns, round by round, so that what
the machine's host does meanwhile meets all of them; a figure is the median of the rounds. The generator, \`bench/load/\`, runs on
the same machine.

- **In flight**: a message is on its way from its sending until all the other members of its room have it; so many of each room
  are on their way all the time. Only then is the next one sent, whether or not the server has answered. Latency is that time too;
  at a fixed rate it counts from the time when the message was due, so that a late generator or a full socket makes it longer.
- **A delivery** is one message that has reached one other member: the generator counts a mark byte of the text in what it reads, and looks
  at nothing else. What a server sends besides, salond's replies above all, is read and not counted. After the last message
  everybody must have exactly what was sent, and a speaker of salond's as many lines besides as it has sent; else the
  measurement has failed, and \`–\` stands in its place.
- **The beat**: in all workloads but (d) the generator looks at its sockets every 0.3 ms and doesn't sleep in epoll, since
  a server would pay for waking it with every other write. So latencies below a millisecond are seen in (d) only; those of (e) are
  coarse by 0.3 ms where they are smallest.
- **Bytes** of a delivered line differ between the protocols: for a text of 100 bytes about 200 with salond, whose line
  carries room, id and time; about 130 with nats-server and with IRC; 101 with the bare relay.
- **The bare relay** (\`bench/relay.ts\`) parses nothing, stores nothing and answers nothing. It is no server: what salond costs
  beyond it is what salond does.
- **Processor time** is that of all threads, in processors kept busy. Servers with threads of their own share the two cores with the
  generator.
- **(e)** sends each message from the next room in turn, on the same connections for all rates of a round.
- **(g)** is the growth of VmRSS from 1,000 connections to 10,000, each time three seconds after the last is in its room of 10,
  by 9,000: what a server loads once, whatever their number, is no connection's. KB are 1,024 bytes; what the kernel keeps is not counted.
- **(h)** 16 connections log in and out again and again, at the default cost of scrypt (N 2^15, r 8, p 3), beside a process
  that does nothing but verify hashes, two at a time as the daemon does.
- **(i)** 8 connections ask for one page of 100 messages after the other, from two rooms that hold 10,000 each, while 2,000 messages a
  second flow in 100 other rooms of 12.
- **(j)** is from the spawn to the log's \`ready\`. The files are in the system's cache, as they are when a daemon is started again.`;
