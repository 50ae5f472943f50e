import type { Alternative } from '../../../sim/fleet/plan-result.ts';
import type { FigureOf } from '../independent-pair.ts';

const latency = (key: 'p50' | 'p90' | 'p95' | 'p99' | 'p99.9'): FigureOf<Alternative> => ({
  key,
  title: key,
  unit: 's',
  group: 'latency',
  of: ({ states }) => states[0]?.latencyS[key],
});

const exact = (
  key: string,
  title: string,
  unit: FigureOf<Alternative>['unit'],
  of: (alternative: Alternative) => number | undefined,
): FigureOf<Alternative> => ({ key, title, unit, group: 'fleet', of });

/** What two alternatives are compared in: latencies in normal operation, what a replica set bears, and the fleet. */
export const planFigures: readonly FigureOf<Alternative>[] = [
  {
    key: 'rho',
    title: 'ρ, busiest',
    unit: 'share',
    group: 'latency',
    of: ({ states }) => states[0]?.utilisation[0]?.offered,
  },
  ...(['p50', 'p90', 'p95', 'p99', 'p99.9'] as const).map(latency),
  {
    key: 'capacityPerS',
    title: 'one replica set bears',
    unit: '1/s',
    group: 'latency',
    of: ({ capacity }) => capacity?.ratePerS,
  },
  exact('hosts', 'hosts', 'count', ({ fleet }) => fleet?.hosts),
  exact('usdPerHour', 'price', 'USD/h', ({ money }) => money?.usdPerHour),
  exact('usdPerMillionRequests', 'a million requests', 'USD', ({ money }) => money?.usdPerMillionRequests),
  exact('powerW', 'power', 'W', ({ power }) => power?.watts),
  exact('requestsPerJ', 'requests per joule', '1/J', ({ power }) => power?.requestsPerJoule),
  exact('headroom', 'capacity left free', 'share', ({ headroom }) => headroom?.rate),
];
