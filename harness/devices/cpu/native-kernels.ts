import type { Koffi } from '../gpu-shared/native-libraries.ts';

type Address = number | bigint;

/** The C interface of our compiled kernels. Addresses are opaque; calls that can fail throw with the library's text. */
export interface NativeKernels {
  instructionSets(): string;
  open(processors: Int32Array, arrayBytes: number): Address;
  close(device: Address): void;
  /** 0 when the system gives no memory. */
  allocate(bytes: number): Address;
  addressOf(block: Address): bigint;
  free(block: Address): void;
  write(to: bigint, from: Uint8Array): void;
  read(to: Uint8Array, from: bigint): void;
  /** 0 when there is no such kernel. */
  kernel(name: string): Address;
  prepare(
    device: Address,
    kernel: Address,
    axes: BigInt64Array,
    cores: number,
  ): { state: bigint; error: number };
  run(device: Address, launches: BigInt64Array, count: number): void;
  time(device: Address, launches: BigInt64Array, count: number, warmUp: number, seconds: Float64Array): void;
  unload(): void;
}

/** @throws Error when the library does not load */
export function loadKernels(koffi: Koffi, path: string): NativeKernels {
  const library = koffi.load(path);
  const bind = (name: string, returns: string, takes: string[]) =>
    library.func(`rankfleet_${name}`, returns, takes);
  const text = bind('error', 'const char *', []);
  const guarded = (status: number) => {
    if (status !== 0) throw new Error(text());
  };
  const instructionSets = bind('instruction_sets', 'const char *', []);
  const open = bind('open', 'uint64_t', ['const int32_t *', 'int', 'int64_t']);
  const close = bind('close', 'void', ['uint64_t']);
  const allocate = bind('allocate', 'uint64_t', ['int64_t']);
  const address = bind('address', 'uint64_t', ['uint64_t']);
  const free = bind('free', 'void', ['uint64_t']);
  const write = bind('write', 'void', ['uint64_t', 'const void *', 'int64_t']);
  const read = bind('read', 'void', ['void *', 'uint64_t', 'int64_t']);
  const kernel = bind('kernel', 'uint64_t', ['const char *']);
  const prepare = bind('prepare', 'int', ['uint64_t', 'uint64_t', 'const void *', 'int', 'void *', 'void *']);
  const run = bind('run', 'int', ['uint64_t', 'const void *', 'int']);
  const time = bind('time', 'int', ['uint64_t', 'const void *', 'int', 'int', 'int', 'void *']);
  return {
    instructionSets: () => instructionSets().trim(),
    open: (processors, arrayBytes) => open(processors, processors.length, arrayBytes),
    close: (device) => close(device),
    allocate: (bytes) => allocate(bytes),
    addressOf: (block) => BigInt(address(block)),
    free: (block) => free(block),
    write: (to, from) => write(to, from, from.byteLength),
    read: (to, from) => read(to, from, to.byteLength),
    kernel: (name) => kernel(name),
    prepare: (device, own, axes, cores) => {
      const error = new Float64Array(1);
      const state = new BigInt64Array(1);
      guarded(prepare(device, own, axes, cores, error, state));
      return { state: state[0], error: error[0] };
    },
    run: (device, launches, count) => guarded(run(device, launches, count)),
    time: (device, launches, count, warmUp, seconds) =>
      guarded(time(device, launches, count, warmUp, seconds.length, seconds)),
    unload: () => library.unload(),
  };
}
