package board_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/test/board/chromium"
	"whatsapp_sla_exporter/test/demo"
)

var update = flag.Bool("update", false, "write the pictures of docs/images")

// pictures are those of docs/images.
var pictures = map[string]chromium.Options{
	"board-light.png": {Width: 1280, Height: 720},
	"board-dark.png":  {Width: 1280, Height: 720, Dark: true},
	"board-phone.png": {Width: 390, Height: 844},
}

// maxPicture is how big a picture may be, in bytes: a README loads all of them.
const maxPicture = 150_000

// TestPicturesOfTheDemo looks at the real exporter's board. The scenario's first ticket breaches nine minutes after its
// begin, at the end of what is wrong with the channel.
func TestPicturesOfTheDemo(t *testing.T) {
	d := demo.Start(t, demo.Options{Ago: 9*time.Minute - 5*time.Second})
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(string(d.Get(t, "/board")), `<tr class="breached">`) {
		<-tick.C
	}
	for name, o := range pictures {
		p := browser.Open(t, "http://"+d.Address+"/board", o)
		for _, section := range []string{"#next tr", "#channel li"} {
			if p.Text(`document.querySelectorAll("`+section+`").length > 3`) != "true" {
				t.Errorf("%s: little is in %s", name, section)
			}
		}
		quiet(t, p, "http://"+d.Address+"/board")
		shot := p.Screenshot()
		file := filepath.Join("..", "..", "docs", "images", name)
		if *update {
			must(t, os.WriteFile(file, small(t, shot), 0o644))
		}
		sameKind(t, file, shot)
	}
}

// small is the picture in its 256 most frequent colours, which nobody tells from all of them, in a third of the bytes.
func small(t *testing.T, shot []byte) []byte {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(shot))
	must(t, err)
	pixels := image.NewPaletted(picture.Bounds(), frequent(picture))
	draw.Draw(pixels, pixels.Rect, picture, pixels.Rect.Min, draw.Src)
	var out bytes.Buffer
	must(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, pixels))
	return out.Bytes()
}

// frequent is the colours that most of a picture's pixels have, as many as a palette holds.
func frequent(picture image.Image) color.Palette {
	counts := map[color.Color]int{}
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			counts[picture.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.Color) int { return counts[b] - counts[a] })
	return colours[:min(256, len(colours))]
}

// sameKind says whether a picture is what a new one would be, as far as that can be told while the demo goes on.
func sameKind(t *testing.T, file string, shot []byte) {
	t.Helper()
	raw, err := os.ReadFile(file)
	must(t, err)
	if len(raw) > maxPicture {
		t.Errorf("%s has %d bytes, want at most %d", file, len(raw), maxPicture)
	}
	was, err := png.DecodeConfig(bytes.NewReader(raw))
	must(t, err)
	is, err := png.DecodeConfig(bytes.NewReader(shot))
	must(t, err)
	if was.Width != is.Width || was.Height != is.Height {
		t.Errorf("%s is %d×%d, now it would be %d×%d: run go test -C test ./board -run Pictures -update", file, was.Width, was.Height, is.Width, is.Height)
	}
}
