import { isSameValue } from '../../foundation/same-value.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { Artifact } from '../artifact.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Evaluator } from '../evaluator.ts';
import type { KernelTask } from '../kernel-task.ts';
import { type Knob, knobsOf, withKnobs } from '../source/knobs.ts';
import { brokenRequirements } from '../source/requirements.ts';
import type { SpaceEntry, TimedSpace } from './space.ts';

/** A kernel whose knobs span a space, and what it is timed for. */
export interface SpaceSubject {
  task: KernelTask;
  dataType: MeasuredDataType;
  device: string;
  /** Of a CPU that kernels run on; 0 on an accelerator. */
  cores: number;
  /** Name of the variant, which the space is called after. */
  variant: string;
  source: Artifact;
  /** Names of the knobs that are turned; others stay as written. */
  knobs: readonly string[];
}

/** Every combination of the values of some knobs, in the order of a mixed-radix count: the last knob turns fastest. */
export function settingsOf(text: string, names: readonly string[]): Record<string, number>[] {
  return turnedKnobs(text, names).reduce<Record<string, number>[]>(
    (settings, { name, values }) =>
      settings.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

function turnedKnobs(text: string, names: readonly string[]): Knob[] {
  return knobsOf(text).filter(({ name }) => names.includes(name));
}

export interface SpaceOptions {
  /** Settings that are known already, by key. */
  known: TimedSpace | undefined;
  /** Settings that are under way at a time: as many as the evaluator has workers. */
  lanes: number;
  signal: AbortSignal;
  /** Told after each setting, with all that is known by then. */
  onEntry(space: TimedSpace, done: number): void;
}

/**
 * Times every setting of a kernel's knobs on the shapes of a search, the kernel as written first, so that the reference is
 * known. What fails is an entry like any other; what breaks a requirement of the source fails without being run.
 * @returns all of it, or what was timed until the signal fired
 * @throws Error where the kernel as written fails: a space needs the times of its reference
 */
export async function timeSpace(
  subject: SpaceSubject,
  evaluator: Evaluator,
  { known, lanes, signal, onEntry }: SpaceOptions,
): Promise<TimedSpace> {
  const { task, dataType, source, knobs } = subject;
  const evaluated = (text: string) => evaluator.evaluate({ ...source, text }, { task, dataType, signal });
  const space = known ?? begunSpace(subject, await evaluated(source.text));
  const keys = settingsOf(source.text, knobs).map((setting) => [keyOf(setting), setting] as const);
  const open = keys.filter(([key]) => !Object.hasOwn(space.cache, key)).values();
  const entryFor = async (text: string): Promise<SpaceEntry> => {
    const [broken] = brokenRequirements(text, space.shapes);
    if (broken === undefined) return entryOf(await evaluated(text));
    return { failure: { stage: 'source', reason: `its requirement ${broken} does not hold` } };
  };
  let hasFailed = false;
  const lane = async () => {
    for (const [key, setting] of open) {
      if (hasFailed || signal.aborted) return;
      try {
        space.cache[key] = await entryFor(withKnobs(source.text, setting));
      } catch (error) {
        if (signal.aborted) return;
        hasFailed = true;
        throw error;
      }
      onEntry(space, Object.keys(space.cache).length);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken) throw broken.reason;
  const inOrder = keys.filter(([key]) => Object.hasOwn(space.cache, key));
  return { ...space, cache: Object.fromEntries(inOrder.map(([key]) => [key, space.cache[key]])) };
}

/** What a space was timed for otherwise than a subject asks; nothing where it may be gone on with. */
export function differencesFrom(space: TimedSpace, subject: SpaceSubject): string[] {
  const asked = described(subject);
  return Object.entries(asked).flatMap(([name, value]) => {
    const kept = space[name as keyof typeof asked];
    const shown = kept === undefined ? 'unknown' : JSON.stringify(kept);
    return isSameValue(kept, value) ? [] : [`${name} ${shown}, not ${JSON.stringify(value)}`];
  });
}

/** What a space says of its subject. */
function described({ task, dataType, device, cores, variant, source, knobs }: SpaceSubject) {
  const turned = turnedKnobs(source.text, knobs).map(({ name, values }) => [name, [...values]]);
  return {
    kernel_name: `${task.name} ${variant}`,
    device_name: device,
    ...(cores > 0 && { cores }),
    language: source.language,
    operator: task.operator,
    data_type: dataType,
    shapes: task.search.map(({ shape }) => ({ ...shape })),
    tune_params: Object.fromEntries(turned) as Record<string, number[]>,
  };
}

function begunSpace(subject: SpaceSubject, { failure, reference, timings }: Evaluation): TimedSpace {
  if (failure) {
    throw new Error(`${subject.variant} as written fails at ${failure.stage}: ${failure.reason}`);
  }
  return {
    format: 'rankfleet-space',
    version: 1,
    ...described(subject),
    reference: { name: reference, times_s: timings.map(({ referenceS }) => referenceS) },
    cache: {},
  };
}

function keyOf(setting: Readonly<Record<string, number>>): string {
  return Object.values(setting).join(',');
}

function entryOf({ timings, failure, spentS }: Evaluation): SpaceEntry {
  const [compile_s, verify_s, benchmark_s] = [spentS.compile, spentS.check, spentS.time].map(
    (each) => each ?? 0,
  );
  if (failure) {
    return {
      failure: { stage: failure.stage, reason: failure.reason || failure.stage },
      compile_s,
      verify_s,
    };
  }
  return { times_s: timings.map(({ candidateS }) => candidateS), compile_s, verify_s, benchmark_s };
}
