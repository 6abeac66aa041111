import { type Corr2d, Corr2dError, load } from 'corr2d';
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
async function main(): Promise<'ready' | 'failed'> {
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
  let c: Corr2d;
  try {
    c = await load();
  } catch (error) {
    giveUp(error);
    await photo.runWithout();
    return 'failed';
  }
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
  return 'ready';
}

/** Says that nothing can be computed, and why. */
function giveUp(error: unknown): void {
  find('#failure').hidden = false;
  find('#failure-message').textContent = messageOf(error);
  find('#failure-needs').hidden = !lacksSimd(error);
  find('#features').replaceChildren();
  failAll();
}

/** Whether load() failed because of what the browser lacks, and not, say, the network. */
const lacksSimd = (error: unknown): boolean =>
  error instanceof Corr2dError &&
  error.code === 'LOAD_FAILED' &&
  /SIMD|has no WebAssembly/.test(error.message);

main()
  .catch((error: unknown) => {
    giveUp(error);
    return 'failed';
  })
  .then((state) => {
    document.documentElement.dataset.page = state;
  });
