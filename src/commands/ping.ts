import type { Command } from './services.js';

export const ping: Command<'ping'> = (_session, { parameters: { data } }) => ({ results: { data } });
