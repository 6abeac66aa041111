// Tests the example that follows a patch: in its clip, by pointer and by keyboard, and in a camera's picture.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { balloonsAt } from '../../../examples/template-matching/clip.js';
import { launch, STRICT_POLICY, waitUntil } from '../../browser/helpers.mjs';
import {
  assertBuildsSilently,
  assertTypes,
  installExample,
  serveFolder,
  serveVite,
  watchProblems,
} from '../helpers.mjs';

const WIDTH = 480;
const POLICY = `${STRICT_POLICY}; style-src 'self'; img-src data:`;

// A camera whose picture, 320×240, is noise with a square that moves.
const SQUARE = { size: 40, x: 60, y: 90, step: 4, frames: 40 };
const squareAt = (frame) => SQUARE.x + SQUARE.step * Math.min(frame, SQUARE.frames - frame);

/** The frames of the camera in YUV4MPEG2: noise of grey levels, and a square of darker noise on white. */
function cameraFile() {
  let state = 1;
  const noise = (low, high) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((state >>> 16) % (high - low));
  };
  const [width, height] = [320, 240];
  const background = Uint8Array.from({ length: width * height }, () => noise(90, 110));
  // Blocks of 5×5 pixels, since cameras and their drivers scale and compress.
  const blocks = Uint8Array.from({ length: 64 }, () => noise(17, 40));
  const chunks = [Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420mpeg2\n`)];
  for (let frame = 0; frame < SQUARE.frames; frame++) {
    const luma = background.slice();
    const { size, y } = SQUARE;
    for (let i = 0; i < size * size; i++) {
      const [row, column] = [Math.floor(i / size), i % size];
      const block = blocks[8 * Math.floor(row / 5) + Math.floor(column / 5)];
      luma[(y + row) * width + squareAt(frame) + column] = block > 28 ? 235 : block;
    }
    const chroma = Buffer.alloc(width * height * 0.5, 128);
    chunks.push(Buffer.from('FRAME\n'), luma, chroma);
  }
  return Buffer.concat(chunks);
}

let browser;
let folder;
before(async () => {
  folder = await installExample('template-matching');
  const video = join(folder, 'camera.y4m');
  writeFileSync(video, cameraFile());
  browser = await launch([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${video}`,
  ]);
  await assertBuildsSilently(folder);
});
after(() => browser.close());

/** Calls `check` with a page that shows the clip, and expects it to have no problems. */
async function withPage(url, check, options) {
  const page = await browser.newPage(options);
  try {
    const problems = watchProblems(page);
    await page.goto(url);
    await page.waitForSelector('#picture[data-time]');
    await check(page);
    assert.deepEqual(problems, []);
  } finally {
    await page.close();
  }
}

const withBuild = (check, options) =>
  serveFolder(join(folder, 'dist'), '', POLICY, (url) => withPage(url, check, options));

const status = (page) => page.textContent('#status');
const waitForStatus = (page, text) =>
  waitUntil(
    async () => (await status(page)) === text,
    () => `the status is not: ${text}`,
  );

/** The time of the frame that the page shows and the outline in it, in pixels of the frame; or no outline. */
const readOutline = (page) =>
  page.evaluate((width) => {
    const picture = document.querySelector('#picture');
    const found = document.querySelector('#found');
    const [whole, box] = [picture, found].map((element) => element.getBoundingClientRect());
    const scale = width / whole.width;
    return {
      time: Number(picture.dataset.time),
      score: Number(document.querySelector('#score').textContent),
      outline: found.hidden
        ? undefined
        : { x: (box.x - whole.x) * scale, y: (box.y - whole.y) * scale, width: box.width * scale },
    };
  }, WIDTH);

/** Drags a box around pixels of the frame. */
async function drag(page, { x, y, width, height }) {
  const whole = await page.locator('#picture').boundingBox();
  const scale = whole.width / WIDTH;
  await page.mouse.move(whole.x + x * scale, whole.y + y * scale);
  await page.mouse.down();
  const [right, bottom] = [x + width, y + height];
  await page.mouse.move(whole.x + right * scale, whole.y + bottom * scale, { steps: 3 });
  await page.mouse.up();
}

/** The box around the first balloon. */
function boxAt(seconds) {
  const [{ x, y, size }] = balloonsAt(seconds);
  return { x: Math.round(x - size), y: Math.round(y - size), width: 2 * size, height: 2 * size };
}

/** Expects the outline to follow the first balloon until that has moved by 20 pixels. */
async function assertFollows(page, marked, offset) {
  let moved = 0;
  await waitUntil(
    async () => {
      const { time, score, outline } = await readOutline(page);
      if (outline === undefined) return false;
      const { x, y } = boxAt(time);
      const errors = [outline.x - x - offset.x, outline.y - y - offset.y];
      assert.ok(
        errors.every((error) => Math.abs(error) <= 2),
        `the outline is at ${outline.x}, ${outline.y}, the balloon at ${x}, ${y} after ${time} s`,
      );
      assert.ok(score > 0.8 && score < 1.001, `a score of ${score}`);
      const start = boxAt(marked);
      moved = Math.max(moved, Math.hypot(x - start.x, y - start.y));
      return moved > 20;
    },
    () => `the outline has moved by ${moved} pixels`,
  );
}

