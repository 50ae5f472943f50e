import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { SourceRefused } from '../../harness/device.ts';
import { guardCpp, guardSymbols } from '../../harness/source-guard/cpp.ts';
import { guardCuda } from '../../harness/source-guard/cuda.ts';
import { withoutComments } from '../../harness/source-guard/rules.ts';
import { guardWgsl } from '../../harness/source-guard/wgsl.ts';

/** The rule by which a source is refused; undefined where it is not. */
function ruleOf(guard: () => void): string | undefined {
  try {
    guard();
  } catch (error) {
    assert.instance(error, SourceRefused);
    return (error as SourceRefused).rule;
  }
  return undefined;
}

const comments = suite('source guard: comments');

comments('are taken out, strings are not, and lines keep their numbers', () => {
  const text = 'a /* <<<\n b */ c // d\n"// no comment" \'"\' // e\n';
  assert.is(withoutComments(text).replaceAll(/ +/g, ' '), 'a \n c \n"// no comment" \'"\' \n');
});

comments.run();

const cuda = suite('source guard: CUDA');

const kernel = 'extern "C" __global__ void k(const float* x, float* out, int n) { out[0] = x[n]; }';

cuda('lets kernels pass, whatever their comments and names say', () => {
  for (const text of [
    kernel,
    `#include "common.cuh"\n${kernel} // half of it, as cudaLaunchKernel would <<<1, 1>>>`,
    'int half = n / 2; asm("ld.global.nc.f32 %0, [%1];" : "=f"(v) : "l"(p)); __half2float_not_a_type();',
  ]) {
    assert.is(
      ruleOf(() => guardCuda(text, 'fp32')),
      undefined,
      text,
    );
  }
});

const cudaTricks: [string, MeasuredDataType, string][] = [
  ['k<<<1, 1>>>(x);', 'fp16', 'own launches'],
  ['cudaStreamCreateWithFlags(&s, 1);', 'fp16', 'own launches'],
  ['asm("call cudaLaunchDeviceV2");', 'fp16', 'own launches'],
  ['#define LAUNCH(a, b) a##b', 'fp16', 'pasted names'],
  ['#include </usr/include/stdio.h>', 'fp16', 'own files'],
  ['#include "../secret.h"', 'fp16', 'own files'],
  ['__half h;', 'fp32', 'lower precision'],
  ['half_t h;', 'tf32', 'lower precision'],
  ['asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32");', 'fp32', 'lower precision'],
  ['asm("cvt.rna.tf32.f32 %0, %1;");', 'fp32', 'lower precision'],
  ['nvcuda::wmma::fragment<int> f;', 'fp32', 'lower precision'],
];

for (const [trick, dataType, rule] of cudaTricks) {
  cuda(`refuses ${trick}`, () =>
    assert.is(
      ruleOf(() => guardCuda(`${kernel}\n${trick}`, dataType)),
      rule,
    ),
  );
}

cuda('lets types pass that are asked for', () => {
  assert.is(
    ruleOf(() => guardCuda('__half2 h;', 'fp16')),
    undefined,
  );
  assert.is(
    ruleOf(() => guardCuda('asm("cvt.rna.tf32.f32 %0, %1;");', 'tf32')),
    undefined,
  );
});

cuda.run();

const wgsl = suite('source guard: WGSL');

wgsl('refuses fp16 where fp32 is asked for, and nothing else', () => {
  assert.is(
    ruleOf(() => guardWgsl('enable f16;', 'fp32')),
    'lower precision',
  );
  assert.is(
    ruleOf(() => guardWgsl('let h = unpack2x16float(w);', 'fp32')),
    'lower precision',
  );
  assert.is(
    ruleOf(() => guardWgsl('enable f16; let x: f16 = 1.0h;', 'fp16')),
    undefined,
  );
  assert.is(
    ruleOf(() => guardWgsl('// as f16 would\nlet f = 1.0;', 'fp32')),
    undefined,
  );
});

wgsl.run();

const cpp = suite('source guard: C++');

