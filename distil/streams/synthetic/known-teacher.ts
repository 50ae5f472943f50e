import { InputError } from '../../../foundation/problem.ts';
import { RandomStream } from '../../../foundation/random.ts';
import { taskNamed } from '../stream.ts';
import type { SyntheticStream } from './synthetic-stream.ts';
import { probabilityOf, purposes } from './world.ts';

/** How a teacher is wrong: all of it known, so that what a student makes of it can be told from noise. */
export interface TeacherFaults {
  /** Days that its view of the world is behind; before day `staleDays` it knows the first day. */
  staleDays?: number;
  /** Added to the logit. */
  logitShift?: number;
  /** Standard deviation of a normal added to the logit of each example. */
  logitNoise?: number;
  /** Whether it tells the verticals apart: without, each is biased by what it differs from the rest. */
  seesVerticals?: boolean;
}

/**
 * Probabilities of the teacher that would be perfect but for its faults.
 * @throws InputError for a task that the stream has not, or a staleness that is no number of days
 */
export function knownTeacher(
  synthetic: SyntheticStream,
  task: string,
  faults: TeacherFaults = {},
): Float32Array {
  const { staleDays = 0, logitShift = 0, logitNoise = 0, seesVerticals = true } = faults;
  if (!Number.isInteger(staleDays) || staleDays < 0)
    throw new InputError(`a teacher is a whole number of days behind, got ${staleDays}`);
  const { stream, world, home } = synthetic;
  const position = stream.tasks.indexOf(taskNamed(stream, task));
  const ids = stream.fields.slice(0, world.options.cardinalities.length).map((field) => field.ids);
  const random = new RandomStream(world.options.seed, purposes.teacher, position);
  const probabilities = new Float32Array(stream.size);
  for (let row = 0; row < stream.size; row++) {
    const day = Math.max(0, Math.floor(row / world.options.examples_per_day) - staleDays);
    const shift = logitShift + (logitNoise > 0 ? logitNoise * random.normal() : 0);
    const view = { task: position, day, seesVerticals, logitShift: shift };
    probabilities[row] = probabilityOf(world, view, ids, row, home[row]);
  }
  return probabilities;
}
