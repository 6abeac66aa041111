/// <reference lib="webworker" />

/*
 * Makes the page work offline. The first visit caches all files. Files in assets/ have a hash in their
 * names and never change, so they are served from the cache. Other files are requested from the network
 * first, so that visitors get a new version as soon as they are online.
 */
const worker = globalThis as unknown as ServiceWorkerGlobalScope;

// Placeholders that web/plugins/offline.ts replaces.
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
  // Control the open page too, because it has yet to fetch its later sections.
  await worker.clients.claim();
}

async function respond(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const fromCache = () => cache.match(request, { ignoreSearch: true });
  if (new URL(request.url).pathname.includes('/assets/')) {
    return (await fromCache()) ?? fetch(request);
  }
  try {
    return await fetch(request);
  } catch (error) {
    const response = await fromCache();
    if (response) return response;
    throw error;
  }
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(worker.registration.scope)) {
    event.respondWith(respond(request));
  }
});
