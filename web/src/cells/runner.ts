import { messageOf } from '../shared/dom';
import type { CellError, RunReport, RunRequest } from './messages';

export type Outcome =
  | { kind: 'done'; value: string | null; milliseconds: number }
  | { kind: 'failed'; error: CellError }
  | { kind: 'stopped' };

/** Runs cells in a worker. The first run starts it; stop() terminates it, and the next run starts a new one. */
export class Runner {
  #worker: Worker | null = null;
  #settle: ((outcome: Outcome) => void) | null = null;
  #onPrint: (text: string) => void = () => {};

  /** Runs a cell's code. Runs must not overlap. */
  run(request: RunRequest, onPrint: (text: string) => void): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#onPrint = onPrint;
      try {
        this.#worker ??= this.#start();
        this.#worker.postMessage(request);
      } catch (error) {
        // The browser does not allow workers here.
        this.#settleRun({ kind: 'failed', error: { name: 'Worker', message: messageOf(error) } });
      }
    });
  }

  /** Terminates the worker, even during a run. All variables are lost. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#settleRun({ kind: 'stopped' });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./runner.worker.ts', import.meta.url), {
      type: 'module',
      name: 'cells',
    });
    worker.addEventListener('message', ({ data }: MessageEvent<RunReport>) => {
      if (data.kind === 'printed') this.#onPrint(data.text);
      else this.#settleRun(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      worker.terminate();
      if (this.#worker === worker) this.#worker = null;
      const message = event.message || 'the cells’ worker could not be started';
      this.#settleRun({ kind: 'failed', error: { name: 'Worker', message: messageOf(message) } });
    });
    return worker;
  }

  #settleRun(outcome: Outcome): void {
    this.#settle?.(outcome);
    this.#settle = null;
  }
}
