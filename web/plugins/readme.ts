import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'acorn';
import type { Plugin } from 'vite';
import { escapeHtml, highlight } from './highlight.ts';

const RECIPES_MODULE = 'virtual:recipes';

interface Recipe {
  /** From the heading, for the link: "Blur a canvas" → blur-a-canvas. */
  id: string;
  title: string;
  code: string;
}

/**
 * Inserts what README.md says about installing, the recipes and the sizes into the page, so that there is one
 * copy of it. `virtual:recipes` has the recipes as functions that load on demand.
 */
export function readme(project: string): Plugin {
  const file = resolve(project, 'README.md');
  const read = () => readFileSync(file, 'utf8');
  // No such files: the folder is where the imports of the recipes are resolved.
  const prefix = resolve(project, 'web/recipes/');
  return {
    name: 'readme',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) =>
        html
          .replace('<!-- readme: install -->', () => escapeHtml(parseInstallation(read())))
          .replace('<!-- readme: recipes -->', () => parseRecipes(read()).map(render).join(''))
          .replace('<!-- readme: sizes -->', () => renderSizes(read())),
    },
    resolveId: (id) => {
      if (id === RECIPES_MODULE) return `\0${id}`;
      return id.startsWith(`${RECIPES_MODULE}/`)
        ? `${prefix}/${id.slice(RECIPES_MODULE.length + 1)}.js`
        : null;
    },
    load(id) {
      const recipes = () => parseRecipes(read());
      if (id === `\0${RECIPES_MODULE}`) {
        const entries = recipes().map(
          ({ id }) => `${JSON.stringify(id)}: () => import('${RECIPES_MODULE}/${id}')`,
        );
        return `export default {${entries.join(',')}};`;
      }
      if (!id.startsWith(`${prefix}/`)) return null;
      const recipe = recipes().find((one) => id === `${prefix}/${one.id}.js`);
      return recipe ? compile(recipe) : null;
    },
    handleHotUpdate(update) {
      if (update.file === file) update.server.ws.send({ type: 'full-reload' });
    },
  };
}

/** The text of a section, up to the next heading of the same level. */
function section(text: string, heading: string): string {
  const [, body] = text.split(`\n## ${heading}\n`);
  if (body === undefined) throw new Error(`README.md has no section “${heading}”`);
  return body.split('\n## ')[0] ?? '';
}

function parseInstallation(text: string): string {
  const [, command] = /```sh\n(npm install \S+)\n```/.exec(section(text, 'Install')) ?? [];
  if (!command) throw new Error('README.md: expected a command “npm install …” in “Install”');
  return command;
}

function parseRecipes(text: string): Recipe[] {
  const found = section(text, 'Recipes').matchAll(/### (.+)\n\n```js\n([\s\S]+?)\n```/g);
  const recipes = [...found].map(([, title = '', code = '']) => ({
    id: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    title,
    code,
  }));
  if (recipes.length === 0) throw new Error('README.md: “Recipes” has no code');
  return recipes;
}

/** Turns a recipe into a module whose default export runs it with another `console` and `document`. */
function compile({ code }: Recipe): string {
  const { body } = parse(code, { ecmaVersion: 2022, sourceType: 'module' });
  const imports = body.filter(({ type }) => type === 'ImportDeclaration');
  const end = imports.at(-1)?.end ?? 0;
  return `${code.slice(0, end)}
    export default async (console, document) => {${code.slice(end)}\n};`;
}

function render({ id, title, code }: Recipe, index: number): string {
  const label = escapeHtml(title);
  const flags = [
    ...(index === 0 ? ['data-current'] : []),
    ...(code.includes("document.querySelector('canvas')") ? ['data-canvas'] : []),
  ];
  return `
    <article class="cell panel recipe" data-recipe="${id}" ${flags.join(' ')}>
      <header class="cell-head"><h3>${label}</h3></header>
      <div class="cell-code"><pre class="code" tabindex="0" role="group" aria-label="Code: ${label}">${highlight(code, 'js')}</pre></div>
      <div class="cell-tools"><button type="button" class="run primary" aria-label="Run: ${label}" disabled>Run</button></div>
      <div class="cell-output" role="status" data-live></div>
    </article>`;
}

/** The table of sizes in HTML. Its cells contain text and code. */
function renderSizes(text: string): string {
  const rows = section(text, 'When to use it')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/));
  const [head, , ...body] = rows.map((row) => row.map((cell) => renderInline(cell.trim())));
  if (!head || body.length === 0) throw new Error('README.md: “When to use it” has no table');
  const headings = head.map((cell) => (cell ? `<th scope="col">${cell}</th>` : '<td></td>'));
  const lines = body.map(
    ([first, ...rest]) =>
      `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
  );
  return `<thead><tr>${headings.join('')}</tr></thead><tbody>${lines.join('')}</tbody>`;
}

const renderInline = (text: string): string =>
  escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
