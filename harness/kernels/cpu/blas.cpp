// Matrix products by a BLAS that is installed, through the C interface that all of them share.
#include "launch.h"

#if defined(__unix__) || defined(__APPLE__)
#include <dlfcn.h>

namespace {

using Sgemm = void (*)(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, const float* a,
                       int strideA, const float* b, int strideB, float beta, float* c, int strideC);
using SetThreads = void (*)(int);

struct Blas {
  Sgemm sgemm = nullptr;
  SetThreads setThreads = nullptr;
};

constexpr int rowMajor = 101, notTransposed = 111, transposed = 112;

/// Looks for the library under each name; empty when there is none that has what is needed.
Blas find(std::initializer_list<const char*> names, std::initializer_list<const char*> threadSetters) {
  for (const char* name : names) {
    void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) continue;
    Blas blas;
    blas.sgemm = reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
    for (const char* setter : threadSetters) {
      if (!blas.setThreads) blas.setThreads = reinterpret_cast<SetThreads>(dlsym(library, setter));
    }
    if (blas.sgemm && blas.setThreads) return blas;
    dlclose(library);
  }
  return {};
}

void multiply(const Blas& blas, const Launch& launch) {
  const int m = int(launch.axes[0]), n = int(launch.axes[1]), k = int(launch.axes[2]);
  blas.setThreads(launch.cores);
  blas.sgemm(rowMajor, notTransposed, transposed, m, n, k, 1, launch.tensor<float>(0), k, launch.tensor<float>(1), k, 0,
             launch.tensor<float>(2), n);
}

Blas openblas, mkl;

/// Runs from the host: a BLAS has threads of its own, which would inherit the one processor of ours.
struct RegisterBlas {
  RegisterBlas() {
    openblas = find({"libopenblas.so.0", "libopenblas.so", "libopenblas.dylib"}, {"openblas_set_num_threads"});
    mkl = find({"libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so"}, {"MKL_Set_Num_Threads", "mkl_set_num_threads"});
    if (openblas.sgemm) {
      Register("gemm/fp32/openblas", [](const Launch& launch) { multiply(openblas, launch); }, nullptr, true);
    }
    if (mkl.sgemm) Register("gemm/fp32/mkl", [](const Launch& launch) { multiply(mkl, launch); }, nullptr, true);
  }
};
const RegisterBlas registerBlas;

}  // namespace
#endif