const cppTricks: [string, string][] = [
  ['void f() { asm volatile("rdtsc"); }', 'assembly'],
  ['void f() { __asm__("nop"); }', 'assembly'],
  ['std::thread t(f);', 'own threads'],
  ['auto f = std::async(g);', 'own threads'],
  ['pthread_create(&t, 0, f, 0);', 'own threads'],
  ['auto t = __builtin_ia32_rdtsc();', 'own clock'],
  ['auto t = std::chrono::steady_clock::now();', 'own clock'],
  ['extern "C" int clock_gettime(int, void*) { return 0; }', 'own clock'],
  ['__attribute__((constructor)) void f() {}', 'attributes'],
  ['extern "C" long _ZNSt6chrono3_V212steady_clock3nowEv() { return 0; }', 'mangled names'],
  ['namespace std { int f(); }', 'opened classes'],
  ['#define private public\n', 'opened classes'],
  ['_Float16 h = 1;', 'lower precision'],
  ['auto h = _mm512_cvtps_ph(x, 0);', 'lower precision'],
  ['void f(const BFloat* x);', 'lower precision'],
  ['#include <fstream>\n', 'own files'],
  ['#include "gemm.cpp"\n', 'own files'],
  ['#include MACRO\n', 'own files'],
];

for (const [trick, rule] of cppTricks) {
  cpp(`refuses ${trick.trim()}`, () =>
    assert.is(
      ruleOf(() => guardCpp(trick, trick, 'fp32')),
      rule,
    ),
  );
}

cpp('sees what the preprocessor made of the source', () => {
  assert.is(
    ruleOf(() => guardCpp('CALL("nop");', '__asm__("nop");', 'fp32')),
    'assembly',
  );
});

cpp('lets a source register kernels of smaller types, which are not run', () => {
  const text = '#include "launch.h"\nconst Register h("softmax/fp16/candidate", softmax<Half>);';
  assert.is(
    ruleOf(() => guardCpp(text, text, 'fp32')),
    undefined,
  );
  const disguised = text.replace('fp16', 'fp32');
  assert.is(
    ruleOf(() => guardCpp(disguised, disguised, 'fp32')),
    'lower precision',
  );
});

cpp('allows machine code arithmetic, memory and our frame, and no more', () => {
  const uses = (name: string) => ruleOf(() => guardSymbols([{ name, kind: 'U' }]));
  for (const name of [
    'expf',
    'memcpy',
    '_Znwm',
    '_ZN4Pool6regionEiPFvPviES0_',
    '__cxa_throw',
    '_ZSt20__throw_length_errorPKc',
  ]) {
    assert.is(uses(name), undefined, name);
  }
  for (const name of [
    'system',
    'dlsym',
    'fopen',
    'getenv',
    'socket',
    'cblas_sgemm',
    'clock_gettime',
    'syscall',
    '_ZN4PoolC1ERKSt6vectorIiSaIiEE',
    '_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE',
    'rankfleet_time',
    'mprotect',
  ]) {
    assert.is(uses(name), 'foreign functions', name);
  }
});

cpp('allows machine code names of its own, and no others', () => {
  const defines = (name: string, kind: string) => ruleOf(() => guardSymbols([{ name, kind }]));
  assert.is(defines('_ZN12_GLOBAL__N_17softmaxERK6Launch', 't'), undefined);
  assert.is(defines('_Z4rowsPKfl', 'T'), undefined);
  assert.is(defines('_ZNSt6vectorIfSaIfEED1Ev', 'W'), undefined);
  for (const [name, kind] of [
    ['memcpy', 'T'],
    ['clock_gettime', 'W'],
    ['rankfleet_time', 'T'],
    ['_ZNSt6chrono3_V212steady_clock3nowEv', 'T'],
    ['_ZN4Pool7sessionEiRKSt8functionIFvvEE', 'T'],
    ['_Znwm', 'T'],
  ]) {
    assert.is(defines(name, kind), 'replaced functions', `${name} ${kind}`);
  }
});

cpp.run();

const python = suite('source guard: Python');

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.log('SKIPPED: the guard of Python sources needs python3');

