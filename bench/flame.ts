// Turns a V8 CPU profile (`node --cpu-prof`) into a flame graph and a list of functions by their share of the main
// thread's time.
import { escape, fit, px, text } from './svg.js';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** The parts of V8's profile that are used. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** The node that was running at each sample, and the microseconds since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * A function called from one place. `self` is its own microseconds, `total` includes those of the functions it called.
 */
export interface Frame {
  readonly name: string;
  self: number;
  total: number;
  readonly children: Map<string, Frame>;
}

/** `deliver chat/delivery.js:7` for ours, `write node:net:5` for the runtime's, `(idle)` for the engine's own. */
function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const where = url.replace(/^.*\/dist\/src\//, '').replace(/^.*\/node_modules\//, '');
  return `${functionName || '(anonymous)'}${where === '' ? '' : ` ${where}:${lineNumber + 1}`}`;
}

/**
 * The call tree of the samples, without idle time.
 * @param includes tells of a sample, by its time in microseconds from the start of the profile, whether it counts
 */
export function frames(
  { nodes, samples, timeDeltas }: CpuProfile,
  includes: (at: number) => boolean = () => true,
): Frame {
  const times = new Map<number, number>();
  let at = 0;
  for (const [index, node] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    if (includes(at)) times.set(node, (times.get(node) ?? 0) + delta);
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const add = (into: Frame, node: ProfileNode): number => {
    const name = nameOf(node);
    if (name === '(idle)') return 0;
    const frame = into.children.get(name) ?? { name, self: 0, total: 0, children: new Map() };
    into.children.set(name, frame);
    const self = times.get(node.id) ?? 0;
    let total = self;
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) total += add(frame, child);
    }
    frame.self += self;
    frame.total += total;
    return total;
  };
  const root: Frame = { name: 'all', self: 0, total: 0, children: new Map() };
  const first = nodes[0];
  if (first !== undefined) root.total = add(root, first);
  return root.children.get('(root)') ?? root;
}

/** Each function's own share of the time, summed over all callers, in descending order. */
export function selfTimes(root: Frame): readonly { readonly name: string; readonly share: number }[] {
  const times = new Map<string, number>();
  const visit = (frame: Frame): void => {
    times.set(frame.name, (times.get(frame.name) ?? 0) + frame.self);
    for (const child of frame.children.values()) visit(child);
  };
  visit(root);
  return [...times].map(([name, time]) => ({ name, share: time / root.total })).sort((a, b) => b.share - a.share);
}

const width = 1160;
const rowHeight = 17;
const least = 0.002;

/** Light colours, and dark ones if the reader's system prefers them. */
const style =
  '.card{fill:#fcfcfb}text{fill:#1c1c1c}.ours{fill:#f2b66d}.runtime{fill:#c9d6e8}.engine{fill:#d9d9d9}' +
  '@media(prefers-color-scheme:dark){.card{fill:#0d1117}text{fill:#e6edf3}.ours{fill:#8a5a1c}.runtime{fill:#2f4a6d}.engine{fill:#3d444d}}';

/** The class of a box: salond's code, the runtime's, or neither (system calls, the collector). */
function classOf(name: string): string {
  if (name.includes(' node:')) return 'runtime';
  return name.includes('.js:') ? 'ours' : 'engine';
}

/** An SVG with callers above what they called; a box is as wide as the time spent in it. */
export function flameGraph(title: string, root: Frame): string {
  const boxes: string[] = [];
  let deepest = 0;
  const draw = (frame: Frame, x: number, depth: number): void => {
    const wide = (frame.total / root.total) * width;
    if (frame.total / root.total < least) return;
    deepest = Math.max(deepest, depth);
    const y = 34 + depth * rowHeight;
    boxes.push(
      `<g><title>${escape(frame.name)}: ${((100 * frame.total) / root.total).toFixed(1)} %, itself ${((100 * frame.self) / root.total).toFixed(1)} %</title>` +
        `<rect x="${px(x)}" y="${y}" width="${px(Math.max(wide - 0.6, 0.4))}" height="${rowHeight - 1}" rx="1" class="${classOf(frame.name)}"/>` +
        (wide > 40 ? text(x + 3, y + 12, fit(frame.name, wide - 6)) : '') +
        '</g>',
    );
    let left = x;
    for (const child of [...frame.children.values()].sort((a, b) => b.total - a.total)) {
      draw(child, left, depth + 1);
      left += (child.total / root.total) * width;
    }
  };
  draw(root, 20, 0);
  const height = 34 + (deepest + 1) * rowHeight + 14;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width + 40} ${height}" font-family="system-ui, sans-serif" font-size="11">` +
    `<title>${escape(title)}</title><style>${style}</style><rect width="100%" height="100%" rx="8" class="card"/>${text(20, 21, title)}${boxes.join('')}</svg>\n`
  );
}
