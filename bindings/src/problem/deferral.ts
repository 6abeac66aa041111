// Functions whose problems run a few tasks at a time: the function only prepares plans of its problems, which then
// run in their order.

import type { Address } from '../runtime/abi.js';
import type { Deferral, Heap } from '../runtime/heap.js';
import { type Observed, runInSlices } from './slices.js';
import { assertDone } from './status.js';

/** The first address of a block, and the one behind it. */
type Block = readonly [begin: Address, end: Address];

/** A prepared problem. */
interface Prepared {
  readonly where: string;
  readonly plan: Address;
  readonly tasks: number;
  /** The addresses of the input, the second and third operand, and the output. */
  readonly addresses: readonly [Address, Address, Address, Address];
  /** The block of the output. */
  readonly block: Block;
}

/** Contains every address, of operands that are absent too. */
const EVERYWHERE: Block = [0, Number.POSITIVE_INFINITY];

const contains = ([begin, end]: Block, address: Address) => begin <= address && address < end;

/**
 * Calls `compute`, and runs its problems a few tasks at a time. What it frees meanwhile stays until they have run.
 * After an error, or when the signal is aborted, the tensors that it has created are disposed of.
 */
export async function runDeferred<Result>(
  heap: Heap,
  compute: () => Result,
  observed: Observed,
): Promise<Result> {
  const prepared: Prepared[] = [];
  const freed: (readonly [Address, number])[] = [];
  const blocks: Block[] = [];
  const runPart = ({ where, plan, addresses }: Prepared, first: number, count: number) => {
    assertDone(heap, where, heap.call.runPlan(plan, ...addresses, first, count));
  };
  const deferral: Deferral = {
    add(where, makePlan, packed, addresses) {
      // A plan packs its weight when it is made.
      const isPending = (address: Address) =>
        prepared.some(({ block }) => contains(block, address));
      if (packed.some(isPending)) deferral.flush();
      const block = blocks.find((one) => contains(one, addresses[3])) ?? EVERYWHERE;
      const plan = makePlan();
      prepared.push({ where, plan, tasks: heap.requestWord('tasks'), addresses, block });
    },
    flush() {
      for (let one = prepared[0]; one !== undefined; one = prepared[0]) {
        runPart(one, 0, one.tasks);
        prepared.shift();
        heap.freePlan(one.plan);
      }
    },
    allocate(address, bytes) {
      blocks.push([address, address + bytes]);
    },
    free(address, bytes) {
      freed.push([address, bytes]);
    },
  };
  const created = heap.scopes.open();
  try {
    let result: Result;
    try {
      heap.deferral = deferral;
      result = compute();
    } finally {
      heap.deferral = undefined;
      heap.scopes.close();
    }
    const tasks = prepared.reduce((sum, one) => sum + one.tasks, 0);
    await runInSlices(heap.threads, tasks, observed, (first, end) => {
      let begin = 0;
      for (const one of prepared) {
        const from = Math.max(first - begin, 0);
        const to = Math.min(end - begin, one.tasks);
        if (from < to) runPart(one, from, to - from);
        begin += one.tasks;
      }
    });
    created.clear();
    return result;
  } finally {
    for (const { plan } of prepared) heap.freePlan(plan);
    for (const [address, bytes] of freed) heap.free(address, bytes);
    for (const tensor of created) tensor.dispose();
  }
}
