// Which logs keep what other writers stored: those that are followed, or about to be.
import t from 'tap';
import { FollowedLogs } from '../../src/store/followed-logs.js';
import type { Messages } from '../../src/store/log.js';
import { joinTexts } from '../../src/store/texts.js';

const foreign: Messages = {
  log: 1,
  first: 1,
  time: 0,
  authors: [{ id: 0, name: 'alice' }],
  texts: joinTexts(['a']),
  kinds: ['text'],
  about: [0],
};

t.test('a log that could not be opened keeps nothing more, and one that is open stays open', async (t) => {
  const logs = new FollowedLogs();
  t.equal(logs.receive(foreign), false, 'nobody follows it');
  logs.prepare(1);
  t.equal(logs.receive(foreign), true, 'it is about to be followed');
  logs.abandon(1);
  t.equal(logs.receive(foreign), false, 'it could not be opened');
  const followed = logs.open(1, 0);
  logs.abandon(1);
  t.equal(logs.receive(foreign), true);
  t.match(logs.next(), { first: 1 });
  t.equal(followed.head, 1);
});
