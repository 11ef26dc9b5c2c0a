#!/usr/bin/env python3
"""A client that loses nothing and repeats nothing, for programs in Python and for whoever wants to talk by it.

    SALON_TOKEN=5f0c….3xhK… python3 salon.py 127.0.0.1:7256 lobby lobby.db
    SALON_TOKEN=5f0c….3xhK… python3 salon.py /run/salond/chat.sock lobby lobby.db

It prints the messages of a room, and sends the lines that are typed. Python's standard library is all that it needs.
lobby.db remembers the id of the last message that was printed, and what was typed and is not known to be stored. So the
program, the connection and the server may end at any moment: afterwards the room goes on where it was, and what was
typed is stored once, because each try has the same key. Only a message that was printed when the program was killed may
be printed again. After a kick it comes back a minute later, with what was said meanwhile. With Ctrl-D it ends once all
is stored.
"""
import json
import os
import select
import selectors
import socket
import sqlite3
import sys
import time
import uuid

KEEPALIVE = 30  # seconds: a connection without a line for longer is lost
AWAY = 60  # seconds after which it comes back to a room that it was removed from


class Memory:
    """What outlives the program."""

    def __init__(self, path):
        self.file = sqlite3.connect(path, isolation_level=None)
        self.file.execute("create table if not exists unsent (n integer primary key, key text, message text)")
        self.file.execute("create table if not exists last (id integer)")

    @property
    def last(self):
        return self.file.execute("select max(id) from last").fetchone()[0] or 0

    def read(self, id):
        if id > self.last:
            self.file.execute("delete from last")
            self.file.execute("insert into last values (?)", (id,))

    def typed(self, message):
        self.file.execute("insert into unsent (key, message) values (?, ?)", (str(uuid.uuid4()), message))

    def unsent(self):
        return self.file.execute("select key, message from unsent order by n").fetchall()

    def stored(self, key):
        self.file.execute("delete from unsent where key = ?", (key,))


def connect(where):
    if where.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(where)
        return connection
    host, port = where.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)), timeout=10)


def members(text):
    """What a line says; nothing where it is not in JSON, as the login's reply if the token has kept another form."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Room:
    """One connection to the room. `run` ends with the seconds after which to come back, or with None at the end."""

    def __init__(self, where, name, memory, keyboard):
        self.name, self.memory, self.keyboard = name, memory, keyboard
        self.socket, self.rest = connect(where), b""
        self.waiting = []  # keys that are on their way, the oldest first
        self.logged_in = self.set = self.joined = False
        self.heard, self.retry = time.monotonic(), 1
        self.send(command="authenticate_token", token=os.environ["SALON_TOKEN"])

    def send(self, **request):
        self.socket.sendall(json.dumps(request, ensure_ascii=False).encode() + b"\n")

    def send_all(self):
        for key, message in self.memory.unsent() if self.joined else []:
            if key not in self.waiting:
                self.waiting.append(key)
                self.send(command="post_message", room=self.name, message=message, key=key)

    def take(self, code, line):
        """A line of the server's. Answers whether to go on."""
        if code == 199:
            self.retry = line.get("retry_after", 60_000) / 1000
        elif code >= 100 and not self.set:
            pass  # it may be in another form
        elif code in (100, 110):
            print(f"{line['time'][11:16]} <{line['username']}> {line.get('message', '(deleted)')}", flush=True)
            self.memory.read(line["id"])
        elif code == 106:
            print(f"out of the room, back in {AWAY} seconds: {line.get('reason', '')}", file=sys.stderr)
            self.retry = AWAY
            return False  # no reply counts any more: what others said before it would be missing
        elif code == 111:
            print("(older messages are gone)", flush=True)
        elif code == 191:
            self.socket.sendall(b"\n")  # a sign of life for another
        elif code in (2, 14, 16):  # later
            self.retry = line.get("retry_after", 1000) / 1000
            return False
        elif self.joined and code < 100:
            self.posted(code, line)
        elif code < 100:
            self.enter(code, line)
        return True

    def enter(self, code, line):
        """A reply on the way into the room. The next request says what a token may have kept otherwise."""
        if code != 1:
            sys.exit(f"{line.get('command')}: {line.get('error')}")
        if not self.logged_in:
            self.logged_in = True
            self.send(command="set_session", form="json", max_line=32768, ascii=False, keepalive=KEEPALIVE,
                      events="messages", names=False)
        elif not self.set:
            self.set = True
            self.socket.sendall(f"join {self.name} {self.memory.last}\n".encode())
        else:
            self.joined = True

    def posted(self, code, line):
        """The reply to the oldest message that is on its way. That to a line which is too long has no `ref`."""
        key = self.waiting.pop(0)
        if code == 1:
            self.memory.read(line["id"])  # the reply stands in the message's place
        else:
            print(f"not sent: {line['error']}", file=sys.stderr)
        self.memory.stored(key)

    def run(self):
        with selectors.DefaultSelector() as selector, self.socket:
            selector.register(self.socket, selectors.EVENT_READ)
            if not self.keyboard.ended:
                selector.register(self.keyboard, selectors.EVENT_READ)
            while not (self.keyboard.ended and self.joined and not self.memory.unsent()):
                self.send_all()
                for key, _ in selector.select(1):
                    if key.fileobj is self.keyboard:
                        self.keyboard.keep(self.memory)
                        if self.keyboard.ended:
                            selector.unregister(self.keyboard)
                        continue
                    came = self.socket.recv(65536)
                    *lines, self.rest = (self.rest + came).split(b"\n")
                    self.heard = time.monotonic()
                    for code, _, text in (line.partition(b"\t") for line in lines):
                        if not self.take(int(code), members(text)):
                            return self.retry
                    if came == b"":
                        return self.retry
                if time.monotonic() - self.heard > KEEPALIVE + 10:
                    return self.retry
        return None


class Keyboard:
    """Lines from the standard input, as they come."""

    rest, ended = b"", False

    def fileno(self):
        return 0

    def keep(self, memory):
        """Writes down what has come."""
        came = os.read(0, 65536)
        self.ended = came == b""
        *lines, self.rest = (self.rest + came).split(b"\n")
        if self.ended:
            lines.append(self.rest)
        for line in lines:
            if line.strip():
                memory.typed(line.decode(errors="replace"))

    def wait(self, seconds, memory):
        """Waits, and writes down what comes meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.ended:
                time.sleep(left)
            elif select.select([self], [], [], left)[0]:
                self.keep(memory)


def main(where, room, path):
    memory, keyboard = Memory(path), Keyboard()
    while True:
        try:
            wait = Room(where, room, memory, keyboard).run()
        except OSError:
            wait = 2
        if wait is None:
            return
        keyboard.wait(wait, memory)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
