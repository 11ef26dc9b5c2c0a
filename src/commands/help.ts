// help: the names of all commands, or what one of them does.
import { helpAbout } from '../session/help.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import type { Command } from './services.js';

/** Answers what `about` names, or lists all commands. */
export const help: Command<'help'> = (_session, { parameters: { about } }) => helpAbout(commandSpecs, about);
