// openid-client, unmodified, as the tests call it: an app signs somebody in, step by step.
// Between the steps the test is the person's browser. Nothing about the server is told but its issuer.

import { webcrypto } from 'node:crypto';
import { answer } from './answering.mjs';

// Debian's Node 18 has it under another name.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
const openid = await import('openid-client');

const apps = new Map();
const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);

const proofs = {
  client_secret_basic: ({ secret }) => openid.ClientSecretBasic(secret),
  client_secret_post: ({ secret }) => openid.ClientSecretPost(secret),
  client_secret_jwt: ({ secret }) => openid.ClientSecretJwt(secret),
  private_key_jwt: () => openid.PrivateKeyJwt({ key: keys.privateKey, kid: 'mine' }),
  none: () => openid.None(),
};

const of = ({ app }) => apps.get(app);
const held = ({ dpop }) => (dpop ? { DPoP: dpop } : {});

function shown(app, tokens) {
  app.refresh = tokens.refresh_token ?? app.refresh;
  app.access = tokens.access_token;
  app.id = tokens.id_token ?? app.id;
  return { ...tokens, claims: tokens.claims() ?? null };
}

await answer({
  jwks: async () => {
    const jwk = await webcrypto.subtle.exportKey('jwk', keys.publicKey);
    const { kty, crv, x, y } = jwk;
    return { keys: [{ kty, crv, x, y, kid: 'mine', use: 'sig', alg: 'ES256' }] };
  },

  // Discovery, which compares the issuer; RFC 8414's document with `algorithm`.
  discover: async ({ app, issuer, client, secret, method, metadata, algorithm, dpop }) => {
    const config = await openid.discovery(new URL(issuer), client, { ...metadata }, proofs[method]({ secret }), { algorithm });
    const made = { config, redirect: null };
    if (dpop) made.dpop = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    apps.set(app, made);
    return { ...config.serverMetadata(), pkce: config.serverMetadata().supportsPKCE() };
  },
  authorize: async ({ app, redirect, how, ...parameters }) => {
    const here = apps.get(app);
    Object.assign(here, { verifier: openid.randomPKCECodeVerifier(), state: openid.randomState(), nonce: openid.randomNonce() });
    const asked = {
      redirect_uri: redirect, scope: 'openid email profile', state: here.state, nonce: here.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(here.verifier), code_challenge_method: 'S256', ...parameters,
    };
    here.maxAge = parameters.max_age;
    if (how === 'pushed') return (await openid.buildAuthorizationUrlWithPAR(here.config, asked, held(here))).href;
    if (how === 'signed') return (await openid.buildAuthorizationUrlWithJAR(here.config, asked, { key: keys.privateKey, kid: 'mine' })).href;
    return openid.buildAuthorizationUrl(here.config, asked).href;
  },
  // Where the browser came back to. openid-client checks state, iss, nonce, at_hash, signature, times and audience.
  callback: async ({ app, url, form }) => {
    const here = apps.get(app);
    const back = form ? new Request(url, { method: 'POST', body: new URLSearchParams(form) }) : new URL(url);
    const checks = { pkceCodeVerifier: here.verifier, expectedState: here.state, expectedNonce: here.nonce, idTokenExpected: true };
    if (here.maxAge !== undefined) checks.maxAge = here.maxAge;
    return shown(here, await openid.authorizationCodeGrant(here.config, back, checks, undefined, held(here)));
  },
  refresh: async (given) => {
    const here = of(given);
    return shown(here, await openid.refreshTokenGrant(here.config, given.token ?? here.refresh, undefined, held(here)));
  },
  userinfo: async (given) => {
    const here = of(given);
    return openid.fetchUserInfo(here.config, here.access, given.sub ?? openid.skipSubjectCheck, held(here));
  },
  forgetKey: async (given) => { delete of(given).dpop; return true; },
  introspect: (given) => openid.tokenIntrospection(of(given).config, of(given)[given.token]),
  revoke: (given) => openid.tokenRevocation(of(given).config, of(given)[given.token]),
  endSession: (given) => openid.buildEndSessionUrl(of(given).config, {
    post_logout_redirect_uri: given.out, id_token_hint: of(given).id, state: 'gone',
  }).href,
  device: async (given) => {
    const here = of(given);
    here.device = await openid.initiateDeviceAuthorization(here.config, { scope: 'openid email' });
    return here.device;
  },
  poll: async (given) => {
    const here = of(given);
    return shown(here, await openid.pollDeviceAuthorizationGrant(here.config, here.device, undefined, held(here)));
  },
});
