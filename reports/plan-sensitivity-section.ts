import { formatPercent, formatTime, significant } from '../foundation/units.ts';
import type {
  KnobResult,
  KnobSide,
  Relief,
  SensitivityResult,
} from '../sim/fleet/sensitivity/sensitivity-result.ts';
import { percentChange, signedPercent } from './numbers.ts';
import { plainFigure } from './signed-numbers.ts';
import { wrap } from './text-table.ts';

const width = 100;

/** Columns of the tornado: name of the knob, its bar on each side of zero, two changes each of throughput and latency. */
const nameWidth = 30;
const barWidth = 9;
const changeWidth = 14;
const latencyWidth = 9;

/** What is smaller is not shown. */
const exact = 5e-5;

/** Below this a knob does not stand in the tornado. */
const leastEffect = 0.005;

/** What an alternative's answer is sensitive to: the tornado, the bottleneck, what relieves it, what does nothing. */
export function sensitivitySection(result: SensitivityResult): string {
  return [
    heading(result),
    tornado(result),
    wrap(bottleneckInWords(result), width),
    relief(result),
    others(result),
    still(result),
    unexplained(result),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function heading({
  alternative,
  turnedBy,
  base,
  percentile,
  limitS,
  isReplicaSet,
  replications,
  confidence,
  copies,
  fleet,
}: SensitivityResult): string {
  const of = isReplicaSet ? 'one replica set' : 'the fleet, its hosts held fixed';
  const slice =
    copies > 1 ? ` It was simulated as one of ${copies} equal parts (hosts: ${hostsInWords(fleet)}).` : '';
  const limit =
    base.limitedBy === 'utilisation'
      ? 'the most use that the plan allows'
      : `${percentile} ≤ ${formatTime(limitS)}`;
  return [
    `Sensitivity of ${alternative}: every knob ± ${formatPercent(turnedBy)}`,
    wrap(
      `Throughput of ${of}: ${plainFigure(base.throughputPerS)} QPS within ${limit}. ` +
        `${percentile} at ${significant(base.judgedPerS)} QPS: ${plainFigure(base.latencyS, 1e3)} ms.${slice} ` +
        `Changes are paired over ${replications} replications of the same requests; ± is the half-width of their ` +
        `${formatPercent(confidence)} interval, of sampling alone.`,
      width,
    ),
  ].join('\n');
}

function tornado({ knobs, turnedBy, percentile }: SensitivityResult): string {
  const shown = knobs.filter(({ effect, state }) => state === 'moves' && effect >= leastEffect);
  if (shown.length === 0) return '';
  const largest = Math.max(...shown.map(({ effect }) => Math.min(effect, 1)));
  const [down, up] = [`−${formatPercent(turnedBy)}`, `+${formatPercent(turnedBy)}`];
  const head = row(
    '',
    centred('throughput', 2 * barWidth + 1),
    ['throughput, %', ''],
    [`${percentile}, %`, ''],
  );
  const titles = row('knob', centred('less │ more', 2 * barWidth + 1), [down, up], [down, up]);
  const rule = '─'.repeat([...titles].length);
  return [
    head,
    titles,
    rule,
    ...shown.map((knob) => knobRow(knob, largest)),
    `░ knob at ${down}, █ at ${up}; bars end at ${formatPercent(largest)}${shown.some(({ effect }) => effect > largest) ? ' (longer ones are cut)' : ''}`,
  ].join('\n');
}

function row(name: string, bar: string, changes: [string, string], latencies: [string, string]): string {
  return [
    clipped(name, nameWidth).padEnd(nameWidth),
    bar,
    ...changes.map((text) => text.padStart(changeWidth)),
    ...latencies.map((text) => text.padStart(latencyWidth)),
  ]
    .join(' ')
    .trimEnd();
}

function knobRow(knob: KnobResult, largest: number): string {
  const { name, down, up } = knob;
  return row(
    name,
    bars(down, up, largest),
    [throughputOf(down), throughputOf(up)],
    [latencyOf(down), latencyOf(up)],
  );
}

function throughputOf({ throughput, misfit, cannot }: KnobSide): string {
  if (misfit !== undefined) return 'does not fit';
  if (cannot !== undefined || !throughput) return '–';
  return Math.abs(throughput.mean) < exact ? '0' : percentChange(rounded(throughput));
}

function latencyOf({ latency, overloaded }: KnobSide): string {
  if (!latency) return '–';
  if (overloaded) return 'overload';
  return latency.mean === 0 ? '0' : percentChange({ mean: latency.mean });
}

/** A change without noise stands alone. */
function rounded(change: NonNullable<KnobSide['throughput']>) {
  const { mean, high = mean } = change;
  return high - mean < exact ? { mean } : change;
}

/** A bar for each side of a knob, on the side of zero where it takes throughput; the longer one lies behind. */
function bars(down: KnobSide, up: KnobSide, largest: number): string {
  const cells = new Array<string>(2 * barWidth + 1).fill(' ');
  cells[barWidth] = '│';
  const drawn = [
    { change: changeOf(down), mark: '░' },
    { change: changeOf(up), mark: '█' },
  ].sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  for (const { change, mark } of drawn) {
    const length = Math.min(barWidth, Math.round((Math.abs(change) / largest) * barWidth));
    for (let step = 1; step <= length; step++) cells[barWidth + Math.sign(change) * step] = mark;
  }
  return cells.join('');
}

function changeOf({ throughput, misfit }: KnobSide): number {
  return misfit !== undefined ? -1 : (throughput?.mean ?? 0);
}

/** What is busiest, what of hardware or serving relieves it most, and what is used least. */
export function bottleneckInWords({ bottleneck: found, base, knobs }: SensitivityResult): string {
  const { group, resource, offered, atCapacity, component, componentShare, best, idle } = found;
  const sentences = [
    `Bottleneck: ${group} ${resource}, ρ ${offered.toFixed(2)} at ${significant(base.judgedPerS)} QPS and ${atCapacity.toFixed(2)} at the most; ` +
      `${formatPercent(componentShare)} of the latency of the slowest 1 % is ${component}.`,
    ...(best
      ? [
          `${inWords(best, knobs)} raises throughput by ${signedPercent(rounded(best.throughput))}, more than anything else that can be bought or set.`,
        ]
      : []),
    ...(idle ? [`Least used: ${idle.group} ${idle.resource}, ρ ${idle.offered.toFixed(2)}.`] : []),
  ];
  return sentences.join(' ');
}

function relief(result: SensitivityResult): string {
  const { lines, verdict } = reliefInWords(result);
  if (lines.length === 0) return wrap(`Relief: ${verdict}`, width);
  return ['What relieves it most:', ...lines.map((line) => hanging(`- ${line}`)), wrap(verdict, width)].join(
    '\n',
  );
}

/** What raises throughput surely, a line each, and what of it is worth its money. */
export function reliefInWords({ relief: list, knobs }: SensitivityResult): {
  lines: string[];
  verdict: string;
} {
  const kindOf = (id: string) => knobs.find((knob) => knob.id === id)!.kind;
  const ofFleet = list.filter(({ knob }) => !['load', 'model'].includes(kindOf(knob)));
  if (ofFleet.length === 0) {
    return { lines: [], verdict: 'no single knob of hardware or serving surely raises throughput.' };
  }
  const lines = ofFleet.slice(0, 6).map((one) => {
    const money =
      one.perUsd === undefined
        ? ''
        : `, for ${significant(one.moreUsdPerHour!)} $/h more: ${significant(one.perUsd)} QPS for each $/h`;
    return `${inWords(one, knobs)}: ${signedPercent(rounded(one.throughput))}, ${significant(one.morePerS)} QPS${money}`;
  });
  const priced = ofFleet.filter(({ perUsd }) => perUsd !== undefined).sort((a, b) => b.perUsd! - a.perUsd!);
  const verdict =
    priced.length > 1
      ? `Most for its money: ${inWords(priced[0], knobs)}, then ${inWords(priced[1], knobs)}.`
      : priced.length === 1
        ? `Of what has a price here, only ${inWords(priced[0], knobs)} helps surely.`
        : 'More hosts, which alone have a price here, do not surely raise throughput.';
  return { lines, verdict };
}

function inWords({ knob: id, side }: Pick<Relief, 'knob' | 'side'>, knobs: readonly KnobResult[]): string {
  const knob = knobs.find((one) => one.id === id)!;
  return `${knob.name} ${knob.value} → ${knob[side].value}`;
}

/** Knobs that move an answer other than throughput. */
function others({ knobs, percentile }: SensitivityResult): string {
  const shown = knobs.filter(({ effect, state }) => state === 'moves' && effect < leastEffect);
  if (shown.length === 0) return '';
  const names = { throughput: 'throughput', latency: percentile, money: 'money per request', power: 'power' };
  const lines = shown.map(({ name, down, up, moves, reason }) => {
    const changes = moves.map((answer) => {
      const sides = [down, up].map((side) => side[answer]).filter((side) => side !== undefined);
      return `${names[answer]} ${sides.map((side) => `${percentChange({ mean: side.mean })} %`).join(' / ')}`;
    });
    return `- ${name}: ${changes.join(', ')}${reason === undefined ? '' : `; no more, since ${reason}`}`;
  });
  return [
    'Throughput hardly moves, something else does (knob down / up):',
    ...lines.map((line) => hanging(line)),
  ].join('\n');
}

/** Knobs that move nothing, by their reason. */
function still({ knobs }: SensitivityResult): string {
  const byReason = new Map<string, string[]>();
  for (const { state, name, reason } of knobs) {
    if (state !== 'explained') continue;
    byReason.set(reason!, [...(byReason.get(reason!) ?? []), name]);
  }
  if (byReason.size === 0) return '';
  const lines = [...byReason].map(([reason, names]) => `- ${names.join(', ')}: ${reason}`);
  return ['Nothing moves, and why:', ...lines.map((line) => hanging(line))].join('\n');
}

function unexplained({ knobs }: SensitivityResult): string {
  const lines = knobs
    .filter(({ state }) => state === 'unexplained')
    .map(
      ({ name, value }) =>
        `- ${name} (${value}): UNEXPLAINED: it moves nothing, and nothing in the result says why`,
    );
  return lines.length === 0
    ? ''
    : ['Self-test of the knobs FAILED:', ...lines.map((line) => hanging(line))].join('\n');
}

function hostsInWords(fleet: SensitivityResult['fleet']): string {
  const sparse = fleet.filter(({ group }) => group.startsWith('shard'));
  const total = sparse.reduce((sum, { hosts }) => sum + hosts, 0);
  return [
    ...fleet.flatMap(({ group, hosts }) => (group.startsWith('shard') ? [] : [`${hosts} ${group}`])),
    ...(total > 0 ? [`${total} sparse`] : []),
  ].join(', ');
}

function hanging(line: string): string {
  return wrap(line, width - 2).replaceAll('\n', '\n  ');
}

function centred(text: string, size: number): string {
  const left = Math.max(0, Math.floor((size - [...text].length) / 2));
  return (' '.repeat(left) + text).padEnd(size);
}

function clipped(text: string, size: number): string {
  return [...text].length <= size ? text : `${[...text].slice(0, size - 1).join('')}…`;
}
