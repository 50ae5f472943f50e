// A run of invocations shares a row: its largest element, the sum of exponentials, the answer. Rows are read once where each
// invocation can hold its part, and again otherwise.

// @data-types fp32
const WIDTH: u32 = 64u; // @knob warps-per-row {16, 32, 64, 128, 256} invocations that share a row
const THREADS: u32 = 256u; // @knob warps {64, 128, 256} invocations of a workgroup
const ONLINE: u32 = 1u; // @knob algorithm {0, 1} 1: largest element and sum in one pass over the row

// @require WIDTH <= THREADS
// @let groups ceil_div(rows * WIDTH, THREADS)
// @launch softmax grid(min(groups, 32768), ceil_div(groups, 32768)) args(x, out)

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

const ROWS = u32(AXIS_rows);
const N = u32(AXIS_n);
const LEAST = -0x1.fffffep+127f;
var<workgroup> partial: array<f32, THREADS>;

fn largestOfRow(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  partial[lane] = value;
  for (var apart = WIDTH / 2u; apart > 0u; apart /= 2u) {
    workgroupBarrier();
    if (lane % WIDTH < apart) { partial[lane] = max(partial[lane], partial[lane + apart]); }
  }
  workgroupBarrier();
  return partial[lane - lane % WIDTH];
}

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

@compute @workgroup_size(THREADS)
fn softmax(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * 32768u + group.x) * (THREADS / WIDTH) + lane / WIDTH;
  let first = row * N;
  let end = select(0u, N, row < ROWS);
  var most = LEAST;
  var sum = 0.0;
  for (var column = lane % WIDTH; column < end; column += WIDTH) {
    let value = x[first + column];
    if (ONLINE == 1u && value > most) {
      sum *= exp(most - value);
    }
    most = max(most, value);
    if (ONLINE == 1u) { sum += exp(value - most); }
  }
  let mostOfRow = largestOfRow(most, lane);
  if (ONLINE == 1u) {
    sum *= exp(most - mostOfRow);
  } else {
    for (var column = lane % WIDTH; column < end; column += WIDTH) { sum += exp(x[first + column] - mostOfRow); }
  }
  let factor = 1.0 / sumOfRow(sum, lane);
  for (var column = lane % WIDTH; column < end; column += WIDTH) {
    out[first + column] = exp(x[first + column] - mostOfRow) * factor;
  }
}
