import { describe, expect, it } from 'vitest';
import { barLine, ProgressBar } from './progress-bar.js';

const running = (step: number, of = 100) => ({
  state: 'running' as const,
  attempt: 1,
  message: `Step ${String(step)} of ${String(of)}.`,
  progress: { step, of },
});

describe('the bar', () => {
  it('is as full as the training has come', () => {
    expect(barLine(running(50), 80)).toBe(`running  [${'#'.repeat(12)}${'-'.repeat(12)}]  50 %  Step 50 of 100.`);
    expect(barLine(running(100), 80)).toContain(`[${'#'.repeat(24)}] 100 %`);
    expect(barLine({ ...running(1), attempt: 2, progress: null }, 80)).toBe('running (attempt 2)  Step 1 of 100.');
  });

  it('stays below the lines that a recipe prints', () => {
    let text = '';
    const bar = new ProgressBar({ isTTY: true, columns: 80, write: (more) => (text += more) });
    bar.show(running(50));
    bar.say('epoch 5');
    expect(text.split('\r')[2]).toBe(`epoch 5\u001b[K\n${barLine(running(50), 80)}`);
  });

  it('is one line, however narrow the terminal and whatever the recipe says', () => {
    expect(barLine({ ...running(1), message: 'a\nb\u001b[2J' }, 200)).toMatch(/a b\\x1b\[2J$/);
    expect(barLine({ ...running(1), message: 'x'.repeat(500) }, 40)).toHaveLength(39);
  });

  it('is drawn over on a terminal; elsewhere each state is a line, and steps are none', () => {
    const shown = (isTTY: boolean) => {
      let text = '';
      const bar = new ProgressBar({ isTTY, columns: 80, write: (more) => (text += more) });
      bar.show({ state: 'queued', attempt: 0, message: 'Queued.', progress: null });
      for (const step of [1, 1, 2]) bar.show(running(step));
      bar.end();
      return text;
    };
    expect(shown(false)).toBe('queued: Queued.\nrunning\n');
    expect(shown(true).split('\r')).toHaveLength(4);
    expect(shown(true)).toMatch(/\n$/);
  });
});
