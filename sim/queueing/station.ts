import { RandomStream } from '../../foundation/random.ts';
import { Executor } from '../engine/executor.ts';
import type { Demand, JobSource } from '../engine/job.ts';
import type { ComputeTask, HostGroup, TaskGraph } from '../engine/task-graph.ts';

/** Service times with mean 1 s. */
export type ServiceLaw = 'exponential' | 'constant' | 'gamma';

/** Squared coefficient of variation of the `gamma` service law. */
export const gammaScv = 2;

/** A textbook station: Poisson arrivals, mean service 1 s. With branches, each job visits all of them at once. */
export interface Station {
  servers: number;
  branches: number;
  service: ServiceLaw;
  /** ρ of each server, in (0, 1). */
  utilisation: number;
}

/** What one replication measured, in seconds. */
export interface StationOutcome {
  meanWaitS: number;
  meanResponseS: number;
  utilisation: number;
  /** Integral of the jobs in the system over time, and the sum of all responses: equal by Little's law. */
  inSystemS: number;
  responsesS: number;
}

const wait = 0;
const service = 1;

/**
 * Runs a station on the executor that also serves recommendation models.
 * @param customers measured customers; `warmUp` more come before them
 * @param key names the random streams, such as [seed, replication]
 */
export function simulateStation(
  station: Station,
  { customers, warmUp }: { customers: number; warmUp: number },
  key: readonly [number, number],
): StationOutcome {
  let waits = 0;
  let responses = 0;
  let responsesS = 0;
  const executor = new Executor(
    stationGraph(station),
    poissonSource(station.utilisation * station.servers, customers + warmUp, key),
    serviceDemand(station, key),
    {
      jobDone(index, _arrival, latency, path) {
        responsesS += latency;
        if (index < warmUp) return;
        responses += latency;
        waits += path[wait];
      },
    },
    { warmUpJobs: warmUp },
  );
  executor.run();
  const { hosts, now, measuredFrom, population } = executor;
  const lastPool = hosts.free.length - 1;
  return {
    meanWaitS: waits / customers,
    meanResponseS: responses / customers,
    utilisation: hosts.busySeconds(lastPool, now) / ((now - measuredFrom) * station.servers),
    inSystemS: population.inSystemArea,
    responsesS,
  };
}

/** One pool, or an entry that takes no time followed by one single-server pool for each branch. */
function stationGraph({ servers, branches }: Station): TaskGraph {
  const host = (name: string, count: number): HostGroup => ({
    name,
    replicas: 1,
    policy: 'random',
    pools: [{ name: 'servers', servers: count }],
    links: [],
  });
  const visit = (slot: number, after: number[]): ComputeTask => ({
    kind: 'compute',
    name: `visit ${slot}`,
    after,
    slot,
    pool: 0,
    priority: 0,
    waitComponent: wait,
    phases: [{ component: service }],
  });
  const components = ['wait', 'service'];
  if (branches === 1) {
    return {
      components,
      groups: [host('station', servers)],
      slots: [{ group: 0, releasedBy: 0 }],
      tasks: [visit(0, [])],
    };
  }
  const stations = Array.from({ length: branches }, (_, index) => index + 1);
  return {
    components,
    groups: [host('entry', 1), ...stations.map((index) => host(`station ${index}`, servers))],
    slots: [{ group: 0, releasedBy: 0 }, ...stations.map((index) => ({ group: index, releasedBy: index }))],
    tasks: [visit(0, []), ...stations.map((index) => visit(index, [0]))],
  };
}

function poissonSource(arrivalPerS: number, jobs: number, key: readonly [number, number]): JobSource {
  const random = new RandomStream(...key, 1);
  let left = jobs;
  return {
    time: 0,
    size: 1,
    draw() {
      if (left-- === 0) return false;
      this.time += random.exponential() / arrivalPerS;
      return true;
    },
  };
}

function serviceDemand({ branches, service: law }: Station, key: readonly [number, number]): Demand {
  const random = new RandomStream(...key, 2);
  const draw =
    law === 'exponential'
      ? () => random.exponential()
      : law === 'gamma'
        ? () => random.gamma(1 / gammaScv)
        : () => 1;
  return {
    instances: () => 1,
    fill(_members, _entry, work, offset) {
      if (branches === 1) {
        work[offset] = draw();
        return;
      }
      work[offset] = 0;
      for (let branch = 1; branch <= branches; branch++) work[offset + branch] = draw();
    },
  };
}
