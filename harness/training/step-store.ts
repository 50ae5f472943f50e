import { appendFileSync, existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { makeFolder, readTextFile, writeWhole } from '../../foundation/files.ts';
import { type MeasuredStep, type StepShape, stepShapeWords } from '../../hardware-profiles/training-steps.ts';
import { stepLine, stepsHeader } from '../../hardware-profiles/training-steps-csv.ts';
import {
  readSteps,
  stepsFileName,
  trainingManifestName,
} from '../../hardware-profiles/training-steps-files.ts';
import type {
  StepPath,
  TrainingManifest,
  TrainingRun,
} from '../../hardware-profiles/training-steps-schema.ts';

/** What a measured step is, for who reads the files. */
export const howSteps = [
  'A step is PyTorch: forward pass, losses, backward pass, Adam on fp32 dense weights, row-wise Adagrad on the rows touched.',
  'Tables of one dimension and type lie in one weight, looked up by one F.embedding_bag outside autograd; PyTorch has no row-wise Adagrad, so lookups are sorted by torch.sort and a Triton kernel (kernels/embedding-bag-backward) sums gradients by row and updates rows and moments; without Triton torch operators do (update: torch).',
  'Dense operators run in data_type, bf16 on copies of the fp32 weights, with gradients widened to fp32 before they are applied; ReLU, biases, concatenation and interactions are PyTorch’s own operators.',
  'Losses: serving head on labels; one-head: also on the teacher’s prediction; auxiliary-heads: a head of its own for it, with an adapter a second head and the adapter’s own step before; weights and scales are 1.',
  'Batches lie on the device, three in turn: reading, copying in and exchanging ids are not part of a step. Rows are drawn by each table’s law of lengths and skew.',
  'Paths: eager is issued kernel by kernel; graph replays a captured step; compiled-graph does so after torch.compile of dense operators and losses. Times are CUDA events (a CPU’s: its clock), medians after warm-up; spread is the interquartile range over the median.',
  'Parts of eager steps are between events of such steps, host and all; those of graphs are of the same kernels queued behind a pause, so that the device never waits for the host.',
  'On several devices tables are spread whole, vectors and gradients go by NCCL all-to-all, dense gradients by one all-reduce, each after the part before: nothing overlaps.',
];

/** Training steps of one device in a folder, each on disk as soon as it is known. */
export class StepStore {
  readonly folder: string;
  readonly steps: MeasuredStep[];
  private readonly manifest: TrainingManifest;

  /** Opens a folder, or begins one. @throws InputError when it holds something else */
  constructor(folder: string, device: string) {
    this.folder = folder;
    const isThere = existsSync(join(folder, trainingManifestName));
    const before = isThere ? readSteps(folder) : undefined;
    this.steps = before?.steps ?? [];
    this.manifest = before?.manifest ?? {
      format: 'rankfleet-training-steps',
      version: 1,
      device,
      how: howSteps,
      runs: [],
    };
  }

  begin(run: TrainingRun): void {
    this.manifest.runs.push(run);
    this.save();
    this.mend();
  }

  /** Whether a step has been measured by a path. */
  has(shape: StepShape, path: StepPath): boolean {
    const words = stepShapeWords(shape);
    return this.steps.some((step) => step.path === path && stepShapeWords(step) === words);
  }

  add(step: MeasuredStep): void {
    appendFileSync(join(this.folder, stepsFileName), `${stepLine(step)}\n`);
    this.steps.push(step);
  }

  /** Writes the manifest, whole or not at all. */
  save(): void {
    makeFolder(this.folder);
    const text = stringify(this.manifest, { lineWidth: 0, aliasDuplicateObjects: false });
    writeWhole(join(this.folder, trainingManifestName), text);
  }

  /** A file that a killed run left in the middle of a line goes on after its last whole one. */
  private mend(): void {
    const file = join(this.folder, stepsFileName);
    if (!existsSync(file)) {
      writeFileSync(file, `${stepsHeader}\n`);
      return;
    }
    const text = readTextFile(file, 2 ** 26);
    const end = text.lastIndexOf('\n') + 1;
    if (end < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, end)));
  }
}
