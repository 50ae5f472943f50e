import { formatPercent, formatTime } from '../foundation/units.ts';
import { textTable, wrap } from '../reports/text-table.ts';
import { loadScenario } from '../scenarios/files.ts';
import type { Coverage } from '../sim/coverage/coverage.ts';
import { coverageOf } from '../sim/coverage/coverage-of.ts';
import { type KernelGap, kernelGapsOf } from '../sim/kernel-gaps.ts';
import { exitCodes } from './exit-codes.ts';
import { pageWidth } from './list-table.ts';

/** A line of coverage with the arms that it holds for. */
interface Line extends Coverage {
  arms: string[];
}

/** `rankfleet support`: what a scenario's operators rest on, before anything is simulated; returns the exit code. */
export async function support(file: string, { json = false }: { json?: boolean }): Promise<number> {
  const { name, arms } = await loadScenario(file);
  const lines = merge(arms.map((arm) => ({ arm: arm.name, coverage: coverageOf(arm) })));
  const gaps = mergeGaps(arms.map((arm) => ({ arm: arm.name, gaps: kernelGapsOf(arm) })));
  process.stdout.write(
    json
      ? `${JSON.stringify({ scenario: name, operators: lines, missingKernels: gaps }, null, 2)}\n`
      : report(name, lines, gaps, arms.length),
  );
  return exitCodes.answered;
}

/** Lines that are the same in several arms, once. */
function merge(arms: readonly { arm: string; coverage: readonly Coverage[] }[]): Line[] {
  const lines = new Map<string, Line>();
  for (const { arm, coverage } of arms) {
    for (const item of coverage) {
      const key = [item.device, item.operator, item.kind, item.dataType, item.shape].join('|');
      const line = lines.get(key) ?? { ...item, arms: [] };
      if (!line.arms.includes(arm)) line.arms.push(arm);
      lines.set(key, line);
    }
  }
  return [...lines.values()];
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

function report(scenario: string, lines: readonly Line[], gaps: readonly Gap[], armCount: number): string {
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

function deviceBlock(device: string, lines: readonly Line[], armCount: number): string {
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
      { title: 'state', align: 'left' },
      { title: 'arms' },
    ],
    own.map((line) => [
      line.operator,
      line.kind,
      line.dataType,
      line.shape,
      formatTime(line.seconds),
      line.logError > 0 ? formatPercent(Math.expm1(line.logError)) : '',
      line.state === 'missing' ? `missing: ${line.evidence} roofline` : line.state,
      line.arms.length === armCount ? 'all' : String(line.arms.length),
    ]),
  );
  return `${device}: ${counts.join(', ')}\n${table}`;
}

function closing(lines: readonly Line[]): string {
  const missing = lines.filter(({ state }) => state === 'missing');
  if (missing.length === 0) return 'Everything rests on measurements.';
  const devices = [...new Set(missing.map(({ device }) => device))].join(', ');
  return wrap(
    `Missing: on ${devices}, ${missing.length} operators were neither measured nor have a measured device to transfer from; the profile's datasheet peaks and assumed efficiencies stand in. rankfleet calibrate measures them where the device is.`,
    pageWidth,
  );
}
