import { InputError } from '../foundation/problem.ts';
import { formatBytes } from '../foundation/units.ts';
import type { Host } from '../hardware-profiles/profile.ts';
import type { AcceleratedServing, DefaultUsed } from './deployment.ts';
import type { Locating } from './locating.ts';
import type { ArmSpec } from './schema.ts';

const defaultStreams = 2;
export const defaultReserved = 0.1;

/**
 * What the accelerators of the main host do; undefined where nothing runs on them.
 * @throws InputError, located, for fields that contradict each other or the host
 */
export function acceleratedServing(
  spec: ArmSpec,
  host: Host,
  located: Locating,
): AcceleratedServing | undefined {
  const { serving, fleet } = spec;
  const fail = (path: string, message: string) =>
    located(path.split('.'), () => {
      throw new InputError(message);
    });
  const onAccelerator = serving.tables_on === 'accelerator';
  const { accelerators } = host;
  if (!accelerators) {
    const asked = fieldsOfAccelerators(spec).find(({ isAsked }) => isAsked);
    if (asked) fail(asked.path, `the main host ${host.name} has no accelerators${hostHint}`);
    return undefined;
  }
  checkTables(spec, fail);
  if (serving.dense_on === 'cpu') {
    if (onAccelerator) fail('serving.dense_on', 'tables on accelerators need dense_on: accelerator');
    const unused = fieldsOfAccelerators(spec).find(({ isAsked }) => isAsked);
    if (unused) fail(unused.path, 'has no effect: dense_on: cpu leaves the accelerators idle');
    return undefined;
  }
  const count = accelerators.count.value;
  const used = fleet.main.accelerators_used ?? count;
  if (used > count) {
    fail('fleet.main.accelerators_used', `${host.name} has ${count} accelerators; got ${used}`);
  }
  const tables = onAccelerator ? (serving.accelerator_tables ?? 'replicated') : 'host';
  if (tables === 'sharded' && used === 1) {
    fail(
      serving.accelerator_tables === undefined ? 'serving.tables_on' : 'serving.accelerator_tables',
      'one accelerator has nobody to share tables with: use replicated or cached, or more accelerators',
    );
  }
  const reserved = fleet.accelerator_reserved ?? defaultReserved;
  const { name, memory } = accelerators.device;
  const freeBytes = memory.capacityBytes.value * (1 - reserved);
  if (serving.accelerator_cache !== undefined && serving.accelerator_cache > freeBytes) {
    fail('serving.accelerator_cache', `an ${name} has ${formatBytes(freeBytes)} for tables`);
  }
  return {
    used,
    streams: serving.streams ?? defaultStreams,
    tables,
    reserved,
    cachePolicy: serving.cache_policy ?? 'static',
    ...(serving.accelerator_cache !== undefined && { cacheBytes: serving.accelerator_cache }),
  };
}

const hostHint = ': choose a host that has, such as h100x8 (rankfleet list hardware shows them)';

/** Fields that only mean something where accelerators serve, and whether the arm asks for them. */
function fieldsOfAccelerators({ serving, fleet }: ArmSpec): { path: string; isAsked: boolean }[] {
  return [
    { path: 'serving.dense_on', isAsked: serving.dense_on === 'accelerator' },
    { path: 'serving.tables_on', isAsked: serving.tables_on === 'accelerator' },
    ...(
      ['accelerator_tables', 'accelerator_cache', 'cache_policy', 'streams', 'offload_threshold'] as const
    ).map((field) => ({ path: `serving.${field}`, isAsked: serving[field] !== undefined })),
    { path: 'fleet.main.accelerators_used', isAsked: fleet.main.accelerators_used !== undefined },
    { path: 'fleet.accelerator_reserved', isAsked: fleet.accelerator_reserved !== undefined },
  ];
}

function checkTables(
  { serving, sharding, fleet }: ArmSpec,
  fail: (path: string, message: string) => void,
): void {
  const onAccelerator = serving.tables_on === 'accelerator';
  if (onAccelerator && sharding.placement !== undefined) {
    fail(
      'sharding.placement',
      'a placement is for sparse shards; tables_on: accelerator keeps tables on the main host',
    );
  }
  if (onAccelerator && sharding.strategy !== 'singular') {
    fail(
      'sharding.strategy',
      `tables_on: accelerator needs strategy: singular, got ${sharding.strategy}; sparse shards keep their tables in host memory`,
    );
  }
  if (!onAccelerator && serving.accelerator_tables !== undefined) {
    fail('serving.accelerator_tables', 'has no effect without tables_on: accelerator');
  }
  if (!onAccelerator && fleet.accelerator_reserved !== undefined) {
    fail('fleet.accelerator_reserved', 'has no effect without tables_on: accelerator');
  }
  for (const field of ['accelerator_cache', 'cache_policy'] as const) {
    if (serving[field] !== undefined && (!onAccelerator || serving.accelerator_tables !== 'cached')) {
      fail(`serving.${field}`, 'has no effect without tables_on: accelerator and accelerator_tables: cached');
    }
  }
}

/** What an arm does not state, as `DefaultUsed`; those that the arm states are left out by the caller. */
export function acceleratedDefaults({
  used,
  streams,
  tables,
  reserved,
  cachePolicy,
}: AcceleratedServing): DefaultUsed[] {
  return [
    { path: 'serving.dense_on', value: 'accelerator' },
    { path: 'serving.tables_on', value: tables === 'host' ? 'host' : 'accelerator' },
    ...(tables === 'host' ? [] : [{ path: 'serving.accelerator_tables', value: tables }]),
    ...(tables === 'cached' ? [{ path: 'serving.cache_policy', value: cachePolicy }] : []),
    { path: 'serving.streams', value: streams },
    { path: 'fleet.main.accelerators_used', value: used },
    ...(tables === 'host' ? [] : [{ path: 'fleet.accelerator_reserved', value: `${reserved * 100} %` }]),
  ];
}
