import type { RandomStream } from '../../foundation/random.ts';
import type { Context } from '../operator.ts';
import { type Kernel, kernelOf, settingsInWords, type Turn, turned } from './kernel.ts';
import { isAdmissible, type Proposal } from './proposal.ts';
import { settingsInOrder } from './space.ts';
import type { Variant } from './variants.ts';

/** Draws that may turn out to be known or impossible before the space is walked in order instead. */
const mostDraws = 64;
/** Members of the space that are looked at then: a space that large is not exhausted by a search. */
const mostWalked = 20_000;

/** Whether a space is so small that all of it is looked at before it is said to hold nothing new. */
export function isWalkedWhole(variants: readonly Variant[]): boolean {
  const sizes = variants.map(({ text }) =>
    kernelOf(text).knobs.reduce((product, { values }) => product * values.length, 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0) <= mostWalked;
}

/** A variant with all of its knobs drawn, which is new to the search; none where the space holds nothing new. */
export function drawn(variants: readonly Variant[], context: Context, why: string): Proposal | undefined {
  const { random } = context;
  for (let draw = 0; draw < mostDraws && variants.length > 0; draw++) {
    const variant = variants[random.below(variants.length)];
    const kernel = kernelOf(variant.text);
    const proposal = proposed(variant, kernel, anySettings(kernel, random), why);
    if (isAdmissible(proposal.text, context)) return proposal;
  }
  return firstOf(variants, context, why);
}

function firstOf(variants: readonly Variant[], context: Context, why: string): Proposal | undefined {
  let walked = 0;
  for (const variant of variants) {
    const kernel = kernelOf(variant.text);
    for (const settings of settingsInOrder(kernel.knobs)) {
      if (walked++ >= mostWalked) return undefined;
      const proposal = proposed(variant, kernel, settings, why);
      if (isAdmissible(proposal.text, context)) return proposal;
    }
  }
  return undefined;
}

function anySettings({ knobs }: Kernel, random: RandomStream): Turn {
  return Object.fromEntries(knobs.map(({ name, values }) => [name, values[random.below(values.length)]]));
}

function proposed({ name }: Variant, kernel: Kernel, settings: Turn, why: string): Proposal {
  const words = settingsInWords(settings);
  return {
    text: turned(kernel, settings),
    what: words === '' ? name : `${name} with ${words}`,
    why,
    weight: 1,
  };
}
