import { parseYaml } from '../../../foundation/document.ts';
import type { ResolvedDistillation } from '../../../scenarios/distillation/deployment.ts';
import { resolveDistillation } from '../../../scenarios/distillation/resolve.ts';
import { filesLibrary } from '../../../scenarios/files.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { runDistillation } from '../../../sim/training/run-distillation.ts';

/** Two verticals and a teacher that one host holds, over two days in coarse steps. */
export const smallDistillation = `version: 1
kind: distillation
teacher:
  model: wukong
  snapshots: { every: 3 h }
vertical_defaults:
  model: ads-vm-like
  examples_per_day: 1e9
  tasks: { click: { base_rate: 3 % } }
verticals:
  feed: {}
  search: { runs: 2 }
overlap: { kind: shared-part, part: 40 % }
horizon: { warm_up: 6 h, measured: 2 d, step: 5 min }
replications: 2
`;

/** A scenario in text, resolved. */
export async function distillationOf(text: string): Promise<ResolvedDistillation> {
  return resolveDistillation(parseYaml(text, 's.yaml'), filesLibrary(), 's');
}

/** The small scenario with more lines, answered. */
export async function answerTo(more: string, base = smallDistillation): Promise<DistillationResult> {
  return runDistillation(await distillationOf(`${base}${more}`), 'test');
}

/** What an arm that fits says. */
export function answerOf({ arms }: DistillationResult, index = 0) {
  const { answer } = arms[index];
  if (!answer) throw new Error(`arm ${index} does not fit: ${arms[index].verdict.reasons.join('\n')}`);
  return answer;
}

export function systemOf(result: DistillationResult, name: string, index = 0) {
  return answerOf(result, index).systems.find(({ system }) => system === name)!;
}
