// A GPU driver on the host: memory is the host's, time is a count, and what is launched is carried out when it is
// known by name. Enough to check what the harness says to a driver. -DHIP makes the other vendor's names.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HIP
#define NAME(cuda, hip) hip
#else
#define NAME(cuda, hip) cuda
#endif

enum { OK = 0, INVALID = 1, OUT_OF_MEMORY = 2, LAUNCH_FAILED = 719 };

static uint64_t setting(const char *name, uint64_t usual) {
  const char *text = getenv(name);
  return text ? strtoull(text, 0, 10) : usual;
}

// What the tests ask.
static int64_t launches, graphLaunches, modules, allocated, contexts;
int64_t stub_launches(void) { return launches; }
int64_t stub_graph_launches(void) { return graphLaunches; }
int64_t stub_modules(void) { return modules; }
int64_t stub_allocated(void) { return allocated; }
static char lastGeometry[256];
const char *stub_geometry(void) { return lastGeometry; }

int NAME(cuInit, hipInit)(uint32_t flags) { return flags == 0 ? OK : INVALID; }
int NAME(cuDeviceGetCount, hipGetDeviceCount)(int *count) { *count = (int)setting("STUB_DEVICES", 1); return OK; }
int NAME(cuDeviceGet, hipDeviceGet)(int *device, int index) { *device = index; return OK; }
int NAME(cuDeviceGetName, hipDeviceGetName)(char *name, int bytes, int device) {
  snprintf(name, (size_t)bytes, "Stub %d", device);
  return OK;
}
static size_t memory(void) { return setting("STUB_MEMORY", 1u << 30); }
int NAME(cuDeviceTotalMem_v2, hipDeviceTotalMem)(size_t *bytes, int device) { *bytes = memory() + (size_t)device; return OK; }

int NAME(cuDeviceGetAttribute, hipDeviceGetAttribute)(int *value, int attribute, int device) {
  const uint64_t compute = setting("STUB_COMPUTE", 90);
  (void)device;
  switch (attribute) {
  case NAME(16, 63): *value = 132; return OK;
  case NAME(39, 57): *value = 2048; return OK;
  case NAME(10, 87): *value = NAME(32, 64); return OK;
  case NAME(97, 74): *value = NAME(232448, 65536); return OK;
  case NAME(38, 19): *value = 62914560; return OK;
  case NAME(75, 23): *value = (int)(compute / 10); return OK;
  case NAME(76, 61): *value = (int)(compute % 10); return OK;
  case NAME(13, 5): *value = 1980000; return OK;
  case NAME(36, 60): *value = 3201000; return OK;
  case NAME(37, 59): *value = 6144; return OK;
  }
  return INVALID;
}
int NAME(cuDeviceGetPCIBusId, hipDeviceGetPCIBusId)(char *text, int bytes, int device) {
  snprintf(text, (size_t)bytes, "0000:18:00.%d", device);
  return OK;
}
int NAME(cuDriverGetVersion, hipDriverGetVersion)(int *version) { *version = NAME(13000, 60342134); return OK; }

#ifdef HIP
int hipSetDevice(int device) { contexts = 1 + device; return OK; }
const char *hipGetErrorName(int code) { return code == LAUNCH_FAILED ? "hipErrorLaunchFailure" : "hipErrorInvalidValue"; }
const char *hipGetErrorString(int code) { return code == LAUNCH_FAILED ? "unspecified launch failure" : "invalid argument"; }
#else
int cuDevicePrimaryCtxRetain(uint64_t *context, int device) { *context = 0xc0ffee00u + (unsigned)device; contexts++; return OK; }
int cuDevicePrimaryCtxRelease_v2(int device) { (void)device; contexts--; return OK; }
int cuCtxSetCurrent(uint64_t context) { return (context & ~255ull) == 0xc0ffee00u ? OK : INVALID; }
static uint64_t allowedKernel;
int cuFuncSetAttribute(uint64_t kernel, int attribute, int value) {
  if (attribute != 8 || value > 232448) return INVALID;
  allowedKernel = kernel;
  return OK;
}
int cuGetErrorName(int code, const char **name) {
  *name = code == LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" : code == INVALID ? "CUDA_ERROR_INVALID_VALUE" : 0;
  return *name ? OK : INVALID;
}
int cuGetErrorString(int code, const char **text) {
  *text = code == LAUNCH_FAILED ? "unspecified launch failure" : code == INVALID ? "invalid argument" : 0;
  return *text ? OK : INVALID;
}
#endif
int64_t stub_contexts(void) { return contexts; }

