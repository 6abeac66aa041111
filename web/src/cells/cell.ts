import { Verdict } from '../shared/check';
import { button, el, find } from '../shared/dom';
import { foldCode } from '../shared/fold-code';
import { formatDuration } from '../shared/format';
import { type ChapterCell, describeExpected, type Expected } from './chapter';
import { createCodeBlock } from './code-block';
import type { Editor } from './editor';
import type { CellError } from './messages';
import type { Outcome } from './runner';

export interface CellActions {
  run(cell: Cell): void;
  stop(): void;
  runAbove(cell: Cell): void;
  onChange(cell: Cell): void;
}

/** A notebook cell: editable JavaScript, its output, and the chapter's Python on request. */
export class Cell {
  readonly id: string;
  readonly title: string;
  /** Whether the code came with a link and the visitor has not run it yet. */
  isFromLink = false;
  readonly #root: HTMLElement;
  /** The chapter's code, as text and as highlighted HTML. */
  readonly #source: { text: string; html: string };
  readonly #expected: Expected;
  readonly #actions: CellActions;
  #text: string;
  #editor: Editor | null = null;
  /** Whether the output is that of an earlier run, or the placeholder of the page. */
  #isOutputOld = true;

  readonly #note = el('p', { class: 'cell-note', hidden: '' });
  readonly #time = el('span', { class: 'muted timing' });
  readonly #code: HTMLElement;
  readonly #output: HTMLElement;
  readonly #run: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #reset: HTMLButtonElement;
  readonly #verdict: Verdict;

