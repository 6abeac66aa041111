import { button, el } from '../../shared/dom';
import type { Tool, Workbench } from '../tool';
import { coloursMode } from './colours';
import { kernelsMode } from './kernels';
import type { Mode } from './mode';
import { stackMode } from './stack';

/** Keys of the link: the mode, unless it is the first, and the mode's weights. Earlier versions called Filter the lab. */
const MODE_KEY = 'lab';
const WEIGHTS_KEY = 'lab-w';

/** Filter: applies kernels, a colour matrix or a stack of layers to the picture. */
export function createTool({ c, link, refresh }: Workbench): Tool {
  const onChange = () => {
    link.set(MODE_KEY, mode === modes[0] ? null : mode.id);
    link.set(WEIGHTS_KEY, mode.save());
    refresh();
  };
  const modes = [kernelsMode(c, onChange), coloursMode(c, onChange), stackMode(c, onChange)];
  let mode = modes[0] as Mode;
  const choices = modes.map((choice) => {
    const control = button(choice.label, () => {
      show(choice);
      onChange();
    });
    control.dataset.mode = choice.id;
    return control;
  });

  function show(choice: Mode): void {
    mode = choice;
    modes.forEach((other, i) => {
      other.element.hidden = other !== mode;
      choices[i]?.setAttribute('aria-pressed', String(other === mode));
    });
  }

  return {
    element: el(
      'div',
      { class: 'filter' },
      el('div', { class: 'choices', role: 'group', 'aria-label': 'Kind of layer' }, ...choices),
      ...modes.map(({ element }) => element),
    ),
    process: (picture, live) => mode.run(picture, live),
    restore() {
      show(modes.find(({ id }) => id === link.get(MODE_KEY)) ?? (modes[0] as Mode));
      mode.restore(link.get(WEIGHTS_KEY));
      refresh();
    },
    dispose() {
      for (const { dispose } of modes) dispose();
    },
  };
}
