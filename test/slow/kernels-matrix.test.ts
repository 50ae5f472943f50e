// time-limit: 120 s
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { forDataType, typeLineOf } from '../../evolve/source/data-types.ts';
import { withKnobs } from '../../evolve/source/knobs.ts';
import { launchPlan } from '../../evolve/source/launch-plan.ts';
import { brokenRequirements } from '../../evolve/source/requirements.ts';
import { tasks } from '../../evolve/tasks/index.ts';
import { taskTensors } from '../../evolve/tasks/tensors.ts';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { type SourceCase, wrongSources } from '../evolve/emulated-sources.ts';
import { hostCompiler } from '../harness/gpu-emulation/emulated-kernels.ts';

const compiler = hostCompiler();
const matrix = suite('evolve: matrix kernels in CUDA C++');

const names = ['optimised-fm', 'pffn', 'conv1d', 'dot-interaction', 'cross-low-rank'] as const;
const tasksTested = names.map((name) => tasks.find((task) => task.name === name)!);

const sourcesOf = ({ name }: KernelTask) =>
  readdirSync(join(packageRoot, 'kernels', name)).filter((file) => file.endsWith('.cu'));
const textOf = (task: KernelTask, file: string) =>
  readTextFile(join(packageRoot, 'kernels', task.name, file));

/** Sizes by axis and knobs by name, as `batch=2,vectors=24,WARPS=2`; what is not named stays. */
type Setting = [source: string, dataTypes: MeasuredDataType[], ...settings: string[]];

