// The kinds of lines that the fuzzer sends, and how often it sends each. Lines that close the connection are in
// endings.ts.
import { bits, noRef } from './group.js';
import { badRef, good, halfGood, mutated, ping } from './json-lines.js';
import { weighted } from './random.js';
import { blank, deep, long, noise, plain, telnet } from './raw-lines.js';
import type { Target } from './target.js';

/** Creates a user, logs out and back in, with a wrong password between. This costs three hashes, so it is rare. */
function identity({ random, group, nextRef, username, room }: Target): void {
  if (!random.once(4)) return;
  const [created, out, failed, back, joined] = [nextRef(), nextRef(), nextRef(), nextRef(), nextRef()];
  const person = `"username":"u${random.below(1e9)}","first_name":"A","last_name":"B","password":"12345678"`;
  const password = `"password":"${username} password"`;
  group.line(`{"command":"create_user",${person},"ref":${created}}`, created, bits(1, 4));
  group.line(`{"command":"log_out","ref":${out}}`, out, bits(1));
  group.line(
    `{"command":"authenticate_user","username":"${username}","password":"wrong","ref":${failed}}`,
    failed,
    bits(4),
  );
  group.line(`{"command":"chatroom_message","username":"${username}","room":"${room}","message":"x"}`, noRef, bits(8));
  group.line(`{"command":"authenticate_user","username":"${username}",${password},"ref":${back}}`, back, bits(1));
  group.line(`{"command":"join_chatroom","username":"${username}","room":"${room}","ref":${joined}}`, joined, bits(1));
}

const kinds = weighted<(target: Target) => void>(
  [900, halfGood],
  [120, good],
  [100, ping],
  [30, badRef],
  [250, mutated],
  [250, plain],
  [100, noise],
  [80, telnet],
  [40, deep],
  [4, long],
  [40, blank],
  [1, identity],
);

/** Adds a random line, or a few that belong together, to the target's group. */
export function addLine(target: Target): void {
  target.random.pick(kinds)(target);
}
