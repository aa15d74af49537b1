package feed

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"
)

// ID is a numeric id as tickets carry it; empty where there is none.
func ID(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// Row decodes a row, whose numeric id stands at id. The id is told even of one that cannot be read, where it has one.
func Row[T any](raw []byte, id func(*T) *int64) (row T, err error) {
	if err = json.Unmarshal(raw, &row); err == nil && *id(&row) <= 0 {
		err = errors.New("no id")
	}
	if err == nil {
		return row, nil
	}
	var only struct {
		ID int64 `json:"id"`
	}
	_ = json.Unmarshal(raw, &only) // what it is without is already an error
	var unread T
	*id(&unread) = only.ID
	return unread, err
}

// Later is the later of two instants.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
