package papers

import "strings"

// penalty scores a symbol by the four rules of ISO/IEC 18004 §7.8.3: what could
// mislead a reader costs points.
func penalty(rows []string) int {
	points := blockPenalty(rows) + balancePenalty(rows)
	for _, line := range append(columnsOf(rows), rows...) {
		points += runPenalty(line) + finderPenalty(line)
	}
	return points
}

func columnsOf(rows []string) []string {
	columns := make([]string, len(rows))
	for _, row := range rows {
		for x := range columns {
			columns[x] += row[x : x+1]
		}
	}
	return columns
}

// runPenalty is for five modules or more of one colour in a line.
func runPenalty(line string) int {
	points, length := 0, 1
	for i := 1; i <= len(line); i++ {
		if i < len(line) && line[i] == line[i-1] {
			length++
			continue
		}
		if length >= 5 {
			points += length - 2
		}
		length = 1
	}
	return points
}

// finderPenalty is for each imitation of a finder pattern in a line, next to four
// light modules or to the edge of the symbol, beyond which all is light.
func finderPenalty(line string) int {
	const pattern, light = "1011101", "0000"
	points := 0
	line = light + line + light
	for i := len(light); i+len(pattern)+len(light) <= len(line); i++ {
		after := i + len(pattern)
		if line[i:after] == pattern && (line[i-len(light):i] == light || strings.HasPrefix(line[after:], light)) {
			points += 40
		}
	}
	return points
}

// blockPenalty is for squares of two by two modules of one colour.
func blockPenalty(rows []string) int {
	points := 0
	for y := 1; y < len(rows); y++ {
		for x := 1; x < len(rows); x++ {
			c := rows[y][x]
			if rows[y][x-1] == c && rows[y-1][x] == c && rows[y-1][x-1] == c {
				points += 3
			}
		}
	}
	return points
}

// balancePenalty is for every full 5 % by which dark modules are more or fewer
// than half.
func balancePenalty(rows []string) int {
	dark, all := 0, len(rows)*len(rows)
	for _, row := range rows {
		dark += strings.Count(row, "1")
	}
	off := 2*dark - all
	return max(off, -off) * 10 / all * 10
}
