import { button, el, find } from '../shared/dom';
import type { Link } from '../shared/link';
import { HIDE, listedSections } from './hidden-sections';

/** Mounts the form in which a teacher chooses sections and copies a link that shows only these. */
export function mountTeachers(link: Link): void {
  const field = el('input', { type: 'text', readonly: '', 'aria-label': 'Link for the lesson' });
  const message = el('span', { class: 'muted', role: 'status' });
  const boxes = listedSections().map((section) => {
    const box = el('input', { type: 'checkbox', checked: '', value: section.id });
    const { textContent } = find(`#sections a[href="#${section.id}"]`);
    return { box, label: el('label', { class: 'choice' }, box, textContent ?? '') };
  });
  const copy = button('Copy the lesson’s link', async () => {
    showUrl();
    try {
      await navigator.clipboard.writeText(field.value);
      message.textContent = 'Copied';
    } catch {
      field.select();
      message.textContent = 'The browser does not allow copying. Copy the selected link.';
    }
  });
  const showUrl = () => {
    const ids = (checked: boolean) =>
      boxes.filter(({ box }) => box.checked === checked).map(({ box }) => box.value);
    const [first] = ids(true);
    field.value = link.urlAt(first ?? '', { [HIDE]: ids(false).join(',') || null });
    message.textContent = '';
    copy.disabled = first === undefined;
  };
  find('#lesson').replaceChildren(
    el(
      'fieldset',
      { class: 'lesson-sections' },
      el('legend', {}, 'Sections to show'),
      ...boxes.map(({ label }) => label),
    ),
    field,
    el('div', { class: 'actions' }, copy, message),
  );
  find('#lesson').addEventListener('change', showUrl);
  find('#teachers').addEventListener('toggle', showUrl);
  showUrl();
}
