import { LinearProgram } from '../linear-program.ts';
import {
  figureOf,
  type MixFleet,
  type MixInstance,
  type MixLimits,
  type MixPair,
  rateOf,
  unused,
} from './instance.ts';

/** What the program looks for: the best fleet, or the least change that makes a fleet possible. */
export type MixGoal =
  | 'objective'
  | 'fewest-extra-hosts'
  | 'largest-fraction'
  | 'least-price'
  | 'least-power'
  | 'least-hosts';

/** The program of an instance, with the positions of its columns. */
export interface MixProgram {
  program: LinearProgram;
  /** By pair: the share of its workload's target, whether it is used, units by role. */
  columns: { share: number; isUsed: number; units: number[] }[];
  /** By host type of which there is a stock; only where extra hosts are looked for. */
  extra: Map<string, number>;
  /** Share of every target that is served; only where that is looked for. */
  fraction?: number;
  read(values: Float64Array): MixFleet;
  write(fleet: MixFleet): Float64Array;
}

const goalFigure: Partial<Record<MixGoal, keyof MixLimits>> = {
  'least-price': 'usdPerHour',
  'least-power': 'watts',
  'least-hosts': 'hosts',
};

/**
 * The program of an instance. Columns: shares of the targets (0 to 1), whole units of every role, and whether a pair is
 * used, which makes its fixed hosts count. Rows: what units bear, what targets ask, stock and limits.
 */
export function programOf(instance: MixInstance, goal: MixGoal = 'objective'): MixProgram {
  const { workloads, pairs, objective, limits, stock } = instance;
  const program = new LinearProgram();
  const figure = goal === 'objective' ? figureOf[objective] : goalFigure[goal];
  const costs = (pair: MixPair) => costsOf(pair, workloads[pair.workload].targetPerS);
  const columns = pairs.map((pair) => {
    const { perShare, perUnit } = costs(pair);
    return {
      share: program.column({ upper: 1, cost: figure ? perShare[figure] : 0 }),
      isUsed: program.column({ upper: 1, isInteger: true }),
      units: perUnit.map((unit) => program.column({ isInteger: true, cost: figure ? unit[figure] : 0 })),
    };
  });
  for (const [index, pair] of pairs.entries()) {
    addNeeds(program, pair, workloads[pair.workload].targetPerS, columns[index]);
  }
  const fraction = goal === 'largest-fraction' ? program.column({ upper: 1, cost: -1 }) : undefined;
  workloads.forEach(({ maxAlternatives }, workload) => {
    const mine = columns.filter((_, index) => pairs[index].workload === workload);
    const shares = mine.map(({ share }) => [share, 1] as const);
    if (fraction === undefined) program.row({ lower: 1, entries: shares });
    else program.row({ lower: 0, entries: [...shares, [fraction, -1]] });
    if (maxAlternatives !== undefined) {
      program.row({ upper: maxAlternatives, entries: mine.map(({ isUsed }) => [isUsed, 1]) });
    }
  });
  const extra = new Map<string, number>();
  for (const [host, count] of stock) {
    const entries = pairs.flatMap(({ roles }, index) =>
      roles.flatMap((role, position) =>
        role.host === host ? [[columns[index].units[position], role.hostsPerUnit] as [number, number]] : [],
      ),
    );
    if (goal === 'fewest-extra-hosts') {
      extra.set(host, program.column({ cost: 1 }));
      entries.push([extra.get(host)!, -1]);
    }
    program.row({ upper: count, entries });
  }
  for (const key of Object.keys(limits) as (keyof MixLimits)[]) {
    const entries = pairs.flatMap((pair, index) => {
      const { perShare, perUnit } = costs(pair);
      const { share, units } = columns[index];
      return [
        [share, perShare[key]] as const,
        ...units.map((unit, role) => [unit, perUnit[role][key]] as const),
      ];
    });
    if (limits[key] !== undefined && key !== goalFigure[goal]) program.row({ upper: limits[key], entries });
  }
  return {
    program,
    columns,
    extra,
    ...(fraction !== undefined && { fraction }),
    read: (values) => pairs.map((pair, index) => readShare(instance, pair, columns[index], values)),
    write: (fleet) => {
      const size =
        Math.max(-1, ...columns.flatMap(({ share, isUsed, units }) => [share, isUsed, ...units])) + 1;
      const values = new Float64Array(size);
      fleet.forEach(({ ratePerS, units }, index) => {
        if (ratePerS === 0) return;
        values[columns[index].share] = ratePerS / workloads[pairs[index].workload].targetPerS;
        values[columns[index].isUsed] = 1;
        units.forEach((count, role) => {
          values[columns[index].units[role]] = count;
        });
      });
      return values;
    },
  };
}

/** Money, power and hosts of serving a whole target, and of one unit of each role. */
function costsOf({ roles, joulesPerRequest }: MixPair, targetPerS: number) {
  return {
    perShare: { usdPerHour: 0, watts: joulesPerRequest * targetPerS, hosts: 0 } as Required<MixLimits>,
    perUnit: roles.map(
      ({ hostsPerUnit, usdPerHour, idleW }): Required<MixLimits> => ({
        usdPerHour: hostsPerUnit * usdPerHour,
        watts: hostsPerUnit * idleW,
        hosts: hostsPerUnit,
      }),
    ),
  };
}

/** A pair that serves anything is used, and one that is used has what its share needs, one unit at least. */
function addNeeds(
  program: LinearProgram,
  { roles }: MixPair,
  targetPerS: number,
  { share, isUsed, units }: MixProgram['columns'][number],
): void {
  program.row({
    upper: 0,
    entries: [
      [share, 1],
      [isUsed, -1],
    ],
  });
  roles.forEach(({ needs }, role) => {
    program.row({
      lower: 0,
      entries: [
        [units[role], 1],
        [isUsed, -1],
      ],
    });
    for (const { perRequestPerS, fixed } of needs) {
      program.row({
        lower: 0,
        entries: [
          [units[role], 1],
          [share, -perRequestPerS * targetPerS],
          [isUsed, -fixed],
        ],
      });
    }
  });
}

/** The whole numbers of the solver, and a rate that they surely bear. */
function readShare(
  { workloads }: MixInstance,
  pair: MixPair,
  { share, isUsed, units }: MixProgram['columns'][number],
  values: Float64Array,
) {
  if (Math.round(values[isUsed]) === 0) return unused;
  const whole = units.map((column) => Math.round(values[column]));
  const { targetPerS } = workloads[pair.workload];
  const ratePerS = Math.min(values[share] * targetPerS, rateOf(pair, whole));
  return ratePerS > targetPerS * 1e-9 ? { ratePerS, units: whole } : unused;
}