/** Drags a box around the first balloon, while the clip is paused, and follows it. */
async function followByPointer(page) {
  await page.getByRole('button', { name: 'Pause' }).click();
  const { time } = await readOutline(page);
  await drag(page, boxAt(time));
  await waitForStatus(page, 'Marked.');
  await page.getByRole('button', { name: 'Pause' }).click();
  await assertFollows(page, time, { x: 0, y: 0 });
  assert.match(await page.textContent('#time'), /^\d+ ms$/);

  await page.getByRole('button', { name: 'Forget' }).click();
  assert.equal(await status(page), 'Nothing is marked.');
  assert.equal((await readOutline(page)).outline, undefined);
}

test('a patch of the clip that is marked with the pointer is found in later frames', () =>
  withBuild(followByPointer));

test('the development server and a phone show the same', () =>
  serveVite(folder, (url) =>
    withPage(
      url,
      async (page) => {
        await followByPointer(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.equal(width, 360, 'the page does not scroll sideways');
      },
      { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    ),
  ));

test('a patch can be marked with the keyboard alone', () =>
  withBuild(async (page) => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await waitForStatus(page, 'Box at 208, 148: 64 × 64 pixels.');
    // The clip stands still from now on.
    const { time } = await readOutline(page);
    const wanted = boxAt(time);
    const press = async (key, times) => {
      for (let i = 0; i < times; i++) await page.keyboard.press(key);
    };
    const left = Math.round((208 - wanted.x) / 8);
    const up = Math.round((148 - wanted.y) / 8);
    await press('ArrowLeft', left);
    await press(up < 0 ? 'ArrowDown' : 'ArrowUp', Math.abs(up));
    await press('Shift+ArrowRight', 1);
    const [x, y] = [208 - 8 * left, 148 - 8 * up];
    await waitForStatus(page, `Box at ${x}, ${y}: 72 × 64 pixels.`);
    await page.keyboard.press('Enter');
    await assertFollows(page, time, { x: x - wanted.x, y: y - wanted.y });

    // Escape gives up, and the old mark stays.
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Found.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await waitForStatus(page, 'Nothing is marked.');
    assert.ok(await page.getByLabel('Camera').isChecked());
  }));

test('a patch of the camera is found where it moves', () =>
  withBuild(async (page) => {
    await page.getByText('Camera').click();
    /** The left edge of the square in the frame that is shown, which is 1.5 times as large as the camera's. */
    const readSquare = () =>
      page.evaluate(() => {
        const { width, height } = document.querySelector('#picture');
        const copy = new OffscreenCanvas(width, height).getContext('2d');
        copy.drawImage(document.querySelector('#picture'), 0, 0);
        const { data } = copy.getImageData(0, 0, width, height);
        const isNoise = (x, y) => Math.abs(data[4 * (width * y + x)] - 98) < 40;
        const columns = Array.from({ length: width }, (_, x) => x).filter((x) => {
          let count = 0;
          for (let y = 0; y < height; y++) count += isNoise(x, y) ? 0 : 1;
          return count > 30;
        });
        const box = document.querySelector('#found');
        return {
          left: columns[0],
          count: columns.length,
          outline: box.hidden ? '' : box.style.left,
        };
      });
    const scale = WIDTH / 320;
    const isCamera = async () => {
      const { count } = await readSquare();
      return Math.abs(count - scale * SQUARE.size) <= 4;
    };
    await waitUntil(isCamera, () => 'the picture of the camera is not shown');
    await page.locator('#stage').focus();
    await page.keyboard.press('Enter'); // stops the picture
    const { left } = await readSquare();
    const box = { x: left + 4, y: Math.round(scale * SQUARE.y) + 4, width: 52, height: 52 };
    await drag(page, box);

    const places = new Set();
    await waitUntil(
      async () => {
        const { left: now, outline } = await readSquare();
        if (outline === '') return false;
        const found = (Number.parseFloat(outline) / 100) * WIDTH;
        assert.ok(Math.abs(found - now - 4) <= 3, `found at ${found}, the square is at ${now}`);
        places.add(now);
        return places.size >= 4;
      },
      () => `found at ${[...places]}`,
    );
  }));

test('axe-core finds no violation in either theme', async () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  for (const colorScheme of ['light', 'dark']) {
    await withBuild(
      async (page) => {
        await page.getByText('Pause').click();
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`),
          [],
        );
      },
      { colorScheme },
    );
  }
});

test('the example has no type errors', () => assertTypes(folder, ['main.js']));
