// @ts-check
// Faults in what lies around algorithms and kernels: [file, what is wrong, what stands there, what
// takes its place]

/** @type {import('./faults.mjs').Fault[]} */
export const coreFaults = [
  [
    'cpp/correlation.cpp',
    'stride and dilation are not changed for one another',
    'c.rows.stride = p.dilation_height;',
    'c.rows.stride = p.stride_height;',
  ],
  ['cpp/correlation.cpp', 'padding on the wrong side', 'axis.pad = -axis.pad;', ''],
  [
    'cpp/correlation.cpp',
    'rows with a gap are joined',
    'return strides.row == c->columns.input * strides.column;',
    'return strides.row >= c->columns.input * strides.column;',
  ],
  [
    'cpp/correlation.cpp',
    'swapped strides of the weight',
    'c.weight = {w.c, outputs * w.n, w.n, w.h, w.w};',
    'c.weight = {w.n, outputs * w.n, w.c, w.h, w.w};',
  ],
  [
    'cpp/problem.cpp',
    'outputs may overlap',
    'if (std::abs(shortest->stride) <= reached) return false;',
    'if (std::abs(shortest->stride) < reached) return false;',
  ],
  [
    'cpp/problem.cpp',
    'one enumerator too many',
    'return value >= 0 && value <= last;',
    'return value >= 0 && value <= last + 1;',
  ],
  [
    'cpp/problem.cpp',
    'sizes overflow',
    'product = product > kMaxElements ? product : product * size;',
    'product = static_cast<std::int32_t>(product * size);',
  ],
  [
    'cpp/problem.cpp',
    'a bias where there is none',
    'if (p.has_bias != 0 && p.kind != Kind::kForward &&',
    'if (p.has_bias > 1 && p.kind != Kind::kForward &&',
  ],
  ['cpp/plan.cpp', 'no worker is enough', 'if (workers < 1)', 'if (workers < 0)'],
  [
    'cpp/plan.cpp',
    'workers share a workspace',
    'workspace_.data() + worker * workspace_step()',
    'workspace_.data() + 0 * worker * workspace_step()',
  ],
  [
    'cpp/plan.cpp',
    'the last task is forgotten',
    'task < first + count; ++task) run_task',
    'task < first + count - 1; ++task) run_task',
  ],
  [
    'cpp/memory.cpp',
    'no allocation fails',
    'successes_left.fetch_sub(1, kRelaxed) == 0) {',
    'successes_left.fetch_sub(1, kRelaxed) < 0) {',
  ],
  [
    'cpp/memory.cpp',
    'what is given back still counts',
    'live_bytes.fetch_sub(bytes, kRelaxed);',
    '(void)bytes;',
  ],
  [
    'cpp/include/corr2d/memory.hpp',
    'sizes overflow',
    'data_ = fits ? static_cast<T*>(allocate(wanted)) : nullptr;',
    'data_ = fits || true ? static_cast<T*>(allocate(wanted)) : nullptr;',
  ],
  [
    'cpp/kernels/list.hpp',
    'the first kernel of that size, fused or not',
    '(found == nullptr || (kernel.fused == fusing && found->fused != fusing))',
    'found == nullptr',
  ],
  [
    'cpp/kernels/list.hpp',
    'swapped strides of a part',
    'output.data[r * output.row_step + x * column_step]',
    'output.data[x * output.row_step + r * column_step]',
  ],
  [
    'cpp/pool.cpp',
    'threads are started without room for them',
    'if (!room.reset((count - 1) * kThreadBytes)) return Status::kOutOfMemory;',
    '',
  ],
  [
    'cpp/pool.cpp',
    'goes on waiting for a worker that is lost',
    'is_broken_ || plan.is_small() ? 0',
    'plan.is_small() ? 0',
  ],
  [
    'cpp/pool.cpp',
    'wrong task bounds',
    'job_ = {&plan, input, output, first + count};',
    'job_ = {&plan, input, output, first + count - 1};',
  ],
  [
    'cpp/pool.cpp',
    'every worker has the workspace of the first',
    'job_.plan->run_task(job_.input, job_.output, task, thread);',
    'job_.plan->run_task(job_.input, job_.output, task, 0);',
  ],
  [
    'cpp/problem.cpp',
    'a last window that is not full, whatever the kind',
    'return is_pool(p.kind) && p.ceil_mode != 0',
    'return p.ceil_mode != 0',
  ],
];
