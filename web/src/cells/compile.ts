import { type Node, type Pattern, parse } from 'acorn';

/*
 * Compiles a cell so that all cells share their variables. Top-level declarations become properties of
 * the worker's global object: other cells see them, a function in an earlier cell sees later
 * assignments, and a cell with `const` can run again. If the last statement is an expression, its value
 * is the cell's value. A line map translates error positions.
 */

export interface Compiled {
  /** An expression that calls an async function; it evaluates to a promise of the cell's value. */
  source: string;
  /** Maps line indices of `source`, from 0, to line numbers of the cell, from 1; 0 marks generated code. */
  lines: readonly number[];
}

/** The code is not valid JavaScript, or uses a statement that cells do not support. */
export class CellSyntaxError extends Error {
  override readonly name = 'SyntaxError';
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

interface Edit {
  start: number;
  end: number;
  text: string;
}

export function compile(code: string): Compiled {
  const body = parseCell(code);
  const names: string[] = [];
  const edits: Edit[] = [];
  const hoisted: { start: number; end: number; name: string }[] = [];
  const insert = (at: number, text: string) => edits.push({ start: at, end: at, text });

  body.forEach((statement, index) => {
    const { start, end } = statement;
    switch (statement.type) {
      case 'VariableDeclaration': {
        // const a = 1, { b } = c;  →  ;(a = 1), ({ b } = c);
        const [first] = statement.declarations;
        edits.push({
          start,
          end: first?.start ?? start,
          text: `;${lineBreaks(code.slice(start, first?.start))}`,
        });
        for (const { id, init, end: declaratorEnd } of statement.declarations) {
          names.push(...boundNames(id));
          insert(id.start, '(');
          insert(declaratorEnd, init ? ')' : ' = undefined)');
        }
        break;
      }
      case 'FunctionDeclaration':
        names.push(statement.id.name);
        hoisted.push({ start, end, name: statement.id.name });
        edits.push({ start, end, text: lineBreaks(code.slice(start, end)) });
        break;
      case 'ClassDeclaration':
        names.push(statement.id.name);
        insert(start, `;${statement.id.name} = `);
        insert(end, ';');
        break;
      case 'ImportDeclaration': {
        const bindings = statement.specifiers.map((specifier) => {
          const local = specifier.local.name;
          names.push(local);
          if (specifier.type === 'ImportNamespaceSpecifier') return `${local} = $module;`;
          const imported =
            specifier.type === 'ImportDefaultSpecifier'
              ? 'default'
              : specifier.imported.type === 'Identifier'
                ? specifier.imported.name
                : String(specifier.imported.value);
          return `${local} = $pick($module, ${JSON.stringify(imported)});`;
        });
        const from = JSON.stringify(statement.source.value);
        edits.push({
          start,
          end,
          text: `;{ const $module = $import(${from}); ${bindings.join(' ')} }${lineBreaks(code.slice(start, end))}`,
        });
        break;
      }
      case 'ExportNamedDeclaration':
      case 'ExportDefaultDeclaration':
      case 'ExportAllDeclaration':
        throw new CellSyntaxError('Cells do not support export.', lineAt(code, start));
      case 'ExpressionStatement':
        if (index === body.length - 1) {
          insert(start, ';return (');
          insert(statement.expression.end, ')');
        }
        break;
    }
  });

  const lines: number[] = [0];
  const parts = [`(async () => { 'use strict'; $declare(${JSON.stringify(names)});`];
  const push = (text: string, firstLine: number) => {
    for (let i = 0; i < text.split('\n').length; i++) lines.push(firstLine + i);
    parts.push(text);
  };
  for (const { start, end, name } of hoisted) {
    push(`${name} = ${code.slice(start, end)};`, lineAt(code, start));
  }
  push(applyEdits(code, edits), 1);
  parts.push('})()');
  return { source: parts.join('\n'), lines };
}

function parseCell(code: string) {
  try {
    return parse(code, { ecmaVersion: 2024, sourceType: 'module', locations: true }).body;
  } catch (error) {
    if (!(error instanceof SyntaxError) || !('loc' in error)) throw error;
    const { line } = error.loc as { line: number };
    throw new CellSyntaxError(error.message.replace(/ \(\d+:\d+\)$/, ''), line);
  }
}

function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === 'RestElement' ? property.argument : property.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    default:
      throw new CellSyntaxError(
        'Cells do not support this declaration.',
        (pattern as Node).loc?.start.line ?? 1,
      );
  }
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  // Edits at the same position keep their order of insertion.
  const ordered = edits
    .map((edit, i) => ({ ...edit, i }))
    .sort((a, b) => a.start - b.start || a.i - b.i);
  let text = '';
  let at = 0;
  for (const edit of ordered) {
    text += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + code.slice(at);
}

const lineBreaks = (text: string): string => '\n'.repeat(text.split('\n').length - 1);
const lineAt = (code: string, position: number): number =>
  code.slice(0, position).split('\n').length;
