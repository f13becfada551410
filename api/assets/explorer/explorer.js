// The explorer page: GraphiQL below a small bar that signs in and picks the language.
//
// The access token lives in this script's memory only; the refresh token in
// sessionStorage, so that a reload of this browser tab keeps the session and closing
// the tab ends it. GraphiQL's own storage never sees either.
(function () {
  "use strict";

  const ENDPOINT = "/graphql";
  const REFRESH_TOKEN = "kafo.refreshToken";
  const LANGUAGE = "kafo.language";

  const SIGN_IN = `mutation SignIn($input: SignInInput!) {
    signIn(input: $input) { accessToken refreshToken userErrors { code message } }
  }`;
  const REFRESH = `mutation Refresh($input: SessionRefreshInput!) {
    sessionRefresh(input: $input) { accessToken refreshToken userErrors { code message } }
  }`;
  const FINISH = `mutation Finish($input: OpenidFinishInput!) {
    openidFinish(input: $input) { accessToken refreshToken userErrors { code message } }
  }`;
  const SIGN_OUT = "mutation SignOut { signOut { isSignedOut } }";
  const ISSUERS = "query Issuers { openidIssuers { name signInPath } }";
  const VIEWER = "query Viewer { viewer { account { email displayName } } }";

  const LABELS = {
    en: {
      signIn: "Sign in",
      signInForm: "Sign in to Kafo",
      signInWith: "Sign in with",
      email: "E-mail",
      password: "Password",
      code: "Code",
      secondFactor: "The password is right. Type the six digits of your authenticator, or a recovery code.",
      signOut: "Sign out",
      explorer: "GraphQL explorer",
      signedIn: "Signed in",
      signedInAs: "Signed in as",
      signingIn: "Signing in…",
      signInAgain: "Your session has ended: sign in again.",
      signInFirst: "This request needs you to sign in.",
      signInFailed: "Signing in failed.",
      unreachable: "The server cannot be reached.",
      notJson: "The server's answer is not JSON",
    },
    fr: {
      signIn: "Se connecter",
      signInForm: "Se connecter à Kafo",
      signInWith: "Se connecter par",
      email: "Courriel",
      password: "Mot de passe",
      code: "Code",
      secondFactor: "Le mot de passe est juste. Saisissez les six chiffres de votre application, ou un code de secours.",
      signOut: "Déconnexion",
      explorer: "Explorateur GraphQL",
      signedIn: "Session ouverte",
      signedInAs: "Session ouverte :",
      signingIn: "Connexion…",
      signInAgain: "Votre session a pris fin : reconnectez-vous.",
      signInFirst: "Cette requête demande de se connecter.",
      signInFailed: "La connexion a échoué.",
      unreachable: "Le serveur est injoignable.",
      notJson: "La réponse du serveur n’est pas du JSON",
    },
  };

  const byId = (id) => document.getElementById(id);
  const form = byId("sign-in");
  const toggle = byId("sign-in-toggle");

  // ------------------------------------------------------------------ state

  const chosen = recall(LANGUAGE);
  let language = chosen in LABELS ? chosen : /^fr\b/i.test(navigator.language) ? "fr" : "en";
  let accessToken = null;
  let account = null;
  /** A label's key, or `{ text }` for words that came from the server. */
  let message = null;
  /** The refresh under way: a refresh token is good for one use. */
  let refreshing = null;

  const label = (key) => LABELS[language][key];
  const signedIn = () => accessToken !== null || recall(REFRESH_TOKEN) !== null;

  /** sessionStorage, which a browser may refuse: the page then works without it. */
  function recall(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function remember(key, value) {
    try {
      if (value === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, value);
    } catch {
      // Nothing to do: the session lasts until the page is left.
    }
  }

  function keepTokens(payload) {
    accessToken = payload.accessToken;
    remember(REFRESH_TOKEN, payload.refreshToken);
  }

  function dropSession() {
    accessToken = null;
    account = null;
    remember(REFRESH_TOKEN, null);
  }

  // ------------------------------------------------------------------ requests

  async function post(body, headers, credentials = "omit") {
    const all = new Headers({
      "Content-Type": "application/json",
      Accept: "application/json",
      "Accept-Language": language,
    });
    if (accessToken !== null) all.set("Authorization", `Bearer ${accessToken}`);
    for (const [name, value] of Object.entries(headers || {})) all.set(name, String(value));

    let response;
    try {
      response = await fetch(ENDPOINT, {
        method: "POST",
        headers: all,
        body: JSON.stringify(body),
        credentials,
        cache: "no-store",
      });
    } catch {
      throw new Error(label("unreachable"));
    }
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${label("notJson")} (HTTP ${response.status}). ${text.slice(0, 200)}`.trim());
    }
  }

  const isUnauthenticated = (answer) =>
    Array.isArray(answer?.errors) &&
    answer.errors.some((error) => error?.extensions?.code === "UNAUTHENTICATED");

  /** Sends a request; an answer UNAUTHENTICATED is tried once more with a new access token. */
  async function send(body, headers) {
    // An Authorization written in GraphiQL's header editor is the reader's own affair.
    const ownCredentials = Object.keys(headers || {}).some((name) => /^authorization$/i.test(name));
    const usedToken = accessToken;
    const answer = await post(body, headers);
    if (ownCredentials || !isUnauthenticated(answer)) return answer;

    if (!signedIn()) {
      askToSignIn("signInFirst");
      return answer;
    }
    // Another request may have renewed the token while this one was under way.
    if (accessToken === usedToken && !(await refresh())) return answer;
    const second = await post(body, headers);
    if (isUnauthenticated(second)) endSession();
    return second;
  }

  function refresh() {
    refreshing ??= renew().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  /** True when there is a new access token. A server out of reach does not end the session. */
  async function renew() {
    const refreshToken = recall(REFRESH_TOKEN);
    if (refreshToken === null) {
      endSession();
      return false;
    }
    accessToken = null;
    const answer = await post({ query: REFRESH, variables: { input: { refreshToken } } });
    // Signed out, or in as someone else, while the server answered.
    if (recall(REFRESH_TOKEN) !== refreshToken) return accessToken !== null;
    const payload = answer?.data?.sessionRefresh;
    if (!payload?.accessToken) {
      endSession();
      return false;
    }
    keepTokens(payload);
    return true;
  }

  function endSession() {
    dropSession();
    askToSignIn("signInAgain");
    render();
  }

  // ------------------------------------------------------------------ the bar

  function render() {
    document.documentElement.lang = language;
    for (const node of document.querySelectorAll("[data-label]")) node.textContent = label(node.dataset.label);
    for (const node of document.querySelectorAll("[data-label-aria]")) {
      node.setAttribute("aria-label", label(node.dataset.labelAria));
    }
    for (const button of document.querySelectorAll("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    const inside = signedIn();
    for (const link of byId("issuers").children) link.textContent = `${label("signInWith")} ${link.dataset.name}`;
    byId("issuers").hidden = inside;
    form.hidden = inside;
    toggle.hidden = inside;
    byId("session").hidden = !inside;
    const name = account?.displayName || account?.email;
    byId("who").textContent = name || label("signedIn");
    byId("who").title = name ? [label("signedInAs"), account.displayName, account.email].filter(Boolean).join(" ") : "";
    byId("message").classList.toggle("is-calm", ["signingIn", "secondFactor"].includes(message));
    byId("message").textContent = message === null ? "" : message.text ?? label(message);
  }

  function say(words) {
    message = words;
    render();
  }

  function openForm(open) {
    form.classList.toggle("is-open", open);
    toggle.setAttribute("aria-expanded", String(open));
  }

  function askToSignIn(words) {
    say(words);
    openForm(true);
  }

  async function showWho() {
    try {
      const answer = await send({ query: VIEWER });
      if (signedIn()) account = answer?.data?.viewer?.account ?? null;
    } catch (error) {
      say({ text: error.message });
    }
    render();
  }

  async function signIn(event) {
    event.preventDefault();
    const button = form.querySelector("button");
    const input = { email: byId("email").value.trim(), password: byId("password").value };
    if (!byId("second-factor").hidden) input.code = byId("code").value.trim();
    button.disabled = true;
    say("signingIn");
    try {
      const answer = await post({ query: SIGN_IN, variables: { input } });
      const payload = answer?.data?.signIn;
      if (!payload?.accessToken) {
        const codes = (payload?.userErrors ?? []).map((error) => error.code);
        if (codes.includes("SECOND_FACTOR_REQUIRED")) {
          askForCode(true);
          say("secondFactor");
          return;
        }
        if (codes.includes("WRONG_CODE")) askForCode(true);
        const words = [...(payload?.userErrors ?? []), ...(answer?.errors ?? [])].map((error) => error.message);
        say(words.length > 0 ? { text: words.join(" ") } : "signInFailed");
        return;
      }
      keepTokens(payload);
      form.reset();
      askForCode(false);
      openForm(false);
      say(null);
      await showWho();
      mountExplorer();
      byId("sign-out").focus();
    } catch (error) {
      say({ text: error.message });
    } finally {
      button.disabled = false;
    }
  }

  /** Shows the field for the code of a second factor, empty, or takes it away. */
  function askForCode(asked) {
    byId("second-factor").hidden = !asked;
    byId("code").disabled = !asked;
    byId("code").value = "";
    if (asked) byId("code").focus();
  }

  /** Links to the issuers of OpenID Connect, if there are any. */
  async function showIssuers() {
    try {
      const answer = await post({ query: ISSUERS });
      const links = (answer?.data?.openidIssuers ?? []).map(({ name, signInPath }) => {
        const link = document.createElement("a");
        link.href = signInPath;
        link.dataset.name = name;
        return link;
      });
      byId("issuers").replaceChildren(...links);
    } catch {
      // Whoever cannot be reached now says so at the next request.
    }
    render();
  }

  /** Back from an issuer: the code behind # becomes a session, in the browser whose cookie began it. */
  async function comeBack() {
    const code = /^#openid=([\w-]+)$/.exec(location.hash)?.[1];
    if (code === undefined) return;
    history.replaceState(null, "", location.pathname + location.search);
    const answer = await post({ query: FINISH, variables: { input: { code } } }, {}, "same-origin");
    const payload = answer?.data?.openidFinish;
    if (payload?.accessToken) keepTokens(payload);
    else say("signInFailed");
  }

  async function signOut() {
    let failed = null;
    try {
      // on the server: a copy of the refresh token must not sign anybody in again
      await send({ query: SIGN_OUT });
    } catch (error) {
      failed = { text: error.message };
    }
    dropSession();
    say(failed);
    mountExplorer();
    (toggle.offsetParent === null ? byId("email") : toggle).focus();
  }

  // ------------------------------------------------------------------ GraphiQL

  let root = null;
  let mounted = 0;
  let defaultTabs;

  /**
   * A new GraphiQL for whoever asks from now on: it reads the schema again, and has no answers yet. What somebody saw
   * must not stay on the screen, in no tab, when they sign out. What was typed it finds in its own storage.
   */
  function mountExplorer() {
    const { createElement } = React;
    root ??= ReactDOM.createRoot(byId("explorer"));
    mounted += 1;
    root.render(
      createElement(
        GraphiQL,
        {
          key: mounted,
          fetcher: (params, options) => send(params, options?.headers),
          defaultTabs,
          // A token typed into the header editor must not outlive the page.
          shouldPersistHeaders: false,
          showPersistHeadersSettings: false,
        },
        createElement(GraphiQL.Logo, null, " "),
      ),
    );
  }

  async function start() {
    form.addEventListener("submit", signIn);
    byId("sign-out").addEventListener("click", signOut);
    toggle.addEventListener("click", () => {
      const open = toggle.getAttribute("aria-expanded") !== "true";
      openForm(open);
      if (open) byId("email").focus();
    });
    for (const button of document.querySelectorAll("[data-language]")) {
      button.addEventListener("click", () => {
        language = button.dataset.language;
        remember(LANGUAGE, language);
        render();
      });
    }
    render();

    try {
      const response = await fetch("/assets/examples.json");
      if (response.ok) defaultTabs = (await response.json()).map(({ query }) => ({ query }));
    } catch {
      // The examples are a help, not a need.
    }
    try {
      await comeBack();
      if (accessToken !== null || (signedIn() && (await refresh()))) await showWho();
    } catch (error) {
      say({ text: error.message });
    }
    showIssuers();
    mountExplorer();
  }

  start();
})();
