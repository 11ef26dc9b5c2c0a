// ping: shows that the connection works.
import { encodeTime } from '../wire/encode.js';
import type { Command } from './services.js';

/** Answers the data that was sent, and the time. */
export const ping: Command<'ping'> = (_session, { parameters: { data } }) => ({
  results: { data, time: encodeTime(Date.now()) },
});
