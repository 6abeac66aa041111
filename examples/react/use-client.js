import { createClient } from 'corr2d/worker';
import { useEffect, useState } from 'react';

/** @typedef {import('corr2d/worker').Client} Client */

/**
 * Starts a worker for a component, and ends it when the component is removed. In development, StrictMode
 * mounts each component twice; the signal ends the first worker while it starts.
 *
 * @returns the client once it has started, or the error if it cannot start
 */
export function useClient() {
  const [state, setState] = useState(/** @type {{ client?: Client, error?: Error }} */ ({}));
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const starting = createClient({ signal });
    starting.then(
      (client) => {
        if (!signal.aborted) setState({ client });
      },
      (error) => {
        if (!signal.aborted) setState({ error });
      },
    );
    return () => {
      controller.abort();
      setState({});
      starting.then(
        (client) => client.dispose(),
        () => {},
      );
    };
  }, []);
  return state;
}
