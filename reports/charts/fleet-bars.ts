import type { Alternative, PlanResult } from '../../sim/fleet/plan-result.ts';
import type { ArmResult, Result } from '../../sim/result.ts';
import { measuredArms, noneFits, standing } from './arms.ts';
import { zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { hosts, usdPerHour, usdPerMillion, watts } from './quantity.ts';
import { drawnRows, nameRoom, panelTitle, rowName } from './rows.ts';
import { boxSwatch, legend } from './series.ts';
import { type StackPart, stackedBar } from './stack.ts';
import { text } from './svg.ts';
import { titles } from './titles.ts';

const title = titles.fleets;
const rowHeight = 38;
const barHeight = 20;
const panelGap = 36;
const valueRoom = 70;
const mostFleets = 60;

const roles = ['main', 'preprocessing', 'sparse'] as const;
type Role = (typeof roles)[number];

const roleClass: Record<Role, string> = {
  main: 'series-1',
  preprocessing: 'series-3',
  sparse: 'series-2',
};

/** Hosts of one role: those that the load needs, and what failures and spares add to them. */
interface Group {
  role: Role;
  host: string;
  needed: number;
  extra: number;
}

interface Fleet {
  name: string;
  detail: string;
  isBest: boolean;
  /** None where there is no fleet. */
  groups: Group[];
  usdPerHour?: number;
  lines: string[];
}

/** Hosts of each arm by role, and what they cost. */
export function fleetsOfArms(result: Result): Chart | Absence {
  if (measuredArms(result).length === 0) return { title, reason: noneFits };
  return fleetBars(
    result.arms.map(fleetOfArm),
    'Hosts of each arm by what they do, as the scenario states them, and their price.',
  );
}

/** None of an arm that does not fit: its shards are unknown, and hosts without them are no fleet. */
function fleetOfArm(arm: ArmResult): Fleet {
  const { name, measured, fleet } = arm;
  const about = { name, detail: standing(arm), isBest: false };
  if (!measured) return { ...about, groups: [], lines: [] };
  return {
    ...about,
    groups: groupsOfArm(arm),
    usdPerHour: fleet.pricePerHourUsd,
    lines: [
      usdPerHour.format(fleet.pricePerHourUsd),
      ...(fleet.usdPerMillionRequests === undefined
        ? []
        : [usdPerMillion.format(fleet.usdPerMillionRequests)]),
      ...(fleet.powerW === undefined ? [] : [watts.format(fleet.powerW)]),
    ],
  };
}

function groupsOfArm({ fleet }: ArmResult): Group[] {
  const { mainHost, mainHosts, sparseHost, sparseHosts, preprocessingHost, preprocessingHosts = 0 } = fleet;
  const all: Group[] = [
    { role: 'main', host: mainHost, needed: mainHosts, extra: 0 },
    { role: 'preprocessing', host: preprocessingHost ?? '', needed: preprocessingHosts, extra: 0 },
    { role: 'sparse', host: sparseHost, needed: sparseHosts, extra: 0 },
  ];
  return all.filter(({ needed }) => needed > 0);
}

/** Hosts of each alternative of a plan by role, and what they cost. */
export function fleetsOfPlan({ alternatives, best }: PlanResult): Chart | Absence {
  if (alternatives.every(({ fleet }) => !fleet)) {
    return { title, reason: 'no alternative was given a fleet' };
  }
  const fleets = alternatives.map((one): Fleet => {
    const { name, workload, state, money, power } = one;
    return {
      name: workload === undefined ? name : `${workload}: ${name}`,
      detail: name === best ? `${state} · best` : state,
      isBest: name === best,
      groups: groupsOfTiers(one),
      ...(one.fleet && money && { usdPerHour: money.usdPerHour }),
      lines: [
        ...(money
          ? [usdPerHour.format(money.usdPerHour), usdPerMillion.format(money.usdPerMillionRequests)]
          : []),
        ...(power ? [watts.format(power.watts)] : []),
      ],
    };
  });
  return fleetBars(
    fleets,
    'Hosts of each alternative by what they do, and their price. Full bars are hosts that the target needs with its ' +
      'headroom; pale ones are there for failures, spares and whole regions.',
  );
}

function groupsOfTiers({ fleet }: Alternative): Group[] {
  const groups = new Map<Role, Group>();
  for (const { group, host, needed, total } of fleet?.tiers ?? []) {
    const role: Role = group === 'main' || group === 'preprocessing' ? group : 'sparse';
    const sum = groups.get(role) ?? { role, host, needed: 0, extra: 0 };
    sum.needed += Math.min(needed, total);
    sum.extra += Math.max(0, total - needed);
    groups.set(role, sum);
  }
  return roles.flatMap((role) => groups.get(role) ?? []);
}

function fleetBars(all: readonly Fleet[], noted: string): Chart | Absence {
  if (all.length === 0) return { title, reason: 'there is no fleet' };
  const { shown, omitted } = drawnRows(all, mostFleets, 'fleets');
  const used = roles.filter((role) =>
    shown.some(({ groups }) => groups.some((group) => group.role === role)),
  );
  const key = legend(
    used.map((role) => ({ name: role, swatch: boxSwatch(`bar ${roleClass[role]}`) })),
    { left: nameRoom, right: width, y: 12 },
  );
  const top = key.height + 34;
  const bottom = top + shown.length * rowHeight;
  const half = (width - nameRoom - panelGap - 2 * valueRoom) / 2;
  const areas: [Area, Area] = [
    { left: nameRoom, right: nameRoom + half, top, bottom },
    { left: width - valueRoom - half, right: width - valueRoom, top, bottom },
  ];
  const id = 'fleets';
  const note = noted + omitted;
  const svg = drawing(
    { id, title, note, height: bottom + axisRoom },
    key.svg,
    panelTitle('hosts', areas[0].left, top - 10),
    panelTitle('price', areas[1].left, top - 10),
    hostsPanel(shown, areas[0]),
    pricePanel(shown, areas[1]),
    ...shown.map(({ name, detail, isBest }, index) =>
      rowName(name, detail, top + (index + 0.5) * rowHeight, isBest ? 'label strong' : 'label'),
    ),
  );
  return { id, title, note, svg, table: tableOf(all) };
}

function countOf({ groups }: Fleet): number {
  return groups.reduce((sum, { needed, extra }) => sum + needed + extra, 0);
}

function hostsPanel(shown: readonly Fleet[], area: Area): string {
  const x = zeroBasedAxis({
    values: shown.map(countOf),
    range: [area.left, area.right],
    quantity: hosts,
    name: 'size',
  });
  const bars = shown.map((fleet, index) => {
    const y = area.top + (index + 0.5) * rowHeight - barHeight / 2;
    const parts = fleet.groups.flatMap((group) => partsOf(fleet.name, group));
    const count = countOf(fleet);
    const words = count > 0 ? `${count}` : 'no fleet';
    return (
      stackedBar(parts, x, { y, height: barHeight }) +
      text(words, { class: 'value', x: x.at(count) + 5, y: y + 14 })
    );
  });
  return axisBelow(x, area) + bars.join('');
}

function partsOf(name: string, { role, host, needed, extra }: Group): StackPart[] {
  const lines = [
    name,
    `${role} on ${host}`,
    `${needed} hosts${extra > 0 ? `, and ${extra} for failures and spares` : ''}`,
  ];
  const className = roleClass[role];
  return [
    { className, value: needed, lines, inside: `${needed}` },
    { className: `${className} pale`, value: extra, lines },
  ];
}

function pricePanel(shown: readonly Fleet[], area: Area): string {
  const prices = shown.map((fleet) => fleet.usdPerHour ?? 0);
  const x = zeroBasedAxis({
    values: prices,
    range: [area.left, area.right],
    quantity: usdPerHour,
    name: 'price',
  });
  const bars = shown.map(({ name, lines, usdPerHour: price }, index) => {
    if (price === undefined || !Number.isFinite(price)) return '';
    const y = area.top + (index + 0.5) * rowHeight - barHeight / 2;
    const bar = stackedBar([{ className: 'shade-2', value: price, lines: [name, ...lines] }], x, {
      y,
      height: barHeight,
    });
    const words = usdPerHour.format(price).replace(' USD/h', '');
    return bar + text(words, { class: 'value', x: x.at(price) + 5, y: y + 14 });
  });
  return axisBelow(x, area) + bars.join('');
}

function tableOf(fleets: readonly Fleet[]): Chart['table'] {
  const inWords = ({ host, needed, extra }: Group) => `${needed + extra} ${host}`;
  return {
    columns: [
      { title: 'fleet', align: 'left' },
      ...roles.map((role) => ({ title: `${role} hosts`, align: 'left' as const })),
      { title: 'all hosts' },
      { title: 'price' },
      { title: 'standing', align: 'left' },
    ],
    rows: fleets.map((fleet) => [
      fleet.name,
      ...roles.map(
        (role) =>
          fleet.groups
            .filter((group) => group.role === role)
            .map(inWords)
            .join(', ') || '–',
      ),
      `${countOf(fleet)}`,
      fleet.usdPerHour === undefined ? '–' : usdPerHour.format(fleet.usdPerHour),
      fleet.detail,
    ]),
  };
}
