import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { enforce, precisionRules, type Rule, withoutComments } from './rules.ts';

const rules: readonly Rule[] = [
  {
    name: 'own launches',
    pattern:
      /<<<|\bcuda(Launch|Graph|Stream|Event|DeviceSynchronize|GetParameterBuffer)\w*|\bcu(Launch|Graph|Stream)\w*/,
    says: 'launches kernels or makes streams of its own',
  },
  // Names that are put together are found by no reader.
  { name: 'pasted names', pattern: /##|%:%:/, says: 'puts names together' },
  { name: 'own files', pattern: /#\s*include\s*["<](?![\w-]+\.cuh")/, says: 'includes files' },
];

/** In fp32: types, and instructions in assembly, that are smaller. `half` alone is a usual name for a number. */
const half =
  /\b(__half2?|half_t|bf16_t|__nv_\w+|nv_bfloat16|_Float16|wmma)\b|\.(f16|bf16|e4m3|e5m2)(x2)?\b|#\s*include\s*"(tensor-core|warp-group|tile-product)/;

/** @throws SourceRefused for CUDA C++ that does more than a kernel has to */
export function guardCuda(text: string, dataType: MeasuredDataType): void {
  const code = withoutComments(text.replaceAll(/\\\r?\n/g, ' '));
  enforce([...rules, ...precisionRules(dataType, { half, tf32: /tf32/ })], code);
}
