// A target for a coverage-guided fuzzer (`npm run fuzz:guided`): bytes → frames must not depend on how TCP cut the bytes.
import assert from 'node:assert/strict';
import { Framer, type Frame } from '../../../src/wire/framer.js';

/** Small, so that long lines are found soon. */
const maxLineBytes = 64;

function frames(pieces: readonly Buffer[]): readonly Frame[] {
  const framer = new Framer(maxLineBytes);
  const all: Frame[] = [];
  const take = (): void => {
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) all.push(frame);
  };
  for (const piece of pieces) {
    framer.push(piece);
    take();
  }
  framer.end();
  take();
  return all;
}

/** @param data the first byte says how the others are cut */
export function fuzz(data: Buffer): void {
  const [step = 1] = data;
  const bytes = data.subarray(1);
  const pieces = [];
  for (let at = 0; at < bytes.length; at += 1 + step % 16) pieces.push(bytes.subarray(at, at + 1 + step % 16));
  assert.deepEqual(frames(pieces), frames([bytes]));
}