  /** Makes the cell that the page contains as text interactive. */
  constructor(root: HTMLElement, { id, title, expected }: ChapterCell, actions: CellActions) {
    this.#root = root;
    this.id = id;
    this.title = title;
    this.#expected = expected;
    this.#actions = actions;
    this.#code = find('.cell-code', root);
    const block = find('.code', this.#code);
    this.#source = { text: block.textContent ?? '', html: block.innerHTML };
    this.#text = this.#source.text;

    this.#run = find('.run', root);
    this.#run.addEventListener('click', () => actions.run(this));
    this.#run.disabled = false;
    this.#stop = button('Stop', () => actions.stop());
    this.#reset = button('Reset', () => this.reset(), 'ghost');
    for (const control of [this.#run, this.#stop, this.#reset]) {
      control.setAttribute('aria-label', `${control.textContent}: ${title}`);
    }
    this.#stop.hidden = true;
    this.#reset.hidden = true;
    this.#run.after(this.#stop, this.#reset, this.#time);
    find('.cell-head', root).append(this.#note);

    this.#output = find('.cell-output', root);
    this.#output.setAttribute('role', 'status');
    this.#verdict = new Verdict(root);
    root.dataset.example = `cell-${id}`;
    this.#verdict.show('pending', 'not run yet');
    this.#mountPythonToggle();
    foldCode(root, this.#code, this.#text);
    this.#showStatic();
  }

  get text(): string {
    return this.#text;
  }

  get isChanged(): boolean {
    return this.#text !== this.#source.text;
  }

  /** Replaces the code with that of a link. */
  setTextFromLink(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.isFromLink = this.isChanged;
    if (this.#editor) this.#editor.setText(text);
    else this.#showStatic();
    this.#clear(this.isFromLink ? 'not run: the code comes from the link' : 'not run yet');
    this.#showNote();
  }

  reset(): void {
    this.#text = this.#source.text;
    this.isFromLink = false;
    if (this.#editor) this.#editor.setText(this.#text);
    else this.#showStatic();
    this.#clear('not run yet');
    this.#showNote();
    this.#actions.onChange(this);
  }

  /** Shows that the cell is running, or waiting for other cells. */
  showRunning(waiting: boolean): void {
    this.isFromLink = false;
    this.#showNote();
    this.#editor?.mark(null);
    this.#isOutputOld = true; // shown until there is a new one, so that the page does not jump
    this.#time.textContent = waiting ? 'waiting' : 'running';
    this.#run.disabled = true;
    this.#stop.hidden = waiting;
    this.#root.dataset.running = '';
    this.#verdict.show('pending', 'running');
  }

  appendPrinted(text: string): void {
    this.#append(el('pre', { 'data-role': 'printed' }, text));
  }

  showOutcome(outcome: Outcome): void {
    this.#run.disabled = false;
    this.#stop.hidden = true;
    delete this.#root.dataset.running;
    delete this.#root.dataset.stale;
    switch (outcome.kind) {
      case 'done':
        this.#time.textContent = formatDuration(outcome.milliseconds);
        this.#showValue(outcome.value);
        break;
      case 'failed':
        this.#time.textContent = '';
        this.#showError(outcome.error);
        break;
      case 'stopped':
        this.#time.textContent = '';
        this.#showStopped();
    }
  }

  /** Marks the output as stale: the variables behind it are lost. */
  showStale(): void {
    this.#root.dataset.stale = '';
  }

  #clear(message: string): void {
    this.#dropOldOutput();
    this.#output.replaceChildren();
    this.#time.textContent = '';
    this.#verdict.show('pending', message);
  }

  /** Appends to the output of the current run. */
  #append(...nodes: Node[]): void {
    this.#dropOldOutput();
    this.#output.append(...nodes);
  }

  #dropOldOutput(): void {
    if (this.#isOutputOld) this.#output.replaceChildren();
    this.#isOutputOld = false;
    this.#output.dataset.live = '';
  }

  #showNote(): void {
    this.#note.hidden = !this.isChanged;
    this.#note.className = this.isFromLink ? 'cell-note foreign' : 'cell-note';
    this.#note.textContent = this.isFromLink
      ? 'From the link. Read this code before you press Run.'
      : 'changed';
    this.#reset.hidden = !this.isChanged;
    this.#root.toggleAttribute('data-foreign', this.isFromLink);
  }

  #showValue(value: string | null): void {
    this.#append(...(value === null ? [] : [el('pre', { 'data-role': 'result' }, value)]));
    const expected = describeExpected(this.#expected);
    if (matchesExpected(value, this.#expected)) {
      const message =
        'text' in this.#expected
          ? 'matches the chapter’s value'
          : `${expected}, as the chapter asserts`;
      this.#verdict.show('match', message);
    } else if (this.isChanged) {
      this.#verdict.show('pending', `the chapter’s code gives a different value`);
    } else {
      this.#verdict.show('mismatch', `the chapter has ${expected.replace(/\s+/g, ' ')}`);
    }
    this.#output.append(this.#verdict.element);
  }

  #showError({ name, message, line }: CellError): void {
    const where = line === undefined ? '' : `Line ${line}: `;
    const excerpt = line === undefined ? '' : (this.#text.split('\n')[line - 1] ?? '').trim();
    this.#append(
      el(
        'div',
        { class: 'cell-error', 'data-role': 'error' },
        el('p', {}, el('strong', {}, `${where}${name}`)),
        el('p', {}, message),
        ...(excerpt ? [el('pre', {}, excerpt)] : []),
      ),
    );
    if (line !== undefined) this.#editor?.mark(line);
    this.#verdict.show(this.isChanged ? 'pending' : 'error', 'no value');
    this.#output.append(this.#verdict.element);
  }

  #showStopped(): void {
    this.#append(
      el(
        'div',
        { class: 'cell-error' },
        el('p', {}, el('strong', {}, 'Stopped.'), ' The variables of all cells are gone.'),
        button('Run the cells above again', () => this.#actions.runAbove(this)),
      ),
    );
    this.#verdict.show('pending', 'stopped');
  }

  #mountPythonToggle(): void {
    const toggle = this.#root.querySelector<HTMLButtonElement>('[aria-controls]');
    if (!toggle) return;
    toggle.disabled = false;
    toggle.addEventListener('click', () => {
      const isShown = this.#root.toggleAttribute('data-python');
      toggle.setAttribute('aria-expanded', String(isShown));
      toggle.textContent = `${isShown ? 'Hide' : 'Show'} the chapter’s Python`;
    });
  }

  /** Shows the code as text; the editor is loaded on first use. */
  #showStatic(): void {
    const code = this.isChanged ? { text: this.#text } : { html: this.#source.html };
    const label = `JavaScript: ${this.title}`;
    this.#code.replaceChildren(createCodeBlock(label, code, (at) => void this.#edit(at)));
  }

  async #edit(position: number): Promise<void> {
    if (getSelection()?.isCollapsed === false) return; // the visitor is selecting text
    let createEditor: typeof import('./editor').createEditor;
    try {
      ({ createEditor } = await import('./editor'));
    } catch {
      return; // offline before the editor was fetched; the code can still be run
    }
    if (this.#editor) return;
    // Do not take the focus back if the visitor has moved on while the editor was loading.
    const hasFocus = this.#code.contains(document.activeElement);
    this.#editor = createEditor({
      parent: this.#code,
      text: this.#text,
      label: `JavaScript: ${this.title}`,
      onChange: (text) => {
        this.#text = text;
        this.#showNote();
        this.#actions.onChange(this);
      },
      onRun: () => this.#actions.run(this),
    });
    if (hasFocus) this.#editor.focus(position);
  }
}

function matchesExpected(value: string | null, expected: Expected): boolean {
  if ('text' in expected) return value === expected.text;
  return value !== null && value !== '' && Math.abs(Number(value)) < expected.below;
}
