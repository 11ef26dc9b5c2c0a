// The daemon as a whole.
import { encodeEvent } from '../wire/encode.js';
import { refusal } from '../wire/refusal.js';
import type { OperatorCommand } from './services.js';

/** Seconds within which a drain ends all sessions, unless told. */
const defaultDrain = 30;

/** What one line carries of a file: with base64's four thirds below a line's 32 KiB. */
const pieceBytes = 24_000;

export const status: OperatorCommand<'status'> = async (_, { daemon }) => ({ results: await daemon.status() });

export const resetTime: OperatorCommand<'reset_time'> = async (_, { daemon }) => ({
  results: { back: Math.floor((await daemon.resetTime()) / 1000) },
});

export const drain: OperatorCommand<'drain'> = ({ over = defaultDrain }, { daemon }) => {
  const { sessions, changed } = daemon.drain(over);
  return { results: { sessions, over, changed } };
};

export const reload: OperatorCommand<'reload'> = (_, { daemon }) => {
  const done = daemon.reload();
  return 'problem' in done ? refusal('invalid_field', done.problem) : { results: done };
};

export const setLogLevel: OperatorCommand<'set_log_level'> = ({ level }, { daemon }) =>
  daemon.setLogLevel(level)
    ? { results: { level } }
    : refusal('invalid_field', 'level must be fatal, error, warn, info, debug, trace or silent', { field: 'level' });

export const backUp: OperatorCommand<'back_up'> = async (_, { daemon }, output) => ({
  results: await daemon.backUp(async (bytes) => {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      output.reply(encodeEvent('piece', { data: bytes.toString('base64', at, at + pieceBytes) }));
    }
    await output.drained();
  }),
});
