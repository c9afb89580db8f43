import { ApiError, call } from './api.js';
import { bootImageList } from './boot-images.js';
import { conflictList } from './conflicts.js';
import { decisionList } from './decisions.js';
import { setPill, setText } from './dom.js';
import { machineList } from './machines.js';
import { showNetboot } from './netboot.js';
import { packageList } from './packages.js';
import { runList } from './runs.js';
import { standingApprovals } from './standing-approvals.js';
import { waitingList } from './waiting.js';

const byId = (id) => document.getElementById(id);
const STATUS_EVERY_MS = 3000;
const IMAGES_EVERY_LOOKS = 3;
const PACKAGES_EVERY_LOOKS = 10;

function announce(text) {
  setText(byId('announce'), text);
}

let toastTimer = 0;
function fail(error) {
  if (error instanceof ApiError && error.status === 401) {
    showSignIn('The session has ended.');
    return;
  }
  const toast = byId('toast');
  const hint = error.hint === undefined ? '' : ` ${error.hint}`;
  setText(toast, `${error.message}.${hint}`.replace('..', '.'));
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast.hidden = true;
  }, 12_000);
}

let feed = null;
let statusTimer = 0;

function showSignIn(reason) {
  feed?.close();
  feed = null;
  clearInterval(statusTimer);
  setText(byId('sign-in-reason'), reason);
  byId('sign-in').hidden = false;
  byId('set-up').hidden = true;
  byId('board').hidden = true;
  byId('sign-out').hidden = true;
  setPill(byId('live'), '', 'signed out');
  void showProvider();
}

/** The button of the OpenID provider, where the site has one. Without an answer name and password are there. */
async function showProvider() {
  const { oidc } = await call('GET', '/sign-in').catch(() => ({ oidc: null }));
  setText(byId('sign-in-oidc-button'), oidc?.label ?? '');
  byId('sign-in-oidc').hidden = oidc === null;
}

/** A one-time link carries its code behind `#`, where no server log and no referrer sees it. */
async function redeemLink() {
  const code = new URLSearchParams(location.hash.slice(1)).get('link');
  if (code === null) return;
  history.replaceState(null, '', location.pathname);
  await call('POST', '/session', { link: code });
}

/** Names what was refused where it was typed; a password never stays in the page. */
async function submit(name, send) {
  const form = byId(`${name}-form`);
  const { name: nameField, password } = form.elements;
  setText(byId(`${name}-reason`), '');
  try {
    await send({ name: nameField.value, password: password.value });
    void start();
  } catch (error) {
    const hint = error.hint === undefined ? '' : ` ${error.hint}.`;
    setText(byId(`${name}-reason`), `${error.message}.${hint}`.replace('..', '.'));
  } finally {
    password.value = '';
  }
}

let setUpLater = false;

function showSetUp() {
  byId('sign-in').hidden = true;
  byId('board').hidden = true;
  byId('set-up').hidden = false;
  setPill(byId('live'), '', 'first start');
}

byId('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void submit('sign-in', (typed) => call('POST', '/session', typed));
});
byId('set-up-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void submit('set-up', async (typed) => {
    await call('POST', '/people', { ...typed, role: 'administrator' });
    await call('POST', '/session', typed);
  });
});
byId('sign-in-oidc-button').addEventListener('click', () => void goToProvider());

async function goToProvider() {
  setText(byId('sign-in-reason'), '');
  try {
    const returnTo = `${location.pathname}${location.hash}`;
    const begun = await call('POST', '/sign-in/oidc', { returnTo });
    location.assign(begun.location);
  } catch (error) {
    setText(byId('sign-in-reason'), `${error.message}. ${error.hint ?? ''}`.trim());
  }
}

byId('sign-out').addEventListener('click', () => void signOut());

/** Ends the session here and, where the OpenID provider began it and has a place for that, there. */
async function signOut() {
  try {
    const elsewhere = await call('DELETE', '/session');
    if (elsewhere.location === null) showSignIn('You are signed out.');
    else location.assign(elsewhere.location);
  } catch (error) {
    fail(error);
  }
}

