import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { Artifact, Language } from '../artifact.ts';
import type { KernelTask } from '../kernel-task.ts';
import type { Knob } from '../source/knobs.ts';
import { brokenRequirements } from '../source/requirements.ts';
import { kernelOf, type Turn, turned } from './kernel.ts';
import { type Variant, variantOf, variantsOf } from './variants.ts';

/** What the values of a knob are where a variant does not have it. */
const absent = '-';

/** Parameters of a member of the space: its variant, and the knobs of all variants. */
export type Parameters = Readonly<Record<string, string | number>>;

/** All kernels that turning the knobs of a task's variants makes, to be timed to the end. */
export interface KernelSpace {
  /** Values by parameter, as a timed space has them: `variant` first, then knobs by name. */
  parameters: Record<string, (string | number)[]>;
  /** Combinations of values, without regard to what they require of each other. */
  combinations: number;
  /** Members one after the other: those whose requirements hold for all shapes. */
  members(): Generator<{ parameters: Parameters; artifact: Artifact }>;
  /** Where an artifact stands in it; nowhere, if it is no setting of a variant. */
  parametersOf(artifact: Artifact): Parameters | undefined;
}

/** The space of a task in a language for a data type. @param variants those that ship unless others are given */
export function spaceOf(
  task: Pick<KernelTask, 'name' | 'search'>,
  language: Language,
  dataType: MeasuredDataType,
  variants: readonly Variant[] = variantsOf(task.name, language, dataType),
): KernelSpace {
  const shapes = task.search.map(({ shape }) => shape);
  const kernels = variants.map((variant) => ({ variant, kernel: kernelOf(variant.text) }));
  const knobNames = [...new Set(kernels.flatMap(({ kernel }) => kernel.knobs.map(({ name }) => name)))];
  const parametersOf = (variant: Variant, settings: Turn): Parameters => ({
    variant: variant.name,
    ...Object.fromEntries(knobNames.map((name) => [name, settings[name] ?? absent])),
  });
  const valuesOf = (name: string) => {
    const own = kernels.map(({ kernel }) => kernel.knobs.find((knob) => knob.name === name));
    const values = own.flatMap((knob): readonly (string | number)[] => knob?.values ?? [absent]);
    return [...new Set(values)];
  };
  return {
    parameters: {
      variant: variants.map(({ name }) => name),
      ...Object.fromEntries(knobNames.map((name) => [name, valuesOf(name)])),
    },
    combinations: kernels.reduce(
      (sum, { kernel }) => sum + kernel.knobs.reduce((product, { values }) => product * values.length, 1),
      0,
    ),
    *members() {
      for (const { variant, kernel } of kernels) {
        for (const settings of settingsInOrder(kernel.knobs)) {
          const text = turned(kernel, settings);
          if (brokenRequirements(text, shapes).length > 0) continue;
          yield { parameters: parametersOf(variant, settings), artifact: { language, text } };
        }
      }
    },
    parametersOf(artifact) {
      const variant = artifact.language === language ? variantOf(artifact.text, variants) : undefined;
      return variant && parametersOf(variant, kernelOf(artifact.text).settings);
    },
  };
}

/** Every combination of the values of some knobs, the last knob turning fastest. */
export function* settingsInOrder(knobs: readonly Knob[]): Generator<Turn> {
  const [first, ...rest] = knobs;
  if (!first) {
    yield {};
    return;
  }
  for (const value of first.values) {
    for (const settings of settingsInOrder(rest)) yield { [first.name]: value, ...settings };
  }
}
