import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { evaluate } from './expression.ts';
import { knobsOf } from './knobs.ts';

/**
 * How a kernel's source is launched, as lines of its comments say:
 *
 *     // @let tiles ceil_div(vectors, TILE)
 *     // @scratch batch * vectors * vectors * 4
 *     // @launch gram grid(tiles, batch) block(256) shared(TILE * 64 * 2) args(x, scratch, vectors, dim)
 *     // @launch apply grid(batch) block(THREADS) args(scratch, y, out, vectors) when(SPLIT == 1)
 *
 * Launches run one after another. Sizes are expressions over the axes of the shape, the knobs of the source and what a line
 * with @let named before. Arguments are the operator's tensors by name, `scratch` (bytes that all launches share, of undefined contents), and then whole
 * numbers as expressions, which the kernel takes as 32-bit integers.
 */
export interface LaunchPlan {
  launches: PlannedLaunch[];
  scratchBytes: number;
}

export interface PlannedLaunch {
  entry: string;
  grid: [number, number, number];
  block: [number, number, number];
  sharedBytes: number;
  /** Names of tensors, or `scratch`. */
  pointers: string[];
  integers: number[];
}

export class LaunchError extends Error {}

const launchLine = /(?:\/\/|#)\s*@launch\s+(\w+)\s+(.*)$/;
const letLine = /(?:\/\/|#)\s*@let\s+([A-Za-z_]\w*)\s+(.*)$/;
const scratchLine = /(?:\/\/|#)\s*@scratch\s+(.*)$/;
const clauseNames = ['grid', 'block', 'shared', 'args', 'when'];

/**
 * The launches of a source for a shape.
 * @param tensors names of the operator's tensors
 * @throws LaunchError where the lines make no sense for it
 */
export function launchPlan(text: string, shape: Shape, tensors: readonly string[]): LaunchPlan {
  const names = namesOf(text, shape);
  const value = (expression: string) => inContext(() => evaluate(expression, names));
  const plan: LaunchPlan = { launches: [], scratchBytes: 0 };
  for (const line of text.split('\n')) {
    const scratch = scratchLine.exec(line)?.[1];
    if (scratch !== undefined) plan.scratchBytes = value(scratch);
    const launch = launchLine.exec(line);
    if (launch) plan.launches.push(...planned(launch[1], launch[2], value, tensors));
  }
  if (plan.launches.length === 0)
    throw new LaunchError("no launch: the source needs a comment '@launch entry grid(…) …'");
  return plan;
}

/**
 * All that expressions of a source may speak of: axes, knobs, and what its lines with @let name.
 * @throws LaunchError where such a line makes no sense
 */
export function namesOf(text: string, shape: Shape): Record<string, number> {
  const names: Record<string, number> = {
    ...shape,
    ...Object.fromEntries(knobsOf(text).map(({ name, value }) => [name, value])),
  };
  for (const line of text.split('\n')) {
    const [, name, expression] = letLine.exec(line) ?? [];
    if (name === undefined) continue;
    if (Object.hasOwn(names, name)) throw new LaunchError(`@let ${name}: that name is taken`);
    names[name] = inContext(() => evaluate(expression, names));
  }
  return names;
}

function planned(
  entry: string,
  text: string,
  value: (expression: string) => number,
  tensors: readonly string[],
): PlannedLaunch[] {
  const clauses = clausesOf(entry, text);
  if (clauses.when !== undefined && value(clauses.when) === 0) return [];
  const size = (name: string): [number, number, number] => {
    const [x = 1, y = 1, z = 1, ...more] = split(clauses[name] ?? '1').map(value);
    if (more.length > 0 || [x, y, z].some((each) => each < 1)) {
      throw new LaunchError(`${name}(${clauses[name]}) of ${entry} is ${[x, y, z, ...more].join(' × ')}`);
    }
    return [x, y, z];
  };
  const args = split(clauses.args ?? '');
  const isPointer = (arg: string) => arg === 'scratch' || tensors.includes(arg);
  const firstNumber = args.findIndex((arg) => !isPointer(arg));
  const pointers = firstNumber < 0 ? args : args.slice(0, firstNumber);
  const rest = firstNumber < 0 ? [] : args.slice(firstNumber);
  const late = rest.find(isPointer);
  if (late !== undefined) throw new LaunchError(`${entry}: tensors come before numbers, ${late} does not`);
  return [
    {
      entry,
      grid: size('grid'),
      block: size('block'),
      sharedBytes: clauses.shared === undefined ? 0 : value(clauses.shared),
      pointers,
      integers: rest.map(value),
    },
  ];
}

/** `grid(a, b) block(c)` as texts by name. */
function clausesOf(entry: string, text: string): Record<string, string> {
  const clauses: Record<string, string> = {};
  let rest = text.trim();
  while (rest !== '') {
    const name = /^\w+(?=\()/.exec(rest)?.[0];
    if (name === undefined || !clauseNames.includes(name)) {
      throw new LaunchError(
        `launch of ${entry}: expected ${clauseNames.map((each) => `${each}(…)`).join(', ')} at '${rest}'`,
      );
    }
    const end = closingOf(rest, name.length);
    if (end < 0) throw new LaunchError(`launch of ${entry}: ${name}( is not closed`);
    clauses[name] = rest.slice(name.length + 1, end);
    rest = rest.slice(end + 1).trim();
  }
  return clauses;
}

function closingOf(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')' && --depth === 0) return at;
  }
  return -1;
}

/** Parts between commas that stand in no brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')') depth--;
    if (at < text.length && (text[at] !== ',' || depth > 0)) continue;
    const part = text.slice(start, at).trim();
    if (part !== '') parts.push(part);
    start = at + 1;
  }
  return parts;
}

function inContext<Value>(call: () => Value): Value {
  try {
    return call();
  } catch (error) {
    throw new LaunchError((error as Error).message);
  }
}

/** The source as it is compiled for a shape: each `AXIS_name` is that axis, so that sizes can be constants. */
export function specialised(text: string, shape: Shape): string {
  return text.replace(/\bAXIS_([A-Za-z]\w*)\b/g, (whole, axis) => {
    if (Object.hasOwn(shape, axis)) return String(shape[axis]);
    throw new LaunchError(`${whole}: the operator has no axis ${axis}`);
  });
}
