import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { BlurredPicture } from './blurred-picture.jsx';
import { drawPicture } from './picture.js';

const picture = drawPicture();

function App() {
  const [isShown, setIsShown] = useState(true);
  return (
    <>
      <button type="button" onClick={() => setIsShown(!isShown)}>
        {isShown ? 'Remove' : 'Show'}
      </button>
      {isShown && <BlurredPicture picture={picture} />}
    </>
  );
}

createRoot(/** @type {HTMLElement} */ (document.getElementById('root'))).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