const settings: Record<(typeof names)[number], Setting[]> = {
  'optimised-fm': [
    [
      'fused',
      ['fp16'],
      // Several tiles of unaligned rows; rows of odd length; more vectors than registers hold products of.
      'batch=2,vectors=24,dim=40,rank=270,TILE_BYTES=4096',
      'batch=3,vectors=5,dim=23,rank=173,TILE_BYTES=2048,WARPS=1,STAGES=2',
      'batch=1,vectors=70,dim=18,rank=150,STAGES=1,WARPS=8',
      'batch=2,vectors=40,dim=32,rank=200,WARPS=2,SPLIT=2,STAGES=4,TILE_BYTES=4096',
    ],
    ['fused', ['bf16'], 'batch=2,vectors=33,dim=9,rank=4'],
    [
      'registers',
      ['fp16'],
      'batch=2,vectors=24,dim=40,rank=270',
      'batch=3,vectors=5,dim=23,rank=173,WARPS=2,AHEAD=0',
      'batch=2,vectors=48,dim=24,rank=200,WARPS=2,REPEATS=2,WIDEST=4,IS_CACHED=1,SPLIT=2',
    ],
    ['registers', ['bf16'], 'batch=2,vectors=40,dim=16,rank=448,WARPS=7,SPLIT=1'],
    [
      'plain',
      ['fp32', 'bf16'],
      'batch=2,vectors=7,dim=9,rank=70',
      'batch=2,vectors=7,dim=9,rank=70,ASSOCIATION=1',
    ],
  ],
  pffn: [
    [
      'fused',
      ['fp16'],
      'batch=2,length=9,dim=17,width=33,gelu=0,WARPS_ACROSS=2',
      'batch=2,length=70,dim=20,width=300,gelu=1,WARPS_ACROSS=2,MOST_WARPS_DOWN=2,GELU=2',
      'batch=1,length=50,dim=48,width=96,gelu=1,SIXTEENS=2,WARPS_ACROSS=4,GELU=0,STAGES=4',
    ],
    ['fused', ['bf16'], 'batch=150,length=17,dim=24,width=20,gelu=1,BLOCKS=132,LEAST_WARPS_DOWN=1'],
    ['plain', ['fp32', 'fp16'], 'batch=2,length=9,dim=17,width=33,gelu=1'],
  ],
  conv1d: [
    [
      'shifted',
      ['fp16'],
      'batch=3,inChannels=8,outChannels=4,length=16,taps=4',
      // Several pieces and chunks; rows of odd length; weights that pass through; more pieces than blocks.
      'batch=1,inChannels=40,outChannels=70,length=72,taps=3,MOST_POSITIONS=64,MOST_CHANNELS=16',
      'batch=1,inChannels=33,outChannels=20,length=71,taps=5,MOST_CHANNELS=32,STAGES=2,WARPS_ACROSS=2',
      'batch=1,inChannels=260,outChannels=97,length=24,taps=9,MOVING_CHANNELS=32,STAGES=2,WARPS_ACROSS=1',
      'batch=140,inChannels=4,outChannels=4,length=20,taps=1,STORED=2,STAGES=4,WARPS_DOWN=1,WARPS_ACROSS=1',
    ],
    ['shifted', ['bf16'], 'batch=1,inChannels=5,outChannels=9,length=34,taps=17,WARPS_DOWN=1,WARPS_ACROSS=1'],
    [
      'transposed',
      ['fp16'],
      'batch=3,inChannels=8,outChannels=4,length=16,taps=4,WARPS_DOWN=1',
      'batch=1,inChannels=40,outChannels=70,length=72,taps=3,MOST_POSITIONS=64,MOST_CHANNELS=16',
      'batch=1,inChannels=33,outChannels=20,length=71,taps=5,MOST_CHANNELS=32,WARPS_DOWN=1,STAGES=3',
      'batch=1,inChannels=260,outChannels=50,length=24,taps=9,MOVING_CHANNELS=16,WARPS_ACROSS=2',
      'batch=140,inChannels=4,outChannels=4,length=20,taps=1,STAGES=4,WARPS_DOWN=1,WARPS_ACROSS=2',
    ],
    [
      'transposed',
      ['bf16'],
      'batch=1,inChannels=5,outChannels=9,length=34,taps=17,WARPS_DOWN=1,WARPS_ACROSS=2',
    ],
    [
      'cores',
      ['fp32'],
      'batch=2,inChannels=40,outChannels=70,length=72,taps=3,MOST_POSITIONS=64,MOST_CHANNELS=8,OUTPUTS=4',
      'batch=2,inChannels=33,outChannels=20,length=35,taps=5,STAGES=3,MOST_ROWS=32',
      'batch=2,inChannels=6,outChannels=5,length=34,taps=2',
    ],
    [
      'words',
      ['tf32'],
      'batch=3,inChannels=8,outChannels=4,length=16,taps=4,IS_ROUNDED=0',
      'batch=1,inChannels=33,outChannels=20,length=71,taps=5,MOST_CHANNELS=16,STAGES=2,WARPS_ACROSS=2',
      'batch=1,inChannels=260,outChannels=97,length=24,taps=9,MOVING_CHANNELS=8,STAGES=2,WARPS_ACROSS=1',
    ],
    [
      'gemm',
      ['fp16'],
      // Clusters of four blocks and channels that fill no tile; rows of odd length; one block of a cluster beyond the samples.
      'batch=2,inChannels=70,outChannels=80,length=72,taps=3,WARP_GROUPS=1,STAGES=4',
      'batch=2,inChannels=33,outChannels=20,length=71,taps=4,WARP_GROUPS=1,COLUMNS=64,DOWN=1',
      'batch=3,inChannels=12,outChannels=70,length=40,taps=5,WARP_GROUPS=1,COLUMNS=64,DOWN=1,STAGES=4',
    ],
    [
      'gemm',
      ['bf16'],
      'batch=1,inChannels=9,outChannels=200,length=264,taps=2,COLUMNS=256,DOWN=4,ACROSS=1,MIN_BLOCKS=1',
    ],
    ['plain', ['fp32', 'bf16'], 'batch=3,inChannels=8,outChannels=11,length=16,taps=4,FLAT=0,OUTPUTS=8'],
  ],
  'dot-interaction': [
    [
      'by-warp',
      ['fp16'],
      'batch=140,vectors=5,dim=9,MOST_WARPS=2',
      'batch=600,vectors=3,dim=16,MOST_WARPS=2,BLOCKS=264,STAGES=3',
      'batch=2,vectors=41,dim=20,STAGES=1',
    ],
    ['by-warp', ['bf16'], 'batch=3,vectors=27,dim=64'],
    ['plain', ['fp32', 'fp16'], 'batch=5,vectors=7,dim=9,IS_STAGED=0', 'batch=5,vectors=7,dim=9'],
  ],
  'cross-low-rank': [
    [
      'two-products',
      ['fp16'],
      'batch=9,width=40,rank=8,FEW_ROWS=16,WARPS_DOWN=1,HIDDEN_COLUMNS=64,WARPS_ACROSS=4,COLUMNS=64,ROWS=64',
      'batch=70,width=150,rank=67,ROWS=64,COLUMNS=64,BESIDE=1,DEPTH=16,STAGES=4',
    ],
    [
      'two-products',
      ['bf16'],
      'batch=3,width=129,rank=32,WARPS_DOWN=1,FEW_ROWS=16,HIDDEN_COLUMNS=32,WARPS_ACROSS=2,COLUMNS=32,ROWS=64',
    ],
    [
      'fused',
      ['fp16'],
      'batch=9,width=40,rank=8,WARPS=4,GROUP=16,PARTS=1',
      'batch=33,width=150,rank=67,SIXTEENS=2,WARPS=4,GROUP=32,PARTS=2',
    ],
    ['fused', ['bf16'], 'batch=17,width=328,rank=24,GROUP=32,UNROLL=1,WARPS=4,PARTS=8'],
    [
      'warp-groups',
      ['fp16'],
      // Clusters of four blocks, some beyond the matrix; tiles brought by warps; a cluster of one row of blocks.
      'batch=150,width=200,rank=72,WARP_GROUPS=1,COLUMNS=64,HIDDEN_COLUMNS=64,HIDDEN_STAGES=3',
      'batch=67,width=101,rank=35,WARP_GROUPS=1,COLUMNS=64,HIDDEN_COLUMNS=64,HIDDEN_STAGES=3',
      'batch=130,width=264,rank=8,HIDDEN_COLUMNS=64,COLUMNS=128,DOWN=1,HIDDEN_STAGES=4',
      'batch=70,width=144,rank=64,HIDDEN_COLUMNS=128,COLUMNS=192,DOWN=1,ACROSS=1,MIN_BLOCKS=1,HIDDEN_STAGES=4',
    ],
    [
      'warp-groups',
      ['bf16'],
      'batch=65,width=328,rank=24,WARP_GROUPS=1,COLUMNS=256,DOWN=2,ACROSS=1,MIN_BLOCKS=1',
    ],
    ['plain', ['fp32', 'fp16'], 'batch=3,width=45,rank=33'],
  ],
};

