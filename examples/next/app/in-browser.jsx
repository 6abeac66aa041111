'use client';

import { useEffect, useState } from 'react';
import { compute } from './compute.js';

export function InBrowser() {
  const [text, setText] = useState('');
  useEffect(() => {
    compute().then(setText);
  }, []);
  return <pre id="browser">{text}</pre>;
}
