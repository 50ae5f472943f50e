import type { ExampleStream } from '../../distil/streams/stream.ts';

/** Five examples over three days, of which the second has none; one is shared, one in no vertical. */
export function smallStream(): ExampleStream {
  return {
    name: 'small',
    size: 5,
    impressionS: Float64Array.of(10, 20, 86_399, 172_800, 172_900),
    fields: [{ name: 'item', ids: Int32Array.of(0, 1, 2, 1, 0), cardinality: 3 }],
    tasks: [
      {
        name: 'click',
        labels: Uint8Array.of(1, 0, 0, 1, 0),
        delayS: Float32Array.of(5, 5, 5, 5, 5),
      },
    ],
    verticals: ['news', 'shop'],
    members: Uint32Array.of(1, 2, 3, 0, 1),
  };
}
