// node-oidc-provider for a house: one confidential client, one person, refresh, revocation, logout of every kind.
//
//   node oidc-provider.mjs PORT CLIENT      CLIENT: JSON with id, secret, back, out, backchannel
//
// A line of JSON on the standard input changes what is said of the person; one line answers when it holds.

import { generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const client = JSON.parse(process.argv[3]);
const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' };
let person = { name: 'Maria Lopez', email: 'maria@example.com', email_verified: true };

const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: client.id, client_secret: client.secret, redirect_uris: [client.back],
    post_logout_redirect_uris: [client.out], backchannel_logout_uri: client.backchannel,
    backchannel_logout_session_required: true, grant_types: ['authorization_code', 'refresh_token'],
  }],
  jwks: { keys: [key] },
  cookies: { keys: [client.secret] },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...person }) }),
  issueRefreshToken: (_, asking) => asking.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  // Its own refuses addresses of this machine, where the house of a test is.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true }, revocation: { enabled: true } },
});
provider.on('backchannel.error', (_, failed) => console.error('back-channel logout:', failed.message, failed.cause ?? ''));
createInterface({ input: process.stdin }).on('line', (line) => {
  person = { ...person, ...JSON.parse(line) };
  console.log('ok');
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));
