package chromium

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type object = map[string]any

// Options are what a page believes of the device and its user.
type Options struct {
	Width, Height int  // of the viewport, in CSS pixels
	Dark          bool // the user likes it dark
	NoScript      bool // scripts are switched off
	TimeZone      string
}

// Page is a tab with cookies, cache and settings of its own.
type Page struct {
	t       testing.TB
	pipe    *pipe
	session string
	loaded  chan struct{}

	mu       sync.Mutex
	requests []string
	problems []string
}

// Open opens a page at an address and waits until it is loaded.
func (b *Browser) Open(t testing.TB, address string, o Options) *Page {
	t.Helper()
	p := &Page{t: t, pipe: b.pipe, loaded: make(chan struct{}, 100)}
	var context struct{ BrowserContextID string }
	p.browser("Target.createBrowserContext", object{"disposeOnDetach": true}, &context)
	var target struct{ TargetID string }
	p.browser("Target.createTarget", object{"url": "about:blank", "browserContextId": context.BrowserContextID}, &target)
	var session struct{ SessionID string }
	p.browser("Target.attachToTarget", object{"targetId": target.TargetID, "flatten": true}, &session)
	p.session = session.SessionID
	b.pipe.listen(p.session, p.happened)
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Accessibility"} {
		p.call(domain+".enable", object{}, nil)
	}
	p.believe(o)
	p.call("Page.navigate", object{"url": address}, nil)
	p.awaitLoad()
	t.Cleanup(func() { _ = p.pipe.call("", "Target.closeTarget", object{"targetId": target.TargetID}, nil) })
	return p
}

func (p *Page) believe(o Options) {
	p.t.Helper()
	p.call("Emulation.setDeviceMetricsOverride", object{"width": o.Width, "height": o.Height, "deviceScaleFactor": 1, "mobile": false}, nil)
	scheme := "light"
	if o.Dark {
		scheme = "dark"
	}
	p.call("Emulation.setEmulatedMedia", object{"features": []object{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	p.call("Emulation.setTimezoneOverride", object{"timezoneId": o.TimeZone}, nil)
	p.call("Emulation.setFocusEmulationEnabled", object{"enabled": true}, nil) // tabs beside each other, each as if in front
	p.call("Emulation.setScriptExecutionDisabled", object{"value": o.NoScript}, nil)
}

// happened notes what a page must not do: complain, and ask for more than itself.
func (p *Page) happened(method string, params json.RawMessage) {
	var e struct {
		Type             string
		Args             []struct{ Value, Description any }
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
		Entry   struct{ Level, Text, URL string }
		Request struct{ URL string }
	}
	if err := json.Unmarshal(params, &e); err != nil {
		return // of an event that is of no interest
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch method {
	case "Page.loadEventFired":
		p.loaded <- struct{}{}
	case "Network.requestWillBeSent":
		p.requests = append(p.requests, e.Request.URL)
	case "Runtime.exceptionThrown":
		p.problems = append(p.problems, "exception: "+e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case "Runtime.consoleAPICalled":
		p.problems = append(p.problems, fmt.Sprintf("console.%s: %v", e.Type, e.Args))
	case "Log.entryAdded":
		p.problems = append(p.problems, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	}
}

func (p *Page) awaitLoad() {
	p.t.Helper()
	select {
	case <-p.loaded:
	case <-time.After(patience):
		p.t.Fatalf("the page is not loaded within %s", patience)
	}
}

// Requests are the addresses that the page asked for.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Problems are the messages on the console, exceptions and refusals so far.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.problems)
}

// Eval is the value of an expression in the page, decoded into result. Promises are waited for.
func (p *Page) Eval(expr string, result any) {
	p.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	p.call("Runtime.evaluate", object{"expression": expr, "returnByValue": true, "awaitPromise": true}, &answer)
	if e := answer.ExceptionDetails; e != nil {
		p.t.Fatalf("%s\n%s %s", expr, e.Text, e.Exception.Description)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, result); err != nil {
		p.t.Fatalf("%s gives %s: %v", expr, answer.Result.Value, err)
	}
}

// Text is an expression as text.
func (p *Page) Text(expr string) string {
	p.t.Helper()
	var text string
	p.Eval("String("+expr+")", &text)
	return text
}

// Eventually waits until an expression is true.
func (p *Page) Eventually(expr string) {
	p.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for p.Text("Boolean("+expr+")") != "true" {
		select {
		case <-tick.C:
		case <-late:
			p.t.Fatalf("never true: %s\n%s", expr, p.Text("document.body.innerText"))
		}
	}
}

// keys are those that the tests press, by their DOM name, with what Windows calls them.
var keys = map[string]int{"Tab": 9, "Enter": 13}

// Press presses a key.
func (p *Page) Press(key string) {
	p.t.Helper()
	event := object{"key": key, "code": key, "windowsVirtualKeyCode": keys[key]}
	if key == "Enter" {
		event["text"] = "\r"
	}
	for _, kind := range []string{"keyDown", "keyUp"} {
		event["type"] = kind
		p.call("Input.dispatchKeyEvent", event, nil)
	}
}

// Node is what a screen reader is told of a part of the page.
type Node struct {
	Role, Name string
	Focusable  bool
}

// Accessible is what a screen reader is told of the page, in its order, without what it is told to ignore.
func (p *Page) Accessible() []Node {
	p.t.Helper()
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name struct{ Value any }
			Properties []struct {
				Name  string
				Value struct{ Value any }
			}
		}
	}
	p.call("Accessibility.getFullAXTree", object{}, &tree)
	var out []Node
	for _, n := range tree.Nodes {
		if n.Ignored {
			continue
		}
		node := Node{Role: fmt.Sprint(n.Role.Value), Name: strings.TrimSpace(fmt.Sprint(n.Name.Value))}
		for _, property := range n.Properties {
			node.Focusable = node.Focusable || property.Name == "focusable" && property.Value.Value == true
		}
		out = append(out, node)
	}
	return out
}

// Screenshot is the page as a PNG picture.
func (p *Page) Screenshot() []byte {
	p.t.Helper()
	var shot struct{ Data []byte }
	p.call("Page.captureScreenshot", object{"format": "png", "optimizeForSpeed": false}, &shot)
	return shot.Data
}

func (p *Page) call(method string, params, result any) {
	p.t.Helper()
	must(p.t, p.pipe.call(p.session, method, params, result))
}

func (p *Page) browser(method string, params, result any) {
	p.t.Helper()
	must(p.t, p.pipe.call("", method, params, result))
}
