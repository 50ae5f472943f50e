import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Language } from '../../evolve/artifact.ts';
import { candidateProgram } from '../../evolve/evaluation/candidate-program.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { forDataType } from '../../evolve/source/data-types.ts';
import { knobsOf, withKnobs } from '../../evolve/source/knobs.ts';
import { extensionOf } from '../../evolve/source/languages.ts';
import { brokenRequirements } from '../../evolve/source/requirements.ts';
import { packageRoot } from '../../foundation/files.ts';
import { RandomStream } from '../../foundation/random.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import type { ComputeDevice } from '../../harness/device.ts';
import { verify } from '../../harness/verify.ts';
import type { SourceCase } from './emulated-sources.ts';

/** A source that ships, as written. */
export interface ShippedSource {
  task: KernelTask;
  /** `softmax/rows.py` */
  file: string;
  text: string;
}

/** The sources of some tasks in a language. */
export function sourcesOf(tasks: readonly KernelTask[], language: Language): ShippedSource[] {
  return tasks.flatMap((task) => {
    const folder = join(packageRoot, 'kernels', task.name);
    return readdirSync(folder)
      .filter((file) => extname(file) === extensionOf[language])
      .map((file) => ({
        task,
        file: `${task.name}/${file}`,
        text: readFileSync(join(folder, file), 'utf8'),
      }));
  });
}

/** Whether a shape has all that a source requires. */
export function holds(text: string, shape: Shape): boolean {
  return brokenRequirements(text, [shape]).length === 0;
}

/** A setting drawn from all that the source allows. */
function drawn(text: string, random: RandomStream): string {
  const turn = knobsOf(text).map(({ name, values }) => [name, values[random.below(values.length)]]);
  return withKnobs(text, Object.fromEntries(turn));
}

/** A source on some shapes, as written and with its knobs drawn; data types take turns. */
export function casesOf(
  { task, file, text }: ShippedSource,
  shapes: readonly Shape[],
  settings: number,
  fits: (text: string, shape: Shape) => boolean = () => true,
): SourceCase[] {
  const random = new RandomStream(5, file.length);
  const types = task.dataTypes.filter((type) => forDataType(text, type) !== undefined);
  const cases = shapes.flatMap((shape, index) => {
    const texts = new Set<string>();
    for (let tries = 0; tries < 200 && texts.size < settings; tries++) {
      const turned = tries === 0 ? text : drawn(text, random);
      if (holds(turned, shape) && fits(turned, shape)) texts.add(turned);
    }
    return [...texts].map((turned, i) => {
      const dataType = types[(index + i) % types.length];
      const settingOf = knobsOf(turned).map(({ name, value }) => `${name} ${value}`);
      const title = `${file} in ${dataType}, ${JSON.stringify(shape)}, ${settingOf.join(', ')}`;
      return { title, task, dataType, shape, text: forDataType(turned, dataType)! };
    });
  });
  assert.ok(cases.length > 0, `no shape fits ${file}`);
  return cases;
}

/** What is wrong with cases that are run on a device, a line for each. */
export async function wrongOn(
  device: ComputeDevice,
  language: Language,
  cases: readonly SourceCase[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const { title, task, dataType, shape, text } of cases) {
    const kernel = await device.compile(
      candidateProgram({ language, text }, task, dataType, shape, language === 'cpp' ? 1 : 0),
    );
    const { ok, reason, error } = await verify(device, kernel);
    if (!ok) wrong.push(`${title}: ${reason}, relative error ${error}`);
    await device.release?.(kernel);
  }
  return wrong;
}