// Memory. Blocks carry their size in front, so that what is free can be told.
int NAME(cuMemAlloc_v2, hipMalloc)(uint64_t *address, size_t bytes) {
  if (allocated + (int64_t)bytes > (int64_t)memory()) return OUT_OF_MEMORY;
  uint64_t *block = aligned_alloc(256, (bytes + 256 + 255) / 256 * 256);
  block[0] = bytes;
  allocated += (int64_t)bytes;
  *address = (uint64_t)(block + 32);
  return OK;
}
int NAME(cuMemFree_v2, hipFree)(uint64_t address) {
  uint64_t *block = (uint64_t *)address - 32;
  allocated -= (int64_t)block[0];
  free(block);
  return OK;
}
int NAME(cuMemGetInfo_v2, hipMemGetInfo)(size_t *left, size_t *total) {
  *total = memory();
  *left = memory() - (size_t)allocated;
  return OK;
}
int NAME(cuMemHostAlloc, hipHostMalloc)(void **address, size_t bytes, uint32_t flags) {
  (void)flags;
  *address = malloc(bytes);
  return OK;
}
int NAME(cuMemFreeHost, hipHostFree)(void *address) { free(address); return OK; }

// A virtual clock in microseconds: a kernel takes 5, a copy 1 and another for each 4096 bytes.
static double clockUs;
enum { KERNEL_US = 5 };

// The last of a copy from pageable memory arrives when the default stream is waited for, as drivers allow.
static struct { char *to; char bytes[64]; size_t count; } late;
static void arrive(void) { memcpy(late.to, late.bytes, late.count); late.count = 0; }

int NAME(cuMemcpyHtoD_v2, hipMemcpyHtoD)(uint64_t to, const void *from, size_t bytes) {
  arrive();
  size_t kept = bytes < sizeof late.bytes ? bytes : sizeof late.bytes;
  memcpy((void *)to, from, bytes - kept);
  late.to = (char *)to + bytes - kept;
  late.count = kept;
  memcpy(late.bytes, (const char *)from + bytes - kept, kept);
  return OK;
}
int NAME(cuMemcpyDtoH_v2, hipMemcpyDtoH)(void *to, uint64_t from, size_t bytes) { memcpy(to, (void *)from, bytes); return OK; }

// Streams, and the graph that one of them captures.
typedef struct Graph {
  struct { char entry[64]; } nodes[20000];
  int count;
} Graph;
static Graph *capturing;

int NAME(cuMemcpyHtoDAsync_v2, hipMemcpyHtoDAsync)(uint64_t to, const void *from, size_t bytes, uint64_t stream) {
  if (stream == 0 || capturing) return INVALID;
  memcpy((void *)to, from, bytes);
  clockUs += 1 + (double)bytes / 4096;
  return OK;
}
int NAME(cuMemcpyDtoHAsync_v2, hipMemcpyDtoHAsync)(void *to, uint64_t from, size_t bytes, uint64_t stream) {
  if (stream == 0 || capturing) return INVALID;
  memcpy(to, (void *)from, bytes);
  clockUs += 1 + (double)bytes / 4096;
  return OK;
}
int NAME(cuMemsetD32Async, hipMemsetD32Async)(uint64_t to, uint32_t word, size_t count, uint64_t stream) {
  for (size_t i = 0; i < count; i++) ((uint32_t *)to)[i] = word;
  return stream == 0 ? INVALID : OK;
}

int NAME(cuStreamCreate, hipStreamCreateWithFlags)(uint64_t *stream, uint32_t flags) { *stream = 0x57; return flags == 1 ? OK : INVALID; }
int NAME(cuStreamDestroy_v2, hipStreamDestroy)(uint64_t stream) { return stream == 0x57 ? OK : INVALID; }
int NAME(cuStreamSynchronize, hipStreamSynchronize)(uint64_t stream) {
  if (stream == 0) arrive();
  return (stream == 0 || stream == 0x57) && !capturing ? OK : INVALID;
}

