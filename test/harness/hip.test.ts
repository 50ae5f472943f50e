import * as assert from 'uvu/assert';
import { hipBackend } from '../../harness/devices/hip/hip-backend.ts';
import { hipPlatform } from '../../harness/devices/hip/platform.ts';
import { hasCompiler } from './gpu-stub/build.ts';
import { gpuChecks } from './gpu-stub/checks.ts';

const checks = gpuChecks({
  backend: hipBackend,
  platform: hipPlatform,
  variable: 'RANKFLEET_HIP_LIBRARIES',
  vendor: 'hipblaslt',
  files: { driver: 'libamdhip64.so.6', compiler: 'libhiprtc.so.6', blas: 'libhipblaslt.so.0' },
});

if (hasCompiler) {
  checks('tell the version of the runtime', async () => {
    const device = await hipBackend.open();
    const { versions } = await device.describe();
    assert.is(versions.hip, '6.3.42134');
    assert.equal(await device.clocks(), {});
    await device.close();
  });
}

checks.run();
