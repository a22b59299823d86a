// oidc-client-ts for a page: the tests call it as `party`.

import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

let manager;
const store = new WebStorageStateStore({ store: window.localStorage });

const shown = (user) => user && { claims: user.profile, access: user.access_token, refresh: user.refresh_token, expired: user.expired };

window.party = {
  configure(settings) {
    sessionStorage.setItem('settings', JSON.stringify(settings));
    manager = new UserManager({ ...settings, userStore: store, automaticSilentRenew: false });
  },
  // Both leave the page.
  signIn: (options) => { manager.signinRedirect(options); },
  signOut: (options) => { manager.signoutRedirect(options); },
  cameBack: async () => shown((await manager.signinCallback()) ?? null),
  wentAway: async () => (await manager.signoutCallback()).error,
  user: async () => shown(await manager.getUser()),
  renew: async () => shown(await manager.signinSilent()),
  revoke: () => manager.revokeTokens(['refresh_token']),
};

const kept = sessionStorage.getItem('settings');
if (kept) window.party.configure(JSON.parse(kept));
