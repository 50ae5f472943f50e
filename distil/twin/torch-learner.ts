import { tmpdir } from 'node:os';
import { InputError } from '../../foundation/problem.ts';
import type { WorkerProcess } from '../../harness/devices/python/worker-process.ts';
import { checkColumns, type IdColumn } from '../learner/embedding-tables.ts';
import { type Examples, emptyTally, type Tally } from '../learner/examples.ts';
import type { FloatArray, Precision } from '../learner/float-array.ts';
import { type BatchLosses, Learner } from '../learner/learner.ts';
import { LoadedBatch } from '../learner/loaded-batch.ts';
import type { ServingModel } from '../learner/serving-model.ts';
import { checkSpec, type LearnerSpec } from '../learner/spec.ts';
import { type PassStep, predictedBy } from '../learner/train-by-steps.ts';
import { NumberFiles } from './number-files.ts';
import { flat, type Part, parametersOf, servingModelOf } from './parameters.ts';

/** How the twin trains. */
export interface TorchOptions {
  precision: Precision;
  /** `cpu`, or a CUDA device by PyTorch's name of it: `cuda`, `cuda:1`. */
  device: string;
  /**
   * Initial parameters: those that our learner draws by the same seed, or PyTorch's own, drawn by this seed from the
   * same distributions.
   */
  start: (typeof torchStarts)[number];
  /** Where the files are made by which numbers travel; they are removed when a learner is closed. */
  folder: string;
}

/** Whose initial parameters are taken. */
export const torchStarts = ['shared', 'own'] as const;

export const torchDefaults: TorchOptions = {
  precision: 'float32',
  device: 'cpu',
  start: 'shared',
  folder: tmpdir(),
};

interface Opened {
  learner: number;
  parts: { name: string; length: number }[];
}

interface LossesReply {
  losses: (number | null)[];
}

/**
 * The learner's twin by PyTorch: the same losses, but gradients by autograd and steps by torch.optim, in a Python
 * worker. It keeps a copy of the examples, and is to be closed.
 */
export class TorchLearner {
  readonly tally: Tally = emptyTally();
  private readonly worker: WorkerProcess;
  private readonly files: NumberFiles;
  private readonly spec: LearnerSpec;
  private readonly examples: Examples;
  private readonly servedCount: number;
  private readonly precision: Precision;
  private readonly opened: Opened;
  private readonly checked: LoadedBatch;

  private constructor(
    worker: WorkerProcess,
    files: NumberFiles,
    spec: LearnerSpec,
    examples: Examples,
    servedCount: number,
    precision: Precision,
    opened: Opened,
  ) {
    this.worker = worker;
    this.files = files;
    this.spec = spec;
    this.examples = examples;
    this.servedCount = servedCount;
    this.precision = precision;
    this.opened = opened;
    this.checked = new LoadedBatch(spec.batch, precision);
  }

  /**
   * @param served columns of the examples that it is to predict, as long as each other
   * @throws InputError for a specification that makes no learner, or columns that do not fit it; Unsupported for a
   *   device that PyTorch does not have; OutOfMemory
   */
  static async open(
    worker: WorkerProcess,
    spec: LearnerSpec,
    examples: Examples,
    options: Partial<TorchOptions> = {},
    served: readonly IdColumn[] = examples.ids,
  ): Promise<TorchLearner> {
    const { precision, device, start, folder } = { ...torchDefaults, ...options };
    checkSpec(spec);
    const tables = { rows: spec.serving.tableRows };
    checkColumns(tables, examples.ids, examples.labels.length);
    const servedCount = Math.min(...served.map(({ length }) => length));
    checkColumns(tables, served, servedCount);
    if (spec.distillation.kind !== 'none' && !examples.teacher)
      throw new InputError('distillation needs a column of the teacher’s labels');
    const files = new NumberFiles(folder);
    try {
      const ours =
        start === 'shared' ? flat(parametersOf(new Learner(spec, precision)), precision) : undefined;
      const opened = await worker.request<Opened>(
        'learner-open',
        {
          spec,
          precision,
          device,
          examples: files.writeColumns(examples),
          ...(served !== examples.ids && { served: files.writeIds(served, servedCount) }),
          ...(ours && { parameters: files.write(ours) }),
        },
        'a learner by PyTorch',
      );
      return new TorchLearner(worker, files, spec, examples, servedCount, precision, opened);
    } catch (error) {
      files.remove();
      throw error;
    }
  }

