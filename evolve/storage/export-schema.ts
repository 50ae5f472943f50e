import { z } from 'zod';
import { integerIn, mapping, numberIn, oneOf } from '../../foundation/schema.ts';
import { backendOf, type Language } from '../artifact.ts';
import { type Deployment, deploymentSchema } from '../deploy/deployment.ts';
import { type Evaluation, failureStages } from '../evaluation.ts';
import type { Choice } from '../expansion.ts';
import type { KernelTask } from '../kernel-task.ts';
import { memoryKinds } from '../memory.ts';
import type { Transformed } from '../operator.ts';
import type { StoredGeneration } from './claims.ts';
import type { Run } from './runs.ts';
import type { Session } from './sessions.ts';
import type { Skill } from './skills.ts';

const text = z.string();
const id = integerIn({ min: 1 });
const seconds = numberIn({ min: 0 });

const failure = z.looseObject({ stage: oneOf(failureStages), reason: text, signature: text });
const speedup = mapping({ mean: numberIn({ positive: true }), low: numberIn(), high: numberIn() });
const positive = numberIn({ positive: true });
const timing = z.looseObject({ candidateS: positive, referenceS: positive, speedup });
const evaluation = z.looseObject({
  score: numberIn({ min: 0 }),
  reference: text,
  timings: z.array(timing),
  failure: failure.optional(),
  spentS: z.record(text, numberIn()),
  deviceHeldS: numberIn(),
  waitedForOthersS: numberIn().optional(),
});
const choice = mapping({
  ordinal: integerIn(),
  parents: z.array(id),
  memory: oneOf(memoryKinds),
  island: integerIn(),
  injects: z.boolean(),
  seenStep: integerIn(),
});
const injection = mapping({ origin: text, similarity: numberIn(), score: numberIn() });
const transcript = z.looseObject({ messages: z.array(z.looseObject({ role: text, content: text })) });

const node = mapping({
  id,
  session: id,
  step: integerIn(),
  ordinal: integerIn({ min: -1 }),
  parents: z.array(id),
  artifact: text.optional(),
  duplicateOf: id.optional(),
  evaluation: evaluation.optional(),
  memory: oneOf(memoryKinds),
  rationale: text,
  generation: integerIn(),
  island: integerIn(),
  seenStep: integerIn(),
  generationS: seconds,
  heldS: seconds,
  madeAt: seconds,
  transcript: transcript.optional(),
  injections: z.array(injection).optional(),
});

const session = z.looseObject({
  id,
  task: z.looseObject({ name: text, operator: text }),
  settings: z.looseObject({
    language: oneOf(Object.keys(backendOf) as [Language, ...Language[]]),
    policy: mapping({ name: text, options: z.record(text, z.unknown()) }),
  }),
  device: z.looseObject({ name: text }),
  expansions: integerIn(),
  begunAt: seconds,
});

/** The form of an exported search. What it lets through is data of operators and devices, which is only shown. */
export const exportSchema = mapping({
  format: z.literal('rankfleet-search'),
  version: z.literal(1),
  sessions: z.array(session),
  nodes: z.array(node),
  claims: z.array(z.looseObject({ session: id, choice })),
  runs: z.array(
    mapping({
      session: id,
      agents: integerIn({ min: 1 }),
      devices: integerIn({ min: 1 }),
      begunAt: seconds,
      wallS: seconds,
      generationS: seconds,
      heldS: seconds,
    }),
  ),
  skills: z.array(z.looseObject({ id, path: text, document: text })),
  artifacts: z.record(text, mapping({ language: text, text })),
  deployments: z.array(deploymentSchema).optional(),
});

/** A node with all that belongs to it; statistics and the change log follow from the nodes. */
export type ExportedNode = Omit<z.infer<typeof node>, 'evaluation' | 'transcript'> & {
  evaluation?: Evaluation;
  transcript?: Transformed['transcript'];
};

/** A whole search as one piece of data. */
export interface ExportedSearch {
  format: 'rankfleet-search';
  version: 1;
  sessions: (Omit<Session, 'root' | 'step' | 'task' | 'ended'> & {
    task: KernelTask;
    ended?: Session['ended'];
  })[];
  /** By id, so that parents stand before their children. */
  nodes: ExportedNode[];
  /** Expansions in flight; whoever imports the search may go on with them. */
  claims: { session: number; choice: Choice; artifact?: string; generated?: StoredGeneration }[];
  /** Without the names of the machines that they ran on. */
  runs: Omit<Run, 'worker'>[];
  skills: (Omit<Skill, 'node'> & { node?: number })[];
  /** By hash, in its order. */
  artifacts: Record<string, { language: Language; text: string }>;
  /** Dispatch tables of the sessions whose kernels were timed to the end. */
  deployments?: Deployment[];
}
