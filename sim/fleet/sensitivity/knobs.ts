import { acceleratorKnobs } from './knobs-accelerators.ts';
import { hostKnobs } from './knobs-hosts.ts';
import type { Knob, Question, UnusedKnob } from './knobs-knob.ts';
import { loadKnobs } from './knobs-load.ts';
import { modelKnobs } from './knobs-model.ts';
import { networkKnobs, tierOverheadKnob } from './knobs-network.ts';
import { servingKnobs } from './knobs-serving.ts';

/** Every input of a placed arm that may be more or less, those without use for it included. */
export function knobsOf(question: Question): (Knob | UnusedKnob)[] {
  return [
    ...loadKnobs(question),
    ...modelKnobs(question),
    ...servingKnobs(question),
    ...hostKnobs(question, 'main'),
    ...hostKnobs(question, 'sparse'),
    ...hostKnobs(question, 'preprocessing'),
    tierOverheadKnob(question),
    ...networkKnobs(question),
    ...acceleratorKnobs(question),
  ];
}
