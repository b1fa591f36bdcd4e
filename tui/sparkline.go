package tui

// sparks are the signs of a sparkline, from little to much; before them that of
// nothing, which little must not look like. asciiForms has their plain forms.
var sparks = []rune("·▁▂▃▄▅▆▇█")

// sparkline draws numbers as a sign each, in relation to the largest.
func sparkline[N uint64 | float64](values []N) string {
	var most N
	for _, v := range values {
		most = max(most, v)
	}
	line := make([]rune, len(values))
	for i, v := range values {
		line[i] = sparks[0]
		if v > 0 {
			line[i] = sparks[1+int(float64(v)/float64(most)*float64(len(sparks)-2)+0.5)]
		}
	}
	return string(line)
}
