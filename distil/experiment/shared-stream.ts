import type { ExampleStream } from '../streams/stream.ts';

type Column = Int32Array | Uint8Array | Uint32Array | Float32Array | Float64Array;

/** The stream with its columns in memory that threads share; what ids stand for is left out. */
export function sharedStream(stream: ExampleStream): ExampleStream {
  return {
    ...stream,
    impressionS: shared(stream.impressionS),
    fields: stream.fields.map(({ name, ids, cardinality }) => ({ name, ids: shared(ids), cardinality })),
    tasks: stream.tasks.map(({ name, labels, delayS }) => ({
      name,
      labels: shared(labels),
      delayS: shared(delayS),
    })),
    members: shared(stream.members),
  };
}

function shared<Values extends Column>(column: Values): Values {
  const Type = column.constructor as new (buffer: SharedArrayBuffer) => Values;
  const copy = new Type(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}
