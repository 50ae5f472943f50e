import { Unsupported } from '../../device.ts';
import { type Pass, reduceRuns, unrolled, type WgslKernel } from './pass.ts';

/** A kernel that does nothing. */
export const emptyKernel: WgslKernel = () => [
  { name: 'kernel-launch', bindings: [], threads: 32, groups: 1, code: '' },
];

const threads = 256;
const loadsAtATime = 4;

/** Workgroups that read `bytes`, each leaving one sum: enough to fill any device, few enough to add up on the host. */
export function streamGroups(bytes: number): number {
  return Math.max(1, Math.min(4096, Math.floor(bytes / (16 * threads * loadsAtATime))));
}

/**
 * Reads `bytes` and adds up their words (modulo 2³²): tensor 0 is what is read, tensor 1 takes the sum of each workgroup.
 * @throws Unsupported unless bytes are a multiple of 16
 */
export function streamPass(bytes: number): Pass {
  if (bytes % 16 !== 0) throw new Unsupported(`memory-stream reads multiples of 16 bytes, not ${bytes}`);
  const groups = streamGroups(bytes);
  const count = bytes / 16;
  const stride = groups * threads;
  return {
    name: 'memory-stream',
    bindings: [
      { name: 'data', tensor: 0, type: 'vec4<u32>' },
      { name: 'sums', tensor: 1, type: 'u32', written: true },
    ],
    threads,
    groups,
    declarations: 'var<workgroup> partial: array<u32, THREADS>;',
    code: `
  var sum = vec4<u32>();
  var i = group * THREADS + lane;
  for (; i + ${(loadsAtATime - 1) * stride}u < ${count}u; i += ${loadsAtATime * stride}u) {
${unrolled(loadsAtATime, (k) => `    let loaded${k} = data[i + ${k * stride}u];`)}
${unrolled(loadsAtATime, (k) => `    sum += loaded${k};`)}
  }
  for (; i < ${count}u; i += ${stride}u) { sum += data[i]; }
  partial[lane] = sum.x + sum.y + sum.z + sum.w;
${reduceRuns(threads)}
  if (lane == 0u) { sums[group] = partial[0]; }`,
  };
}
