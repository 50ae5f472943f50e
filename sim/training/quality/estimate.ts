import { RandomStream } from '../../../foundation/random.ts';
import { type EvidencedRange, rangeQuantile } from './evidenced-range.ts';

/** A value computed from uncertain constants: with all at their values, and the range of 95 % of the draws. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** How far an outcome moves while one constant goes through its range and the others stay. */
export interface Swing {
  constant: string;
  atLow: number;
  atHigh: number;
}

/** Purpose in the key of the random streams of constants, away from those of simulated requests. */
const purpose = 0x51a11;

/** Sets of constants drawn from their ranges, the same for every outcome, so that differences have narrow ranges. */
export class ConstantDraws<Name extends string> {
  readonly ranges: Record<Name, EvidencedRange>;
  readonly nominal: Record<Name, number>;
  private readonly sets: Record<Name, number>[];

  /**
   * @param count sets drawn, at least 1
   * @param seed names the draws; a constant's draws do not depend on which others there are
   */
  constructor(ranges: Record<Name, EvidencedRange>, { count = 1000, seed = 1 } = {}) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`draws must be at least 1, not ${count}`);
    const names = Object.keys(ranges) as Name[];
    const streams = names.map((name) => new RandomStream(seed, purpose, keyOf(name)));
    this.ranges = ranges;
    const values = names.map((name) => [name, ranges[name].value]);
    this.nominal = Object.fromEntries(values) as Record<Name, number>;
    this.sets = Array.from({ length: count }, () => {
      const set = {} as Record<Name, number>;
      names.forEach((name, index) => {
        set[name] = rangeQuantile(ranges[name], streams[index].uniform());
      });
      return set;
    });
  }

  /** What a function makes of every set of constants; several estimates can be picked from it. */
  outcomes<Outcome>(of: (values: Record<Name, number>) => Outcome): Outcomes<Outcome> {
    return new Outcomes(of(this.nominal), this.sets.map(of));
  }

  /** The range of what `outcome` makes of the constants; Infinity may be among it, NaN may not. */
  estimate(outcome: (values: Record<Name, number>) => number): Estimate {
    return this.outcomes(outcome).estimate((value) => value);
  }

  /** Swings of an outcome, widest first; constants that do not matter to it are left out. */
  swings(outcome: (values: Record<Name, number>) => number): Swing[] {
    const width = ({ atLow, atHigh }: Swing) => Math.abs(atHigh - atLow);
    return (Object.keys(this.ranges) as Name[])
      .map((constant) => ({
        constant,
        atLow: outcome({ ...this.nominal, [constant]: this.ranges[constant].low }),
        atHigh: outcome({ ...this.nominal, [constant]: this.ranges[constant].high }),
      }))
      .filter((swing) => width(swing) > 0)
      .sort((a, b) => width(b) - width(a));
  }
}

/** Outcomes of one function: with all constants at their values, and with each set that was drawn. */
export class Outcomes<Outcome> {
  private readonly nominal: Outcome;
  private readonly drawn: readonly Outcome[];

  constructor(nominal: Outcome, drawn: readonly Outcome[]) {
    this.nominal = nominal;
    this.drawn = drawn;
  }

  /** What two outcomes make together, draw by draw. */
  paired<Other, Both>(other: Outcomes<Other>, combine: (one: Outcome, other: Other) => Both): Outcomes<Both> {
    return new Outcomes(
      combine(this.nominal, other.nominal),
      this.drawn.map((one, index) => combine(one, other.drawn[index])),
    );
  }

  /** One figure of the outcome, with its range. */
  estimate(pick: (outcome: Outcome) => number): Estimate {
    const drawn = Float64Array.from(this.drawn, pick).sort();
    const at = (probability: number) => drawn[Math.round(probability * (drawn.length - 1))];
    const value = pick(this.nominal);
    // With few draws, or a value at the edge of its range, the value may lie outside of the drawn quantiles.
    return { value, low: Math.min(value, at(0.025)), high: Math.max(value, at(0.975)) };
  }
}

/** The range of the difference of two outcomes, over the same uniform draws of the constants of both. */
export function differenceOf(one: Outcomes<number>, base: Outcomes<number>): Estimate {
  return one.paired(base, (value, other) => value - other).estimate((value) => value);
}

/** FNV-1a over UTF-16 code units. */
function keyOf(name: string): number {
  let key = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) key = Math.imul(key ^ name.charCodeAt(i), 0x01000193);
  return key;
}
