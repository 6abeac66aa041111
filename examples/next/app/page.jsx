import { compute } from './compute.js';
import { InBrowser } from './in-browser.jsx';

export default async function Page() {
  return (
    <>
      <pre id="server">{await compute()}</pre>
      <InBrowser />
    </>
  );
}
