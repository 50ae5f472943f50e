import { RandomStream } from '../../foundation/random.ts';
import type { HostGroup, Task, TaskGraph } from '../../sim/engine/task-graph.ts';
import { compute, graphOf, group, transfer, work } from './graphs.ts';

/** A graph on some hosts, and jobs that run through it. */
export interface RandomSetting {
  graph: TaskGraph;
  /** When jobs arrive, and how many instances each has. */
  times: number[];
  parts: number;
  work: (job: number, part: number) => number[];
}

/** A random graph on random hosts under a load that makes tasks queue. */
export function randomSetting(seed: number): RandomSetting {
  const random = new RandomStream(seed, 1);
  const groups = Array.from({ length: 1 + random.below(3) }, () => randomGroup(random));
  const graph = graphOf(groups, randomTasks(random, groups));
  const jobs = 5 + random.below(30);
  let time = 0;
  const times = Array.from({ length: jobs }, () => {
    time += random.below(3) === 0 ? 0 : 2 * random.exponential();
    return time;
  });
  const values = new RandomStream(seed, 2);
  return {
    graph,
    times,
    parts: 1 + random.below(3),
    work: (job, part) => randomWork(graph.tasks, values.rekey(seed, 2, job, part)),
  };
}

function randomGroup(random: RandomStream): HostGroup {
  const policies = ['random', 'round-robin', 'least-outstanding', 'power-of-two'] as const;
  const servers = () => 1 + random.below(3);
  return group({
    replicas: 1 + random.below(3),
    policy: policies[random.below(4)],
    pools: [
      { name: 'cores', servers: servers(), shared: { unitsPerS: 2, unitsPerServerPerS: 1.2 } },
      { name: 'streams', servers: servers() },
    ],
  });
}

function randomTasks(random: RandomStream, groups: HostGroup[]): Task[] {
  const tasks: Task[] = [compute([], { priority: random.below(2) })];
  const slot = () => random.below(groups.length);
  const hasChain = new Set<number>();
  for (let count = 1 + random.below(8); count > 0; count--) {
    const after = [...new Set([0, 0, 0].map(() => random.below(tasks.length)))].slice(0, 1 + random.below(3));
    const before = tasks[after[0]];
    if (random.below(4) === 0) {
      tasks.push(transfer(after, slot(), slot()));
    } else if (before.kind === 'compute' && random.below(2) === 0 && !hasChain.has(after[0])) {
      hasChain.add(after[0]);
      tasks.push(compute([after[0]], { slot: before.slot, pool: before.pool, chained: true }));
    } else {
      const pool = random.below(2);
      const shared = pool === 0 && random.below(2) === 0;
      const phases = [{ component: work }, ...(shared ? [{ component: work, shared }] : [])];
      tasks.push(compute(after, { slot: slot(), pool, priority: random.below(4), phases }));
    }
  }
  // The last task joins all others: only then is no slot in use any more.
  tasks.push(compute(tasks.map((_, index) => index)));
  return tasks;
}

/** Mostly short work, some of it zero, some tasks skipped. */
function randomWork(tasks: Task[], random: RandomStream): number[] {
  return tasks.flatMap((task, index) => {
    const isSkipped = index > 0 && random.below(6) === 0;
    const first = isSkipped ? -1 : random.below(5) === 0 ? 0 : random.exponential();
    if (task.kind === 'transfer')
      return [isSkipped ? -1 : 50 * first, random.below(2) * random.exponential()];
    if (task.kind === 'delay') return [first];
    return task.phases.map((_, phase) => (phase === 0 ? first : random.exponential()));
  });
}
