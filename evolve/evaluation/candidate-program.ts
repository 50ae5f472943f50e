import type { MeasuredDataType, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../harness/device.ts';
import { tensorsOf } from '../../harness/operators/of-program.ts';
import type { LiveProblem } from '../../harness/problem.ts';
import type { Artifact } from '../artifact.ts';
import type { KernelTask } from '../kernel-task.ts';
import { forDataType } from '../source/data-types.ts';
import { knobsOf } from '../source/knobs.ts';
import { LaunchError, launchPlan, specialised } from '../source/launch-plan.ts';
import { brokenRequirements } from '../source/requirements.ts';
import { CandidateFailed } from './failed.ts';

/** What a kernel that comes in source is called where implementations are named. */
const candidateName = 'candidate';

/**
 * An artifact as a program for one data type and shape.
 * @throws LaunchError, KnobError where its lines make no sense for them; CandidateFailed where it says itself that it is not
 *   meant for them
 */
export function candidateProgram(
  artifact: Artifact,
  { operator }: Pick<KernelTask, 'operator'>,
  dataType: MeasuredDataType,
  shape: Shape,
  cores: number,
  problem?: LiveProblem,
): Program {
  const typed = forDataType(artifact.text, dataType);
  if (typed === undefined) throw new LaunchError(`the source is not written for ${dataType}`);
  // C++ and Python do not ask for their knobs otherwise.
  knobsOf(typed);
  const [broken] = brokenRequirements(typed, [shape]);
  if (broken !== undefined)
    throw new CandidateFailed('launch', `the source asks for ${broken}, which does not hold`);
  const text = specialised(typed, shape);
  const program: Program = {
    operator,
    ...(problem && { problem }),
    dataType,
    shape,
    implementation: candidateName,
    ...(cores > 0 && { cores }),
  };
  if (!isLaunchedByPlan(artifact)) return { ...program, source: { text } };
  const names = tensorsOf(program).map(({ name }) => name);
  return { ...program, source: { text, ...launchPlan(typed, shape, names) } };
}

/** C++ and Python launch themselves. */
function isLaunchedByPlan({ language }: Artifact): boolean {
  return language === 'cuda' || language === 'wgsl';
}
