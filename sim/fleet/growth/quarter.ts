import { type Answer, LinearProgram } from '../linear-program.ts';
import { worthwhile } from './dominance.ts';
import { type GrowthInstance, hostsOfRole, type ServingOption } from './instance.ts';

/** Money that decides only between plans of the same price: the fewest alternatives at work. */
const tieBreak = 1e-7;

/**
 * Shares of the alternatives, together as large as given, that keep as few hosts at work, weighted by their price, as can be.
 */
export async function leanShares(
  instance: GrowthInstance,
  quarter: number,
  inventory: readonly number[],
  current: readonly number[],
): Promise<number[]> {
  const program = new LinearProgram();
  const used = instance.types.map((): [number, number][] => []);
  const isWorthwhile = worthwhile(instance, quarter);
  const shares = instance.alternatives.map(({ options }, index) =>
    options[quarter] && isWorthwhile[index]
      ? addOption(program, options[quarter], 1, 0, used).share
      : undefined,
  );
  const served = current.reduce((sum, share) => sum + share, 0);
  const entries = shares.flatMap((share): [number, number][] => (share === undefined ? [] : [[share, 1]]));
  if (entries.length === 0) return [...current];
  program.row({ lower: served, upper: served, entries });
  used.forEach((terms, type) => {
    const hosts = program.column({ upper: inventory[type], cost: instance.types[type].usdPerHour });
    program.row({ upper: 0, entries: [...terms, [hosts, -1]] });
  });
  const answer = await solved(program).catch(() => undefined);
  if (!answer) return [...current];
  return shares.map((share) => (share === undefined ? 0 : cleaned(answer.values[share])));
}

/** Effort of one search; branches end it alike on every machine. */
const search = { nodes: 300, timeLimitS: 20, relativeGap: 1e-3 };

/** @throws Error where the solver gives up before it found a plan or ruled it out */
export async function solved(program: LinearProgram): Promise<Answer | undefined> {
  const answer = await program.minimise(search);
  if (answer.state === 'infeasible') return undefined;
  if (answer.state === 'failed' || !Number.isFinite(answer.value) || answer.values.length === 0) {
    throw new Error('the solver stopped before it found a purchase plan or ruled it out');
  }
  return answer;
}

/** Requests per second that a given fleet serves at most in a quarter, whatever the shares. */
export async function mostServed(
  instance: GrowthInstance,
  quarter: number,
  inventory: readonly number[],
): Promise<number> {
  const program = new LinearProgram();
  const used = instance.types.map((): [number, number][] => []);
  const isWorthwhile = worthwhile(instance, quarter);
  for (const [index, { options }] of instance.alternatives.entries()) {
    const option = isWorthwhile[index] ? options[quarter] : undefined;
    const most = option ? mostShare(option, inventory) : 0;
    if (most > 0) addOption(program, option!, most, -1, used);
  }
  if (used.every((terms) => terms.length === 0)) return 0;
  used.forEach((terms, type) => {
    program.row({ upper: inventory[type], entries: terms });
  });
  const answer = await solved(program);
  return answer ? -answer.value * instance.demandPerS[quarter] : 0;
}

/** The largest share that the hosts could bear if the alternative had them all. */
function mostShare({ roles }: ServingOption, inventory: readonly number[]): number {
  if (roles.some(({ type, least, times }) => inventory[type] < least * times)) return 0;
  const each = roles.flatMap(({ type, lines, times }) =>
    lines.map(({ slope, constant }) => (slope > 0 ? (inventory[type] / times - constant) / slope : 1e6)),
  );
  return Math.max(0, Math.min(1e6, ...each));
}

/**
 * Adds share, use and hosts of an alternative in a quarter; the hosts go into `used` by type.
 * @param most upper bound of the share
 * @param shareCost objective of the share
 */
export function addOption(
  program: LinearProgram,
  { roles }: ServingOption,
  most: number,
  shareCost: number,
  used: [number, number][][],
): { share: number; isUsed: number } {
  const share = program.column({ upper: most, cost: shareCost });
  const isUsed = program.column({ upper: 1, isInteger: true, cost: tieBreak });
  program.row({
    upper: 0,
    entries: [
      [share, 1],
      [isUsed, -most],
    ],
  });
  for (const role of roles) {
    if (hostsOfRole(role, most) <= role.least) {
      used[role.type].push([isUsed, role.least * role.times]);
      continue;
    }
    const hosts = program.column({ isInteger: true });
    program.row({
      lower: 0,
      entries: [
        [hosts, 1],
        [isUsed, -role.least],
      ],
    });
    for (const { slope, constant } of role.lines) {
      program.row({
        lower: 0,
        entries: [
          [hosts, 1],
          [share, -slope],
          [isUsed, -constant],
        ],
      });
    }
    used[role.type].push([hosts, role.times]);
  }
  return { share, isUsed };
}

/** Shares that are rounding errors of the solver. */
export function cleaned(share: number): number {
  return share < 1e-6 ? 0 : share;
}
