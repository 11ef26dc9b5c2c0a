// A CPU profile as a call tree, a list and a picture.
import t from 'tap';
import { flameGraph, frames, selfTimes, type CpuProfile } from '../../bench/flame.js';

const node = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 6 },
  children,
});

/** deliver calls encode and write, another encode stands alone; a sample each 10 µs. */
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 5, 6]),
    node(2, 'deliver', 'file:///home/x/dist/src/chat/delivery.js', [3, 4]),
    node(3, 'encode<a>', 'file:///home/x/dist/src/wire/encode.js'),
    node(4, 'write', 'node:net'),
    node(5, 'encode<a>', 'file:///home/x/dist/src/wire/encode.js'),
    node(6, '(idle)', ''),
  ],
  samples: [6, 2, 3, 3, 4, 5, 6, 2],
  timeDeltas: [10, 10, 10, 10, 10, 10, 10, 10],
};

t.test('the tree has the time of each call and of what it called, without what was idle', async (t) => {
  const root = frames(profile);
  t.equal(root.total, 60);
  const deliver = root.children.get('deliver chat/delivery.js:7');
  t.match(deliver, { self: 20, total: 50 });
  t.same(
    [...(deliver?.children.values() ?? [])].map(({ name, total }) => [name, total]),
    [
      ['encode<a> wire/encode.js:7', 20],
      ['write node:net:7', 10],
    ],
  );
});

t.test('only the time asked for counts', async (t) => {
  t.equal(frames(profile, (at) => at >= 30 && at < 61).total, 40);
});

t.test('the list adds a function up over all its callers', async (t) => {
  t.same(
    selfTimes(frames(profile))
      .slice(0, 2)
      .map(({ name, share }) => [name, Math.round(100 * share)]),
    [
      ['encode<a> wire/encode.js:7', 50],
      ['deliver chat/delivery.js:7', 33],
    ],
  );
});

t.test('the picture has a box for each call, as wide as its time, and escapes names', async (t) => {
  const svg = flameGraph('a & b', frames(profile));
  t.match(svg, '<title>a &amp; b</title>');
  t.match(svg, 'encode&lt;a&gt; wire/encode.js:7: 33.3 %, itself 33.3 %');
  t.match(svg, '@media(prefers-color-scheme:dark)');
  t.notMatch(svg, ' fill="', "colours are the style's, which knows light and dark");
  const widths = [...svg.matchAll(/<rect x="[\d.]+" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width));
  t.same(widths, [1159.4, 966.07, 386.07, 192.73, 192.73]);
});
