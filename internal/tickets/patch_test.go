package tickets

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPatchIsSortingWhatIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 20)
		old, came := values.Draw(t, "old"), values.Draw(t, "came")
		var gone, want []int
		for _, v := range old {
			if rapid.Bool().Draw(t, "goes") {
				gone = append(gone, v)
			} else {
				want = append(want, v)
			}
		}
		want = append(want, came...)
		for _, s := range [][]int{old, came, gone, want} {
			slices.Sort(s)
		}
		before := slices.Clone(old)
		if got := patch(old, gone, came, cmp.Compare); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if !slices.Equal(old, before) {
			t.Errorf("the old slice was written: %v became %v; snapshots share it", before, old)
		}
	})
}
