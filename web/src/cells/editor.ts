import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import {
  bracketMatching,
  HighlightStyle,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

/* CodeMirror runs in a shadow root: there it uses adopted stylesheets, which a strict CSP allows. */

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)' },
  { tag: [tags.keyword, tags.definitionKeyword, tags.moduleKeyword], color: 'var(--keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--literal)' },
  { tag: tags.definition(tags.variableName), color: 'var(--call)' },
]);

const theme = EditorView.theme({
  '&': { color: 'var(--ink)', background: 'transparent', fontSize: 'var(--code-size)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: 'var(--code-leading)' },
  '.cm-content': { padding: '0.75rem 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 0.75rem' },
  '.cm-gutters': {
    background: 'transparent',
    color: 'var(--muted)',
    border: '0',
    paddingLeft: '0.25rem',
  },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground':
    {
      background: 'var(--selection)',
    },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    background: 'var(--selection)',
    color: 'inherit',
  },
  '.cm-error-line': { background: 'var(--bad-tint)' },
});

const markLine = StateEffect.define<number | null>();

/** Highlights the line of an error until the code changes. */
const markedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marked, { docChanged, effects, state }) {
    for (const effect of effects) {
      if (!effect.is(markLine)) continue;
      const line = effect.value;
      if (line === null || line > state.doc.lines) return Decoration.none;
      const { from } = state.doc.line(line);
      return Decoration.set(Decoration.line({ class: 'cm-error-line' }).range(from));
    }
    return docChanged ? Decoration.none : marked;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface Editor {
  readonly text: string;
  setText(text: string): void;
  mark(line: number | null): void;
  focus(position?: number): void;
}

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  label: string;
  onChange(text: string): void;
  onRun(): void;
}

/** Creates an editor that replaces the content of `parent`. */
export function createEditor({ parent, text, label, onChange, onRun }: EditorOptions): Editor {
  const host = document.createElement('div');
  host.className = 'editor-host';
  const root = host.attachShadow({ mode: 'open' });
  parent.replaceChildren(host);
  const run = {
    key: 'Mod-Enter',
    run() {
      onRun();
      return true;
    },
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of([run, { ...run, key: 'Ctrl-Enter' }])),
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        indentUnit.of('  '),
        EditorState.tabSize.of(2),
        EditorView.lineWrapping,
        javascript(),
        syntaxHighlighting(colours),
        theme,
        markedLine,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        // No Tab key binding: Tab moves the focus, as everywhere on the page.
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    setText(changed) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: changed } });
    },
    mark(line) {
      view.dispatch({ effects: markLine.of(line) });
    },
    focus(position) {
      view.focus();
      if (position !== undefined) {
        const at = Math.min(position, view.state.doc.length);
        view.dispatch({ selection: { anchor: at } });
      }
    },
  };
}
