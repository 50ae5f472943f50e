import type { MeasuredDataType, OperatorName } from '../../hardware-profiles/operators-measured.ts';
import type { OperatorSpec } from './operator.ts';

/** An empty kernel: there is no answer. */
export const kernelLaunch: OperatorSpec = {
  ...withoutTensors('kernel-launch', 'bytes', 0),
  selfChecked: false,
};

/** Collectives over devices that one memory cannot hold; the worker that runs them checks them. */
export const allToAll = withoutTensors('all-to-all', 'fp32', 0);
export const allReduce = withoutTensors('all-reduce', 'fp32', 1e-5);

/** Remote calls on one host: what is decoded must be what was encoded. */
export const rpcSerialise = withoutTensors('rpc-serialise', 'bytes', 0);
export const rpcRoundTrip = withoutTensors('rpc-round-trip', 'bytes', 0);
export const rpcDeserialise = withoutTensors('rpc-deserialise', 'bytes', 0);

/** Reads that add up what they read; the sum tells that all of it was. */
export const memoryStream = withoutTensors('memory-stream', 'bytes', 1e-6);
export const memoryGather = withoutTensors('memory-gather', 'bytes', 1e-6);

function withoutTensors(name: OperatorName, dataType: MeasuredDataType, tolerance: number): OperatorSpec {
  return {
    name,
    dataTypes: [dataType],
    tensors: () => [],
    reference: () => (tensor) => {
      throw new Error(`${name} has no tensor '${tensor}'`);
    },
    tolerance: () => tolerance,
    selfChecked: true,
  };
}