const triton = `import torch
import triton
import triton.language as tl

@triton.jit
def kernel(x, out, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    value = tl.load(x + at, mask=at < n)
    tl.store(out + at, tl.exp(value).to(tl.float32), mask=at < n)

def launch(tensors, axes):
    n = axes["rows"] * axes["n"]
    partial = torch.empty((n,), dtype=torch.float32, device=tensors["x"].device)
    half = n // 2
    kernel[(triton.cdiv(n, 1024),)](tensors["x"], tensors["out"], n, BLOCK=1024)
`;

const inLaunch = (line: string) => `${triton}    ${line}\n`;

const pythonTricks: [string, string][] = [
  [inLaunch('tensors["out"].copy_(torch.softmax(tensors["x"], 1))'), 'vendor operator'],
  [inLaunch('torch.matmul(tensors["x"], tensors["x"])'), 'vendor operator'],
  [inLaunch('torch.ops.aten.mm(tensors["x"], tensors["x"])'), 'vendor operator'],
  [inLaunch('tensors["x"].matmul(tensors["x"])'), 'vendor operator'],
  [inLaunch('y = tensors["x"] @ tensors["x"]'), 'vendor operator'],
  [inLaunch('torch.nn.functional.softmax(tensors["x"], 1)'), 'vendor operator'],
  [inLaunch('s = torch.cuda.Stream()'), 'vendor operator'],
  [inLaunch('torch.cuda.synchronize = lambda: None'), 'patched functions'],
  [inLaunch('t = torch'), 'introspection'],
  [inLaunch('f = getattr(tensors["x"], "mat" + "mul")'), 'introspection'],
  [inLaunch('exec("import os")'), 'introspection'],
  [inLaunch('g = launch.__globals__'), 'introspection'],
  [inLaunch('g = globals()'), 'introspection'],
  [`import os\n${triton}`, 'imports'],
  [`import threading\n${triton}`, 'imports'],
  [`import torch.nn.functional as F\n${triton}`, 'imports'],
  [`from torch import softmax\n${triton}`, 'vendor operator'],
  [`from triton.testing import do_bench\n${triton}`, 'imports'],
  [`import ctypes, subprocess, socket\n${triton}`, 'imports'],
  [`${triton}\nclass Lazy(torch.Tensor):\n    pass\n`, 'classes'],
  [inLaunch('try:\n        kernel[(1,)]()\n    except Exception:\n        pass'), 'fallback'],
  [inLaunch('global seen'), 'state'],
  [triton.replace('tl.float32', 'tl.float16'), 'lower precision'],
  [triton.replace('tl.exp(value)', 'tl.dot(value, value, allow_tf32=True)'), 'lower precision'],
  [triton.replace('tl.exp(value)', 'tl.dot(value, value, input_precision="tf32")'), 'lower precision'],
  [triton.replace('@triton.jit', '@torch.compile'), 'decorators'],
];

if (hasPython) {
  python('lets a kernel pass, and refuses every trick by its rule', () => {
    const sources = [triton, ...pythonTricks.map(([source]) => source)];
    const program = `
import json, sys
from rankfleet_worker.failures import Failure
from rankfleet_worker.source_guard import allowed_by_torch, guard
def rule(text):
    try:
        guard(text, "fp32", allowed_by_torch)
    except Failure as failure:
        return failure.fields.get("rule", failure.kind)
print(json.dumps([rule(text) for text in json.load(sys.stdin)]))`;
    const folder = join(packageRoot, 'harness/python');
    const { stdout, stderr } = spawnSync('python3', ['-B', '-c', program], {
      input: JSON.stringify([...sources, 'def launch(tensors): pass', 'def launch(:']),
      env: { PATH: process.env.PATH ?? '', PYTHONPATH: folder },
      encoding: 'utf8',
    });
    assert.is(stderr, '');
    const [right, ...rules] = JSON.parse(stdout);
    assert.is(right, null);
    pythonTricks.forEach(([source, rule], i) => {
      assert.is(rules[i], rule, source);
    });
    assert.equal(rules.slice(-2), ['compile', 'compile']);
  });
} else {
  python.skip('lets a kernel pass, and refuses every trick by its rule: no python3', () => {});
}

python.run();
