// The operators' command `export_account`: sends all that is stored about one user (store/personal-data.ts).
import { setTimeout as sleep } from 'node:timers/promises';
import { nameKey } from '../text/names.js';
import { encodeEvent } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { verbatim } from '../wire/words.js';
import { noSuchUser } from './accounts.js';
import type { OperatorCommand } from './services.js';

/** Bytes that one event carries. In base64, which is a third longer, they fit a line of 32 KiB. */
const pieceBytes = 24_000;

/** Milliseconds that a rest between two reads takes at most. */
const longestRest = 50;

/**
 * Sends the lines about a user, who may be deleted, in `piece` events, no faster than the operator reads. It reads all
 * messages once, a few at a time, and rests as long as each read took: the disk is for clients too. Answers how many
 * lines were sent. Refuses (11) where there never was such a user, or it was erased, and where it is deleted or erased
 * before the end: what was sent is then of both states, and no copy of either.
 */
export const exportAccount: OperatorCommand<'export_account'> = async (
  operator,
  { parameters },
  { store: { personal, directory }, inTurn },
) => {
  if (personal === undefined) return refusal('failed', verbatim('this store has no such export'));
  const user = await inTurn(() => directory.findUser(nameKey(parameters.user)));
  if (user === undefined) return noSuchUser();
  const { output } = operator;
  const parts = personal.of(user.id);
  let count = 0;
  while (!operator.gone) {
    const begun = performance.now();
    const { value: lines, done } = await inTurn(() => parts.next());
    if (done === true) break;
    count += lines.length;
    const bytes = Buffer.from(lines.join(''));
    for (let at = 0; at < bytes.length; at += pieceBytes)
      output.reply(encodeEvent('piece', { data: bytes.toString('base64', at, at + pieceBytes) }));
    const rest = Math.min(longestRest, performance.now() - begun);
    await output.drained();
    await sleep(rest);
  }
  const now = await inTurn(() => directory.findUser(nameKey(parameters.user)));
  if (now?.id !== user.id) return refusal('not_found', verbatim('the user was erased meanwhile'));
  if (now.state === 'deleted' && user.state !== 'deleted')
    return refusal('not_found', verbatim('the user was deleted meanwhile: ask again for what is left of it'));
  return { results: { lines: count } };
};
