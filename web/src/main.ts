import 'virtual:formulas.css';
import { type Corr2d, Corr2dError, load } from 'corr2d';
import { Notebook } from './cells/notebook';
import { mountFigures } from './figures/figures';
import { mountPairs, revealFigure } from './figures/pairs';
import { Anchor } from './frame/anchor';
import { HiddenSections } from './frame/hidden-sections';
import { mountNavigation } from './frame/navigation';
import { mountShare } from './frame/share';
import { mountTeachers } from './frame/teachers';
import { mountTheme } from './frame/theme';
import { mountPhotos } from './photo/photos';
import { mountTally } from './shared/check';
import { el, find, messageOf } from './shared/dom';
import { featureItems } from './shared/features';
import { foldOnPhone } from './shared/fold';
import { whenNear } from './shared/lazy';
import { Link } from './shared/link';

/** Distance to the viewport, in pixels, at which sections are fetched. */
const SECTION_DISTANCE = 600;

/*
 * The page loads the package once for the figures and the workshop. The cells and the measurements load it
 * again in their own workers. <html data-page> is `loading`, then `ready` or `failed`.
 */
async function main(): Promise<'ready' | 'failed'> {
  mountTheme();
  const link = new Link();
  const hidden = new HiddenSections(link);
  document.querySelectorAll<HTMLDetailsElement>('details[data-fold]').forEach(foldOnPhone);
  mountPairs();
  const anchor = new Anchor(link, (element) => {
    hidden.reveal(element);
    revealFigure(element);
  });
  mountNavigation();
  mountShare(link, anchor);
  mountTeachers(link);
  const notebook = new Notebook(link);
  const cellsMounted = notebook.mount();
  mountTally(find('#tally'));
  registerServiceWorker();
  mountUsageWhenNear(link);

  const start = performance.now();
  let c: Corr2d;
  try {
    c = await load();
  } catch (error) {
    await cellsMounted;
    showFailure(error);
    return 'failed';
  }
  find('#features').replaceChildren(
    ...featureItems(c.features, c.version, performance.now() - start),
  );

  mountFigures(c, link);
  mountPhotos(c, link);
  mountSectionsWhenNear(c, link);
  await cellsMounted;
  await notebook.runAll();
  return 'ready';
}

/** Fetches and mounts the later sections when they are near the viewport. */
function mountSectionsWhenNear(c: Corr2d, link: Link): void {
  const sections: Record<string, (root: HTMLElement) => Promise<void>> = {
    workshop: async (root) => (await import('./workshop/workshop')).mountWorkshop(root, c, link),
    cost: async (root) => (await import('./cost/explorer')).mountExplorer(root, link),
    speed: async (root) => (await import('./speed/speed')).mountSpeed(root),
    exercises: async (root) =>
      (await import('./exercises/exercises')).mountExercises(root, c, link),
  };
  for (const [name, mount] of Object.entries(sections)) {
    const root = find(`[data-lazy="${name}"]`);
    whenNear(root, SECTION_DISTANCE, async () => {
      try {
        await mount(root);
        root.dataset.mounted = '';
      } catch (error) {
        showObstacle(root, `This part could not be loaded: ${messageOf(error)}`);
      }
    });
  }
}

/** Makes the section “Use it” interactive when it is near. It can be read without that. */
function mountUsageWhenNear(link: Link): void {
  const root = find('#usage');
  whenNear(root, SECTION_DISTANCE, () => {
    import('./usage/usage').then(({ mountUsage }) => mountUsage(root, link)).catch(() => {});
  });
}

/** Shows why nothing can be computed, and marks every check as failed. */
function showFailure(error: unknown): void {
  find('#failure').hidden = false;
  find('#failure-message').textContent = messageOf(error);
  find('#failure-needs').hidden = !lacksSimd(error);
  find('#features').replaceChildren();
  for (const root of document.querySelectorAll<HTMLElement>('[data-example]')) {
    root.dataset.state = 'error';
  }
  for (const root of document.querySelectorAll<HTMLElement>('[data-lazy]')) {
    showObstacle(root, 'Not available, because corr2d could not start.');
  }
  document.dispatchEvent(new CustomEvent('check'));
}

/** Says why a part of the page cannot be used, above what can still be read of it. */
function showObstacle(root: HTMLElement, text: string): void {
  root.querySelector('.loading')?.remove();
  root.prepend(el('p', { class: 'muted' }, text));
}

/** Whether load() failed because the browser lacks a feature, rather than because of the network. */
const lacksSimd = (error: unknown): boolean =>
  error instanceof Corr2dError &&
  error.code === 'LOAD_FAILED' &&
  /SIMD|has no WebAssembly/.test(error.message);

/** Registers the service worker after the page has loaded, so that it does not delay the first load. */
function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  addEventListener('load', async () => {
    try {
      await navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI));
    } catch {
      // Refused, for example in a private window or a sandboxed frame; the page then needs a network.
    }
  });
}

main()
  .catch((error: unknown) => {
    showFailure(error);
    return 'failed';
  })
  .then((state) => {
    document.documentElement.dataset.page = state;
  });
