// Records violations of the page's policy. This script runs first.
globalThis.violations = [];
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  // Browsers request an icon by themselves.
  if (!blockedURI.endsWith('/favicon.ico')) {
    globalThis.violations.push(`${effectiveDirective}: ${blockedURI}`);
  }
});
