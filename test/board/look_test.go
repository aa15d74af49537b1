package board_test

import (
	"fmt"
	"testing"

	"whatsapp_sla_exporter/test/board/chromium"
)

// lowContrast lists the texts of a page whose contrast with what is behind them is below WCAG's 4.5, by the formula
// of WCAG 2.2 (relative luminance and contrast ratio).
const lowContrast = `(() => {
  const rgb = css => css.match(/[\d.]+/g).map(Number);
  const luminance = c => {
    const [r, g, b] = rgb(c).slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if ((rgb(c)[3] ?? 1) == 1) return c;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low = [], seen = new Set();
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim(), e = texts.currentNode.parentElement;
    if (!text || e.closest("script")) continue;
    const ink = getComputedStyle(e).color, [a, b] = [luminance(ink), luminance(ground(e))].sort((x, y) => y - x);
    seen.add(ink);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(text + ": " + ink + " on " + ground(e));
  }
  if (seen.size < 7) low.push("only " + seen.size + " colours were seen: the fixture does not show all states");
  return low;
})()`

func TestTextsStandOutInLightAndDark(t *testing.T) {
	t.Parallel()
	s := serve(t, crowded())
	grounds := map[string]bool{}
	for _, dark := range []bool{false, true} {
		o := desktop
		o.Dark = dark
		p := browser.Open(t, s.URL+"/board", o)
		p.Eval(`document.querySelectorAll("summary").forEach(s => s.click())`, nil)
		var low []string
		p.Eval(lowContrast, &low)
		for _, l := range low {
			t.Errorf("dark %v: %s", dark, l)
		}
		grounds[p.Text(`getComputedStyle(document.body).backgroundColor`)] = true
	}
	if len(grounds) != 2 {
		t.Errorf("light and dark look the same: %v", grounds)
	}
}

func TestAPhoneNeedsNoScrollingSideways(t *testing.T) {
	t.Parallel()
	s := serve(t, crowded())
	for _, width := range []int{320, 390, 700, 1024} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			o := desktop
			o.Width = width
			p := browser.Open(t, s.URL+"/board", o)
			p.Eval(`document.querySelectorAll("summary").forEach(s => s.click())`, nil)
			var over []string
			p.Eval(`[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && !e.closest("thead") &&
				e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.tagName + " " + e.textContent.slice(0, 40))`, &over)
			if p.Text(`document.documentElement.scrollWidth > innerWidth`) == "true" || len(over) > 0 {
				t.Errorf("beyond the edge: %q", over)
			}
			// Rows that are laid out as cards are still rows of a table to a screen reader.
			roles := map[string]int{}
			for _, n := range p.Accessible() {
				roles[n.Role]++
			}
			if roles["table"] != 2 || roles["row"] < 15 || roles["columnheader"] != 12 {
				t.Errorf("to a screen reader there are %d tables with %d rows and %d headers", roles["table"], roles["row"], roles["columnheader"])
			}
		})
	}
}

func TestAWallShowsAllOfItWithoutScrolling(t *testing.T) {
	t.Parallel()
	r := crowded()
	r.sources = nil
	s := serve(t, r)
	for _, o := range []chromium.Options{{Width: 1920, Height: 1080}, {Width: 3840, Height: 2160}, {Width: 1366, Height: 768}} {
		p := browser.Open(t, s.URL+"/board", o)
		var rows, letters, below float64
		p.Eval(`[...document.querySelectorAll("#next > table tbody tr")].length`, &rows)
		p.Eval(`parseFloat(getComputedStyle(document.querySelector("td.left")).fontSize) / innerHeight`, &letters)
		p.Eval(`document.documentElement.scrollHeight - innerHeight`, &below)
		if rows != 12 || below > 0 {
			t.Errorf("%d×%d: %v rows, %v pixels below the edge", o.Width, o.Height, rows, below)
		}
		// A television of 55 inches is 68 cm high: 3 % of it are 2 cm, which can be read from five metres (1:250).
		if letters < 0.03 {
			t.Errorf("%d×%d: what is left is only %.1f %% of the height", o.Width, o.Height, 100*letters)
		}
	}
}
