// An invocation has some columns of a bag and adds up its rows, several of them read before any is added; invocations side by
// side have columns side by side.

// @data-types fp32
const COLUMNS: u32 = 1u; // @knob tiling {1, 2, 4} columns of an invocation
const UNROLL: u32 = 4u; // @knob bytes-in-flight {1, 2, 4, 8} rows that are read before they are added
const THREADS: u32 = 64u; // @knob warps {32, 64, 128, 256} invocations of a workgroup

// @let groups ceil_div(bags * ceil_div(dim, COLUMNS), THREADS)
// @launch embeddingBag grid(min(groups, 32768), ceil_div(groups, 32768)) args(table, indices, out)

@group(0) @binding(0) var<storage, read> table: array<f32>;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const DIM = u32(AXIS_dim);
const POOLING = u32(AXIS_pooling);
const BAGS = u32(AXIS_bags);
const PARTS = (DIM + COLUMNS - 1u) / COLUMNS;

@compute @workgroup_size(THREADS)
fn embeddingBag(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * 32768u + group.x) * THREADS + lane;
  let bag = at / PARTS;
  if (bag >= BAGS) { return; }
  // Columns of an invocation lie PARTS apart, so that neighbours read neighbours.
  let first = at % PARTS;
  for (var c = 0u; c < COLUMNS; c++) {
    let column = first + c * PARTS;
    if (column >= DIM) { break; }
    var sum = 0.0;
    for (var i = 0u; i < POOLING; i += UNROLL) {
      var held: array<f32, UNROLL>;
      for (var u = 0u; u < UNROLL; u++) {
        held[u] = 0.0;
        if (i + u < POOLING) { held[u] = table[indices[bag * POOLING + i + u] * DIM + column]; }
      }
      for (var u = 0u; u < UNROLL; u++) { sum += held[u]; }
    }
    out[bag * DIM + column] = sum;
  }
}
