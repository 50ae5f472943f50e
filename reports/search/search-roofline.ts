import { formatPercent, significant } from '../../foundation/units.ts';
import type { OperatorResult } from '../../sim/roofline-result.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import { drawing } from '../charts/drawing.ts';
import { panelHeight, rooflinePanel } from '../charts/roofline-panel.ts';
import type { SearchReport, ShapeRow } from './search-report.ts';
import { rateCells } from './search-text.ts';

const title = 'The best kernel under the roofs of its device';

/** Where the best kernel stands on each shape of the search between arithmetic and bandwidth. */
export function searchRoofline(report: SearchReport): Chart | Absence {
  const { timings, roofs } = report;
  const drawn = timings.filter(({ flopPerS, bytesPerS }) => flopPerS > 0 && bytesPerS > 0);
  if (!roofs) return { title, reason: 'the peaks of this device are not in the catalogue' };
  if (drawn.length === 0) return { title, reason: 'no kernel with arithmetic was right on all shapes' };
  const id = 'search-roofline';
  const shares = drawn.map(({ speedOfLight }) => speedOfLight);
  const note = `The least operations and bytes of each shape over the time of one launch; lines are the datasheet's peaks. Of its roof the kernel reaches ${formatPercent(Math.min(...shares))} to ${formatPercent(Math.max(...shares))}.`;
  const operators = drawn.map((row) => operatorOf(row, drawn, report));
  const svg = drawing(
    { id, title, note, height: panelHeight },
    rooflinePanel(roofs.device, roofs.roofline, operators, 0),
  );
  return { id, title, note, svg, table: tableOf(drawn) };
}

/** A shape as the roofline of a simulated operator draws it, called by the axes in which shapes differ. */
function operatorOf(
  { shape, kernelS, bytesPerS, flopPerS, speedOfLight }: ShapeRow,
  all: readonly ShapeRow[],
  { roofs, task, dataType }: SearchReport,
): OperatorResult {
  const axes = shape.split(', ');
  const differing = axes.filter((axis) => all.some((other) => !other.shape.split(', ').includes(axis)));
  return {
    device: roofs!.device,
    name: differing.join(', ') || shape,
    kind: task.operator,
    dataType,
    shape,
    flops: flopPerS * kernelS,
    bytes: bytesPerS * kernelS,
    bytesFrom: 'memory',
    seconds: kernelS,
    logError: 0,
    evidence: 'measured',
    speedOfLightS: speedOfLight * kernelS,
    shares: {},
  };
}

function tableOf(rows: readonly ShapeRow[]): Chart['table'] {
  return {
    columns: [
      { title: 'shape', align: 'left' },
      { title: 'FLOP/B' },
      { title: 'GB/s' },
      { title: 'TFLOP/s' },
      { title: 'of the roofline' },
    ],
    rows: rows.map((row) => [
      row.shape,
      significant(row.flopPerS / row.bytesPerS),
      ...rateCells(row),
      formatPercent(row.speedOfLight),
    ]),
  };
}
