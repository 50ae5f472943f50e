// Clocks of a device that runs at a fixed rate.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlSystemGetDriverVersion(char *text, unsigned bytes) { snprintf(text, bytes, "580.159.04"); return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char *bus, uint64_t *handle) {
  *handle = 0xdec;
  return strcmp(bus, "0000:18:00.0") == 0 ? 0 : 6;
}
int nvmlDeviceGetUUID(uint64_t handle, char *text, unsigned bytes) {
  snprintf(text, bytes, "GPU-6f1de0b2-0000-4000-8000-000000000001");
  return handle == 0xdec ? 0 : 2;
}
int nvmlDeviceGetClockInfo(uint64_t handle, int type, unsigned *megahertz) { *megahertz = type == 1 ? 1755 : 2619; return handle == 0xdec ? 0 : 2; }
int nvmlDeviceGetMaxClockInfo(uint64_t handle, int type, unsigned *megahertz) { *megahertz = type == 1 ? 1980 : 3201; return handle == 0xdec ? 0 : 2; }
int nvmlDeviceGetEnforcedPowerLimit(uint64_t handle, unsigned *milliwatts) { *milliwatts = 700000; return handle == 0xdec ? 0 : 2; }
