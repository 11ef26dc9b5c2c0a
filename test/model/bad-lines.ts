// Lines among the good ones that are refused before any command runs, or ignored, each with its one possible code.
import type { Asked, Asker } from './asker.js';
import { hasCode } from './asker.js';

const name = 'chatroom_message';

/** The lines whose code depends on nothing, and that have no ref. */
const bareLines: readonly (readonly [string | Buffer, number])[] = [
  ['{"command":"chatroom_message","ref":1,', 5],
  [Buffer.from('70696e67c080', 'hex'), 5],
  [`{"command":"ping","ref":${'['.repeat(20)}${']'.repeat(20)}}`, 5],
  ['{"command":"ping","data":"\\ud800"}', 5],
  ['hello?', 6],
  ['x'.repeat(16_385), 15],
  [name, 3],
];

export function badLine(asker: Asker, number: number): Asked {
  const [room, { username }] = [asker.roomName(0), asker.view];
  const speak = { command: name, username, room, message: 'x' };
  const authenticatedOr8 = (code: number): number => (asker.standing.authenticated ? code : 8);
  const lines: readonly (() => Asked)[] = [
    () => ({ line: ' \t \r', expected: undefined }),
    () => ({ line: '', expected: undefined }),
    () => asker.refused({}, 3),
    () => asker.refused({ command: 'hasOwnProperty' }, 6),
    () => asker.refused({ ...speak, message: null }, 3),
    () => asker.refused({ ...speak, message: '' }, 7),
    () => asker.refused({ ...speak, message: 'é'.repeat(2049) }, 7),
    () => asker.refused({ ...speak, key: 1 }, 7),
    () => asker.refused({ ...speak, username: 'nobody' }, authenticatedOr8(9)),
    () => asker.refused({ command: 'join_chatroom', username, room, after: -1 }, 7),
    () => asker.refused({ command: 'join_chatroom', username, room: `${room}-none`, after: 1 }, authenticatedOr8(7)),
    () => asker.refused({ command: 'chatroom_history', room, after: 0, before: 1 }, 7),
    ...bareLines.map(
      ([line, code]) =>
        () =>
          asker.bare(line, hasCode(code)),
    ),
  ];
  return lines[number % lines.length]?.() ?? asker.refused({}, 3);
}