int NAME(cuCtxSynchronize, hipDeviceSynchronize)(void) { arrive(); return capturing ? INVALID : OK; }

int NAME(cuEventCreate, hipEventCreateWithFlags)(double **event, uint32_t flags) { (void)flags; *event = malloc(sizeof(double)); return OK; }
int NAME(cuEventDestroy_v2, hipEventDestroy)(double *event) { free(event); return OK; }
int NAME(cuEventRecord, hipEventRecord)(double *event, uint64_t stream) { (void)stream; *event = clockUs; return OK; }
int NAME(cuEventSynchronize, hipEventSynchronize)(double *event) { (void)event; return OK; }
int NAME(cuEventElapsedTime, hipEventElapsedTime)(float *milliseconds, double *start, double *end) {
  *milliseconds = (float)((*end - *start) / 1000);
  return OK;
}

// Modules hold what the run-time compiler was given: options, then the source.
typedef struct { char *text; } Module;
typedef struct { Module *module; char entry[64]; } Function;

int NAME(cuModuleLoadData, hipModuleLoadData)(Module **module, const char *image) {
  *module = malloc(sizeof(Module));
  (*module)->text = strdup(image);
  modules++;
  return OK;
}
int NAME(cuModuleUnload, hipModuleUnload)(Module *module) { free(module->text); free(module); modules--; return OK; }
int NAME(cuModuleGetFunction, hipModuleGetFunction)(Function **function, Module *module, const char *entry) {
  *function = malloc(sizeof(Function));
  (*function)->module = module;
  snprintf((*function)->entry, sizeof (*function)->entry, "%s", entry);
  return OK;
}

// Of a kernel: at most 1024 threads, 16 bytes of shared memory, 8 spilled, 40 registers; four blocks to a multiprocessor.
int NAME(cuFuncGetAttribute, hipFuncGetAttribute)(int *value, int attribute, Function *function) {
  static const int facts[] = {1024, 16, 0, 8, 40};
  if (attribute > 4 || !function) return INVALID;
  *value = facts[attribute];
  return OK;
}
int NAME(cuOccupancyMaxActiveBlocksPerMultiprocessor, hipModuleOccupancyMaxActiveBlocksPerMultiprocessor)(int *blocks, Function *function,
                                                                                                       int threads, size_t shared) {
  (void)shared;
  *blocks = 4;
  return function && threads > 0 ? OK : INVALID;
}

