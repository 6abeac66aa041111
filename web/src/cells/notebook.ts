import { button, el, find, yieldToEventLoop } from '../shared/dom';
import { compressText, decompressText, type Link } from '../shared/link';
import { Cell } from './cell';
import { chapter } from './chapter';
import { Runner } from './runner';

const keyOf = (cell: Cell) => `cell-${cell.id}`;

/** The chapter's cells. They run in one worker and share their variables, as in a Jupyter notebook. */
export class Notebook {
  readonly #cells: Cell[] = [];
  readonly #runner = new Runner();
  readonly #link: Link;
  readonly #runAll = button('Run all', () => void this.runAll());
  readonly #resetAll = button('Reset all', () => this.#reset(), 'ghost');
  readonly #message = el('p', { class: 'notebook-status', role: 'status' });
  /** Resolves when all cells requested so far have run. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Number of stops so far. A queued run is skipped if it has changed since the run was requested. */
  #stops = 0;

  constructor(link: Link) {
    this.#link = link;
    find('#notebook-bar').append(
      el('div', { class: 'actions' }, this.#runAll, this.#resetAll),
      this.#message,
    );
    link.onOpen(() => void this.#restore());
  }

  /** Creates the cells and restores code from the link. Yields between cells to stay responsive. */
  async mount(): Promise<void> {
    for (const definition of chapter) {
      const root = find(`[data-cell="${definition.id}"]`);
      const cell = new Cell(root, definition, {
        run: (cell) => void this.#run([cell], cell),
        stop: () => this.#stop(),
        runAbove: (cell) => void this.#run(this.#cells.slice(0, this.#cells.indexOf(cell))),
        onChange: (cell) => void this.#save(cell),
      });
      this.#cells.push(cell);
      await yieldToEventLoop();
    }
    await this.#restore();
  }

  /** Copies code from the link to the cells and marks those cells. */
  async #restore(): Promise<void> {
    await Promise.all(
      this.#cells.map(async (cell) => {
        const compressed = this.#link.get(keyOf(cell));
        const text = compressed === null ? null : await decompressText(compressed);
        if (text !== null) cell.setTextFromLink(text);
      }),
    );
    find('#linked').hidden = !this.#cells.some((cell) => cell.isFromLink);
  }

  /**
   * Runs the cells in order, up to the first that fails or has unread code from a link. Such a cell runs
   * only when its own button is pressed.
   */
  async runAll(): Promise<void> {
    await this.#run(this.#cells);
  }

  /** Runs cells in order; `requested` is the cell whose own button was pressed. */
  async #run(cells: readonly Cell[], requested?: Cell): Promise<void> {
    const stops = this.#stops;
    let started = false;
    this.#message.textContent = '';
    const work = async () => {
      for (const cell of cells) {
        if (stops !== this.#stops) return;
        if (cell.isFromLink && cell !== requested) {
          this.#message.textContent = `“${cell.title}” contains code from the link. Press Run in that cell to run it.`;
          return;
        }
        started = true;
        cell.showRunning(false);
        const outcome = await this.#runner.run({ cell: cell.id, code: cell.text }, (text) =>
          cell.appendPrinted(text),
        );
        cell.showOutcome(outcome);
        if (outcome.kind !== 'done') return;
      }
    };
    requested?.showRunning(true);
    this.#queue = this.#queue.then(work);
    await this.#queue;
    if (!started) requested?.showOutcome({ kind: 'stopped' });
    find('#linked').hidden = !this.#cells.some((cell) => cell.isFromLink);
  }

  #stop(): void {
    this.#stops += 1;
    for (const cell of this.#cells) cell.showStale();
    this.#runner.stop();
    this.#message.textContent =
      'Stopped: the variables are gone. To restore them, run the cells again from the top.';
  }

  #reset(): void {
    for (const cell of this.#cells) if (cell.isChanged) cell.reset();
  }

  async #save(cell: Cell): Promise<void> {
    const text = cell.text;
    const compressed = cell.isChanged ? await compressText(text) : null;
    if (cell.text === text) this.#link.set(keyOf(cell), compressed);
  }
}
