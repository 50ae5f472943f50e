import type { AdapterSpec, Distillation } from '../learner/spec.ts';

/** Arms of the experiment, in the order in which they build on each other; `base` is always run. */
export const armIds = ['one-head', 'ah', 'ah-gs', 'ah-gs-ls', 'ah-sa', 'all'] as const;
export type ArmId = (typeof armIds)[number];

/** What else may explain a gain. */
export const controlIds = [
  'labels',
  'shuffled',
  'vm-sized',
  'double-weight',
  'two-heads',
  'raised-rate',
] as const;
export type ControlId = (typeof controlIds)[number];

/** The knobs of distillation that an experiment sets once for all of its arms. */
export interface Knobs {
  /** w. */
  weight: number;
  /** β of the arms with gradient scaling. */
  gradientScale: number;
  /** α of the arms with label scaling. */
  labelScale: number;
  headHidden: readonly number[];
  adapter: AdapterSpec;
  /** Multiple of the backbone's learning rate of the control `raised-rate`. */
  raisedRate: number;
}

/** Whose predictions stand for y_F. */
export type TeacherKind = 'foundation model' | 'labels' | 'shuffled' | 'vm-sized' | 'none';

/** How students of one arm are trained. */
export interface Arm {
  id: 'base' | ArmId | ControlId;
  title: string;
  description: string;
  isControl: boolean;
  teacher: TeacherKind;
  distillation: Distillation;
  backboneRateScale: number;
}

/** The arms of an experiment, base first, then those named and the controls. */
export function armsOf(ids: readonly ArmId[], controls: readonly ControlId[], knobs: Knobs): Arm[] {
  const all = everyArm(knobs);
  return all.filter(
    ({ id }) => id === 'base' || (ids as string[]).includes(id) || (controls as string[]).includes(id),
  );
}

function everyArm({ weight, gradientScale, labelScale, headHidden, adapter, raisedRate }: Knobs): Arm[] {
  const heads = (
    changes: Partial<Extract<Distillation, { kind: 'auxiliary-heads' }>> = {},
  ): Distillation => ({
    kind: 'auxiliary-heads',
    heads: 1,
    weight,
    labelScale: 1,
    gradientScale: 1,
    headHidden,
    ...changes,
  });
  const beta = { gradientScale };
  const alpha = { labelScale };
  const arm = (
    id: Arm['id'],
    title: string,
    description: string,
    distillation: Distillation,
    changes: Partial<Arm> = {},
  ): Arm => {
    const teacher = 'foundation model';
    return {
      id,
      title,
      description,
      isControl: false,
      teacher,
      distillation,
      backboneRateScale: 1,
      ...changes,
    };
  };
  const none = { kind: 'none' } as const;
  const control = { isControl: true };
  return [
    arm('base', 'base', 'trained on labels alone', none, { teacher: 'none' }),
    arm('one-head', 'one head', `one head on y and, weighted ${weight}, on y_F (Eq. 2)`, {
      kind: 'one-head',
      weight,
    }),
    arm('ah', 'AH', `auxiliary head on y_F, w = ${weight} (Eq. 5)`, heads()),
    arm('ah-gs', 'AH+GS', `auxiliary head, β = ${gradientScale}`, heads(beta)),
    arm(
      'ah-gs-ls',
      'AH+GS+LS',
      `auxiliary head, β = ${gradientScale}, α = ${labelScale}`,
      heads({ ...beta, ...alpha }),
    ),
    arm('ah-sa', 'AH+SA', 'auxiliary head and student adapter (Eq. 6 and 7)', heads({ adapter })),
    arm(
      'all',
      'AH+GS+LS+SA',
      `auxiliary head and student adapter, β = ${gradientScale}, α = ${labelScale}`,
      heads({ ...beta, ...alpha, adapter }),
    ),
    arm('labels', 'AH on labels', 'the student’s own labels in the place of y_F', heads(), {
      ...control,
      teacher: 'labels',
    }),
    arm('shuffled', 'AH on shuffled y_F', 'y_F shuffled among the examples of a day', heads(), {
      ...control,
      teacher: 'shuffled',
    }),
    arm('vm-sized', 'AH on a VM’s y_F', 'a teacher of the student’s size, fields and examples', heads(), {
      ...control,
      teacher: 'vm-sized',
    }),
    arm(
      'double-weight',
      'AH, w doubled',
      `auxiliary head, w = ${2 * weight}`,
      heads({ weight: 2 * weight }),
      control,
    ),
    arm('two-heads', 'two AH', 'two auxiliary heads on y_F', heads({ heads: 2 }), control),
    arm('raised-rate', 'base, faster backbone', `backbone’s learning rate × ${raisedRate}`, none, {
      ...control,
      teacher: 'none',
      backboneRateScale: raisedRate,
    }),
  ];
}
