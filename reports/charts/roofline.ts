import type { Result } from '../../sim/result.ts';
import type { OperatorResult, RooflineResult } from '../../sim/roofline-result.ts';
import { measuredArms, noneFits } from './arms.ts';
import type { Absence, Chart } from './chart.ts';
import { drawing, width } from './drawing.ts';
import { bytes, flops, percent, time } from './quantity.ts';
import { evidenceSeries, panelHeight, rooflinePanel } from './roofline-panel.ts';
import { legend, symbolSwatch } from './series.ts';
import { titles } from './titles.ts';

const title = titles.roofline;

/** Devices that are drawn. */
const mostDevices = 6;

/** Operators of a typical batch under the roofs of the devices that run them, beside what was measured there. */
export function rooflines(result: Result): Chart | Absence {
  if (measuredArms(result).length === 0) return { title, reason: noneFits };
  const { operators = [], rooflines: roofs = {} } = result;
  const devices = Object.entries(roofs).filter(([device, roof]) => isDrawable(device, roof, operators));
  if (devices.length === 0) {
    return { title, reason: 'the result holds no operator with arithmetic: simulate it with this version' };
  }
  const shown = devices.slice(0, mostDevices);
  const used = new Set(operators.map(({ evidence }) => evidence));
  const key = legend(
    evidenceSeries
      .filter(({ name }) => [...used].some((level) => level === name))
      .map((one) => ({ name: one.name, swatch: symbolSwatch(one) })),
    { left: 0, right: width, y: 12 },
  );
  const top = key.height + 10;
  const id = 'rooflines';
  const note = noteOf(operators, shown, devices.length);
  const svg = drawing(
    { id, title, note, height: top + shown.length * panelHeight },
    key.svg,
    ...shown.map(([device, roof], index) =>
      rooflinePanel(
        device,
        roof,
        operators.filter((one) => one.device === device),
        top + index * panelHeight,
      ),
    ),
  );
  return { id, title, note, svg, table: tableOf(operators) };
}

/** Whether something with arithmetic ran or was measured there. */
function isDrawable(
  device: string,
  { measured = [] }: RooflineResult,
  operators: readonly OperatorResult[],
): boolean {
  return (
    operators.some((one) => one.device === device && one.flops > 0) ||
    measured.some(({ flops: counts }) => counts.some((count) => count > 0))
  );
}

function noteOf(
  operators: readonly OperatorResult[],
  shown: readonly [string, RooflineResult][],
  devices: number,
): string {
  const bare = operators.filter((one) => !(one.flops > 0)).length;
  const like = shown.flatMap(([device, { calibratedLike }]) =>
    calibratedLike === undefined ? [] : [`${device} is priced by efficiencies measured on ${calibratedLike}`],
  );
  return (
    'Large symbols: operators of a typical batch, by what their time rests on. Small dots: measured points, each joined ' +
    'with what the fit to all others predicts. Lines: what the device can do at most.' +
    (like.length > 0 ? ` ${like.join('; ')}.` : '') +
    (bare > 0 ? ` In the table only: ${bare} operators without arithmetic.` : '') +
    (devices > shown.length ? ` Drawn are ${shown.length} of ${devices} devices.` : '')
  );
}

function tableOf(operators: readonly OperatorResult[]): Chart['table'] {
  return {
    columns: [
      { title: 'device', align: 'left' },
      { title: 'operator', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'shape', align: 'left' },
      { title: 'work' },
      { title: 'bytes' },
      { title: 'time' },
      { title: 'of its roofline' },
      { title: 'evidence', align: 'left' },
      { title: 'arms', align: 'left' },
    ],
    rows: operators.map((one) => [
      one.device,
      one.net === undefined ? one.name : `${one.net} ${one.name}`,
      `${one.kind} ${one.dataType}`,
      one.shape,
      one.flops > 0 ? flops.format(one.flops) : '–',
      `${bytes.format(one.bytes)} of ${one.bytesFrom}`,
      time.format(one.seconds),
      one.seconds > 0 ? percent(one.speedOfLightS / one.seconds) : '–',
      one.evidence,
      Object.keys(one.shares).join(', '),
    ]),
  };
}
