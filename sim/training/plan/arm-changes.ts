import { formatPercent, formatTime, significant } from '../../../foundation/units.ts';
import type { Model } from '../../../models/model.ts';
import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import type { Change } from './asked-changes.ts';
import type { PlannedArm } from './plan-arm.ts';
import { scaleTeacherModel } from './scale-teacher-model.ts';

/** What lets models fit, trainers keep up, or batches come in time. */
export function fitChanges({ arm, alternative: { state } }: PlannedArm): Change[] {
  const { fleet, labelling } = arm.teacher;
  const examples = fleet.examples_per_device;
  switch (state) {
    case 'DOES NOT FIT':
      return [
        {
          constraint: 'teacher.labelling.examples_per_device',
          from: `${labelling.examples_per_device}`,
          steps: halvings(labelling.examples_per_device).map((count) => ({
            to: `${count}`,
            arm: withLabelling({ examples_per_device: count }),
          })),
        },
        ...(labelling.hosts_per_server === undefined
          ? []
          : [
              {
                constraint: 'teacher.labelling.hosts_per_server',
                from: `${labelling.hosts_per_server}`,
                steps: [2, 4, 8].map((factor) => ({
                  to: `${factor * labelling.hosts_per_server!}`,
                  arm: withLabelling({ hosts_per_server: factor * labelling.hosts_per_server! }),
                })),
              },
            ]),
        {
          constraint: 'verticals.*.fleet.dense_state',
          from: 'replicated',
          steps: [{ to: 'sharded', arm: withVerticalFleets(() => ({ dense_state: 'sharded' })) }],
        },
        {
          constraint: 'verticals.*.fleet.examples_per_device',
          from: 'as stated',
          steps: [2, 4, 8, 16].map((factor) => ({
            to: `1/${factor} of it`,
            arm: withVerticalFleets((stated) => ({
              examples_per_device: Math.max(1, Math.floor(stated.examples_per_device / factor)),
            })),
          })),
        },
      ];
    case 'CANNOT KEEP UP':
      return [
        {
          constraint: 'teacher.fleet.examples_per_device',
          from: `${examples}`,
          steps: [2, 4, 8].map((factor) => ({
            to: `${factor * examples}`,
            arm: withTeacherFleet({ examples_per_device: factor * examples }),
          })),
        },
        {
          constraint: 'verticals.*.fleet.examples_per_device',
          from: 'as stated',
          steps: [2, 4, 8].map((factor) => ({
            to: `${factor} times it`,
            arm: withVerticalFleets((stated) => ({
              examples_per_device: factor * stated.examples_per_device,
            })),
          })),
        },
      ];
    case 'BATCH TOO SLOW':
      return [
        {
          constraint: 'teacher.labelling.max_fill',
          from: formatTime(labelling.max_fill),
          steps: [4, 16, 64, 256].map((factor) => ({
            to: formatTime(labelling.max_fill / factor),
            arm: withLabelling({ max_fill: labelling.max_fill / factor }),
          })),
        },
        {
          constraint: 'verticals.*.tasks.*.window',
          from: formatTime(tightestWindow(arm)),
          steps: [1.25, 1.5, 2, 4, 8].map((factor) => ({
            to: `at least ${formatTime(factor * tightestWindow(arm))}`,
            arm: (stated: DistillationArm) => withWindows(stated, factor * tightestWindow(arm)),
          })),
        },
        {
          constraint: 'join',
          from: formatTime(arm.join),
          steps: [2, 4, 16].map((factor) => ({
            to: formatTime(arm.join / factor),
            arm: (stated: DistillationArm) => ({ ...stated, join: stated.join / factor }),
          })),
        },
      ];
    default:
      return [];
  }
}

const shareSteps = [0.75, 0.5, 0.35, 0.2, 0.1, 0.05];

/** Another teacher: smaller where it costs too much, larger or fed more where it gains too little. */
export function teacherChanges({ arm, alternative: { state } }: PlannedArm): Change[] {
  const { model, train_share, label_share } = arm.teacher;
  const isForGain = state === 'GAINS TOO LITTLE';
  const sizes = isForGain ? [2, 4] : [0.5, 0.25, 0.125, 1 / 16];
  const shares = (from: number) =>
    isForGain ? (from < 1 ? [1] : []) : shareSteps.filter((share) => share < from);
  return [
    {
      constraint: 'teacher.model',
      from: model.name,
      steps: sizes.map((size) => scaledStep(model, size)),
    },
    ...(['train_share', 'label_share'] as const).map((field) => ({
      constraint: `teacher.${field}`,
      from: formatPercent(field === 'train_share' ? train_share : label_share),
      steps: shares(arm.teacher[field]).map((share) => ({
        to: formatPercent(share),
        arm: (stated: DistillationArm) => ({ ...stated, teacher: { ...stated.teacher, [field]: share } }),
      })),
    })),
  ];
}

function withLabelling(changed: Partial<DistillationArm['teacher']['labelling']>) {
  return (arm: DistillationArm): DistillationArm => ({
    ...arm,
    teacher: { ...arm.teacher, labelling: { ...arm.teacher.labelling, ...changed } },
  });
}

function withTeacherFleet(changed: Partial<DistillationArm['teacher']['fleet']>) {
  return (arm: DistillationArm): DistillationArm => ({
    ...arm,
    teacher: { ...arm.teacher, fleet: { ...arm.teacher.fleet, ...changed } },
  });
}

type VerticalFleet = DistillationArm['verticals'][number]['fleet'];

function withVerticalFleets(changed: (stated: VerticalFleet) => Partial<VerticalFleet>) {
  return (arm: DistillationArm): DistillationArm => ({
    ...arm,
    verticals: arm.verticals.map((vertical) => ({
      ...vertical,
      fleet: { ...vertical.fleet, ...changed(vertical.fleet) },
    })),
  });
}

function tightestWindow({ verticals }: DistillationArm): number {
  return Math.min(
    ...verticals.flatMap(({ tasks }) =>
      tasks.filter(({ distilled }) => distilled).map(({ window }) => window),
    ),
  );
}

function withWindows(arm: DistillationArm, least: number): DistillationArm {
  return {
    ...arm,
    verticals: arm.verticals.map((vertical) => ({
      ...vertical,
      tasks: vertical.tasks.map((task) =>
        task.distilled ? { ...task, window: Math.max(task.window, least) } : task,
      ),
    })),
  };
}

function halvings(from: number): number[] {
  return [2, 4, 8, 16, 32].map((factor) => Math.floor(from / factor)).filter((count) => count >= 1);
}

function scaledStep(model: Model, size: number): Change['steps'][number] {
  const { model: scaled, width, rows } = scaleTeacherModel(model, size);
  const named = { ...scaled, name: `${model.name} × ${significant(size)}` };
  return {
    to:
      `one of ${significant(size)} times its FLOPs and bytes (hidden widths and vectors × ${significant(width)}, ` +
      `rows × ${significant(rows)})`,
    arm: (stated) => ({ ...stated, teacher: { ...stated.teacher, model: named } }),
  };
}
