// Reads protocol/ for the tests, and compiles its checks of a server's lines.
import { join } from 'node:path';
import { readProtocol } from '../../tools/protocol-files.js';
import { lineChecks } from '../../tools/validator.js';
import { root } from './daemon.js';

/** All of protocol/ except the dialogues. */
export const protocol = readProtocol(join(root, 'protocol'));

/** The checks of lines for clients and for operators. */
export const checks = lineChecks(protocol);
