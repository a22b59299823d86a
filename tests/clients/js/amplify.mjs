// aws-amplify for a page: the tests call it as `amplify`.

import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
import 'aws-amplify/auth/enable-oauth-listener';
import { Hub } from 'aws-amplify/utils';

const kept = sessionStorage.getItem('configuration');
const seen = [];
Hub.listen('auth', ({ payload }) => seen.push(payload.event));
if (kept) Amplify.configure(JSON.parse(kept));

window.amplify = {
  ...auth,
  seen,
  configure(configuration) {
    sessionStorage.setItem('configuration', JSON.stringify(configuration));
    Amplify.configure(configuration);
  },
  // Amplify puts another function there after a sign-up.
  autoSignIn: () => auth.autoSignIn(),
  async tokens(options) {
    const { tokens } = await auth.fetchAuthSession(options);
    return tokens ? { access: tokens.accessToken.toString(), id: tokens.idToken.toString() } : null;
  },
  async seed() {
    return (await auth.setUpTOTP()).sharedSecret;
  },
};