static uint32_t hashWord(uint32_t position, uint32_t seed) {
  uint32_t h = position * 0x9e3779b1u + seed;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

// fill(out, words i64, seed i32, rowWords i32, kept i32, added i32), of f32, i8 or i32 by the constant ELEMENT.
static int fill(const Module *module, void **arguments) {
  uint32_t *out = *(uint32_t **)arguments[0];
  const int64_t words = *(int64_t *)arguments[1];
  const uint32_t seed = (uint32_t) * (int *)arguments[2];
  const uint32_t kept = (uint32_t) * (int *)arguments[4], added = (uint32_t) * (int *)arguments[5];
  const char *element = strstr(module->text, "-DELEMENT=");
  for (int64_t i = 0; element && i < words; i++) {
    const uint32_t h = hashWord((uint32_t)i, seed);
    const float f = (float)(h >> 8) * (1.0f / 8388608.0f) - 1.0f;
    if (element[10] == '0') memcpy(out + i, &f, 4);
    else out[i] = element[10] == '6' ? h >> 1 : h;
    out[i] = (out[i] & kept) + added;
  }
  return element ? OK : INVALID;
}

// Writes down what it was given: two addresses, i32, f32, i64.
static int record(void **arguments) {
  int64_t *out = *(int64_t **)arguments[0];
  out[0] = *(int64_t *)arguments[1];
  out[1] = *(int *)arguments[2];
  ((float *)out)[4] = *(float *)arguments[3];
  out[3] = *(int64_t *)arguments[4];
  return OK;
}

// memoryStream(memory, vectors i64): the sum of all words behind them, as the first block's.
static int memoryStream(void **arguments, uint32_t blocks) {
  uint32_t *words = *(uint32_t **)arguments[0];
  const int64_t count = 4 * *(int64_t *)arguments[1];
  uint32_t sum = (uint32_t)setting("STUB_WRONG", 0);
  for (int64_t i = 0; i < count; i++) sum += words[i];
  memset(words + count, 0, 4 * (size_t)blocks);
  words[count] = sum;
  return OK;
}

// crossEpilogue(x0, z, bias, x, y, rows i32, n i32) of f32.
static int crossEpilogue(void **arguments) {
  const float *x0 = *(float **)arguments[0], *z = *(float **)arguments[1], *bias = *(float **)arguments[2], *x = *(float **)arguments[3];
  float *y = *(float **)arguments[4];
  const int rows = *(int *)arguments[5], n = *(int *)arguments[6];
  for (int i = 0; i < rows * n; i++) y[i] = x0[i] * (z[i] + bias[i % n]) + x[i];
  return OK;
}

// copyWords(in, out, words i32), as kernels that come in source may be called.
static int copyWords(void **arguments) {
  memcpy(*(void **)arguments[1], *(void **)arguments[0], 4 * (size_t) * (int *)arguments[2]);
  return OK;
}

static int carryOut(const char *entry, const Module *module, void **arguments, uint32_t blocks) {
  launches++;
  clockUs += KERNEL_US;
  if (strcmp(entry, "memoryStream") == 0) return memoryStream(arguments, blocks);
  if (strcmp(entry, "crossEpilogue") == 0 && strstr(module->text, "-DELEMENT=0")) return crossEpilogue(arguments);
  if (strcmp(entry, "fill") == 0) return fill(module, arguments);
  if (strcmp(entry, "record") == 0) return record(arguments);
  if (strcmp(entry, "copyWords") == 0) return copyWords(arguments);
  return strcmp(entry, "fail") == 0 ? LAUNCH_FAILED : OK;
}

int NAME(cuLaunchKernel, hipModuleLaunchKernel)(Function *function, uint32_t gx, uint32_t gy, uint32_t gz, uint32_t bx, uint32_t by,
                                                uint32_t bz, uint32_t shared, uint64_t stream, void **arguments, void **extra) {
  if (stream != 0x57 || extra || !arguments || gx * gy * gz == 0 || bx * by * bz == 0 || bx * by * bz > 1024) return INVALID;
#ifndef HIP
  if (shared > 49152 && allowedKernel != (uint64_t)function) return INVALID;
#endif
  snprintf(lastGeometry, sizeof lastGeometry, "%s %u,%u,%u %u,%u,%u %u", function->entry, gx, gy, gz, bx, by, bz, shared);
  if (!capturing) return carryOut(function->entry, function->module, arguments, gx);
  if (capturing->count == 20000) return INVALID;
  snprintf(capturing->nodes[capturing->count++].entry, 64, "%s", function->entry);
  return OK;
}

// Work of other libraries on the stream: carried out at once, or counted when captured.
int stub_foreign_work(uint64_t stream) {
  if (stream != 0x57) return INVALID;
  if (capturing) { capturing->nodes[capturing->count++].entry[0] = 0; return -1; }
  clockUs += KERNEL_US;
  return OK;
}

int NAME(cuStreamBeginCapture_v2, hipStreamBeginCapture)(uint64_t stream, int mode) {
  if (stream != 0x57 || capturing || mode != 1) return INVALID;
  capturing = calloc(1, sizeof(Graph));
  return OK;
}
int NAME(cuStreamEndCapture, hipStreamEndCapture)(uint64_t stream, Graph **graph) {
  (void)stream;
  *graph = capturing;
  capturing = 0;
  return *graph ? OK : INVALID;
}
int NAME(cuGraphInstantiateWithFlags, hipGraphInstantiateWithFlags)(Graph **exec, Graph *graph, uint64_t flags) {
  *exec = malloc(sizeof(Graph));
  memcpy(*exec, graph, sizeof(Graph));
  return flags == 0 ? OK : INVALID;
}
int NAME(cuGraphLaunch, hipGraphLaunch)(Graph *exec, uint64_t stream) {
  graphLaunches++;
  clockUs += KERNEL_US * exec->count;
  return stream == 0x57 ? OK : INVALID;
}
int NAME(cuGraphDestroy, hipGraphDestroy)(Graph *graph) { free(graph); return OK; }
int NAME(cuGraphExecDestroy, hipGraphExecDestroy)(Graph *exec) { free(exec); return OK; }
