// The operators' command `follow`: sends the feed (store/feed.ts) as long as the operator reads.
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeEvent } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { verbatim } from '../wire/words.js';
import type { OperatorCommand } from './services.js';

/** Milliseconds after which the end of the feed is looked at again. */
const betweenLooks = 100;

/** After so many looks at the end without anything new an empty piece tells the operator that the daemon is there. */
const looksPerSign = 50;

/** Bytes of the feed that one event carries. In base64, which is a third longer, they fit a line of 32 KiB. */
const pieceBytes = 24_000;

const unknownPosition = verbatim(
  'the data has no such position: it is other or older data, or the reader is so far behind that removals are forgotten. Begin a new file',
);

/**
 * Sends the feed after a position in `piece` events, no faster than the operator reads. Never answers, but 7 where
 * there is no such position. What it keeps in memory is one part of the feed.
 */
export const follow: OperatorCommand<'follow'> = async (operator, { parameters }, { store: { feed }, inTurn }) => {
  if (feed === undefined) return refusal('failed', verbatim('this store has no feed'));
  const { output } = operator;
  let { after: position = '' } = parameters;
  for (let looks = 1; !operator.gone; looks += 1) {
    const part = await inTurn(() => feed.read(position));
    if (part === 'unknown') return refusal('invalid_field', unknownPosition, { field: 'after' });
    ({ position } = part);
    const bytes = Buffer.from(part.lines.join(''));
    if (bytes.length > 0) looks = 0;
    for (let at = 0; at < bytes.length; at += pieceBytes)
      output.reply(encodeEvent('piece', { data: bytes.toString('base64', at, at + pieceBytes) }));
    if (looks % looksPerSign === 0) output.reply(encodeEvent('piece', { data: '' }));
    await output.drained();
    if (part.isEnd) await sleep(betweenLooks, undefined, { ref: false });
  }
  return { results: {} };
};
