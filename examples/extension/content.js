// Runs in every page. The page's own Content-Security-Policy may forbid WebAssembly, so the service worker
// computes. It may also fetch pictures of other origins, which this script could not read.

document.addEventListener('click', async (event) => {
  const image = event.target;
  if (!event.altKey || !(image instanceof HTMLImageElement)) return;
  event.preventDefault();
  const { dataUrl, error } = await chrome.runtime.sendMessage({ url: image.currentSrc });
  if (error) console.warn(error);
  else image.src = dataUrl;
});