  /**
   * Streams the examples [start, end) once, in order, a batch at a time: each is predicted before it, or anything
   * later, is trained on.
   * @param predictions written from `start` to `end`
   * @returns mean losses of these examples, each before it was trained on
   * @throws InputError for examples that cannot be trained on; then nothing has changed
   */
  async train(start: number, end: number, predictions: FloatArray): Promise<BatchLosses> {
    this.check(start, end);
    if (predictions.length < end)
      throw new InputError(`expected room for ${end} predictions, not ${predictions.length}`);
    const { answer, numbers } = await this.ask<LossesReply & { tally: Tally }>('train', end - start, {
      start,
      end,
    });
    predictions.set(numbers, start);
    this.count(answer.tally);
    return lossesOf(answer);
  }

  /**
   * Takes steps of a pass, in their order.
   * @returns the predictions of those that predict, one after the other
   * @throws InputError for examples that cannot be trained on; then nothing has changed
   */
  async take(steps: readonly PassStep[]): Promise<FloatArray> {
    const numbers = new Int32Array(3 * steps.length);
    for (const [at, { does, from, to }] of steps.entries()) {
      if (does === 'train') this.check(from, to);
      else checkRange(from, to, this.servedCount);
      numbers.set([does === 'train' ? 0 : 1, from, to], 3 * at);
    }
    const file = this.files.write(numbers);
    const answered = await this.ask<{ tally: Tally }>('steps', predictedBy(steps), { steps: file });
    this.count(answered.answer.tally);
    return answered.numbers;
  }

  /** Losses of the examples [start, end) as one batch, and gradients by part; no parameter changes. */
  async differentiate(start: number, end: number): Promise<{ losses: BatchLosses; gradients: Part[] }> {
    this.check(start, end);
    const { answer, numbers } = await this.ask<LossesReply>('gradients', this.parameterCount, { start, end });
    return { losses: lossesOf(answer), gradients: this.split(numbers) };
  }

  /** All parameters, in the order of `parametersOf`. */
  async parameters(): Promise<Part[]> {
    const { numbers } = await this.ask('parameters', this.parameterCount, {});
    return this.split(numbers);
  }

  /** A copy of φ and f_S as they are now, which serves as one of our learner does. */
  async exportServing(): Promise<ServingModel> {
    return servingModelOf(this.spec, this.precision, flat(await this.parameters(), this.precision));
  }

  /** Gives back what it holds, here and in the worker, which lives on. */
  async close(): Promise<void> {
    this.files.remove();
    await this.worker.request('learner-close', { learner: this.opened.learner });
  }

  private get parameterCount(): number {
    return this.opened.parts.reduce((sum, { length }) => sum + length, 0);
  }

  private async ask<Answer>(
    method: string,
    count: number,
    params: object,
  ): Promise<{ answer: Answer; numbers: FloatArray }> {
    const file = this.files.name();
    const { learner } = this.opened;
    const answer = await this.worker.request<Answer>(`learner-${method}`, { learner, ...params, file });
    return { answer, numbers: this.files.take(file, this.precision, count) };
  }

  private split(numbers: FloatArray): Part[] {
    let at = 0;
    return this.opened.parts.map(({ name, length }) => {
      const values = numbers.subarray(at, at + length);
      at += length;
      return { part: name, values };
    });
  }

  private count({ examples, withoutTeacher, clippedLabels }: Tally): void {
    this.tally.examples += examples;
    this.tally.withoutTeacher += withoutTeacher;
    this.tally.clippedLabels += clippedLabels;
  }

  /** The labels as our learner would load them, so that the same are refused in the same words. */
  private check(start: number, end: number): void {
    checkRange(start, end, this.examples.labels.length);
    const { batch, distillation } = this.spec;
    for (let from = start; from < end; from += batch)
      this.checked.load(this.examples, from, Math.min(end, from + batch), distillation.kind !== 'none');
  }
}

function checkRange(start: number, end: number, count: number): void {
  if (!(start >= 0 && start <= end && end <= count))
    throw new InputError(`expected examples among ${count}, not ${start} to ${end}`);
}

/** A loss that overflowed travels as null. */
function lossesOf({ losses }: LossesReply): BatchLosses {
  const [serving, ...distillation] = losses.map((loss) => loss ?? Number.NaN);
  return { serving, distillation };
}
