// The clip: five balloons over hills, while the light changes. It is drawn, so that there is no file to load.

export const WIDTH = 480;
export const HEIGHT = 360;

const BALLOONS = [
  { colours: ['#d7263d', '#ffe8d6'], size: 30, x: 96, y: 96, dx: 52, dy: 30, period: 7 },
  { colours: ['#1b6ca8', '#ffd166'], size: 36, x: 372, y: 96, dx: 52, dy: 34, period: 9 },
  { colours: ['#6a4c93', '#f5cb5c'], size: 24, x: 230, y: 62, dx: 26, dy: 26, period: 5 },
  { colours: ['#2a9d8f', '#f4f1de'], size: 22, x: 120, y: 226, dx: 44, dy: 18, period: 8 },
  { colours: ['#e76f51', '#264653'], size: 20, x: 300, y: 236, dx: 56, dy: 16, period: 6 },
];

/**
 * The centres of the balloons and their radii, in pixels.
 *
 * @param {number} seconds
 */
export const balloonsAt = (seconds) =>
  BALLOONS.map(({ size, x, y, dx, dy, period }, i) => {
    const phase = (2 * Math.PI * seconds) / period + 1.3 * i;
    return { x: x + dx * Math.sin(phase), y: y + dy * Math.cos(phase), size };
  });

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ x: number, y: number, size: number }} balloon
 * @param {readonly string[]} colours
 */
function drawBalloon(context, { x, y, size }, colours) {
  const [even = '', odd = ''] = colours;
  context.save();
  context.translate(x, y);
  context.fillStyle = '#5b4636';
  context.fillRect(-0.2 * size, 1.45 * size, 0.4 * size, 0.32 * size);
  context.strokeStyle = '#3d2f26';
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(side * 0.5 * size, 0.8 * size);
    context.lineTo(side * 0.2 * size, 1.45 * size);
  }
  context.stroke();
  for (const [i, width] of [1, 0.68, 0.26].entries()) {
    context.fillStyle = i % 2 === 0 ? even : odd;
    context.beginPath();
    context.ellipse(0, 0, width * size, size, 0, 0, 2 * Math.PI);
    context.fill();
  }
  context.fillStyle = odd;
  context.fillRect(-0.9 * size, -0.12 * size, 1.8 * size, 0.24 * size);
  context.restore();
}

/**
 * Draws the clip at a time.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} seconds
 */
export function drawClip(context, seconds) {
  const sky = context.createLinearGradient(0, 0, 0, HEIGHT);
  sky.addColorStop(0, '#4a90c9');
  sky.addColorStop(1, '#f6d9b0');
  context.fillStyle = sky;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  for (const [i, colour] of ['#8fae8b', '#5f8f6b', '#3c6e52'].entries()) {
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, HEIGHT);
    for (let x = 0; x <= WIDTH; x += 4) {
      const place = x + seconds * 4 * (i + 1);
      context.lineTo(x, 262 + 30 * i + (18 - 4 * i) * Math.sin(place / (38 + 13 * i)));
    }
    context.lineTo(WIDTH, HEIGHT);
    context.fill();
  }
  for (const [i, balloon] of balloonsAt(seconds).entries()) {
    drawBalloon(context, balloon, BALLOONS[i]?.colours ?? []);
  }
  // Clouds dim the light: ccoeff-normed does not depend on brightness and contrast.
  context.fillStyle = `rgb(20 30 60 / ${0.2 + 0.2 * Math.sin(seconds / 1.7)})`;
  context.fillRect(0, 0, WIDTH, HEIGHT);
}
