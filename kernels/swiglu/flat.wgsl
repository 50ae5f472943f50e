// Every element by itself, whatever its row; an invocation takes several of them.

// @data-types fp32
const UNROLL: u32 = 2u; // @knob unrolling {1, 2, 4, 8} elements of an invocation
const THREADS: u32 = 128u; // @knob warps {32, 64, 128, 256} invocations of a workgroup
const STRIDED: u32 = 1u; // @knob layout {0, 1} 1: elements of an invocation lie a workgroup apart; 0: side by side

// @let groups ceil_div(rows * n, THREADS * UNROLL)
// @launch swiglu grid(min(groups, 32768), ceil_div(groups, 32768)) args(a, b, out)

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

const TOTAL = u32(AXIS_rows) * u32(AXIS_n);

@compute @workgroup_size(THREADS)
fn swiglu(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * 32768u + group.x) * THREADS * UNROLL;
  for (var u = 0u; u < UNROLL; u++) {
    let at = first + select(lane * UNROLL + u, u * THREADS + lane, STRIDED == 1u);
    if (at < TOTAL) {
      // e^−|a| is never large.
      let power = exp(-abs(a[at]));
      let share = select(1.0, power, a[at] < 0.0) / (1.0 + power);
      out[at] = a[at] * share * b[at];
    }
  }
}
