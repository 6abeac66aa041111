// For teachers: links that hide sections, and five-minute tasks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, useSite, waitUntilReady } from './helpers.mjs';

const site = useSite();

const visibleSections = (page) =>
  page.$$eval('main > section:not(#start)', (sections) =>
    sections.filter((section) => section.checkVisibility()).map(({ id }) => id),
  );
const listedSections = (page) =>
  page.$$eval('#sections a:not([hidden])', (links) => links.map(({ hash }) => hash.slice(1)));

test('a link hides sections and their entries in the header, until all are shown', async () => {
  const { page, problems } = await openPage(
    site.browser,
    `${site.url}#outputs?hide=cost,exercises,nothing&fig=4,3,2,2,1,1,1`,
  );
  const shown = ['inputs', 'outputs', 'pointwise', 'groups', 'workshop', 'usage'];
  assert.deepEqual(await visibleSections(page), shown);
  assert.deepEqual(await listedSections(page), shown);
  assert.ok(await page.locator('#outputs').getByText('This link hides some sections').isVisible());
  await page.getByRole('button', { name: 'Show all sections' }).click();
  assert.equal((await visibleSections(page)).length, 8);
  assert.equal((await listedSections(page)).length, 8);
  assert.equal(await page.isVisible('#hidden-sections'), false);
  await page.waitForFunction(() => location.hash === '#outputs?fig=4,3,2,2,1,1,1');
  assert.deepEqual(problems, []);
  await page.close();
});

test('a link to a hidden section shows it', async () => {
  const page = await site.browser.newPage();
  await page.goto(`${site.url}#groups?hide=cost,exercises`);
  await waitUntilReady(page);
  await page.evaluate(() => {
    location.hash = '#cost';
  });
  await page.waitForFunction(() => location.hash === '#cost?hide=exercises');
  assert.ok((await visibleSections(page)).includes('cost'));
  assert.ok(!(await visibleSections(page)).includes('exercises'));
  await page.close();
});

test('teachers choose the sections of a lesson and copy its link', async () => {
  const context = await site.browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  await page.goto(`${site.url}#teachers?fig=4,3,2,2,1,1,1`);
  await waitUntilReady(page);
  for (const name of ['Inputs', 'Cost', 'Use it']) {
    await page.locator('#teachers').getByLabel(name, { exact: true }).uncheck();
  }
  await page.getByRole('button', { name: 'Copy the lesson’s link' }).click();
  await page.locator('#teachers').getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `${site.url}#outputs?fig=4,3,2,2,1,1,1&hide=inputs,cost,usage`);
  const lesson = await context.newPage();
  await lesson.goto(copied);
  await waitUntilReady(lesson);
  assert.deepEqual(await visibleSections(lesson), [
    'outputs',
    'pointwise',
    'groups',
    'workshop',
    'exercises',
  ]);
  await context.close();
});
