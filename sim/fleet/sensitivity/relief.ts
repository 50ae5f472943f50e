import { isSure } from './reasons.ts';
import type { KnobResult, Relief } from './sensitivity-result.ts';

/** Answers that an easier question gives are no relief. */
const noRelief = ['rate'];

/**
 * What raises throughput surely, most first; where more hosts do it, for how much money.
 * @param whole throughput (requests/s) and price of all hosts
 */
export function reliefOf(
  knobs: readonly KnobResult[],
  whole: { throughputPerS: number; usdPerHour: number },
): Relief[] {
  const relief = knobs.flatMap((knob) =>
    (['down', 'up'] as const).flatMap((side): Relief[] => {
      const { throughput, price = 0 } = knob[side];
      if (!throughput || throughput.mean <= 0 || !isSure(throughput) || noRelief.includes(knob.id)) return [];
      const morePerS = throughput.mean * whole.throughputPerS;
      const moreUsdPerHour = price * whole.usdPerHour;
      return [
        {
          knob: knob.id,
          side,
          throughput,
          morePerS,
          ...(moreUsdPerHour > 0 && { moreUsdPerHour, perUsd: morePerS / moreUsdPerHour }),
        },
      ];
    }),
  );
  return relief.sort((a, b) => b.throughput.mean - a.throughput.mean);
}

type Use = { group: string; resource: string; offered: number };

/** The resource that is used most, and the kind of resource whose busiest is used least. */
export function bottleneckUse(use: readonly Use[]): { busiest: Use; idle?: Use } {
  const [busiest] = [...use].sort((a, b) => b.offered - a.offered);
  const kinds = new Map<string, Use>();
  for (const one of use) {
    const kind = `${one.group.replace(/ \d+$/, '')} ${one.resource.replace(/ (in|out)$/, '')}`;
    const known = kinds.get(kind);
    if (!known || known.offered < one.offered) kinds.set(kind, one);
  }
  const [idle] = [...kinds.values()]
    .filter((one) => one.offered > 0 && one !== busiest)
    .sort((a, b) => a.offered - b.offered);
  return { busiest, ...(idle && { idle }) };
}
