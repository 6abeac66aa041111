import type { Corr2d } from 'corr2d';
import { button, el, messageOf } from '../shared/dom';
import { formatDuration, formatShape } from '../shared/format';
import type { Link } from '../shared/link';
import { Source } from './source';
import type { Tool, ToolEntry, Workbench } from './tool';
import { TOOLS } from './tools';

/** The key of the link that names the chosen tool; the first tool needs none. */
const TOOL_KEY = 'tool';

/** Mounts the workshop: tools that share a picture and the camera, one mounted at a time. */
export async function mountWorkshop(
  root: HTMLElement,
  c: Corr2d,
  link: Link,
  tools: readonly ToolEntry[] = TOOLS,
): Promise<void> {
  const workshop = new Workshop(root, c, link, tools);
  await workshop.restore();
}

interface Tab {
  entry: ToolEntry;
  button: HTMLButtonElement;
  panel: HTMLElement;
}

class Workshop {
  readonly #c: Corr2d;
  readonly #link: Link;
  readonly #tabs: readonly Tab[];
  readonly #source: Source;
  readonly #workbench: Workbench;
  #chosen: Tab | null = null;
  #tool: Tool | null = null;
  #isScheduled = false;

  constructor(root: HTMLElement, c: Corr2d, link: Link, tools: readonly ToolEntry[]) {
    this.#c = c;
    this.#link = link;
    this.#source = new Source(root, (pixels) => this.#process(pixels));
    this.#workbench = { c, link, refresh: () => this.#refresh() };
    this.#tabs = tools.map((entry, i) => this.#makeTab(entry, i));
    root.replaceChildren(
      el(
        'div',
        { class: 'choices', role: 'tablist', 'aria-label': 'Tools' },
        ...this.#tabs.map((tab) => tab.button),
      ),
      ...this.#tabs.map(({ panel }) => panel),
    );
    // A link with values names the tool by its key; a link within the page keeps the values and names a panel.
    let isRestored = false;
    link.onOpen(() => {
      isRestored = true;
      void this.restore();
    });
    link.onArrival(() => {
      const tab = isRestored ? undefined : this.#findTab(link.place);
      isRestored = false;
      if (tab) void this.#choose(tab);
    });
  }

  /** Chooses the tool that the URL names and restores its state. */
  async restore(): Promise<void> {
    const { place } = this.#link;
    const tab = this.#findTab(this.#link.get(TOOL_KEY)) ?? this.#findTab(place) ?? this.#tabs[0];
    if (tab && tab === this.#chosen) this.#tool?.restore();
    else if (tab) await this.#choose(tab);
  }

  #findTab(id: string | null): Tab | undefined {
    return this.#tabs.find(({ entry }) => entry.id === id);
  }

  #makeTab(entry: ToolEntry, i: number): Tab {
    const tab = button(entry.label, () => void this.#choose(this.#tabs[i] as Tab));
    tab.id = `tab-${entry.id}`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', entry.id);
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const other = step && this.#tabs.at((i + step) % this.#tabs.length);
      if (!other) return;
      event.preventDefault();
      other.button.focus();
      other.button.click();
    });
    const panel = el('div', {
      class: 'tool-panel',
      id: entry.id,
      role: 'tabpanel',
      'aria-labelledby': tab.id,
    });
    return { entry, button: tab, panel };
  }

  /** Replaces the mounted tool. */
  async #choose(tab: Tab): Promise<void> {
    if (tab === this.#chosen) return;
    this.#unmount();
    this.#chosen = tab;
    for (const other of this.#tabs) {
      const isChosen = other === tab;
      other.panel.hidden = !isChosen;
      other.button.setAttribute('aria-selected', String(isChosen));
      other.button.tabIndex = isChosen ? 0 : -1;
    }
    this.#link.set(TOOL_KEY, tab === this.#tabs[0] ? null : tab.entry.id);
    try {
      const { createTool } = await tab.entry.load();
      if (tab === this.#chosen) await this.#mount(tab, createTool(this.#workbench));
    } catch (error) {
      if (tab === this.#chosen) {
        tab.panel.replaceChildren(`${tab.entry.label} could not be loaded: ${messageOf(error)}`);
      }
    }
  }

  async #mount(tab: Tab, tool: Tool): Promise<void> {
    this.#tool = tool;
    const usesPicture = tool.process !== undefined;
    tab.panel.replaceChildren(...(usesPicture ? [this.#source.element] : []), tool.element);
    this.#source.setOverlay(tool.overlay ?? null);
    tool.restore();
    if (!usesPicture) await this.#source.leaveCamera();
    else if (this.#source.pixels) this.#refresh();
    else await this.#source.openPhotograph();
  }

  #unmount(): void {
    this.#tool?.dispose();
    this.#tool = null;
    this.#source.setOverlay(null);
    this.#chosen?.panel.replaceChildren();
  }

  /** Processes a still picture again, once before the next frame. The camera's next frame comes anyway. */
  #refresh(): void {
    if (this.#isScheduled || this.#source.isLive) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      if (this.#source.pixels) this.#process(this.#source.pixels);
    });
  }

  #process(pixels: ImageData): void {
    const tool = this.#tool;
    if (!tool?.process) return;
    const start = performance.now();
    const live = this.#source.isLive;
    try {
      const picture = this.#c.fromImageData(pixels);
      try {
        tool.process(picture, live);
      } finally {
        picture.dispose();
      }
    } catch (error) {
      this.#source.showError(error);
      return;
    }
    if (live) return;
    const took = formatDuration(performance.now() - start);
    const shape = formatShape([3, pixels.height, pixels.width]);
    this.#source.showTime(`${shape}, computed and drawn in ${took}`);
  }
}
