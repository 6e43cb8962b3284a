// Which conversation this browser was in, so that it goes on after a reload.
export const recall = (key) => {
  try {
    const { conversation = null, token = null } = (key && JSON.parse(localStorage.getItem(key))) || {};
    return { conversation, token };
  } catch {
    return {}; // no storage: the conversation lives as long as the page
  }
};

export const remember = (key, conversation) => {
  try {
    if (key) localStorage.setItem(key, JSON.stringify(conversation));
  } catch {
    // see recall
  }
};

// crypto.randomUUID exists on https only, and a laptop's studio is plain http to its neighbours.
export const newId = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
    (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16),
  );
