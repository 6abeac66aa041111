import { Verdict } from '../shared/check';
import { button, el } from '../shared/dom';
import { formatDuration } from '../shared/format';
import type { ChapterCell, Expected, Source } from './chapter';
import type { Editor } from './editor';
import type { CellError } from './messages';
import type { Outcome } from './runner';

export interface CellActions {
  run(cell: Cell): void;
  stop(): void;
  runAbove(cell: Cell): void;
  onChange(cell: Cell): void;
}

/** A notebook cell: editable JavaScript, the chapter's Python beside it, and the output. */
export class Cell {
  readonly id: string;
  readonly title: string;
  /** Whether the code came with a link and the visitor has not run it yet. */
  isFromLink = false;
  readonly #root: HTMLElement;
  readonly #source: Source;
  readonly #expected: Expected | undefined;
  readonly #actions: CellActions;
  #text: string;
  #editor: Editor | null = null;

  readonly #note = el('p', { class: 'cell-note', hidden: '' });
  readonly #code = el('div', { class: 'cell-code-js' });
  readonly #output = el('div', { class: 'cell-output', role: 'status', hidden: '' });
  readonly #time = el('span', { class: 'muted timing' });
  readonly #run: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #reset: HTMLButtonElement;
  readonly #verdict: Verdict;

  constructor(
    root: HTMLElement,
    { id, title, code, python, expected }: ChapterCell,
    actions: CellActions,
  ) {
    this.#root = root;
    this.id = id;
    this.title = title;
    this.#source = code;
    this.#text = code.text;
    this.#expected = expected;
    this.#actions = actions;
    this.#run = button('Run', () => actions.run(this), 'primary');
    this.#stop = button('Stop', () => actions.stop());
    this.#reset = button('Reset', () => this.reset(), 'ghost');
    for (const control of [this.#run, this.#stop, this.#reset]) {
      control.setAttribute('aria-label', `${control.textContent}: ${title}`);
    }
    this.#stop.hidden = true;
    this.#reset.hidden = true;
    this.#verdict = new Verdict(root);
    this.#verdict.element.hidden = true;

    const columns = [
      el(
        'div',
        { class: 'cell-side' },
        el('p', { class: 'label' }, 'JavaScript, runs here'),
        this.#code,
      ),
    ];
    if (python) {
      const block = el('pre', { class: 'code python', tabindex: '0' });
      block.setAttribute('aria-label', `The chapter’s Python: ${title}`);
      block.setAttribute('role', 'group');
      block.innerHTML = python.html;
      columns.push(
        el(
          'div',
          { class: 'cell-side' },
          el('p', { class: 'label' }, 'Python, from the chapter'),
          block,
        ),
      );
    }
    root.append(
      el('header', { class: 'cell-head' }, el('h3', {}, title), this.#note),
      el('div', { class: python ? 'cell-code two' : 'cell-code' }, ...columns),
      el('div', { class: 'cell-tools' }, this.#run, this.#stop, this.#reset, this.#time),
      this.#output,
      this.#verdict.element,
    );
    if (expected) {
      root.dataset.example = `cell-${id}`;
      this.#verdict.show('pending', 'not run yet');
    }
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
    this.#output.replaceChildren();
    this.#output.hidden = true;
    this.#time.textContent = waiting ? 'waiting' : 'running';
    this.#run.disabled = true;
    this.#stop.hidden = waiting;
    this.#root.dataset.running = '';
    if (this.#expected) this.#verdict.show('pending', 'running');
  }

  appendPrinted(text: string): void {
    this.#output.hidden = false;
    this.#output.append(el('pre', { 'data-role': 'printed' }, text));
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

  scrollIntoView(): void {
    this.#root.scrollIntoView({ block: 'nearest' });
  }

  #clear(message: string): void {
    this.#output.replaceChildren();
    this.#output.hidden = true;
    this.#time.textContent = '';
    if (this.#expected) this.#verdict.show('pending', message);
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
    if (value !== null) {
      this.#output.hidden = false;
      this.#output.append(el('pre', { 'data-role': 'result' }, value));
    }
    if (!this.#expected) return;
    this.#verdict.element.hidden = false;
    const matches = matchesExpected(value, this.#expected);
    const expected =
      'text' in this.#expected ? this.#expected.text : `less than ${this.#expected.below}`;
    if (matches) {
      const message =
        'text' in this.#expected ? 'the chapter’s value' : `${expected}, as the chapter asserts`;
      this.#verdict.show('match', message);
    } else if (this.isChanged) {
      this.#verdict.show('pending', `the chapter’s code gives a different value`);
    } else {
      this.#verdict.show('mismatch', `the chapter has ${expected.replace(/\s+/g, ' ')}`);
    }
  }

  #showError({ name, message, line }: CellError): void {
    const where = line === undefined ? '' : `Line ${line}: `;
    const excerpt = line === undefined ? '' : (this.#text.split('\n')[line - 1] ?? '').trim();
    this.#output.hidden = false;
    this.#output.append(
      el(
        'div',
        { class: 'cell-error', 'data-role': 'error' },
        el('p', {}, el('strong', {}, `${where}${name}`)),
        el('p', {}, message),
        ...(excerpt ? [el('pre', {}, excerpt)] : []),
      ),
    );
    if (line !== undefined) this.#editor?.mark(line);
    if (!this.#expected) return;
    this.#verdict.element.hidden = false;
    this.#verdict.show(this.isChanged ? 'pending' : 'error', 'no value');
  }

  #showStopped(): void {
    this.#output.hidden = false;
    this.#output.append(
      el(
        'div',
        { class: 'cell-error' },
        el('p', {}, el('strong', {}, 'Stopped.'), ' The variables of all cells are gone.'),
        button('Run the cells above again', () => this.#actions.runAbove(this)),
      ),
    );
    if (this.#expected) this.#verdict.show('pending', 'stopped');
  }

  /** Shows the code as plain text; the editor is loaded on first use. */
  #showStatic(): void {
    const block = el('pre', {
      class: 'code editable',
      tabindex: '0',
      role: 'textbox',
      'aria-multiline': 'true',
      'aria-label': `JavaScript: ${this.title}`,
    });
    if (this.isChanged) {
      const lines = this.#text.split('\n').map((line) => el('span', { class: 'line' }, line));
      block.append(...lines.flatMap((line, i) => (i ? ['\n', line] : [line])));
    } else {
      block.innerHTML = this.#source.html;
    }
    let position = 0;
    block.addEventListener('pointerdown', (event) => {
      position = offsetAt(block, event);
    });
    block.addEventListener('pointerup', () => void this.#edit(position));
    block.addEventListener('focus', () => {
      if (block.matches(':focus-visible')) void this.#edit(0);
    });
    this.#code.replaceChildren(block);
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

/** Offset into the block's text of the character under the pointer. */
function offsetAt(block: HTMLElement, { clientX, clientY }: PointerEvent): number {
  const position = document.caretPositionFromPoint?.(clientX, clientY);
  if (!position || !block.contains(position.offsetNode)) return 0;
  const range = document.createRange();
  range.setStart(block, 0);
  range.setEnd(position.offsetNode, position.offset);
  return range.toString().length;
}
