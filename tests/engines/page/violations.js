// Before anything else: what the page's policy forbids.
globalThis.violations = [];
document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  // Browsers ask for an icon by themselves.
  if (!blockedURI.endsWith('/favicon.ico')) {
    globalThis.violations.push(`${effectiveDirective}: ${blockedURI}`);
  }
});
