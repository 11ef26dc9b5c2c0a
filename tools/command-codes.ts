// Computes the codes that can answer a command, from codes.json and the command's file.
import type { CodeEntry, CommandFile } from './protocol-files.js';

/** The codes of replies to that command, or to a line whose command was not understood. */
export function codesOf(command: CommandFile | undefined, codes: readonly CodeEntry[]): ReadonlySet<number> {
  const found = codes.filter((entry) => (command === undefined ? ofAnyLine(entry) : canAnswer(entry, command)));
  return new Set(found.map(({ code }) => code));
}

/** A line can lack its command, which is a missing field. */
function ofAnyLine({ name, answers }: CodeEntry): boolean {
  return answers === 'any line' || name === 'missing_field';
}

function canAnswer({ code, answers }: CodeEntry, { codes, parameters, user }: CommandFile): boolean {
  if (codes.includes(code)) return true;
  switch (answers) {
    case 'any line':
    case 'any command':
      return true;
    case 'a command with required parameters':
      return parameters.some(({ required }) => required);
    case 'a command that needs a user':
      return user === 'own';
    case "a command with the user's own name":
      return user === 'own' && parameters.some(({ name }) => name === 'username');
    case 'a command that lists it':
      return false;
  }
}
