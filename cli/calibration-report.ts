import { formatPercent } from '../foundation/units.ts';
import type { BackendName, DeviceDescription, Found } from '../harness/device.ts';
import type { MeasurementStore } from '../harness/store.ts';
import { textTable, wrap } from '../reports/text-table.ts';
import { pageWidth } from './list-table.ts';

/** What every backend found, or what it looked for. */
export function devicesReport(backends: readonly { name: BackendName; found: Found }[]): string {
  const blocks = backends.map(({ name, found }) => {
    const devices = found.devices.map((device, index) => `  ${index}: ${device}`);
    const looked = found.looked.map((line) => `  ${line}`);
    return [`${name}: ${devices.length === 0 ? 'no device' : ''}`.trimEnd(), ...devices, ...looked].join(
      '\n',
    );
  });
  return `${blocks.join('\n\n')}\n`;
}

/** After a calibration: what was measured, how well it predicts itself, what failed, how to use it. */
export function calibrationReport(
  store: MeasurementStore,
  {
    device,
    about,
    end,
    files,
  }: {
    device: string;
    about: DeviceDescription;
    end: { measured: number; failed: number; reason: string };
    files: readonly string[];
  },
): string {
  const known = store.points.length - end.measured;
  const before = known > 0 ? `, ${known} known from earlier runs` : '';
  return [
    `${about.name} as ${device}: ${end.measured} points measured${before}, ${end.failed} failed; ${end.reason}`,
    fitTable(store),
    failures(store),
    ['Written:', `  ${store.folder}`, ...files.map((file) => `  ${file}`)].join('\n'),
    files.length > 0 ? usage(about, files) : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function fitTable(store: MeasurementStore): string {
  const fits = store.fits();
  if (fits.length === 0) return 'Too few points of any operator for a fit; give it more time with --budget.';
  const title = 'Error of the fitted times, each point predicted from all others:';
  const rows = fits.map(({ operator, data_type, backend, cores, leave_one_out: error }) => [
    operator,
    data_type,
    backend,
    cores === 0 ? '' : String(cores),
    String(error.points),
    formatPercent(error.median),
    formatPercent(error.p90),
    formatPercent(error.bias, { signed: true }),
  ]);
  const table = textTable(
    [
      { title: 'operator', align: 'left' },
      { title: 'type', align: 'left' },
      { title: 'backend', align: 'left' },
      { title: 'cores' },
      { title: 'points' },
      { title: 'median' },
      { title: 'p90' },
      { title: 'bias' },
    ],
    rows,
  );
  return `${title}\n${table}`;
}

/** Failures by what failed and why, so that a hundred shapes of one missing type are one line. */
function failures(store: MeasurementStore): string {
  const groups = new Map<string, number>();
  for (const { operator, data_type, implementation, stage, reason } of store
    .runs()
    .flatMap((run) => run.failed)) {
    const line = `${operator} ${data_type} ${implementation}, ${stage}: ${reason.split('\n')[0]}`;
    groups.set(line, (groups.get(line) ?? 0) + 1);
  }
  if (groups.size === 0) return '';
  const shown = [...groups].sort((a, b) => b[1] - a[1]).slice(0, 12);
  const lines = shown.map(([line, count]) =>
    wrap(`${count} × ${line}`, pageWidth - 4).replaceAll('\n', '\n    '),
  );
  const more = groups.size > shown.length ? [`… and ${groups.size - shown.length} more kinds`] : [];
  return ['No time for:', ...lines.map((line) => `  ${line}`), ...more.map((line) => `  ${line}`)].join('\n');
}

function usage({ kind }: DeviceDescription, files: readonly string[]): string {
  return kind === 'cpu'
    ? `In a scenario: fleet.main.host: ${files.at(-1)} (edit its price, NIC and power first).`
    : `In a host file: accelerators.device: ${files[0]}`;
}
