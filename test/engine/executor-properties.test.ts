import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import type { ComputeTask, TaskGraph } from '../../sim/engine/task-graph.ts';
import { compute, graphOf, group, jobsAt, type Run, runGraph, sum, type TracedInstance } from './graphs.ts';
import { randomSetting } from './random-graphs.ts';

fc.configureGlobal({ includeErrorInReport: true });

const invariants = suite('executor: invariants on random graphs');

const tolerance = 1e-9;

invariants('conservation: what is drawn arrives and completes, and nothing is left inside', () => {
  forAnyRun(({ executor, order, latencies }, { jobs }) => {
    assert.is(executor.population.drawn, jobs);
    assert.is(executor.population.arrived, jobs);
    assert.is(executor.population.completed, jobs);
    assert.is(executor.population.inSystem, 0);
    assert.is(new Set(order).size, jobs);
    assert.ok(latencies.every((latency) => latency >= 0));
    const { servers, outstanding } = executor.hosts as unknown as Record<string, Int32Array>;
    assert.equal([...executor.hosts.free], [...servers]);
    assert.ok(outstanding.every((count) => count === 0));
  });
});

invariants('causality: a task is ready when its last predecessor ends, and time never goes back', () => {
  forAnyRun(({ trace }, { graph }) => {
    for (const { ready, start, end, skipped } of trace) {
      graph.tasks.forEach(({ after, kind }, task) => {
        if (after.length > 0) assert.is(ready[task], Math.max(...after.map((before) => end[before])));
        if (skipped[task]) assert.is(end[task], ready[task]);
        else if (kind === 'compute') assert.ok(ready[task] <= start[task] && start[task] <= end[task]);
        else assert.ok(ready[task] <= end[task]);
      });
    }
  });
});

invariants('work conservation: whoever waits, waits for servers that are all busy', () => {
  forAnyRun((run, { graph }) => {
    for (const { servers, visits } of poolsOf(run, graph)) {
      for (const { ready, start } of visits) {
        if (start - ready <= tolerance) continue;
        const busy = sum(visits.map((other) => overlap(other, ready, start)));
        assert.ok(
          busy > servers * (start - ready) - 1e-6 * (1 + start),
          `idle between ${ready} and ${start}`,
        );
      }
      for (const { start } of visits) {
        const inService = visits.filter((other) => other.start < start && start < other.end).length;
        assert.ok(inService < servers || visits.length <= servers, 'more tasks than servers');
      }
    }
  });
});

invariants('order: by priority, then first come, first served', () => {
  forAnyRun((run, { graph }) => {
    for (const { visits } of poolsOf(run, graph)) {
      const queued = visits.filter(({ chained }) => !chained);
      for (const a of queued) {
        for (const b of queued) {
          const isAhead =
            a.priority < b.priority ? a.ready < b.start : a.priority === b.priority && a.ready < b.ready;
          if (isAhead) assert.ok(a.start <= b.start, `${JSON.stringify(a)} after ${JSON.stringify(b)}`);
        }
      }
    }
  });
});

invariants('a chained task starts where its predecessor ends, unless that was skipped', () => {
  forAnyRun(({ trace }, { graph }) => {
    for (const { ready, start, skipped } of trace) {
      graph.tasks.forEach((task, index) => {
        if (task.kind !== 'compute' || !task.chained || skipped[index]) return;
        if (!skipped[task.after[0]]) assert.is(start[index], ready[index]);
      });
    }
  });
});

invariants('the parts of the critical path add up to the latency of each job', () => {
  forAnyRun(({ latencies, paths, executor }) => {
    latencies.forEach((latency, job) => {
      assert.ok(Math.abs(sum(paths[job]) - latency) <= tolerance * (1 + executor.now));
      assert.ok(paths[job].every((seconds) => seconds >= -tolerance));
    });
  });
});

invariants("Little's law: jobs in the system over time are the sum of latencies", () => {
  forAnyRun(({ executor, latencies }) => {
    const total = sum(latencies);
    assert.ok(Math.abs(executor.population.inSystemArea - total) <= tolerance * (1 + total));
  });
});