function casesOf(task: KernelTask, [source, dataTypes, ...list]: Setting): SourceCase[] {
  return dataTypes.flatMap((dataType) =>
    list.map((setting) => {
      const pairs = setting.split(',').map((each): [string, number] => {
        const [name, value] = each.split('=');
        return [name, Number(value)];
      });
      const pick = (pattern: RegExp) => Object.fromEntries(pairs.filter(([name]) => pattern.test(name)));
      const text = withKnobs(forDataType(textOf(task, `${source}.cu`), dataType)!, pick(/^[A-Z]/));
      const shape = pick(/^[a-z]/);
      const title = `${task.name}/${source} ${dataType} ${setting}`;
      assert.equal(brokenRequirements(text, [shape]), [], title);
      return { title, task, dataType, shape, text };
    }),
  );
}

for (const task of tasksTested) {
  const cases = settings[task.name as (typeof names)[number]].flatMap((setting) => casesOf(task, setting));
  const run = async () => assert.equal(await wrongSources(compiler!, cases), []);
  const title = `${task.name}: ${cases.length} settings answer as the reference does`;
  if (compiler) matrix(title, run);
  else matrix.skip(`${title} (no C++ compiler that knows _Float16)`, run);

  matrix(`${task.name}: as they ship, sources fit an H200 on all shapes of the task`, () => {
    const tested = new Set(settings[task.name as (typeof names)[number]].map(([source]) => `${source}.cu`));
    for (const file of sourcesOf(task)) {
      assert.ok(tested.has(file), `${task.name}/${file} is not tested`);
      for (const { shape } of [...task.search, ...task.heldOut]) checkFits(task, file, shape);
    }
  });

  matrix(`${task.name}: every data type has a plain source and a faster one`, () => {
    for (const dataType of task.dataTypes) {
      const files = sourcesOf(task).filter((file) => forDataType(textOf(task, file), dataType) !== undefined);
      assert.ok(files.includes('plain.cu') && files.length > 1, `${dataType}: ${files.join(', ')}`);
    }
  });
}

/** What an H200 can launch. */
function checkFits(task: KernelTask, file: string, shape: Readonly<Record<string, number>>): void {
  const text = textOf(task, file);
  const about = `${task.name}/${file} ${JSON.stringify(shape)}`;
  assert.equal(brokenRequirements(text, [shape]), [], about);
  const [dataType] = typeLineOf(text)!.values.keys();
  const tensors = taskTensors(task, dataType as MeasuredDataType, shape);
  const plan = launchPlan(
    text,
    shape,
    tensors.map(({ name }) => name),
  );
  assert.ok(plan.launches.length > 0, about);
  for (const { grid, block, sharedBytes } of plan.launches) {
    assert.ok(block[0] * block[1] * block[2] <= 1024, about);
    assert.ok(grid[0] < 2 ** 31 && grid[1] < 65_536 && grid[2] < 65_536, about);
    assert.ok(sharedBytes <= 227 * 1024, `${about} asks for ${sharedBytes} bytes`);
  }
}

matrix.run();
