import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import { CompileError } from '../../device.ts';
import { guardCpp, guardSymbols, type ObjectSymbol } from '../../source-guard/cpp.ts';
import { doOnce } from './build-lock.ts';
import type { Compiler } from './compiler.ts';
import { compileAll, compileFlags, runCompiler, sourceFolder, usableCacheFolder } from './native-build.ts';

/** What every library needs beside kernels: the C interface and the threads. */
const frame = ['entry.cpp', 'pool.cpp'];

/** Names of a library's own stay its own: a kernel takes nothing over from what is loaded beside it. */
const linkFlags = ['-shared', '-pthread', '-Wl,-Bsymbolic', '-Wl,--no-undefined'];

export interface SourceLibrary {
  path: string;
  /** Of the source alone. */
  codeBytes: number;
  remove(): void;
}

interface MachineCode {
  /** Of a shared library. */
  content: Uint8Array;
  codeBytes: number;
}

/** Compiles sources that come with programs, each into a library of its own: one file to compile and one to link. */
export class SourceCompiler {
  private readonly compiler: Compiler;
  private readonly processor: string;
  private frame: Promise<readonly string[]> | undefined;
  /** What is being compiled, by type and text: who asks for it meanwhile gets the same machine code. */
  private readonly underWay = new Map<string, Promise<MachineCode>>();
  /** As many chains of compilations as there are cores: each begins when the one before it has ended. */
  private readonly chains: Promise<unknown>[] = Array.from(
    { length: availableParallelism() },
    async () => {},
  );
  private begun = 0;

  /** @param processor what tells processors apart for which the compiler makes different code */
  constructor(compiler: Compiler, processor: string) {
    this.compiler = compiler;
    this.processor = processor;
  }

  /**
   * A library of its own for each call, so that no two kernels share what is static in one.
   * @throws CompileError with the compiler's log
   * @throws SourceRefused for a source that does more than a kernel has to, and before any of it is loaded
   */
  async compile(text: string, dataType: MeasuredDataType): Promise<SourceLibrary> {
    const key = `${dataType} ${text}`;
    const begun = this.underWay.get(key) ?? this.inTurn(() => this.machineCode(text, dataType));
    this.underWay.set(key, begun);
    try {
      const { content, codeBytes } = await begun;
      const folder = mkdtempSync(join(tmpdir(), 'rankfleet-source-'));
      const path = join(folder, 'kernel.so');
      writeFileSync(path, content);
      return { path, codeBytes, remove: () => rmSync(folder, { recursive: true, force: true }) };
    } finally {
      this.underWay.delete(key);
    }
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const chain = this.begun++ % this.chains.length;
    const result = this.chains[chain].then(work);
    this.chains[chain] = result.catch(() => {});
    return result;
  }

  private async machineCode(text: string, dataType: MeasuredDataType): Promise<MachineCode> {
    this.frame ??= this.frameObjects();
    const objects = await this.frame;
    const folder = mkdtempSync(join(tmpdir(), 'rankfleet-source-'));
    const file = (name: string) => join(folder, name);
    try {
      writeFileSync(file('kernel.cpp'), text);
      const compile = (...options: string[]) => runCompiler(this.compiler, [...compileFlags, ...options]);
      await compile('-I', sourceFolder, '-E', file('kernel.cpp'), '-o', file('kernel.ii'));
      guardCpp(text, ownPart(readFileSync(file('kernel.ii'), 'utf8'), file('kernel.cpp')), dataType);
      await compile('-fvisibility=hidden', '-c', file('kernel.ii'), '-o', file('kernel.o'));
      const symbols = await symbolsOf(file('kernel.o'));
      guardSymbols(symbols);
      // The frame comes first: where both have a function, it is the frame's.
      await runCompiler(this.compiler, [
        ...linkFlags,
        ...objects,
        file('kernel.o'),
        '-o',
        file('kernel.so'),
        '-lm',
      ]);
      return { content: readFileSync(file('kernel.so')), codeBytes: codeBytes(symbols) };
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      // Readers know the source by its lines, not by where it was for a moment.
      throw new CompileError('the source', error.log.replaceAll(`${folder}/`, ''));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Compiled once for this machine, and kept in the cache folder. */
  private async frameObjects(): Promise<readonly string[]> {
    const hash = createHash('sha256');
    for (const part of [...this.compiler.command, this.compiler.version, this.processor, ...compileFlags])
      hash.update(`${part}\0`);
    const names = readdirSync(sourceFolder).filter((name) => name.endsWith('.h') || frame.includes(name));
    for (const name of names.sort()) hash.update(`${name}\0`).update(readFileSync(join(sourceFolder, name)));
    const folder = join(usableCacheFolder(), `frame-${hash.digest('hex').slice(0, 32)}`);
    mkdirSync(dirname(folder), { recursive: true });
    const done = () => (existsSync(folder) ? frame.map((_, i) => join(folder, `${i}.o`)) : undefined);
    return doOnce(`${folder}.lock`, done, async () => {
      const building = mkdtempSync(join(dirname(folder), 'building-'));
      const sources = frame.map((name) => join(sourceFolder, name));
      await compileAll(this.compiler, sources, compileFlags, building);
      renameSync(building, folder);
      return done()!;
    });
  }
}

/** Of a preprocessed text the lines that stand in one file; numbers of lines are kept by nothing. */
function ownPart(expanded: string, file: string): string {
  let isOwn = false;
  const own: string[] = [];
  for (const line of expanded.split('\n')) {
    const marker = /^#(?:line)?\s+\d+\s+"((?:\\.|[^"])*)"/.exec(line);
    if (marker) isOwn = marker[1] === file;
    else if (isOwn) own.push(line);
  }
  return own.join('\n');
}

interface SizedSymbol extends ObjectSymbol {
  bytes: number;
}

/** Names in an object: what it defines, and what it uses of others. */
async function symbolsOf(object: string): Promise<SizedSymbol[]> {
  const { stdout } = await promisify(execFile)('nm', ['-P', object], { maxBuffer: 2 ** 26 });
  // macOS writes an underscore before every name.
  const strip = (name: string) => (process.platform === 'darwin' ? name.replace(/^_/, '') : name);
  return stdout
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([name, kind]) => name && kind)
    .map(([name, kind, , size]) => ({
      name: strip(name),
      kind,
      bytes: size ? Number.parseInt(size, 16) : 0,
    }));
}

function codeBytes(symbols: readonly SizedSymbol[]): number {
  return symbols.filter(({ kind }) => /[TtW]/.test(kind)).reduce((sum, { bytes }) => sum + bytes, 0);
}
