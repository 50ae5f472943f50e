import { type Knob, knobsOf, withKnobs } from '../source/knobs.ts';
import { settingsOf, skeletonOf, turnedKnobs } from '../source/skeleton.ts';

/** A source with what can be turned in it. */
export interface Kernel {
  text: string;
  knobs: readonly Knob[];
  settings: Readonly<Record<string, number>>;
  skeleton: string;
}

/** Some knobs and the values that they are to take. */
export type Turn = Readonly<Record<string, number>>;

/** A source whose knobs cannot be read, as a model may write one, has none. */
export function kernelOf(text: string): Kernel {
  try {
    const knobs = knobsOf(text);
    return { text, knobs, settings: settingsOf(knobs), skeleton: skeletonOf(text) };
  } catch {
    return { text, knobs: [], settings: {}, skeleton: text };
  }
}

export function turned({ text }: Kernel, turn: Turn): string {
  return withKnobs(text, turn);
}

/** What must be turned of one kernel to have another of the same skeleton. */
export function turnBetween(from: Kernel, to: Kernel): Turn {
  return Object.fromEntries(turnedKnobs(from.settings, to.settings).map((name) => [name, to.settings[name]]));
}

/** The value some steps along a knob's values, or none where they end. */
export function stepped({ value, values }: Knob, steps: number): number | undefined {
  return values[values.indexOf(value) + steps];
}

/** `vector-width 4 → 8`; with the knob's name where several are of that kind. */
export function inWords({ knobs }: Kernel, turn: Turn): string {
  const words = Object.entries(turn).map(([name, to]) => {
    const { kind, value } = knobs.find((knob) => knob.name === name)!;
    const isAlone = knobs.filter((knob) => knob.kind === kind).length === 1;
    return `${isAlone ? kind : `${kind} ${name}`} ${value} → ${to}`;
  });
  return words.join(', ');
}

/** A kernel with the values of another's knobs where it has a knob of that name: the same, or the nearest that it allows. */
export function withSharedKnobs(kernel: Kernel, settings: Turn): string {
  const shared = kernel.knobs.flatMap(({ name, values }) => {
    if (!Object.hasOwn(settings, name)) return [];
    const wanted = settings[name];
    const nearest = values.reduce((best, value) =>
      Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best,
    );
    return [[name, nearest]];
  });
  return turned(kernel, Object.fromEntries(shared));
}

/** `TILE = 64, WARPS = 4`. */
export function settingsInWords(settings: Turn): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
}
