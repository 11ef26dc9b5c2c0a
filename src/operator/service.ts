// Operators' commands about the daemon: status, drain, reload, log level, time, backup.
import { encodeEvent } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { verbatim } from '../wire/words.js';
import type { OperatorCommand } from './services.js';

/** Seconds within which a drain ends all sessions when `over` is not given. */
const defaultDrain = 30;

/** Bytes of a backup that one line carries. In base64, which is a third longer, they fit a line of 32 KiB. */
const pieceBytes = 24_000;

/** Answers the daemon's state. */
export const status: OperatorCommand<'status'> = async (_operator, _request, { daemon }) => ({
  results: await daemon.status(),
});

/** Lets the times of new messages follow the machine's clock again. Answers by how many seconds they go back. */
export const resetTime: OperatorCommand<'reset_time'> = async (_operator, _request, { daemon }) => ({
  results: { back: Math.floor((await daemon.resetTime()) / 1000) },
});

/** Ends all sessions within `over` seconds, then stops the daemon. */
export const drain: OperatorCommand<'drain'> = (_operator, { parameters }, { daemon }) => {
  const { over = defaultDrain } = parameters;
  const { sessions, changed } = daemon.drain(over);
  return { results: { sessions, over, changed } };
};

/** Reads settings and certificates again. Refuses (7) where something is wrong with them: then nothing was changed. */
export const reload: OperatorCommand<'reload'> = (_operator, _request, { daemon }) => {
  const done = daemon.reload();
  return 'problem' in done ? refusal('invalid_field', verbatim(done.problem)) : { results: done };
};

/** Sets the log's level until the next start or reload. Refuses (7) where there is no such level. */
export const setLogLevel: OperatorCommand<'set_log_level'> = (_operator, { parameters: { level } }, { daemon }) =>
  daemon.setLogLevel(level)
    ? { results: { level } }
    : refusal('invalid_field', verbatim('level must be fatal, error, warn, info, debug, trace or silent'), {
        field: 'level',
      });

/** Sends a copy of all data in `piece` events, no faster than the operator reads. Answers the size and the checksum. */
export const backUp: OperatorCommand<'back_up'> = async ({ output }, _request, { daemon }) => ({
  results: await daemon.backUp(async (bytes) => {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      output.reply(encodeEvent('piece', { data: bytes.toString('base64', at, at + pieceBytes) }));
    }
    await output.drained();
  }),
});
