// protocol/ as the tests read it, and the checks of a server's lines that are made from it.
import { join } from 'node:path';
import { readProtocol } from '../../tools/protocol-files.js';
import { lineChecks } from '../../tools/validator.js';
import { root } from './daemon.js';

/** All of protocol/ but the dialogues. */
export const protocol = readProtocol(join(root, 'protocol'));

/** What is wrong with a line that a client, or an operator, reads. */
export const checks = lineChecks(protocol);
