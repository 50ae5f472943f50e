import { deviceName } from '../../../harness/device-names.ts';
import type { Attempt, Context } from '../../operator.ts';
import { type Knob, knobsOf } from '../../source/knobs.ts';
import { settingsOf, skeletonOf, turnedKnobs } from '../../source/skeleton.ts';
import { type Change, type Evidence, type KnobFailure, together } from './evidence.ts';

/** A kernel of a finished search. */
export type Finished = Pick<Attempt, 'artifact' | 'evaluation'>;

/** What a search was about. */
export type Learnt = Pick<Context, 'task' | 'dataType' | 'device'> & {
  /** As people find it again: `searches/map-id, session 3`. */
  origin: string;
};

interface Trial {
  skeleton: string;
  knobs: readonly Knob[];
  settings: Record<string, number>;
  attempt: Finished;
}

/**
 * What a finished search taught: of all pairs of its kernels that differ in the value of one knob, how much faster one is
 * than the other, and which values made a working kernel fail.
 * @param nameOf the variant that an artifact is a setting of, for those that have a name
 * @returns nothing where no kernel worked
 */
export function distil(
  attempts: readonly Finished[],
  { task, dataType, device, origin }: Learnt,
  nameOf: (attempt: Finished) => string | undefined,
): Evidence | undefined {
  const trials = trialsOf(attempts);
  const working = trials.filter(({ attempt }) => !attempt.evaluation.failure);
  if (working.length === 0) return undefined;
  const best = working.reduce((a, b) => (b.attempt.evaluation.score > a.attempt.evaluation.score ? b : a));
  return {
    device: deviceName(device.name),
    data_type: dataType,
    searches: [origin],
    shapes: task.search.map(({ shape }) =>
      Object.entries(shape)
        .map(([axis, size]) => `${axis} ${size}`)
        .join(', '),
    ),
    reference: best.attempt.evaluation.reference,
    best: {
      kernel: nameOf(best.attempt) ?? 'a kernel of its own',
      factor: best.attempt.evaluation.score,
      knobs: best.settings,
    },
    ...pairsOf(trials),
  };
}

/** Each artifact once; those whose knobs cannot be read teach nothing about knobs. */
function trialsOf(attempts: readonly Finished[]): Trial[] {
  const byText = new Map(attempts.map((attempt) => [attempt.artifact.text, attempt]));
  return [...byText].flatMap(([text, attempt]) => {
    try {
      const knobs = knobsOf(text);
      return [{ skeleton: skeletonOf(text), knobs, settings: settingsOf(knobs), attempt }];
    } catch {
      return [];
    }
  });
}

function pairsOf(trials: readonly Trial[]): Pick<Evidence, 'changes' | 'failures'> {
  const changes: Change[] = [];
  const failures: KnobFailure[] = [];
  trials.forEach((a, index) => {
    for (const b of trials.slice(index + 1)) {
      if (a.skeleton !== b.skeleton) continue;
      const turned = turnedKnobs(a.settings, b.settings);
      if (turned.length !== 1) continue;
      const knob = a.knobs.find(({ name }) => name === turned[0])!;
      const [from, to] = inOrder(knob, a, b);
      const [before, after] = [from.attempt.evaluation, to.attempt.evaluation];
      if (!before.failure && !after.failure) changes.push(changeOf(knob, from, to));
      if (!before.failure && after.failure) failures.push(failureOf(knob, to));
      if (before.failure && !after.failure) failures.push(failureOf(knob, from));
    }
  });
  return {
    changes: together(
      changes,
      ({ knob, from, to }) => `${knob} ${from} ${to}`,
      (a, b) => ({
        ...a,
        factor: (a.factor ** a.trials * b.factor ** b.trials) ** (1 / (a.trials + b.trials)),
        trials: a.trials + b.trials,
      }),
    ),
    failures: together(
      failures,
      ({ knob, value, signature }) => `${knob} ${value} ${signature}`,
      (a, b) => ({ ...a, trials: a.trials + b.trials }),
    ),
  };
}

/** The pair along the values of the knob. */
function inOrder({ name, values }: Knob, a: Trial, b: Trial): [from: Trial, to: Trial] {
  return values.indexOf(a.settings[name]) < values.indexOf(b.settings[name]) ? [a, b] : [b, a];
}

function changeOf({ name: knob, kind }: Knob, from: Trial, to: Trial): Change {
  const factor = to.attempt.evaluation.score / from.attempt.evaluation.score;
  return { knob, kind, from: from.settings[knob], to: to.settings[knob], factor, trials: 1 };
}

function failureOf({ name: knob, kind }: Knob, { settings, attempt }: Trial): KnobFailure {
  return { knob, kind, value: settings[knob], signature: attempt.evaluation.failure!.signature, trials: 1 };
}
