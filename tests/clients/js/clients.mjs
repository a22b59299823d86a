// Answers calls on standard input with the unmodified clients: one process for all tests.

import { createHmac } from 'node:crypto';
import identity from 'amazon-cognito-identity-js';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { JwtRsaVerifier } from 'aws-jwt-verify';
import { answer } from './answering.mjs';

const { AuthenticationDetails, CognitoRefreshToken, CognitoUser, CognitoUserAttribute, CognitoUserPool } = identity;
const base = process.env.POOLHOUSE_BASE;
const people = new Map();

class Drawer {
  #kept = new Map();
  setItem(key, value) { this.#kept.set(key, String(value)); return value; }
  getItem(key) { return this.#kept.get(key) ?? null; }
  removeItem(key) { return this.#kept.delete(key); }
  clear() { this.#kept.clear(); }
}

function person({ pool, client, username }) {
  const key = `${client}/${username}`;
  if (!people.has(key)) {
    const Storage = new Drawer();
    const Pool = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint: base, Storage });
    people.set(key, new CognitoUser({ Username: username, Pool, Storage }));
  }
  return people.get(key);
}

const node = (call) => new Promise((done, fail) => call((error, value) => (error ? fail(error) : done(value))));
const callbacks = (call) => new Promise((onSuccess, onFailure) => call({ onSuccess, onFailure }));

function totp(secret, at = Date.now()) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((each) => letters.indexOf(each).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((each) => parseInt(each, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, '0');
}

function shown(session) {
  return {
    id: session.getIdToken().getJwtToken(),
    access: session.getAccessToken().getJwtToken(),
    refresh: session.getRefreshToken().getToken(),
    valid: session.isValid(),
  };
}

// Signs in, and answers what is asked on the way with what was given for it.
function signIn(given) {
  const user = person(given);
  const asked = [];
  const details = new AuthenticationDetails({ Username: given.username, Password: given.password });
  return new Promise((done, fail) => {
    const handlers = {
      onSuccess: (session) => done({ asked, ...shown(session) }),
      onFailure: fail,
      newPasswordRequired: (attributes) => {
        asked.push('newPasswordRequired');
        user.completeNewPasswordChallenge(given.newPassword, {}, handlers);
        return attributes;
      },
      totpRequired: (name) => {
        asked.push(name);
        user.sendMFACode(totp(given.seed, Date.now() + (given.ahead ?? 0)), handlers, name);
      },
      mfaRequired: (name) => { asked.push(name); user.sendMFACode(given.code, handlers, name); },
      customChallenge: (parameters) => {
        asked.push(parameters);
        user.sendCustomChallengeAnswer(given.answer, handlers);
      },
    };
    user.setAuthenticationFlowType(given.flow ?? 'USER_SRP_AUTH');
    if (given.flow === 'CUSTOM_AUTH' && !given.password) user.initiateAuth(details, handlers);
    else user.authenticateUser(details, handlers);
  });
}

const calls = {
  signUp: async ({ pool, client, username, password, attributes }) => {
    const directory = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint: base, Storage: new Drawer() });
    const named = Object.entries(attributes ?? {}).map(([Name, Value]) => new CognitoUserAttribute({ Name, Value }));
    const made = await node((back) => directory.signUp(username, password, named, [], back));
    return { sub: made.userSub, confirmed: made.userConfirmed };
  },
  confirm: (given) => node((back) => person(given).confirmRegistration(given.code, true, back)),
  resend: (given) => node((back) => person(given).resendConfirmationCode(back)),
  signIn,
  session: async (given) => shown(await node((back) => person(given).getSession(back))),
  refresh: async (given) => {
    const token = new CognitoRefreshToken({ RefreshToken: given.refresh });
    return shown(await node((back) => person(given).refreshSession(token, back)));
  },
  attributes: async (given) => {
    const all = await node((back) => person(given).getUserAttributes(back));
    return Object.fromEntries(all.map((each) => [each.getName(), each.getValue()]));
  },
  setAttributes: (given) => node((back) => {
    const named = Object.entries(given.attributes).map(([Name, Value]) => ({ Name, Value }));
    person(given).updateAttributes(named, back);
  }),
  changePassword: (given) => node((back) => person(given).changePassword(given.password, given.newPassword, back)),
  forgot: (given) => new Promise((done, onFailure) => {
    person(given).forgotPassword({ onSuccess: done, onFailure, inputVerificationCode: done });
  }),
  confirmPassword: (given) => callbacks((back) => person(given).confirmPassword(given.code, given.newPassword, back)),
  associate: (given) => new Promise((associateSecretCode, onFailure) => {
    person(given).associateSoftwareToken({ associateSecretCode, onFailure });
  }),
  verifyApp: (given) => callbacks((back) => person(given).verifySoftwareToken(totp(given.seed), 'phone', back)).then(() => true),
  prefer: (given) => node((back) => {
    person(given).setUserMfaPreference(null, { PreferredMfa: true, Enabled: true }, back);
  }),
  device: (given) => ({ key: (person(given).getCachedDeviceKeyAndPassword(), person(given).deviceKey ?? null) }),
  remember: (given) => callbacks((back) => person(given).setDeviceStatusRemembered(back)),
  forget: (given) => callbacks((back) => person(given).forgetDevice(back)),
  devices: (given) => callbacks((back) => person(given).listDevices(10, null, back)),
  signOut: (given) => { person(given).signOut(); people.delete(`${given.client}/${given.username}`); return true; },
  globalSignOut: (given) => callbacks((back) => person(given).globalSignOut(back)),
  deleteUser: (given) => node((back) => person(given).deleteUser(back)),

  // @aws-sdk/client-cognito-identity-provider, any command
  send: async ({ command, input }) => {
    const client = new sdk.CognitoIdentityProviderClient({
      endpoint: base,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'AKIAANYONE', secretAccessKey: 'any-secret' },
    });
    const { $metadata, ...answer } = await client.send(new sdk[`${command}Command`](input));
    return { ...answer, requestId: $metadata.requestId };
  },
  pages: async ({ list, input, member }) => {
    const client = new sdk.CognitoIdentityProviderClient({
      endpoint: base, region: 'us-east-1', credentials: { accessKeyId: 'AKIAANYONE', secretAccessKey: 'any-secret' },
    });
    const found = [];
    for await (const page of sdk[`paginate${list}`]({ client, pageSize: 2 }, input)) found.push(page[member].length);
    return found;
  },

  // aws-jwt-verify, which fetches the keys by https
  verify: async ({ pool, client, token, use }) => {
    const verifier = JwtRsaVerifier.create({
      issuer: `${base}/${pool}`,
      audience: use === 'id' ? client : null,
      jwksUri: `${base}/${pool}/.well-known/jwks.json`,
      customJwtCheck: ({ payload }) => {
        if (payload.token_use !== use) throw new Error(`token_use is ${payload.token_use}`);
        if (use === 'access' && payload.client_id !== client) throw new Error('another client');
      },
    });
    return verifier.verify(token);
  },
};

await answer(calls);
