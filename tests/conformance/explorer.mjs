// The explorer page in a real browser: nothing is refused by its own Content-Security-Policy or fetched from elsewhere, the
// examples run, and people sign in and out, with a second factor too, in both languages, also on a narrow screen.
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { ask, must, report, scratch, serve, signedIn, sleep } from './lib.mjs';

const { test, done } = report('explorer');
const server = await serve();
const password = process.env.KAFO_DEMO_PASSWORD;
const mail = (name) => `${name}@kafo.example`;

const look = 'for one in "$KAFO_BROWSER" chromium chromium-browser google-chrome; do command -v "$one" && break; done || true';
const executablePath = execFileSync('sh', ['-c', look], { encoding: 'utf8' }).trim();
must(executablePath, 'no Chromium is installed: tests/conformance/setup');
// Chromium's sandbox does not run as root, nor in most containers; what it shows here is our own page.
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/** A fresh visitor, and all that went wrong on the page. */
async function visit({ language = 'en', width = 1280, height = 800 } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const wrong = [];
  await page.setViewport({ width, height });
  await page.evaluateOnNewDocument((language) => {
    Object.defineProperty(navigator, 'language', { get: () => language });
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  }, language);
  page.on('console', (said) => said.type() === 'error' && wrong.push(said.text()));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('request', (request) => /^(data|blob):/.test(request.url()) || new URL(request.url()).origin === server.origin || wrong.push(`fetched ${request.url()}`));
  await page.goto(server.origin, { waitUntil: 'networkidle0' });
  await page.waitForSelector('.graphiql-execute-button');
  const visitor = {
    page,
    wrong,
    text: (selector) => page.$eval(selector, (node) => node.textContent.trim()),
    isShown: (selector) => page.$eval(selector, (node) => node.offsetParent !== null),
    until: (selector, pattern) => page.waitForFunction((selector, source) => {
      const node = document.querySelector(selector);
      return node.offsetParent !== null && new RegExp(source).test(node.textContent);
    }, { timeout: 20_000 }, selector, pattern.source),
    async type(values) {
      for (const [field, value] of Object.entries(values)) {
        await page.$eval(`#${field}`, (node) => { node.value = ''; });
        await page.type(`#${field}`, value);
      }
      await page.click('#sign-in button[type=submit]');
    },
    /** Runs the open tab and answers what came. */
    async run() {
      const answered = page.waitForResponse((response) => response.url() === server.url && !/IntrospectionQuery|query Viewer/.test(response.request().postData() ?? ''));
      await page.click('.graphiql-execute-button');
      const { data, errors } = await (await answered).json();
      must(data && !errors, errors);
      await page.waitForFunction(() => document.querySelector('.result-window')?.textContent.includes('"data"'));
      return data;
    },
    shoot: (name) => page.screenshot({ path: join(scratch, `explorer-${name}.png`) }),
    leave: () => context.close(),
  };
  return visitor;
}

/** What an authenticator shows now (RFC 6238), or so many steps later. */
function code(secret, steps = 0) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

await test('each example runs as it stands, for whoever has not signed in', async () => {
  const visitor = await visit();
  const tabs = await visitor.page.$$('.graphiql-tab-button');
  must(tabs.length === 3, `${tabs.length} tabs`);
  for (const tab of tabs) {
    await tab.click();
    // GraphiQL reads the names of a tab's operations a moment later
    await sleep(1000);
    await visitor.run();
  }
  await visitor.shoot('anonymous');
  must(visitor.wrong.length === 0, visitor.wrong);
  await visitor.leave();
});

await test('the schema is documented on the page', async () => {
  const visitor = await visit();
  await visitor.page.click('button[aria-label="Show Documentation Explorer"]');
  await visitor.until('.graphiql-plugin', /Query/);
  await visitor.shoot('documentation');
  must(visitor.wrong.length === 0, visitor.wrong);
  await visitor.leave();
});

