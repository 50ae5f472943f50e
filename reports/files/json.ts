import { type SweepResult, sweepResultVersion } from '../../sim/sweep-result.ts';
import type { Subject } from '../subject.ts';

/** The whole answer with its format and version, in parts; that of a sweep has a line for each point. */
export function jsonOf(subject: Subject): Iterable<string> {
  switch (subject.kind) {
    case 'result':
      return [whole(subject.result)];
    case 'plan':
      return [whole(subject.plan)];
    case 'comparison':
      return [whole(subject.comparison)];
    case 'distillation':
      return [whole(subject.distillation)];
    case 'distillation-plan':
      return [whole(subject.distillationPlan)];
    case 'distillation-comparison':
      return [whole(subject.distillationComparison)];
    default:
      return sweepJson(subject.sweep);
  }
}

/** As commands write it to the folder of --out. */
function whole(answer: object): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}

function* sweepJson({ points, ...head }: SweepResult): Generator<string> {
  const format = { format: 'rankfleet-sweep-result', version: sweepResultVersion };
  yield whole({ ...format, ...head }).replace(/\n}\n$/, ',\n  "points": [');
  let before = '\n';
  for (const point of points) {
    yield `${before}    ${JSON.stringify(point)}`;
    before = ',\n';
  }
  yield '\n  ]\n}\n';
}
