import type { Attempt, Context } from '../operator.ts';
import { kernelOf, settingsInWords, type Turn, turned, withSharedKnobs } from './kernel.ts';
import { isAdmissible, type Proposal } from './proposal.ts';

/** Children that are drawn before two parents are taken to have no new one. */
const mostDraws = 32;

/**
 * A child of two parents: each knob as one of them has it, by chance in proportion to their scores. Of parents of different
 * kernels it is the one's kernel, with some of the knobs that they share from the other.
 */
export function crossing([a, b]: readonly Attempt[], context: Context): Proposal | undefined {
  const { random } = context;
  const [first, second] = [kernelOf(a.artifact.text), kernelOf(b.artifact.text)];
  const isAlike = first.skeleton === second.skeleton;
  const scores = a.evaluation.score + b.evaluation.score;
  const shareOfA = scores > 0 ? a.evaluation.score / scores : 0.5;
  for (let draw = 0; draw < mostDraws; draw++) {
    const isFromA = () => random.uniform() < shareOfA;
    const base = isAlike || isFromA() ? first : second;
    const other = base === first ? second : first;
    const taken: Turn = Object.fromEntries(
      Object.entries(other.settings).filter(
        ([name, value]) => base.settings[name] !== value && isFromA() === (other === first),
      ),
    );
    const text = isAlike ? turned(base, taken) : withSharedKnobs(base, taken);
    if (!isAdmissible(text, context)) continue;
    const [taker, giver] = base === first ? [a, b] : [b, a];
    const words = settingsInWords(taken);
    return {
      text,
      what: `node ${taker.id} with ${words === '' ? 'nothing' : words} of node ${giver.id}`,
      why: 'crossover',
      weight: 1,
    };
  }
  return undefined;
}
