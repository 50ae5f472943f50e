import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';

/** Which arms to compare, as the user asked. */
export interface ArmChoice {
  /** Arms of this name on both sides; none: all. */
  arm: readonly string[];
  armA?: string | undefined;
  armB?: string | undefined;
}

export interface Matched {
  pairs: { a: string; b: string }[];
  /** Arms of each side that no other is compared with, where nobody chose any. */
  unmatched: { a: string[]; b: string[] };
}

/**
 * Pairs the arms of two sides: those chosen, else those of equal names, else the only one of each side.
 * @throws InputError for a name that is not there, and where nothing says which arms to compare
 */
export function matchArms(a: readonly string[], b: readonly string[], choice: ArmChoice): Matched {
  const { arm, armA, armB } = choice;
  if (arm.length > 0 && (armA !== undefined || armB !== undefined)) {
    throw new InputError(
      '--arm names an arm of both sides: use it, or --arm-a and --arm-b, not both ways at once',
    );
  }
  const nobody = { a: [], b: [] };
  if (armA !== undefined || armB !== undefined) {
    const ofA = armA === undefined ? partner(armB!, a, 'A') : present(armA, a, 'A');
    const ofB = armB === undefined ? partner(armA!, b, 'B') : present(armB, b, 'B');
    if (armA === undefined) present(armB!, b, 'B');
    return { pairs: [{ a: ofA, b: ofB }], unmatched: nobody };
  }
  if (arm.length > 0) {
    const wanted = [...new Set(arm)];
    return {
      pairs: wanted.map((name) => ({ a: present(name, a, 'A'), b: present(name, b, 'B') })),
      unmatched: nobody,
    };
  }
  if (a.length === 1 && b.length === 1) return { pairs: [{ a: a[0], b: b[0] }], unmatched: nobody };
  const common = a.filter((name) => b.includes(name));
  if (common.length === 0) {
    throw new InputError(
      `no arm of A has the name of one of B: choose with --arm-a and --arm-b; A has ${listed(a)}; B has ${listed(b)}`,
    );
  }
  const isAlone = (name: string) => !common.includes(name);
  return {
    pairs: common.map((name) => ({ a: name, b: name })),
    unmatched: { a: a.filter(isAlone), b: b.filter(isAlone) },
  };
}

/** The arm to compare with one that was chosen on the other side: its namesake, or the only one. */
function partner(name: string, names: readonly string[], side: 'A' | 'B'): string {
  if (names.includes(name)) return name;
  if (names.length === 1) return names[0];
  const option = `--arm-${side.toLowerCase()}`;
  throw new InputError(`${side} has no arm '${name}': choose one with ${option}; it has ${listed(names)}`);
}

function present(name: string, names: readonly string[], side: 'A' | 'B'): string {
  if (names.includes(name)) return name;
  throw new InputError(`${side} has no arm '${name}'${didYouMean(name, names)}; it has ${listed(names)}`);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `'${name}'`);
  return names.length > 20 ? `${shown.join(', ')} and ${names.length - 20} more` : shown.join(', ');
}
