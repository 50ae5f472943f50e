import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { SourceRefused } from '../device.ts';
import { enforce, precisionRules, type Rule, withoutComments, withoutStrings } from './rules.ts';

/** Headers that kernels may include: ours, arithmetic, and containers. */
const headers = new Set([
  ...['launch.h', 'vector.h', 'arithmetic.h', 'multiply.h', 'pool.h', 'immintrin.h', 'arm_neon.h'],
  ...['algorithm', 'array', 'bit', 'cfloat', 'climits', 'cmath', 'cstddef', 'cstdint', 'cstdlib', 'cstring'],
  ...[
    'functional',
    'initializer_list',
    'limits',
    'memory',
    'numeric',
    'tuple',
    'type_traits',
    'utility',
    'vector',
  ],
  ...['stdint.h', 'math.h', 'string.h', 'stddef.h', 'float.h'],
]);

const rules: readonly Rule[] = [
  { name: 'assembly', pattern: /\b_*asm_*\b/, says: 'holds assembly' },
  {
    name: 'own threads',
    pattern: /\bstd\s*::\s*(jthread|thread|async)\b|\bpthread_\w+/,
    says: 'makes threads',
  },
  {
    name: 'own clock',
    pattern: /\b_*(builtin_\w*)?(rdtscp?|readcyclecounter)\b|\bchrono\b|\bclock_\w+/,
    says: 'reads clocks',
  },
  {
    name: 'attributes',
    pattern: /\b_*(constructor|destructor|section|ifunc|alias|weakref|init_priority|cleanup)_*\s*[()]/,
    says: 'runs code that is no kernel, or hides what it runs',
  },
  { name: 'mangled names', pattern: /\b_Z\w+/, says: 'names functions as the linker does' },
  // The headers' own classes have no holes; new members of them would be holes.
  {
    name: 'opened classes',
    pattern: /\bnamespace\s+std\b|#\s*define\s+(private|class|struct)\b/,
    says: 'opens what is closed',
  },
];

const half =
  /\b(_Float16|__fp16|__bf16|float16_t|bfloat16_t|Half|BFloat)\b|\b_mm\w*_(cvtps_ph|cvtph_ps|cvtne\w*_pbh|dpbf16_ps|\w+_ph|\w+_sh)\b/;

/**
 * @param text as it was written
 * @param expanded what the preprocessor made of it, without what it includes
 * @throws SourceRefused for C++ that does more than a kernel has to
 */
export function guardCpp(text: string, expanded: string, dataType: MeasuredDataType): void {
  for (const [line, , name] of withoutComments(text).matchAll(
    /^\s*#\s*include\s*(["<])([^">]*)[">]|^\s*#\s*include.*$/gm,
  )) {
    if (!headers.has(name))
      throw new SourceRefused('own files', `the source includes what no kernel needs: ${line.trim()}`);
  }
  const code = withoutStrings(withoutOthers(withoutComments(expanded), dataType));
  enforce([...rules, ...precisionRules(dataType, { half })], code);
}

/** Without what a source registers for other types, which is not run. */
function withoutOthers(code: string, dataType: MeasuredDataType): string {
  return code.replace(/\bRegister\s+\w+\s*[({]\s*"([^"]*)"[^;]*;/g, (whole, name) =>
    name.split('/')[1] === dataType ? whole : '',
  );
}

const libraryFunctions = [
  'sqrt|exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|sinh|cosh|tanh|asin|acos|atan|atan2|erf|erfc|cbrt|hypot',
  'floor|ceil|round|roundeven|trunc|rint|nearbyint|l?lrint|l?lround|fmod|remainder|fma|fmin|fmax|fabs|ldexp|frexp|copysign|sincos',
].join('|');

/** What machine code may refer to, beside itself. */
const allowed: readonly RegExp[] = [
  new RegExp(`^(${libraryFunctions})[fl]?$`),
  // Vectors of them, and what compilers call for arithmetic that a processor lacks.
  /^_ZGV\w+$/,
  /^__(\w+_finite|(extend|trunc|float|fix|div|mod|udiv|umod|mul|pop|clz|ctz)\w*)$/,
  /^(mem(cpy|move|set|cmp)|malloc|calloc|realloc|free|aligned_alloc|posix_memalign|abort|abs|labs)$/,
  /^_Z(n[wa]|d[la])/,
  /^(__cxa_\w+|__gxx_personality_v0|_Unwind_Resume|__stack_chk_fail|__dso_handle|_GLOBAL_OFFSET_TABLE_|__tls_get_addr)$/,
  /^_ZSt\d+__throw_\w+$/,
  /^_ZT[ISV](S|N|\d)/,
  /^_ZNK?St(9exception|9bad_alloc|13runtime_error|11logic_error|12length_error|12out_of_range|16invalid_argument)/,
  /^_ZSt(9terminate|\d+_Rb_tree)/,
  /^_ZNKSt8__detail20_Prime_rehash_policy/,
  // Ours: to be known by name, to spread work over cores, to hold memory.
  /^_ZN(8RegisterC|4Pool6region|5Block[CD])/,
];

/** What machine code may make known to others: nothing with a name of C or of a library. */
const ownNames =
  /^_Z(?!N?K?St|N9__gnu_cxx|N(8Register|4Pool|5Block|6Device)|10findKernel|5pinTo|n[wa]|d[la])/;

/** A name in a compiled object, as `nm` prints its kind. */
export interface ObjectSymbol {
  name: string;
  kind: string;
}

/** @throws SourceRefused for machine code that calls or replaces what no kernel has to do with */
export function guardSymbols(symbols: readonly ObjectSymbol[]): void {
  for (const { name, kind } of symbols) {
    if (kind === 'U' && !allowed.some((pattern) => pattern.test(name))) {
      throw new SourceRefused('foreign functions', `the source uses ${name}, which no kernel needs`);
    }
    const isShared = /[WVu]/.test(kind) && !/^(_Z|DW\.ref\.)/.test(name);
    if (isShared || (/[TDBRGSCi]/.test(kind) && !ownNames.test(name))) {
      throw new SourceRefused('replaced functions', `the source defines ${name}, which others may call`);
    }
  }
}
