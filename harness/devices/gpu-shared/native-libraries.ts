import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export type Koffi = typeof import('koffi')['default'];

/** What a native function takes: numbers, addresses as bigints, typed arrays where it wants a pointer to them. */
export type Argument = number | bigint | string | ArrayBufferView | ArrayBuffer | null;
export type NativeFunction<Result = number> = ((...args: Argument[]) => Result) & {
  /** The same on a thread of libuv's pool; what it points to must stay referenced until `done` is called. */
  async(...args: [...Argument[], done: (error: Error | null, result: Result) => void]): void;
};

/** A function of a library: its symbol, koffi's name of what it returns, and of what it takes. */
export interface Signature {
  symbol: string;
  returns: string;
  takes: readonly string[];
}

export interface NativeLibrary {
  /** Where it was loaded from, or its bare name where the system's loader knew it. */
  path: string;
  /** @throws Error when the library has no such symbol */
  bind<Result = number>(signature: Signature): NativeFunction<Result>;
}

/** How a line ends that names a library which was loaded. */
export const loadedMark = ': loaded';

/** Calls on other threads get a stack as large as a thread usually has: compilers recurse. */
const asyncStackBytes = 8 * 2 ** 20;

/** Koffi is an optional dependency: undefined without it, and a line in `looked`. */
export async function loadKoffi(looked: string[]): Promise<Koffi | undefined> {
  try {
    const koffi = (await import('koffi')).default as Koffi;
    // It can be set before the first library is loaded only.
    if (koffi.config().async_stack_size !== asyncStackBytes) {
      koffi.config({ async_stack_size: asyncStackBytes });
    }
    return koffi;
  } catch (error) {
    looked.push(`koffi (optional package that calls native libraries): ${firstLine(error)}`);
    return undefined;
  }
}

/**
 * Opens the first library of `names` that loads: from `firstFolders`, by the system's loader, then from `folders`
 * (patterns with `*`). What came of it goes to `looked`, a line a library.
 */
export function openLibrary(
  koffi: Koffi,
  names: readonly string[],
  { firstFolders, folders }: { firstFolders: readonly string[]; folders: readonly string[] },
  looked: string[],
): NativeLibrary | undefined {
  const failures: string[] = [];
  for (const path of candidates(names, firstFolders, folders)) {
    try {
      const library = load(koffi, path);
      looked.push(path + loadedMark);
      return library;
    } catch (error) {
      if (path.includes('/')) failures.push(`${path}: ${firstLine(error)}`);
    }
  }
  looked.push(
    `${names.join(', ')}: not found by the system's loader nor in ${searched(firstFolders, folders)}`,
  );
  looked.push(...failures);
  return undefined;
}

/** Folders that a variable of the environment lists. */
export function foldersOf(variable: string): string[] {
  return (process.env[variable] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** Folders in which Python's packages keep native libraries: of every Python on the PATH and of usual prefixes. */
export function pythonPackageFolders(inPackages: string): string[] {
  const prefixes = [
    ...(process.env.PATH ?? '').split(delimiter).filter(hasPython).map(dirname),
    ...['VIRTUAL_ENV', 'CONDA_PREFIX'].flatMap((name) => process.env[name] ?? []),
    ...(process.env.HOME ? [join(process.env.HOME, '.local')] : []),
    '/opt/*',
    '/opt/*/*',
  ];
  return [...new Set(prefixes)].flatMap((prefix) =>
    ['site-packages', 'dist-packages'].map((packages) => join(prefix, 'lib/python3*', packages, inPackages)),
  );
}

/** Paths that exist and match a pattern whose folders may hold `*`, in order of names. */
export function expandPattern(pattern: string): string[] {
  const star = pattern.split('/').findIndex((part) => part.includes('*'));
  if (star < 0) return existsSync(pattern) ? [pattern] : [];
  const parts = pattern.split('/');
  const folder = parts.slice(0, star).join('/') || '/';
  const [before, after] = parts[star].split('*', 2);
  return namesIn(folder)
    .filter(
      (name) => name.startsWith(before) && name.endsWith(after) && name.length >= parts[star].length - 1,
    )
    .flatMap((name) => expandPattern([...parts.slice(0, star), name, ...parts.slice(star + 1)].join('/')));
}

/** Bytes with an address that stays: an off-heap buffer that native code may write while it is referenced. */
export function stableBuffer(koffi: Koffi, bytes: number): { buffer: ArrayBuffer; address: bigint } {
  const buffer = new ArrayBuffer(Math.max(8, bytes));
  return { buffer, address: BigInt(koffi.address(buffer)) };
}

function load(koffi: Koffi, path: string): NativeLibrary {
  preloadCompanions(koffi, path);
  const library = koffi.load(path);
  return {
    path,
    bind: ({ symbol, returns, takes }) => library.func(symbol, returns, [...takes]),
  };
}

/** NVRTC opens its built-in headers by their bare name, which fails outside the loader's folders: open them before. */
function preloadCompanions(koffi: Koffi, path: string): void {
  if (!path.includes('/') || !path.includes('libnvrtc.so')) return;
  for (const companion of expandPattern(join(dirname(path), 'libnvrtc-builtins.so.*'))) {
    try {
      koffi.load(companion, { global: true });
    } catch {
      // NVRTC says so itself when it compiles.
    }
  }
}

function* candidates(
  names: readonly string[],
  firstFolders: readonly string[],
  folders: readonly string[],
): Generator<string> {
  yield* existing(names, firstFolders);
  yield* names;
  yield* existing(names, folders);
}

function existing(names: readonly string[], folders: readonly string[]): string[] {
  const found = folders.flatMap(expandPattern);
  return names.flatMap((name) =>
    found.map((folder) => join(folder, name)).filter((path) => existsSync(path)),
  );
}

/** Folders for a reader: those of Python's packages, which are many, by what they share. */
function searched(firstFolders: readonly string[], folders: readonly string[]): string {
  const named = [...firstFolders, ...folders].map((folder) => {
    const inPackages = /-packages\/(.*)$/.exec(folder)?.[1];
    return inPackages === undefined ? folder : `${inPackages} of Python's packages`;
  });
  return [...new Set(named)].join(', ') || 'any folder';
}

function hasPython(folder: string): boolean {
  return folder.endsWith('/bin') && existsSync(join(folder, 'python3'));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0];
}
