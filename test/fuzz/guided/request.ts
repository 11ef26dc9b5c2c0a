// A target for a coverage-guided fuzzer (`npm run fuzz:guided`): a line becomes a request or a refusal that PROTOCOL.md knows, the same
// by the short way and by the general one.
import assert from 'node:assert/strict';
import { isRequest, parseGeneral, parseRequest } from '../../../src/wire/request.js';

const codes: ReadonlySet<number> = new Set([3, 5, 6, 7]);

export function fuzz(data: Buffer): void {
  const line = data.toString('utf8').replaceAll('\n', ' ').trimStart();
  if (line === '') return;
  const parsed = parseRequest(line);
  const general = parseGeneral(line);
  if (!isRequest(parsed)) {
    assert.ok(codes.has(parsed.code), `code ${parsed.code}`);
    assert.deepEqual(parsed, general);
    return;
  }
  assert.ok(isRequest(general));
  assert.deepEqual([parsed.command, parsed.parameters, parsed.ref], [general.command, general.parameters, general.ref]);
  if (parsed.literal !== undefined && 'message' in parsed.parameters) assert.equal(JSON.parse(parsed.literal), parsed.parameters.message);
}
