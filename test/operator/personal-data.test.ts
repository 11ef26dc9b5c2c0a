// Tests the operators' command that sends all that is stored about a user (src/operator/personal-data.ts).
import t from 'tap';
import type { OperatorSession } from '../../src/operator/operator-session.js';
import { exportAccount } from '../../src/operator/personal-data.js';
import type { OperatorServices } from '../../src/operator/services.js';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import { worded } from '../support/sentences.js';

const alice = { id: 7, state: 'active' };

/** Exports alice, and answers what `export_account` does, where a step of the export finds her as `later`. */
async function exported(later: object | undefined, before = alice): Promise<object> {
  let now: object | undefined = before;
  const parts = (async function* () {
    yield ['{"in":"users"}\n'];
    now = later;
    yield ['{"in":"messages"}\n', '{"in":"messages"}\n'];
  })();
  const services = {
    store: { personal: { of: () => parts }, directory: { findUser: async () => now } },
    inTurn: <Result>(read: () => Promise<Result>): Promise<Result> => read(),
  };
  const operator = { gone: false, output: { reply: () => undefined, drained: async () => undefined } };
  return exportAccount(
    operator as unknown as OperatorSession,
    { command: 'export_account', spec: operatorSpecs.export_account, parameters: { user: 'alice' }, ref: undefined },
    services as unknown as OperatorServices,
  );
}

t.test('a user who is deleted or erased during an export is not exported by halves', async (t) => {
  t.same(await exported(alice), { results: { lines: 3 } });
  const deleted = { id: 7, state: 'deleted' };
  t.same(await exported(deleted, deleted), { results: { lines: 3 } }, 'who was deleted before can be exported');
  t.match(worded(await exported(deleted)), { code: 11, error: /deleted meanwhile/ });
  t.match(worded(await exported(undefined)), { code: 11, error: /erased meanwhile/ });
  t.match(worded(await exported({ id: 8, state: 'active' })), { code: 11, error: /erased meanwhile/ });
});
