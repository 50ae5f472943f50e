import { formatPercent, formatTime } from '../foundation/units.ts';
import { textTable, wrap } from '../reports/text-table.ts';
import type { ResolvedDistillation } from '../scenarios/distillation/deployment.ts';
import type { PreparedArm } from '../sim/training/distillation/prepare.ts';
import { prepareScenario } from '../sim/training/distillation/prepare-scenario.ts';
import type { StepPart } from '../sim/training/step/step-result.ts';
import { exitCodes } from './exit-codes.ts';
import { pageWidth } from './list-table.ts';

/** A training step or label batch, with the arms that run it. */
interface TimedWork {
  work: string;
  device: string;
  arms: string[];
  seconds: number;
  parts: StepPart[];
}

/** `rankfleet support` of a scenario of distillation: what the parts of its steps rest on; returns the exit code. */
export function supportDistillation(scenario: ResolvedDistillation, json: boolean): number {
  const prepared = prepareScenario(scenario);
  const works = merged(prepared.flatMap((entry) => ('problem' in entry ? [] : worksOf(entry))));
  const unfit = prepared.flatMap((entry) =>
    'problem' in entry ? [{ arm: entry.arm.name, problem: entry.problem }] : [],
  );
  process.stdout.write(
    json
      ? `${JSON.stringify({ scenario: scenario.name, kind: scenario.kind, works, unfit }, null, 2)}\n`
      : report(scenario, works, unfit),
  );
  return unfit.length === 0 ? exitCodes.answered : exitCodes.infeasible;
}

function worksOf({ arm, training, teacherStep, labelling, labels, verticals }: PreparedArm): TimedWork[] {
  const deviceOf = ({ job }: PreparedArm['training']) => {
    const { host, hosts } = job.fleet;
    const { device, count } = host.accelerators!;
    return `${hosts * count.value} × ${device.name}`;
  };
  return [
    {
      arms: [arm.name],
      work: `training step of ${arm.teacher.model.name}`,
      device: deviceOf(training),
      seconds: teacherStep.stepS,
      parts: teacherStep.parts,
    },
    {
      arms: [arm.name],
      work: `label batch of ${arm.teacher.model.name}`,
      device: deviceOf(labelling),
      seconds: labels.batchS,
      parts: labels.parts,
    },
    ...verticals.map(({ vertical, fleet, withHeads }) => ({
      arms: [arm.name],
      work: `training step of ${vertical.name}, ${vertical.model.name}`,
      device: deviceOf(fleet),
      seconds: withHeads.stepS,
      parts: withHeads.parts,
    })),
  ];
}

/** Works of several arms that are the same, once. */
function merged(works: readonly TimedWork[]): TimedWork[] {
  const known = new Map<string, TimedWork>();
  for (const work of works) {
    const key = JSON.stringify([work.work, work.device, work.parts]);
    const same = known.get(key);
    if (same) same.arms.push(...work.arms);
    else known.set(key, work);
  }
  return [...known.values()];
}

function report(
  { name, arms }: ResolvedDistillation,
  works: readonly TimedWork[],
  unfit: readonly { arm: string; problem: string[] }[],
): string {
  const blocks = works.map((work) => {
    const whose = work.arms.length === arms.length ? 'all arms' : work.arms.join(', ');
    return `${wrap(`${work.work} on ${work.device}, ${formatTime(work.seconds)} (${whose})`, pageWidth)}\n${partTable(work)}`;
  });
  const missing = unfit.map(({ arm, problem }) => [`${arm} does not fit:`, ...problem].join('\n'));
  return `${[`What the training steps of ${name} rest on:`, ...blocks, ...missing].join('\n\n')}\n`;
}

function partTable({ parts }: TimedWork): string {
  return textTable(
    [
      { title: 'part', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'time' },
      { title: '±' },
      { title: 'exposed' },
      { title: 'rests on', align: 'left' },
    ],
    parts
      .filter(({ seconds }) => seconds > 0)
      .map(({ name, kind, seconds, logError, exposedS, secondsBy }) => [
        name,
        kind,
        formatTime(seconds),
        logError > 0 ? formatPercent(Math.expm1(logError)) : '',
        formatTime(exposedS),
        Object.entries(secondsBy)
          .map(([level, part]) => `${formatPercent(part / seconds)} ${level}`)
          .join(', '),
      ]),
  );
}
