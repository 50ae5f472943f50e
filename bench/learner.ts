import { performance } from 'node:perf_hooks';
import type { Examples } from '../distil/learner/examples.ts';
import { Learner } from '../distil/learner/learner.ts';
import type { Distillation, LearnerSpec, ServingSpec } from '../distil/learner/spec.ts';
import { trainInOnePass } from '../distil/learner/train-in-one-pass.ts';
import { RandomStream } from '../foundation/random.ts';

export interface LearnerBenchRow {
  case: string;
  examples: number;
  seconds: number;
}

const batch = 32;

/** A teacher of the real-data experiment: 8 id fields, embedding 8, hidden 48. */
const teacher: ServingSpec = {
  tableRows: [32, 256, 256, 4096, 32, 8, 16, 4096],
  embeddingDim: 8,
  hidden: [48],
  headHidden: [],
};

/** A student of it: 4 id fields, embedding 4, hidden 16. */
const student: ServingSpec = { tableRows: [256, 256, 32, 8], embeddingDim: 4, hidden: [16], headHidden: [] };

const heads: Distillation = {
  kind: 'auxiliary-heads',
  heads: 1,
  weight: 1,
  labelScale: 1,
  gradientScale: 4,
  headHidden: [],
  adapter: { input: 'logit', hidden: [8], residual: false, learningRate: 0.05 },
};

/** One pass, predict then train, over a stream as long as the real one, on one core. */
export function benchLearner(): LearnerBenchRow[] {
  return [
    timed('teacher, 8 fields, hidden 48', teacher, { kind: 'none' }, 3e6),
    timed('student, 4 fields, hidden 16', student, { kind: 'none' }, 3e5),
    timed('student with auxiliary heads and adapter', student, heads, 3e5),
  ];
}

function timed(name: string, serving: ServingSpec, distillation: Distillation, examples: number) {
  const spec: LearnerSpec = {
    serving,
    distillation,
    batch,
    learningRate: 0.05,
    backboneRateScale: 1,
    seed: 1,
  };
  const stream = randomStream(serving, examples);
  const predictions = new Float32Array(examples);
  const started = performance.now();
  trainInOnePass(new Learner(spec), stream, batch, predictions);
  return { case: name, examples, seconds: (performance.now() - started) / 1e3 };
}

function randomStream({ tableRows }: ServingSpec, examples: number): Examples {
  const random = new RandomStream(1);
  return {
    ids: tableRows.map((rows) => new Uint32Array(examples).map(() => random.below(rows))),
    labels: new Uint8Array(examples).map(() => (random.uniform() < 0.2 ? 1 : 0)),
    teacher: new Float32Array(examples).map(() => 0.4 * random.uniform()),
  };
}
