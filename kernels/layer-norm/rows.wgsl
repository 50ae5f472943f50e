// A run of invocations shares a row, and each keeps its part of it in registers between the passes.

// @data-types fp32
const WIDTH: u32 = 64u; // @knob warps-per-row {16, 32, 64, 128, 256} invocations that share a row
const THREADS: u32 = 256u; // @knob warps {64, 128, 256} invocations of a workgroup
const KEPT: u32 = 16u; // @knob recompute {0, 4, 16, 32} elements that an invocation keeps; the rest is read again

// @require WIDTH <= THREADS
// @let groups ceil_div(rows * WIDTH, THREADS)
// @launch layerNorm grid(min(groups, 32768), ceil_div(groups, 32768)) args(x, gain, bias, out)

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> gain: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const ROWS = u32(AXIS_rows);
const N = u32(AXIS_n);
const STEPS = (N + WIDTH - 1u) / WIDTH;
var<workgroup> partial: array<f32, THREADS>;
var<private> kept: array<f32, KEPT + 1u>;

fn sumOfRow(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  partial[lane] = value;
  for (var apart = WIDTH / 2u; apart > 0u; apart /= 2u) {
    workgroupBarrier();
    if (lane % WIDTH < apart) { partial[lane] += partial[lane + apart]; }
  }
  workgroupBarrier();
  return partial[lane - lane % WIDTH];
}

fn element(first: u32, column: u32, step: u32) -> f32 {
  if (step < KEPT) { return kept[step]; }
  return x[first + column];
}

@compute @workgroup_size(THREADS)
fn layerNorm(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * 32768u + group.x) * (THREADS / WIDTH) + lane / WIDTH;
  let first = row * N;
  let end = select(0u, N, row < ROWS);
  let start = lane % WIDTH;
  var sum = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let column = start + step * WIDTH;
    if (column >= end) { break; }
    let value = x[first + column];
    if (step < KEPT) { kept[step] = value; }
    sum += value;
  }
  let mean = sumOfRow(sum, lane) / f32(N);
  var squares = 0.0;
  for (var step = 0u; step < STEPS; step++) {
    let column = start + step * WIDTH;
    if (column >= end) { break; }
    let beyond = element(first, column, step) - mean;
    squares += beyond * beyond;
  }
  let factor = inverseSqrt(sumOfRow(squares, lane) / f32(N) + 1e-5);
  for (var step = 0u; step < STEPS; step++) {
    let column = start + step * WIDTH;
    if (column >= end) { break; }
    out[first + column] = (element(first, column, step) - mean) * factor * gain[column] + bias[column];
  }
}
