// help: lists all commands, or describes one.
import { helpAbout } from '../session/help.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import type { Command } from './services.js';

/** Describes the command that `about` names, or lists all commands. */
export const help: Command<'help'> = ({ format }, { parameters: { about } }) =>
  helpAbout(commandSpecs, about, format.language);
