// What `salonctl --help` says.
import { operatorSpecs } from '../wire/protocol.js';
import { local } from './local.js';
import { named, placed, takesPassword, words } from './words.js';

/** A command as it is typed: `ban TARGET [--duration DURATION] [--reason REASON]`. */
function form(its: string, command: keyof typeof operatorSpecs): string {
  const spec = operatorSpecs[command];
  const values = placed(spec).map(({ name }) => name.toUpperCase());
  const options = named(spec).map(({ name }) => `[--${name} ${name.toUpperCase()}]`);
  return [its, ...values, ...options, ...(takesPassword(spec) ? ['< PASSWORD'] : [])].join(' ');
}

export function usage(): string {
  const remote = [...words].map(([its, command]) => [form(its, command), operatorSpecs[command].summary] as const);
  const all = [...remote, ...Object.entries(local).map(([, { form: its, summary }]) => [its, summary] as const)].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    'Usage: salonctl [--socket PATH] [--json] COMMAND [ARGUMENT]...',
    'Asks a running salond, on its control socket, to tell or to do something.',
    '',
    ...all.flatMap(([its, summary]) => [`  ${its}`, `      ${summary}`]),
    '',
    'Times are seconds, or like 2m, 12h, 7d. Where a command ends in < PASSWORD, the password is the first line of standard input.',
    'The socket is that of --socket, else of SALONCTL_SOCKET, else /run/salond/control.sock or salond-data/control, whichever is there.',
    '',
    'Exit status: 0 done, 1 refused, 64 wrong usage, 65 bad data, 69 no daemon, 73 a file that can\'t be made.',
  ].join('\n');
}
