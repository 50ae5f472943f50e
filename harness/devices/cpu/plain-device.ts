import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import {
  type DeviceDescription,
  type Kernel,
  type Program,
  type ProgramOperator,
  Unsupported,
} from '../../device.ts';
import { ReferenceDevice } from '../../reference-device.ts';
import type { Machine } from './processors.ts';

const implementation = 'typescript';

/** This machine's CPU without native code: one thread of plain TypeScript. */
export class PlainCpuDevice extends ReferenceDevice {
  private readonly model: string;
  private readonly why: string;

  /** @param why what native code was looked for and not found */
  constructor({ model, cacheBytes, memoryBytes }: Machine, why: string) {
    super({ memoryBytes, ...(cacheBytes > 0 ? { cacheBytes } : {}) });
    this.model = model;
    this.why = why;
  }

  override async describe(): Promise<DeviceDescription> {
    const described = await super.describe();
    return {
      ...described,
      name: this.model,
      // One thread is all there is, however many cores the machine has.
      units: 1,
      details: { ...described.details, 'no native code': this.why },
    };
  }

  override implementations(operator: ProgramOperator, dataType: MeasuredDataType): string[] {
    return super.implementations(operator, dataType).length > 0 ? [implementation] : [];
  }

  override async compile(program: Program): Promise<Kernel> {
    const { operator, dataType } = program;
    const [own] = super.implementations(operator, dataType);
    if (!own || program.implementation !== implementation) {
      throw new Unsupported(`no kernel '${program.implementation}' for ${operator} in ${dataType}`);
    }
    return { program };
  }
}