invariants('busy seconds of a pool are the times of its tasks', () => {
  forAnyRun((run, { graph }) => {
    const { hosts, now } = run.executor;
    for (const { pool, visits } of poolsOf(run, graph)) {
      const busy = sum(visits.map(({ start, end }) => end - start));
      assert.ok(Math.abs(hosts.busySeconds(pool, now) - busy) <= tolerance * (1 + busy) * 10);
    }
  });
});

invariants('determinism: the same seed gives the same times to the bit', () => {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const [first, second] = [randomRun(seed).run, randomRun(seed).run];
      assert.equal(first.latencies, second.latencies);
      assert.equal(first.trace, second.trace);
      assert.is(first.executor.events, second.executor.events);
    }),
    { numRuns: 30, seed: 7 },
  );
});

invariants(
  'closed clients: never more jobs in flight than clients, and never fewer while there are jobs',
  () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(1e6), (clients, seed) => {
        const random = new RandomStream(seed);
        let left = 40;
        let mostInFlight = 0;
        const { executor } = runGraph(
          graphOf([group({ pools: [{ name: 'cores', servers: 3 }] })], [compute([]), compute([0])]),
          {
            clients,
            time: 0,
            size: 1,
            draw(now) {
              this.time = now + random.exponential() * (seed % 2);
              return left-- > 0;
            },
          },
          {
            work: () => [random.exponential(), random.exponential()],
            prepare: (prepared) => {
              const choose = prepared.hosts.choose.bind(prepared.hosts);
              prepared.hosts.choose = (index) => {
                mostInFlight = Math.max(mostInFlight, prepared.population.inSystem);
                return choose(index);
              };
            },
          },
        );
        assert.is(executor.population.completed, 40);
        assert.ok(mostInFlight <= clients);
        // Without think time every client is always waiting for an answer.
        if (seed % 2 === 0) assert.is(mostInFlight, clients);
      }),
      { numRuns: 50, seed: 7 },
    );
  },
);

invariants.run();

interface Setting {
  graph: TaskGraph;
  jobs: number;
}

function forAnyRun(check: (run: Run, setting: Setting) => void): void {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => {
      const { run, setting } = randomRun(seed);
      check(run, setting);
    }),
    { numRuns: 60, seed: 11 },
  );
}

/** A random graph on random hosts under a load that makes tasks queue. */
function randomRun(seed: number): { run: Run; setting: Setting } {
  const { graph, times, parts, work: values } = randomSetting(seed);
  const run = runGraph(graph, jobsAt(times, parts), { seed, work: values });
  return { run, setting: { graph, jobs: times.length } };
}

interface Visit {
  ready: number;
  start: number;
  end: number;
  priority: number;
  chained: boolean;
}

/** Every use of every pool of every replica. */
function poolsOf({ trace, executor }: Run, { tasks, groups, slots }: TaskGraph) {
  const pools = new Map<number, { pool: number; servers: number; visits: Visit[] }>();
  const { hosts } = executor;
  const add = (instance: TracedInstance, task: ComputeTask, index: number) => {
    const groupIndex = slots[task.slot].group;
    const pool = hosts.poolAt(groupIndex, instance.replicas[task.slot], task.pool);
    const { servers } = groups[groupIndex].pools[task.pool];
    if (!pools.has(pool)) pools.set(pool, { pool, servers, visits: [] });
    const [ready, start, end] = [instance.ready[index], instance.start[index], instance.end[index]];
    pools
      .get(pool)!
      .visits.push({ ready, start, end, priority: task.priority, chained: task.chained ?? false });
  };
  for (const instance of trace) {
    tasks.forEach((task, index) => {
      if (task.kind === 'compute' && !instance.skipped[index]) add(instance, task, index);
    });
  }
  return [...pools.values()];
}

function overlap({ start, end }: Visit, from: number, to: number): number {
  return Math.max(0, Math.min(end, to) - Math.max(start, from));
}
