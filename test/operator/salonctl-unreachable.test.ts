// Tests salonctl without a daemon that answers: whatever is at the socket's path, it prints a message without a stack
// trace and ends with status 69.
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { salonctl, salonctlHere } from '../support/salonctl.js';

t.jobs = 2;
const buffered = { buffered: true };

/** Listens on a new socket in place of a daemon. Returns its path. */
async function listen(t: Test, onConnection: (socket: Socket) => void): Promise<string> {
  const path = join(temporaryFolder(t), 'control');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    onConnection(socket);
  }).listen(path);
  t.teardown(() => server.close());
  await once(server, 'listening');
  return path;
}

t.test(
  "the message for a path where no daemon listens differs from that for a path that can't be a socket",
  buffered,
  async (t) => {
    const folder = temporaryFolder(t);
    const [file, loop, long] = [join(folder, 'file'), join(folder, 'loop'), join(folder, 'a'.repeat(120))];
    writeFileSync(file, '');
    symlinkSync(loop, loop);
    mkdirSync(join(folder, 'folder'));
    const daemon = startDaemon(t);
    const left = await daemon.control();
    await daemon.stop('SIGKILL');
    const messages: readonly (readonly [path: string, words: RegExp])[] = [
      [join(folder, 'none'), /there is no such socket\. Is the daemon running\?/],
      [left, /nobody listens there\. Is the daemon running\?/],
      [join(folder, 'folder'), /this is a folder, not the daemon's control socket/],
      [file, /this is a file, not the daemon's control socket/],
      ['/dev/null', /this is no socket/],
      [join(file, 'control'), /a part of this path is a file/],
      [loop, /symbolic link to itself/],
      ['7256', /there is no such socket/],
      [long, /107 bytes at most, and this has \d{3}/],
      [join(folder, 'é\u001b[2J\u202e'), /\\u001b\[2J\\u202e: there is no such socket/],
    ];
    for (const [index, [socket, words]] of messages.entries()) {
      const { status, out, err } = await (index < 2
        ? salonctl(t, ['status'], { socket })
        : salonctlHere(['status'], { socket }));
      t.same([status, out], [69, ''], socket);
      t.match(err, words);
      t.match(err, /^salonctl: [^\n]+\n$/, 'one line without a stack trace');
    }
    t.match(await salonctl(t, ['status'], { socket: '' }), {
      status: 64,
      err: /the path of the control socket is empty/,
    });
  },
);

t.test('salonctl waits for a daemon that hangs until --timeout', buffered, async (t) => {
  const silent = await listen(t, () => undefined);
  const half = await listen(t, (socket) => {
    socket.write('1\t{"command":"sta');
  });
  // Single bytes do not reset the limit, because salonctl waits for a line.
  const drip = await listen(t, (socket) => {
    t.teardown(() => clearInterval(each));
    const each = setInterval(() => socket.write('1'), 50);
  });
  for (const socket of [silent, half, drip]) {
    for (const args of [
      ['status'],
      ['backup', join(temporaryFolder(t), 'backup.db')],
      ['drain', '--over', '2m'],
      ['stats', '--watch'],
    ]) {
      const typed = [...args, '--timeout', '1'];
      const { status, err } = await (socket === silent
        ? salonctl(t, typed, { socket })
        : salonctlHere(typed, { socket }));
      t.equal(status, 69);
      t.match(
        err,
        /^salonctl: [^\n]+: the daemon has sent nothing for 1 s\. [^\n]+ A larger --timeout waits longer\.\n$/,
        args.join(' '),
      );
    }
  }
});

t.test('without --timeout the limit is ten seconds', buffered, async (t) => {
  const silent = await listen(t, () => undefined);
  t.match(await salonctl(t, ['status'], { socket: silent }), { status: 69, err: /has sent nothing for 10 s/ });
});

t.test(
  'salonctl gives up on a suspended daemon after --timeout, and gets its reply when the daemon goes on',
  buffered,
  async (t) => {
    const daemon = startDaemon(t);
    const socket = await daemon.control();
    daemon.process.kill('SIGSTOP');
    t.match(await salonctl(t, ['status', '--timeout', '1s'], { socket }), {
      status: 69,
      err: /has sent nothing for 1 s/,
    });
    const waiting = salonctl(t, ['status', '--timeout', '0'], { socket });
    daemon.process.kill('SIGCONT');
    t.match(await waiting, { status: 0, out: /running/ });
  },
);

t.test('another program at the socket is reported as not being salond', buffered, async (t) => {
  const answers: readonly (readonly [said: string | Buffer, words: RegExp])[] = [
    [
      'HTTP/1.1 400 Bad Request\r\n\r\n',
      /it answers "HTTP\/1\.1 400 Bad Request\\r": it is not salond's control socket/,
    ],
    ['1\tnull\n', /it is not salond's control socket/],
    ['1\t[]\n', /it is not salond's control socket/],
    ['1\t{"command":}\n', /it is not salond's control socket/],
    ['\n', /it answers "": it is not/],
    [Buffer.from([0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a, 0x0a]), /it is not salond's control socket/],
    ['constructor\t{}\n', /it is not salond's control socket/],
    ['x'.repeat(17 * 1024 * 1024), /a line of more than 16 MiB: it is not salond/],
  ];
  for (const [index, [said, words]] of answers.entries()) {
    const socket = await listen(t, (other) => {
      other.write(said);
    });
    const typed = ['users', '--timeout', '5'];
    const { status, err } = await (index === 0 ? salonctl(t, typed, { socket }) : salonctlHere(typed, { socket }));
    t.equal(status, 69, String(words));
    t.match(err, words);
    t.match(err, /^salonctl: [^\n\u001b]+\n$/);
  }
});

t.test('a connection that ends before the reply is an error', buffered, async (t) => {
  const ends = await listen(t, (socket) => {
    socket.end();
  });
  const breaks = await listen(t, (socket) => {
    socket.destroy();
  });
  const inside = await listen(t, (socket) => {
    socket.end('1\t{"command":"status"');
  });
  const closing = await listen(t, (socket) => {
    socket.end('199\t{"reason":"the server is stopping"}\n');
  });
  for (const socket of [ends, breaks, inside]) {
    const ended = await (socket === ends ? salonctl(t, ['status'], { socket }) : salonctlHere(['status'], { socket }));
    t.match(ended, {
      status: 69,
      err: /^salonctl: [^\n]+: the (?:daemon closed the connection|connection broke) before [^\n]+\n$/,
    });
  }
  // If a page of a list is missing, nothing of the list is shown.
  const paging = await listen(t, (socket) => {
    socket.once('data', () => {
      socket.write('1\t{"command":"list_bans","bans":[{"target":"bob"}],"more":true}\n');
      socket.once('data', () => socket.destroy());
    });
  });
  for (const args of [['bans'], ['bans', '--json']])
    t.match(await salonctlHere(args, { socket: paging }), { status: 69, out: '' }, 'between two pages');
  t.match(await salonctlHere(['status'], { socket: closing }), {
    status: 69,
    err: /the daemon closed the connection: the server is stopping\n$/,
  });
});

t.test('a refusal without a text, and replies of an unknown form, are shown', buffered, async (t) => {
  const refusing = await listen(t, (socket) => {
    socket.write('42\t{}\n');
  });
  t.match(await salonctlHere(['status'], { socket: refusing }), {
    status: 1,
    err: 'salonctl: status: refused with code 42\n',
  });
  const older = await listen(t, (socket) => {
    socket.write('6\t{"error":"there is no such command: help names them all"}\n');
  });
  t.match(await salonctlHere(['drain', '--over', '90m'], { socket: older }), {
    status: 1,
    err: 'salonctl: drain --over 90m: the daemon does not know this command. It may be older than salonctl.\n',
  });
  const strange = await listen(t, (socket) => {
    socket.write(
      '1\t{"command":"kick","sessions":2,"kind":"user","__proto__":{"a":[1,null,{"b":true}]},"constructor":7}\n',
    );
  });
  const { status, out } = await salonctlHere(['kick', 'bob'], { socket: strange });
  t.equal(status, 0);
  t.match(out, /^2 sessions ended\nkind +user\n/);
  // This daemon sends empty pages without an end.
  const endless = await listen(t, (socket) => {
    socket.on('data', () => socket.write('1\t{"command":"list_bans","bans":[],"more":true}\n'));
  });
  t.match(await salonctlHere(['bans'], { socket: endless }), { status: 0, out: 'no bans\n' });
});
