// Package chromium drives a headless Chromium inside a test, by the DevTools protocol over a pipe: no driver, no
// WebSocket, and nothing that listens.
package chromium

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// patience is how long a command may take on a busy machine.
const patience = time.Minute

// pipe sends commands and hands out what comes back. Messages are JSON that ends with a zero byte.
type pipe struct {
	to io.WriteCloser

	mu      sync.Mutex
	last    int64
	answers map[int64]chan message
	events  map[string]func(method string, params json.RawMessage) // by session
	closed  error                                                  // why nothing comes any more
}

type message struct {
	ID        int64           `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
		Data    string `json:"data"`
	} `json:"error,omitempty"`
}

func newPipe(to io.WriteCloser, from io.Reader) *pipe {
	p := &pipe{to: to, answers: make(map[int64]chan message), events: make(map[string]func(string, json.RawMessage))}
	go p.read(bufio.NewReader(from))
	return p
}

// listen has the events of a session handed to f, one at a time. F must not wait for answers.
func (p *pipe) listen(session string, f func(method string, params json.RawMessage)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events[session] = f
}

func (p *pipe) read(from *bufio.Reader) {
	for {
		raw, err := from.ReadBytes(0)
		var m message
		if err == nil {
			err = json.Unmarshal(raw[:len(raw)-1], &m)
		}
		p.mu.Lock()
		if err != nil {
			p.closed = fmt.Errorf("chromium is gone: %w", err)
			for _, a := range p.answers {
				close(a)
			}
			p.mu.Unlock()
			return
		}
		answer, event := p.answers[m.ID], p.events[m.SessionID]
		delete(p.answers, m.ID)
		p.mu.Unlock()
		switch {
		case m.ID != 0 && answer != nil:
			answer <- m
		case m.ID == 0 && event != nil:
			event(m.Method, m.Params)
		}
	}
}

// call sends a command and waits for its result.
func (p *pipe) call(session, method string, params, result any) error {
	answer, err := p.send(session, method, params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	var m message
	ok := true
	select {
	case m, ok = <-answer:
	case <-time.After(patience):
		return fmt.Errorf("%s: no answer within %s", method, patience)
	}
	switch {
	case !ok:
		return fmt.Errorf("%s: %w", method, p.closed)
	case m.Error != nil:
		return fmt.Errorf("%s: %s %s", method, m.Error.Message, m.Error.Data)
	case result == nil:
		return nil
	}
	return json.Unmarshal(m.Result, result)
}

func (p *pipe) send(session, method string, params any) (chan message, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed != nil {
		return nil, p.closed
	}
	p.last++
	m := message{ID: p.last, SessionID: session, Method: method, Params: raw}
	if raw, err = json.Marshal(m); err != nil {
		return nil, err
	}
	answer := make(chan message, 1)
	p.answers[m.ID] = answer
	_, err = p.to.Write(append(raw, 0))
	return answer, err
}
