package model

// What differences between a path and a template count. A literal that fits in
// all but its case, or but for a letter or two, is nearly the same; a segment too
// many or too few is closer than another word in its place.
const (
	costNear  = 1
	costGap   = 3
	costOther = 4
)

// mostSegmentGaps is how many segments more or fewer a path may have than a
// template that it is compared with.
const mostSegmentGaps = 2

// nearest is the bound workflow that a caller who meant one most likely meant, by
// the segments of its path; nil where none comes near. Of two that are equally
// near it is the one with the method, else the first by name.
func (s *Snapshot) nearest(method string, segs []string) *Workflow {
	var best *Workflow
	least := likeness{}
	for _, m := range methods { // in this order, so that the same one is named each time
		if s.routes.methods[m] == nil {
			continue
		}
		s.routes.methods[m].each(func(rt *route) {
			l, near := compareSegments(rt.binding.segments, segs)
			if l.cost *= 2; m != method {
				l.cost++
			}
			if near && (best == nil || l.before(least) || l == least && compareFold(rt.workflow.Name, best.Name) < 0) {
				best, least = rt.workflow, l
			}
		})
	}
	return best
}

// each calls fn with every route from a node on.
func (n *routeNode) each(fn func(*route)) {
	for _, rt := range n.routes {
		fn(rt)
	}
	for _, child := range n.literals {
		child.each(fn)
	}
	if n.variable != nil {
		n.variable.each(fn)
	}
}

// likeness is how far two paths are apart, and how many literals they share.
type likeness struct{ cost, literals int }

func (l likeness) before(other likeness) bool {
	return l.cost < other.cost || l.cost == other.cost && l.literals > other.literals
}

func (l likeness) and(cost, literals int) likeness {
	return likeness{l.cost + cost, l.literals + literals}
}

// compareSegments aligns a template with the segments of a path. They are near
// where what they share outweighs what they do not. Both have maxSegments at most,
// and it looks no further than mostSegmentGaps to either side.
func compareSegments(template []segment, segs []string) (l likeness, near bool) {
	if d := len(template) - len(segs); d > mostSegmentGaps || d < -mostSegmentGaps || len(template) > maxSegments {
		return l, false
	}
	var rows [2][maxSegments + 1 + mostSegmentGaps]likeness
	for j := range rows[0] {
		rows[0][j] = likeness{cost: j * costGap}
	}
	for i, s := range template {
		above, row := &rows[i%2], &rows[(i+1)%2]
		row[0] = above[0].and(costGap, 0)
		for j, seg := range segs {
			if j-i > mostSegmentGaps || i-j > mostSegmentGaps {
				row[j+1] = likeness{cost: costGap * (2*maxSegments + 1)} // farther than any way around
				continue
			}
			best := above[j].and(segmentCost(s, seg))
			for _, other := range [...]likeness{above[j+1].and(costGap, 0), row[j].and(costGap, 0)} {
				if other.before(best) {
					best = other
				}
			}
			row[j+1] = best
		}
	}
	l = rows[len(template)%2][len(segs)]
	return l, l.literals > 0 && l.cost < costOther*l.literals
}

// segmentCost is what a segment in the place of a template's counts, and whether
// it is a literal of it.
func segmentCost(s segment, seg string) (cost, literals int) {
	switch {
	case s.variable != "":
		return 0, 0
	case s.literal == seg:
		return 0, 1
	case alike(Fold(s.literal), Fold(seg)):
		return costNear, 1
	}
	return costOther, 0
}

// maxAlike bounds the words that are compared letter by letter.
const maxAlike = 64

// alike reports whether two words differ by a letter that is missing, added,
// another one or in its neighbour's place; two such where they have more than 5.
func alike(a, b string) bool {
	long := max(len(a), len(b))
	budget := min(long/3, 1)
	if long > 5 {
		budget = 2
	}
	switch {
	case a == b:
		return true
	case long > maxAlike || long-min(len(a), len(b)) > budget:
		return false
	}
	return editDistance(a, b) <= budget
}

// editDistance counts the letters that make another word of a word, two that
// change places as one: the optimal string alignment.
func editDistance(a, b string) int {
	var rows [3][maxAlike + 1]int
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := range len(a) {
		before, above, row := &rows[(i+2)%3], &rows[i%3], &rows[(i+1)%3]
		row[0] = i + 1
		for j := range len(b) {
			other := 1
			if a[i] == b[j] {
				other = 0
			}
			row[j+1] = min(above[j]+other, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
