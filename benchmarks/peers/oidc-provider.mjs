// node-oidc-provider as it is measured: RS256 for every token, JWTs for access tokens, all in memory.
//
//   node oidc-provider.mjs PORT BACK      two app clients: web (code, refresh) and machine (client credentials)

import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const [port, back] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const resource = 'https://api.example';
const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' };
const secret = 'of-a-benchmark-of-a-benchmark-of-a-benchmark';

// The one that comes with it forgets all but a thousand things, sessions and refresh tokens among them.
const kept = new Map();
const grants = new Map();
class Memory {
  constructor(name) { this.name = name; }
  key(id) { return `${this.name}:${id}`; }
  async upsert(id, payload) {
    kept.set(this.key(id), payload);
    if (payload.uid) kept.set(`uid:${payload.uid}`, payload);
    if (payload.grantId) grants.set(payload.grantId, [...(grants.get(payload.grantId) ?? []).slice(-20), this.key(id)]);
  }
  async find(id) { return kept.get(this.key(id)); }
  async findByUid(uid) { return kept.get(`uid:${uid}`); }
  async findByUserCode() { return undefined; }
  async consume(id) { kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { kept.delete(this.key(id)); }
  async revokeByGrantId(grant) { for (const key of grants.get(grant) ?? []) kept.delete(key); }
}

const provider = new Provider(issuer, {
  adapter: Memory,
  clients: [
    {
      client_id: 'web', client_secret: secret, redirect_uris: [back], token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
    },
    {
      client_id: 'machine', client_secret: secret, redirect_uris: [], response_types: [],
      token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'],
    },
  ],
  jwks: { keys: [key] },
  cookies: { keys: [secret] },
  scopes: ['openid', 'email', 'api/read'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
  }),
  // As ours: whoever signs in by code gets a refresh token, which stays the same.
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: false,
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'openid email api/read', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 3600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  ttl: { Session: 86400, Grant: 86400, RefreshToken: 86400, IdToken: 3600, ClientCredentials: 3600, AuthorizationCode: 60, Interaction: 3600 },
});
provider.listen(Number(port), '127.0.0.1');
