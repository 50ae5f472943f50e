// A run-time compiler whose machine code is the options and the source that it was given.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HIP
#define NAME(rest) hiprtc##rest
#define IMAGE_SIZE hiprtcGetCodeSize
#define IMAGE hiprtcGetCode
#else
#define NAME(rest) nvrtc##rest
#define IMAGE_SIZE nvrtcGetCUBINSize
#define IMAGE nvrtcGetCUBIN
#endif

enum { OK = 0, INVALID_OPTION = 5, COMPILATION = 6 };

typedef struct { char *source, *image; char log[256]; int isVirtual; } Program;
static int64_t compilations;
int64_t stub_compilations(void) { return compilations; }

int NAME(Version)(int *major, int *minor) { *major = 13; *minor = 0; return OK; }
const char *NAME(GetErrorString)(int code) { return code == COMPILATION ? "ERROR_COMPILATION" : "ERROR_INVALID_OPTION"; }
int NAME(CreateProgram)(Program **program, const char *source, const char *name, int headers, const char **texts, const char **names) {
  if (headers != 0 || texts || names || !name) return 3;
  *program = calloc(1, sizeof(Program));
  (*program)->source = strdup(source);
  return OK;
}
int NAME(DestroyProgram)(Program **program) {
  free((*program)->source);
  free((*program)->image);
  free(*program);
  *program = 0;
  return OK;
}

#ifndef HIP
static const int known[] = {75, 80, 90};
int nvrtcGetNumSupportedArchs(int *count) { *count = 3; return OK; }
int nvrtcGetSupportedArchs(int *list) { memcpy(list, known, sizeof known); return OK; }
static int knows(int architecture) {
  for (int i = 0; i < 3; i++) if (known[i] == architecture) return 1;
  return 0;
}
#endif

int NAME(CompileProgram)(Program *program, int count, const char **options) {
  size_t bytes = strlen(program->source) + 2;
  for (int i = 0; i < count; i++) bytes += strlen(options[i]) + 1;
  program->image = calloc(1, bytes);
  for (int i = 0; i < count; i++) {
    strcat(strcat(program->image, options[i]), "\n");
#ifndef HIP
    const char *value = strstr(options[i], "--gpu-architecture=");
    if (value) {
      const char *digits = strchr(value, '_');
      if (!knows(atoi(digits + 1))) return INVALID_OPTION;
      program->isVirtual = strstr(value, "compute_") != 0;
    }
#endif
    if (strcmp(options[i], "-DSTUB_FAILS=1") == 0) {
      snprintf(program->log, sizeof program->log, "broken.cu(3): error: identifier \"x\" is undefined\n");
      return COMPILATION;
    }
  }
  strcat(program->image, program->source);
  compilations++;
  return OK;
}
int NAME(GetProgramLogSize)(Program *program, size_t *bytes) { *bytes = strlen(program->log) + 1; return OK; }
int NAME(GetProgramLog)(Program *program, char *log) { strcpy(log, program->log); return OK; }
int IMAGE_SIZE(Program *program, size_t *bytes) { *bytes = program->isVirtual ? 0 : strlen(program->image) + 1; return OK; }
int IMAGE(Program *program, char *image) { if (!program->isVirtual) strcpy(image, program->image); return OK; }
#ifndef HIP
int nvrtcGetPTXSize(Program *program, size_t *bytes) { *bytes = strlen(program->image) + 1; return OK; }
int nvrtcGetPTX(Program *program, char *text) { strcpy(text, program->image); return OK; }
#endif
