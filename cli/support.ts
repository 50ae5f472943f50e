import { formatPercent, formatTime } from '../foundation/units.ts';
import { textTable, wrap } from '../reports/text-table.ts';
import { loadAnyScenario } from '../scenarios/files.ts';
import { type KernelGap, kernelGapsOf } from '../sim/kernel-gaps.ts';
import { coverageOf } from '../sim/operators/coverage-of.ts';
import { operatorsOfArms, type SharedOperator } from '../sim/operators/operators-of-arms.ts';
import { exitCodes } from './exit-codes.ts';
import { pageWidth } from './list-table.ts';

/** `rankfleet support`: what a scenario's operators rest on, before anything is simulated; returns the exit code. */
export async function support(file: string, { json = false }: { json?: boolean }): Promise<number> {
  const scenario = await loadAnyScenario(file);
  if ('kind' in scenario) {
    const { supportDistillation } = await import('./support-distillation.ts');
    return supportDistillation(scenario, json);
  }
  const { name, arms } = scenario;
  const lines = operatorsOfArms(arms.map((arm) => ({ arm: arm.name, coverage: coverageOf(arm) })));
  const gaps = mergeGaps(arms.map((arm) => ({ arm: arm.name, gaps: kernelGapsOf(arm) })));
  process.stdout.write(
    json
      ? `${JSON.stringify({ scenario: name, operators: lines, missingKernels: gaps }, null, 2)}\n`
      : report(name, lines, gaps, arms.length),
  );
  return exitCodes.answered;
}

/** A missing kernel with the arms that answer it in one way. */
interface Gap extends KernelGap {
  arms: string[];
}

function mergeGaps(arms: readonly { arm: string; gaps: readonly KernelGap[] }[]): Gap[] {
  const merged = new Map<string, Gap>();
  for (const { arm, gaps } of arms) {
    for (const gap of gaps) {
      const key = [gap.device, gap.kernel, gap.answer].join('|');
      const known = merged.get(key) ?? { ...gap, arms: [] };
      known.arms.push(arm);
      merged.set(key, known);
    }
  }
  return [...merged.values()];
}

function report(
  scenario: string,
  lines: readonly SharedOperator[],
  gaps: readonly Gap[],
  armCount: number,
): string {
  const devices = [...new Set(lines.map(({ device }) => device))];
  const blocks = devices.map((device) => deviceBlock(device, lines, armCount));
  const parts = [
    `What the operators of ${scenario} rest on:`,
    ...blocks,
    ...(gaps.length > 0 ? [kernelsBlock(gaps)] : []),
    closing(lines),
  ];
  return `${parts.join('\n\n')}\n`;
}

const answers: Record<KernelGap['answer'], string> = {
  tier: 'preprocessing runs on a tier of CPU hosts in front',
  assumed: 'taken as written (serving.assume_kernels)',
  unused: 'not needed by the model',
};

/** What cannot run at all, and what the arms do about it. */
function kernelsBlock(gaps: readonly Gap[]): string {
  const lines = [...new Set(gaps.map(({ device, kernel }) => `${device} ${kernel}`))].flatMap((id) => {
    const own = gaps.filter(({ device, kernel }) => `${device} ${kernel}` === id);
    const [{ device, kernel, evidence, source }] = own;
    return [
      `${device} has no kernel for ${kernel} (${evidence}: ${source})`,
      ...own.map(({ answer, arms }) => `  ${answers[answer]}: ${arms.join('; ')}`),
    ];
  });
  return ['Kernels that do not exist', ...lines].map((line) => wrap(line, pageWidth)).join('\n');
}

function deviceBlock(device: string, lines: readonly SharedOperator[], armCount: number): string {
  const own = lines.filter((line) => line.device === device);
  const counts = ['measured', 'fitted', 'transferred', 'published', 'missing']
    .map((state) => ({ state, count: own.filter((line) => line.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`);
  const table = textTable(
    [
      { title: 'operator', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'type', align: 'left' },
      { title: 'at a typical batch', align: 'left' },
      { title: 'time' },
      { title: '±' },
      { title: 'of roofline' },
      { title: 'state', align: 'left' },
      { title: 'arms' },
    ],
    own.map((line) => [
      line.net === undefined ? line.operator : `${line.net} ${line.operator}`,
      line.kind,
      line.dataType,
      line.shape,
      formatTime(line.seconds),
      line.logError > 0 ? formatPercent(Math.expm1(line.logError)) : '',
      formatPercent(line.speedOfLightS / line.seconds),
      line.state === 'missing' ? `missing: ${line.evidence} roofline` : line.state,
      armsOf(line) === armCount ? 'all' : String(armsOf(line)),
    ]),
  );
  return `${device}: ${counts.join(', ')}\n${table}`;
}

function armsOf({ shares }: SharedOperator): number {
  return Object.keys(shares).length;
}

function closing(lines: readonly SharedOperator[]): string {
  const missing = lines.filter(({ state }) => state === 'missing');
  if (missing.length === 0) return 'Everything rests on measurements.';
  const devices = [...new Set(missing.map(({ device }) => device))].join(', ');
  return wrap(
    `Missing: on ${devices}, ${missing.length} operators were neither measured nor have a measured device to transfer from; the profile's datasheet peaks and assumed efficiencies stand in. rankfleet calibrate measures them where the device is.`,
    pageWidth,
  );
}