await test('who signs in sees more, and a session that was left has ended', async () => {
  const visitor = await visit();
  const before = JSON.stringify(await visitor.run());
  await visitor.type({ email: mail('coordinator'), password: 'not this one' });
  await visitor.until('#message', /./);
  must(await visitor.isShown('#sign-in'), 'the form has gone');
  await visitor.type({ email: mail('coordinator'), password });
  await visitor.until('#who', /\w+ \w+/);
  must(!(await visitor.isShown('#sign-in')), 'the form stays');
  must(JSON.stringify(await visitor.run()).length > before.length, 'a coordinator sees no more');
  await visitor.shoot('signed-in');
  // a reload keeps the session
  await visitor.page.reload({ waitUntil: 'networkidle0' });
  await visitor.until('#who', /\w+ \w+/);
  const token = await visitor.page.evaluate(() => sessionStorage.getItem('kafo.refreshToken'));
  // what was typed stays, what was answered does not
  await visitor.page.click('.query-editor .CodeMirror, .graphiql-query-editor');
  await visitor.page.keyboard.down('Control');
  await visitor.page.keyboard.press('Home');
  await visitor.page.keyboard.up('Control');
  await visitor.page.keyboard.type('# kept\n');
  await visitor.run();
  // GraphiQL writes down what was typed a moment later
  await sleep(1000);
  await visitor.page.click('#sign-out');
  await visitor.until('#sign-in', /./);
  await visitor.until('.graphiql-query-editor', /# kept/);
  const left = await visitor.text('.result-window');
  must(!left.includes('"data"'), `the answer stays on the screen: ${left.slice(0, 80)}`);
  const query = 'mutation ($input: SessionRefreshInput!) { sessionRefresh(input: $input) { accessToken } }';
  const { sessionRefresh } = await ask(server, query, { input: { refreshToken: token } });
  must(token && sessionRefresh.accessToken === null, 'the refresh token still holds');
  must(visitor.wrong.length === 0, visitor.wrong);
  await visitor.leave();
});

await test('a second factor is asked for', async () => {
  const who = await signedIn(server, 'member');
  const start = 'mutation ($input: SecondFactorStartInput!) { secondFactorStart(input: $input) { secret userErrors { code } } }';
  const { secret } = (await ask(server, start, { input: { password } }, who)).secondFactorStart;
  const confirm = 'mutation ($input: SecondFactorConfirmInput!) { secondFactorConfirm(input: $input) { recoveryCodes userErrors { code } } }';
  const { recoveryCodes } = (await ask(server, confirm, { input: { code: code(secret) } }, who)).secondFactorConfirm;
  const visitor = await visit();
  must(!(await visitor.isShown('#code')), 'the code is asked for too early');
  await visitor.type({ email: mail('member'), password });
  await visitor.until('#message', /authenticator/);
  must(await visitor.isShown('#code'), 'no code is asked for');
  await visitor.shoot('second-factor');
  await visitor.type({ code: 'wrong-code' });
  await visitor.until('#message', /^(?!.*authenticator)(?!.*Signing in)./);
  must(await visitor.isShown('#code'), 'the field has gone');
  await visitor.type({ code: recoveryCodes[0] });
  await visitor.until('#who', /\w+ \w+/);
  must(visitor.wrong.length === 0, visitor.wrong);
  await visitor.leave();
});

await test('it speaks French, and fits a telephone', async () => {
  const visitor = await visit({ language: 'fr-ML', width: 360, height: 640 });
  must((await visitor.text('#sign-in-toggle')) === 'Se connecter', 'English');
  await visitor.page.click('#sign-in-toggle');
  await visitor.type({ email: mail('secretary'), password });
  await visitor.until('#who', /\w+ \w+/);
  await visitor.shoot('telephone');
  const wide = await visitor.page.evaluate(() => document.documentElement.scrollWidth);
  must(wide <= 360, `${wide} pixels wide`);
  must(visitor.wrong.length === 0, visitor.wrong);
  await visitor.leave();
});

await browser.close();
await done('', server);
