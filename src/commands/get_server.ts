// get_server: describes the server to a client.
import { commandSpecs } from '../wire/generated/command-specs.js';
import { encodeTime } from '../wire/encode.js';
import { limits } from '../wire/generated/limits.js';
import type { Command } from './services.js';

/**
 * Answers name, version, protocol, edition, limits, durability, all commands, time, and the session's user, if it has
 * one.
 */
export const getServer: Command<'get_server'> = ({ state }, _request, { store, version, maxLineBytes }) => ({
  results: {
    name: 'salond',
    version,
    protocol: limits.protocol,
    edition: 2,
    limits: { line_bytes: maxLineBytes, message_bytes: limits.fields.message.max, list: limits.fields.limit.max },
    durability: store.log.durability,
    commands: Object.keys(commandSpecs).sort(),
    time: encodeTime(Date.now()),
    username: state.kind === 'user' ? state.user.name : undefined,
  },
});
