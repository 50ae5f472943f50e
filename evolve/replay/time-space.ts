import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { Artifact } from '../artifact.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Evaluator } from '../evaluator.ts';
import type { KernelTask } from '../kernel-task.ts';
import { type Knob, knobsOf, withKnobs } from '../source/knobs.ts';
import type { SpaceEntry, TimedSpace } from './space.ts';

/** A kernel whose knobs span a space, and what it is timed for. */
export interface SpaceSubject {
  task: KernelTask;
  dataType: MeasuredDataType;
  device: string;
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
  /** Settings that are evaluated at a time: one may be compiled while another is timed. */
  atOnce: number;
  signal: AbortSignal;
  /** Told after each setting, with all that is known by then. */
  onEntry(space: TimedSpace, done: number, total: number): void;
}

/**
 * Times every setting of a kernel's knobs on the shapes of a search, the kernel as written first, so that the reference is
 * known. What fails is an entry like any other. Entries stand in the order of the settings, whichever came first.
 * @returns all of it, or what was timed until the signal fired
 * @throws Error where the kernel as written fails: a space needs the times of its reference
 */
export async function timeSpace(
  { task, dataType, device, variant, source, knobs }: SpaceSubject,
  evaluator: Evaluator,
  { known, atOnce, signal, onEntry }: SpaceOptions,
): Promise<TimedSpace> {
  const evaluated = async (settings: Record<string, number>) =>
    evaluator.evaluate({ ...source, text: withKnobs(source.text, settings) }, { task, dataType, signal });
  const space = known ?? begun(await evaluated({}));
  const settings = settingsOf(source.text, knobs).map((setting) => ({
    setting,
    key: Object.values(setting).join(','),
  }));
  const entries = new Map(Object.entries(space.cache));
  const timed = (): TimedSpace => ({
    ...space,
    cache: Object.fromEntries(
      settings.flatMap(({ key }): [string, SpaceEntry][] => {
        const entry = entries.get(key);
        return entry ? [[key, entry]] : [];
      }),
    ),
  });
  const queue = settings.filter(({ key }) => !entries.has(key)).values();
  let hasFailed = false;
  const work = async () => {
    for (const { setting, key } of queue) {
      if (hasFailed || signal.aborted) return;
      try {
        entries.set(key, entryOf(await evaluated(setting)));
      } catch (error) {
        if (signal.aborted) return;
        hasFailed = true;
        throw error;
      }
      onEntry(timed(), entries.size, settings.length);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, work));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken) throw broken.reason;
  return timed();

  function begun({ failure, reference, timings }: Evaluation): TimedSpace {
    if (failure) throw new Error(`${variant} as written fails at ${failure.stage}: ${failure.reason}`);
    return {
      format: 'rankfleet-space',
      version: 1,
      kernel_name: `${task.name} ${variant}`,
      device_name: device,
      language: source.language,
      operator: task.operator,
      data_type: dataType,
      shapes: timings.map(({ shape }) => ({ ...shape })),
      reference: { name: reference, times_s: timings.map(({ referenceS }) => referenceS) },
      tune_params: Object.fromEntries(
        turnedKnobs(source.text, knobs).map(({ name, values }) => [name, [...values]]),
      ),
      cache: {},
    };
  }
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
