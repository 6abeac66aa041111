import { createClient } from 'corr2d/worker';
import { useEffect, useState } from 'react';

/** @typedef {import('corr2d/worker').Client} Client */

/**
 * Starts a worker for a component, and ends it when the component is removed. In development, StrictMode
 * mounts each component twice; the worker of the first mount ends as soon as it has started.
 *
 * @returns the client once it has started, or the error if it cannot start
 */
export function useClient() {
  const [state, setState] = useState(/** @type {{ client?: Client, error?: Error }} */ ({}));
  useEffect(() => {
    let isMounted = true;
    const starting = createClient();
    starting.then(
      (client) => {
        if (isMounted) setState({ client });
      },
      (error) => {
        if (isMounted) setState({ error });
      },
    );
    return () => {
      isMounted = false;
      setState({});
      starting.then(
        (client) => client.dispose(),
        () => {},
      );
    };
  }, []);
  return state;
}