/** Told once to a browser that is back from signing out at the provider. */
function signedOutText() {
  if (location.hash !== '#signed-out') return '';
  history.replaceState(null, '', location.pathname);
  return 'You are signed out, here and at the provider.';
}

byId('set-up-later').addEventListener('click', () => {
  setUpLater = true;
  void start();
});

function showBoard() {
  byId('sign-in').hidden = true;
  byId('set-up').hidden = true;
  byId('board').hidden = false;
  byId('sign-out').hidden = false;
  const context = (name) => ({
    title: byId(`${name}-count`),
    summary: byId(`${name}-summary`),
    announce,
    fail,
  });
  const waiting = waitingList(byId('waiting'), context('waiting'));
  const approvals = standingApprovals(byId('approvals'), { announce, fail });
  byId('approvals-details').addEventListener('toggle', ({ target }) => {
    if (target.open) approvals().catch(fail);
  });
  const conflicts = conflictList(byId('conflicts-section'), byId('conflicts'), {
    title: byId('conflicts-count'),
    announce,
    fail,
  });
  const machines = machineList(byId('machines'), context('machines'));
  const runs = runList(byId('runs'), context('runs'));
  const decisions = decisionList(byId('decisions'));
  const bootImages = bootImageList(byId('boot-images'), context('boot-images'));

  const packages = packageList(byId('packages'), context('packages'));
  byId('packages-details').addEventListener('toggle', ({ target }) => {
    if (target.open) packages().catch(fail);
  });

  const netbootParts = {
    root: byId('netboot-state'),
    problems: byId('netboot-problems'),
    details: byId('netboot-details'),
  };

  let images = [];
  let looks = 0;
  const showStatus = async () => {
    try {
      // Boot images change seldom, and what they are set for is found among all devices.
      // Packages may be many: they are looked at while somebody does.
      if (looks % PACKAGES_EVERY_LOOKS === 0 && byId('packages-details').open) await packages();
      if (looks++ % IMAGES_EVERY_LOOKS === 0) {
        images = await call('GET', '/boot-images');
        bootImages(images);
        if (byId('approvals-details').open) await approvals();
      }
      await conflicts();
      const status = await call('GET', '/status');
      setText(byId('version'), status.version);
      showNetboot(netbootParts, status, images);
    } catch (error) {
      if (error instanceof ApiError) fail(error);
    }
  };
  void showStatus();
  statusTimer = setInterval(showStatus, STATUS_EVERY_MS);

  feed = new EventSource('/api/v1/feed');
  feed.addEventListener('open', () => setPill(byId('live'), 'good', 'live'));
  feed.addEventListener('message', (event) => {
    const snapshot = JSON.parse(event.data);
    const lost = snapshot.runs.filter((run) => run.lostInWindowsSetup !== null);
    const lostRuns = new Set(lost.map((run) => run.id));
    const waits = ({ state }) => state === 'waiting';
    waiting(snapshot.devices.filter(waits));
    machines(
      snapshot.devices
        .filter((device) => !waits(device))
        .map((device) => ({ ...device, lost: lostRuns.has(device.openRun) })),
    );
    runs(snapshot.runs);
    decisions(snapshot.decisions);
  });
  feed.addEventListener('error', () => {
    setPill(byId('live'), 'bad', 'no connection, trying again');
    // The browser gives up by itself only when it was refused, not when the server is away.
    if (feed?.readyState !== EventSource.CLOSED) return;
    setTimeout(start, 2000);
  });
}

async function start() {
  feed?.close();
  clearInterval(statusTimer);
  try {
    await redeemLink();
    const session = await call('GET', '/session');
    if (session.setUp && session.role === 'administrator' && !setUpLater) showSetUp();
    else showBoard();
  } catch (error) {
    if (!(error instanceof ApiError)) {
      setPill(byId('live'), 'bad', 'no connection, trying again');
      setTimeout(start, 2000);
      return;
    }
    showSignIn(error.status === 401 ? signedOutText() : `${error.message}.`);
    if (error.code === 'session.link') setText(byId('sign-in-reason'), error.message);
  }
}

void start();
