// aws-jwt-verify as it is used with Amazon Cognito: it makes the issuer up from the pool's id.
import { readFileSync } from 'node:fs';
import { CognitoJwtVerifier } from 'aws-jwt-verify';

const { pool, client, jwks, tokens } = JSON.parse(readFileSync(0, 'utf8'));

function verified(tokenUse, token) {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool, clientId: client, tokenUse });
  verifier.cacheJwks(jwks);
  try {
    return { sub: verifier.verifySync(token).sub };
  } catch (error) {
    return { refused: error.name };
  }
}

console.log(JSON.stringify({ id: verified('id', tokens.IdToken), access: verified('access', tokens.AccessToken) }));
