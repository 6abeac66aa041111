/// <reference lib="webworker" />

/*
 * Keeps the page for when there is no network. All of it is fetched at the first visit. What has a
 * hash in its name never changes and is taken from the cache; all else is asked for first, so that a
 * new version of the page is seen as soon as there is a network.
 */
const worker = globalThis as unknown as ServiceWorkerGlobalScope;

// web/plugins/offline.ts writes these.
const VERSION = '%VERSION%';
const PRECACHE = ['%PRECACHE%'];

const PREFIX = `corr2d ${worker.registration.scope} `;
const CACHE = PREFIX + VERSION;

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(PRECACHE.map((name) => new Request(name, { cache: 'no-cache' })));
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The page that is open has parts yet to fetch.
  await worker.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = () => cache.match(request, { ignoreSearch: true });
  if (new URL(request.url).pathname.includes('/assets/')) {
    return (await kept()) ?? fetch(request);
  }
  try {
    return await fetch(request);
  } catch (error) {
    const response = await kept();
    if (response) return response;
    throw error;
  }
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(worker.registration.scope)) {
    event.respondWith(answer(request));
  }
});
