// `node dist/bench/bare-hash.js SECONDS`: verifies a password repeatedly, two at a time, and prints the time of the end
// of each. It is a separate process so that, like the daemon, it has its own thread pool.
import { Passwords } from '../src/accounts/passwords.js';
import { password } from './salond-data.js';

const passwords = new Passwords({ logN: 15, r: 8, p: 3 }, 16);
const hash = await passwords.hash(password);
const limit = performance.now() + Number(process.argv[2]) * 1000;
const ends: number[] = [];

async function again(): Promise<void> {
  while (performance.now() < limit) {
    await passwords.verify(password, hash);
    ends.push(performance.now());
  }
}

await Promise.all([again(), again()]);
console.log(JSON.stringify(ends.filter((at) => at <= limit)));
