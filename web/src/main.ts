import { load } from 'corr2d';
import { mountCell } from './cell';
import { examples, firstWindow } from './chapter';
import { createCheck, failAll, tally } from './check';
import { breathe, find, messageOf } from './dom';
import { showFeatures } from './features';
import { drawWindows } from './figures/windows';
import { highlight } from './highlight';
import { mountPhoto } from './lab/photo';
import { mountOneByOne } from './one-by-one';
import { mountTheme } from './theme';

/*
 * Everything is put in its place first, with its results pending; then the package is loaded, and
 * the sections compute in the order of the page. <html data-page> tells how far it has come.
 */
async function main(): Promise<void> {
  mountTheme();
  const usage = find('#usage');
  usage.replaceChildren(...highlight(usage.textContent ?? ''));

  const root = (id: string) => find(`[data-example="${id}"]`);
  const cells = examples.map((example) => mountCell(root(example.id), example));
  const window = createCheck(root('first-window'), String(firstWindow.expected), {
    result: 'The marked output',
  });
  const oneByOne = mountOneByOne();
  const photo = mountPhoto();
  tally(find('#tally'));

  const start = performance.now();
  const c = await load();
  showFeatures(c, performance.now() - start);

  try {
    drawWindows(find('#windows'), c, window);
  } catch (error) {
    window.fail(error);
  }
  for (const cell of cells) cell.run(c);
  oneByOne.run(c);
  await breathe();
  await photo.run(c);
}

const page = document.documentElement.dataset;
main().then(
  () => {
    page.page = 'ready';
  },
  (error: unknown) => {
    const notice = find('#failure');
    notice.hidden = false;
    find('#failure-message').textContent = messageOf(error);
    find('#features').replaceChildren();
    failAll();
    page.page = 'failed';
  },
);
