// A password from standard input: its first line, asked for without echo where that is a terminal.
import { createInterface } from 'node:readline';
import { UsageError } from './words.js';

/** Rejects with UsageError where there is none. */
export async function readPassword(): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) return typedPassword();
  for await (const line of createInterface(stdin)) return line;
  throw new UsageError('the password has to come on standard input');
}

function typedPassword(): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write('Password: ');
  stdin.setRawMode(true).setEncoding('utf8').resume();
  return new Promise((resolve, reject) => {
    let password = '';
    const end = (): void => {
      stdin.off('data', take).setRawMode(false).pause();
      stderr.write('\n');
    };
    const take = (typed: string): void => {
      for (const character of typed) {
        if (character === '\r' || character === '\n') {
          end();
          resolve(password);
          return;
        }
        if (character === '\u0003' || character === '\u0004') {
          end();
          reject(new UsageError('no password was given'));
          return;
        }
        // Backspace, as terminals send it.
        password = character === '\u007f' || character === '\b' ? [...password].slice(0, -1).join('') : password + character;
      }
    };
    stdin.on('data', take);
  });
}
