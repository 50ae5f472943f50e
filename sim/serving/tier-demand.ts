import { RandomStream } from '../../foundation/random.ts';
import { roundTripSampler } from '../cost/round-trip.ts';
import type { Members } from '../engine/job.ts';
import { type ReplicationKey, streams } from '../streams.ts';
import type { ServingGraph } from './build-graph.ts';
import type { ArmPlan } from './plan.ts';
import { PreprocessingWork, requestBytes } from './preprocessing-work.ts';
import type { TierTasks } from './tier-graph.ts';
import { coreOf } from './units.ts';

const scoreBytes = 4;

/** Writes what a request needs on the tier in front of the main hosts, and for the messages between the two. */
export class TierDemand {
  private readonly tasks: TierTasks;
  private readonly offsets: Int32Array;
  private readonly skipped: Int32Array;
  private readonly key: ReplicationKey;
  private readonly random = new RandomStream();
  private readonly work: PreprocessingWork;
  private readonly requestBytes: (candidates: number) => number;
  private readonly roundTrip: (random: RandomStream) => number;
  private readonly fromS: number;
  private readonly rangeS: number;
  private readonly serviceS: number;
  private readonly messageS: number;
  private readonly byteS: number;

  /** @param offsets first work value of each task of the graph */
  constructor({ arm }: ArmPlan, { tier }: ServingGraph, offsets: Int32Array, key: ReplicationKey) {
    const { model, preprocessing, network, serving } = arm;
    const { fromS, toS } = preprocessing!.overhead!;
    this.tasks = tier!;
    this.offsets = offsets;
    this.skipped = offsets.slice(0, -1).filter((_, task) => task < tier!.preprocess || task > tier!.answer);
    this.key = key;
    this.work = new PreprocessingWork(model.preprocessing!, coreOf(preprocessing!.tier!.host, key));
    this.requestBytes = requestBytes(arm);
    this.roundTrip = roundTripSampler(network);
    this.fromS = fromS;
    this.rangeS = toS - fromS;
    this.serviceS = serving.rpc_service;
    this.messageS = network.perMessageCpuS.value;
    this.byteS = network.perByteCpuSPerByte.value;
  }

  fill({ jobIndex, size }: Members, work: Float64Array, offset: number): void {
    const { offsets, tasks, skipped, random } = this;
    const { seed, replication } = this.key;
    random.rekey(seed, replication, streams.tier, jobIndex[0]);
    const overheadS = this.fromS + this.rangeS * random.uniform();
    const halfTrip = this.roundTrip(random) / 2;
    const candidates = size[0];
    const requestBytes = this.requestBytes(candidates);
    const replyBytes = candidates * scoreBytes;
    const requestS = this.messageS + requestBytes * this.byteS;
    const replyS = this.messageS + replyBytes * this.byteS;
    for (let index = 0; index < skipped.length; index++) work[offset + skipped[index]] = -1;
    const at = (task: number) => offset + offsets[task];
    work[at(tasks.preprocess)] = this.serviceS;
    work[at(tasks.preprocess) + 1] = this.work.seconds(1, candidates);
    work[at(tasks.preprocess) + 2] = requestS;
    work[at(tasks.request)] = requestBytes;
    work[at(tasks.request) + 1] = halfTrip;
    work[at(tasks.overhead)] = overheadS;
    work[at(tasks.receive)] = requestS;
    work[at(tasks.gate)] = 0;
    work[at(tasks.reply)] = replyS;
    work[at(tasks.replyTransfer)] = replyBytes;
    work[at(tasks.replyTransfer) + 1] = halfTrip;
    work[at(tasks.answer)] = replyS;
    work[at(tasks.answer) + 1] = this.serviceS;
  }
}
