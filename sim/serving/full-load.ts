import { type Demand, type Members, oneMember } from '../engine/job.ts';
import { type Task, type TaskGraph, workOffsets } from '../engine/task-graph.ts';
import type { ReplicationKey } from '../streams.ts';
import { requestSource } from '../workload/arrivals.ts';
import type { ServingGraph } from './build-graph.ts';
import type { ArmPlan } from './plan.ts';

/** Requests that are looked at, the first ones of a replication; more where they do not fill a batch. */
const sampled = 2000;
const mostSampled = 200_000;

/** What requests need where batches are as full as they get: under the most load that the fleet bears. */
export interface FullLoad {
  requests: number;
  /** By work value of the graph, over these requests; shared phases in seconds, all servers drawing on them. */
  work: Float64Array;
  /** Seconds for which a batch holds its stream, summed over the batches, nothing waiting for anything. */
  streamS: number;
}

/**
 * Packs the first requests of a replication into full batches. With dynamic batching these, and not the batches of
 * the run, tell how much load there is room for: batches grow with the load.
 */
export function fullLoad(
  plan: ArmPlan,
  serving: ServingGraph,
  demand: Required<Demand>,
  key: ReplicationKey,
): FullLoad {
  const { arm } = plan;
  const sample = new Sample(serving.graph, demand);
  const source = requestSource(arm.load, arm.trace, key);
  const most = arm.serving.dynamic_batching?.max_candidates;
  for (let request = 0; request < mostSampled && source.draw(0); request++) {
    if (request >= sampled && sample.requests > 0) break;
    sample.add(request, source.size, most);
  }
  // All requests together may be too few for one full batch.
  if (sample.requests === 0) sample.fillPacked();
  return sample;
}

class Sample implements FullLoad {
  requests = 0;
  readonly work: Float64Array;
  streamS = 0;
  private readonly graph: TaskGraph;
  private readonly demand: Required<Demand>;
  private readonly offsets: Int32Array;
  private readonly one: Float64Array;
  private readonly alone = oneMember();
  private packed: { request: number; size: number; part: number }[] = [];
  private packedCandidates = 0;

  constructor(graph: TaskGraph, demand: Required<Demand>) {
    this.graph = graph;
    this.demand = demand;
    this.offsets = workOffsets(graph.tasks);
    this.work = new Float64Array(this.offsets[this.offsets.length - 1]);
    this.one = new Float64Array(this.work.length);
  }

  /** @param most candidates of a batch of several requests; undefined where each has batches of its own */
  add(request: number, size: number, most: number | undefined): void {
    const entry = this.demand.entry(size);
    if (entry === 0 && most !== undefined) {
      this.pack(request, size, most);
      return;
    }
    for (let part = 0; part < this.demand.instances(size); part++) {
      this.alone.jobIndex[0] = request;
      this.alone.size[0] = size;
      this.alone.part[0] = part;
      this.fill(this.alone, entry);
    }
    this.addRequest();
  }

  /** One request more, with what surrounds its batches. It is the one listed. */
  private addRequest(): void {
    const { envelope } = this.graph;
    this.requests++;
    if (!envelope) return;
    this.alone.part[0] = 0;
    this.fill(this.alone, envelope.entry);
  }

  /** Adds the batch that is being packed, full or not. */
  fillPacked(): void {
    const { packed } = this;
    if (packed.length === 0) return;
    this.fill(
      {
        count: packed.length,
        jobIndex: Float64Array.from(packed, ({ request }) => request),
        size: Float64Array.from(packed, ({ size }) => size),
        part: Int32Array.from(packed, ({ part }) => part),
      },
      0,
    );
    for (const { request, size, part } of packed) {
      if (part > 0) continue;
      this.alone.jobIndex[0] = request;
      this.alone.size[0] = size;
      this.addRequest();
    }
    this.packed = [];
    this.packedCandidates = 0;
  }

  private pack(request: number, size: number, most: number): void {
    for (let part = 0; part * most < size; part++) {
      const candidates = Math.min(most, size - part * most);
      if (this.packedCandidates + candidates > most) this.fillPacked();
      this.packed.push({ request, size, part });
      this.packedCandidates += candidates;
    }
  }

  private fill(members: Members, entry: number): void {
    const { graph, offsets, one, work } = this;
    this.demand.fill(members, entry, one, 0);
    const endS = new Float64Array(graph.tasks.length);
    const first = graph.entries![entry];
    graph.tasks.forEach((task, index) => {
      const from = offsets[index];
      endS[index] = task.after.reduce((latest, before) => Math.max(latest, endS[before]), 0);
      if (one[from] < 0) return;
      for (let value = from; value < offsets[index + 1]; value++) {
        one[value] *= secondsPerUnit(graph, task, value - from);
        work[value] += one[value];
        endS[index] += task.kind !== 'transfer' || value > from ? one[value] : 0;
      }
    });
    const entryTask = graph.tasks[first];
    if (entryTask.kind === 'compute' && entryTask.holdsUntil !== undefined) {
      this.streamS += endS[entryTask.holdsUntil];
    }
  }
}

/** What turns a work value into seconds: a shared phase has units, drawn by all servers of its pool at once. */
function secondsPerUnit({ groups, slots }: TaskGraph, task: Task, phase: number): number {
  if (task.kind !== 'compute' || !task.phases[phase].shared) return 1;
  const { shared, servers } = groups[slots[task.slot].group].pools[task.pool];
  return shared ? 1 / Math.min(shared.unitsPerServerPerS, shared.unitsPerS / servers) : 1;
}
