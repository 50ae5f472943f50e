import { significant } from '../../foundation/units.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { Advice, Context } from '../operator.ts';
import { inWords, type Kernel, stepped, type Turn, turned } from './kernel.ts';
import type { Proposal } from './proposal.ts';

/** How far along its values a knob is turned, and how much one distance is preferred. */
const steps: readonly [steps: number, weight: number][] = [
  [1, 1],
  [2, 0.3],
];

/** A kind of knob that a document speaks for, the weightier the earlier the document stands. */
export interface WeighedAdvice extends Advice {
  weight: number;
  path: string;
}

/** What the retrieved documents advise, each kind once, as the first of them has it. */
export function adviceIn({ documents }: Pick<Context, 'documents'>): WeighedAdvice[] {
  const found = new Map<string, WeighedAdvice>();
  const advising = documents.filter(({ advises }) => advises.length > 0);
  advising.forEach(({ advises, path }, rank) => {
    for (const advice of advises) {
      if (!found.has(advice.kind)) found.set(advice.kind, { ...advice, weight: 1 / (1 + rank), path });
    }
  });
  return [...found.values()];
}

/** The knobs of the advised kinds turned a step or two, the advised way or either. */
export function advisedTurns(
  kernel: Kernel,
  advice: readonly WeighedAdvice[],
  diagnosis: Diagnosis | undefined,
): (Proposal & { turn: Turn })[] {
  return advice.flatMap(({ kind, direction, weight, path }) => {
    const why = diagnosis ? `${inShort(diagnosis)}; ${path}` : path;
    const signs = direction === 'up' ? [1] : direction === 'down' ? [-1] : [1, -1];
    return kernel.knobs
      .filter((knob) => knob.kind === kind)
      .flatMap((knob) =>
        signs.flatMap((sign) =>
          steps.flatMap(([distance, share]) => {
            const value = stepped(knob, sign * distance);
            if (value === undefined) return [];
            const turn = { [knob.name]: value };
            return [proposed(kernel, turn, why, (weight * share) / signs.length)];
          }),
        ),
      );
  });
}

/** The proposal to turn some knobs of a kernel. */
export function proposed(kernel: Kernel, turn: Turn, why: string, weight: number): Proposal & { turn: Turn } {
  return { text: turned(kernel, turn), what: inWords(kernel, turn), why, weight, turn };
}

/** `memory-bandwidth at 41 % of peak`. */
export function inShort(diagnosis: Diagnosis): string {
  const { primary, failure, bandwidthShare, arithmeticShare, speedOfLight } = diagnosis;
  if (failure) return `failed at ${failure.stage}`;
  const [share, whole] = primary.startsWith('memory')
    ? [bandwidthShare, 'peak']
    : primary.includes('arithmetic')
      ? [arithmeticShare, 'peak']
      : [speedOfLight, 'the speed of light'];
  return share > 0 ? `${primary} at ${significant(100 * share, 2)} % of ${whole}` : primary;
}
