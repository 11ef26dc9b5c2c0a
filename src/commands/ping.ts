// ping: shows that the connection works.
import type { Command } from './services.js';

/** Answers the data that was sent. */
export const ping: Command<'ping'> = (_session, { parameters: { data } }) => ({ results: { data } });
