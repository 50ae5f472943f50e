import type { Key as InkKey } from 'ink';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keysOf } from '../../reports/terminal/keys.ts';
import { layoutOf, visibleTop } from '../../reports/terminal/layout.ts';

const none: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

const keys = suite('terminal: keys');

keys('are told by their names', () => {
  assert.equal(keysOf('', { ...none, upArrow: true }), [{ name: 'up' }]);
  assert.equal(keysOf('', { ...none, tab: true }), [{ name: 'tab' }]);
  assert.equal(keysOf('', { ...none, tab: true, shift: true }), [{ name: 'backTab' }]);
  assert.equal(keysOf('c', { ...none, ctrl: true }), [{ name: 'interrupt' }]);
  assert.equal(keysOf('z', { ...none, ctrl: true }), [{ name: 'suspend' }]);
  assert.equal(keysOf('x', { ...none, ctrl: true }), []);
  assert.equal(keysOf('', { ...none, delete: true }), [{ name: 'backspace' }]);
});

keys('that arrive together are taken apart', () => {
  assert.equal(keysOf('j2\r', none), [
    { name: 'text', text: 'j' },
    { name: 'text', text: '2' },
    { name: 'enter' },
  ]);
  assert.equal(keysOf('q', { ...none, meta: true }), [{ name: 'escape' }, { name: 'text', text: 'q' }]);
  assert.equal(keysOf('\x00é', none), [{ name: 'text', text: 'é' }]);
});

keys.run();

const layout = suite('terminal: layout');

layout('fills the screen at any size', () => {
  for (let columns = 1; columns < 300; columns += 7) {
    for (let rows = 1; rows < 80; rows += 7) {
      const { listWidth, panelWidth, bodyHeight, listPage } = layoutOf(columns, rows, false);
      assert.ok(listPage >= 1 && bodyHeight >= 1 && panelWidth >= 8 && listWidth >= 12);
      if (columns >= 40) assert.is(listWidth + 2 + panelWidth, columns);
      if (rows >= 6) assert.is(bodyHeight + 5, rows);
    }
  }
});

layout('shows the selected item and moves no further than that takes', () => {
  assert.is(visibleTop(0, 5, 10, 100), 0);
  assert.is(visibleTop(0, 10, 10, 100), 1);
  assert.is(visibleTop(50, 49, 10, 100), 49);
  assert.is(visibleTop(95, 99, 10, 100), 90);
  assert.is(visibleTop(7, -1, 10, 100), 0);
  assert.is(visibleTop(3, 2, 10, 5), 0);
});

layout.run();
