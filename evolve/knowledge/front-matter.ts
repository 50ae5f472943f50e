import { z } from 'zod';
import { parseYaml, validate } from '../../foundation/document.ts';
import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';
import { mapping, numberIn, oneOf } from '../../foundation/schema.ts';
import { type OperatorName, operatorNames } from '../../hardware-profiles/operators-measured.ts';
import type { Advice } from '../operator.ts';
import { evidenceSchema } from './skills/evidence.ts';
import { bottlenecks, failureStages, knobKinds, languages, phases, platforms } from './vocabulary.ts';

/** What the document is about, by one of its marks: a list of words, or `any`. */
function marks<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.union([z.literal('any'), z.array(oneOf(words)).min(1)]);
}

const advice = z.string().transform((text, context): Advice => {
  const [, kind, direction] = /^(\S+)(?:\s+(up|down))?$/.exec(text) ?? [];
  if (kind !== undefined && Object.hasOwn(knobKinds, kind)) {
    return { kind, ...(direction && { direction: direction as 'up' | 'down' }) };
  }
  const hint = kind === undefined ? '' : didYouMean(kind, Object.keys(knobKinds));
  context.issues.push({
    code: 'custom',
    message: `expected a kind of knob, and 'up' or 'down' where one way is meant; got '${text}'${hint}`,
    input: text,
  });
  return z.NEVER;
});

const schema = mapping({
  title: z.string().min(1),
  platforms: marks(platforms),
  languages: marks(languages),
  bottlenecks: marks(bottlenecks),
  phases: marks(phases),
  advises: z.array(advice).default([]),
  /** Only for tasks of these operators. */
  operators: z
    .array(oneOf(operatorNames as [OperatorName, ...OperatorName[]]))
    .min(1)
    .optional(),
  /** Only from this compute capability of NVIDIA's devices on. */
  compute_capability: numberIn({ positive: true }).optional(),
  /** Of a failure: where it happened, and words of which one stands in what was said. */
  failures: z.array(oneOf(failureStages)).min(1).optional(),
  signs: z.array(z.string().min(3)).min(1).optional(),
  /** Of a skill: what it rests on. */
  evidence: evidenceSchema.optional(),
});

export type FrontMatter = z.output<typeof schema>;

/**
 * A Markdown text as its front matter and what follows it.
 * @throws InputError with the position of what is wrong
 */
export function parseFrontMatter(text: string, file: string): { marks: FrontMatter; body: string } {
  const end = text.startsWith('---\n') ? text.indexOf('\n---\n', 3) : -1;
  if (end < 0) {
    throw new InputError([
      { file, line: 1, column: 1, message: "expected front matter: YAML between two lines '---'" },
    ]);
  }
  const marks = validate(parseYaml(text.slice(0, end + 1), file), schema);
  return { marks, body: text.slice(end + '\n---\n'.length).trim() };
}
